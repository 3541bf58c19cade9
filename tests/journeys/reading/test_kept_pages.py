"""Of a book of pictures a few pages are kept in memory, however many were turned to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.ebooks import drawn, zipped
from tests.factories.epubs import epub
from tests.support.pages import touched_page
from tests.support.servers.serving import serving_folder

PAGES = 300
FIXED = '<meta property="rendition:layout">pre-paginated</meta><meta property="rendition:spread">{}</meta>'
PAGE = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><meta name="viewport" content="width=600, height=800"/>'
    '</head><body><p>第{0}页</p><img src="{0}.png" alt=""/><img src="all.png" alt=""/></body></html>'
)
# The addresses of objects that hold memory, which are not there before the pages of the book.
WATCH_OBJECTS = """
window.objectsOfTests = new Set();
const create = URL.createObjectURL, revoke = URL.revokeObjectURL;
URL.createObjectURL = (object) => { const url = create(object); objectsOfTests.add(url); return url; };
URL.revokeObjectURL = (url) => { objectsOfTests.delete(url); revoke(url); };
"""
OBJECTS = "objectsOfTests.size"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    zipped(files / "连环画.cbz", {f"{number:03}.jpg": drawn() for number in range(PAGES)})
    for title, spread in (("单页的书", "none"), ("双页的书", "both")):
        members: dict[str, bytes | str] = {"all.png": drawn(form="PNG")}
        for number in range(1, PAGES + 1):
            members |= {f"{number}.xhtml": PAGE.format(number), f"{number}.png": drawn(form="PNG")}
        links = "".join(f'<li><a href="{number}.xhtml">第 {number} 页</a></li>' for number in range(1, PAGES + 1))
        members["nav.xhtml"] = (
            f'<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol>{links}</ol></nav></body></html>'
        )
        epub(files / f"{title}.epub", title, FIXED.format(spread), members)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], WATCH_OBJECTS, width=900) as page:
        yield page


def turn(page: Page, key: str, times: int) -> None:
    for _ in range(times):
        before = page.locator("#where").inner_text()
        page.keyboard.press(key)
        expect(page.locator("#where")).not_to_have_text(before)


@pytest.mark.parametrize(("title", "turns"), [("连环画", 50), ("单页的书", 20), ("双页的书", 20)])
def test_turned_pages_are_let_go(title: str, turns: int, page: Page, library: tuple[str, dict[str, str]]) -> None:
    page.goto(f"/read/{library[1][title]}")
    expect(page.locator("#status")).to_have_count(0)
    turn(page, "PageDown", 10)
    some = page.evaluate(OBJECTS)
    turn(page, "PageDown", turns - 10)
    assert page.evaluate(OBJECTS) <= some
    assert len(page.frames) <= 3
    turn(page, "PageUp", 12)  # more than are kept
    assert page.evaluate(OBJECTS) <= some
    expect(page.locator("#where")).to_contain_text(
        {"连环画": "第 39 页", "单页的书": "第 9 页", "双页的书": "第 17 页"}[title]
    )
    for frame in page.frames[1:]:
        assert min(frame.evaluate("() => [...document.images].map(image => image.naturalWidth)")) > 0
