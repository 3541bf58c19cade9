"""Web archives (MHT, MHTML): pages and pictures as parts of one message (RFC 2557)."""

from __future__ import annotations

import email
import re
from contextlib import suppress
from email.message import Message
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urljoin

from ingest_tools.description import Description
from ingest_tools.formats.ebooks.decoding import decode_declared
from ingest_tools.formats.ebooks.html.site import describe_site
from ingest_tools.rejections import RejectedError

MEDIA_TYPE: Final = "multipart/related"
LIMIT: Final = 256 * 1024 * 1024
_PARTS_LIMIT: Final = 20_000
_PAGE_TYPES: Final = ("text/html", "application/xhtml+xml")
_HEADERS: Final = re.compile(rb"(?:[^\r\n]+\r?\n)+\r?\n")
_HEAD: Final = 65_536
_BETWEEN: Final = re.compile(rb"^--([^\r\n\"]{1,70}?)[ \t]*\r?\nContent-", re.MULTILINE | re.IGNORECASE)
_CONTENT_ID: Final = "cid:"


def describe(path: Path, out: Path) -> Description:
    """Metadata, text and the EPUB for the reader page. Raises `RejectedError`."""
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    return describe_site(MessageSite(path.read_bytes()), out, MEDIA_TYPE)


class MessageSite:
    """The parts of a message, by their numbers. Raises `RejectedError` for too many."""

    def __init__(self, data: bytes) -> None:
        message = email.message_from_bytes(_with_boundary(data.lstrip(b"\xef\xbb\xbf\r\n \t")))
        self._parts = {str(number): part for number, part in enumerate(message.walk()) if not part.is_multipart()}
        if len(self._parts) > _PARTS_LIMIT:
            raise RejectedError("too_large")
        self._locations = {name: _get_location(part) for name, part in self._parts.items()}
        self._names: dict[str, str] = {}
        for name, part in self._parts.items():
            identifier = str(part.get("Content-ID", "")).strip().strip("<>")
            for form in (self._locations[name], identifier and f"{_CONTENT_ID}{identifier}"):
                if form:
                    self._names.setdefault(_normalize_location(form), name)
        pages = [name for name, part in self._parts.items() if part.get_content_type() in _PAGE_TYPES]
        start = self._names.get(
            _normalize_location(f"{_CONTENT_ID}{str(message.get_param('start', '')).strip().strip('<>')}")
        )
        self.page_names = sorted(pages, key=lambda name: name != start)

    def read_text(self, name: str) -> str:
        """Return a page; the encoding that its part names is believed before that which the page names."""
        charset = self._parts[name].get_content_charset("")
        return decode_declared(_decode_content(self._parts[name]), stated=[charset] if charset else [])

    def resolve(self, page: str, reference: str) -> str | None:
        """Return the part at the location that a reference means."""
        forms = [reference]
        with suppress(ValueError):  # an address of IPv6 that is none
            forms.append(urljoin(self._locations.get(page, page), reference))
        return next(
            (self._names[_normalize_location(form)] for form in forms if _normalize_location(form) in self._names), None
        )

    def read_bytes(self, name: str) -> bytes | None:
        """Return the bytes of a part."""
        return _decode_content(self._parts[name]) if name in self._parts else None


def _with_boundary(data: bytes) -> bytes:
    """Return a message that states the line between its parts, where its own headers have lost that."""
    headers = _HEADERS.match(data[:_HEAD])
    message = email.message_from_bytes(headers[0]) if headers else Message()
    if headers is None or message.get_content_maintype() != "multipart" or message.get_boundary() is not None:
        return data
    body = data[headers.end() :]
    between = _BETWEEN.search(body)
    if between is None:
        return data
    return b'Content-Type: multipart/related; boundary="' + between[1] + b'"\n\n' + body


def _decode_content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _get_location(part: Message) -> str:
    """Return the location of a part; long ones are folded, which leaves spaces in them, and some are not ASCII."""
    headers = {name.lower(): str(value) for name, value in part.raw_items()}
    location = headers.get("content-location", "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return re.sub(r"\s+", "", location)


def _normalize_location(location: str) -> str:
    return unquote(location).partition("#")[0].partition("?")[0].replace("\\", "/").casefold()
