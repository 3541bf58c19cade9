"""One record that cannot be indexed never stops the index: it is left out, reported and named by `index verify`."""

from __future__ import annotations

import itertools
import json
import random
import secrets
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from library_server.app import create_app
from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import CreatorRole, Kind
from library_server.catalogue.indexed_records import ABSTRACT_LENGTH, IndexedRecord, read_indexed_records
from library_server.catalogue.records import commands, queries
from library_server.cli import main
from library_server.library import Library
from library_server.search import service
from library_server.search.records import document_loading, documents, index_writer, indexer
from library_server.search.records.snapshots import RecordIndex
from library_server.search.results import SearchQuery
from tests.support.libraries import open_library_at


def add_record(library: Library, **fields: Any) -> str:
    with library.database.writing() as session:
        return commands.add_record(session, RecordDraft(**{"kind": Kind.BOOK, "title": "柑橘", **fields}))


def change_row(library: Library, record_id: str, **columns: object) -> None:
    """Change columns behind the catalogue's back, as an older release may have written them."""
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    with library.database.writing() as session:
        session.execute(text(f"UPDATE records SET {assignments} WHERE id = :id"), {**columns, "id": record_id})


def titles_found(library: Library, words: str = "") -> list[str]:
    """Titles found by an index that is opened now, as after a restart."""
    results = service.search(RecordIndex(library.settings.index_folder), SearchQuery(words))
    with library.database.reading() as session:
        return sorted(card.title for card in service.load_cards(session, results).cards)


def index_folders(library: Library) -> list[Path]:
    return list(library.settings.index_folder.glob("records-*"))


@pytest.mark.parametrize("date", [99999_01_01, -99999_01_01, 2**31 - 1, -(2**31), 2**40, -(2**62)])
def test_a_year_out_of_bounds_is_no_year(library: Library, date: int) -> None:
    far, near = add_record(library, title="远"), add_record(library, title="近", date="1998")
    change_row(library, far, date_earliest=date)
    library.indexer.catch_up()
    assert titles_found(library) == ["近", "远"]
    library.indexer.rebuild()
    assert titles_found(library) == ["近", "远"]
    results = service.search(RecordIndex(library.settings.index_folder), SearchQuery("", sort="date"))
    assert results.ids == (near, far)
    assert [(value.value, value.count) for value in results.facets["year"]] == [("1998", 1)]


def test_years_before_the_common_era_are_found(library: Library) -> None:
    add_record(library, title="秦简", date="-0220")
    library.indexer.catch_up()
    assert titles_found(library, "秦简") == ["秦简"]


@pytest.fixture
def one_fails(library: Library, monkeypatch: pytest.MonkeyPatch) -> str:
    """A record of three whose document cannot be made; gives its id."""
    ids = [add_record(library, title=title) for title in ("甲", "乙", "丙")]
    document = documents.build_document

    def failing(source: IndexedRecord) -> dict[str, Any]:
        if source.id == ids[1]:
            raise ZeroDivisionError("made by the test")
        return document(source)

    monkeypatch.setattr(document_loading, "build_document", failing)
    return ids[1]


@pytest.mark.parametrize("way", ["catch_up", "rebuild"])
def test_a_record_that_cannot_be_indexed_is_left_out_and_named(library: Library, one_fails: str, way: str) -> None:
    getattr(library.indexer, way)()
    assert titles_found(library) == ["丙", "甲"]
    verification = library.indexer.verify()
    assert not verification.agrees
    assert verification.missing == (one_fails,)
    assert "ZeroDivisionError" in verification.unindexed[one_fails]
    assert library.indexer.get_status().unindexed == 1
    assert library.indexer.get_status().backlog == 0


def test_the_command_names_the_record_and_the_reason(library: Library, one_fails: str) -> None:
    library.indexer.catch_up()
    environment = {"TIANYUAN_HOME": str(library.settings.home)}
    verified = CliRunner().invoke(main, ["index", "verify", "--json"], env=environment)
    assert verified.exit_code == 3
    assert json.loads(verified.stdout)["unindexed"] == [
        {"id": one_fails, "reason": "ZeroDivisionError: made by the test"}
    ]
    shown = CliRunner().invoke(main, ["index", "verify"], env=environment).stdout
    assert f"{one_fails}  ZeroDivisionError" in shown
    status = CliRunner().invoke(main, ["index", "status", "--json"], env=environment)
    assert json.loads(status.stdout)["unindexed"] == 1


