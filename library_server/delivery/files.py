"""Stored files behind grants: found, allowed, opened; and answered before the web framework where they are.

A range of 2 MB leaves in half a millisecond; the framework alone would take as long again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO

from library_server.delivery.context import Delivery
from library_server.delivery.sending import Sendable, answer
from storage_config.errors import ObjectMissing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PATH = re.compile(r"/files/(?P<grant>[^/]+)/(?P<asset>[^/]+)\Z")
_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def open_file(delivery: Delivery, grant: str, asset_id: str, *, download: bool) -> Sendable | None:
    """An asset ready to be sent; None where there is no such asset or the grant does not open it."""
    found = delivery.asset(asset_id)
    if found is None or not delivery.opens(grant, found.record_id):
        return None
    try:
        file = delivery.library.store.open(found.key)
    except ObjectMissing:
        return None
    size, modified = _size_and_time(file) or _looked_up(delivery, found.key)
    return Sendable(
        file=file,
        size=size,
        media_type=found.media_type,
        etag=found.sha256[:32],
        modified=modified,
        public=delivery.grants.is_public(grant),
        filename=found.filename,
        download=download,
    )


class FilesFirst:
    """A WSGI application that answers for stored files; all else, and what it may not give, goes to `inner`."""

    def __init__(self, inner: WSGIApplication, delivery: Delivery) -> None:
        self._inner = inner
        self._delivery = delivery

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        found = _PATH.match(environ.get("PATH_INFO", ""))
        if found and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            download = "download" in environ.get("QUERY_STRING", "")
            item = open_file(self._delivery, found["grant"], found["asset"], download=download)
            if item is not None:
                ready = answer(item, environ)
                start_response(_STATUS[ready.status], ready.headers)
                return ready.body
        return self._inner(environ, start_response)


def _size_and_time(file: BinaryIO) -> tuple[int, float] | None:
    try:
        found: Any = os.fstat(file.fileno())
    except OSError:
        return None
    return found.st_size, found.st_mtime


def _looked_up(delivery: Delivery, key: str) -> tuple[int, float]:
    stored = delivery.library.store.head(key)
    return stored.size, stored.modified
