"""EPUB 2 and 3: OPF metadata, cover, and the text of the spine by chapter.

EPUB 3.3 (W3C) sections 3-5; OPF 2.0.1 for the older `meta name="cover"` and `dc:creator opf:role`.
"""

from __future__ import annotations

import io
import posixpath
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

from ingest_tools.description import Derived, Description
from ingest_tools.formats import pictures
from ingest_tools.formats.access import access_of_statements
from ingest_tools.formats.archive import Archive
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage, RecordDetails
from library_server.catalogue.normalization.text import fold_punctuation
from library_server.catalogue.passages.serialization import Passage

TEXT_LIMIT = 20_000_000
_CONTAINER = "META-INF/container.xml"
_NS = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ncx": "http://www.daisy.org/z3986/2005/ncx/",
    "x": "http://www.w3.org/1999/xhtml",
    "ops": "http://www.idpf.org/2007/ops",
    "enc": "http://www.w3.org/2001/04/xmlenc#",
}
_ROLES = {"aut": "author", "edt": "editor", "trl": "translator", "nrt": "narrator", "ill": "contributor"}
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "blockquote",
        "br",
        "tr",
        "section",
        "article",
        "dt",
        "dd",
        "pre",
        "hr",
    ]
)
_SILENT = frozenset(("script", "style", "head", "title", "svg"))


class Book(Archive):
    """An opened EPUB and its package document."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._refuse_drm()
        container = self.xml(_CONTAINER)
        roots = container.xpath("//c:rootfile/@full-path", namespaces=_NS)
        if not roots or roots[0] not in self.names:
            raise RejectedError("damaged", "no OPF package document")
        self.opf_path = str(roots[0])
        self.opf = self.xml(self.opf_path)

    def resolve(self, href: str, base: str | None = None) -> str:
        """The member that a reference names, without its fragment."""
        folder = posixpath.dirname(base or self.opf_path)
        return posixpath.normpath(posixpath.join(folder, unquote(href.split("#")[0])))

    def manifest(self) -> dict[str, Any]:
        """Manifest items by id."""
        return {item.get("id", ""): item for item in self.opf.iterfind(".//opf:manifest/opf:item", _NS)}

    def _refuse_drm(self) -> None:
        if "META-INF/rights.xml" in self.names:
            raise RejectedError("drm")
        if "META-INF/encryption.xml" not in self.names:
            return
        methods = self.xml("META-INF/encryption.xml").xpath("//enc:EncryptionMethod/@Algorithm", namespaces=_NS)
        if any(method not in _FONT_OBFUSCATION for method in methods):
            raise RejectedError("drm")


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Metadata, cover sizes and text of an EPUB. Raises `RejectedError`."""
    book = Book(path)
    chapters = _chapters(book)
    sizes, cover = _cover(book, out) if covers else ([], None)
    description = Description(
        format="epub",
        media_type="application/epub+zip",
        kind="book",
        title=_first(book, "dc:title"),
        creators=_creators(book),
        publisher=_first(book, "dc:publisher"),
        date=_date(book),
        language=_first(book, "dc:language"),
        isbn=_isbn(book),
        abstract=_plain(_first(book, "dc:description")),
        rights=_first(book, "dc:rights"),
        access=_access(book),
        series=_series(book),
        extent=len(chapters),
        details=RecordDetails(version=book.opf.get("version", ""), cover=cover),
        derived=[*sizes, write_passages(chapters, out)],
    )
    description.take_subjects(_all(book, "dc:subject"))
    return description


def _all(book: Book, name: str) -> list[str]:
    found = book.opf.iterfind(f".//opf:metadata//{name}", _NS)
    return [text for element in found if (text := " ".join("".join(element.itertext()).split()))]


def _first(book: Book, name: str) -> str | None:
    return next(iter(_all(book, name)), None)


def _access(book: Book) -> str | None:
    """The access level that `dcterms:accessRights` names. Raises `RejectedError` for a restriction in other words."""
    found = book.opf.iterfind(".//opf:metadata//opf:meta[@property='dcterms:accessRights']", _NS)
    return access_of_statements("".join(element.itertext()) for element in found)


def _creators(book: Book) -> list[tuple[str, str]]:
    refined = {
        meta.get("refines", "")[1:]: (meta.text or "").strip()
        for meta in book.opf.iterfind(".//opf:meta[@property='role']", _NS)
    }
    found = []
    for tag, default in (("dc:creator", "author"), ("dc:contributor", "contributor")):
        for element in book.opf.iterfind(f".//opf:metadata//{tag}", _NS):
            name = " ".join("".join(element.itertext()).split())
            code = element.get(f"{{{_NS['opf']}}}role") or refined.get(element.get("id", ""), "")
            if name and code != "bkp":
                found.append((name, _ROLES.get(code, default)))
    return found


def _date(book: Book) -> str | None:
    dates = [element for element in book.opf.iterfind(".//opf:metadata//dc:date", _NS) if element.text]
    event = f"{{{_NS['opf']}}}event"
    chosen = next((one for one in dates if one.get(event) == "publication"), dates[0] if dates else None)
    return chosen.text.strip().split("T")[0] if chosen is not None and chosen.text else None


