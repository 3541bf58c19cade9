"""Text layers of PDFs whose fonts name other characters than those that are seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from ingest_tools.formats import pdf
from ingest_tools.formats.pdf.legibility import is_legible
from ingest_tools.formats.pdf.stated_title import split_authors, split_keywords
from ingest_tools.glyphs import with_usual_characters
from library_server.catalogue.passages.serialization import parse_passages

WORDS = "栗雨地方志编纂委员会编写的第一卷地理部分，柑橘水稻油菜种植技术与病虫害防治手册"


def write_text(path: Path, shown: str, named: Callable[[int, str], str]) -> Path:
    """A PDF of one line, whose font has for each glyph the character that `named` gives for its number and itself."""
    glyphs = {character: number for number, character in enumerate(dict.fromkeys(shown), 1)}
    table = "".join(
        f"<{number:04X}> <{named(number, character).encode('utf-16-be').hex()}>\n"
        for character, number in glyphs.items()
    )
    unicode_map = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange {len(glyphs)} beginbfchar\n{table}endbfchar "
        "endcmap end end"
    )
    document = pikepdf.new()
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name("/F"), Flags=4, FontBBox=Array([0, -200, 1000, 800]), ItalicAngle=0,
        Ascent=800, Descent=-200, CapHeight=700, StemV=80,
    )  # fmt: skip
    system = Dictionary(Registry=pikepdf.String("Founder"), Ordering=pikepdf.String("PKU2"), Supplement=0)
    glyph_font = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name("/F"), CIDSystemInfo=system, DW=1000,
        FontDescriptor=document.make_indirect(descriptor),
    )  # fmt: skip
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/F"), Encoding=Name("/Identity-H"),
        DescendantFonts=Array([document.make_indirect(glyph_font)]),
        ToUnicode=document.make_stream(unicode_map.encode()),
    )  # fmt: skip
    page = document.add_blank_page(page_size=(900, 200))
    page.Resources = Dictionary(Font=Dictionary(F1=document.make_indirect(font)))
    codes = "".join(f"{glyphs[character]:04X}" for character in shown)
    page.Contents = document.make_stream(f"BT /F1 14 Tf 40 100 Td <{codes}> Tj ET".encode())
    document.save(path)
    return path


@pytest.mark.parametrize(
    "named",
    [
        lambda number, _: chr(0xE000 + number), lambda _, __: "\x18", lambda _, __: "\ufffd",
        lambda number, _: chr(0x2460 + number),
    ],
)  # fmt: skip
def test_signs_in_place_of_words_are_left_to_ocr(named: Callable[[int, str], str], tmp_path: Path) -> None:
    description = pdf.describe(write_text(tmp_path / "a.pdf", WORDS, named), tmp_path)
    assert description.details.needs_ocr
    [text] = [derived for derived in description.derived if derived.role == "text"]
    assert parse_passages((tmp_path / text.file).read_bytes()) == []


def test_radicals_are_the_ideographs_that_they_stand_for(tmp_path: Path) -> None:
    radicals = {"水": "⽔", "方": "⽅", "见": "⻅", "龙": "⻰"}
    path = write_text(tmp_path / "a.pdf", "水利方志里见龙的年份记载", lambda _, shown: radicals.get(shown, shown))
    description = pdf.describe(path, tmp_path)
    assert not description.details.needs_ocr
    [text] = [derived for derived in description.derived if derived.role == "text"]
    [passage] = parse_passages((tmp_path / text.file).read_bytes())
    assert passage.text == "水利方志里见龙的年份记载"


@pytest.mark.parametrize(
    ("text", "usual"),
    [("pho\u00adto\u200bgraphy\ufeff", "photography"), ("柑\u2060橘", "柑橘"), ("क्\u200dष", "क्\u200dष"), ("⺀", "⺀")],
)
def test_characters_of_no_width_are_left_out(text: str, usual: str) -> None:
    assert with_usual_characters(text) == usual


@pytest.mark.parametrize(
    ("text", "legible"),
    [
        ("1998 2003 45.6 " * 9, True),
        ("①②③ 甲乙丙丁戊", True),
        ("• " * 40 + "a" * 30, True),
        ("★" * 9, True),
        ("★" * 40, False),
    ],
)
def test_which_text_is_legible(text: str, legible: bool) -> None:
    assert is_legible(text) is legible


@pytest.mark.parametrize(
    ("keywords", "terms"),
    [("柑橘 栽培 施肥", ["柑橘", "栽培", "施肥"]), ("柑橘；施肥 方法", ["柑橘", "施肥 方法"]),
     ("PDF 格式", ["PDF 格式"]),
     ("orange growing", ["orange growing"]), ("", [])],
)  # fmt: skip
def test_keywords_with_spaces_between_them(keywords: str, terms: list[str]) -> None:
    assert split_keywords(keywords) == terms


@pytest.mark.parametrize(
    ("authors", "names"),
    [("张三 李四", ["张三", "李四"]), ("作者：张三 李四", ["作者：张三", "李四"]), ("青木 修", ["青木 修"]),
     ("作者： 张三 李四", ["作者： 张三", "李四"]), ("作者： 张三", ["作者： 张三"]),
     ("湖南 出版社", ["湖南 出版社"])],
)  # fmt: skip
def test_names_of_persons_with_spaces_between_them(authors: str, names: list[str]) -> None:
    assert split_authors(authors) == names
