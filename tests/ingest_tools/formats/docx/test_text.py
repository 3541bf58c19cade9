"""The text of a DOCX as Word shows it: tracked changes, hidden text, ruby, symbols, formulas, controls, lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats import docx
from library_server.catalogue.passages.serialization import Passage, parse_passages
from tests.factories.office_documents import WORD, paragraph, run, word_package, word_part

DELETED = '<w:del w:id="1"><w:r><w:delText>删掉的</w:delText></w:r></w:del>'
STYLES = word_part(
    "w:styles",
    '<w:style w:styleId="1"><w:name w:val="Normal"/></w:style>'
    '<w:style w:styleId="2"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="3"><w:name w:val="heading 4"/><w:pPr><w:outlineLvl w:val="3"/></w:pPr></w:style>'
    '<w:style w:styleId="a3"><w:name w:val="List Paragraph"/></w:style>'
    '<w:style w:styleId="a7"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="af"><w:name w:val="章名"/><w:basedOn w:val="2"/></w:style>'
    '<w:style w:styleId="loop"><w:name w:val="圈"/><w:basedOn w:val="loop"/></w:style>'
    '<w:style w:styleId="11"><w:name w:val="toc 1"/></w:style>',
)


def read_passages(path: Path) -> list[Passage]:
    [derived] = docx.describe(path, path.parent).derived
    return parse_passages((path.parent / derived.file).read_bytes())


def read_text(tmp_path: Path, content: str, parts: dict[str, str | bytes] | None = None) -> str:
    path = word_package(tmp_path / "d.docx", paragraph("前") + content, parts=parts)
    return "\n".join(passage.text for passage in read_passages(path)).removeprefix("前\n")


def styled(style: str, text: str) -> str:
    return paragraph(text, f'<w:pStyle w:val="{style}"/>')


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (f"{run('留')}<w:ins>{run('插入的')}</w:ins>{DELETED}", "留插入的"),
        (f"<w:moveFrom>{run('移走')}</w:moveFrom>{run('留')}<w:moveTo>{run('移来')}</w:moveTo>", "留移来"),
        (run("见") + run("藏", "<w:vanish/>") + run("也见", '<w:vanish w:val="0"/>'), "见也见"),
        (f"<w:r><w:ruby><w:rt>{run('hàn')}</w:rt><w:rubyBase>{run('汉')}</w:rubyBase></w:ruby></w:r>", "汉"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>' + run("同意"), "☑同意"),
        ('<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>' + run("角"), "α角"),
        ('<w:r><w:sym w:font="Webdings" w:char="F099"/><w:sym w:char="x"/></w:r>' + run("画"), "画"),
        (f"{run('一')}<w:r><w:noBreakHyphen/></w:r>{run('二')}<w:r><w:softHyphen/></w:r>{run('三')}", "一-二三"),
        ("<w:r><w:t>明月光</w:t><w:br/><w:t>地上霜</w:t><w:tab/><w:t>李白</w:t></w:r>", "明月光\n地上霜 李白"),
        (f"<w:r><w:instrText>HYPERLINK x</w:instrText></w:r><w:fldSimple>{run('七')}</w:fldSimple>", "七"),
        ("<w:r><w:pict><v:shape xmlns:v='urn:v'><v:textpath string='艺术字'/></v:shape></w:pict></w:r>", "艺术字"),
    ],
)
def test_a_paragraph_says_what_word_shows(tmp_path: Path, content: str, text: str) -> None:
    assert read_text(tmp_path, f"<w:p>{content}</w:p>") == text


@pytest.mark.parametrize(
    ("choice", "fallback", "text"),
    [
        ("<w:t>一次</w:t>", "<w:t>一次</w:t>", "一次"),
        ('<w:symEx w:char="1F600"/>', "<w:t>笑</w:t>", "笑"),
        ("<w:drawing/>", paragraph("只在后备里"), "只在后备里"),
        (paragraph("框"), paragraph("框"), "框"),
    ],
)
def test_alternatives_are_read_once(tmp_path: Path, choice: str, fallback: str, text: str) -> None:
    alternatives = f"<mc:Choice>{choice}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback>"
    content = f"<w:p><w:r><mc:AlternateContent>{alternatives}</mc:AlternateContent></w:r></w:p>"
    assert read_text(tmp_path, content) == text


def test_paragraphs_whose_border_was_deleted_are_one(tmp_path: Path) -> None:
    assert read_text(tmp_path, paragraph("前半", "<w:rPr><w:del/></w:rPr>") + paragraph("后半")) == "前半后半"


def test_the_last_paragraph_stays_where_its_end_was_deleted(tmp_path: Path) -> None:
    assert read_text(tmp_path, paragraph("末段", "<w:rPr><w:del/></w:rPr>")) == "末段"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("<m:f><m:num><m:t>a+b</m:t></m:num><m:den><m:t>c</m:t></m:den></m:f>", "(a+b)/c"),
        ("<m:sSup><m:e><m:t>x</m:t></m:e><m:sup><m:t>2</m:t></m:sup></m:sSup>", "x^2"),
        ("<m:sSub><m:e><m:t>x</m:t></m:e><m:sub><m:t>10</m:t></m:sub></m:sSub>", "x_(10)"),
        ("<m:rad><m:deg/><m:e><m:t>2</m:t></m:e></m:rad>", "√2"),
        ("<m:nary><m:sub/><m:sup/><m:e><m:t>f</m:t></m:e></m:nary>", "f"),
    ],
)
def test_a_formula_is_on_one_line(tmp_path: Path, formula: str, text: str) -> None:
    assert read_text(tmp_path, f"<w:p><m:oMath>{formula}</m:oMath></w:p>") == text


@pytest.mark.parametrize(
    ("shown", "text"),
    [("单击或点击此处输入文字。", ""), ("Click or tap here to enter text.", ""), ("谭素芳", "谭素芳")],
)
@pytest.mark.parametrize("is_block", [True, False])
def test_prompts_of_controls_are_no_text(tmp_path: Path, shown: str, text: str, is_block: bool) -> None:
    inner = paragraph(shown) if is_block else run(shown)
    control = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"
    content = control if is_block else f"<w:p>{control}</w:p>"
    assert read_text(tmp_path, content + paragraph("后")) == f"{text}\n后".strip()


@pytest.mark.parametrize("style", ["2", "af"])
def test_headings_are_known_by_the_name_of_their_style(tmp_path: Path, style: str) -> None:
    content = styled(style, "渡口") + styled("1", "一") + styled(style, "老街") + styled("a3", "二")
    path = word_package(tmp_path / "d.docx", content, parts={"word/styles.xml": STYLES})
    assert [(passage.label, passage.text) for passage in read_passages(path)] == [("渡口", "一"), ("老街", "二")]


@pytest.mark.parametrize("style", ["1", "3", "a3", "loop", "unknown"])
def test_other_styles_are_no_headings(tmp_path: Path, style: str) -> None:
    content = styled("2", "渡口") + styled(style, "一") + styled("2", "老街") + styled(style, "二")
    path = word_package(tmp_path / "d.docx", content, parts={"word/styles.xml": STYLES})
    assert [passage.label for passage in read_passages(path)] == ["渡口", "老街"]


@pytest.mark.parametrize("styles", ["<<<", ""])
def test_damaged_styles_leave_the_text(tmp_path: Path, styles: str) -> None:
    assert read_text(tmp_path, paragraph("正文"), {"word/styles.xml": styles}) == "正文"


def test_a_table_of_contents_is_no_chapter(tmp_path: Path) -> None:
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    contents = f"<w:sdt>{gallery}<w:sdtContent>{paragraph('第一章 渡口 1')}</w:sdtContent></w:sdt>"
    content = contents + styled("11", "第二章 老街 9") + paragraph("第一章 渡口") + paragraph("船")
    path = word_package(tmp_path / "d.docx", content, parts={"word/styles.xml": STYLES})
    assert [(passage.label, passage.text) for passage in read_passages(path)] == [("第一章 渡口", "船")]


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


HEADING = paragraph("渡口", '<w:outlineLvl w:val="1"/>')


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (row(paragraph("姓名"), paragraph("年纪")) + row(paragraph("谭素芳"), paragraph("")), "姓名 年纪\n谭素芳"),
        (row(paragraph("甲") + paragraph("乙"), paragraph("丙")), "甲\n乙\n丙"),
        (row("<w:p><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r></w:p>", paragraph("丙")), "甲\n乙\n丙"),
        (row(paragraph("长" * 300), paragraph("文" * 300)), f"{'长' * 300}\n{'文' * 300}"),
        (row(paragraph("外"), f"<w:tbl>{row(paragraph('内'), paragraph('层'))}</w:tbl>{paragraph('')}"), "外 内 层"),
        (row(paragraph("外"), f"{paragraph('前')}<w:tbl>{row(paragraph('内'))}</w:tbl>"), "外\n前\n内"),
        (row("", ""), ""),
    ],
)
def test_a_row_of_short_cells_is_a_line(tmp_path: Path, rows: str, text: str) -> None:
    assert read_text(tmp_path, f"<w:tbl>{rows}</w:tbl>{paragraph('后')}") == f"{text}\n后".strip()


def test_headings_in_tables_begin_chapters(tmp_path: Path) -> None:
    table = f"<w:tbl>{row(HEADING, paragraph('一'))}</w:tbl>"
    path = word_package(tmp_path / "d.docx", paragraph("前") + table)
    assert [(passage.label, passage.text) for passage in read_passages(path)] == [("卷首", "前"), ("渡口", "一")]


def test_a_row_that_breaks_off_keeps_its_cells(tmp_path: Path) -> None:
    whole = f'<w:document xmlns:w="{WORD}"><w:body><w:tbl><w:tr><w:tc>{paragraph("渡口")}</w:tc><w:tc>'.encode()
    [passage] = read_passages(word_package(tmp_path / "d.docx", whole))
    assert passage.text.startswith("渡口")


def test_a_main_part_that_breaks_off_keeps_its_beginning_and_says_so(tmp_path: Path) -> None:
    whole = f'<w:document xmlns:w="{WORD}"><w:body>{paragraph("渡口")}{paragraph("老街")}<w:p><w:r><w:t>秤'.encode()
    passages = read_passages(word_package(tmp_path / "d.docx", whole))
    text = "\n".join(passage.text for passage in passages)
    assert text.startswith("渡口\n老街")
    assert text.endswith("（文件在这里断了，后面的读不出。）")
