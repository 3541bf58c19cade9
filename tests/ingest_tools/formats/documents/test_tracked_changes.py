"""Text that was deleted under tracked changes: taken out of OpenDocument, noticed in RTF and Word 97."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest_tools.formats.documents import office
from ingest_tools.formats.documents.tracked_changes import may_have_deletions, remove_deletions
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.office_documents import compound_file, flat_document, open_document

CHANGED = (
    "<text:tracked-changes><text:changed-region><text:deletion><text:p>删掉的</text:p></text:deletion>"
    '</text:changed-region></text:tracked-changes><text:p>留<text:change text:change-id="a"/>下'
    '<text:change-start text:change-id="b"/>插入<text:change-end text:change-id="b"/>末</text:p>'
)


def read_content(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("content.xml").decode()


def test_deletions_go_and_the_text_around_the_marks_stays(tmp_path: Path) -> None:
    content = read_content(remove_deletions(open_document(tmp_path / "a.odt", CHANGED), tmp_path / "b.odt"))
    assert "留下插入末</text:p>" in content
    assert "删掉的" not in content


def test_the_media_type_stays_the_first_member(tmp_path: Path) -> None:
    with zipfile.ZipFile(remove_deletions(open_document(tmp_path / "a.odt", CHANGED), tmp_path / "b.odt")) as archive:
        first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_a_document_without_changes_is_not_copied(tmp_path: Path) -> None:
    path = open_document(tmp_path / "a.odt", "<text:p>正文</text:p>")
    assert remove_deletions(path, tmp_path / "b.odt") == path
    assert not (tmp_path / "b.odt").exists()


def test_a_damaged_picture_leaves_the_text(tmp_path: Path) -> None:
    path = open_document(tmp_path / "a.odt", CHANGED)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("Pictures/1.png", "picture")
    path.write_bytes(path.read_bytes().replace(b"picture", b"damaged"))
    assert "留下插入末" in read_content(remove_deletions(path, tmp_path / "b.odt"))


def test_damaged_text_is_refused(tmp_path: Path) -> None:
    path = open_document(tmp_path / "a.odt", CHANGED)
    path.write_bytes(path.read_bytes().replace("留".encode(), "溜".encode()))
    with pytest.raises(RejectedError) as refusal:
        remove_deletions(path, tmp_path / "b.odt")
    assert refusal.value.code == "damaged"


def test_deletions_of_a_flat_document_go(tmp_path: Path) -> None:
    written = remove_deletions(flat_document(tmp_path / "a.fodt", CHANGED), tmp_path / "b.fodt").read_text()
    assert "留下插入末" in written
    assert "删掉的" not in written


@pytest.mark.parametrize(
    ("text", "expected"),
    [(r"\deleted x", True), (r"\deleted\b x", True), (r"\deleted1 x", True), (r"\deleted0 x", False), ("x", False)],
)
def test_rich_text_with_deletions_is_noticed(tmp_path: Path, text: str, expected: bool) -> None:
    (tmp_path / "a.rtf").write_text(f"{{\\rtf1 {text}}}")
    assert may_have_deletions(tmp_path / "a.rtf", ".rtf") is expected


@pytest.mark.parametrize(("property_bytes", "expected"), [(b"\x00\x08\x01", True), (b"\x00\x08\x00", False)])
def test_old_word_with_deletions_is_noticed(tmp_path: Path, property_bytes: bytes, expected: bool) -> None:
    path = compound_file(tmp_path / "a.doc", {"WordDocument": b"x" * 600 + property_bytes + b"x" * 4000})
    assert may_have_deletions(path, ".doc") is expected


def test_other_kinds_and_empty_files_have_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\\deleted x")
    assert not may_have_deletions(tmp_path / "a", ".ppt")
    (tmp_path / "b").write_bytes(b"")
    assert not may_have_deletions(tmp_path / "b", ".rtf")


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"kept {\deleted gone }{\revised new}\par}", "kept new"),
        (r"{\b kept\par", "kept\n（文件在这里断了，后面的读不出。）"),
    ],
)
def test_rich_text_is_converted_as_far_as_it_goes(tmp_path: Path, text: str, shown: str) -> None:
    (tmp_path / "a.rtf").write_text(f"{{\\rtf1\\ansi{{\\*\\revtbl{{Unknown;}}}}{text}")
    [derived] = [file for file in office.describe(tmp_path / "a.rtf", tmp_path).derived if file.role == "text"]
    [passage] = parse_passages((tmp_path / derived.file).read_bytes())
    assert passage.text == shown
