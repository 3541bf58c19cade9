"""Refuses requests that no page should see: a Host header that is none, an address with NUL or that is not UTF-8."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import SecurityError
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wsgi import get_host

from library_server.web.errors.messages import build_problem, static_page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST_LIMIT = 260  # a domain name has at most 253 characters (RFC 1035, 2.3.4), a port six more with its colon


class RequestValidation:
    """A WSGI application that hands valid requests to `inner` and answers 400 to others.

    `trusted_hosts` are those that are answered, as Werkzeug's `host_is_trusted` takes them; any where there are none.
    """

    def __init__(self, inner: WSGIApplication, trusted_hosts: Collection[str]) -> None:
        self._inner = inner
        self._trusted_hosts = trusted_hosts

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if self._has_good_host(environ) and _has_readable_address(environ):
            return self._inner(environ, start_response)
        is_api = environ.get("PATH_INFO", "").startswith("/api/")
        body = (json.dumps(build_problem(400), ensure_ascii=False) if is_api else static_page(400)).encode()
        media_type = "application/problem+json" if is_api else "text/html; charset=utf-8"
        headers = [("Content-Type", media_type), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response("400 Bad Request", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _has_good_host(self, environ: WSGIEnvironment) -> bool:
        """Return whether the host is one that may be written into addresses; HTTP/1.1 requires one (RFC 9112, 3.2)."""
        host = environ.get("HTTP_HOST")
        if host is None and environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
            return False
        if host is not None and (len(host) > HOST_LIMIT or not host_is_trusted(host)):
            return False
        try:
            get_host(environ, self._trusted_hosts or None).encode("idna")  # routing does: empty and overlong labels
        except (SecurityError, UnicodeError):
            return False
        return True


def _has_readable_address(environ: WSGIEnvironment) -> bool:
    """Return whether the query is UTF-8 (Werkzeug raises where it is not) and the path has no NUL (PostgreSQL
    raises).
    """
    query: str = environ.get("QUERY_STRING", "")
    try:
        query.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return "\x00" not in environ.get("PATH_INFO", "")
