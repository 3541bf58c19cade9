"""Files wait for a list that might describe them and cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.pipeline.watch_folder import WatchFolder
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import BatchState
from library_server.catalogue.records import revisions
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from tests.factories.spreadsheets import workbook
from tests.ingest_tools.pipeline.test_watching import names, settle
from tests.support.libraries import ingest, rejection_codes
from tests.support.records import access_by_title

LIST = "清单.xlsx"
BROKEN = b"PK\x03\x04" + bytes(range(256)) * 40
ROWS = (["书名", "文件", "使用范围"], ["观察", "深/a.txt", "馆内"])


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    (folder / "深").mkdir(parents=True)
    (folder / "深/a.txt").write_text("只给馆内的正文", "utf-8")
    return folder


@pytest.mark.parametrize("name", ["清单.xlsx", "清单.xls", "清单.ods", "清单.csv"])
@pytest.mark.slow
def test_files_wait_for_a_damaged_list_and_come_in_with_the_mended_one(library: Library, disk: Path, name: str) -> None:
    head = {"xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "csv": b"\xff\xfe\x00"}.get(name[-3:], b"PK\x03\x04")
    (disk / name).write_bytes(head + bytes(range(256)) * 40)
    report = ingest(library, disk)
    assert (report.added, rejection_codes(report)["a.txt"]) == (0, "list_refused")
    (reason,) = [row["reason"] for row in report.rejections if row["code"] == "list_refused"]
    assert str(disk / name) in reason
    (disk / name).unlink()
    workbook(disk / LIST, *ROWS)
    assert ingest(library, disk).rejected == 0
    assert access_by_title(library) == {"观察": "premises"}


def test_an_empty_list_and_a_link_that_leads_outside_are_waited_for(
    library: Library, disk: Path, tmp_path: Path
) -> None:
    (disk / "空.csv").touch()
    assert rejection_codes(ingest(library, disk)) == {"空.csv": "empty_file", "a.txt": "list_refused"}
    (disk / "空.csv").unlink()
    (disk / LIST).symlink_to(workbook(tmp_path / LIST, *ROWS))
    assert rejection_codes(ingest(library, disk)) == {LIST: "link_outside", "a.txt": "list_refused"}


@pytest.mark.slow
def test_the_rest_of_a_list_that_breaks_off_is_waited_for(library: Library, disk: Path) -> None:
    (disk / "深/b.txt").write_text("另一篇", "utf-8")
    rows = [["填到底的行", None, None]] * 1100
    workbook(disk / LIST, *ROWS, *rows, ["另一篇", "深/b.txt", "馆内"])
    report = ingest(library, disk)
    assert rejection_codes(report)["b.txt"] == "list_refused"
    assert access_by_title(library)["观察"] == "premises"


@pytest.mark.slow
def test_only_what_a_sheet_without_headings_names_waits_for_it(library: Library, disk: Path) -> None:
    workbook(disk / "通讯录.xlsx", ["张三", "13800000000"], ["李四", "13900000000"])
    workbook(disk / LIST, ["第一栏", "第二栏"], ["观察", r"D:\资料\深\A.TXT"])
    (disk / "b.txt").write_text("没有人说到的书", "utf-8")
    report = ingest(library, disk)
    assert rejection_codes(report) == {"通讯录.xlsx": "no_headings", LIST: "no_headings", "a.txt": "list_refused"}
    assert access_by_title(library) == {"b": "public"}


def test_only_the_folder_of_the_list_waits(library: Library, disk: Path) -> None:
    (disk / "b.txt").write_text("外面的书", "utf-8")
    (disk / "深" / LIST).write_bytes(BROKEN)
    assert rejection_codes(ingest(library, disk)) == {LIST: "damaged", "a.txt": "list_refused"}
    assert access_by_title(library) == {"b": "public"}


@pytest.mark.parametrize("as_manifest", [True, False])
def test_all_sources_wait_for_a_list_that_was_given_with_them(
    library: Library, disk: Path, tmp_path: Path, as_manifest: bool
) -> None:
    (tmp_path / "表").mkdir()
    path = tmp_path / "表" / LIST
    path.write_bytes(BROKEN)
    report = ingest(library, disk, manifest=path) if as_manifest else ingest(library, path, disk)
    assert rejection_codes(report) == {LIST: "damaged", "a.txt": "list_refused"}


def test_known_files_keep_their_access_while_a_list_is_waited_for(library: Library, disk: Path) -> None:
    ingest(library, disk)
    (disk / LIST).write_bytes(BROKEN)
    report = ingest(library, disk)
    assert (report.unchanged, rejection_codes(report)) == (1, {LIST: "damaged"})


@pytest.mark.slow
def test_a_mended_list_is_taken_by_retry_with_all_its_rows(library: Library, disk: Path) -> None:
    (disk / LIST).write_bytes(BROKEN)
    refused = frozenset(row["path"] for row in ingest(library, disk).rejections)
    workbook(disk / LIST, *ROWS)
    assert ingest(library, disk, only=refused).added == 1
    assert access_by_title(library) == {"观察": "premises"}


@pytest.mark.slow
def test_a_watched_folder_keeps_waiting_for_a_list_that_was_put_aside(library: Library, watch: WatchFolder) -> None:
    (watch.folder / "新书").mkdir()
    (watch.folder / "新书" / LIST).write_bytes(BROKEN)
    settle(watch)
    (watch.folder / "新书").mkdir()
    (watch.folder / "新书/a.txt").write_text("只给馆内的正文", "utf-8")
    (watch.folder / "b.txt").write_text("别的书", "utf-8")
    report = settle(watch, 200)
    assert report is not None
    assert rejection_codes(report) == {"a.txt": "list_refused"}
    assert access_by_title(library) == {"b": "public"}
    assert names(watch.folder) == {
        f"未入库/新书/{LIST}", "未入库/新书/a.txt", "未入库/新书/原因.txt", "已入库/b.txt",
    }  # fmt: skip
    assert LIST in (watch.folder / "未入库/新书/原因.txt").read_text("utf-8-sig").split("a.txt")[1]
    (watch.folder / "未入库/新书" / LIST).unlink()
    (watch.folder / "新书").mkdir(exist_ok=True)
    (watch.folder / "未入库/新书/a.txt").rename(watch.folder / "新书/a.txt")
    workbook(watch.folder / "新书" / LIST, ["书名", "文件", "使用范围"], ["观察", "a.txt", "馆内"])
    settle(watch, 300)
    assert access_by_title(library) == {"b": "public", "观察": "premises"}


@pytest.mark.slow
def test_a_file_that_comes_after_its_refused_row_waits_for_it(library: Library, watch: WatchFolder) -> None:
    workbook(watch.folder / LIST, ["书名", "文件", "使用范围"], ["观察", "a.txt", "馆内"])
    settle(watch)
    (watch.folder / "a.txt").write_text("只给馆内的正文", "utf-8")
    report = settle(watch, 200)
    assert report is not None
    assert rejection_codes(report) == {"a.txt": "list_refused"}
    for name in (LIST, "a.txt"):
        (watch.folder / "未入库" / name).rename(watch.folder / name)
    settle(watch, 300)
    assert access_by_title(library) == {"观察": "premises"}


@pytest.mark.slow
def test_a_list_that_was_mended_since_is_not_waited_for(library: Library, watch: WatchFolder) -> None:
    (watch.folder / LIST).write_bytes(BROKEN)
    settle(watch)
    workbook(watch.folder / LIST, ["书名", "作者"], ["纸本", "某人"])
    settle(watch, 200)
    (watch.folder / "a.txt").write_text("没有人说到的书", "utf-8")
    report = settle(watch, 300)
    assert report is not None
    assert report.rejected == 0


@pytest.mark.parametrize("named", ["a", "深", "深/a.txt；深/b.txt", "深/*.txt", "深/a .doc"])
@pytest.mark.slow
def test_files_wait_where_a_restricted_row_names_none_of_them(library: Library, disk: Path, named: str) -> None:
    workbook(disk / LIST, ["书名", "文件", "使用范围"], ["观察", named, "馆内"])
    assert rejection_codes(ingest(library, disk)) == {f"{LIST}#清单!2": "file_missing", "a.txt": "list_refused"}
    workbook(disk / LIST, *ROWS)
    assert ingest(library, disk).rejected == 0
    assert access_by_title(library) == {"观察": "premises"}


@pytest.mark.slow
def test_a_row_without_a_restriction_holds_back_nothing_else(library: Library, disk: Path) -> None:
    workbook(disk / LIST, ["书名", "文件", "使用范围"], ["别的", "没有.txt", "公开"])
    assert set(rejection_codes(ingest(library, disk)).values()) == {"file_missing"}


@pytest.mark.parametrize("headings", [("权限", "使用范围"), ("使用范围", "使用范围"), ("access", "使用范围")])
@pytest.mark.slow
def test_every_access_column_is_read(library: Library, disk: Path, headings: tuple[str, str]) -> None:
    for cells in (("公开", "馆内"), ("馆内", "公开")):
        workbook(disk / LIST, ["书名", "文件", *headings], ["观察", "深/a.txt", *cells])
        assert rejection_codes(ingest(library, disk)) == {f"{LIST}#清单!2": "bad_cells", "a.txt": "row_refused"}
    workbook(disk / LIST, ["书名", "文件", *headings], ["观察", "深/a.txt", "", "馆内"])
    assert ingest(library, disk).rejected == 0
    assert access_by_title(library) == {"观察": "premises"}


def test_files_of_two_batches_come_back_after_the_first_was_undone(library: Library, disk: Path) -> None:
    first = ingest(library, disk)
    ingest(library, disk)
    assert first.batch is not None
    with library.database.writing() as session:
        revisions.revert_changes(session, first.batch, Actor("tests"))
        repository.close_batch(session, first.batch, BatchState.UNDONE)
    assert access_by_title(library) == {}
    ingest(library, disk)
    assert list(access_by_title(library)) != []
