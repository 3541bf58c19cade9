"""RTF that is broken off, has damaged pictures, or does not begin with its signature."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.documents.office_types import RICH_TEXT, office_type
from ingest_tools.formats.documents.rich_text import find_start, repair

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
    assert f"\\u{ord('断')}?" in cut
    assert f"\\u{ord('图')}?" in cut
