"""The encoding of XML and HTML that state one, which is not always the one they are in."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Final

from ingest_tools.formats.markup import declared_encodings, decode
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.encodings import decode_text

_MOST_DAMAGED: Final = 1000  # characters to one that the stated encoding does not read
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF16_STARTS: Final = (b"<\0", b"\0<")


def decode_declared(data: bytes, language: str | None = None, stated: Sequence[str] = ()) -> str:
    """Return the text of a document: UTF-8 where it is valid, else as it states, else whatever encoding reads it.

    Documents that were converted to UTF-8 go on stating their old encoding. A few bytes that the stated encoding does
    not have become U+FFFD. `stated` are encodings that are named outside of it, and come first; `language` (ISO 639)
    helps where nothing is stated. Raises `RejectedError`.
    """
    if data.startswith(_MARKS) or data[:2] in _UTF16_STARTS:
        return decode(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for name in (*stated, *declared_encodings(data)):
        try:
            text = data.decode(name, "replace")
        except LookupError:
            continue
        if text.count("\ufffd") * _MOST_DAMAGED <= len(text):
            return text
    decoded = decode_text(data, language)
    if decoded is None:
        raise RejectedError("bad_text")
    return decoded.text
