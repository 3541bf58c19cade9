"""PDFs as people have them: of text, of scans, with pages of many sizes, damaged."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageOps
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

FONT = "STSong-Light"
A4 = (595, 842)
_SIDE = 400  # pixels of a scan


def numbered_pages(path: Path, title: str, pages: int) -> None:
    """Pages with a line of text each, in a font that is not embedded."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    document = canvas.Canvas(str(path))
    document.setTitle(title)
    for number in range(1, pages + 1):
        document.setFont(FONT, 26)
        document.drawString(60, 760, f"第{number}页的芭蕉")
        document.showPage()
    document.save()


def text_pages(path: Path, title: str, pages: int) -> Path:
    """Pages of text in a font that is not embedded, with an outline of two levels and links on the first page."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    document = canvas.Canvas(str(path), pagesize=A4)
    document.setTitle(title)
    for number in range(1, pages + 1):
        document.bookmarkPage(f"page{number}")
        if number % 10 == 1:
            document.addOutlineEntry(f"第{number // 10 + 1}章", f"page{number}", level=0)
        elif number % 10 == 6:
            document.addOutlineEntry(f"第{number // 10 + 1}章第二节", f"page{number}", level=1)
        document.setFont(FONT, 26)
        document.drawString(60, 760, f"第{number}页")
        document.setFont(FONT, 12)
        for line in range(30):
            document.drawString(60, 720 - line * 20, f"第{number}页第{line}行，讲怎样栽培，怎样施肥。")
        if number % 20 == 10:
            document.drawString(60, 80, "ABC 柑橘")
        if number == 25:
            document.drawString(60, 80, "Grape")
            document.drawString(60, 60, "GRAPE")
        if number == 20:
            document.drawString(60, 80, "这是一个跨行")
            document.drawString(60, 60, "的句子在这里")
        if number == 1:
            document.linkAbsolute("", f"page{min(9, pages)}", (60, 20, 160, 40))
            document.linkURL("https://example.org/a", (200, 20, 300, 40))
        document.showPage()
    document.save()
    return path


def sizes_and_rotations(path: Path, title: str, pages: int) -> Path:
    """Pages of four sizes, each turned by another right angle."""
    text_pages(path, title, pages)
    with pikepdf.open(io.BytesIO(path.read_bytes())) as document:
        for number, page in enumerate(document.pages):
            page.Rotate = number % 4 * 90
            page.MediaBox = Array([0, 0, *((595, 842), (842, 842), (300, 842), (1190, 842))[number % 4]])
        document.save(path)
    return path


def broken_page(path: Path, title: str, pages: int, broken: int) -> Path:
    """A page of this number, from 1, is no page."""
    text_pages(path, title, pages)
    with pikepdf.open(io.BytesIO(path.read_bytes())) as document:
        document.Root.Pages.Kids[broken - 1] = document.make_indirect(pikepdf.Array([]))
        document.save(path)
    return path


def scanned(path: Path, title: str, encoding: str) -> Path:
    """Pages that are pictures: white, with a black square in the middle."""
    picture = Image.new("L", (_SIDE, _SIDE), 255)
    picture.paste(0, (_SIDE // 4, _SIDE // 4, _SIDE * 3 // 4, _SIDE * 3 // 4))
    data, entries = _ENCODERS[encoding](picture)
    with pikepdf.new() as document:
        document.docinfo["/Title"] = title
        image = pikepdf.Stream(document, data, {
            "/Type": Name.XObject, "/Subtype": Name.Image, "/Width": _SIDE, "/Height": _SIDE, **entries,
        })  # fmt: skip
        for _ in range(3):
            page = document.add_blank_page(page_size=(500, 500))
            page.Resources = Dictionary(XObject=Dictionary(Scan=image))
            page.Contents = pikepdf.Stream(document, b"q 500 0 0 500 0 0 cm /Scan Do Q")
        document.save(path)
    return path


def _save(picture: Image.Image, form: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def _group_4(picture: Image.Image) -> bytes:
    """The rows after ITU-T T.6, black as 1; Pillow takes white for 1."""
    file = _save(ImageOps.invert(picture).convert("1"), "TIFF", compression="group4", tiffinfo={278: picture.height})
    with Image.open(io.BytesIO(file)) as tiff:
        start, length = tiff.tag_v2[273][0], tiff.tag_v2[279][0]  # type: ignore[attr-defined]
    return file[start : start + length]


def _jpeg(picture: Image.Image) -> tuple[bytes, dict[str, object]]:
    return _save(picture, "JPEG"), _entries("/DCTDecode", 8)


def _jpeg_2000(picture: Image.Image) -> tuple[bytes, dict[str, object]]:
    return _save(picture, "JPEG2000"), {"/Filter": Name.JPXDecode}


def _ccitt(picture: Image.Image) -> tuple[bytes, dict[str, object]]:
    parameters = Dictionary(K=-1, Columns=picture.width, Rows=picture.height)
    return _group_4(picture), {**_entries("/CCITTFaxDecode", 1), "/DecodeParms": parameters}


def _jbig2(picture: Image.Image) -> tuple[bytes, dict[str, object]]:
    """A page of one generic region, coded as T.6 (ITU-T T.88, 7.4.6)."""
    width, height = picture.size
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIB", width, height, 0, 0, 0) + b"\x01" + _group_4(picture)
    segments = ((48, page), (38, region))
    data = b"".join(
        struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body for number, (kind, body) in enumerate(segments)
    )
    return data, _entries("/JBIG2Decode", 1)


def _entries(name: str, bits: int) -> dict[str, object]:
    return {"/Filter": Name(name), "/BitsPerComponent": bits, "/ColorSpace": Name.DeviceGray}


_ENCODERS: dict[str, Callable[[Image.Image], tuple[bytes, dict[str, object]]]] = {
    "JPEG": _jpeg, "JPEG2000": _jpeg_2000, "CCITT": _ccitt, "JBIG2": _jbig2,
}  # fmt: skip
