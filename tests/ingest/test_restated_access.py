"""Who may read a record once it is described again: by the same source, by another, and after a librarian."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from library_server.catalogue.dto import RecordDraft, RecordView
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.records import commands, merging, queries, revisions
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from tests.conftest import take_in
from tests.ingest.test_lists import workbook

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


def record_of(library: Library) -> RecordView:
    with library.database.reading() as session:
        (record_id,) = queries.published_ids(session, "", 1000)
        record = queries.record(session, record_id)
    assert record is not None
    return record


def edit(library: Library, **values: object) -> None:
    with library.database.writing() as session:
        revisions.revise(session, record_of(library).id, values, Actor("desk"))


def test_the_same_row_lifts_its_restriction_and_restores_it(library: Library, disk: Path) -> None:
    for word, access in (
        ("馆内", "premises"), ("公开", "public"), ("馆内", "premises"), ("读者证", "members"), ("", "members"),
        ("公开", "public"),
    ):  # fmt: skip
        write(disk, word)
        assert take_in(library, disk).rejected == 0
        assert record_of(library).access == access, word


@pytest.mark.parametrize("with_file", [True, False])
def test_a_row_that_was_moved_lifts_its_restriction_too(library: Library, disk: Path, with_file: bool) -> None:
    if not with_file:
        (disk / "a.txt").unlink()
    file = "a.txt" if with_file else None
    heading = ["书名", "文件", "作者", "出版社", "使用范围"]
    workbook(disk / LIST, heading, ["观察", file, "陈守田", "湘江社", "馆内"])
    assert take_in(library, disk).added == 1
    workbook(
        disk / LIST, heading, ["另一本", None, "周望水", "湘江社", None], ["观察", file, "陈守田", "湘江社", "公开"]
    )
    assert take_in(library, disk).rejected == 0
    with library.database.reading() as session:
        records = [queries.record(session, one) for one in queries.published_ids(session, "", 1000)]
    assert {record.title: str(record.access) for record in records if record} == {"观察": "public", "另一本": "public"}


def test_another_list_may_only_restrict(library: Library, disk: Path) -> None:
    write(disk, "馆内")
    take_in(library, disk)
    (disk / LIST).unlink()
    for word, access in (("公开", "premises"), ("读者证", "premises"), ("馆内", "premises"), ("公开", "premises")):
        write(disk, word, name="另一张.xlsx")
        take_in(library, disk)
        assert record_of(library).access == access, word


def test_a_list_that_only_named_the_record_does_not_lift_what_another_restricted(library: Library, disk: Path) -> None:
    write(disk, "", name="另一张.xlsx")
    take_in(library, disk)
    (disk / "另一张.xlsx").unlink()
    write(disk, "馆内")
    take_in(library, disk)
    (disk / LIST).unlink()
    write(disk, "公开", name="另一张.xlsx")
    take_in(library, disk)
    assert record_of(library).access == "premises"
    (disk / "另一张.xlsx").unlink()
    write(disk, "公开")
    take_in(library, disk)
    assert record_of(library).access == "public"


def test_what_a_librarian_restricted_is_not_lifted_by_a_list(library: Library, disk: Path) -> None:
    write(disk, "公开", None, heading=("使用范围", "备注"))
    take_in(library, disk)
    edit(library, access="premises")
    write(disk, "公开", "另一个格子改了", heading=("使用范围", "备注"))
    take_in(library, disk)
    assert record_of(library).access == "premises"
    edit(library, access="members")
    write(disk, "馆内", None, heading=("使用范围", "备注"))
    take_in(library, disk)
    assert record_of(library).access == "premises"


def test_an_empty_cell_says_nothing(library: Library, disk: Path) -> None:
    write(disk, "馆内", None, heading=("使用范围", "备注"))
    take_in(library, disk)
    write(disk, None, "改过", heading=("使用范围", "备注"))
    take_in(library, disk)
    assert record_of(library).access == "premises"


def test_a_changed_file_with_a_row_that_says_nothing_stays_restricted(library: Library, disk: Path) -> None:
    write(disk, "馆内")
    take_in(library, disk)
    (disk / "a.txt").write_text("完全另外的正文", "utf-8")
    workbook(disk / LIST, ["书名", "文件"], ["另一本", "a.txt"])
    take_in(library, disk)
    with library.database.reading() as session:
        records = [queries.record(session, one) for one in queries.published_ids(session, "", 1000)]
    assert {str(record.access) for record in records if record} == {"premises"}


def test_a_row_and_the_file_that_it_names_each_may_restrict(library: Library, disk: Path) -> None:
    (disk / "a.md").write_text("---\n标题: 观察\n使用范围: 馆内\n---\n正文\n", "utf-8")
    workbook(disk / LIST, ["书名", "文件", "使用范围"], ["观察", "a.md", "公开"])
    (disk / "a.txt").unlink()
    take_in(library, disk)
    assert record_of(library).access == "premises"


def test_a_list_taken_in_before_statements_were_kept(library: Library, disk: Path) -> None:
    write(disk, "馆内")
    take_in(library, disk)
    with library.database.writing() as session:
        session.execute(text("UPDATE records SET details = '{}'"))
    write(disk, "公开")
    take_in(library, disk)
    assert record_of(library).access == "public"


def state(library: Library, disk: Path, word: str, remark: str, *, name: str = LIST) -> str:
    """Take in a list that says a word of access, and return the access level of the record then."""
    write(disk, word, remark, heading=HEADING, name=name)
    assert take_in(library, disk).rejected == 0
    return str(record_of(library).access)


def test_a_list_lifts_its_own_restriction_and_not_that_of_a_librarian(library: Library, disk: Path) -> None:
    state(library, disk, "公开", "1")
    edit(library, access="members")
    assert [state(library, disk, "馆内", "2"), state(library, disk, "公开", "3")] == ["premises", "members"]
    edit(library, access="public")
    assert [state(library, disk, "馆内", "4"), state(library, disk, "公开", "5")] == ["premises", "public"]


def test_a_list_lifts_its_own_restriction_and_not_that_of_a_merge(library: Library, disk: Path) -> None:
    state(library, disk, "公开", "1")
    kept_id = record_of(library).id
    with library.database.writing() as session:
        gone_id = commands.add_record(session, RecordDraft(Kind.BOOK, "观察", access=Access.MEMBERS))
        session.flush()
        merging.merge(session, kept_id, gone_id, Actor("desk"))
    assert [state(library, disk, "馆内", "2"), state(library, disk, "公开", "3")] == ["premises", "members"]


@pytest.mark.parametrize("is_access_changed", [True, False])
def test_an_undone_batch_leaves_no_statement(library: Library, disk: Path, is_access_changed: bool) -> None:
    state(library, disk, "馆内", "1")
    if not is_access_changed:
        (disk / LIST).unlink()
        state(library, disk, "馆内", "1b", name=OTHER)
        (disk / OTHER).unlink()
    write(disk, "公开", "2", heading=HEADING)
    batch = take_in(library, disk).batch
    assert record_of(library).access == ("public" if is_access_changed else "premises")
    with library.database.writing() as session:
        revisions.undo_batch(session, batch, Actor("desk"))
        assert {one.action for one in revisions.history(session, record_of(library).id)} <= {
            "added",
            "edited",
            "undone",
        }
    assert record_of(library).access == "premises"
    (disk / LIST).unlink()
    for remark in "34":
        assert state(library, disk, "公开", remark, name=OTHER) == "premises"
    (disk / OTHER).unlink()
    assert state(library, disk, "公开", "5") == "public"


def test_another_list_does_not_lift_what_was_restricted_before_statements_were_kept(
    library: Library, disk: Path
) -> None:
    state(library, disk, "读者证", "1")
    with library.database.writing() as session:
        session.execute(text("UPDATE records SET details = '{}'"))
    (disk / LIST).unlink()
    assert state(library, disk, "馆内", "2", name=OTHER) == "premises"
    assert state(library, disk, "公开", "3", name=OTHER) == "members"


def test_a_new_record_at_an_old_path_is_lifted_only_by_what_restricted_the_old_one(
    library: Library, disk: Path
) -> None:
    state(library, disk, "馆内", "1")
    (disk / LIST).unlink()
    old_id = record_of(library).id

    def accesses(body: str) -> set[str]:
        (disk / "a.txt").write_text(f"书名：完全另外\n使用范围：公开\n{body}\n", "utf-8")
        assert take_in(library, disk).rejected == 0
        with library.database.reading() as session:
            ids = [one for one in queries.published_ids(session, "", 1000) if one != old_id]
            return {str(record.access) for one in ids if (record := queries.record(session, one))}

    assert accesses("第一稿") == {"premises"}
    assert accesses("第二稿") == {"premises"}
    workbook(disk / OTHER, ["书名", "文件", "使用范围"], ["完全另外", "a.txt", "公开"])
    assert accesses("第二稿") == {"premises"}
    (disk / OTHER).unlink()
    workbook(disk / LIST, ["书名", "文件", "使用范围"], ["完全另外", "a.txt", "公开"])
    assert accesses("第二稿") == {"public"}
