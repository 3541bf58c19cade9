"""What was written about a photo inside it: XMP (ISO 16684-1) first, then IPTC-IIM 4.2, as archives and phones do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree
from PIL import IptcImagePlugin
from PIL.ImageFile import ImageFile

from ingest_tools.formats.photos.location_metadata.coordinates.recognition import without_coordinates
from library_server.catalogue.normalization.text import normalize

XMP_LIMIT = 1 << 20
_TEXT_LIMIT, _LIST_LIMIT = 4000, 40
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")  # of XMP and IIM
_NS = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "iptc": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
}
_IIM = {"title": (2, 5), "headline": (2, 105), "caption": (2, 120), "creator": (2, 80), "keywords": (2, 25),
        "date": (2, 55), "sublocation": (2, 92), "city": (2, 90), "rights": (2, 116)}  # fmt: skip


@dataclass
class Captions:
    """What is written inside a photo; `date` as YYYY-MM-DD."""

    title: str = ""
    caption: str = ""
    creators: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    place: str = ""
    rights: str = ""
    date: str | None = None


def read(picture: ImageFile) -> Captions:
    """Return the captions of an opened picture; what cannot be read is left out."""
    captions, iim = _read_xmp(picture), _read_iim(picture)
    captions.title = captions.title or iim.title
    captions.caption = captions.caption or iim.caption
    captions.creators = captions.creators or iim.creators
    captions.keywords = captions.keywords or iim.keywords
    captions.place = captions.place or iim.place
    captions.rights = captions.rights or iim.rights
    captions.date = captions.date or iim.date
    return captions


def remove_coordinates(captions: Captions) -> Captions:
    """Return the captions without every text that tells coordinates: titles are public, also where the place is not."""

    def keep_without_coordinates(texts: list[str]) -> list[str]:
        return [text for text in texts if without_coordinates(text)]

    return replace(
        captions,
        title=without_coordinates(captions.title),
        caption=without_coordinates(captions.caption),
        place=without_coordinates(captions.place),
        rights=without_coordinates(captions.rights),
        creators=keep_without_coordinates(captions.creators),
        keywords=keep_without_coordinates(captions.keywords),
    )


def _read_xmp(picture: ImageFile) -> Captions:
    raw = picture.info.get("xmp") or b""
    raw = raw.encode() if isinstance(raw, str) else raw
    if not raw or len(raw) > XMP_LIMIT:
        return Captions()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(raw.strip(b"\x00 \r\n"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return Captions()
    if root is None:
        return Captions()
    places = [_find_first_text(root, "iptc:Location"), _find_first_text(root, "photoshop:City")]
    return Captions(
        title=_find_first_text(root, "dc:title") or _find_first_text(root, "photoshop:Headline"),
        caption=_find_first_text(root, "dc:description"),
        creators=_find_all_texts(root, "dc:creator"),
        keywords=_find_all_texts(root, "dc:subject"),
        place=" ".join(dict.fromkeys(filter(None, places))),
        rights=_find_first_text(root, "dc:rights"),
        date=read_day(_find_first_text(root, "photoshop:DateCreated"), _DAY),
    )


def _find_all_texts(root: Any, name: str) -> list[str]:
    prefix, _, local = name.partition(":")
    elements = root.xpath(f"//{name}//rdf:li", namespaces=_NS) or root.xpath(f"//{name}", namespaces=_NS)
    texts = [
        normalize("".join(str(part) for part in element.itertext()))[:_TEXT_LIMIT] for element in elements[:_LIST_LIMIT]
    ]
    attributes = root.xpath(f"//rdf:Description/@{prefix}:{local}", namespaces=_NS)
    return [text for text in (*texts, *(normalize(str(value)) for value in attributes)) if text]


def _find_first_text(root: Any, name: str) -> str:
    return next(iter(_find_all_texts(root, name)), "")


def _read_iim(picture: ImageFile) -> Captions:
    try:
        data_sets = IptcImagePlugin.getiptcinfo(picture) or {}
    except (SyntaxError, OSError, ValueError, KeyError, IndexError, TypeError):
        return Captions()

    def read_texts(name: str) -> list[str]:
        value = data_sets.get(_IIM[name]) or []
        return [
            text for raw in (value if isinstance(value, list) else [value])[:_LIST_LIMIT] if (text := _decode_text(raw))
        ]

    def read_first_text(name: str) -> str:
        return next(iter(read_texts(name)), "")

    return Captions(
        title=read_first_text("title") or read_first_text("headline"),
        caption=read_first_text("caption"),
        creators=read_texts("creator"),
        keywords=read_texts("keywords"),
        place=" ".join(dict.fromkeys(filter(None, (read_first_text("sublocation"), read_first_text("city"))))),
        rights=read_first_text("rights"),
        date=read_day(read_first_text("date"), _DAY),
    )


def _decode_text(data: bytes) -> str:
    """IIM text is UTF-8 where it is valid UTF-8, else what Chinese programs write."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return normalize(data.decode(encoding))[:_TEXT_LIMIT]
        except UnicodeDecodeError:
            continue
    return ""


def read_day(text: str, pattern: re.Pattern[str]) -> str | None:
    """Return the day that a time begins with, as yyyy-mm-dd; None where it has none, or the year 0000 for an unknown
    one.
    """
    match = pattern.match(text)
    return "-".join(match.groups()) if match and match[1] != "0000" else None
