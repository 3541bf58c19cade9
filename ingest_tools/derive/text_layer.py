"""A copy of a scanned PDF with the recognised text over its pages, unseen (text rendering mode 3, ISO 32000-1, 9.3.6).

The font is not embedded and never drawn: a CID font with two bytes a character, and a ToUnicode map that says that
each code is itself. So the file grows by its text alone, whatever characters it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pikepdf

from ingest_tools.derive.ocr_order import Line
from ingest_tools.derive.ocr_page import OcrPage

_FONT = "/TianyuanUnseen"
_TO_UNICODE = "\n".join([
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
    "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
    "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    *(f"{min(100, 256 - at)} beginbfrange\n"
      + "\n".join(f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>" for high in range(at, min(at + 100, 256)))
      + "\nendbfrange" for at in range(0, 256, 100)),
    "endcmap CMapName currentdict /CMap defineresource pop end end",
])  # fmt: skip


def write_text_layer(source: Path, pages: Sequence[OcrPage], target: Path) -> None:
    """Write the copy; `pages` are those of `ocr.read_pages`, boxes in points from the top left."""
    with pikepdf.open(source) as document:
        font = document.make_indirect(_add_font(document))
        for page, ocr_page in zip(document.pages, pages, strict=False):
            if not ocr_page.lines:
                continue
            content = _build_content(ocr_page, _build_page_matrix(page))
            page.contents_add(b"q\nQ\n", prepend=True)
            page.add_resource(font, pikepdf.Name.Font, pikepdf.Name(_FONT))
            page.contents_add(content.encode("ascii"))
        document.save(target)


def _build_page_matrix(page: pikepdf.Page) -> str:
    """Return the matrix from the page as it is seen, origin bottom left, to its own coordinates: offset and
    rotation.
    """
    left, bottom, right, top = (float(value) for value in page.cropbox)
    turned = int(page.obj.get("/Rotate", 0)) % 360
    return {
        90: f"0 1 -1 0 {right:.2f} {bottom:.2f}",
        180: f"-1 0 0 -1 {right:.2f} {top:.2f}",
        270: f"0 -1 1 0 {left:.2f} {top:.2f}",
    }.get(turned, f"1 0 0 1 {left:.2f} {bottom:.2f}")


def _build_content(page: OcrPage, placing: str) -> str:
    operators = ["q", f"{placing} cm", "BT", "3 Tr"]
    for line in page.lines:
        operators += _build_line(line, page.height)
    return "\n".join([*operators, "ET", "Q", ""])


def _build_line(line: Line, height: float) -> Iterator[str]:
    """Yield a line stretched over its box; downwards, each character by itself."""
    if line.vertical:
        step = (line.bottom - line.top) / len(line.text)
        size = max(1.0, line.right - line.left)
        for at, character in enumerate(line.text):
            down = height - line.top - step * (at + 0.85)
            yield f"{_FONT} {size:.2f} Tf 100 Tz 1 0 0 1 {line.left:.2f} {down:.2f} Tm"
            yield f"<{_encode_hex(character)}> Tj"
        return
    size = max(1.0, (line.bottom - line.top) * 0.9)
    stretch = (line.right - line.left) / (size * len(line.text)) * 100
    yield f"{_FONT} {size:.2f} Tf {stretch:.2f} Tz 1 0 0 1 {line.left:.2f} {height - line.bottom + size * 0.15:.2f} Tm"
    yield f"<{_encode_hex(line.text)}> Tj"


def _encode_hex(text: str) -> str:
    """Two bytes a character; what lies beyond the basic plane is left to the passages."""
    return "".join(f"{ord(character):04X}" if ord(character) < 0x10000 else "25A1" for character in text)


def _add_font(document: pikepdf.Pdf) -> pikepdf.Dictionary:
    name = pikepdf.Name("/TianyuanUnseen")
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor, FontName=name, Flags=4, FontBBox=[0, -200, 1000, 900], ItalicAngle=0,
        Ascent=900, Descent=-200, CapHeight=700, StemV=80,
    )  # fmt: skip
    described = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.CIDFontType2, BaseFont=name, DW=1000,
        CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=document.make_indirect(descriptor), CIDToGIDMap=pikepdf.Name.Identity,
    )  # fmt: skip
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type0, BaseFont=name, Encoding=pikepdf.Name("/Identity-H"),
        DescendantFonts=[document.make_indirect(described)],
        ToUnicode=document.make_stream(_TO_UNICODE.encode("ascii")),
    )  # fmt: skip
