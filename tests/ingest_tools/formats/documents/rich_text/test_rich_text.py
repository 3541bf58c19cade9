"""RTF that is broken off, has damaged pictures, or does not begin with its signature."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.documents.office_types import RICH_TEXT, office_type
from ingest_tools.formats.documents.rich_text import escape_unstated_chinese, find_start, repair

CUT = repair(b"{\\rtf1 {").removeprefix(b"{\\rtf1 {}")
NO_PICTURE = repair(b"{\\rtf1 {\\pict}}").removeprefix(b"{\\rtf1 ")


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b"\xef\xbb\xbf \n"])
def test_rich_text_may_begin_late(tmp_path: Path, before: bytes) -> None:
    (tmp_path / "a.doc").write_bytes(before + b"{\\rtf1 text}")
    assert find_start(before + b"{\\rtf1 text}") == len(before)
    assert detect_format(tmp_path / "a.doc") == "document"
    assert office_type(tmp_path / "a.doc") == RICH_TEXT


def test_text_that_speaks_of_rich_text_is_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("RTF begins with {\\rtf1 and ends with }.")
    assert detect_format(tmp_path / "a.txt") == "text"


@pytest.mark.parametrize(
    ("data", "repaired"),
    [
        (b"{\\rtf1 a{\\b b}c}", b"{\\rtf1 a{\\b b}c}"),
        (b"{\\rtf1 a{\\b b", b"{\\rtf1 a{\\b b}" + CUT),
        (b"{\\rtf1 a\\{b\\}\\\\}", b"{\\rtf1 a\\{b\\}\\\\}"),
        (b"{\\rtf1 a}}} b", b"{\\rtf1 a}"),
        (b"{\\rtf1 a{\\pict\\bin4 }{}}}b}", b"{\\rtf1 ab" + NO_PICTURE),
        (b"{\\rtf1 a{\\*\\shppict{\\pict 00}}b}", b"{\\rtf1 ab" + NO_PICTURE),
        (b"{\\rtf1 a{\\object{\\*\\objdata 00}{\\result r}}b}", b"{\\rtf1 ab" + NO_PICTURE),
        (b"{\\rtf1 {\\picture a}}", b"{\\rtf1 {\\picture a}}"),
    ],
)
def test_repaired_groups_are_closed_and_hold_no_pictures(data: bytes, repaired: bytes) -> None:
    assert repair(data) == repaired


def test_what_was_lost_is_said_in_escapes() -> None:
    cut = repair(b"{\\rtf1 {\\pict 00").decode("ascii")
    assert cut.count("{") == cut.count("}")
    assert f"\\u{ord('断')}?" in cut
    assert f"\\u{ord('图')}?" in cut


TEXT = "老街的石板路"
GBK = TEXT.encode("gbk")
ESCAPED = "".join(f"\\u{unit if unit < 0x8000 else unit - 0x10000}?" for unit in map(ord, TEXT))


def in_hex(data: bytes) -> bytes:
    return b"".join(b"\\'%02x" % byte for byte in data)


@pytest.mark.parametrize("text", [GBK, in_hex(GBK), TEXT.encode(), in_hex(TEXT.encode())])
@pytest.mark.parametrize("head", [b"\\ansi", b"\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 A;}}"])
def test_chinese_without_a_code_page_is_escaped(head: bytes, text: bytes) -> None:
    escaped = escape_unstated_chinese(b"{\\rtf1" + head + b" a" + text + b"b}")
    assert escaped == b"{\\rtf1" + head + b" a{\\uc1" + ESCAPED.encode() + b"}b}"


def test_a_second_byte_may_be_a_letter() -> None:
    escaped = escape_unstated_chinese(b"{\\rtf1 " + in_hex(GBK) + b" \\'81@ }")
    assert escaped is not None
    assert f"\\u{ord(bytes.fromhex('8140').decode('gbk'))}?".encode() in escaped


@pytest.mark.parametrize(
    "data",
    [
        b"{\\rtf1\\ansicpg936 " + GBK + b"}",
        b"{\\rtf1{\\fonttbl{\\f0\\fcharset134 A;}}" + in_hex(GBK) + b"}",
        b"{\\rtf1{\\pict\\bin4 abcd}" + GBK + b"}",
        b"{\\rtf1 d\\'e9j\\'e0 vu, na\\'efve \\'e9\\'e8}",
        b"{\\rtf1 plain}",
    ],
)
def test_other_rich_text_stays(data: bytes) -> None:
    assert escape_unstated_chinese(data) is None
