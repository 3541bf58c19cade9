"""Office documents: converted to PDF by LibreOffice, which is tried on few, since each takes seconds."""

from __future__ import annotations

import struct
import subprocess
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from flask.testing import FlaskClient
from PIL import Image

from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.documents import libreoffice, office_types
from ingest_tools.pipeline.options import Options
from ingest_tools.pipeline.pipeline import Ingest
from ingest_tools.rejections import RejectedError
from library_server.library import Library
from tests.factories.office_documents import compound_file, open_document, rich_text, slides
from tests.support.libraries import ingest
from tests.support.records import load_only_record

PAGES = [("浏阳河弯过了几道弯", "第一次民歌讲座，从汉口唱到浏阳，讲这首歌的来历"), ("第二讲", "湘江上的船工号子")]


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


@pytest.mark.long
def test_slides_are_read_as_a_pdf_and_searched(library: Library, client: FlaskClient, disk: Path) -> None:
    slides(disk / "课件.pptx", PAGES, title="PowerPoint 演示文稿", author="微软用户")
    assert ingest(library, disk).added == 1
    record = load_only_record(library)
    assert (record.title, record.creators, record.extent) == (PAGES[0][0], (), 2)
    assert record.original is not None
    assert record.original.media_type == office_types.OPENXML + ".presentationml.presentation"
    assert record.original.filename == "课件.pptx"
    assert not record.details.needs_ocr
    page = client.get(f"/read/{record.id}").get_data(as_text=True)
    assert 'data-form="pdf"' in page
    [copy] = (asset for asset in record.assets_of("rendition") if asset.media_type == "application/pdf")
    with library.store.open(copy.key) as reading:
        assert len(pypdfium2.PdfDocument(reading.read())) == 2
    assert "2 页" in client.get(f"/records/{record.id}").get_data(as_text=True)
    assert "船工号子" in client.get(f"/read/{record.id}?chapter=2").get_data(as_text=True)


