"""ID3v1, the 128 bytes at the end of an MP3 file, which ffprobe reads only where no ID3v2 tag is there."""

from __future__ import annotations

from pathlib import Path

from library_server.catalogue.normalization.encodings import decode_text

_BYTES = 128
_FIELDS = {"title": (3, 33), "artist": (33, 63), "album": (63, 93), "date": (93, 97)}


def read(path: Path) -> dict[str, str]:
    """Return the texts of the tag by ffprobe's names; empty where there is none. All are in one encoding."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - _BYTES, 0))
        tag = file.read(_BYTES)
    if len(tag) < _BYTES or not tag.startswith(b"TAG"):
        return {}
    raw = {name: tag[start:end].partition(b"\0")[0].strip() for name, (start, end) in _FIELDS.items()}
    decoded = decode_text(b"\n".join(raw.values()))
    encoding = decoded.encoding if decoded is not None else "gb18030"
    # a text of 30 bytes may end within a character
    texts = {name: value.decode(encoding, "replace").rstrip("\ufffd").strip() for name, value in raw.items()}
    return {name: text for name, text in texts.items() if text}
