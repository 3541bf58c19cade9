"""PDFs that readers stumble over: odd sizes of pages, damage, passwords, odd outlines, forms and portfolios."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from reportlab.lib.pagesizes import A0
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from tests.factories.documents.pdfs import text_pages

CM = 72 / 2.54  # points


def changed(path: Path, title: str, change: Callable[[pikepdf.Pdf], None], pages: int = 6, **options: Any) -> Path:
    """Pages of text, changed by a function; `options` are those of `pikepdf.Pdf.save`."""
    text_pages(path, title, pages)
    with pikepdf.open(io.BytesIO(path.read_bytes())) as document:
        change(document)
        document.save(path, **options)
    return path


def encrypted(path: Path, title: str, password: str) -> Path:
    """A PDF that is opened with this password, which may be empty, and changed with another."""
    protection = pikepdf.Encryption(owner="owner", user=password, R=6)
    return changed(path, title, lambda document: None, encryption=protection)


def without_cross_references(path: Path, title: str) -> Path:
    """The table of cross-references names wrong offsets (ISO 32000-1, 7.5.4)."""
    text_pages(path, title, 6)
    data = path.read_bytes()
    start = data.rindex(b"xref\n", 0, data.rindex(b"startxref"))
    path.write_bytes(data[:start] + data[start:].replace(b"00000 n", b"00001 n").replace(b"0000", b"0100"))
    return path


def cut_off(path: Path, title: str, share: float) -> Path:
    """The beginning of a PDF, up to a share of its bytes."""
    text_pages(path, title, 12)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def odd_boxes(path: Path, title: str) -> Path:
    """Boxes of pages (ISO 32000-1, 7.7.3.3): ordinary, without size, with negative and with swapped corners, a CropBox
    outside the MediaBox, one half outside it, and one without size.
    """

    def change(document: pikepdf.Pdf) -> None:
        boxes = (
            ((0, 0, 595, 842), None), ((0, 0, 0, 0), None), ((-300, -400, 295, 442), None), ((595, 842, 0, 0), None),
            ((0, 0, 595, 842), (2000, 2000, 2500, 2700)), ((0, 0, 595, 842), (300, 400, 900, 1200)),
            ((0, 0, 595, 842), (100, 100, 100, 100)),
        )  # fmt: skip
        for page, (media, crop) in zip(document.pages, boxes, strict=True):
            page.obj.MediaBox = Array(list(media))
            if crop:
                page.obj.CropBox = Array(list(crop))

    return changed(path, title, change, pages=7)


def odd_rotations(path: Path, title: str) -> Path:
    """Pages turned by 90, -90, 450, 45 and 180 degrees."""

    def change(document: pikepdf.Pdf) -> None:
        for page, angle in zip(document.pages, (90, -90, 450, 45, 180), strict=True):
            page.obj.Rotate = angle

    return changed(path, title, change, pages=5)


def user_units(path: Path, title: str) -> Path:
    """Pages whose units are 1/72 inch, ten times that, and a tenth (ISO 32000-1, 7.7.3.3)."""

    def change(document: pikepdf.Pdf) -> None:
        for page, unit in zip(document.pages, (1, 10, 0.1), strict=True):
            page.obj.UserUnit = unit

    return changed(path, title, change, pages=3)


def mixed_sizes(path: Path, title: str) -> Path:
    """A0, one centimetre, a strip of 20 metres by 10 centimetres, one that is as much higher than wide, and A4."""
    document = canvas.Canvas(str(path))
    document.setTitle(title)
    for size in (A0, (CM, CM), (2000 * CM, 10 * CM), (10 * CM, 500 * CM), (595, 842)):
        document.setPageSize(size)
        document.setFont("Helvetica", min(size) / 8)
        document.drawString(min(size) / 10, size[1] / 2, "page")
        document.showPage()
    document.save()
    return path


def labelled(path: Path, title: str) -> Path:
    """Four pages with Roman numbers, then Arabic ones from 1, then A-1 (ISO 32000-1, 12.4.2)."""

    def change(document: pikepdf.Pdf) -> None:
        document.Root.PageLabels = Dictionary(Nums=Array([
            0, Dictionary(S=Name.r), 4, Dictionary(S=Name.D), 10, Dictionary(S=Name.D, P=String("A-")),
        ]))  # fmt: skip

    return changed(path, title, change, pages=12)


def odd_outline(path: Path, title: str) -> Path:
    """An outline with named destinations, one that has none, one beyond the last page, one without a name, and one
    whose next is the first again.
    """

    def change(document: pikepdf.Pdf) -> None:
        pages = document.pages
        names = {"第五页": Array([pages[4].obj, Name.Fit]), "远": Array([99, Name.Fit])}
        tree = [part for name, target in sorted(names.items()) for part in (String(name), target)]
        document.Root.Names = Dictionary(Dests=Dictionary(Names=Array(tree)))
        targets = (
            ("命名", String("第五页")), ("没有的名字", String("nowhere")), ("太远", Array([99, Name.XYZ, 0, 842, 0])),
            ("", Array([pages[2].obj, Name.XYZ, 0, 400, 0])), ("坏的", Array([pages[1].obj])), ("无处", None),
            ("网址", "http://example.org/"),
        )  # fmt: skip
        items = []
        for label, target in targets:
            item = Dictionary(Title=String(label))
            if isinstance(target, str):
                item.A = Dictionary(S=Name.URI, URI=String(target))
            elif target is not None:
                item.Dest = target
            items.append(document.make_indirect(item))
        for number, item in enumerate(items):
            item.Next = items[(number + 1) % len(items)]
        items[0].First = items[0]
        root = document.make_indirect(Dictionary(Type=Name.Outlines, First=items[0], Last=items[-1], Count=len(items)))
        for item in items:
            item.Parent = root
        document.Root.Outlines = root

    return changed(path, title, change)


def vertical_text(path: Path, title: str) -> Path:
    """Columns of text in fonts that are not embedded, by the CMaps of their collections."""
    document = canvas.Canvas(str(path))
    document.setTitle(title)
    fonts = (
        ("STSong-Light", "天元图书馆直排文字"), ("HeiseiMin-W3", "縦書きの文字"), ("HYSMyeongJo-Medium", "세로쓰기"),
    )  # fmt: skip
    for number, (font, text) in enumerate(fonts):
        name = f"{font}-V"
        pdfmetrics.registerFont(UnicodeCIDFont(font, isVertical=True))
        document.setFont(name if name in pdfmetrics.getRegisteredFontNames() else font, 28)
        document.drawString(480 - 90 * number, 760, text)
    document.showPage()
    document.save()
    return path


def form(path: Path, title: str) -> Path:
    """A form whose pages are in XFA: the PDF itself has one page that asks to wait."""
    document = canvas.Canvas(str(path))
    document.setTitle(title)
    document.setFont("Helvetica", 14)
    document.drawString(60, 700, "Please wait... If this message is not eventually replaced by the proper contents")
    document.save()
    template = (
        '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template xmlns="http://www.xfa.org/schema/xfa-template/3.3/">'
        '<subform name="form"/></template></xdp:xdp>'
    )
    with pikepdf.open(io.BytesIO(path.read_bytes())) as opened:
        xfa = pikepdf.Stream(opened, template.encode())
        opened.Root.AcroForm = Dictionary(Fields=Array([]), XFA=opened.make_indirect(xfa))
        opened.Root.NeedsRendering = True
        opened.save(path)
    return path


def filled_form(path: Path, title: str) -> Path:
    """A form with a field, a tick and a choice, filled in; the text has no appearance of its own."""
    document = canvas.Canvas(str(path))
    document.setTitle(title)
    document.setFont("Helvetica", 14)
    document.drawString(60, 760, "Name")
    document.acroForm.textfield(name="name", value="Zhang San", x=120, y=750, width=200, height=24)
    document.acroForm.checkbox(name="agree", checked=True, x=120, y=700)
    document.acroForm.choice(name="place", value="B", options=["A", "B"], x=120, y=650, width=100, height=24)
    document.save()
    return path


def portfolio(path: Path, title: str) -> Path:
    """A cover page with two files in it (ISO 32000-1, 12.3.5)."""

    def change(document: pikepdf.Pdf) -> None:
        for name in ("第一册.pdf", "第二册.txt"):
            document.attachments[name] = pikepdf.AttachedFileSpec(document, b"the file", filename=name)
        document.Root.Collection = Dictionary(Type=Name.Collection, View=Name.T)

    return changed(path, title, change, pages=1)


def pictures_only(path: Path, title: str, pages: int) -> Path:
    """Pages without text: a drawn square each."""
    document = canvas.Canvas(str(path))
    document.setTitle(title)
    for _ in range(pages):
        document.rect(100, 100, 300, 300, fill=1)
        document.showPage()
    document.save()
    return path
