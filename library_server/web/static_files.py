"""Styles, scripts and browser libraries, compressed by the build.

The names of built files contain a hash of their content: they are kept for a year and never asked for again. A fixed
address, such as `/static/site.css`, answers with the file of the present build.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from functools import cache, lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, request, send_file, url_for
from werkzeug.security import safe_join

from library_server.web.static_build import FOLDER, StaticBuild, read_build
from library_server.web.threadpool import run_in_threadpool

blueprint = Blueprint("static", __name__, url_prefix="/static")
STATIC = Path(__file__).parent / "static"
HASHED_SECONDS, FIXED_SECONDS = 31_536_000, 86_400
_COMPRESSED_FOLDERS = (f"{FOLDER}/", "vendor/")  # only the build writes there, so variants are never out of date
_VARIANTS = (("br", ".br"), ("gzip", ".gz"))  # smallest first


@cache
def static_build() -> StaticBuild:
    """Return the build that this process serves; like a template, a source that is edited counts after a restart."""
    return read_build(STATIC)


def static_address(filename: str) -> str:
    """Return the address of a static file by the name of its source, hashed where it was built."""
    if built := static_build().built.get(filename):
        return url_for("static.file", filename=built)
    if filename.startswith("vendor/"):
        return url_for("static.file", filename=filename, v=_compute_checksum(filename))
    return url_for("static.file", filename=filename)


@blueprint.get("/<path:filename>")
def file(filename: str) -> Response:
    """A static file, in the smallest encoding that the browser takes. 404 where there is none."""
    build = static_build()
    served = filename if build.is_built(filename) else build.find_current(filename) or filename
    path = safe_join(str(STATIC), served)
    if path is None or not os.path.isfile(path):  # not `Path.is_file`, which raises for a name of 3,000 characters
        abort(404)
    encoding, variant = _choose_variant(path) if served.startswith(_COMPRESSED_FOLDERS) else (None, path)
    response = send_file(
        variant,
        mimetype=mimetypes.guess_type(served)[0] or "application/octet-stream",
        download_name=os.path.basename(served),
        etag=run_in_threadpool(_compute_etag, variant, os.stat(variant).st_mtime_ns),
        conditional=True,
    )
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.vary.add("Accept-Encoding")
    _set_cache_control(response, filename, is_source=served == filename)
    return response


def _choose_variant(path: str) -> tuple[str | None, str]:
    """Return the encoding that the browser takes and the build has made, and its file."""
    for encoding, suffix in _VARIANTS:
        if request.accept_encodings.quality(encoding) > 0 and os.path.isfile(path + suffix):
            return encoding, path + suffix
    return None, path


def _set_cache_control(response: Response, filename: str, *, is_source: bool) -> None:
    """A year for hashed names, a day for fixed ones; sources that were not built are asked for each time."""
    control = response.cache_control
    control.public = True
    control.no_cache = None
    if static_build().is_built(filename) or (
        filename.startswith("vendor/") and request.args.get("v") == _compute_checksum(filename)
    ):
        control.max_age = HASHED_SECONDS
        control.immutable = True
    elif filename.startswith(f"{FOLDER}/") or (is_source and not filename.startswith("vendor/")):
        control.no_cache = True
    else:
        control.max_age = FIXED_SECONDS


@cache
def _compute_checksum(filename: str) -> str:
    return hashlib.sha256((STATIC / filename).read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=256)
def _compute_etag(path: str, _modified: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:20]
