"""Pages in a browser, and the addresses of bytes that responses name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page
from werkzeug.test import TestResponse

from tests.support.commands import tianyuan

SCREENS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}


def open_desk(browser: Browser, address: str, home: Path, screen: str) -> Page:
    """A librarian's page of the desk, opened by the link that `tianyuan desk` prints."""
    context = browser.new_context(viewport=SCREENS[screen], base_url=address, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(tianyuan(home, "desk", "--base-url", address).stdout.strip())
    assert page.url == f"{address}/desk/batches"
    page.goto("/desk/storage")
    return page


@contextmanager
def touched_page(browser: Browser, address: str, *scripts: str, width: int = 500, height: int = 800) -> Iterator[Page]:
    """A page on a screen that is touched; each document runs `scripts` first. It is a `checked_page`."""
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=address, has_touch=True)
    for script in scripts:
        context.add_init_script(script)
    with checked_page(context) as page:
        yield page


@contextmanager
def checked_page(context: BrowserContext) -> Iterator[Page]:
    """A page of a context, which is closed afterwards. Fails where a script of the page did."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def wait_for_text(page: Page, text: str, seconds: float = 5) -> Frame:
    """The frame of a book that shows a text; waits until there is one."""
    for _ in range(int(seconds * 20)):
        for frame in page.frames[1:]:
            with suppress(Error):  # the frame of a page that was turned away from
                content = frame.evaluate("document.documentElement.textContent")
                if text in content and frame.frame_element().is_visible():
                    return frame
        page.wait_for_timeout(50)
    raise AssertionError(f"no frame shows {text}: {page.locator('#status').all_text_contents()}")


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