@pytest.mark.long
def test_a_document_of_old_word_is_taken_whatever_its_name(library: Library, disk: Path) -> None:
    document = rich_text(disk / "a.rtf", "天没亮，秤铺就开了门。", title="老秤铺", author="周望水")
    command = ["soffice", f"-env:UserInstallation={(disk.parent / 'profile').as_uri()}", "--headless",
               "--convert-to", "doc", "--outdir", str(disk), str(document)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    document.unlink()
    (disk / "a.doc").rename(disk / "老文件.wps")
    assert ingest(library, disk).rejections == []
    record = load_only_record(library)
    assert (record.title, record.creators) == ("老秤铺", ("周望水",))
    assert record.original is not None
    assert record.original.media_type == "application/msword"


@pytest.mark.slow
def test_other_files_of_this_machine_stay_out_of_the_pdf(tmp_path: Path) -> None:
    Image.new("RGB", (200, 200), "red").save(tmp_path / "secret.png")
    body = (
        '<text:p>正文<draw:frame text:anchor-type="as-char" svg:width="5cm" svg:height="5cm"><draw:image '
        f'xlink:href="{(tmp_path / "secret.png").as_uri()}" xlink:type="simple" xlink:show="embed" '
        'xlink:actuate="onLoad"/></draw:frame></text:p>'
    )
    open_document(tmp_path / "文.odt", body)
    libreoffice.convert(tmp_path / "文.odt", ".odt", tmp_path / "文.pdf")
    page = pypdfium2.PdfDocument(tmp_path / "文.pdf")[0]
    assert "正文" in page.get_textpage().get_text_range()
    colours = page.render(scale=0.2).to_pil().convert("RGB").getcolors(1 << 20)
    assert not [colour for _, colour in colours if colour[0] > 200 and colour[1] < 60]


def test_without_the_program_it_is_named_and_the_file_comes_later(
    library: Library, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich_text(disk / "信.rtf", "一封信")
    scratch = library.settings.home / "scratch"
    with monkeypatch.context() as without:
        without.setenv("PATH", str(disk))
        report = Ingest(library.database, library.store, scratch, Options(workers=1)).run([disk])
    [rejection] = report.rejections
    assert rejection["code"] == "program_missing"
    assert "libreoffice-writer" in rejection["reason"]
    retried = ingest(library, disk, only=frozenset([rejection["path"]]))
    assert (retried.added, retried.rejected) == (1, 0)


@pytest.mark.parametrize(
    ("script", "code"),
    [("sleep 60 & sleep 60", "too_slow"), ("exit 0", "damaged"), ("echo bad >&2; exit 1", "damaged")],
)
def test_a_conversion_that_fails_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: str
) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(libreoffice, "find_program", lambda *_: str(program))
    (tmp_path / "a.rtf").write_text("{\\rtf1}")
    with pytest.raises(RejectedError) as refusal:
        libreoffice.convert(tmp_path / "a.rtf", ".rtf", tmp_path / "a.pdf", 1)
    assert refusal.value.code == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.rtf", "soffice"]


FILE_PASS = struct.pack("<HHHHHHII", 0x809, 16, 0x600, 5, 0, 0, 0, 0) + struct.pack("<HH", 0x2F, 6) + bytes(6)
OLD = {
    "有密码.docx": ({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}, "encrypted"),
    "有密码.doc": ({"WordDocument": bytes(10) + b"\x00\x01"}, "encrypted"),
    "有密码.ppt": ({"Current User": bytes(12) + b"\xdf\xc4\xd1\xf3", "PowerPoint Document": b"x"}, "encrypted"),
    "有密码.et": ({"Workbook": FILE_PASS}, "encrypted"),
    "图.vsd": ({"VisioDocument": b"x"}, "other_document"),
    "信.msg": ({"__properties_version1.0": b"x"}, "other_document"),
}


@pytest.mark.parametrize("name", OLD)
def test_old_office_files_that_are_not_converted(tmp_path: Path, name: str) -> None:
    streams, code = OLD[name]
    path = compound_file(tmp_path / name, streams)
    assert detect_format(path) == "document"
    with pytest.raises(RejectedError) as refusal:
        office_types.office_type(path)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("streams", "suffix"),
    [
        ({"WordDocument": bytes(10) + b"\x00\x12", "1Table": b"x"}, ".doc"),
        ({"Current User": bytes(12) + b"\x5f\xc0\x91\xe3", "PowerPoint Document": b"x"}, ".ppt"),
        ({"Workbook": b"x"}, ".xls"),
        ({"Book": b"x"}, ".xls"),
        ({"MatOST": b"x", "CONTENTS": b"x"}, ".wps"),
    ],
)
def test_old_office_files_are_told_apart_by_their_streams(
    tmp_path: Path, streams: dict[str, bytes], suffix: str
) -> None:
    assert office_types.office_type(compound_file(tmp_path / "a", streams)).suffix == suffix


def test_an_open_document_with_a_password_is_encrypted(tmp_path: Path) -> None:
    path = open_document(tmp_path / "密.odt", "<text:p>a</text:p>", encrypted=True)
    with pytest.raises(RejectedError) as refusal:
        office_types.office_type(path)
    assert refusal.value.code == "encrypted"


@pytest.mark.parametrize("part", ["Index/Document.iwa", "FixedDocSeq.fdseq", "visio/document.xml"])
def test_other_documents_are_not_called_archives(tmp_path: Path, part: str) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(RejectedError) as refusal:
        detect_format(tmp_path / "a")
    assert refusal.value.code == "other_document"


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_cut_old_document_is_damaged_or_read(tmp_path: Path, share: float) -> None:
    path = compound_file(tmp_path / "a.doc", {"WordDocument": b"x" * 9000, "1Table": b"x" * 5000})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    try:
        outcome = office_types.office_type(path).suffix
    except RejectedError as refusal:
        outcome = refusal.code
    assert outcome in {".doc", "damaged"}


@pytest.mark.parametrize(
    ("name", "streams"),
    [("名单.xlsx", {"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), ("名单.xls", {"Workbook": FILE_PASS})],
)
def test_a_list_with_a_password_is_called_so(
    library: Library, disk: Path, name: str, streams: dict[str, bytes]
) -> None:
    compound_file(disk / name, streams)
    [rejection] = ingest(library, disk).rejections
    assert rejection["code"] == "encrypted"
