"""DOCX as programs write it: other names of the main part, strict namespaces, text boxes, alternatives."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.formats import docx
from ingest_tools.formats.detection import detect_format
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import Passage, parse_passages
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.records import load_only_record

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOX = "<w:txbxContent><w:p><w:r><w:t>框里的芝麻</w:t></w:r></w:p></w:txbxContent>"


def passages_of(
    tmp_path: Path, body: str, *, main: str = "word/document.xml", namespace: str = TRANSITIONAL
) -> list[Passage]:
    path = tmp_path / "d.docx"
    document = (
        f'<w:document xmlns:w="{namespace}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        f' xmlns:v="urn:schemas-microsoft-com:vml"><w:body>{body}</w:body></w:document>'
    )
    relations = f'<Relationships><Relationship Type="{OFFICE}/officeDocument" Target="/{main}"/></Relationships>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", relations)
        archive.writestr(main, document)
    assert detect_format(path) == "docx"
    out = tmp_path / "out"
    out.mkdir()
    [text] = docx.describe(path, out).derived
    return list(parse_passages((out / text.file).read_bytes()))


def text_of(tmp_path: Path, body: str, *, main: str = "word/document.xml", namespace: str = TRANSITIONAL) -> list[str]:
    passages = passages_of(tmp_path, body, main=main, namespace=namespace)
    return [line for passage in passages for line in passage.text.split("\n")]


def pictures_only(path: Path, *, pictures: int) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        body = "<w:p><w:r><w:drawing/></w:r></w:p>" * pictures
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{TRANSITIONAL}"><w:body>{body}</w:body></w:document>'
        )
        for number in range(pictures):
            drawn = io.BytesIO()
            Image.new("RGB", (400, 300), (40 * number, 90, 60)).save(drawn, "PNG")
            archive.writestr(f"word/media/image{number + 1}.png", drawn.getvalue())
    return path


def test_a_document_of_pictures_alone_is_taken_in_and_says_so(library: Library, tmp_path: Path) -> None:
    report = ingest(library, pictures_only(tmp_path / "老照片集.docx", pictures=3))
    assert (report.added, report.rejections) == (1, [])
    record = load_only_record(library)
    assert (record.title, record.kind, record.abstract) == ("老照片集", "book", "文档里没有文字，只有 3 张图片。")


def test_a_document_without_text_and_pictures_is_empty(tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as refused:
        docx.describe(pictures_only(tmp_path / "空.docx", pictures=0), tmp_path)
    assert refused.value.code == "no_text"


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    "main",
    ["word/document.xml", "word/document2.xml", "Word/Document1.xml", "Word/Document.xml", "word\\document.xml",
     "word\\document3.xml", "word/main.xml"],
)  # fmt: skip
@pytest.mark.parametrize("namespace", [TRANSITIONAL, STRICT])
def test_main_parts(main: str, namespace: str, tmp_path: Path) -> None:
    assert text_of(tmp_path, paragraph("文档里的莲藕"), main=main, namespace=namespace) == ["文档里的莲藕"]


@pytest.mark.parametrize(
    "box",
    [
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'>{BOX}</mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{BOX}"
        "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
        f"<w:p><w:r><w:pict><v:textbox>{BOX}</v:textbox></w:pict></w:r></w:p>",
        f"<w:p><w:r><w:t>前</w:t></w:r><w:r><w:pict>{BOX}</w:pict></w:r><w:r><w:t>后</w:t></w:r></w:p>",
    ],
)
def test_text_boxes_are_read_once(box: str, tmp_path: Path) -> None:
    lines = text_of(tmp_path, box + paragraph("别的段落"))
    assert "".join(lines).count("框里的芝麻") == 1
    assert lines[-1] == "别的段落"


def test_headings_make_chapters(tmp_path: Path) -> None:
    heading = '<w:p><w:pPr><w:pStyle w:val="Heading 1"/></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>'
    body = heading.format("春耕") + paragraph("一") + heading.format("秋收") + paragraph("二")
    assert text_of(tmp_path, body) == ["一", "二"]


@pytest.mark.parametrize(
    "properties", ['<w:pStyle w:val="Normal"/>', '<w:outlineLvl w:val="9"/>', "<w:pStyle/>", "<w:jc/>", ""]
)
def test_other_paragraphs_are_no_headings(properties: str, tmp_path: Path) -> None:
    heading = '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>'
    other = f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>一</w:t></w:r></w:p>"
    body = paragraph("前言") + heading.format("春耕") + other + heading.format("秋收") + paragraph("二")
    passages = [(passage.label, passage.text) for passage in passages_of(tmp_path, body)]
    assert passages == [("卷首", "前言"), ("春耕", "一"), ("秋收", "二")]


def test_properties_that_are_missing_are_empty(tmp_path: Path) -> None:
    path = tmp_path / "d.docx"
    spaces = (
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{TRANSITIONAL}">{paragraph("一")}</w:document>')
        archive.writestr(
            "docProps/core.xml", f"<cp:coreProperties {spaces}><dc:creator>周望水</dc:creator></cp:coreProperties>"
        )
    (tmp_path / "out").mkdir()
    description = docx.describe(path, tmp_path / "out")
    assert (description.title, description.creators) == (None, [("周望水", "author")])
    assert (description.abstract, description.subjects) == (None, [])
