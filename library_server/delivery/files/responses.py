"""Sends a stored object: conditional requests, ranges, safe headers, and the bytes by the kernel.

The file is opened and sought, the rest handed to `wsgi.file_wrapper`, and Content-Length set: Werkzeug's
own range wrapper reads up to the offset, 7 requests a second of 2 MB against 449. Where another server is to
send the bytes, the answer only says where they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import http_date, parse_if_range_header

from library_server.delivery.files.ranges import ByteRange, RangeNotSatisfiable, read_range
from library_server.web.requests.conditions import failed_condition
from storage_config.errors import ObjectNotFound

CHUNK = 256 * 1024
CACHE_PUBLIC = "public, max-age=31536000, immutable"
CACHE_PRIVATE = "private, max-age=21600"
CACHE_REDIRECT = "private, max-age=3600"
SANDBOX = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; media-src 'self'; sandbox"
SAFE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", SANDBOX),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Referrer-Policy", "same-origin"),
)
_SHOWN_INLINE = ("image/", "video/", "audio/", "application/pdf", "text/vtt", "text/plain")


Opener = Callable[[ByteRange], BinaryIO]


@dataclass(frozen=True)
class RemoteTarget:
    """Another server sends the bytes: `header` names where, `status` is that of our answer."""

    status: int
    header: str
    address: str


@dataclass(frozen=True)
class FileSource:
    """What is sent: `size` bytes, opened where a range begins, their type, a strong validator, how they may be kept."""

    opener: Opener
    size: int
    media_type: str
    etag: str
    modified: float
    public: bool
    filename: str | None = None
    download: bool = False
    remote: RemoteTarget | None = None

    @property
    def content_type(self) -> str:
        """As the header says it."""
        return _content_type(self.media_type)

    @property
    def disposition(self) -> str | None:
        """How a browser takes it: shown, or saved under its name."""
        if not self.filename:
            return None
        inline = self.media_type.startswith(_SHOWN_INLINE) and not self.download
        kind = "inline" if inline else "attachment"
        return f"{kind}; filename*=UTF-8''{quote(self.filename, safe='')}"


@dataclass(frozen=True)
class WsgiResponse:
    """An HTTP answer that no framework has touched."""

    status: int
    headers: list[tuple[str, str]]
    body: Iterable[bytes] = ()


def from_path(path: Path) -> Opener:
    """Opens a local file where a range begins."""

    def opener(byte_range: ByteRange) -> BinaryIO:
        try:
            file = path.open("rb")
        except FileNotFoundError as error:
            raise ObjectNotFound(what=path.name) from error
        file.seek(byte_range.start)
        return file

    return opener


def build_response(item: FileSource, environ: Mapping[str, Any]) -> WsgiResponse:
    """Return the answer to a GET or HEAD (WSGI `environ`) for an object. Raises `ObjectNotFound` where it is gone."""
    headers = _build_headers(item)
    remote = item.remote if environ["REQUEST_METHOD"] == "GET" else None
    failed = failed_condition(item.etag, item.modified, environ)
    if failed == HTTPStatus.PRECONDITION_FAILED and not remote:  # else it is about the other server's ETag
        return WsgiResponse(failed, [*_remove_cache_control(headers), ("Content-Length", "0")])
    if failed == HTTPStatus.NOT_MODIFIED:
        return WsgiResponse(failed, headers)
    if remote:
        return _redirect_or_offload(item, remote)
    try:
        part = read_range(environ.get("HTTP_RANGE"), item.size) if _range_applies(item, environ) else None
    except RangeNotSatisfiable:
        refusal = [("Content-Range", f"bytes */{item.size}"), ("Content-Length", "0")]
        return WsgiResponse(416, [*_remove_cache_control(headers), *refusal])
    byte_range = part or ByteRange(0, item.size, item.size)
    headers.append(("Content-Length", str(byte_range.length)))
    if part:
        headers.append(("Content-Range", part.content_range))
    return WsgiResponse(206 if part else 200, headers, _build_body(item, byte_range, environ))


def send(item: FileSource) -> Response:
    """Return the same as a response of the framework."""
    ready = build_response(item, request.environ)
    return Response(ready.body, status=ready.status, headers=ready.headers, direct_passthrough=True)


def _build_headers(item: FileSource) -> list[tuple[str, str]]:
    headers = [
        ("Content-Type", item.content_type),
        ("Accept-Ranges", "bytes"),
        ("ETag", f'"{item.etag}"'),
        ("Last-Modified", http_date(item.modified)),
        ("Cache-Control", CACHE_PUBLIC if item.public else CACHE_PRIVATE),
        *SAFE_HEADERS,
    ]
    if item.disposition:
        headers.append(("Content-Disposition", item.disposition))
    return headers


def _remove_cache_control(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers of a refusal: without what would let a cache keep it as the object."""
    return [header for header in headers if header[0] != "Cache-Control"]


def _redirect_or_offload(item: FileSource, where: RemoteTarget) -> WsgiResponse:
    """Return a redirect may be followed again for a while; what nginx takes over keeps type, name and caching of
    ours.
    """
    named = [(where.header, where.address), ("Content-Length", "0")]
    if where.status != 200:
        return WsgiResponse(where.status, [*named, ("Cache-Control", CACHE_REDIRECT), *SAFE_HEADERS])
    kept_names = {"Content-Type", "Content-Disposition", "Cache-Control"}
    return WsgiResponse(200, [*named, *(header for header in _build_headers(item) if header[0] in kept_names)])


def _content_type(media_type: str) -> str:
    if media_type == "image/svg+xml":
        return "application/octet-stream"  # SVG runs scripts: it is saved, never shown from here
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _range_applies(item: FileSource, environ: Mapping[str, Any]) -> bool:
    """If-Range (RFC 9110, 13.1.5): the range holds only while the object is the one the client has."""
    header = environ.get("HTTP_IF_RANGE")
    if not header:
        return True
    condition = parse_if_range_header(header)
    if condition.etag is not None:
        return bool(condition.etag == item.etag) and not header.startswith("W/")
    return condition.date is not None and int(item.modified) == int(condition.date.timestamp())


def _build_body(item: FileSource, byte_range: ByteRange, environ: Mapping[str, Any]) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "HEAD" or not byte_range.length:
        return ()
    file = item.opener(byte_range)
    wrapper = environ.get("wsgi.file_wrapper")
    if wrapper is not None and _has_descriptor(file):
        whole: Iterable[bytes] = wrapper(file, CHUNK)
        return whole
    return _read_chunks(file, byte_range.length)


def _has_descriptor(file: BinaryIO) -> bool:
    try:
        os.lseek(file.fileno(), 0, os.SEEK_CUR)
    except (OSError, AttributeError):
        return False
    return True


def _read_chunks(file: BinaryIO, length: int) -> Iterator[bytes]:
    with file:
        while length > 0 and (piece := file.read(min(CHUNK, length))):
            length -= len(piece)
            yield piece
