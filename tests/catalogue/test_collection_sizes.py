"""The stored size of a collection is the number of its published records, after whatever is done to them."""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind, Status
from library_server.catalogue.migrations import make_configuration, migrate
from library_server.catalogue.models import CollectionRecord, Record
from library_server.catalogue.records import collection_sizes, commands, queries, revisions
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.cli import main
from library_server.database.engine import Database
from library_server.library import Library
from tests.support.servers.postgresql_server import PostgreSQLServer

BY = Actor("test")


def fill_library(library: Library) -> tuple[list[str], list[str]]:
    with library.database.writing() as session:
        shelves = [commands.get_or_create_collection(session, slug) for slug in ("one", "two", "three")]
        records = [commands.add_record(session, RecordDraft(Kind.BOOK, f"书 {number}")) for number in range(12)]
    return shelves, records


@pytest.mark.long
def test_sizes_hold_after_any_sequence_of_changes(library: Library) -> None:
    shelves, records = fill_library(library)
    chance = random.Random(14)
    kinds_done = set()
    for _ in range(150):
        with library.database.writing() as session:
            for _ in range(chance.randint(1, 3)):  # several in one transaction, as an ingest does
                kinds_done.add(_change(session, chance, shelves, records))
        with library.database.reading() as session:
            assert collection_sizes.find_wrong_sizes(session) == {}
    assert len(kinds_done) == 8
    with library.database.reading() as session:
        assert any(collection.size for collection in queries.list_collections(session))


def _change(session: Session, chance: random.Random, shelves: list[str], records: list[str]) -> str:
    record_id, shelf, kind = chance.choice(records), chance.choice(shelves), chance.randrange(8)
    record = commands.get_record(session, record_id)
    if kind == 0:
        commands.withdraw(session, record_id, "版权到期")
    elif kind in {1, 2}:
        commands.add_to_collection(session, shelf, record_id)
    elif kind == 3:
        revisions.revise(session, record_id, {"status": chance.choice(list(Status))}, BY)
    elif kind == 4 and (row := session.get(CollectionRecord, (shelf, record_id))):
        session.delete(row)
    elif kind == 5:
        new = commands.add_record(session, RecordDraft(Kind.BOOK, "又一册"))
        commands.add_to_collection(session, shelf, new)
        records.append(new)
    elif kind == 6:
        others = [other_id for other_id in records if other_id != record_id]
        other = commands.get_record(session, chance.choice(others))
        if {record.status, other.status} == {Status.PUBLISHED}:
            merging.merge(session, record_id, other.id, BY)
    elif kind == 7 and merging.merged_into(session, record_id):
        merging.unmerge(session, record_id, BY)
    return str(kind)


def test_what_is_rolled_back_is_not_counted(library: Library) -> None:
    (shelf, *_), (record_id, *_) = fill_library(library)
    with library.database.writing() as session:
        commands.add_to_collection(session, shelf, record_id)
        session.flush()
        session.rollback()
    with library.database.writing() as session:
        nested = session.begin_nested()
        commands.add_to_collection(session, shelf, record_id)
        session.flush()
        nested.rollback()
        commands.add_to_collection(session, shelf, last_record_id(session))
    with library.database.reading() as session:
        assert {collection.slug: collection.size for collection in queries.list_collections(session)} == {
            "one": 1,
            "two": 0,
            "three": 0,
        }


def test_a_flush_that_fails_in_a_savepoint_is_not_counted(library: Library) -> None:
    (shelf, *_), (record_id, *_) = fill_library(library)
    with library.database.writing() as session:
        nested = session.begin_nested()
        session.add(CollectionRecord(collection_id=shelf, record_id=record_id))
        session.add(CollectionRecord(collection_id=shelf, record_id="no such record"))
        with pytest.raises(IntegrityError):
            session.flush()
        nested.rollback()
        commands.get_or_create_collection(session, "four")
        session.flush()
    with library.database.reading() as session:
        assert collection_sizes.find_wrong_sizes(session) == {}


def last_record_id(session: Session) -> str:
    return session.scalars(select(Record.id).order_by(Record.id.desc())).first() or ""


def test_verify_finds_and_mends_a_wrong_size(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    (shelf, *_), records = fill_library(library)
    with library.database.writing() as session:
        for record_id in records:
            commands.add_to_collection(session, shelf, record_id)
        session.execute(text("UPDATE collections SET size = 7 WHERE slug = 'one'"))
    library.indexer.catch_up()
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    run = CliRunner().invoke
    verified = run(main, ["index", "verify", "--json"])
    assert verified.exit_code == 3
    report = json.loads(verified.stdout)
    assert report["collections"] == [{"slug": "one", "stored": 7, "counted": 12}]
    assert report["agrees"] is False
    assert "index verify --repair" in run(main, ["index", "verify"]).output
    assert run(main, ["index", "verify", "--repair"]).exit_code == 0
    mended = run(main, ["index", "verify", "--json"])
    assert (mended.exit_code, json.loads(mended.stdout)["collections"]) == (0, [])


def test_an_older_library_is_counted_and_gets_addresses_that_work(library: Library) -> None:
    shelves, records = fill_library(library)
    with library.database.writing() as session:
        for record_id in records[:5]:
            commands.add_to_collection(session, shelves[0], record_id)
        commands.withdraw(session, records[0], "版权到期")
    library.indexer.catch_up()
    config = make_configuration()
    with library.database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
        connection.execute(text("DELETE FROM outbox"))
        for slug, new in (("one", "a/b"), ("two", ".."), ("three", "o'brien & sons=50~")):
            connection.execute(
                text("UPDATE collections SET slug = :new WHERE slug = :slug"), {"new": new, "slug": slug}
            )
        connection.execute(text("INSERT INTO collections (id, slug, title, impression, position)"
                                " VALUES ('x', 'a-b', 'a-b', false, 1)"))  # fmt: skip
    migrate(library.database.engine)
    with library.database.reading() as session:
        sizes = {collection.slug: collection.size for collection in queries.list_collections(session)}
        assert collection_sizes.find_wrong_sizes(session) == {}
        waiting = session.scalar(text("SELECT count(*) FROM outbox"))
    assert waiting == 5  # the index names collections by their slugs
    assert sizes["o'brien & sons=50~"] == sizes["a-b"] == 0
    assert [size for slug, size in sizes.items() if slug.startswith("a-b-")] == [4]
    assert not {"a/b", ".."} & sizes.keys()


@pytest.mark.long
def test_transactions_that_fill_collections_in_other_orders_do_not_deadlock(
    postgresql_server: PostgreSQLServer,
) -> None:
    url = postgresql_server.new_database()
    database = Database(url)
    slugs = ["one", "two"]
    both = threading.Barrier(2, timeout=5)

    def fill(order: list[str]) -> None:
        with database.writing() as session:
            for number, slug in enumerate(order):
                shelf = commands.get_or_create_collection(session, slug)
                record = commands.add_record(session, RecordDraft(Kind.BOOK, f"书 {slug}"))
                commands.add_to_collection(session, shelf, record)
                session.flush()
                if number == 0:
                    with suppress(threading.BrokenBarrierError):  # the other one waits for this one to end
                        both.wait()

    try:
        with ThreadPoolExecutor(2) as pool:
            for filled_one in [pool.submit(fill, slugs), pool.submit(fill, slugs[::-1])]:
                filled_one.result(60)
        with database.reading() as session:
            assert collection_sizes.find_wrong_sizes(session) == {}
            assert [collection.size for collection in queries.list_collections(session)] == [2, 2]
    finally:
        database.engine.dispose()
        postgresql_server.drop(url)
