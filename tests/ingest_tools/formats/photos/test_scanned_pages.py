"""TIFFs of several pages are books; those of one picture with smaller copies of it are photos."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from PIL.ImageFile import ImageFile

from ingest_tools.formats import pages
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.documents import scanned_pages
from ingest_tools.formats.pictures import open_picture
from ingest_tools.passage_file import PASSAGES_FILE
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.media.tiffs import plain_tiff
from tests.factories.pictures import page, scene

MODES = {"1": "group4", "L": "tiff_lzw", "RGB": "jpeg", "P": "tiff_deflate"}


def scan(path: Path, drawn: list[Image.Image], compression: str = "tiff_lzw", **options: Any) -> Path:
    drawn[0].save(path, save_all=True, append_images=drawn[1:], compression=compression, **options)
    return path


def small_pages(mode: str, count: int) -> list[Image.Image]:
    return [page([f"第{number}页"]).resize((310, 438)).convert(mode) for number in range(1, count + 1)]


@pytest.mark.parametrize("mode", MODES)
def test_a_scan_of_several_pages_is_a_book(tmp_path: Path, mode: str) -> None:
    path = scan(tmp_path / "村志.tif", small_pages(mode, 3), MODES[mode], dpi=(150, 150))
    assert detect_format(path) == "tiff"
    description = scanned_pages.describe(path, tmp_path)
    assert (description.kind, description.format, description.extent) == ("book", "tiff", 3)
    assert description.details.needs_ocr
    assert not description.librarians_only
    assert ("rendition", "reading") in {(derived.role, derived.label) for derived in description.derived}
    drawn = pypdfium2.PdfDocument(tmp_path / "reading.pdf")[2]
    assert [round(side) for side in drawn.get_size()] == [149, 210]
    assert drawn.render().to_pil().convert("L").getpixel((0, 0)) > 200  # paper is white


def test_a_page_that_cannot_be_decoded_is_blank_and_says_so(tmp_path: Path) -> None:
    path = scan(tmp_path / "村志.tif", small_pages("L", 4), "tiff_deflate")
    data = bytearray(path.read_bytes())
    with Image.open(io.BytesIO(bytes(data))) as picture:
        picture.seek(2)
        start = picture.tag_v2[273][0]  # type: ignore[attr-defined]
    data[start : start + 200] = b"\xff" * 200
    path.write_bytes(data)
    assert scanned_pages.describe(path, tmp_path).extent == 4
    [passage] = parse_passages((tmp_path / PASSAGES_FILE).read_bytes())
    assert (passage.value, passage.text) == ("3", scanned_pages.MISSING)


@pytest.mark.parametrize("sizes", [[(900, 600)], [(900, 600), (90, 60)], [(900, 600), (450, 300), (225, 150)]])
def test_a_picture_with_smaller_copies_is_a_photo(tmp_path: Path, sizes: list[tuple[int, int]]) -> None:
    path = scan(tmp_path / "老桥.tif", [scene(1).resize(size) for size in sizes])
    assert detect_format(path) == "photo"


@pytest.mark.parametrize(("pointer", "tag"), [(0x8769, 0x829A), (0x8825, 1)])
def test_what_a_camera_took_is_a_photo(tmp_path: Path, pointer: int, tag: int) -> None:
    path = scan(tmp_path / "老桥.tif", [scene(1), scene(2)], tiffinfo={305: "camera"})
    data = bytearray(path.read_bytes())
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    entries = [first + 2 + 12 * number for number in range(count)]
    [software] = [at for at in entries if data[at : at + 2] == (305).to_bytes(2, "little")]
    data[software : software + 12] = struct.pack("<HHII", pointer, 4, 1, len(data))
    path.write_bytes(data + struct.pack("<HHHII", 1, tag, 5, 1, 8) + bytes(4))
    assert detect_format(path) == "photo"


@pytest.mark.parametrize(("order", "is_big"), [("<", False), (">", False), ("<", True)])
def test_pages_are_found_in_both_orders_of_bytes_and_in_bigtiff(tmp_path: Path, order: str, is_big: bool) -> None:
    path = tmp_path / "村志.tif"
    path.write_bytes(plain_tiff(3, order, is_big=is_big))
    assert detect_format(path) == "tiff"
    assert scanned_pages.describe(path, tmp_path).extent == 3
    path.write_bytes(plain_tiff(1, order, is_big=is_big))
    assert detect_format(path) == "photo"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("is_big", [False, True])
def test_a_circle_of_pages_ends_at_its_beginning(tmp_path: Path, order: str, is_big: bool) -> None:
    path = tmp_path / "环.tif"
    path.write_bytes(plain_tiff(3, order, is_big=is_big, next_of_last=1))
    assert scanned_pages.find_page_frames(path) == [0, 1, 2]


def test_a_file_is_opened_once_for_all_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is opened for each page is read from its first picture each time."""
    path = tmp_path / "村志.tif"
    path.write_bytes(plain_tiff(20))
    opened: list[Path] = []

    def open_and_note(source: Path) -> ImageFile:
        opened.append(source)
        return open_picture(source)

    monkeypatch.setattr(pages, "open_picture", open_and_note)
    assert pages.bind_frames(path, range(20), tmp_path / "book.pdf") == []
    assert opened == [path]


def test_a_chain_of_pictures_that_turns_back_ends(tmp_path: Path) -> None:
    path = scan(tmp_path / "环.tif", small_pages("L", 2))
    data = bytearray(path.read_bytes())
    first = int.from_bytes(data[4:8], "little")
    at = first + 2 + 12 * int.from_bytes(data[first : first + 2], "little")
    data[at : at + 4] = data[4:8]
    path.write_bytes(data)
    assert scanned_pages.find_page_frames(path) == []


def test_too_many_pages_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanned_pages, "PAGES_LIMIT", 2)
    path = scan(tmp_path / "村志.tif", small_pages("1", 4), "group4")
    with pytest.raises(RejectedError) as refusal:
        scanned_pages.describe(path, tmp_path)
    assert refusal.value.code == "too_large"


def test_a_page_of_a_folder_may_have_several_pages_in_it(tmp_path: Path) -> None:
    first = scan(tmp_path / "001.tif", small_pages("L", 2))
    second = scan(tmp_path / "002.tif", small_pages("L", 1))
    assert pages.bind([first, second], tmp_path / "book.pdf") == []
    assert len(pypdfium2.PdfDocument(tmp_path / "book.pdf")) == 3


def test_an_empty_picture_of_a_book_is_refused_alone(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.jpg" for number in range(8)]
    for number, path in enumerate(files):
        Image.new("RGB", (30, 40), (number * 20, 0, 0)).save(path)
    files[3].write_bytes(b"")
    refused = pages.bind(files, tmp_path / "book.pdf")
    assert [(page.index, page.code) for page in refused] == [(3, "empty_file")]
    assert len(pypdfium2.PdfDocument(tmp_path / "book.pdf")) == 7
