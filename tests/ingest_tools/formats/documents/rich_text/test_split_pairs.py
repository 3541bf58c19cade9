"""RTF in which the two bytes of a character stand apart."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from ingest_tools.formats.documents import office
from ingest_tools.formats.documents.rich_text import escape_unstated_chinese
from ingest_tools.formats.documents.split_pairs import encoding_stated, join_pairs
from library_server.catalogue.passages.serialization import parse_passages

TEXTS = {"gb18030": "柑橘栽培手记", "big5hkscs": "柑橘栽培許功蓋", "cp932": "柑橘の栽培表"}
HEAD = rb"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}\f0 "


def escaped(byte: int) -> bytes:
    return b"\\'%02x" % byte


def written(data: bytes, form: str) -> bytes:
    """The bytes of a text as programs write them, each by itself."""
    if form == "groups":
        return b"".join(b"{" + escaped(byte) + b"}" for byte in data)
    if form == "formatting":
        return b"".join(escaped(byte) + (b"\\b\\fs24 " if at % 2 == 0 else b"\\b0 ") for at, byte in enumerate(data))
    if form == "lines":
        return b"\r\n".join(map(escaped, data))
    is_raw = 0 if form == "raw and escaped" else 1
    return b"".join(bytes([byte]) if at % 2 == is_raw else escaped(byte) for at, byte in enumerate(data))


def read(data: bytes, encoding: str) -> str:
    """The characters whose bytes stand one behind the other."""
    runs = re.findall(rb"(?:\\'[0-9a-f]{2})+", data)
    return b"".join(bytes.fromhex(run.replace(b"\\'", b"").decode()) for run in runs).decode(encoding, "replace")


@pytest.mark.parametrize("form", ["groups", "formatting", "lines", "raw and escaped"])
@pytest.mark.parametrize("encoding", list(TEXTS))
def test_the_second_byte_follows_the_first(encoding: str, form: str) -> None:
    data = TEXTS[encoding].encode(encoding)
    joined = join_pairs(b"{" + written(data, form) + b"}", encoding)
    assert read(joined, encoding) == TEXTS[encoding]
    starts = [match.start() for match in re.finditer(rb"\\'", joined)]
    assert sum(after - before == 4 for before, after in pairwise(starts)) >= len(TEXTS[encoding])
    assert joined.count(b"{") == joined.count(b"}")


@pytest.mark.parametrize(
    "data",
    [
        rb"{caf\'e9 {\b na\'efve} \'e9t\'e9}",
        rb"{\'d6\'d0{\b \'b9\'fa}\'c8\'cb}",
        rb"{\'d6\par \'d0}",
        rb"{\'d6 {\tab}\'d0}",
        rb"{plain text}",
        rb"{\'d6",
    ],
)
def test_what_is_whole_or_no_character_stays(data: bytes) -> None:
    assert join_pairs(data, "gb18030") == data


def test_binary_pictures_stay() -> None:
    data = b"{" + written("中国".encode("gbk"), "groups") + b"{\\pict\\bin4 \xd6}{\xd0}}"
    assert b"{\\pict\\bin4 \xd6}{\xd0}}" in join_pairs(data, "gb18030")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (rb"{\rtf1\ansi\ansicpg936", "gb18030"), (rb"{\rtf1\ansi\ansicpg1252{\f0\fcharset136 x;}", "big5hkscs"),
        (rb"{\rtf1\ansi\ansicpg65001", None), (rb"{\rtf1\ansi\fcharset0", None),
    ],
)  # fmt: skip
def test_the_stated_code_page(head: bytes, encoding: str | None) -> None:
    assert encoding_stated(head) == encoding


def test_chinese_without_a_code_page_whose_bytes_are_apart_is_escaped() -> None:
    data = b"{\\rtf1 " + written("柑橘栽培手记中国人民".encode("gbk"), "groups") + b"}"
    made = escape_unstated_chinese(data)
    assert made is not None
    units = [int(unit) & 0xFFFF for unit in re.findall(rb"\\u(-?\d+)\?", made)]
    assert "".join(map(chr, units)) == "柑橘栽培手记中国人民"


@pytest.mark.slow
def test_the_text_of_such_a_document_is_read(tmp_path: Path) -> None:
    path = tmp_path / "手记.rtf"
    path.write_bytes(HEAD + written("柑橘栽培手记".encode("gbk"), "groups") + b"\\par}")
    description = office.describe(path, tmp_path)
    [text] = [derived for derived in description.derived if derived.role == "text"]
    assert [page.text for page in parse_passages((tmp_path / text.file).read_bytes())] == ["柑橘栽培手记"]
