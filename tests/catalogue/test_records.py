from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alembic.operations import BatchOperations as Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from library_server.catalogue import migrations, outbox
from library_server.catalogue.batches import repository
from library_server.catalogue.details import Position, RecordDetails
from library_server.catalogue.dto import CreatorName, HoldingView, RecordDraft
from library_server.catalogue.enums import Access, BatchState, EntryState, Kind, LinkType
from library_server.catalogue.migrations import migrate
from library_server.catalogue.models import OutboxRow
from library_server.catalogue.normalization.classification import main_class, normalize_class
from library_server.catalogue.normalization.identifiers import new_id, normalize_isbn
from library_server.catalogue.records import commands, queries
from library_server.catalogue.records.commands import NewAsset, RecordNotFound
from library_server.database.engine import Database
from library_server.library import Library
from tests.support.records import load_record


def book(title: str = "柑橘栽培手记", **fields: object) -> RecordDraft:
    return RecordDraft(kind=Kind.BOOK, title=title, **fields)  # type: ignore[arg-type]


def test_a_record_comes_back_as_it_was_described(library: Library) -> None:
    with library.database.writing() as session:
        record_id = commands.add_record(
            session,
            book(
                creators=(CreatorName("陈守田", "author"), CreatorName("谭素芳", "editor")),
                isbn="7-5327-0018-6",
                clc="ｓ666",
                date="民国二十三年",
                language="zh_CN",
                subjects=("柑橘", "果树"),
                details=RecordDetails(gps=Position(latitude=27.8, longitude=113.1), format="epub"),
            ),
        )
        commands.add_holding(session, record_id, HoldingView("三门镇农家书屋", "S666/1", 2))
    view = load_record(library, record_id)
    assert view.creators == ("陈守田", "谭素芳")
    assert view.isbns == ("9787532700189",)
    assert (view.clc, view.year, view.date_edtf, view.language) == ("S666", 1934, "1934", "zh-CN")
    assert view.subjects == ("柑橘", "果树")
    assert view.holdings[0].copies == 2
    assert view.details == RecordDetails(format="epub")


def test_isbn_is_checked_and_becomes_13_digits() -> None:
    assert normalize_isbn("0-306-40615-2") == "9780306406157"
    assert normalize_isbn("978-0-306-40615-7") == "9780306406157"
    assert normalize_isbn("978-0-306-40615-8") is None
    assert normalize_isbn("7-5327-0018-1") is None


def test_clc_numbers_begin_with_one_of_22_classes() -> None:
    assert normalize_class("ＴＰ312") == "TP312"
    assert normalize_class("L12") is None
    assert main_class("S666") == "S"
    assert main_class(None) is None


def test_ids_sort_by_time_and_never_repeat() -> None:
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert [record_id[:9] for record_id in ids] == sorted(record_id[:9] for record_id in ids)


def test_every_write_is_announced_to_the_index(library: Library) -> None:
    with library.database.writing() as session:
        record_id = commands.add_record(session, book())
    with library.database.writing() as session:
        commands.withdraw(session, record_id, "版权到期")
        commands.set_access(session, record_id, Access.MEMBERS)
    with library.database.reading() as session:
        numbers, ids = outbox.load_pending(session, 10)
        assert (numbers, ids) == ([1, 2, 3], [record_id])
        assert queries.load_cards(session, [record_id]) == []
        assert queries.find_restriction(session, record_id) == "withdrawn"


def test_a_row_that_is_committed_below_others_is_not_removed_with_them(library: Library) -> None:
    with library.database.writing() as session:
        session.add_all([OutboxRow(number=number, record_id="a", withdrawn=False) for number in (1, 3)])
    with library.database.reading() as session:
        numbers, _ = outbox.load_pending(session, 10)
    with library.database.writing() as session:
        session.add(OutboxRow(number=2, record_id="b", withdrawn=False))
    with library.database.writing() as session:
        outbox.delete_rows(session, numbers)
    with library.database.reading() as session:
        assert outbox.load_pending(session, 10) == ([2], ["b"])


def test_a_failed_write_leaves_nothing(library: Library) -> None:
    def failing() -> None:
        with library.database.writing() as session:
            commands.add_record(session, book())
            commands.withdraw(session, "none", "x")

    with pytest.raises(RecordNotFound):
        failing()
    with library.database.reading() as session:
        assert queries.count_published(session) == 0
        assert outbox.count_backlog(session) == 0


def test_keyset_pages_show_every_record_once(library: Library) -> None:
    with library.database.writing() as session:
        record_ids = [commands.add_record(session, book(f"第 {number} 种")) for number in range(25)]
        slug = commands.get_or_create_collection(session, "oranges", "柑橘")
        for record_id in record_ids:
            commands.add_to_collection(session, slug, record_id)
    card_ids: list[str] = []
    with library.database.reading() as session:
        while page := queries.in_collection(session, "oranges", before=card_ids[-1] if card_ids else None, limit=10):
            card_ids += [card.id for card in page]
    assert sorted(card_ids) == sorted(record_ids)
    assert len(card_ids) == 25


