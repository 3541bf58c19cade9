"""Whatever JSON is stored as the details of a record is read without an error, and nothing of it gets lost."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from library_server.catalogue.assets import generated_text
from library_server.catalogue.details import CoverImage, Media, OcrSummary, Position, RecordDetails, Statements
from library_server.catalogue.dto import HoldingView, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.indexed_records import read_indexed_records
from library_server.catalogue.records import commands, fields, queries
from library_server.catalogue.records.commands import NewAsset
from library_server.delivery.video.variants import list_variants, sound_tracks
from library_server.exchange.bibliographic import from_record, to_draft
from library_server.library import Library
from library_server.reader.shortening import shorten_for_display
from library_server.search.records.documents import build_document
from tests.properties.strategies import json_values, texts
from tests.support.libraries import open_library_at

pytestmark = pytest.mark.property

NESTED = (RecordDetails, CoverImage, Media, OcrSummary, Position, Statements)
NAMES = sorted({field.name for kind in NESTED for field in dataclass_fields(kind)} - {"extra"})
DEFAULTS: tuple[Any, ...] = (None, "", 0, False, [], {})

known_names = st.sampled_from(NAMES)
small_values = json_values | st.sampled_from([1, 0.5, "甲", True, [], ["甲"], [["甲", "", False]], {"甲": "乙"}, {}])
small_objects = st.dictionaries(known_names | texts, small_values, max_size=12)
stored = json_values | st.dictionaries(known_names | texts, small_values | small_objects, max_size=16)


def lost(before: Any, after: Any) -> list[Any]:
    """What of a JSON value is not in what was written: empty values of known keys are no loss."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            part
            for name, value in before.items()
            for part in (lost(value, after[name]) if name in after else [] if _is_nothing(name, value) else [name])
        ]
    if isinstance(before, float) and math.isnan(before):
        return [] if isinstance(after, float) and math.isnan(after) else [before]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [part for old, new in zip(before, after, strict=True) for part in lost(old, new)]
    return [] if before == after and type(before) is type(after) else [before]


def _is_nothing(name: str, value: Any) -> bool:
    """Whether a known key holds nothing: null, a default, or an object of nothing but such."""
    if isinstance(value, dict):
        return name in NAMES and all(_is_nothing(inner, member) for inner, member in value.items())
    return name in NAMES and any(value == default for default in DEFAULTS)


@given(stored)
def test_any_json_is_read_and_kept(value: Any) -> None:
    details = RecordDetails.from_json(value)
    written = details.to_json()
    if isinstance(value, dict):
        assert lost(value, written) == []
    else:
        assert written == {}
    again = RecordDetails.from_json(written)
    assert repr(again.to_json()) == repr(written)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, str]]:
    """A film with its sound and a rung, whose stored details are exchanged."""
    opened = open_library_at(tmp_path_factory.mktemp("details") / "home")
    with opened.database.writing() as session:
        draft = RecordDraft(Kind.FILM, "船歌", subjects=("湘江",), isbn="9787535762894", series="农家丛书", clc="S666")
        record_id = commands.add_record(session, draft)
        commands.add_holding(session, record_id, HoldingView("三门镇", None, 1))
        for role, label, media_type in (
            ("original", "", "video/mp4"),
            ("rendition", "240p", "video/mp4"),
            ("rendition", "audio", "audio/mp4"),
            ("cover", "480.jpg", "image/jpeg"),
        ):
            commands.add_asset(session, record_id, NewAsset(role, media_type, 1, "0" * 64, label, label))
    yield opened, record_id
    opened.database.engine.dispose()


@given(stored)
def test_no_stored_details_stop_what_reads_them(film: tuple[Library, str], value: Any) -> None:
    library, record_id = film
    with library.database.writing() as session:
        session.execute(
            text("UPDATE records SET details = :stored WHERE id = :id"), {"stored": json.dumps(value), "id": record_id}
        )
    with library.database.reading() as session:
        record = queries.find_record(session, record_id)
        indexed = read_indexed_records(session, [record_id])
        assert len(queries.load_cards(session, [record_id])) == 1
        assert list(generated_text.find_missing(session, "transcript"))[1:] == []
        assert list(generated_text.find_missing(session, "ocr"))[1:] == []
        fields.values_of_record(commands.get_record(session, record_id))
    assert record is not None
    shown = shorten_for_display(record)
    assert list_variants(shown)
    assert len(sound_tracks(shown)) <= len(shown.details.media.tracks)
    assert to_draft(from_record(record)).title
    assert build_document(indexed[record_id])["id"] == record_id


@given(st.dictionaries(texts, json_values, max_size=5), st.dictionaries(known_names, small_values, max_size=8))
def test_newer_details_take_the_place_of_older_ones(unknown: dict[str, Any], given_values: dict[str, Any]) -> None:
    older = RecordDetails.from_json(unknown)
    newer = RecordDetails.from_json(given_values)
    updated = older.merge(newer)
    assert repr(updated.to_json()) == repr(RecordDetails.from_json({**older.to_json(), **newer.to_json()}).to_json())
    for field in dataclass_fields(RecordDetails):
        stated = getattr(newer, field.name)
        if field.name != "extra" and stated not in (None, Media(), Statements(), {}):
            assert repr(getattr(updated, field.name)) == repr(stated)
