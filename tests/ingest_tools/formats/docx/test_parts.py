"""What a DOCX has in other parts: properties, notes, imported pages, diagrams; and what a damaged part takes away."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats import docx
from ingest_tools.formats.detection import detect_format
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.office_documents import core_properties, paragraph, run, word_package, word_part

CORE = "docProps/core.xml"
NOTES = word_part("w:footnotes", f'<w:footnote w:id="2">{paragraph("见县志")}{paragraph("下半条")}</w:footnote>')
MARK = '<w:r><w:footnoteReference w:id="2"/></w:r>'
PAGE = "<html><meta charset='gb2312'><body><p>块里的一段</p><p>又一段</p></body></html>".encode("gbk")
MESSAGE = (
    b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'
    b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    + "<p>块里的一段</p><p>又一段</p>".encode()
    + b"\r\n--x--\r\n"
)


def describe(path: Path) -> Description:
    return docx.describe(path, path.parent)


def read_text(path: Path) -> str:
    [derived] = describe(path).derived
    return "\n".join(passage.text for passage in parse_passages((path.parent / derived.file).read_bytes()))


@pytest.mark.parametrize("core", ["no xml <<<", "", b"\xff\xfe\x00"])
def test_damaged_properties_leave_the_text(tmp_path: Path, core: str | bytes) -> None:
    path = word_package(tmp_path / "d.docx", paragraph("老街"), parts={CORE: core})
    assert (describe(path).title, read_text(path)) == (None, "老街")


def test_properties_whose_bytes_are_damaged_leave_the_text(tmp_path: Path) -> None:
    path = word_package(tmp_path / "d.docx", paragraph("老街"), parts={CORE: core_properties("<dc:title>a</dc:title>")})
    data = bytearray(path.read_bytes())
    data[data.find(CORE.encode()) + len(CORE) + 20] ^= 0xFF
    path.write_bytes(data)
    assert (describe(path).title, read_text(path)) == (None, "老街")


def test_properties_are_found_by_their_relationship(tmp_path: Path) -> None:
    name = "package/services/metadata/core-properties/1.psmdcp"
    path = word_package(
        tmp_path / "d.docx",
        paragraph("老街"),
        parts={name: core_properties("<dc:title>街志</dc:title>")},
        root_relation=f"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties /{name}",
    )
    assert describe(path).title == "街志"


def test_several_authors_and_keywords_are_told_apart(tmp_path: Path) -> None:
    core = core_properties(
        "<dc:creator>张三;李四；王五、Smith, John</dc:creator><cp:keywords>秤铺；老街，手艺;米行、码头</cp:keywords>"
    )
    description = describe(word_package(tmp_path / "d.docx", paragraph("老街"), parts={CORE: core}))
    assert [name for name, _ in description.creators] == ["张三", "李四", "王五", "Smith, John"]
    assert description.subjects == ["秤铺", "老街", "手艺", "米行", "码头"]


@pytest.mark.parametrize("stated", ["", "文档1", "Microsoft Word - 通知.doc"])
def test_the_style_of_titles_gives_the_title_where_nobody_stated_one(tmp_path: Path, stated: str) -> None:
    content = paragraph("老街口述史", '<w:pStyle w:val="Title"/>') + paragraph("正文")
    core = core_properties(f"<dc:title>{stated}</dc:title>")
    assert describe(word_package(tmp_path / "d.docx", content, parts={CORE: core})).title == "老街口述史"


def test_a_stated_title_comes_before_that_of_a_style(tmp_path: Path) -> None:
    content = paragraph("封面上的字", '<w:pStyle w:val="Title"/>') + paragraph("正文")
    core = core_properties("<dc:title>老街口述史</dc:title>")
    assert describe(word_package(tmp_path / "d.docx", content, parts={CORE: core})).title == "老街口述史"


def test_who_may_read_is_taken_from_the_first_lines(tmp_path: Path) -> None:
    path = word_package(tmp_path / "d.docx", paragraph("老街") + paragraph("使用范围：馆内"))
    assert describe(path).access == "premises"


def test_notes_stand_behind_their_paragraph(tmp_path: Path) -> None:
    content = f"<w:p>{run('秤铺')}{MARK}{run('开门')}</w:p>{paragraph('后')}"
    path = word_package(tmp_path / "d.docx", content, parts={"word/footnotes.xml": NOTES})
    assert read_text(path) == "秤铺[1]开门\n[1] 见县志\n下半条\n后"


def test_a_note_of_a_heading_is_not_in_its_name(tmp_path: Path) -> None:
    heading = '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr>{}</w:p>'
    content = heading.format(run("渡口") + MARK) + paragraph("一") + heading.format(run("老街")) + paragraph("二")
    path = word_package(tmp_path / "d.docx", content, parts={"word/footnotes.xml": NOTES})
    [derived] = describe(path).derived
    passages = parse_passages((tmp_path / derived.file).read_bytes())
    assert [passage.label for passage in passages] == ["渡口", "老街"]
    assert passages[0].text == "[1] 见县志\n下半条\n一"


@pytest.mark.parametrize("notes", [{}, {"word/footnotes.xml": "<<<"}])
def test_a_missing_note_says_so(tmp_path: Path, notes: dict[str, str | bytes]) -> None:
    path = word_package(tmp_path / "d.docx", f"<w:p>{run('秤铺')}{MARK}</w:p>", parts=notes)
    assert read_text(path) == "秤铺[1]\n[1] （这条注读不出。）"


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("page.htm", PAGE, "块里的一段\n又一段"),
        ("page.mht", MESSAGE, "块里的一段\n又一段"),
        ("page.txt", "块里的一段\n又一段".encode("gbk"), "块里的一段\n又一段"),
        ("page.rtf", b"{\\rtf1 x}", "（这里嵌入的文件读不出。）"),
        ("page.bin", b"\0\1\2\3" * 50, "（这里嵌入的文件读不出。）"),
        ("page.htm", b"", "（这里嵌入的文件读不出。）"),
    ],
)
def test_imported_parts_are_read_in_their_place(tmp_path: Path, name: str, data: bytes, text: str) -> None:
    content = paragraph("前") + '<w:altChunk r:id="rel-page"/>' + paragraph("后")
    path = word_package(tmp_path / "d.docx", content, parts={f"word/{name}": data})
    assert read_text(path) == f"前\n{text}\n后"


def nested(folder: Path, depth: int) -> bytes:
    """A DOCX that imports another one, so many times."""
    content, parts = paragraph(f"第{depth}层"), {}
    if depth:
        content, parts = content + '<w:altChunk r:id="rel-inner"/>', {"word/inner.docx": nested(folder, depth - 1)}
    return word_package(folder / f"{depth}.docx", content, parts=parts).read_bytes()


@pytest.mark.parametrize(
    ("depth", "text"),
    [
        (1, "第1层\n第0层"),
        (3, "第3层\n第2层\n第1层\n第0层"),
        (5, "第5层\n第4层\n第3层\n第2层\n（这里嵌入的文件读不出。）"),
    ],
)
def test_documents_within_a_document_are_read(tmp_path: Path, depth: int, text: str) -> None:
    nested(tmp_path, depth)
    assert read_text(tmp_path / f"{depth}.docx") == text


def test_a_damaged_document_within_a_document_says_so(tmp_path: Path) -> None:
    content = paragraph("前") + '<w:altChunk r:id="rel-inner"/>'
    path = word_package(tmp_path / "d.docx", content, parts={"word/inner.docx": b"PK\x03\x04 damaged"})
    assert read_text(path) == "前\n（这里嵌入的文件读不出。）"


def test_an_import_without_a_part_says_so(tmp_path: Path) -> None:
    path = word_package(tmp_path / "d.docx", paragraph("前") + '<w:altChunk r:id="none"/>')
    assert read_text(path) == "前\n（这里嵌入的文件读不出。）"


def test_the_words_of_a_diagram_are_read(tmp_path: Path) -> None:
    data = word_part("dgm:dataModel", "<dgm:pt><dgm:t><a:p><a:r><a:t>渡口</a:t></a:r></a:p></dgm:t></dgm:pt>")
    content = paragraph("前") + '<w:p><w:r><w:drawing><dgm:relIds r:dm="rel-data1"/></w:drawing></w:r></w:p>'
    assert read_text(word_package(tmp_path / "d.docx", content, parts={"word/diagrams/data1.xml": data})) == "前\n渡口"


def test_names_in_gbk_that_are_marked_as_utf8_leave_the_text(tmp_path: Path) -> None:
    path = word_package(tmp_path / "d.docx", paragraph("老街"), parts={"word/media/老街12.png": b"x"})
    path.write_bytes(path.read_bytes().replace("老街12".encode(), "老街老街".encode("gbk")))
    assert detect_format(path) == "docx"
    assert read_text(path) == "老街"


@pytest.mark.parametrize("kept", [-60, 300, 40])
def test_a_document_that_was_cut_is_to_be_copied_again(tmp_path: Path, kept: int) -> None:
    path = word_package(tmp_path / "d.docx", paragraph("老街"))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(RejectedError) as refusal:
        detect_format(path)
    assert refusal.value.code == "truncated"
