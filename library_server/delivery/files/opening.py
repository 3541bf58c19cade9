"""Sends what the first page of an EPUB needs of its file: made when it is first asked for, and kept for a while."""

from __future__ import annotations

import gzip

from flask import Response, abort, request

from library_server.delivery.files.epub_opening import pack_opening
from library_server.delivery.files.ranges import ByteRange
from library_server.delivery.files.responses import CACHE_PRIVATE, CACHE_PUBLIC, SAFE_HEADERS, FileSource
from library_server.web.byte_cache import ByteCache
from library_server.web.requests.conditions import failed_condition
from library_server.web.threadpool import run_in_io_threadpool
from storage_config.errors import ObjectNotFound

CACHE_BYTES = 8 * 1024 * 1024
_packed: ByteCache[bytes] = ByteCache(CACHE_BYTES)


def send_opening(item: FileSource) -> Response:
    """Return the opening of an EPUB that the visitor may have; answers that there is none where it cannot be read."""
    etag = f"{item.etag}-opening"
    headers = {
        "Cache-Control": CACHE_PUBLIC if item.public else CACHE_PRIVATE,
        "ETag": f'"{etag}"',
        **dict(SAFE_HEADERS),
    }
    failed = failed_condition(etag, None, request.environ)
    if failed:
        return Response(status=failed, headers=headers)
    packed = _packed.get(item.etag)
    if packed is None:
        packed = run_in_io_threadpool(_read_opening, item)
        if packed is None:
            abort(404)
        _packed.put(item.etag, packed, len(packed))
    response = Response(packed, mimetype="application/octet-stream", headers=headers)
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.content_encoding = "gzip"
    else:
        response.data = gzip.decompress(packed)
    return response


def _read_opening(item: FileSource) -> bytes | None:
    def read(start: int, stop: int) -> bytes:
        with item.opener(ByteRange(start, stop, item.size)) as file:
            return file.read(stop - start)

    try:
        return pack_opening(read, item.size)
    except ObjectNotFound:
        return None
