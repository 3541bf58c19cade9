"""Formats that only their own program opens are named, with that program."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest

from ingest_tools.formats.detection import detect_format
from ingest_tools.rejections import RejectedError
from library_server.library import Library
from tests.support.libraries import ingest

NOISE = random.Random(16).randbytes(3000)
BY_CONTENT = {
    "CAJ": b"CAJ\0" + bytes(12) + NOISE,
    "NH": b"HN\x02\0" + NOISE,
    "KDH": b"KDH 2.00 Copyright(C) 2000 CAJCD" + bytes(222) + NOISE,
    "TEB": b"TEB\0" + NOISE,
    "PDG": b"HH\x02\0" + bytes(12) + NOISE,
    "CEB": b"Founder CEB 2.99D\0" + NOISE,
    "CHM": b"ITSF\x03\0\0\0" + NOISE,
    "LIT": b"ITOLITLS\x01\0\0\0" + NOISE,
}
BY_NAME = {
    "论文.caj": ("CAJ", "CAJViewer"),
    "论文.NH": ("NH", "CAJViewer"),
    "论文.kdh": ("KDH", "CAJViewer"),
    "000001.pdg": ("PDG", "超星"),
    "书.pdz": ("PDZ", "超星"),
    "书.uvz": ("UVZ", "超星"),
    "公文.ceb": ("CEB", "Apabi"),
    "公文.cebx": ("CEBX", "Apabi"),
    "公文.ofd": ("OFD", "数科"),
}


def refusal_of(path: Path) -> tuple[str, str]:
    with pytest.raises(RejectedError) as refusal:
        detect_format(path)
    return refusal.value.code, refusal.value.detail


@pytest.mark.parametrize("form", BY_CONTENT)
def test_a_format_is_recognised_whatever_its_name(tmp_path: Path, form: str) -> None:
    (tmp_path / "文件").write_bytes(BY_CONTENT[form])
    code, detail = refusal_of(tmp_path / "文件")
    assert (code, detail.split(",")[0]) == ("reader_format", form)


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("content", [NOISE, b"\xff\xd8\xff\xe0" + NOISE], ids=["noise", "jpeg"])
def test_a_format_is_recognised_by_its_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    code, detail = refusal_of(tmp_path / name)
    form, program = BY_NAME[name]
    assert code == "reader_format"
    assert detail.startswith(f"{form}, ")
    assert program in detail


def test_a_pdf_under_such_a_name_is_a_pdf(tmp_path: Path) -> None:
    (tmp_path / "论文.caj").write_bytes(b"%PDF-1.4\n" + NOISE)
    assert detect_format(tmp_path / "论文.caj") == "pdf"


@pytest.mark.parametrize("text", ["CAJ 是知网的格式。", "HN 是湖南。", "KDH 与 NH 都要用 CAJViewer。", "CEBX"])
def test_a_text_about_them_is_a_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "说明.txt").write_text(text, "utf-8")
    assert detect_format(tmp_path / "说明.txt") == "text"


@pytest.mark.parametrize(
    ("members", "form"),
    [(["OFD.xml", "Doc_0/Document.xml"], "OFD"), (["cov001.pdg", "000001.pdg", "bookinfo.dat"], "UVZ")],
)
def test_an_archive_that_is_one_is_named(tmp_path: Path, members: list[str], form: str) -> None:
    path = tmp_path / "无名.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, "x")
    code, detail = refusal_of(path)
    assert (code, detail.split(",")[0]) == ("reader_format", form)


@pytest.mark.parametrize("name", ["书.acsm", "书.lcpl"])
def test_a_licence_file_of_a_protected_book_is_rejected_as_protected(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<fulfillmentToken/>")
    assert refusal_of(tmp_path / name)[0] == "drm"


def test_the_sentence_names_format_and_program(library: Library, tmp_path: Path) -> None:
    (tmp_path / "论文.caj").write_bytes(BY_CONTENT["CAJ"])
    [rejection] = ingest(library, tmp_path / "论文.caj").rejections
    assert rejection["code"] == "reader_format"
    assert "PDF" in rejection["reason"]
    assert rejection["reason"].endswith("(CAJ, CAJViewer)")
