"""Tags inside files, read by ffprobe and from EXIF, IPTC, PDF and EPUB, in any shape of JSON or text."""

from __future__ import annotations

import datetime as dt
import html
import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest_tools.description import Description
from ingest_tools.formats import markup
from ingest_tools.formats.audiovisual import media, streams
from ingest_tools.formats.audiovisual.tags import ape, asf, fields, id3v2, mp4
from ingest_tools.formats.pdf.stated_title import split_names
from ingest_tools.formats.photos import photo, photo_metadata
from ingest_tools.formats.photos.captions import read_day
from ingest_tools.formats.placeholders import without_placeholders
from library_server.catalogue.bounds import LARGEST_INTEGER
from tests.factories.media.containers import atom
from tests.factories.media.tags import id3_frame, id3_tag
from tests.properties.strategies import clean_texts, floats, texts

pytestmark = pytest.mark.property
# ffprobe writes text, whole numbers and lists of objects; the text is whatever stands in the file
_values = texts | st.sampled_from(["1/0", "0/0", "25/1", "1:0", "N/A", "inf", "nan", "1e400", "-1", "48000"])
_stream = st.fixed_dictionaries(
    {"codec_type": st.sampled_from(["video", "audio", "subtitle", "data"])},
    optional={
        "codec_name": texts,
        "width": st.integers(0, 2**31),
        "height": st.integers(0, 2**31),
        "level": st.integers(-99, 255),
        "avg_frame_rate": _values,
        "r_frame_rate": _values,
        "sample_aspect_ratio": _values,
        "duration": _values,
        "tags": st.dictionaries(texts, texts, max_size=3),
        "disposition": st.fixed_dictionaries({"attached_pic": st.integers(0, 1)}),
        "side_data_list": st.lists(st.fixed_dictionaries({"rotation": st.integers()}), max_size=1),
    },
)
probes = st.fixed_dictionaries(
    {},
    optional={
        "streams": st.lists(_stream, max_size=4),
        "format": st.fixed_dictionaries(
            {},
            optional={
                "duration": _values,
                "bit_rate": _values,
                "format_name": texts,
                "tags": st.dictionaries(texts, texts),
            },
        ),
    },
)


@example({"streams": [{"codec_type": "video", "avg_frame_rate": f"{10**400}/1"}]})
@given(probes)
@pytest.mark.slow
def test_whatever_ffprobe_says_is_kept_within_bounds(probed: dict[str, Any]) -> None:
    chosen = streams.choose_streams(probed)
    duration = media._find_duration(probed, chosen.video, chosen.audio)
    assert duration is None or 0 <= duration <= LARGEST_INTEGER
    technical = streams.read_media(probed)
    assert 1 <= (technical.rate or 25) <= 240
    assert isinstance(streams.is_playable(probed), bool)
    assert all(isinstance(value, str) for value in media._read_tags(probed.get("format")).values())


@given(texts | st.none())
def test_track_numbers(number: str | None) -> None:
    assert (fields._parse_number(number) or 0) < 100_000


@given(texts)
def test_dates_and_names_inside_files(value: str) -> None:
    assert len(read_day(value) or "") <= 10
    assert all(split_names(value))
    description = without_placeholders(Description("pdf", "", "book", title=value, creators=[(value, "author")]))
    assert description.title in {value, None}
    assert all(name.strip() for name, _ in description.creators)
    assert len(photo._checked_text(value)) <= 500


@given(st.binary(max_size=80))
def test_bytes_of_captions(data: bytes) -> None:
    assert "\0" not in photo_metadata._decode_text(data)
    assert isinstance(photo._decode_date(data), str)


@given(st.lists(texts, max_size=5))
def test_subject_headings_and_class_numbers(names: list[str]) -> None:
    description = Description("pdf", "application/pdf", "book").with_subjects(names)
    assert len(description.subjects) + bool(description.clc) <= len(names) + 1


@given(st.binary(max_size=200) | texts.map(lambda text: text.encode("utf-8", "replace")))
def test_documents_of_any_bytes(data: bytes) -> None:
    root = markup.parse_document(b"<html><body><p>" + data)
    if root is not None:
        text, heading = markup.text_of(root)
        assert "\0" not in text
        assert heading is None or heading.strip()


@given(clean_texts, st.sampled_from(["<p>{}</p>", "<p>{}", "<div><b>{}<br>", "<p>&copy;{}</p>", "<title/><p>{}</p>"]))
def test_no_text_of_a_document_is_lost(text: str, around: str) -> None:
    root = markup.parse_document(f"<html><body>{around.format(html.escape(text))}".encode())
    document_text = markup.text_of(root)[0] if root is not None else ""
    assert "".join(filter(str.isalnum, text)) == "".join(filter(str.isalnum, document_text))


@given(st.lists(floats | st.just(0.0), min_size=0, max_size=4), st.booleans())
def test_positions(parts: list[float], negative: bool) -> None:
    value = photo._signed_degrees({2: parts, 1: "S" if negative else "N"}, 2, 1, "S")
    assert isinstance(value, float) == (len(parts) == 3)


def test_dates_of_photos_are_dates() -> None:
    assert read_day("2009:06:01 10:00:00") == dt.date(2009, 6, 1).isoformat()


@given(st.lists(st.tuples(st.sampled_from(["TPE1", "TCON", "SYLT", "APIC"]), st.binary(max_size=60)), max_size=6),
       st.sampled_from([2, 3, 4]), st.integers(0, 255), st.binary(max_size=20))  # fmt: skip
def test_any_id3_tag_gives_texts(frames: list[tuple[str, bytes]], version: int, flags: int, behind: bytes) -> None:
    tag = bytearray(id3_tag(*(id3_frame(name, content) for name, content in frames), version=version) + behind)
    tag[5] = flags
    parsed = id3v2.parse(bytes(tag))
    assert all(value.strip() for values in parsed.texts.values() for value in values)


@given(st.binary(max_size=200), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_any_ape_tag_gives_texts(body: bytes, length: int, count: int) -> None:
    for stated in (length, len(body) + 32):
        footer = b"APETAGEX" + b"".join(n.to_bytes(4, "little") for n in (2000, stated, count, 0)) + bytes(8)
        data = body + footer
        assert all(isinstance(values, list) for values in ape.read(io.BytesIO(data), len(data)).values())


@given(st.binary(max_size=120), st.integers(0, 2**32 - 1))
def test_any_mp4_and_windows_media_tag_gives_texts(items: bytes, size: int) -> None:
    tagged = atom(b"moov", atom(b"udta", atom(b"meta", bytes(4), atom(b"hdlr"), atom(b"ilst", items))))
    stated = atom(b"moov", atom(b"udta", size.to_bytes(4, "big") + b"meta" + items))
    header = asf._HEADER.bytes_le + size.to_bytes(8, "little") + bytes(6)
    for kind in (asf._CONTENT, asf._EXTENDED_CONTENT, asf._EXTENSION):
        header += kind.bytes_le + (24 + len(items)).to_bytes(8, "little") + items
    for data in (tagged, stated, items):
        assert all(map(all, mp4.read(io.BytesIO(data), len(data)).values()))
    assert all(map(all, asf.read(io.BytesIO(header)).values()))
