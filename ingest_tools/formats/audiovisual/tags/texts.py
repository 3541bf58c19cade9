"""Texts of tags that ffprobe prints as they stand in a file: ID3v1 and RIFF say nothing of their encoding."""

from __future__ import annotations

from typing import Any

from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.encodings import decode_text, repair_text


def decode_tags(probed: dict[str, Any]) -> dict[str, Any]:
    """Return what ffprobe said with every tag as text; bytes that are not UTF-8 are lone surrogates in it before.

    The tags of one file are in one encoding: a name of two characters is read as its longer neighbours are.
    """
    holders = [probed.get("format"), *probed.get("streams", []), *probed.get("chapters", [])]
    tags = [holder["tags"] for holder in holders if isinstance(holder, dict) and isinstance(holder.get("tags"), dict)]
    raw = [value for held in tags for value in held.values() if isinstance(value, str) and not _is_unicode(value)]
    encoding = _detect_encoding(raw) if raw else "utf-8"
    for held in tags:
        for key, value in held.items():
            held[key] = _decode(value, encoding) if isinstance(value, str) else value
    return probed


def _is_unicode(text: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in text)


def _detect_encoding(values: list[str]) -> str:
    data = b"\n".join(_to_bytes(value) for value in values)
    decoded = decode_text(data)
    return decoded.encoding if decoded is not None else "gb18030"


def _decode(value: str, encoding: str) -> str:
    if _is_unicode(value):
        return decode_references(repair_text(value))
    data = _to_bytes(value)
    if encoding == "utf-8" and (decoded := decode_text(data)) is not None:
        encoding = decoded.encoding
    return decode_references(data.decode(encoding, "replace").rstrip("\ufffd"))  # ID3v1 cuts within a character


def _to_bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
