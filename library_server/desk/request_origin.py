"""Whether a request that changes something comes from a page of this site (cross-site request forgery).

The session cookie is `SameSite=Strict`, but browsers older than 2018 ignore that, and another port or subdomain of the
same site is not covered by it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})


def is_same_origin(request: Request) -> bool:
    """Return whether a request was sent by a page of this site, or by its user directly.

    The first of these headers that is present decides: `Sec-Fetch-Site` (Fetch Metadata; pages cannot set it), `Origin`
    (RFC 6454, section 7), and `Referer`, which is all that the browsers of old set-top boxes send. A request with none
    of them is refused: each of those browsers sends one, and a program that drives the desk can add one.
    """
    headers = request.headers
    if "Sec-Fetch-Site" in headers:
        return headers["Sec-Fetch-Site"] in _OWN_SITES
    if "Origin" in headers:
        return _host_of(headers["Origin"]) == request.host
    if "Referer" in headers:
        return _host_of(headers["Referer"]) == request.host
    return False


def _host_of(address: str) -> str | None:
    """Return the host and port of an address; None where there is none, as in the origin `null`.

    The scheme is not compared: behind a proxy that ends TLS this server may see `http` where the browser sees `https`.
    """
    try:
        return urlsplit(address).netloc or None
    except ValueError:
        return None
