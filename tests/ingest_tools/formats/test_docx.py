"""DOCX as programs write it: other names of the main part, strict namespaces, text boxes, alternatives."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest_tools.formats import docx
from ingest_tools.formats.detection import detect_format
from library_server.catalogue.passages.serialization import parse_passages

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOX = "<w:txbxContent><w:p><w:r><w:t>框里的芝麻</w:t></w:r></w:p></w:txbxContent>"


def text_of(tmp_path: Path, body: str, *, main: str = "word/document.xml", namespace: str = TRANSITIONAL) -> list[str]:
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
    return [line for passage in parse_passages((out / text.file).read_bytes()) for line in passage.text.split("\n")]


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize("main", ["word/document.xml", "word/document2.xml", "Word/Document1.xml"])
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
