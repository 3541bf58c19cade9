"""The first view on a phone: the home page with a cold cache stays small, because many read it over 4G or slower."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

PHONE = {"width": 390, "height": 844}
MOST_BYTES, MOST_REQUESTS = 45_000, 12


@dataclass(frozen=True)
class FirstView:
    """What a browser fetched, and the bytes of each answer as a client without brotli gets it."""

    sizes: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.sizes.values())


def first_view(browser: Browser, address: str) -> FirstView:
    """Open a page in a browser that has nothing cached; then ask for the length of all that it fetched."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=3, is_mobile=True)  # type: ignore[arg-type]
    fetched: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(address, wait_until="networkidle")
    context.close()
    return FirstView({url: _compressed_bytes(url) for url in fetched if not url.startswith("data:")})


def _compressed_bytes(url: str) -> int:
    # brotli is offered over HTTPS only, so gzip is what a village's own server sends
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as response:
        return int(response.headers["Content-Length"])


@pytest.mark.slow
def test_the_first_view_on_a_phone_is_small(browser: Browser, server: str) -> None:
    view = first_view(browser, server)
    assert any("/static/dist/site-" in url for url in view.sizes)
    assert any(url.endswith(".css") for url in view.sizes)
    assert len(view.sizes) <= MOST_REQUESTS, view.sizes
    assert view.total <= MOST_BYTES, view.sizes
