"""Comics whose pages are in forms that browsers do not show."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.formats.ebooks.comics import comic
from library_server.catalogue.enums import READING_COPY
from tests.factories.ebooks import drawn, zipped


def page(form: str, color: str, mode: str = "RGB") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (300, 400), color).convert(mode).save(target, form)
    return target.getvalue()


def copied(tmp_path: Path, members: dict[str, bytes | str], suffix: str = ".cbz") -> tuple[dict[str, bytes], list[str]]:
    """The pages of the copy that is shown, and the notes."""
    path = zipped(tmp_path / f"渡口{suffix}", members)
    (tmp_path / "out").mkdir(exist_ok=True)
    description = comic.describe(path, tmp_path / "out")
    [copy] = [made for made in description.derived if made.label == READING_COPY]
    with zipfile.ZipFile(tmp_path / "out" / copy.file) as archive:
        pages = {name: archive.read(name) for name in archive.namelist()}
    statements = description.details.statements
    return pages, list(statements.notes if statements is not None else ())


@pytest.mark.parametrize(
    ("suffix", "form", "mode"),
    [(".tif", "TIFF", "RGB"), (".TIFF", "TIFF", "1"), (".jp2", "JPEG2000", "RGB"), (".tif", "TIFF", "CMYK")],
)
def test_pages_become_jpeg_in_the_copy(tmp_path: Path, suffix: str, form: str, mode: str) -> None:
    members: dict[str, bytes | str] = {f"{number}{suffix}": page(form, "white", mode) for number in (1, 2, 10)}
    pages, notes = copied(tmp_path, members)
    assert list(pages) == [f"{number}{suffix}.jpg" for number in (1, 2, 10)]
    assert notes == []
    for data in pages.values():
        with Image.open(io.BytesIO(data)) as picture:
            assert (picture.format, picture.size) == ("JPEG", (300, 400))


def test_other_pages_stay_as_they_are(tmp_path: Path) -> None:
    pages, _ = copied(tmp_path, {"1.jpg": drawn("red"), "2.tif": page("TIFF", "blue")})
    assert pages["1.jpg"] == drawn("red")
    assert list(pages) == ["1.jpg", "2.tif.jpg"]


def test_a_page_that_cannot_be_read_keeps_its_place(tmp_path: Path) -> None:
    members = {"1.tif": page("TIFF", "red"), "2.tif": b"broken", "3.tif": page("TIFF", "blue")}
    pages, notes = copied(tmp_path, {**members})
    assert list(pages) == ["1.tif.jpg", "2.tif.jpg", "3.tif.jpg"]
    assert [note.startswith("第 2 页") for note in notes] == [True]


def test_the_same_comic_gives_the_same_copy(tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {"1.tif": page("TIFF", "red")}
    assert copied(tmp_path, members) == copied(tmp_path, members)
