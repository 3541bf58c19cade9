"""An export is corrected and given back: what it changes, wherever its files lie, and what the report says of it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pymarc
import pytest
from openpyxl import load_workbook
from PIL import Image

from ingest_tools.pipeline.results import IngestReport
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import Access, EntryState, Kind
from library_server.catalogue.records import queries
from library_server.exchange.workbooks import write_refused
from library_server.library import Library
from tests.factories.marc_records import field, iso_2709
from tests.support.libraries import entry_counts, ingest, open_library_at
from tests.support.lists import change_rows, write_export
from tests.support.records import load_record, records_by_id

Export = Callable[..., Path]


def put_text(folder: Path, name: str = "船歌.txt", text: str = "江水从南边来，船歌向北边去。\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text * 40, "utf-8")
    return folder / name


def put_list(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def load_only_id(library: Library) -> str:
    (record_id,) = records_by_id(library)
    return record_id


def ingest_a_wrong_isbn(library: Library, folder: Path) -> str:
    """Ingest a MARC record whose ISBN has a wrong check digit, and return its id."""
    record = pymarc.Record()
    record.add_field(field("020", "  ", "a978-7-5404-1234-2", "cCNY25.00"), field("245", "00", "a资水纤夫"))
    folder.mkdir()
    (folder / "书目.mrc").write_bytes(iso_2709(record))
    assert ingest(library, folder).added == 1
    return load_only_id(library)


def collections_of(library: Library, record_id: str) -> set[str]:
    with library.database.reading() as session:
        return set(queries.collection_titles(session, [record_id]).get(record_id, ()))


def fields_of(report: IngestReport) -> dict[str, tuple[object, object]]:
    return {change["field"]: (change["old"], change["new"]) for entry in report.changes for change in entry["fields"]}


@pytest.mark.parametrize("form", ["csv", "cnmarc", "marc21", "marcxml"])
def test_an_export_names_the_files_of_a_record(library: Library, export: Export, tmp_path: Path, form: str) -> None:
    ingest(library, put_text(tmp_path / "盘"))
    path = export(form)
    assert "船歌.txt" in path.read_text("utf-8-sig").replace("&#33337;&#27468;", "船歌")
    assert entry_counts(ingest(library, path)) == (0, 0, 1, 0)


@pytest.mark.parametrize("where", ["as it was", "moved", "renamed", "another disk"])
def test_a_row_with_an_id_changes_its_record_wherever_the_file_is(
    library: Library, export: Export, tmp_path: Path, where: str
) -> None:
    file = put_text(tmp_path / "盘")
    ingest(library, file)
    record_id = load_only_id(library)
    path = change_rows(export(), {"书名": "湘江船歌", "出版社": "湘江社"})
    if where == "moved":
        shutil.move(file, tmp_path / file.name)
    elif where == "renamed":
        file.rename(file.with_name("另一个名字.txt"))
    elif where == "another disk":
        shutil.rmtree(file.parent)
    sources = [path, *([tmp_path / "盘"] if (tmp_path / "盘").exists() else [])]
    report = ingest(library, *sources)
    assert (report.added, report.rejected, report.changed) == (0, 0, 1), report.rejections
    assert fields_of(report) == {"title": ("船歌", "湘江船歌"), "publisher": (None, "湘江社")}
    assert (load_only_id(library), load_record(library, record_id).title) == (record_id, "湘江船歌")
    assert report.changes[0]["record"] == record_id
    again = ingest(library, *sources)
    assert (again.added, again.changed, again.changes) == (0, 0, [])


def test_rows_of_another_library_come_in_without_their_files(library: Library, export: Export, tmp_path: Path) -> None:
    other = open_library_at(tmp_path / "另一个馆")
    ingest(other, put_text(tmp_path / "盘"))
    assert entry_counts(ingest(library, write_export(other, tmp_path))) == (1, 0, 0, 0)
    other.database.engine.dispose()


def test_columns_that_mean_nothing_are_named_with_their_list(library: Library, tmp_path: Path) -> None:
    path = put_list(
        tmp_path / "旧系统.csv", ("题名", "出版发行项", "典藏号", "序号", "责任者"),
        ("船歌", "北京：中华书局，1959", "A1", "1", "周望水"), ("柑橘", "长沙 : 湘江社 , 1998.5", "", "2", "陈守田"),
    )  # fmt: skip
    report = ingest(library, path)
    assert report.added == 2
    (column,) = report.to_json()["unread_columns"]
    assert (column["path"], column["column"], column["rows"]) == (str(path), "典藏号", 1)
    stated = {
        record.title: (record.place, record.publisher, record.date_written)
        for record in records_by_id(library).values()
    }
    assert stated == {"船歌": ("北京", "中华书局", "1959"), "柑橘": ("长沙", "湘江社", "1998.5")}


def test_refused_rows_of_lists_with_other_headings_are_one_list(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "表"
    folder.mkdir()
    wrong = "9.78E+12"
    put_list(folder / "一.csv", ("书名", "作者", "ISBN"), ("船歌", "周望水", wrong))
    put_list(folder / "二.csv", ("题名", "责任者", "国际标准书号", "甲", "乙"), ("柑橘", "陈守田", wrong, "1", "2"))
    put_list(folder / "三.csv", ("片名", "导演", "书号", "丙", "丁", "戊"), ("渡口", "李月娥", wrong, "1", "2", "3"))
    report = ingest(library, folder)
    assert report.rejected == 3
    with library.database.reading() as session:
        batch = repository.find_batch(session, report.batch)
        refused = repository.list_entries(session, report.batch, EntryState.REJECTED)
    assert batch is not None
    given_back = tmp_path / "改好再交.xlsx"
    assert write_refused(given_back, batch, refused) == 3
    book = load_workbook(given_back)
    sheet = book.worksheets[0]
    at = next(number for number, cell in enumerate(sheet[1], 1) if cell.value == "ISBN")
    for row in range(2, 5):
        assert sheet.cell(row, at).comment is not None
        sheet.cell(row, at).value = None
    book.save(given_back)
    assert ingest(library, given_back).added == 3
    assert {record.title: record.creators for record in records_by_id(library).values()} == {
        "船歌": ("周望水",), "柑橘": ("陈守田",), "渡口": ("李月娥",),
    }  # fmt: skip


def test_an_access_level_that_lifts_nothing_is_reported(library: Library, tmp_path: Path) -> None:
    put_text(tmp_path / "盘")
    first = put_list(tmp_path / "盘" / "一.csv", ("文件", "书名", "使用范围"), ("船歌.txt", "船歌", "馆内"))
    ingest(library, tmp_path / "盘")
    first.unlink()
    put_list(tmp_path / "盘" / "二.csv", ("文件", "书名", "使用范围"), ("船歌.txt", "船歌", "公开"))
    report = ingest(library, tmp_path / "盘")
    assert load_record(library, load_only_id(library)).access == Access.PREMISES
    (kept_entry,) = report.kept
    assert kept_entry["fields"] == [{"field": "access", "old": "premises", "new": "public"}]


def test_a_collection_that_is_renamed_in_an_export_is_left_for_the_other(
    library: Library, export: Export, tmp_path: Path
) -> None:
    ingest(library, put_list(tmp_path / "表.csv", ("书名", "作者", "专题"), ("船歌", "周望水", "水上；夏天")))
    record_id = load_only_id(library)
    report = ingest(library, change_rows(export(), {"专题": "江上；夏天"}))
    assert collections_of(library, record_id) == {"江上", "夏天"}
    assert {name: tuple(map(set, values)) for name, values in fields_of(report).items()} == {  # type: ignore[arg-type]
        "collections": ({"水上", "夏天"}, {"江上", "夏天"})
    }


def test_the_collection_and_kind_of_a_run_apply_to_known_records(library: Library, tmp_path: Path) -> None:
    folder = put_text(tmp_path / "盘").parent
    Image.new("RGB", (80, 60), "red").save(folder / "江边.jpg")
    ingest(library, folder)
    report = ingest(library, folder, collection="夏天", kind="story")
    assert entry_counts(report) == (0, 2, 0, 0)
    assert report.changed == 2
    kinds = {record.title: record.kind for record in records_by_id(library).values()}
    assert kinds == {"江边": Kind.PHOTO, "船歌": Kind.STORY}
    assert all("夏天" in collections_of(library, record_id) for record_id in records_by_id(library))
    assert [entry["fields"] for entry in report.kept] == [[{"field": "kind", "old": "photo", "new": "story"}]]
    again = ingest(library, folder, collection="夏天", kind="story")
    assert (entry_counts(again), again.changed) == ((0, 0, 2, 0), 0)


def test_a_picture_that_comes_next_to_a_known_book_is_its_cover(library: Library, tmp_path: Path) -> None:
    file = put_text(tmp_path / "盘")
    ingest(library, file.parent)
    record_id = load_only_id(library)
    before = {asset.sha256 for asset in load_record(library, record_id).assets_of("cover")}
    for colour in ("red", "blue"):
        Image.new("RGB", (300, 400), colour).save(file.with_suffix(".png"))
        report = ingest(library, file.parent)
        covers = {asset.sha256 for asset in load_record(library, record_id).assets_of("cover")}
        assert covers
        assert covers.isdisjoint(before)
        assert (report.added, report.joined, report.changed) == (0, 2, 1), report.rejections
        assert fields_of(report) == {"cover": (None, "船歌.png")}
        before = covers
    again = ingest(library, file.parent)
    assert (again.unchanged, again.changed) == (2, 0)


def test_a_changed_list_is_applied_and_reported(library: Library, tmp_path: Path) -> None:
    folder = put_text(tmp_path / "盘").parent
    heading = ("文件", "书名", "作者", "专题")
    put_list(folder / "表.csv", heading, ("船歌.txt", "船歌", "周望水", "水上"), ("", "柑橘", "陈守田", ""))
    assert ingest(library, folder).added == 2
    put_list(folder / "表.csv", heading, ("船歌.txt", "湘江船歌", "周望水", "江上"), ("", "柑橘", "陈守田", "果园"))
    report = ingest(library, folder)
    assert (report.added, report.changed, report.rejected) == (0, 2, 0)
    changes = {change["field"]: change["new"] for entry in report.changes for change in entry["fields"]}
    assert changes["title"] == "湘江船歌"
    assert {name for entry in report.changes for change in entry["fields"] for name in change["new"]} >= {
        "果园",
        "江上",
    }


@pytest.mark.slow
def test_an_unedited_cell_that_a_list_may_not_add_is_kept(library: Library, export: Export, tmp_path: Path) -> None:
    record_id = ingest_a_wrong_isbn(library, tmp_path / "旧系统")
    path = export()
    assert entry_counts(ingest(library, path)) == (0, 0, 1, 0)
    assert entry_counts(ingest(library, change_rows(path, {"出版社": "湘江社"}))) == (0, 1, 0, 0)
    assert load_record(library, record_id).publisher == "湘江社"
    assert "978-7-5404-1234-2" in export().read_text("utf-8-sig")


@pytest.mark.slow
def test_an_edited_cell_that_cannot_be_read_is_refused(library: Library, export: Export, tmp_path: Path) -> None:
    ingest_a_wrong_isbn(library, tmp_path / "旧系统")
    report = ingest(library, change_rows(export(), {"ISBN": "978-7-5404-1234-1"}))
    assert [rejection["code"] for rejection in report.rejections] == ["bad_cells"]


@pytest.mark.slow
def test_the_title_of_a_record_without_creators_can_be_corrected(
    library: Library, export: Export, tmp_path: Path
) -> None:
    ingest(library, put_text(tmp_path / "盘", "IMG20190501.txt"))
    record_id = load_only_id(library)
    assert entry_counts(ingest(library, change_rows(export(), {"书名": "栗雨学堂旧影"}))) == (0, 1, 0, 0)
    assert load_record(library, record_id).title == "栗雨学堂旧影"


def test_the_kind_of_a_run_applies_to_a_known_record_without_a_file(library: Library, tmp_path: Path) -> None:
    path = put_list(tmp_path / "表.csv", ("书名", "作者"), ("船歌", "周望水"))
    ingest(library, path)
    report = ingest(library, path, kind="film")
    assert load_record(library, load_only_id(library)).kind == Kind.FILM
    assert report.kept == []


def test_a_row_with_the_id_of_another_library_describes_its_known_file(library: Library, tmp_path: Path) -> None:
    folder = put_text(tmp_path / "盘").parent
    ingest(library, folder)
    put_list(folder / "表.csv", ("文件", "书名", "作者", "记录号"), ("船歌.txt", "船歌", "周望水", "0123456789abcdef"))
    ingest(library, folder)
    assert load_record(library, load_only_id(library)).creators == ("周望水",)


@pytest.mark.parametrize("encoding", ["gbk", "gb2312"])
@pytest.mark.parametrize("marks", [1, 2])
def test_characters_that_an_encoding_lacks_are_not_edited(
    library: Library, export: Export, tmp_path: Path, encoding: str, marks: int
) -> None:
    row = ("榃水谣", "黄㙦𬭚 著；龙怡", "炎陵书社", "三门𬭚站", "𬭚集")
    ingest(library, put_list(tmp_path / "表.csv", ("书名", "作者", "出版社", "馆藏地", "专题"), row))
    record_id = load_only_id(library)
    before, collections = load_record(library, record_id), collections_of(library, record_id)
    path = change_rows(export(), {"出版社": "湘江社"})
    text = path.read_text("utf-8-sig").replace("𬭚", "?" * marks)
    path.write_bytes(text.encode(encoding, "replace"))
    report = ingest(library, path)
    after = load_record(library, record_id)
    assert (report.added, report.changed, report.rejected) == (0, 1, 0), report.rejections
    assert (after.title, after.credits, after.holdings) == (before.title, before.credits, before.holdings)
    assert (after.publisher, collections_of(library, record_id)) == ("湘江社", collections)
    assert "creators" in {change["field"] for entry in report.kept for change in entry["fields"]}


def test_a_question_mark_that_somebody_wrote_is_an_edit(library: Library, export: Export, tmp_path: Path) -> None:
    ingest(library, put_list(tmp_path / "表.csv", ("书名", "作者"), ("船歌还在唱", "周望水")))
    report = ingest(library, change_rows(export(), {"书名": "船歌还在唱?"}))
    assert (load_record(library, load_only_id(library)).title, report.kept) == ("船歌还在唱?", [])


@pytest.mark.parametrize(
    "written", ["1976-13", "1998-02-30", "1998/45/67", "19988", "昨天", "1998.2.29", "民国23年13月"]
)
def test_a_date_that_cannot_be_leaves_the_one_that_is_there(
    library: Library, export: Export, tmp_path: Path, written: str
) -> None:
    ingest(library, put_list(tmp_path / "书.csv", ("书名", "出版日期"), ("船歌", "1976年8月")))
    path = change_rows(export(), {"出版日期": written, "出版社": "湘江社"})
    report = ingest(library, path)
    assert (report.rejected, fields_of(report)) == (0, {"publisher": (None, "湘江社")})
    (cell,) = report.to_json()["unread_cells"]
    assert (cell["row"], cell["column"], cell["value"]) == ("2", "出版日期", written)
    assert load_record(library, load_only_id(library)).date_written == "1976年8月"


@pytest.mark.parametrize(
    "written",
    ["约1930年代", "民国", "康熙年间", "[198-]", "1998-99", "清末", "1998-1999年第3期", "1996.2.29", "解放前"],
)
def test_a_date_as_cataloguers_write_it_is_taken(library: Library, tmp_path: Path, written: str) -> None:
    report = ingest(library, put_list(tmp_path / "书.csv", ("书名", "出版日期"), ("船歌", written)))
    assert (report.added, report.to_json()["unread_cells"]) == (1, [])
    assert load_record(library, load_only_id(library)).date_written == written