def test_parts_are_ordered_by_number_and_name_their_parent(library: Library) -> None:
    with library.database.writing() as session:
        course = commands.add_record(session, RecordDraft(kind=Kind.LECTURE, title="课", local_id="/a/课"))
        for number in (2, 1):
            part = commands.add_record(session, RecordDraft(kind=Kind.LECTURE, title="讲", part_number=number))
            commands.add_link(session, part, LinkType.PART_OF, course)
        person = commands.add_record(session, RecordDraft(kind=Kind.PERSON, title="陈守田"))
        commands.add_link(session, course, LinkType.ABOUT, person)
        assert commands.find_id_by_local_id(session, "/a/课") == course
    with library.database.reading() as session:
        assert [card.part_number for card in queries.list_parts(session, course)] == [1, 2]
        whole = queries.find_parent(session, part)
        assert whole is not None
        assert whole.id == course
        assert [card.id for card in queries.list_related(session, person)] == [course]


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (queries.newest_query((), None, 24), "ix_records_status_id"),
        (queries.newest_query((Kind.BOOK,), "06h", 24), "ix_records_status_kind_id"),
        (queries.newest_query((Kind.PHOTO,), None, 8), "ix_records_status_kind_id"),
    ],
)
def test_pages_are_read_by_index(library: Library, statement: object, index: str) -> None:
    compiled = str(statement.compile(library.database.engine, compile_kwargs={"literal_binds": True}))  # type: ignore[attr-defined]
    is_sqlite = library.database.engine.dialect.name == "sqlite"
    with library.database.engine.connect() as connection:
        if not is_sqlite:  # it would read a small table from one end to the other
            connection.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        plan = " ".join(str(row[-1]) for row in connection.execute(text(f"{explain} {compiled}")))
    assert index in plan
    assert ("TEMP B-TREE" if is_sqlite else "Sort") not in plan


def test_several_kinds_are_each_read_by_the_index(library: Library) -> None:
    statement = queries.newest_query((Kind.LECTURE, Kind.FILM, Kind.PERFORMANCE), "06h", 12)
    compiled = str(statement.compile(library.database.engine, compile_kwargs={"literal_binds": True}))
    is_sqlite = library.database.engine.dialect.name == "sqlite"
    with library.database.engine.connect() as connection:
        if not is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        plan = "\n".join(str(row[-1]) for row in connection.execute(text(f"{explain} {compiled}")))
    assert plan.count("ix_records_status_kind_id") == 3, plan
    assert "SCAN records" not in plan


def test_the_newest_of_several_kinds_are_merged_by_age(library: Library) -> None:
    kinds = (Kind.LECTURE, Kind.BOOK, Kind.FILM, Kind.LECTURE, Kind.FILM)
    with library.database.writing() as session:
        ids = [commands.add_record(session, replace(book(), kind=kind)) for kind in kinds]
    expected = [record_id for record_id, kind in zip(ids, kinds, strict=True) if kind != Kind.BOOK][::-1]
    with library.database.reading() as session:
        several = (Kind.LECTURE, Kind.FILM)
        assert [card.id for card in queries.list_newest(session, kinds=several, limit=3)] == expected[:3]
        assert [card.id for card in queries.list_newest(session, kinds=several, before=expected[1])] == expected[2:]


def test_an_original_is_unique_by_its_checksum(library: Library) -> None:
    new = NewAsset("original", "text/plain", 1, "a" * 64, "originals/aa/aa/" + "a" * 64)
    with library.database.writing() as session:
        record_id = commands.add_record(session, book())
        commands.add_asset(session, record_id, new)
    with library.database.reading() as session:
        original = queries.original_by_sha256(session, "a" * 64)
    assert original is not None
    assert original.record_id == record_id
    with pytest.raises(IntegrityError), library.database.writing() as session:
        commands.add_asset(session, record_id, new)


def test_batches_remember_what_became_of_each_source(library: Library) -> None:
    with library.database.writing() as session:
        crashed = repository.open_batch(session, ["/disk"], {})
    with library.database.writing() as session:
        batch = repository.open_batch(session, ["/disk"], {})
        repository.add_entries(
            session, batch, [repository.EntryView("/disk/a", "1-1", 1, EntryState.REJECTED, "archive", "r")]
        )
        repository.close_batch(session, batch)
    with library.database.reading() as session:
        states = {batch_view.id: batch_view.state for batch_view in repository.list_batches(session)}
        assert states == {crashed: BatchState.INTERRUPTED, batch: BatchState.FINISHED}
        assert repository.list_entries(session, batch, EntryState.REJECTED)[0].code == "archive"
        assert repository.find_imported(session, {"/disk/a": "1-1"}) == {}


def test_a_kill_in_the_middle_of_a_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(f"sqlite:///{tmp_path / 'library.db'}")
    real = Operations.create_index
    monkeypatch.setattr(migrations, "create_schema", lambda _: None)  # so that every migration is run
    monkeypatch.setattr(Operations, "create_index", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        migrate(database.engine)
    monkeypatch.setattr(Operations, "create_index", real)
    migrate(database.engine)
    with database.reading() as session:
        assert queries.count_published(session) == 0
    database.engine.dispose()


def test_a_database_that_is_up_to_date_is_not_migrated(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("library_server.catalogue.migrations.upgrade", None)
    migrate(library.database.engine)


def test_the_known_revisions_are_those_of_alembic(library: Library) -> None:
    script = ScriptDirectory.from_config(migrations.make_configuration())
    with library.database.engine.connect() as connection:
        assert migrations.known_revision(connection) == script.get_current_head()
        assert MigrationContext.configure(connection).get_current_heads() == (script.get_current_head(),)
    for revision in script.walk_revisions():
        migrations.refuse_newer_revision(revision.revision)
