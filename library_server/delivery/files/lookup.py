"""Looks up stored files, checks their grants, and answers before Flask where the file may be sent.

A range of 2 MB leaves in half a millisecond; the framework alone would take as long again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from sqlalchemy.exc import SQLAlchemyError

from library_server.catalogue.dto import AssetView
from library_server.catalogue.enums import AssetRole
from library_server.delivery import offload
from library_server.delivery.context import Delivery
from library_server.delivery.files.responses import FileSource, Opener, build_response, from_path
from library_server.library import Library
from storage_config.errors import StorageError
from storage_config.stores.base import ObjectStore

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PATH = re.compile(r"/files/(?P<grant>[^/]+)/(?P<asset>[^/]+)\Z")
_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def open_file(delivery: Delivery, grant: str, asset_id: str, *, download: bool) -> FileSource | None:
    """Return an asset ready to be sent; None where there is no such asset or the grant does not open it.

    No grant opens an asset for librarians only, in whatever way its bytes would be sent.
    """
    asset = delivery.find_asset(asset_id)
    if asset is None or asset.librarians_only or not delivery.is_granted(grant, asset.record_id):
        return None
    item = _make_source(delivery.library, asset, public=delivery.grants.is_public(grant), download=download)
    if item is None:
        return None
    if asset.role != AssetRole.ORIGINAL:
        delivery.uses.record(asset.id)
    return replace(item, remote=offload.resolve(delivery.library, asset, item))


def open_original(delivery: Delivery, asset_id: str) -> FileSource | None:
    """Return an original for a librarian, whatever its access; None where there is no such original.

    It is always sent from here: the address of another server would open it to whoever is given that address.
    """
    asset = delivery.find_asset(asset_id)
    if asset is None or asset.role != AssetRole.ORIGINAL:
        return None
    return _make_source(delivery.library, asset, public=False, download=True)


def _make_source(library: Library, asset: AssetView, *, public: bool, download: bool) -> FileSource | None:
    try:
        opener, size, modified = _make_opener(library.store, asset)
    except FileNotFoundError:
        return None
    return FileSource(
        opener=opener,
        size=size,
        media_type=asset.media_type,
        etag=asset.sha256[:32],
        modified=modified,
        public=public,
        filename=asset.filename,
        download=download,
    )


class AssetMiddleware:
    """A WSGI application that answers for stored files; all else, and what it may not give, goes to `inner`."""

    def __init__(self, inner: WSGIApplication, delivery: Delivery) -> None:
        self._inner = inner
        self._delivery = delivery

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        match = _PATH.match(environ.get("PATH_INFO", ""))
        if match and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            download = "download" in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
            with suppress(StorageError, SQLAlchemyError):  # the application renders this error for the reader
                item = open_file(self._delivery, match["grant"], match["asset"], download=download)
                if item is not None:
                    ready = build_response(item, environ)
                    start_response(_STATUS[ready.status], ready.headers)
                    return ready.body
        return self._inner(environ, start_response)


def _make_opener(store: ObjectStore, asset: AssetView) -> tuple[Opener, int, float]:
    """Return how to open an asset, its bytes, and its time; of a local file as the disk has it."""
    path = store.local_path(asset.key)
    if path is not None:
        opened = path.stat()
        return from_path(path), opened.st_size, opened.st_mtime
    return (
        lambda byte_range: store.open(asset.key, byte_range.start, byte_range.length),
        asset.size,
        asset.created_at.timestamp(),
    )
