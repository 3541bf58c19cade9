"""Conditional requests (RFC 9110, section 13) for what is read by GET and HEAD."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.http import parse_date, parse_etags


def failed_condition(etag: str, modified: float | None, environ: Mapping[str, Any]) -> HTTPStatus | None:
    """Return the status that the conditions of a request (WSGI `environ`) lead to, in the order of RFC 9110, 13.2.2.

    412 where the client wants to go on only with an object that it has seen before, 304 where it has this one already,
    None where it shall be sent. `etag` is a strong validator without quotes; `modified` (seconds since the epoch) is
    None where there is no Last-Modified. Whoever calls knows that the object can be sent (13.2.1).
    """
    if _has_changed(etag, modified, environ):
        return HTTPStatus.PRECONDITION_FAILED
    return HTTPStatus.NOT_MODIFIED if _is_known(etag, modified, environ) else None


def _has_changed(etag: str, modified: float | None, environ: Mapping[str, Any]) -> bool:
    """If-Match by strong comparison (13.1.1); If-Unmodified-Since only where that is absent (13.1.4)."""
    match = environ.get("HTTP_IF_MATCH")
    if match is not None:
        return not parse_etags(match).contains(etag)
    since = parse_date(environ.get("HTTP_IF_UNMODIFIED_SINCE"))
    return modified is not None and since is not None and int(modified) > since.timestamp()


def _is_known(etag: str, modified: float | None, environ: Mapping[str, Any]) -> bool:
    """If-None-Match by weak comparison (13.1.2); If-Modified-Since only where that is absent (13.1.3)."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None:
        return parse_etags(known).contains_weak(etag)
    since = parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))
    return modified is not None and since is not None and int(modified) <= since.timestamp()
