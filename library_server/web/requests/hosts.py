"""The address of the site in what leaves it: playlists, citations and QR codes hold absolute addresses."""

from __future__ import annotations

from flask import Response, g, request
from werkzeug.urls import iri_to_uri

from library_server.web.context import current_library


def site_address() -> str:
    """Return the address of the site, without a slash at its end: `TIANYUAN_BASE_URL`, else as this request names the
    host.

    In the second case the response depends on the Host header, and `vary_on_host` marks it.
    """
    base = current_library().settings.base_url
    if not base:
        g.depends_on_host = True
        base = iri_to_uri(request.host_url)  # with the host as it stands on the wire
    return base.rstrip("/")


def vary_on_host(response: Response) -> Response:
    """Keep a response whose body depends on the Host header out of shared caches (RFC 9110, 12.5.5)."""
    if g.get("depends_on_host"):
        response.vary.add("Host")
        if response.cache_control.public:
            response.cache_control.public = False
            response.cache_control.private = True
    return response
