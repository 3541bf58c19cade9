"""Notes of speakers below slides: found by the pages of the PDF that the slides become."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest_tools.formats.documents import office
from ingest_tools.formats.documents.speaker_notes import read_notes
from ingest_tools.passage_file import PASSAGES_FILE
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.office_documents import slides

SPACES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
RELATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="n" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/notesSlide" '
    'Target="../notesSlides/notes{0}.xml"/></Relationships>'
)


def shape(kind: str, *lines: str) -> str:
    paragraphs = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return f'<p:sp><p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>'


def deck(folder: Path, notes: Mapping[int, str], *, hidden: int = 0) -> Path:
    """Slides of three pages, some with a part of notes."""
    usual = slides(folder / "usual.pptx", [("渡口", "一"), ("老街", "二"), ("柑橘", "三")])
    path = folder / "课件.pptx"
    with zipfile.ZipFile(usual) as read, zipfile.ZipFile(path, "w") as written:
        for name in read.namelist():
            data = read.read(name)
            if name == f"ppt/slides/slide{hidden}.xml":
                data = data.replace(b"<p:sld ", b'<p:sld show="0" ')
            written.writestr(name, data)
        for number, content in notes.items():
            written.writestr(f"ppt/slides/_rels/slide{number}.xml.rels", RELATION.format(number))
            written.writestr(f"ppt/notesSlides/notes{number}.xml", content)
    return path


def notes_part(*shapes: str) -> str:
    return f"<p:notes {SPACES}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:notes>"


def test_notes_belong_to_their_slides(tmp_path: Path) -> None:
    path = deck(tmp_path, {1: notes_part(shape("body", "先问好", "再唱")), 3: notes_part(shape("body", "收尾"))})
    assert read_notes(path, ".pptx") == {1: "先问好\n再唱", 3: "收尾"}


def test_pages_are_counted_without_hidden_slides(tmp_path: Path) -> None:
    path = deck(tmp_path, {2: notes_part(shape("body", "不讲")), 3: notes_part(shape("body", "收尾"))}, hidden=2)
    assert read_notes(path, ".pptx") == {2: "收尾"}


@pytest.mark.parametrize("kind", ["sldNum", "dt", "hdr", "ftr", "sldImg"])
def test_numbers_and_dates_of_a_page_of_notes_are_no_notes(tmp_path: Path, kind: str) -> None:
    assert read_notes(deck(tmp_path, {1: notes_part(shape(kind, "7"))}), ".pptx") == {}


@pytest.mark.parametrize("content", ["", "no XML", "<p:notes"])
def test_damaged_notes_leave_those_of_other_pages(tmp_path: Path, content: str) -> None:
    path = deck(tmp_path, {1: content, 2: notes_part(shape("body", "接着唱"))})
    assert read_notes(path, ".pptx") == {2: "接着唱"}


@pytest.mark.parametrize("suffix", [".odp", ".sxi", ".fodp"])
def test_notes_of_open_slides(tmp_path: Path, suffix: str) -> None:
    spaces = 'xmlns:draw="d" xmlns:presentation="p" xmlns:text="t" xmlns:office="o"'
    content = (
        f"<office:document-content {spaces}><draw:page><text:p>渡口</text:p></draw:page>"
        "<draw:page><text:p>老街</text:p><presentation:notes><text:p>先<text:span>问</text:span>好</text:p>"
        "</presentation:notes></draw:page></office:document-content>"
    )
    path = tmp_path / f"a{suffix}"
    if suffix == ".fodp":
        path.write_text(content, "utf-8")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("content.xml", content)
    assert read_notes(path, suffix) == {2: "先问好"}


def test_other_documents_have_none(tmp_path: Path) -> None:
    (tmp_path / "a.pptx").write_bytes(b"PK")
    assert read_notes(tmp_path / "a.pptx", ".pptx") == {}
    assert read_notes(tmp_path / "a.pptx", ".doc") == {}


@pytest.mark.long
def test_notes_are_in_the_text_of_their_page(tmp_path: Path) -> None:
    path = deck(tmp_path, {2: notes_part(shape("body", "接着唱"))})
    office.describe(path, tmp_path, covers=False)
    texts = [passage.text for passage in parse_passages((tmp_path / PASSAGES_FILE).read_bytes())]
    assert texts == ["渡口\n一", "老街\n二\n（备注）接着唱", "柑橘\n三"]
