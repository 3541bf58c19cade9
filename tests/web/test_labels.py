"""Words for the values of a record."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from library_server.catalogue.details import RecordDetails
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind, LinkType
from library_server.catalogue.records import commands
from library_server.library import Library


@pytest.mark.parametrize(("form", "words"), [("comic", "7 页"), ("pdf", "7 页"), ("djvu", "7 页"), ("epub", "7 章")])
def test_the_extent_of_a_book_in_pages_or_chapters(
    library: Library, client: FlaskClient, form: str, words: str
) -> None:
    draft = RecordDraft(kind=Kind.BOOK, title="湘江小画", extent=7, details=RecordDetails(format=form))
    with library.database.writing() as session:
        record_id = commands.add_record(session, draft)
    assert words in client.get(f"/records/{record_id}").text


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "1 秒"), (30, "30 秒"), (60, "1 分钟"), (2280, "38 分钟"), (3900, "1 小时 5 分")]
)
def test_how_long_a_recording_plays(library: Library, client: FlaskClient, seconds: float, words: str) -> None:
    draft = RecordDraft(kind=Kind.AUDIO, title="船歌", duration_ms=round(seconds * 1000))
    with library.database.writing() as session:
        record_id = commands.add_record(session, draft)
    assert words in client.get(f"/records/{record_id}").text


@pytest.mark.parametrize(
    ("kind", "number", "count"), [(Kind.LECTURE, "第 2 讲", "共 1 讲"), (Kind.AUDIO, "第 2 集", "共 1 集")]
)
def test_parts_are_counted_as_their_kind_is(
    library: Library, client: FlaskClient, kind: Kind, number: str, count: str
) -> None:
    with library.database.writing() as session:
        whole_id = commands.add_record(session, RecordDraft(kind=kind, title="三湘旧事"))
        part_id = commands.add_record(session, RecordDraft(kind=kind, title="开船", part_number=2))
        commands.add_link(session, part_id, LinkType.PART_OF, whole_id)
    assert count in client.get(f"/records/{whole_id}").text
    assert number in client.get(f"/records/{part_id}").text


def test_specials_are_named_apart_from_the_first_season(library: Library, client: FlaskClient) -> None:
    with library.database.writing() as session:
        whole = commands.add_record(session, RecordDraft(kind=Kind.FILM, title="大宅门"))
        for number, title in ((1, "开台"), (1_000_002, "花絮")):
            part = commands.add_record(session, RecordDraft(kind=Kind.FILM, title=title, part_number=number))
            commands.add_link(session, part, LinkType.PART_OF, whole)
    assert "特别篇第 2 集" in client.get(f"/records/{part}").text
    assert "特2" in client.get(f"/records/{whole}").text
    assert "1000002" not in client.get(f"/records/{whole}").text + client.get(f"/records/{part}").text
