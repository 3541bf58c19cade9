"""Comics, MOBI and FictionBook with scripts, pictures of other servers and parts that are missing: each opens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.ebooks import drawn, fictionbook, zipped
from tests.factories.palm_books import mobi
from tests.support.pages import touched_page, wait_for_text
from tests.support.reading.books_on_screen import open_book
from tests.support.servers.serving import serving_folder

ATTACK = "<script>top.hacked=1</script><img src='http://other.test/x.png' onerror='top.hacked=1'/>"
BODIES = (
    f"<body><section><title><p>第一章</p></title><p>江边的芭蕉绿了。{ATTACK}</p>"
    "<image l:href='http://other.test/y.png'/><image l:href='#gone'/><image l:href='#huge'/>"
    "<p><a l:href='javascript:top.hacked=1'>后面的话</a></p></section></body>"
)
PAGE = (
    f"<html><body><h1>第一章</h1><p>山上的茶树{ATTACK}<img recindex='00099'/>"
    "<iframe src='http://other.test/f'></iframe></p></body></html>"
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    pages: dict[str, bytes | str] = {
        "1.jpg": drawn("red"),
        "2.jpg": f"<html>{ATTACK}",
        "3.jpg": drawn("blue", (6000, 8000)),
        "4.png": b"",
    }
    zipped(files / "漫画.cbz", {**pages, "ComicInfo.xml": f"<ComicInfo><Title>{ATTACK}</Title><Manga>Yes"})
    (files / "书.fb2").write_text(fictionbook(bodies=BODIES, binaries={"huge": drawn("red", (6000, 8000))}))
    (files / "茶.mobi").write_bytes(mobi(PAGE.encode()))
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], width=390, height=844) as page:
        foreign: list[str] = []
        page.on("request", lambda request: foreign.append(request.url) if "other.test" in request.url else None)
        yield page
        assert page.evaluate("window.hacked") is None
        assert foreign == []


@pytest.mark.parametrize(("title", "text"), [("故乡的路", "江边的芭蕉绿了"), ("茶", "山上的茶树")])
def test_a_book_opens_without_its_scripts(
    title: str, text: str, page: Page, library: tuple[str, dict[str, str]]
) -> None:
    open_book(page, library[1][title], text)
    page.wait_for_timeout(500)


def test_a_comic_names_the_pages_that_are_damaged(page: Page, library: tuple[str, dict[str, str]]) -> None:
    page.goto(f"/read/{library[1]['漫画']}")
    expect(page.locator("#status")).to_have_count(0)
    for number, text in ((2, "2.jpg"), (3, ""), (4, "4.png")):
        page.locator("#next-page").click()
        expect(page.locator("#where")).to_contain_text(f"第 {number} 页")
        if text:
            wait_for_text(page, text)
