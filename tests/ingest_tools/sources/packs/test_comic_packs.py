"""Packs of books that are called as comics, and comics that have no pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats.ebooks.comics.comic import describe
from ingest_tools.rejections import RejectedError
from library_server.library import Library
from tests.factories.ebooks import drawn, zipped
from tests.factories.packs import rar_of
from tests.ingest_tools.sources.packs.test_packs import STORY, codes
from tests.support.libraries import ingest
from tests.support.records import records_by_title

RED, BLUE = drawn("red"), drawn("blue")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


def comic(path: Path) -> bytes:
    made = zipped(path, {"1.jpg": RED, "2.jpg": BLUE}).read_bytes()
    path.unlink()
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", ["三毛.cbz", "sanmao.cbr"])
def test_a_comic_of_comics_is_a_pack(library: Library, disk: Path, name: str) -> None:
    members: dict[str, bytes] = {"v1.cbz": comic(disk / "a"), "v2.cbz": comic(disk / "a") + b"\0"}
    if name.endswith("cbr"):
        rar_of(disk / name, members)
    else:
        zipped(disk / name, members)
    report = ingest(library, disk)
    assert (report.added, codes(report, disk)) == (2, {})
    assert sorted(records_by_title(library)) == ["v1", "v2"]
    assert {record.details.format for record in records_by_title(library).values()} == {"comic"}
    assert ingest(library, disk).unchanged == 2


@pytest.mark.slow
def test_a_comic_with_a_book_in_it_stays_a_comic(library: Library, disk: Path) -> None:
    zipped(disk / "三毛.cbz", {"1.jpg": RED, "2.jpg": BLUE, "说明.txt": STORY})
    assert ingest(library, disk).rejections == []
    assert list(records_by_title(library)) == ["三毛"]


@pytest.mark.parametrize("name", ["a.cbz", "a.cbr"])
def test_a_comic_without_pictures_says_what_is_in_it(tmp_path: Path, name: str) -> None:
    members: dict[str, bytes] = {"book.pdf": b"%PDF-", "b.cbz": b"PK"}
    path = rar_of(tmp_path / name, members) if name == "a.cbr" else zipped(tmp_path / name, members)
    (tmp_path / "out").mkdir()
    with pytest.raises(RejectedError) as refusal:
        describe(path, tmp_path / "out")
    assert (refusal.value.code, "book.pdf" in refusal.value.detail) == ("no_pages", True)
