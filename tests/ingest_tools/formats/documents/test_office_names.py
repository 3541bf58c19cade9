"""Documents under names and with parts that are not the usual ones."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.documents.office import with_slashes
from ingest_tools.formats.documents.office_types import flat_type, office_type
from ingest_tools.rejections import RejectedError
from tests.factories.office_documents import flat_document, open_document, slides

PAGE = "<html><head><meta charset=gb2312></head><body><p>通知</p></body></html>"


@pytest.mark.parametrize("suffix", [".doc", ".wps", ".rtf", ".docx", ".html"])
def test_a_page_under_the_name_of_a_document_is_a_page(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(PAGE.encode("gbk"))
    assert detect_format(tmp_path / f"a{suffix}") == "html"


def test_a_page_under_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.php").write_bytes(PAGE.encode("gbk"))
    with pytest.raises(RejectedError) as refusal:
        detect_format(tmp_path / "a.php")
    assert refusal.value.code == "web_page"


@pytest.mark.parametrize(("old", "new"), [("presentation.xml", "presentation2.xml"), ("ppt/p", "PPT/P")])
def test_slides_whose_main_part_has_another_name(tmp_path: Path, old: str, new: str) -> None:
    usual = slides(tmp_path / "usual.pptx", [("渡口", "老街")])
    with zipfile.ZipFile(usual) as read, zipfile.ZipFile(tmp_path / "a.pptx", "w") as written:
        for name in read.namelist():
            written.writestr(name.replace(old, new), read.read(name))
    assert detect_format(tmp_path / "a.pptx") == "document"
    assert office_type(tmp_path / "a.pptx").suffix == ".pptx"


def rewrite(source: Path, target: Path, rename: Callable[[str], str]) -> Path:
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w") as written:
        for name in read.namelist():
            written.writestr(rename(name), read.read(name))
    return target


@pytest.mark.parametrize("suffix", [".pptx", ".odt"])
def test_members_named_with_the_separators_of_windows(tmp_path: Path, suffix: str) -> None:
    usual = tmp_path / f"usual{suffix}"
    if suffix == ".odt":
        open_document(usual, "<text:p>正文</text:p>")
    else:
        slides(usual, [("渡口", "老街")])
    path = rewrite(usual, tmp_path / f"a{suffix}", lambda name: name.replace("/", "\\"))
    assert detect_format(path) == "document"
    assert office_type(path).suffix == suffix
    with zipfile.ZipFile(with_slashes(path, tmp_path / "copy")) as copy, zipfile.ZipFile(usual) as original:
        assert {name: copy.read(name) for name in copy.namelist()} == {
            name: original.read(name) for name in original.namelist()
        }


def test_a_document_with_usual_names_is_not_copied(tmp_path: Path) -> None:
    usual = slides(tmp_path / "usual.pptx", [("渡口", "老街")])
    assert with_slashes(usual, tmp_path / "copy") == usual


@pytest.mark.parametrize("mimetype", [None, b"", b"application/zip", b"application/vnd.oasis.opendocument.formula"])
def test_open_document_is_known_by_its_manifest(tmp_path: Path, mimetype: bytes | None) -> None:
    usual = open_document(tmp_path / "usual.odt", "<text:p>正文</text:p>")
    with zipfile.ZipFile(usual) as read, zipfile.ZipFile(tmp_path / "a.odt", "w") as written:
        for name in read.namelist():
            data = mimetype if name == "mimetype" else read.read(name)
            if data is not None:
                written.writestr(name, data)
    assert detect_format(tmp_path / "a.odt") == "document"
    assert office_type(tmp_path / "a.odt").suffix == ".odt"


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("writer", ".sxw"), ("writer.template", ".sxw"), ("impress", ".sxi"), ("calc", ".sxc"), ("draw", ".sxd")],
)
@pytest.mark.parametrize("has_mimetype", [True, False])
def test_openoffice_1_is_known_by_its_media_type(tmp_path: Path, kind: str, suffix: str, has_mimetype: bool) -> None:
    media_type = f"application/vnd.sun.xml.{kind}"
    path = tmp_path / "a.sxw"
    with zipfile.ZipFile(path, "w") as written:
        if has_mimetype:
            written.writestr("mimetype", media_type)
        entry = f'<m:file-entry m:media-type="{media_type}" m:full-path="/"/>'
        written.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="m">{entry}</m:manifest>')
        written.writestr("content.xml", "<office/>")
    assert detect_format(path) == "document"
    assert office_type(path).suffix == suffix


def test_a_flat_document_is_a_document(tmp_path: Path) -> None:
    path = flat_document(tmp_path / "a.xml", "<text:p>正文</text:p>")
    assert detect_format(path) == "document"
    assert office_type(path).suffix == ".fodt"


def test_word_2003_in_xml_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_text('<?xml version="1.0"?>\n<w:wordDocument xmlns:w="w"><w:body/></w:wordDocument>')
    assert detect_format(tmp_path / "a.doc") == "document"
    assert office_type(tmp_path / "a.doc").suffix == ".xml"


@pytest.mark.parametrize("text", ["the root of Word 2003 is <w:wordDocument >", "# <office:document office:mimetype="])
def test_text_about_these_formats_is_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert detect_format(tmp_path / "a.txt") == "text"


@pytest.mark.parametrize("kind", ["formula", "text-master", "chart"])
def test_other_flat_kinds_are_no_documents(kind: str) -> None:
    assert flat_type(f'<office:document office:mimetype="application/vnd.oasis.opendocument.{kind}">'.encode()) is None
