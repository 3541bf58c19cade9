"""Whatever a draft says, the catalogue keeps it: every value fits its column, and what was cut is said."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import JSON, BigInteger, Integer, String, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from library_server.catalogue import bulk_edits
from library_server.catalogue.assets import versions
from library_server.catalogue.batches import repository
from library_server.catalogue.bounds import (
    ELLIPSIS,
    ITEMS,
    LARGEST_INTEGER,
    LIMITS,
    Shortening,
    bound_draft,
    bound_json,
    bound_text,
    shorten,
)
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.dto import CreatorName, HoldingView, RecordDraft
from library_server.catalogue.enums import Access, CreatorRole, EntryState, Kind
from library_server.catalogue.indexed_records import read_indexed_records
from library_server.catalogue.models.records import DetailsJson
from library_server.catalogue.normalization.text import normalize
from library_server.catalogue.records import commands, fields, queries, revisions, source_records
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.revisions import Actor
from library_server.catalogue.records.source_records import Source
from library_server.database.engine import Base, Database
from library_server.library import Library
from library_server.search.records.documents import build_document
from tests.properties.strategies import integers, json_values, texts
from tests.support.libraries import open_library_at

pytestmark = pytest.mark.property
some = st.lists(texts, max_size=4)
many = some | st.builds(lambda text, count: [text] * count, texts, st.integers(90, 700))


def credited(names: list[str]) -> tuple[CreatorName, ...]:
    """Names with every role there is, and with one that is none."""
    return tuple(CreatorName(name, str(role)) for name, role in zip(names, [*CreatorRole, "x"] * 99, strict=False))


stored_details = st.builds(
    RecordDetails.from_json,
    st.dictionaries(texts, json_values, max_size=3)
    | st.fixed_dictionaries(
        {"statements": st.dictionaries(st.sampled_from(["notes", "contents", "edition"]), many | texts, max_size=3)}
    ),
)
drafts = st.builds(
    RecordDraft,
    kind=st.sampled_from(Kind),
    title=texts,
    other_titles=many.map(tuple),
    language=st.none() | texts,
    isbn=st.none() | texts,
    creators=many.map(credited),
    publisher=st.none() | texts,
    place=st.none() | texts,
    date=st.none() | texts,
    clc=st.none() | texts,
    subjects=many.map(tuple),
    abstract=st.none() | texts,
    series=st.none() | texts,
    part_number=st.none() | integers,
    place_covered=st.none() | texts,
    time_covered=st.none() | texts,
    rights=st.none() | texts,
    access=st.sampled_from(Access),
    extent=st.none() | integers,
    duration_ms=st.none() | integers,
    source_path=st.none() | texts,
    local_id=st.none() | texts,
    details=stored_details,
    photo_hash=st.none() | st.integers(-(2**63), 2**63 - 1),
)


def misfits(kind: TypeEngine[Any], value: Any) -> Iterator[str]:
    """Why PostgreSQL would not keep a value in a column of this type; SQLite forgives most of it."""
    if value is None:
        return
    if isinstance(kind, DetailsJson):
        yield from misfits(JSON(), value.to_json())
    elif isinstance(kind, JSON):
        for part in _parts(value):
            if isinstance(part, float) and not math.isfinite(part):
                yield "not finite"
            yield from misfits(String(), part) if isinstance(part, str) else ()
    elif isinstance(kind, String):
        if kind.length is not None and len(value) > kind.length:
            yield f"{len(value)} characters of {kind.length}"
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            yield "NUL or a lone surrogate"
    elif isinstance(kind, Integer) and isinstance(value, int):
        largest = 2**63 - 1 if isinstance(kind, BigInteger) else LARGEST_INTEGER
        if not -largest - 1 <= value <= largest:
            yield f"{value} is too large"


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from (name, *_parts(member))
    elif isinstance(value, list):
        for member in value:
            yield from _parts(member)
    else:
        yield value


def all_misfits(session: Session) -> list[str]:
    """Every value of every table that would not fit its column."""
    return [
        f"{table.name}.{column.name}: {why}"
        for table in Base.metadata.sorted_tables
        for row in session.execute(select(table)).mappings()
        for column in table.columns
        for why in misfits(column.type, row[column.name])
    ]


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    opened = open_library_at(tmp_path_factory.mktemp("border") / "home")
    yield opened
    opened.database.engine.dispose()


class _Undone(Exception):
    """Raised to roll a transaction back."""


def rolled_back(database: Database) -> Iterator[Session]:
    try:
        with database.writing() as session:
            yield session
            raise _Undone
    except _Undone:
        pass


@given(draft=drafts)
@pytest.mark.long
def test_any_draft_is_catalogued_and_fits_its_columns(border: Library, draft: RecordDraft) -> None:
    for session in rolled_back(border.database):
        record_id = commands.add_record(session, draft)
        session.flush()
        assert all_misfits(session) == []
        view = queries.find_record(session, record_id)
        assert view is not None
        assert build_document(read_indexed_records(session, [record_id])[record_id])["id"] == record_id
        stored = view.details.to_json()
        assert json.loads(json.dumps(stored, allow_nan=False)) == stored


@given(draft=drafts, other=drafts, place=texts, mark=st.none() | texts, copies=integers)
@pytest.mark.long
def test_any_change_of_a_record_fits_its_columns(
    border: Library, draft: RecordDraft, other: RecordDraft, place: str, mark: str | None, copies: int
) -> None:
    by, holding = Actor("测试"), HoldingView(place, mark, copies)
    for session in rolled_back(border.database):
        record_id = commands.add_record(session, draft)
        values = fields.values_of_draft(other)
        revisions.revise(session, record_id, values, by)
        assert revisions.revise(session, record_id, values, by) == {}  # the same change a second time changes nothing
        commands.add_holding(session, record_id, holding)
        bulk_edits.set_holdings(session, [(record_id, holding)], by)
        assert bulk_edits.set_holdings(session, [(record_id, holding)], by) == set()
        commands.update_details(session, record_id, other.details)
        commands.withdraw(session, record_id, place)
        source_records.save_source_records(session, {record_id: Source("cnmarc", place)})
        assert source_records.load_source_records(session, [record_id]).get(record_id) is not None
        session.flush()
        assert all_misfits(session) == []


@given(name=texts, details=stored_details)
@pytest.mark.slow
def test_any_asset_and_version_fits_its_columns(border: Library, name: str, details: RecordDetails) -> None:
    asset = NewAsset("original", name, 1, "0" * 64, "originals/00", label=name, language=name, filename=name)
    for session in rolled_back(border.database):
        record_id = commands.add_record(session, RecordDraft(Kind.BOOK, "书"))
        commands.add_asset(session, record_id, asset)
        versions.add_version(
            session, record_id, NewAsset("original", name, 1, "1" * 64, "originals/11"), [], details, Actor("甲")
        )
        session.flush()
        assert all_misfits(session) == []


@given(
    path=texts,
    reason=st.none() | texts,
    given_row=st.none() | st.dictionaries(texts, texts, max_size=3),
    actor=texts,
    sources=some,
)
@pytest.mark.slow
def test_any_entry_fits_its_columns_and_is_found_again(
    border: Library,
    path: str,
    reason: str | None,
    given_row: dict[str, str] | None,
    actor: str,
    sources: list[str],
) -> None:
    for session in rolled_back(border.database):
        batch = repository.open_batch(session, sources, {"collection": path}, actor)
        entry = repository.EntryView(path, path, 1, EntryState.REJECTED, "internal", reason, None, None, given_row)
        repository.add_entries(session, batch, [entry])
        session.flush()
        assert not [misfit for misfit in all_misfits(session) if not misfit.startswith("batches.")]
        assert repository.is_known_source(session, path)
        assert repository.find_imported(session, [path]) == {}
        assert len(repository.list_entries(session, batch)) == 1


@example(RecordDraft(kind=Kind.BOOK, title="题", rights="A\ud7fc\u0300"))  # a combining mark joins the letter before it
@given(drafts)
@pytest.mark.slow
def test_bounds_are_kept_and_what_is_cut_is_said(draft: RecordDraft) -> None:
    bounded, cut = bound_draft(draft)
    assert bound_draft(bounded) == (bounded, ())
    assert len(bounded.title) <= LIMITS["title"]
    assert len(bounded.subjects) <= ITEMS["subjects"]
    assert len(bounded.creators) <= ITEMS["creators"]
    named = {shortening.field for shortening in cut}
    assert (len(normalize(draft.title)) > LIMITS["title"]) == ("title" in named)
    assert (len(normalize(draft.abstract or "")) > LIMITS["abstract"]) == ("abstract" in named)
    assert (len(draft.subjects) > ITEMS["subjects"]) <= ("subjects" in named)
    assert (draft.extent is not None and abs(draft.extent) > LARGEST_INTEGER) == ("extent" in named)
    assert all(
        shortening.kept < shortening.length or shortening.field in {"statements", "details"} for shortening in cut
    ), cut


@given(texts, st.integers(4, 60))
def test_text_is_cut_between_characters(text: str, limit: int) -> None:
    shortened = shorten(text, limit)
    assert len(shortened) <= limit
    assert shortened == text or (shortened.endswith(ELLIPSIS) and text.startswith(shortened.removesuffix(ELLIPSIS)))


@pytest.mark.parametrize(
    ("cluster", "limit"),
    [("e\u0301", 7), ("👩🏽", 7), ("🇨🇳", 7), ("👨\u200d👩\u200d👧", 9), ("葛\U000e0100", 7), ("☎\ufe0f", 7)],
)
def test_no_character_is_cut_in_half(cluster: str, limit: int) -> None:
    for before in range(4):
        shortened = shorten("书" * before + cluster * 8, limit).removesuffix(ELLIPSIS)
        assert shortened == "书" * before + cluster * ((len(shortened) - before) // len(cluster))


@given(json_values)
@pytest.mark.slow
def test_any_json_is_kept_finite(value: Any) -> None:
    bounded = bound_json(value)
    assert list(misfits(JSON(), bounded)) == []
    assert bound_json(bounded) == bounded


def test_a_long_text_says_its_whole_length() -> None:
    cut: list[Shortening] = []
    assert len(bound_text("title", "书" * 1_000_000, cut) or "") == LIMITS["title"]
    assert cut == [Shortening("title", 1_000_000, LIMITS["title"])]
