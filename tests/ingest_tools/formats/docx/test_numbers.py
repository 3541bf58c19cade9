"""The numbers that Word writes before paragraphs of lists and headings of a DOCX."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats import docx
from ingest_tools.formats.docx.numbering import format_number
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.office_documents import paragraph, word_package, word_part


def level(number: int, form: str, text: str, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/>{more}</w:lvl>'
    )


LISTS = word_part(
    "w:numbering",
    '<w:abstractNum w:abstractNumId="0">'
    + level(0, "chineseCountingThousand", "第%1章")
    + level(1, "decimal", "%1.%2", "<w:isLgl/>")
    + "</w:abstractNum>"
    + f'<w:abstractNum w:abstractNumId="1">{level(0, "bullet", "x")}</w:abstractNum>'
    + '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    + '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    + '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/>'
    "</w:lvlOverride></w:num>",
)
STYLES = word_part(
    "w:styles",
    '<w:style w:styleId="h"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:styleId="h2"><w:name w:val="小节"/><w:basedOn w:val="h"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr>'
    '<w:outlineLvl w:val="4"/></w:pPr></w:style>',
)


def item(number: str, depth: int, text: str) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


def read_lines(tmp_path: Path, content: str) -> list[str]:
    parts = {"word/numbering.xml": LISTS, "word/styles.xml": STYLES}
    path = word_package(tmp_path / "d.docx", paragraph("前") + content, parts=parts)
    [derived] = docx.describe(path, tmp_path).derived
    passages = parse_passages((tmp_path / derived.file).read_bytes())
    return [line for passage in passages for line in (passage.label, *passage.text.split("\n"))][2:]


def test_levels_count_within_those_above(tmp_path: Path) -> None:
    content = item("1", 0, "春") + item("1", 1, "犁") + item("1", 1, "种") + item("1", 0, "秋") + item("1", 1, "收")
    lines = read_lines(tmp_path, content)
    assert [line for line in lines if not line.startswith("第")] == ["1.1 犁", "1.2 种", "2.1 收"]
    assert [line for line in lines if line.startswith("第")] == ["第一章 春", "第二章 秋"]


def test_numbers_come_from_styles_too(tmp_path: Path) -> None:
    content = "".join(paragraph(text, f'<w:pStyle w:val="{style}"/>') for style, text in (("h", "春"), ("h2", "犁")))
    assert read_lines(tmp_path, content) == ["第一章 春", "1.1 犁"]


def test_bullets_and_unknown_lists_have_no_number(tmp_path: Path) -> None:
    content = item("2", 0, "圆点") + item("9", 0, "没有这个表") + item("1", 8, "没有这一级") + item("0", 0, "去掉了")
    assert read_lines(tmp_path, content) == ["圆点", "没有这个表", "没有这一级", "去掉了"]


def test_a_list_may_start_at_another_number(tmp_path: Path) -> None:
    assert read_lines(tmp_path, item("3", 0, "立秋"))[-1] == "第七章 立秋"


@pytest.mark.parametrize(
    ("form", "number", "text"),
    [
        ("decimal", 12, "12"),
        ("decimalzero", 3, "03"),
        ("chinesecountingthousand", 12, "十二"),
        ("chinesecountingthousand", 105, "一百零五"),
        ("chinesecountingthousand", 1010, "一千零一十"),
        ("chinesecountingthousand", 0, "零"),
        ("chinesecounting", 105, "一零五"),
        ("chineselegalsimplified", 21, "贰拾壹"),
        ("ideographtraditional", 2, "乙"),
        ("ideographzodiac", 12, "亥"),
        ("decimalenclosedcirclechinese", 3, "③"),
        ("decimalenclosedcirclechinese", 21, "21"),
        ("upperroman", 14, "XIV"),
        ("lowerletter", 28, "bb"),
        ("upperletter", 1, "A"),
    ],
)
def test_formats_of_numbers(form: str, number: int, text: str) -> None:
    assert format_number(number, form) == text
