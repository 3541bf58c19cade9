"""Fixtures of the journeys by every hand, eye and ear: the pages of the sample, each by a short name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from tests.support.pages import checked_page

RECORDS = {
    "book": "q=船歌&kind=book", "pdf": "q=四季菜园&kind=book", "film": "q=春梢&kind=lecture", "sound": "kind=audio",
    "photo": "kind=photo", "story": "kind=story",
}  # fmt: skip
ADDRESSES = {
    "home": "/", "search": "/search?q=柑橘", "nothing": "/search?q=完全没有的", "shelves": "/shelves", "mine": "/mine",
    "photos": "/collections/photos", "record": "/records/{book}", "film-record": "/records/{film}",
    "photo": "/records/{photo}", "story": "/records/{story}", "film": "/watch/{film}", "sound": "/watch/{sound}",
    "text": "/read/{book}?text=1", "contents": "/read/{book}?contents=1", "book": "/read/{book}", "pdf": "/read/{pdf}",
}  # fmt: skip
READERS = ("book", "pdf")


class Open(Protocol):
    """Opens a page of the sample by its name in `ADDRESSES`; a book is open when it returns, unless `wait` is false."""

    def __call__(self, page: Page, name: str, *, wait: bool = True) -> None: ...


@contextmanager
def page_of_width(browser: Browser, server: str, width: int, script: str = "") -> Iterator[Page]:
    """A page of this width in pixels, in Chinese, on which `script` runs first; no fault may come up on it."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, base_url=server, locale="zh-CN", reduced_motion="reduce"
    )
    context.add_init_script(script)
    with checked_page(context) as page:
        yield page


@pytest.fixture
def open_page(sample: FlaskClient) -> Open:
    def find(query: str) -> str:
        return str(sample.get(f"/api/v1/search?{query}").get_json()["items"][0]["id"])

    ids = {name: find(query) for name, query in RECORDS.items()}

    def go(page: Page, name: str, *, wait: bool = True) -> None:
        page.goto(ADDRESSES[name].format(**ids))
        if wait and name in READERS:
            page.locator("#status").wait_for(state="detached")
            page.wait_for_function("document.getElementById('where').textContent")

    return go
