"""What browsers and search engines ask for at fixed addresses: icons, the manifest of the site, `robots.txt`."""

from __future__ import annotations

from flask import Blueprint, Response, make_response

from library_server.web.static_files import file, static_address

blueprint = Blueprint("site_files", __name__)
PAPER = "#faf7f0"
# Pages of records, collections and books are for search engines. Not: the desk, searches and settings, whose addresses
# have no end, what is of one reader, and bytes behind grants, which expire. Pictures in search results are covers.
_NOT_INDEXED = (
    "/desk",
    "/search",
    "/settings",
    "/mine",
    "/components",
    "/files/",
    "/video/",
    "/api/",
    "/iptv/",
    "/metrics",
)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What search engines may fetch (RFC 9309)."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_INDEXED)]
    response = make_response("\n".join(lines) + "\n")
    response.mimetype = "text/plain"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon for browsers that do not read the SVG in the head of a page."""
    return file("favicon.ico")


@blueprint.get("/apple-touch-icon.png")
def apple_touch_icon() -> Response:
    """The icon on the first screen of an iPhone, which asks for it at this address."""
    return file("icon-192.png")


@blueprint.get("/manifest.webmanifest")
def web_manifest() -> Response:
    """What a phone needs to keep the library on its first screen."""
    icons = [("mark.svg", "any", "image/svg+xml"), ("icon-192.png", "192x192", "image/png"),
             ("icon-512.png", "512x512", "image/png")]  # fmt: skip
    response = make_response(
        {
            "name": "天元数字图书馆",
            "short_name": "天元图书馆",
            "start_url": "/",
            "display": "standalone",
            "background_color": PAPER,
            "theme_color": PAPER,
            "lang": "zh-CN",
            "icons": [{"src": static_address(name), "sizes": sizes, "type": form} for name, sizes, form in icons],
        }
    )
    response.mimetype = "application/manifest+json"
    return response
