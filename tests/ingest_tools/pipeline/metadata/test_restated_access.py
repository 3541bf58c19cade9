"""Who may read a record once it is described again: by the same source, by another, and after a librarian."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ingest_tools.sources import disks
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.records import commands, queries, revisions
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.records import access_by_title, load_only_record, load_records

LIST = "清单.xlsx"
OTHER = "另一张.xlsx"
HEADING = ("使用范围", "备注")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    (folder / "a.txt").write_text("只给馆内的正文", "utf-8")
    return folder


def write(folder: Path, *cells: Any, name: str = LIST, heading: Sequence[str] = ("使用范围",)) -> Path:
    return workbook(folder / name, ["书名", "文件", *heading], ["观察", "a.txt", *cells])


def edit(library: Library, **values: object) -> None:
    with library.database.writing() as session:
        revisions.revise(session, load_only_record(library).id, values, Actor("desk"))


@pytest.mark.long
def test_the_same_row_lifts_its_restriction_and_restores_it(library: Library, disk: Path) -> None:
    for word, access in (
        ("馆内", "premises"), ("公开", "public"), ("馆内", "premises"), ("读者证", "members"), ("", "members"),
        ("公开", "public"),
    ):  # fmt: skip
        write(disk, word)
        assert ingest(library, disk).rejected == 0
        assert load_only_record(library).access == access, word


@pytest.mark.parametrize("with_file", [True, False])
@pytest.mark.slow
def test_a_row_that_was_moved_lifts_its_restriction_too(library: Library, disk: Path, with_file: bool) -> None:
    if not with_file:
        (disk / "a.txt").unlink()
    file = "a.txt" if with_file else None
    heading = ["书名", "文件", "作者", "出版社", "使用范围"]
    workbook(disk / LIST, heading, ["观察", file, "陈守田", "湘江社", "馆内"])
    assert ingest(library, disk).added == 1
    workbook(
        disk / LIST, heading, ["另一本", None, "周望水", "湘江社", None], ["观察", file, "陈守田", "湘江社", "公开"]
    )
    assert ingest(library, disk).rejected == 0
    assert access_by_title(library) == {"观察": "public", "另一本": "public"}


@pytest.mark.long
def test_another_list_may_only_restrict(library: Library, disk: Path) -> None:
    write(disk, "馆内")
    ingest(library, disk)
    (disk / LIST).unlink()
    for word, access in (("公开", "premises"), ("读者证", "premises"), ("馆内", "premises"), ("公开", "premises")):
        write(disk, word, name="另一张.xlsx")
        ingest(library, disk)
        assert load_only_record(library).access == access, word


@pytest.mark.long
def test_a_list_that_only_named_the_record_does_not_lift_what_another_restricted(library: Library, disk: Path) -> None:
    write(disk, "", name="另一张.xlsx")
    ingest(library, disk)
    (disk / "另一张.xlsx").unlink()
    write(disk, "馆内")
    ingest(library, disk)
    (disk / LIST).unlink()
    write(disk, "公开", name="另一张.xlsx")
    ingest(library, disk)
    assert load_only_record(library).access == "premises"
    (disk / "另一张.xlsx").unlink()
    write(disk, "公开")
    ingest(library, disk)
    assert load_only_record(library).access == "public"


@pytest.mark.slow
def test_what_a_librarian_restricted_is_not_lifted_by_a_list(library: Library, disk: Path) -> None:
    write(disk, "公开", None, heading=("使用范围", "备注"))
    ingest(library, disk)
    edit(library, access="premises")
    write(disk, "公开", "另一个格子改了", heading=("使用范围", "备注"))
    ingest(library, disk)
    assert load_only_record(library).access == "premises"
    edit(library, access="members")
    write(disk, "馆内", None, heading=("使用范围", "备注"))
    ingest(library, disk)
    assert load_only_record(library).access == "premises"


@pytest.mark.slow
def test_an_empty_cell_says_nothing(library: Library, disk: Path) -> None:
    write(disk, "馆内", None, heading=("使用范围", "备注"))
    ingest(library, disk)
    write(disk, None, "改过", heading=("使用范围", "备注"))
    ingest(library, disk)
    assert load_only_record(library).access == "premises"


@pytest.mark.slow
def test_a_changed_file_with_a_row_that_says_nothing_stays_restricted(library: Library, disk: Path) -> None:
    write(disk, "馆内")
    ingest(library, disk)
    (disk / "a.txt").write_text("完全另外的正文", "utf-8")
    workbook(disk / LIST, ["书名", "文件"], ["另一本", "a.txt"])
    ingest(library, disk)
    assert {str(record.access) for record in load_records(library)} == {"premises"}


def test_a_row_and_the_file_that_it_names_each_may_restrict(library: Library, disk: Path) -> None:
    (disk / "a.md").write_text("---\n标题: 观察\n使用范围: 馆内\n---\n正文\n", "utf-8")
    workbook(disk / LIST, ["书名", "文件", "使用范围"], ["观察", "a.md", "公开"])
    (disk / "a.txt").unlink()
    ingest(library, disk)
    assert load_only_record(library).access == "premises"


@pytest.mark.slow
def test_a_list_taken_in_before_statements_were_kept(library: Library, disk: Path) -> None:
    write(disk, "馆内")
    ingest(library, disk)
    with library.database.writing() as session:
        session.execute(text("UPDATE records SET details = '{}'"))
    write(disk, "公开")
    ingest(library, disk)
    assert load_only_record(library).access == "public"


def state(library: Library, disk: Path, word: str, remark: str, *, name: str = LIST) -> str:
    """Ingest a list with this word for access; returns the access level of the record."""
    write(disk, word, remark, heading=HEADING, name=name)
    assert ingest(library, disk).rejected == 0
    return str(load_only_record(library).access)


@pytest.mark.long
def test_a_list_lifts_its_own_restriction_and_not_that_of_a_librarian(library: Library, disk: Path) -> None:
    state(library, disk, "公开", "1")
    edit(library, access="members")
    assert [state(library, disk, "馆内", "2"), state(library, disk, "公开", "3")] == ["premises", "members"]
    edit(library, access="public")
    assert [state(library, disk, "馆内", "4"), state(library, disk, "公开", "5")] == ["premises", "public"]


@pytest.mark.slow
def test_a_list_lifts_its_own_restriction_and_not_that_of_a_merge(library: Library, disk: Path) -> None:
    state(library, disk, "公开", "1")
    kept_id = load_only_record(library).id
    with library.database.writing() as session:
        gone_id = commands.add_record(session, RecordDraft(Kind.BOOK, "观察", access=Access.MEMBERS))
        session.flush()
        merging.merge(session, kept_id, gone_id, Actor("desk"))
    assert [state(library, disk, "馆内", "2"), state(library, disk, "公开", "3")] == ["premises", "members"]


@pytest.mark.parametrize("is_access_changed", [True, False])
@pytest.mark.long
def test_an_undone_batch_leaves_no_statement(library: Library, disk: Path, is_access_changed: bool) -> None:
    state(library, disk, "馆内", "1")
    if not is_access_changed:
        (disk / LIST).unlink()
        state(library, disk, "馆内", "1b", name=OTHER)
        (disk / OTHER).unlink()
    write(disk, "公开", "2", heading=HEADING)
    batch = ingest(library, disk).batch
    assert load_only_record(library).access == ("public" if is_access_changed else "premises")
    with library.database.writing() as session:
        revisions.revert_changes(session, batch, Actor("desk"))
        assert {revision.action for revision in revisions.list_revisions(session, load_only_record(library).id)} <= {
            "added",
            "edited",
            "undone",
        }
    assert load_only_record(library).access == "premises"
    (disk / LIST).unlink()
    for remark in "34":
        assert state(library, disk, "公开", remark, name=OTHER) == "premises"
    (disk / OTHER).unlink()
    assert state(library, disk, "公开", "5") == "public"


@pytest.mark.slow
def test_another_list_does_not_lift_what_was_restricted_before_statements_were_kept(
    library: Library, disk: Path
) -> None:
    state(library, disk, "读者证", "1")
    with library.database.writing() as session:
        session.execute(text("UPDATE records SET details = '{}'"))
    (disk / LIST).unlink()
    assert state(library, disk, "馆内", "2", name=OTHER) == "premises"
    assert state(library, disk, "公开", "3", name=OTHER) == "members"


@pytest.mark.slow
def test_a_new_record_at_an_old_path_is_lifted_only_by_what_restricted_the_old_one(
    library: Library, disk: Path
) -> None:
    state(library, disk, "馆内", "1")
    (disk / LIST).unlink()
    old_id = load_only_record(library).id

    def accesses(body: str) -> set[str]:
        (disk / "a.txt").write_text(f"书名：完全另外\n使用范围：公开\n{body}\n", "utf-8")
        assert ingest(library, disk).rejected == 0
        with library.database.reading() as session:
            ids = [record_id for record_id in queries.published_ids(session, "", 1000) if record_id != old_id]
            return {str(record.access) for record_id in ids if (record := queries.find_record(session, record_id))}

    assert accesses("第一稿") == {"premises"}
    assert accesses("第二稿") == {"premises"}
    workbook(disk / OTHER, ["书名", "文件", "使用范围"], ["完全另外", "a.txt", "公开"])
    assert accesses("第二稿") == {"premises"}
    (disk / OTHER).unlink()
    workbook(disk / LIST, ["书名", "文件", "使用范围"], ["完全另外", "a.txt", "公开"])
    assert accesses("第二稿") == {"public"}


def exchange(disk: Path, content: str = "只给馆内的正文") -> None:
    """Put another disk at the same place."""
    disk.rename(disk.with_name("取走的盘"))
    disk.mkdir()
    (disk / "a.txt").write_text(content, "utf-8")


@pytest.mark.slow
def test_a_list_at_the_same_place_of_another_disk_does_not_lift(library: Library, disk: Path) -> None:
    state(library, disk, "馆内", "1")
    exchange(disk)
    assert state(library, disk, "公开", "2") == "premises"
    (disk / "a.txt").write_text("改过的正文", "utf-8")
    assert state(library, disk, "公开", "3") == "premises"


@pytest.mark.slow
def test_a_disk_is_known_by_the_uuid_of_its_file_system(
    library: Library, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disks, "_find_uuid", lambda _device: "A")
    state(library, disk, "馆内", "1")
    monkeypatch.setattr(disks, "_find_uuid", lambda _device: "B")
    assert state(library, disk, "公开", "2") == "premises"
    exchange(disk)
    monkeypatch.setattr(disks, "_find_uuid", lambda _device: "A")
    assert state(library, disk, "公开", "3") == "public"  # the disk of the list, whatever the number of its folder


def test_a_file_at_the_same_place_of_another_disk_does_not_lift(library: Library, disk: Path) -> None:
    (disk / "a.txt").write_text("书名：观察\n使用范围：馆内\n\n正文\n", "utf-8")
    ingest(library, disk)
    exchange(disk, "书名：观察\n使用范围：公开\n\n改过的正文\n")
    ingest(library, disk)
    assert load_only_record(library).access == "premises"


@pytest.mark.parametrize("content", ["只给馆内的正文", "完全另外的正文"])
@pytest.mark.slow
def test_a_cell_that_names_the_list_does_not_lift(library: Library, disk: Path, content: str) -> None:
    write(disk, "馆内")
    ingest(library, disk)
    (disk / LIST).rename(disk.with_name("收起.xlsx"))
    (disk / "a.txt").write_text(content, "utf-8")
    write(disk, "公开", f"{disk / LIST}#Sheet!2", name=OTHER, heading=("使用范围", "原表位置"))
    assert ingest(library, disk).rejected == 0
    assert {str(record.access) for record in load_records(library)} == {"premises"}


@pytest.mark.slow
def test_another_row_of_a_list_does_not_lift(library: Library, disk: Path) -> None:
    write(disk, "馆内")
    ingest(library, disk)
    (disk / "b.txt").write_bytes((disk / "a.txt").read_bytes())
    workbook(disk / LIST, ["书名", "文件", "使用范围"], ["观察", "b.txt", "公开"])
    ingest(library, disk)
    assert load_only_record(library).access == "premises"


@pytest.mark.slow
def test_another_list_does_not_lift_for_a_changed_file(library: Library, disk: Path) -> None:
    write(disk, "馆内")
    ingest(library, disk)
    (disk / LIST).unlink()
    (disk / "a.txt").write_text("完全另外的正文", "utf-8")
    workbook(disk / OTHER, ["书名", "文件", "使用范围"], ["另一本", "a.txt", "公开"])
    ingest(library, disk)
    assert access_by_title(library) == {
        "观察": "premises",
        "另一本": "premises",
    }


def add_and_merge(library: Library, kept_access: Access, *, file_record_goes: bool) -> str:
    """Merge the only record with a new one; returns the id of the one that went."""
    record_id = load_only_record(library).id
    with library.database.writing() as session:
        other_id = commands.add_record(session, RecordDraft(Kind.BOOK, "观察", access=kept_access))
        session.flush()
        ids = (other_id, record_id) if file_record_goes else (record_id, other_id)
        merging.merge(session, *ids, Actor("desk"))
    return ids[1]


def test_a_revised_file_of_a_record_that_was_merged_stays_restricted(library: Library, disk: Path) -> None:
    ingest(library, disk)
    assert load_only_record(library).access == "public"
    add_and_merge(library, Access.PREMISES, file_record_goes=True)
    (disk / "a.txt").write_text("修订的正文", "utf-8")
    ingest(library, disk)
    assert {str(record.access) for record in load_records(library)} == {"premises"}


@pytest.mark.slow
def test_a_list_does_not_lift_what_a_merged_record_restricted_alike(library: Library, disk: Path) -> None:
    state(library, disk, "馆内", "1")
    add_and_merge(library, Access.PREMISES, file_record_goes=False)
    assert state(library, disk, "公开", "2") == "premises"


@pytest.mark.parametrize("word", ["馆内", "公开"])
@pytest.mark.slow
def test_a_merge_that_is_taken_apart_leaves_what_lists_restrict(library: Library, disk: Path, word: str) -> None:
    ingest(library, disk)
    gone_id = add_and_merge(library, Access.PREMISES, file_record_goes=False)
    state(library, disk, word, "1")
    with library.database.writing() as session:
        merging.unmerge(session, gone_id, Actor("desk"))
        records = [
            queries.find_record(session, record_id)
            for record_id in queries.published_ids(session, "", 10)
            if record_id != gone_id
        ]
    assert [str(record.access) for record in records if record] == ["premises" if word == "馆内" else "public"]


def undo(library: Library, batch: str) -> str:
    with library.database.writing() as session:
        revisions.revert_changes(session, batch, Actor("desk"))
    return str(load_only_record(library).access)


@pytest.mark.slow
def test_an_undone_batch_does_not_lift_what_another_list_restricts(library: Library, disk: Path) -> None:
    ingest(library, disk)
    write(disk, "馆内")
    batch = ingest(library, disk).batch
    (disk / LIST).unlink()
    state(library, disk, "馆内", "2", name=OTHER)
    assert undo(library, batch) == "premises"


@pytest.mark.slow
def test_an_undone_batch_does_not_lift_what_its_list_stated_anew(library: Library, disk: Path) -> None:
    ingest(library, disk)
    write(disk, "馆内", "1", heading=HEADING)
    batch = ingest(library, disk).batch
    state(library, disk, "馆内", "2")
    assert undo(library, batch) == "premises"


@pytest.mark.slow
def test_an_undone_batch_does_not_lift_what_a_merge_restricts(library: Library, disk: Path) -> None:
    ingest(library, disk)
    write(disk, "馆内", "1", heading=HEADING)
    batch = ingest(library, disk).batch
    add_and_merge(library, Access.PREMISES, file_record_goes=False)
    assert undo(library, batch) == "premises"


@pytest.mark.slow
def test_an_undone_batch_does_not_lift_what_a_librarian_restricted_since(library: Library, disk: Path) -> None:
    ingest(library, disk)
    write(disk, "馆内", "1", heading=HEADING)
    batch = ingest(library, disk).batch
    edit(library, access="public")
    edit(library, access="premises")
    assert undo(library, batch) == "premises"


@pytest.mark.slow
def test_a_revised_file_of_an_undone_batch_stays_restricted(library: Library, disk: Path) -> None:
    write(disk, "馆内")
    batch = ingest(library, disk).batch
    with library.database.writing() as session:
        revisions.revert_changes(session, batch, Actor("desk"))
    (disk / LIST).unlink()
    (disk / "a.txt").write_text("修订的正文", "utf-8")
    ingest(library, disk)
    assert load_only_record(library).access == "premises"
