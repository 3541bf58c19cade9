"""The encoding of XML and HTML that state one, which is not always the one they are in."""

from __future__ import annotations

from collections.abc import Sequence

from ingest_tools.formats.markup import decode_stated
from ingest_tools.rejections import RejectedError


def decode_declared(data: bytes, language: str | None = None, stated: Sequence[str] = ()) -> str:
    """Return the text of a document as `decode_stated` does. Raises `RejectedError` where no encoding reads it."""
    text = decode_stated(data, language, stated)
    if text is None:
        raise RejectedError("bad_text")
    return text
