"""Volumes of packs and pages in PDG: refused once for all of them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from library_server.library import Library
from tests.factories.packs import rar_of, zip_of
from tests.support.libraries import ingest

PDG = b"HH\x02\x00" + bytes(200)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


def refusals(library: Library, disk: Path) -> list[tuple[str, str]]:
    report = ingest(library, disk)
    return [(Path(row["path"]).relative_to(disk).as_posix(), row["code"]) for row in report.rejections]


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["资料.part1.rar", "资料.part2.rar", "资料.part3.rar"], "资料.part1.rar"),
        (["a.7z.001", "a.7z.002"], "a.7z.001"),
        (["a.ZIP.001", "A.zip.002"], "a.ZIP.001"),
        (["a.zip", "a.z01", "a.z02"], "a.zip"),
        (["a.rar", "a.r00", "a.r01"], "a.rar"),
    ],
)
def test_the_volumes_of_a_pack_are_refused_once(library: Library, disk: Path, names: list[str], first: str) -> None:
    for name in names:
        (disk / name).write_bytes(b"Rar!\x1a\x07\x00" + bytes(99))
    (disk / "a.txt").write_text("旁边的一篇文章", "utf-8")
    assert refusals(library, disk) == [(first, "archive_volumes")]


def test_the_refusal_names_the_set(library: Library, disk: Path) -> None:
    for number in range(1, 4):
        (disk / f"资料.part{number}.rar").write_bytes(b"x")
    [row] = ingest(library, disk).rejections
    assert "资料.part1.rar … 资料.part3.rar" in row["reason"]


def test_a_volume_is_known_by_its_content(library: Library, disk: Path) -> None:
    path = rar_of(disk / "a.rar", {"a.txt": b"text"})
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, 7 + 3, 1)  # the flag of the main header
    path.write_bytes(data)
    assert refusals(library, disk) == [("a.rar", "archive_volumes")]


def test_two_packs_are_no_volumes(library: Library, disk: Path) -> None:
    for name in ("a.zip", "b.zip"):
        zip_of(disk / name, {f"{name}.txt": f"一篇文章 {name}"})
    assert refusals(library, disk) == []


def test_a_folder_of_pages_in_pdg_is_refused_once(library: Library, disk: Path) -> None:
    book = disk / "株洲县志"
    book.mkdir()
    for number in range(1, 30):
        (book / f"{number:06d}.pdg").write_bytes(PDG)
    (book / "cov001.pdg").write_bytes(PDG)
    (book / "BookInfo.dat").write_text("title=株洲县志", "utf-8")
    assert refusals(library, disk) == [("株洲县志", "reader_format")]
    assert refusals(library, disk) == [("株洲县志", "reader_format")]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_refused_book_in_pdg_is_called_by_its_title(library: Library, disk: Path, encoding: str) -> None:
    for number in range(1, 4):
        (disk / f"{number:06d}.pdg").write_bytes(PDG)
    told = "[General Information]\r\n书名=株洲县志\r\n作者=县志编纂委员会编\r\n页数=236\r\nSS号=10000001\r\n"
    (disk / "bookinfo.dat").write_bytes(told.encode(encoding))
    [row] = ingest(library, disk).rejections
    assert (row["code"], "《株洲县志》县志编纂委员会编" in row["reason"]) == ("reader_format", True)


def test_pages_of_another_format_under_the_name_are_taken_one_by_one(library: Library, disk: Path) -> None:
    for name in ("1.pdg", "2.pdg"):
        (disk / name).write_bytes(b"%PDF-1.4 broken")
    assert sorted(refusals(library, disk)) == [("1.pdg", "damaged"), ("2.pdg", "damaged")]


@pytest.mark.slow
def test_members_of_a_method_that_is_not_known_are_named(library: Library, disk: Path) -> None:
    path = zip_of(disk / "资料.zip", {"a.txt": "一篇文章", "b.txt": "另一篇文章"})
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, data.index(b"PK\x03\x04") + 8, 97)
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 10, 97)
    path.write_bytes(data)
    report = ingest(library, disk)
    [row] = report.rejections
    assert (report.added, row["code"]) == (1, "archive_method")
    assert "WavPack" in row["reason"]
