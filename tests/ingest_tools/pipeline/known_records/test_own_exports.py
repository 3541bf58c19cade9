"""An export of the catalogue comes back to the records that it was made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymarc
import pytest

from library_server.catalogue import bulk_edits
from library_server.catalogue.details import RecordDetails, Statements, TitleParts
from library_server.catalogue.dto import CreatorName, HoldingView, RecordDraft
from library_server.catalogue.enums import Access, Kind, Status, find_strictest
from library_server.catalogue.records import commands, revisions
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from tests.support.libraries import entry_counts, ingest, open_library_at
from tests.support.lists import SUFFIXES, change_rows, read_rows, write_export
from tests.support.records import load_record, records_by_id

HAND = Actor("desk")
Export = Callable[..., Path]


def add_record(library: Library, **values: Any) -> str:
    draft = {"kind": Kind.BOOK, "title": "柑橘栽培手记", "creators": (CreatorName("陈守田", "author"),)} | values
    with library.database.writing() as session:
        return commands.add_record(session, RecordDraft(**draft))


def add_holdings(library: Library, record_id: str, *holdings: HoldingView) -> None:
    with library.database.writing() as session:
        for holding in holdings:
            commands.add_holding(session, record_id, holding)


def edit_record(library: Library, record_id: str, **values: Any) -> None:
    with library.database.writing() as session:
        revisions.revise(session, record_id, values, HAND)


@pytest.mark.long
def test_an_export_of_the_sample_changes_nothing(library: Library, sample_folder: Path, export: Export) -> None:
    ingest(library, sample_folder)
    before = records_by_id(library)
    for form in SUFFIXES:
        path = export(form)
        for _ in range(2):
            report = ingest(library, path)
            assert entry_counts(report) == (0, 0, len(before), 0), (form, report.rejections)
        assert records_by_id(library) == before, form


@pytest.mark.parametrize("form", sorted(SUFFIXES))
@pytest.mark.slow
def test_an_export_fills_an_empty_library(library: Library, export: Export, tmp_path: Path, form: str) -> None:
    for number, access in enumerate(Access):
        record_id = add_record(library, title=f"第{number}种", access=access)
        add_holdings(library, record_id, HoldingView("三门镇", "S666/1", 2), HoldingView("群丰镇", None, number + 1))
    path = export(form)
    other = open_library_at(tmp_path / "另一个馆")
    assert ingest(other, path).rejected == 0
    ours = {record.title: record for record in records_by_id(library).values()}
    theirs = {record.title: record for record in records_by_id(other).values()}
    assert len(records_by_id(other)) == len(ours) == len(theirs)
    for title, record in ours.items():
        assert find_strictest(record.access, theirs[title].access) == theirs[title].access
        assert theirs[title].holdings == record.holdings
    other.database.engine.dispose()


@pytest.mark.parametrize("form", sorted(SUFFIXES))
@pytest.mark.long
def test_an_export_of_any_record_matches_that_record(
    library: Library, export: Export, tmp_path: Path, form: str
) -> None:
    rows = [
        ("书名", "作者", "出版日期", "ISBN", "定价", "装帧", "册数", "馆藏地", "主题词", "丛书名", "备注",
         "使用范围", "专题", "类型"),
        ("同名", "陈守田 著；李月娥 译", "1998-05", "9787535762894", "12.5", "精装", "3", "三门镇", "柑橘；栽培",
         "农家丛书 7",
         "有虫眼", "馆内", "柑橘课", "图书"),
        ("同名", "", "约1978年", *[""] * 10, "照片"),
        ("同名", *[""] * 12, "照片"),
    ]  # fmt: skip
    (tmp_path / "表.csv").write_text("\n".join(map(",".join, rows)), "utf-8")
    assert ingest(library, tmp_path / "表.csv").added == 3
    statements = Statements(notes=("=1+1", "一；二"), title=TitleParts("船歌", ("上册",), "", ""))
    add_record(library, title="船歌：上册", abstract="江水从南边来。" * 1400, subjects=("湘江 船歌",), part_number=3,
        details=RecordDetails(statements=statements))  # fmt: skip
    held_id = next(record_id for record_id, record in records_by_id(library).items() if record.holdings)
    add_holdings(library, held_id, HoldingView("三门镇", None, 2), HoldingView("群丰镇", "S666/2", 1))
    before = records_by_id(library)
    report = ingest(library, export(form))
    assert (report.added, report.joined, report.rejected) == (0, 0, 0), report.rejections
    assert records_by_id(library) == before


@pytest.mark.slow
def test_marc_names_the_record_whoever_catalogued_it(library: Library, export: Export) -> None:
    own, foreign = (
        add_record(library),
        add_record(
            library, title="船歌", details=RecordDetails(statements=Statements(control_number="012", agency="HNLIB"))
        ),
    )
    for form, tag in (("marc21", "003"), ("cnmarc", "801")):
        records = list(pymarc.MARCReader(export(form).read_bytes(), force_utf8=True))
        assert [str(marc_record["035"]["a"]) for marc_record in records if marc_record] == [
            f"(TYQ){own}",
            f"(TYQ){foreign}",
        ]
        assert records[0] is not None
        assert records[0]["001"].data == own
        assert "TYQ" in str(records[0][tag])
    edit_record(library, foreign, title="船歌唱本")
    path = export("cnmarc")
    edit_record(library, foreign, title="湘江的船歌", isbn=["9787535762894"])
    assert entry_counts(ingest(library, path)) == (0, 0, 2, 0)
    assert load_record(library, foreign).title == "湘江的船歌"


@pytest.mark.slow
def test_only_the_edited_cells_are_applied(library: Library, export: Export) -> None:
    edited_id, other_id = (
        add_record(library, publisher="湘江社", subjects=("柑橘",)),
        add_record(library, title="船歌", abstract="长歌"),
    )
    before = load_record(library, other_id)
    path = change_rows(export(), {"书名": "柑橘栽培札记", "出版社": "", "主题词": "柑橘；果园", "备注": "有插图"})
    assert entry_counts(ingest(library, path)) == (0, 1, 1, 0)
    record = load_record(library, edited_id)
    assert (record.title, record.publisher, record.subjects) == ("柑橘栽培札记", "湘江社", ("柑橘", "果园"))
    assert record.details.statements.notes == ("有插图",)
    assert load_record(library, other_id) == before
    change_rows(path, {"书名": "柑橘栽培手记"})
    assert entry_counts(ingest(library, path)) == (0, 1, 1, 0)
    assert load_record(library, edited_id).title == "柑橘栽培手记"


@pytest.mark.parametrize("columns", [("记录号", "书名", "作者", "出版社"), ()])
@pytest.mark.slow
def test_what_a_librarian_changed_since_stays(library: Library, export: Export, columns: Sequence[str]) -> None:
    record_id = add_record(library, publisher="湘江社", place="长沙")
    path = export()
    edit_record(library, record_id, title="柑橘栽培手记（修订本）", place="株洲")
    change_rows(path, {"出版社": "三湘社"}, keep=columns)
    assert entry_counts(ingest(library, path)) == (0, 1, 0, 0)
    record = load_record(library, record_id)
    assert (record.title, record.publisher, record.place) == ("柑橘栽培手记（修订本）", "三湘社", "株洲")
    change_rows(path, {"书名": "柑橘栽培", "出版社": "又一社"})
    report = ingest(library, path)
    assert [rejection["code"] for rejection in report.rejections] == ["record_edited_since"]
    (problem,) = report.rejections[0]["problems"]
    assert (problem["column"], problem["value"]) == ("书名", "柑橘栽培")
    assert "修订本" in problem["expected"]
    assert load_record(library, record_id) == record


@pytest.mark.slow
def test_what_was_edited_before_the_export_can_be_corrected(library: Library, export: Export) -> None:
    record_id = add_record(library)
    edit_record(library, record_id, title="柑桔栽培手记")
    assert entry_counts(ingest(library, change_rows(export(), {"书名": "柑橘栽培手记"}))) == (0, 1, 0, 0)
    assert load_record(library, record_id).title == "柑橘栽培手记"


@pytest.mark.slow
def test_rows_of_several_holdings_do_not_turn_each_other_back(library: Library, export: Export) -> None:
    record_id = add_record(library)
    add_holdings(
        library,
        record_id,
        HoldingView("三门镇", None, 2),
        HoldingView("群丰镇", None, 1),
        HoldingView("雷打石", None, 1),
    )
    path = change_rows(export(), {"书名": "柑橘栽培札记"}, {"册数": "5"})
    assert ingest(library, path).rejected == 0
    record = load_record(library, record_id)
    assert record.title == "柑橘栽培札记"
    assert sorted(holding.copies for holding in record.holdings) == [1, 2, 5]


@pytest.mark.slow
def test_copies_that_were_counted_since_are_not_turned_back(library: Library, export: Export) -> None:
    record_id = add_record(library)
    add_holdings(library, record_id, HoldingView("三门镇", None, 2))
    path = export()
    with library.database.writing() as session:
        bulk_edits.set_holdings(session, [(record_id, HoldingView("三门镇", None, 7))], HAND)
    assert entry_counts(ingest(library, change_rows(path, {"备注": "有插图"}))) == (0, 1, 0, 0)
    assert [holding.copies for holding in load_record(library, record_id).holdings] == [7]
    report = ingest(library, change_rows(path, {"册数": "3"}))
    assert [rejection["code"] for rejection in report.rejections] == ["record_edited_since"]


@pytest.mark.parametrize("form", sorted(SUFFIXES))
@pytest.mark.slow
def test_an_id_of_another_record_is_refused(library: Library, export: Export, form: str) -> None:
    record_id = add_record(library, access=Access.PREMISES)
    path = export(form)
    raw = path.read_bytes()
    for old, new in (("柑橘栽培手记", "湘江船歌唱本"), ("陈守田", "周望水")):
        for encoding in ("utf-8", "ascii"):  # MARCXML is written with character references
            raw = raw.replace(old.encode(encoding, "xmlcharrefreplace"), new.encode(encoding, "xmlcharrefreplace"))
    path.write_bytes(raw)
    before = load_record(library, record_id)
    report = ingest(library, path)
    assert [rejection["code"] for rejection in report.rejections] == ["record_id_mismatch"], entry_counts(report)
    assert "湘江船歌唱本" in report.rejections[0]["reason"]
    assert "柑橘栽培手记" in report.rejections[0]["reason"]
    assert records_by_id(library) == {record_id: before}


def add_texts(library: Library, folder: Path, *names: str) -> None:
    """Ingest a text for each of these names, which is its title, too."""
    for name in names:
        path = folder / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{path.stem}\n\n第一章\n{name}是这样的。", "utf-8")
        assert entry_counts(ingest(library, path))[0] == 1


@pytest.mark.slow
def test_a_row_with_the_file_of_another_record_is_refused(library: Library, export: Export, tmp_path: Path) -> None:
    add_texts(library, tmp_path, "渡口的灯", "橘园记事")
    before = records_by_id(library)
    path = export()
    changes = [
        {"文件": "橘园记事.txt", "出版社": "湘江社"} if row.file == "渡口的灯.txt" else {} for row in read_rows(path)
    ]
    report = ingest(library, change_rows(path, *changes))
    assert {rejection["code"] for rejection in report.rejections} == {"file_of_other_record"}, entry_counts(report)
    assert "《橘园记事》" in report.rejections[0]["reason"]
    assert records_by_id(library) == before


@pytest.mark.slow
def test_a_file_of_another_record_with_the_name_of_its_own_refuses_no_row(
    library: Library, export: Export, tmp_path: Path
) -> None:
    add_texts(library, tmp_path, "东/渡口的灯", "西/渡口的灯")
    path = export().rename(tmp_path / "西" / "出.csv")
    report = ingest(library, change_rows(path, {"出版社": "湘江社"}, {"出版社": "湘江社"}))
    assert report.rejections == []
    assert {record.publisher for record in records_by_id(library).values()} == {"湘江社"}


@pytest.mark.slow
def test_an_export_of_another_library_is_new(library: Library, export: Export, tmp_path: Path) -> None:
    other = open_library_at(tmp_path / "另一个馆")
    add_record(other)
    path = write_export(other, tmp_path, name="别馆")
    assert entry_counts(ingest(library, path)) == (1, 0, 0, 0)
    assert entry_counts(ingest(library, path)) == (0, 0, 1, 0)
    other.database.engine.dispose()


@pytest.mark.slow
def test_a_withdrawn_record_does_not_come_back(library: Library, export: Export) -> None:
    record_id = add_record(library)
    path = export()
    with library.database.writing() as session:
        commands.withdraw(session, record_id, "不要了")
    assert entry_counts(ingest(library, path)) == (0, 0, 1, 0)
    report = ingest(library, change_rows(path, {"出版社": "湘江社"}))
    assert [rejection["code"] for rejection in report.rejections] == ["record_withdrawn"]
    assert (load_record(library, record_id).status, load_record(library, record_id).publisher) == (
        Status.WITHDRAWN,
        None,
    )


@pytest.mark.slow
def test_a_merged_record_does_not_come_back(library: Library, export: Export) -> None:
    kept_id, gone_id = add_record(library), add_record(library, publisher="湘江社")
    path = export()
    with library.database.writing() as session:
        merging.merge(session, kept_id, gone_id, HAND)
    before = records_by_id(library)
    assert entry_counts(ingest(library, path)) == (0, 0, 2, 0)
    report = ingest(library, change_rows(path, {}, {"出版社": "三湘社"}))
    assert [rejection["code"] for rejection in report.rejections] == ["record_withdrawn"]
    assert kept_id in report.rejections[0]["reason"]
    assert records_by_id(library) == before


@pytest.mark.long
def test_an_export_restricts_and_lifts_only_its_own_restriction(library: Library, export: Export) -> None:
    restricted, public = add_record(library, access=Access.PREMISES), add_record(library, title="船歌")
    path = change_rows(export(), {"使用范围": "公开"}, {"使用范围": "馆内"})
    ingest(library, path)
    assert {load_record(library, record_id).access for record_id in (restricted, public)} == {Access.PREMISES}
    ingest(library, change_rows(path, {}, {"使用范围": "公开"}))
    assert load_record(library, restricted).access == Access.PREMISES
    assert load_record(library, public).access == Access.PUBLIC


def test_the_date_of_a_photo_is_edited_where_it_was_taken(library: Library, export: Export) -> None:
    record_id = add_record(library, kind=Kind.PHOTO, title="端午龙舟赛", date="1998", creators=())
    path = change_rows(export(), {"拍摄时间": "2011-06-06"})
    assert ingest(library, path).changed == 1
    assert load_record(library, record_id).date_written == "2011-06-06"


def test_a_kind_that_a_file_cannot_have_is_reported_as_kept(library: Library, export: Export, tmp_path: Path) -> None:
    (tmp_path / "望乡.txt").write_text("江边的芭蕉绿了。" * 40, "utf-8")
    ingest(library, tmp_path / "望乡.txt")
    report = ingest(library, change_rows(export(), {"类型": "电影"}))
    assert [entry["fields"] for entry in report.kept] == [[{"field": "kind", "old": "book", "new": "film"}]]