def test_metrics_count_what_cannot_be_indexed(library: Library, one_fails: str) -> None:
    client = create_app(library).test_client()
    assert "tianyuan_index_unindexed" not in client.get("/metrics").text  # no index has been built yet
    library.indexer.catch_up()
    assert "tianyuan_index_unindexed 1.0" in client.get("/metrics").text


def test_a_mended_record_is_indexed_and_no_longer_named(
    library: Library, one_fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.indexer.catch_up()
    monkeypatch.setattr(document_loading, "build_document", documents.build_document)
    with library.database.writing() as session:
        commands.enqueue_reindex(session, one_fails)
    library.indexer.catch_up()
    assert titles_found(library) == ["丙", "乙", "甲"]
    assert library.indexer.verify().agrees
    assert library.indexer.verify().unindexed == {}
    assert library.indexer.get_status().unindexed == 0


def test_a_withdrawn_record_is_no_longer_named(library: Library, one_fails: str) -> None:
    library.indexer.catch_up()
    with library.database.writing() as session:
        commands.withdraw(session, one_fails, "版权到期")
    library.indexer.catch_up()
    assert library.indexer.verify().agrees
    assert library.indexer.get_status().unindexed == 0


def test_a_fault_that_passes_leaves_nothing_out(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    add_record(library, title="甲")
    document, calls = documents.build_document, []

    def failing_once(source: IndexedRecord) -> dict[str, Any]:
        calls.append(source)
        if len(calls) == 1:
            raise MemoryError
        return document(source)

    monkeypatch.setattr(document_loading, "build_document", failing_once)
    library.indexer.catch_up()
    assert titles_found(library) == ["甲"]
    assert library.indexer.verify().unindexed == {}


@pytest.mark.parametrize(
    "columns",
    [{"details": "{not json"}, {"other_titles": "null"}, {"other_titles": "[1, null]"}, {"language": "x" * 10_000}],
)
@pytest.mark.parametrize("way", ["catch_up", "rebuild"])
def test_a_damaged_row_stops_no_other(library: Library, columns: dict[str, object], way: str) -> None:
    for number in range(5):
        add_record(library, title=f"好书{number}")
    damaged = add_record(library, title="坏行")
    change_row(library, damaged, **columns)
    getattr(library.indexer, way)()
    with library.database.reading() as session:
        known = [ids for ids in queries.published_ids(session, "", 100) if ids != damaged]
    results = service.search(RecordIndex(library.settings.index_folder), SearchQuery("好书"))
    assert sorted(results.ids) == sorted(known)
    assert set(library.indexer.verify().missing) <= {damaged}


def test_a_writer_that_fails_on_one_record_is_tried_without_it(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [add_record(library, title=f"书{number}") for number in range(9)]
    add_documents = index_writer.add_documents

    def failing(writer: Any, loaded: Any) -> None:
        if any(values["id"] == ids[4] for values in loaded):
            raise KeyError("made by the test")
        add_documents(writer, loaded)

    monkeypatch.setattr(index_writer, "add_documents", failing)
    library.indexer.rebuild()  # the one record costs a second pass
    assert set(library.indexer.verify().unindexed) == {ids[4]}
    assert len(titles_found(library)) == 8
    for record_id in ids:
        with library.database.writing() as session:
            commands.enqueue_reindex(session, record_id)
    library.indexer.catch_up()
    assert set(library.indexer.verify().unindexed) == {ids[4]}
    assert len(titles_found(library)) == 8


def test_a_full_disk_blames_no_record(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    add_record(library, title="甲")
    library.indexer.rebuild()
    add_record(library, title="乙")

    def full(_writer: Any, _loaded: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(index_writer, "add_documents", full)
        for way in (library.indexer.catch_up, library.indexer.rebuild):
            with pytest.raises(OSError, match="No space"):
                way()
    assert library.indexer.get_status().unindexed == 0
    assert titles_found(library) == ["甲"]
    library.indexer.catch_up()
    assert titles_found(library) == ["乙", "甲"]


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), RuntimeError("made by the test")])
def test_a_fault_of_the_machine_blames_no_record(
    library: Library, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for number in range(30):
        add_record(library, title=f"书{number}")
    library.indexer.rebuild()

    def failing(_source: IndexedRecord) -> dict[str, Any]:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(document_loading, "build_document", failing)
        with pytest.raises((OSError, document_loading.IndexingFailed)):
            library.indexer.rebuild()
    assert len(titles_found(library)) == 20  # one page of records
    assert library.indexer.get_status().unindexed == 0


def test_a_rebuild_that_fails_or_was_killed_leaves_no_folder(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    add_record(library)
    library.indexer.rebuild()
    (generation,) = index_folders(library)
    killed = library.settings.index_folder / "records-0badc0de"
    killed.mkdir()
    (killed / "half").write_bytes(b"half")

    def failing(*_: Any) -> None:
        raise RuntimeError("made by the test")

    with monkeypatch.context() as patched:
        patched.setattr(indexer, "publish_generation", failing)
        with pytest.raises(RuntimeError):
            library.indexer.rebuild()
    assert index_folders(library) == [generation]
    assert titles_found(library) == ["柑橘"]


def test_details_that_cannot_be_read_do_not_keep_a_record_from_being_found(library: Library) -> None:
    change_row(library, add_record(library, title="坏行"), details="{not json")
    library.indexer.catch_up()
    assert library.indexer.verify().agrees


def test_a_record_is_indexed_with_all_that_belongs_to_it(library: Library) -> None:
    creators = (CreatorName("乙", CreatorRole.AUTHOR), CreatorName("甲", CreatorRole.EDITOR))
    record_id = add_record(library, title="柑橘", other_titles=("橘子",), creators=creators, subjects=("栽培", "果树"),
                           isbn="9787101000016", abstract="字" * 5000)  # fmt: skip
    withdrawn = add_record(library, title="撤下")
    with library.database.writing() as session:
        commands.withdraw(session, withdrawn, "版权到期")
    with library.database.reading() as session:
        records = read_indexed_records(session, [record_id, withdrawn])
    assert list(records) == [record_id]
    record = records[record_id]
    assert (record.kind, record.title, list(record.other_titles)) == ("book", "柑橘", ["橘子"])
    assert (record.creators, record.subjects, record.isbns) == (("乙", "甲"), ("栽培", "果树"), ("9787101000016",))
    assert record.abstract == "字" * ABSTRACT_LENGTH


def test_what_was_left_out_is_kept_over_a_restart(library: Library, one_fails: str) -> None:
    library.indexer.catch_up()
    reopened = open_library_at(library.settings.home, library.settings)
    assert set(reopened.indexer.verify().unindexed) == {one_fails}
    reopened.database.engine.dispose()


any_text = st.text(max_size=80)
numbers = st.one_of(st.none(), st.integers())
some_text = st.one_of(st.none(), any_text)
drafts = st.builds(
    RecordDraft,
    kind=st.sampled_from(list(Kind)),
    title=st.one_of(any_text, st.text(alphabet="柑橘栽培 \u200b\U00020000éＡ①", max_size=300)),
    other_titles=st.lists(any_text, max_size=3).map(tuple),
    creators=st.lists(
        st.builds(CreatorName, name=any_text, role=st.sampled_from([str(role) for role in CreatorRole])), max_size=6
    ).map(tuple),
    publisher=some_text,
    place=some_text,
    date=st.one_of(
        some_text,
        st.from_regex(r"Y?-?[0-9XY]{1,9}(-[0-9]{1,2})?[~?]?", fullmatch=True),
        st.from_regex(r"(民国|公元前|约)?[〇一二三四五六七八九十0-9]{1,6}年?", fullmatch=True),
    ),
    language=some_text,
    isbn=some_text,
    clc=some_text,
    subjects=st.lists(any_text, max_size=4).map(tuple),
    abstract=some_text,
    series=some_text,
    part_number=numbers,
    place_covered=some_text,
    time_covered=some_text,
    extent=numbers,
    duration_ms=numbers,
)


@pytest.mark.property
@settings(deadline=None)
@given(batch=st.lists(drafts, min_size=1, max_size=8))
@pytest.mark.long
def test_any_record_that_the_catalogue_accepts_can_be_indexed(
    small_libraries: Iterator[Library], batch: list[RecordDraft]
) -> None:
    random.seed(secrets.randbits(64))  # Hypothesis seeds it alike each time, and Whoosh names its segments by it
    indexed = next(small_libraries)
    accepted = []
    for draft in batch:
        with indexed.database.writing() as session:
            accepted.append(commands.add_record(session, draft))
    indexed.indexer.catch_up()
    verification = indexed.indexer.verify()
    assert verification.unindexed == {}
    assert verification.agrees
    assert set(accepted) <= {
        name.decode() for name in RecordIndex(indexed.indexer.root).get_snapshot().read_column("id")
    }


@pytest.fixture(scope="module")
def small_libraries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Library]]:
    """The same library a hundred times, then a new one: `verify` reads all that was added before."""

    def libraries() -> Generator[Library]:
        while True:
            opened = open_library_at(tmp_path_factory.mktemp("property") / "home")
            try:
                yield from itertools.repeat(opened, 100)
            finally:
                opened.database.engine.dispose()

    drawn = libraries()
    yield drawn
    drawn.close()
