"""Addresses of bytes that a response names."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from werkzeug.test import TestResponse

_ADDRESS = re.compile(r"(?:https?://[^/\s\"'<>]+)?/(?:files|video|covers)/[^\s\"'<>)\\,]+")


def addresses_in(response: TestResponse, address: str) -> list[str]:
    """Every address of bytes in a response that was got from `address`: in HTML, JSON, M3U and HLS playlists."""
    if (response.mimetype or "").startswith(("image/", "video/", "audio/mp4", "application/octet-stream")):
        return []
    text = html.unescape(response.data.decode("utf-8", "replace"))
    urls = [url for url in _ADDRESS.findall(text) if "{" not in url]
    if response.mimetype == "application/json":
        urls += [string for string in _strings(response.get_json()) if _ADDRESS.fullmatch(string)]
    if response.mimetype == "application/vnd.apple.mpegurl":
        named = [line for line in text.splitlines() if line and not line.startswith("#")]
        named += re.findall(r'URI="([^"]+)"', text)
        urls += [urljoin(address, uri) for uri in named]
    parts = [urlsplit(url) for url in urls]
    return sorted({part.path + (f"?{part.query}" if part.query else "") for part in parts})


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from _strings(member)
