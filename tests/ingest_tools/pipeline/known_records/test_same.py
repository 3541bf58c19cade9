"""Duplicates are offered and merged, newer files become versions, batches are undone, and changes are recorded."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw

from library_server.app import create_app
from library_server.catalogue.batches import repository
from library_server.catalogue.dto import RecordDraft, RecordView
from library_server.catalogue.enums import Access, BatchState, Kind
from library_server.catalogue.records import commands, duplicates, queries, revisions
from library_server.catalogue.records.duplicates import MatchReason
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.merges.merging import MergeRefused
from library_server.catalogue.records.revisions import Actor
from library_server.cli import main
from library_server.library import Library
from tests.factories.pictures import scene
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.records import load_record, records_by_title

ME = Actor("馆员")
HEAD = ["书名", "作者", "出版社", "出版年", "ISBN", "册数", "馆藏地", "内容简介"]


@pytest.fixture
def two(library: Library, tmp_path: Path) -> tuple[RecordView, RecordView]:
    """Two records of one ISBN under different titles."""
    workbook(
        tmp_path / "a.xlsx", HEAD,
        ["柑橘栽培手记", "张三", "湖南科技出版社", 2001, "9787535762894", 2, "三门镇", None],
        ["柑橘栽培手记（修订）", "张三", "湖南科技出版社", 2003, "978-7-5357-6289-4", 1, "群丰镇", "讲柑橘。"],
    )  # fmt: skip
    report = ingest(library, tmp_path / "a.xlsx")
    assert (report.added, report.likely) == (2, 1)
    records = records_by_title(library)
    return records["柑橘栽培手记"], records["柑橘栽培手记（修订）"]


def run(library: Library, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.slow
def test_the_same_isbn_is_offered_with_the_differences_and_not_merged(
    library: Library, two: tuple[RecordView, RecordView], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(library, monkeypatch, "same", "--json")
    report = json.loads(result.stdout)
    assert report["open"] == 1
    (pair,) = report["pairs"]
    assert pair["reason"] == MatchReason.ISBN
    assert pair["differences"]["date"] == ["2001", "2003"]
    assert "same merge" in run(library, monkeypatch, "same").output
    assert len(records_by_title(library)) == 2


@pytest.mark.slow
def test_merge_and_unmerge(
    library: Library, two: tuple[RecordView, RecordView], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_record, gone_record = two
    before = load_record(library, kept_record.id), load_record(library, gone_record.id)
    assert run(library, monkeypatch, "same", "merge", kept_record.id, gone_record.id).exit_code == 0
    merged = load_record(library, kept_record.id)
    assert [(holding.place, holding.copies) for holding in merged.holdings] == [("三门镇", 2), ("群丰镇", 1)]
    assert merged.abstract == "讲柑橘。"
    client = create_app(library).test_client()
    page = client.get(f"/records/{gone_record.id}")
    assert (page.status_code, page.headers["Location"]) == (302, f"/records/{kept_record.id}")
    with pytest.raises(MergeRefused), library.database.writing() as session:
        merging.merge(session, kept_record.id, gone_record.id, ME)
    assert run(library, monkeypatch, "same", "unmerge", gone_record.id).exit_code == 0
    for old in before:
        new = load_record(library, old.id)
        assert (new.title, new.abstract, new.holdings, new.status, new.isbns) == (
            old.title, old.abstract, old.holdings, old.status, old.isbns)  # fmt: skip
    assert client.get(f"/records/{gone_record.id}").status_code == 200
    result = run(library, monkeypatch, "history", kept_record.id, "--json")
    actions = [revision["action"] for revision in json.loads(result.stdout)["revisions"]]
    assert actions == ["added", "edited", "merged", "edited", "unmerged"]
    assert run(library, monkeypatch, "same", "unmerge", gone_record.id).exit_code == 1


@pytest.mark.slow
def test_a_pair_that_was_marked_distinct_is_not_offered_again(
    library: Library, two: tuple[RecordView, RecordView], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(library, monkeypatch, "same", "apart", two[0].id, two[1].id).exit_code == 0
    with library.database.writing() as session:
        assert duplicates.count_open_pairs(session) == 0
        assert duplicates.record_duplicates(session, [two[0].id]) == 0
    assert run(library, monkeypatch, "same", "apart", two[0].id, two[0].id).exit_code == 1


def test_the_same_description_in_other_words_is_offered(library: Library, tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", HEAD[:4], ["红楼梦", "曹雪芹 著", "人民文学出版社", 1998],
             ["红 楼 梦 ", "（清）曹雪芹", "人民文学", "1998-05"], ["红楼梦", "曹雪芹", "人民文学出版社",
             2008])  # fmt: skip
    assert ingest(library, tmp_path / "a.xlsx").likely == 1


def test_merging_records_with_files_keeps_both_files(library: Library, tmp_path: Path) -> None:
    for name, text in (("a.txt", "一种"), ("b.txt", "另一种")):
        (tmp_path / name).write_text(f"书名：船歌\n作者：周望水\n\n{text}", "utf-8")
    report = ingest(library, tmp_path / "a.txt", tmp_path / "b.txt")
    assert report.likely == 1
    with library.database.writing() as session:
        first, second = queries.published_ids(session, "", 2)
        merging.merge(session, first, second, ME)
    merged = load_record(library, first)
    assert len(merged.assets_of("original")) == 2
    assert merged.original is not None
    (other,) = merged.earlier
    assert {merged.original.filename, other.filename} == {"a.txt", "b.txt"}
    page = create_app(library).test_client().get(f"/records/{first}").get_data(as_text=True)
    assert str(other.filename) in page


def test_a_newer_file_becomes_a_version_and_the_old_one_is_kept(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "船歌.txt"
    path.write_text("书名：船歌\n\n第一稿", "utf-8")
    ingest(library, path)
    path.write_text("书名：船歌\n\n第二稿，改过了", "utf-8")
    report = ingest(library, path)
    assert (report.added, report.unchanged) == (1, 0)
    record_read = records_by_title(library)["船歌"]
    assert record_read.original is not None
    assert [asset.size for asset in record_read.earlier] == [len("书名：船歌\n\n第一稿".encode())]
    assert record_read.original.size == len("书名：船歌\n\n第二稿，改过了".encode())
    client = create_app(library).test_client()
    assert "第二稿" in client.get(f"/read/{record_read.id}").get_data(as_text=True)
    with library.database.reading() as session:
        assert [revision.action for revision in revisions.list_revisions(session, record_read.id)] == [
            "added",
            "version",
        ]
    path.write_text("书名：船歌\n\n第一稿", "utf-8")  # the file has its first content again
    assert ingest(library, path).added == 1
    again = records_by_title(library)["船歌"].original
    assert again is not None
    assert again.size == len("书名：船歌\n\n第一稿".encode())


def test_a_file_that_is_put_back_with_its_old_time_is_current_again(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "船歌.txt"
    for number, text in enumerate(("第一稿", "第二稿，改过了", "第一稿")):
        path.write_text(f"书名：船歌\n\n{text}", "utf-8")
        os.utime(path, (1_000_000_000 + number % 2, 1_000_000_000 + number % 2))
        assert ingest(library, path).added == 1
    assert ingest(library, path).unchanged == 1
    original = records_by_title(library)["船歌"].original
    assert original is not None
    assert original.size == len("书名：船歌\n\n第一稿".encode())


def test_photos_with_reused_names_are_no_versions(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "DSC0001.jpg"
    Image.radial_gradient("L").resize((800, 600)).save(path)
    ingest(library, path)
    other = Image.new("L", (800, 600), 255)
    ImageDraw.Draw(other).rectangle((0, 0, 300, 600), fill=0)
    other.save(path)
    os.utime(path, (5, 5))
    assert ingest(library, path).added == 1
    with library.database.reading() as session:
        assert len(queries.published_ids(session, "", 10)) == 2


def test_photos_that_are_nearly_the_same_are_offered(library: Library, tmp_path: Path) -> None:
    photo = scene(1)
    photo.save(tmp_path / "一.jpg", quality=92)
    photo.resize((450, 300)).save(tmp_path / "二.jpg", quality=60)
    scene(2).save(tmp_path / "三.jpg")
    report = ingest(library, tmp_path / "一.jpg", tmp_path / "三.jpg")
    assert (report.added, report.likely) == (2, 0)
    report = ingest(library, tmp_path / "二.jpg")
    assert report.likely == 1
    with library.database.reading() as session:
        (pair,) = duplicates.list_pairs(session)
    assert pair.reason == MatchReason.PHOTO


@pytest.mark.long
def test_undo_takes_back_what_a_batch_did_and_nothing_else(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("书名：船歌\n\n正文", "utf-8")
    ingest(library, tmp_path / "a.txt")
    workbook(tmp_path / "一.xlsx", HEAD, ["老书", "张三", "湖南科技出版社", 2001, "9787535762894", 2, "三门镇", "旧"])
    ingest(library, tmp_path / "一.xlsx")
    (tmp_path / "b.txt").write_text("书名：新来的\n\n正文", "utf-8")
    book = workbook(
        tmp_path / "二.xlsx", [*HEAD, "文件"],
        ["老书", "张三", "湖南科技出版社", 2001, "9787535762894", 1, "群丰镇", "新", None],
        ["船歌改", "周望水", None, None, None, None, None, None, "a.txt"],
        [None, None, None, None, None, None, None, None, "b.txt"],
    )  # fmt: skip
    (tmp_path / "a.txt").write_text("书名：船歌\n\n正文", "utf-8")
    report = ingest(library, book)
    assert report.rejected == 0, report.rejections
    assert set(records_by_title(library)) == {"老书", "船歌改", "新来的"}
    tried = run(library, monkeypatch, "ingest", "--undo", report.batch, "--dry-run")
    assert "试运行，什么也没有写" in tried.stdout
    assert "收回 1 条，改回 2 条" in tried.stdout
    assert set(records_by_title(library)) == {"老书", "船歌改", "新来的"}
    result = run(library, monkeypatch, "ingest", "--undo", report.batch, "--json")
    assert json.loads(result.stdout) == {"batch": report.batch, "withdrawn": 1, "restored": 2, "kept": 0}
    records = records_by_title(library)
    assert set(records) == {"老书", "船歌"}
    assert records["船歌"].creators == ()
    assert [(holding.place, holding.copies) for holding in records["老书"].holdings] == [("三门镇", 2)]
    assert records["老书"].abstract == "旧"
    again = run(library, monkeypatch, "ingest", "--undo", report.batch, "--json")
    assert json.loads(again.stdout)["withdrawn"] == 0
    back = ingest(library, book)  # a list that is given again after it was undone comes back
    assert back.rejected == 0
    assert set(records_by_title(library)) == {"老书", "船歌改", "新来的"}
    with library.database.reading() as session:
        assert len(queries.published_ids(session, "", 10)) == 3
    assert run(library, monkeypatch, "ingest", "--undo", "nothing").exit_code == 1


@pytest.mark.long
def test_a_corrected_report_is_ingested(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = tmp_path / "盘"
    lists.mkdir()
    (lists / "a.txt").write_text("正文", "utf-8")
    workbook(
        lists / "表.xlsx", ["书名", "ISBN", "文件"],
        ["好的", "9787535762894", None], ["错的", "9787535762895", "a.txt"], ["还是错的", "123", None],
    )  # fmt: skip
    (lists / "坏.pdf").write_bytes(b"%PDF-1.4 nothing")
    first = ingest(library, lists)
    assert (first.added, first.rejected) == (1, 4)  # a.txt waits for its row
    path = tmp_path / "改好再交.xlsx"
    assert run(library, monkeypatch, "batches", first.batch, "--xlsx", str(path)).exit_code == 0
    book = openpyxl.load_workbook(path)
    sheet = book["改好再交"]
    assert [cell.value for cell in sheet[1]] == ["书名", "ISBN", "文件", "问题", "代码", "原表位置"]
    assert sheet["B2"].comment is not None
    assert sheet["B2"].fill.fgColor.rgb == "00F2C9C5"
    assert [cell.value for cell in book["未收的文件"]["B"]] == ["代码", "row_refused", "damaged"]
    unmended = ingest(library, path)
    assert (unmended.added, unmended.rejected) == (0, 3)
    sheet["B2"].value = "9787020008742"
    book.save(path)
    report = ingest(library, path)
    assert (report.added, report.joined, report.rejected) == (1, 1, 1), report  # the row and its file are taken
    assert records_by_title(library)["错的"].isbns == ("9787020008742",)


@pytest.mark.long
def test_retry_takes_the_refused_rows_again(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "盘"
    folder.mkdir()
    workbook(folder / "表.xlsx", ["书名", "文件"], ["甲", "a.txt"], ["乙", None])
    first = ingest(library, folder)
    assert (first.added, first.rejected) == (1, 1)
    (folder / "a.txt").write_text("正文", "utf-8")
    result = run(library, monkeypatch, "retry", first.batch, "--json")
    report = json.loads(result.stdout)
    assert (report["added"], report["joined"], report["unchanged"], report["rejected"]) == (1, 1, 0, 0)


@pytest.mark.slow
def test_a_retry_names_the_drive_that_is_away(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive, other = tmp_path / "盘", tmp_path / "另一个盘"
    for folder in (drive, other):
        folder.mkdir()
        (folder / "坏.pdf").write_bytes(b"%PDF-1.4 nothing " + folder.name.encode())
    batch = ingest(library, drive, other).batch
    drive.rename(tmp_path / "拔掉")
    partly = run(library, monkeypatch, "retry", batch)
    assert "没有重试" in partly.output
    assert str(drive) in partly.output
    other.rename(tmp_path / "也拔掉")
    result = run(library, monkeypatch, "retry", batch)
    assert result.exit_code == 1
    assert str(drive) in result.output
    assert str(other) in result.output


@pytest.mark.slow
def test_a_retry_names_the_files_that_were_renamed(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "盘"
    folder.mkdir()
    (folder / "地道战.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n同志们好\n", "utf-8")
    workbook(folder / "表.xlsx", ["书名", "出版日期"], [None, "1998"])
    batch = ingest(library, folder).batch
    (folder / "地道战.srt").rename(folder / "地道战 1965.srt")
    output = run(library, monkeypatch, "retry", batch).output
    assert f"{folder / '地道战.srt'} 改了名或挪走了" in output
    assert f"tianyuan ingest {shlex.quote(str(folder))}" in output
    assert "表.xlsx 改了名" not in output


@pytest.mark.slow
def test_history_tells_who_when_and_what(
    library: Library, two: tuple[RecordView, RecordView], monkeypatch: pytest.MonkeyPatch
) -> None:
    with library.database.writing() as session:
        revisions.revise(session, two[0].id, {"title": "新题名", "subjects": ["柑橘"]}, ME)
        assert revisions.revise(session, two[0].id, {"title": "新题名"}, ME) == {}
    output = run(library, monkeypatch, "history", two[0].id).output
    assert "馆员" in output
    assert "柑橘栽培手记 → 新题名" in output
    assert run(library, monkeypatch, "history", "nothing").exit_code == 1


def test_the_history_names_the_first_batch_and_the_return(library: Library, tmp_path: Path) -> None:
    story = tmp_path / "渡口.md"
    story.write_text("# 渡口\n\n从前有一条船。\n", "utf-8")
    first = ingest(library, story).batch
    with library.database.writing() as session:
        revisions.revert_changes(session, first, revisions.Actor("test"))
        repository.close_batch(session, first, BatchState.UNDONE)
    second = ingest(library, story).batch
    (record,) = records_by_title(library).values()
    with library.database.reading() as session:
        history = revisions.list_revisions(session, record.id)
    assert [(revision.action, revision.batch_id) for revision in history] == [
        ("added", first),
        ("undone", None),
        ("reinstated", second),
    ]
    assert history[2].changes["status"] == ["withdrawn", "published"]


@pytest.mark.parametrize("kept_is_public", [True, False])
def test_a_merge_never_makes_a_file_more_public(library: Library, kept_is_public: bool) -> None:
    with library.database.writing() as session:
        ids = {
            access: commands.add_record(session, RecordDraft(kind=Kind.FILM, title="渡口", access=access))
            for access in (Access.PUBLIC, Access.PREMISES)
        }
        kept_id, gone_id = (ids[Access.PUBLIC], ids[Access.PREMISES])[:: 1 if kept_is_public else -1]
        merging.merge(session, kept_id, gone_id, Actor("test"))
    record = load_record(library, kept_id)
    assert record.access == Access.PREMISES
    with library.database.writing() as session:
        merging.unmerge(session, gone_id, Actor("test"))
    with library.database.reading() as session:
        views = {access: queries.find_record(session, record_id) for access, record_id in ids.items()}
    assert {access: view.access for access, view in views.items() if view} == {access: access for access in ids}
