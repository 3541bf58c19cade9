"""Details as earlier and later versions of the library stored them: read as typed values, written again unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from library_server.catalogue.details import Media, OcrSummary, RecordDetails, Statements
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands
from library_server.library import Library
from tests.support.records import load_record

COVER = {"width": 1200, "height": 1600, "color": "#a0522d"}
FILM = {
    "video": "h264", "width": 1920, "height": 1080, "rate": 25.0, "audio": "aac", "channels": 2, "bits": 4_000_000,
    "tracks": [{"language": "zh", "title": "普通话"}, {"language": "hsn", "title": ""}],
    "subtitles": [{"index": 1, "language": "und", "title": ""}],
}  # fmt: skip
CARD = {
    "edition": "第2版", "pages": "214页", "illustrations": "插图", "size": "26cm", "accompanying": "光盘1张",
    "original_language": "ja", "country": "CN", "agency": "HNLIB", "control_number": "012001",
    "notes": ["有虫眼", "题名取自封面"], "contents": ["目次"], "whole": ["农家丛书"], "urls": ["https://example.org/"],
    "responsibility": ["陈守田著"], "parallel_titles": ["Oranges"], "title": ["柑橘", ["栽培"], "上册", "育苗"],
    "agents": [["陈守田", "著", False], ["农学会", "编", True]], "topics": {"湘江": "geographic", "柑橘": "topical xy"},
    "series": [["农家丛书", "7"]], "isbns": [["9787535762894", "精装", "CNY12.50"]], "clc": ["S666", "S667"],
    "barcodes": {"三门镇": ["0001", "0002"]},
}  # fmt: skip
STORED: dict[Kind, list[dict[str, Any]]] = {
    Kind.BOOK: [
        {"version": "3.0", "cover": COVER, "format": "epub"},
        {"needs_ocr": False, "cover": COVER, "ocr": {"pages": 3, "confidence": 0.93, "unsure": []}, "format": "pdf"},
        {"encoding": "gb18030", "characters": 51_000, "format": "text", "undone_batch": "20260101-1"},
        {"statements": CARD, "access_stated": {"0123456789abcdef": "members", "baseline": "premises"}},
        {},
    ],
    Kind.AUDIO: [{"media": {"audio": "mp3", "channels": 1, "bits": 64_000}, "plays": True, "format": "audio"}],
    Kind.LECTURE: [{"media": FILM, "plays": True, "cover": COVER, "format": "video"}, {"course": True}],
    Kind.FILM: [{"media": {**FILM, "interlaced": True, "hdr": True}, "plays": False, "format": "video"}],
    Kind.PERFORMANCE: [{"media": FILM, "plays": False, "statements": {"notes": ["现场"]}, "format": "video"}],
    Kind.STORY: [{"encoding": "utf-8", "format": "story"}],
    Kind.PERSON: [{"encoding": "utf-8", "cover": COVER, "format": "story"}],
    Kind.PHOTO: [
        {"photo_hash": "8f00ff00aa55aa55", "cover": COVER, "needs_ocr": True, "camera": "Nikon D90",
         "gps": {"latitude": 27.825, "longitude": 113.13}, "format": "photo"},
    ],
}  # fmt: skip
EXAMPLES = [(kind, stored) for kind, examples in STORED.items() for stored in examples]


def record_with(library: Library, kind: Kind, stored: object) -> str:
    """A record whose column of details another version wrote."""
    with library.database.writing() as session:
        record_id = commands.add_record(session, RecordDraft(kind=kind, title="柑橘"))
        session.execute(
            text("UPDATE records SET details = :stored WHERE id = :id"), {"stored": json.dumps(stored), "id": record_id}
        )
    return record_id


def column_of(library: Library, record_id: str) -> object:
    """What the column of details holds."""
    with library.database.reading() as session:
        column = session.scalar(text("SELECT details FROM records WHERE id = :id"), {"id": record_id})
    return json.loads(str(column))


def test_there_is_an_example_of_each_kind() -> None:
    assert set(STORED) == set(Kind)


@pytest.mark.parametrize(("kind", "stored"), EXAMPLES)
def test_stored_details_are_typed_and_written_again_unchanged(
    library: Library, kind: Kind, stored: dict[str, Any]
) -> None:
    details = RecordDetails.from_json(stored)
    assert details.extra == {}
    assert {**details.media.extra, **details.statements.extra} == {}
    record_id = record_with(library, kind, stored)
    with library.database.writing() as session:
        assert commands.get_record(session, record_id).details == details
        commands.update_details(session, record_id, RecordDetails(camera="Nikon"))
    assert column_of(library, record_id) == {**stored, "camera": "Nikon"}


def test_what_another_version_stored_is_kept(library: Library) -> None:
    stored = {
        "later": [1, None],
        "media": {"video": "av1", "width": "wide", "later": 1, "tracks": [{"language": "zh", "title": "", "late": 1}]},
        "statements": {"notes": ["一"], "later": {"a": "b"}, "isbns": [["9787535762894"]]},
        "ocr": {"pages": 3},
        "plays": "yes",
    }
    record_id = record_with(library, Kind.FILM, stored)
    details = load_record(library, record_id).details
    assert (details.media.video, details.media.width, details.plays, details.ocr) == ("av1", 0, None, None)
    assert (details.statements.notes, details.statements.isbns) == (("一",), ())
    ocr = OcrSummary(pages=1, confidence=0.5, unsure=(1,))
    with library.database.writing() as session:
        commands.update_details(session, record_id, RecordDetails(ocr=ocr, needs_ocr=False))
    written = {**stored, "ocr": {"pages": 1, "confidence": 0.5, "unsure": [1]}, "needs_ocr": False}
    assert column_of(library, record_id) == written
    assert load_record(library, record_id).details.ocr == ocr


@pytest.mark.parametrize("stored", [None, [], "柑橘", 7, {"media": [], "statements": None, "cover": {"width": 1}}])
def test_wrong_details_are_no_details(library: Library, stored: object) -> None:
    details = load_record(library, record_with(library, Kind.BOOK, stored)).details
    assert (details.cover, details.media, details.statements) == (None, Media(), Statements())


@pytest.mark.parametrize("gps", [{"latitude": 27.8, "longitude": 113.1}, {"latitude": 27.8}, "27.8, 113.1", [27.8]])
def test_no_view_tells_where_a_photo_was_taken(library: Library, gps: object) -> None:
    record_id = record_with(library, Kind.PHOTO, {"gps": gps, "camera": "Nikon"})
    assert load_record(library, record_id).details.to_json() == {"camera": "Nikon"}
    assert column_of(library, record_id) == {"gps": gps, "camera": "Nikon"}
