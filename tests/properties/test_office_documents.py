"""Markdown, RTF and parts of DOCX with anything in them: a value, or the documented refusal."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.formats import docx
from ingest_tools.formats.documents.rich_text import escape_unstated_chinese, repair
from ingest_tools.formats.markdown import find_headings
from ingest_tools.rejections import RejectedError
from tests.factories.office_documents import word_package

pytestmark = pytest.mark.property

PIECES = ["{", "}", "\\", "\\{", "\\b", "\\pict", "\\bin3 ", "\\'c0", "\\'cf", "\\u8?", "x", "老", "\n"]
RTF = st.lists(st.sampled_from(PIECES)).map(lambda pieces: "".join(pieces).encode("gbk"))
TAGS = ["p", "r", "t", "tr", "tc", "sdt", "del", "moveFrom", "footnoteReference", "altChunk", "sym", "ppr"]
XML = st.lists(
    st.sampled_from(
        [form.format(tag) for tag in TAGS for form in ("<w:{}>", "</w:{}>", "<w:{}/>")] + ["老街", "&", "<"]
    )
).map(lambda pieces: f'<w:document xmlns:w="w"><w:body>{"".join(pieces)}'.encode())


@given(RTF)
def test_repaired_rich_text_closes_its_groups(content: bytes) -> None:
    repaired = repair(b"{\\rtf1 " + content).replace(b"\\\\", b"").replace(b"\\{", b"").replace(b"\\}", b"")
    assert repaired.count(b"{") == repaired.count(b"}")


@given(RTF)
def test_escaped_rich_text_has_no_high_bytes_of_chinese(content: bytes) -> None:
    escaped = escape_unstated_chinese(b"{\\rtf1 " + content)
    assert escaped is None or b"\\u" in escaped


@given(st.text(alphabet="#=-`~ *[]()\\{}\n第一章老街ab", max_size=200))
def test_headings_of_markdown_stand_in_order(content: str) -> None:
    headings = list(find_headings(content))
    assert all(0 <= heading.start <= heading.stop <= len(content) for heading in headings)
    assert [heading.start for heading in headings] == sorted(heading.start for heading in headings)


@given(XML)
def test_any_main_part_of_a_docx_is_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = word_package(Path(folder) / "d.docx", content)
        try:
            outcome = docx.describe(path, Path(folder)).format
        except RejectedError as refusal:
            outcome = refusal.code
    assert outcome in {"docx", "no_text", "damaged"}