def _isbn(book: Book) -> str | None:
    for text in (*_all(book, "dc:identifier"), *_all(book, "dc:source")):
        digits = re.sub(r"^(urn:)?isbn[:\s]*", "", fold_punctuation(text).strip(), flags=re.IGNORECASE)
        if re.fullmatch(r"[\d\-\s]{9,16}[\dXx]", digits):
            return digits
    return None


def _series(book: Book) -> str | None:
    calibre = book.opf.xpath("//opf:meta[@name='calibre:series']/@content", namespaces=_NS)
    belongs = book.opf.xpath("//opf:meta[@property='belongs-to-collection']/text()", namespaces=_NS)
    return str((calibre or belongs or [""])[0]).strip() or None


def _plain(text: str | None) -> str | None:
    if not text or "<" not in text:
        return text
    tree = etree.fromstring(f"<div>{text}</div>", etree.HTMLParser(no_network=True))
    return " ".join("".join(str(part) for part in tree.itertext()).split()) if tree is not None else None


def _cover(book: Book, out: Path) -> tuple[list[Derived], CoverImage | None]:
    name = _cover_name(book)
    if name is None:
        return [], None
    try:
        sizes, facts = pictures.make_sizes(io.BytesIO(book.read(name)), out)
    except RejectedError:
        return [], None  # a book is not refused for its cover: one is drawn
    return sizes, facts.cover


def _cover_name(book: Book) -> str | None:
    items = book.manifest()
    named = book.opf.xpath("//opf:meta[@name='cover']/@content", namespaces=_NS)
    candidates = [item for item in items.values() if "cover-image" in item.get("properties", "").split()]
    candidates += [items[name] for name in named if name in items]
    candidates += [item for name, item in items.items() if "cover" in name.lower()]
    for item in candidates:
        target = book.resolve(item.get("href", ""))
        if item.get("media-type", "").startswith("image/") and target in book.names:
            return target
    return None


def _chapters(book: Book) -> list[Passage]:
    items, labels = book.manifest(), _labels(book)
    chapters: list[Passage] = []
    length = 0
    for number, reference in enumerate(book.opf.iterfind(".//opf:spine/opf:itemref", _NS), 1):
        item = items.get(reference.get("idref", ""))
        name = book.resolve(item.get("href", "")) if item is not None else ""
        if name not in book.names:
            continue
        text, heading = _text(book.read(name))
        length += len(text)
        if length > TEXT_LIMIT:
            raise RejectedError("too_large", "text")
        if text:
            label = labels.get(name) or heading or f"第 {number} 节"
            chapters.append(Passage("chapter", str(number), label[:80], text))
    if not chapters and not any(True for _ in book.opf.iterfind(".//opf:spine/opf:itemref", _NS)):
        raise RejectedError("damaged", "empty spine")
    return chapters


def _labels(book: Book) -> dict[str, str]:
    """Chapter titles by member, from the EPUB 3 navigation document or else the EPUB 2 NCX."""
    for item in book.manifest().values():
        is_nav = "nav" in item.get("properties", "").split()
        is_ncx = item.get("media-type") == "application/x-dtbncx+xml"
        name = book.resolve(item.get("href", ""))
        if not (is_nav or is_ncx) or name not in book.names:
            continue
        found = _nav_labels(book, name) if is_nav else _ncx_labels(book, name)
        if found:
            return found
    return {}


def _nav_labels(book: Book, name: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for link in book.xml(name).xpath("//x:nav[@ops:type='toc']//x:a[@href]", namespaces=_NS):
        labels.setdefault(book.resolve(link.get("href"), name), " ".join("".join(link.itertext()).split()))
    return labels


def _ncx_labels(book: Book, name: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for point in book.xml(name).iterfind(".//ncx:navPoint", _NS):
        content, text = point.find("ncx:content", _NS), point.find("ncx:navLabel/ncx:text", _NS)
        if content is not None and text is not None and text.text:
            labels.setdefault(book.resolve(content.get("src", ""), name), " ".join(text.text.split()))
    return labels


def _text(data: bytes) -> tuple[str, str | None]:
    """Text of an XHTML document, a line a block, and its first heading."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return "", None
    pieces: list[str] = []
    headings: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = _local(element.tag)
        if event == "start":
            if tag in _BLOCKS:
                pieces.append("\n")
            if element.text and not _silent(element):
                pieces.append(element.text.replace("\n", " "))
            if tag in {"h1", "h2", "h3"}:
                headings.append(" ".join("".join(element.itertext()).split()))
        else:
            if tag in _BLOCKS:
                pieces.append("\n")
            if element.tail and element.getparent() is not None and not _silent(element.getparent()):
                pieces.append(element.tail.replace("\n", " "))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line), next((one for one in headings if one), None)


def _silent(element: Any) -> bool:
    return not isinstance(element.tag, str) or _local(element.tag) in _SILENT


def _local(tag: Any) -> str:
    """The name of an element without its namespace; empty for comments and instructions."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
