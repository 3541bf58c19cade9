"""Security headers of every response: content security policy, MIME sniffing, referrer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from flask import Flask, Response

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:{media_origins}; "
    "style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; worker-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)


def init_app(app: Flask, media_origins: Iterable[str] = ()) -> None:
    """Add the headers to every response; `media_origins` are other hosts that media comes from."""
    policy = PAGE_POLICY.format(media_origins="".join(f" {origin}" for origin in media_origins))
    app.after_request(partial(_add_headers, policy))


def _add_headers(policy: str, response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cache-Control", "no-cache")
        response.vary.add("Cookie")
    return response
