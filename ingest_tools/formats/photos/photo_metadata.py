"""What was written about a photo inside it: XMP (ISO 16684-1) first, then IPTC-IIM 4.2, as archives and phones do."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from lxml import etree
from PIL import Image, IptcImagePlugin
from PIL.ImageFile import ImageFile

from ingest_tools.description import Description
from ingest_tools.formats.photos import exif_text
from ingest_tools.formats.photos.captions import Captions, join, read_day
from ingest_tools.formats.photos.location_metadata.coordinates.recognition import without_coordinates
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.encodings import decode_text
from library_server.catalogue.normalization.legacy_encodings import common_share
from library_server.catalogue.normalization.text import normalize

XMP_LIMIT = 1 << 20
_TEXT_LIMIT, _LIST_LIMIT = 4000, 40
_SEPARATORS = re.compile(r"\s*[;；]\s*")  # of names and words that stand in one value
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_CHINESE = re.compile(
    r"(?=.*[\u4e00-\u9fff])[\t\r\n -~\u00b7\u2010-\u2026\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]{2,}", re.DOTALL
)
_DATES = ("photoshop:DateCreated", "exif:DateTimeOriginal", "xmp:CreateDate")
_NS = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "iptc": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_IIM = {"title": (2, 5), "headline": (2, 105), "caption": (2, 120), "creator": (2, 80), "keywords": (2, 25),
        "date": (2, 55), "sublocation": (2, 92), "city": (2, 90), "rights": (2, 116)}  # fmt: skip


def read(picture: ImageFile, exif: Image.Exif) -> Captions:
    """Return the captions of an opened picture with its EXIF tags; what cannot be read is left out."""
    return join(_read_xmp(picture), _read_iim(picture), exif_text.read(exif))


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


def describe(path: Path, description: Description) -> Description:
    """Return the description of a photo with what an XMP file next to it says, which is believed before the photo's
    own: programs write there what somebody said of a photo that they leave as it is. Raises `RejectedError`.
    """
    if path.stat().st_size > XMP_LIMIT:
        raise RejectedError("too_large")
    stated = remove_coordinates(parse_xmp(path.read_bytes()))
    return replace(
        description,
        title=stated.title or description.title,
        abstract=stated.caption or description.abstract,
        creators=[(name, "photographer") for name in stated.creators] or description.creators,
        subjects=stated.keywords or description.subjects,
        place_covered=stated.place or description.place_covered,
        rights=stated.rights or description.rights,
        date=stated.date or description.date,
    )


def _read_xmp(picture: ImageFile) -> Captions:
    raw = picture.info.get("xmp") or b""
    return parse_xmp(raw.encode() if isinstance(raw, str) else raw)


def parse_xmp(raw: bytes) -> Captions:
    """Return the captions of an XMP packet; what cannot be read is left out."""
    if not raw or len(raw) > XMP_LIMIT:
        return Captions()
    decoded = decode_text(raw)  # programs write GBK into XML that says nothing of it
    raw = decoded.text.removeprefix("\ufeff").encode() if decoded is not None else raw
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
        creators=_split(_find_all_texts(root, "dc:creator")),
        keywords=_split(_find_all_texts(root, "dc:subject")),
        place=" ".join(dict.fromkeys(filter(None, places))),
        rights=_find_first_text(root, "dc:rights"),
        date=next(filter(None, (read_day(_find_first_text(root, name)) for name in _DATES)), None),
    )


def _split(values: list[str]) -> list[str]:
    parts = (part for value in values for part in _SEPARATORS.split(value))
    return list(dict.fromkeys(filter(None, parts)))[:_LIST_LIMIT]


def _find_all_texts(root: Any, name: str) -> list[str]:
    prefix, _, local = name.partition(":")
    elements = root.xpath(f"//{name}//rdf:li", namespaces=_NS) or root.xpath(f"//{name}", namespaces=_NS)
    elements.sort(key=lambda element: not str(element.get(_LANGUAGE, "")).lower().startswith("zh"))
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
        creators=_split(read_texts("creator")),
        keywords=_split(read_texts("keywords")),
        place=" ".join(dict.fromkeys(filter(None, (read_first_text("sublocation"), read_first_text("city"))))),
        rights=read_first_text("rights"),
        date=read_day(read_first_text("date")),
    )


def _decode_text(data: bytes) -> str:
    """Return the text of a field of IIM, which is UTF-8 or what Chinese programs write; some fill it up with zeros.

    What would have control characters is UTF-16 without a mark, or in no encoding that is known here.
    """
    decoded = decode_text(data)
    if decoded is None or _CONTROL.search(decoded.text.rstrip("\0")):
        return normalize(_decode_utf16(data))[:_TEXT_LIMIT]
    return normalize(decoded.text)[:_TEXT_LIMIT]


def _decode_utf16(data: bytes) -> str:
    """Return Chinese in UTF-16 without a mark, in the order of bytes in which it has the more common characters; else
    nothing.
    """
    texts = (data.decode(encoding, "replace").rstrip("\0\ufffd") for encoding in ("utf-16-be", "utf-16-le"))
    chinese = [text for text in texts if _CHINESE.fullmatch(text)]
    return max(chinese, key=common_share, default="")
