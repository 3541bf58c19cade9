"""What comes out of a printer: ink on paper in every theme, and no navigation."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

LOOKS = {
    "light": ({"theme": "light"}, ""), "dark": ({"theme": "dark"}, ""), "auto": ({"theme": "auto"}, ""),
    "large": ({"text": "large"}, ""), "night": ({"theme": "light"}, "night"), "warm": ({"theme": "dark"}, "warm"),
}  # fmt: skip
NOT_PRINTED = "header.top, nav, footer, form, .actions, .controls, .look, .contents, video"


def record_of(sample: FlaskClient, query: str) -> str:
    return str(sample.get(f"/api/v1/search?{query}").get_json()["items"][0]["id"])


def open_page(browser: Browser, server: str, look: str) -> Page:
    cookies, paper = LOOKS[look]
    context = browser.new_context(base_url=server, color_scheme="dark")
    context.add_cookies([{"name": name, "value": value, "url": server} for name, value in cookies.items()])
    page = context.new_page()
    if paper:
        page.goto("/robots.txt")
        page.evaluate("paper => localStorage.setItem('tianyuan.reading', JSON.stringify({paper, size: 150}))", paper)
    return page


@pytest.mark.slow
@pytest.mark.parametrize("look", list(LOOKS))
def test_pages_are_printed_as_ink_on_paper(browser: Browser, server: str, sample: FlaskClient, look: str) -> None:
    book, story, film = (
        record_of(sample, query) for query in ("q=船歌&kind=book", "kind=story", "q=春梢&kind=lecture")
    )
    page = open_page(browser, server, look)
    for address in ("/", f"/records/{book}", f"/records/{story}", f"/watch/{film}", f"/read/{book}?text=1", "/search"):
        page.goto(address)
        page.emulate_media(media="print")
        colours = page.evaluate(
            "[...document.querySelectorAll('body, main *')].filter(element => element.offsetParent).map(element =>"
            " getComputedStyle(element).color)"
        )
        assert set(colours) <= {"rgb(0, 0, 0)", "rgb(51, 51, 51)", "rgb(255, 255, 255)"}, (address, set(colours))
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        shown = page.locator(NOT_PRINTED).evaluate_all("all => all.filter(one => one.offsetParent).length")
        assert shown == 0, address
        page.emulate_media(media="screen")
    page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("look", ["light", "night"])
def test_the_text_of_a_book_fills_the_paper(browser: Browser, server: str, sample: FlaskClient, look: str) -> None:
    page = open_page(browser, server, look)
    page.goto(f"/read/{record_of(sample, 'q=船歌&kind=book')}?text=1")
    first_words = re.sub(r"\s", "", page.locator(".story p").first.inner_text())[:12]
    printed = pypdfium2.PdfDocument(io.BytesIO(page.pdf(format="A4")))
    text = re.sub(r"\s", "", "".join(sheet.get_textpage().get_text_range() for sheet in printed))
    assert first_words in text
    assert "http" not in text
    for dead in ("目录", "大字", "下一章", "首页"):
        assert dead not in text
    page.context.close()


@pytest.mark.slow
def test_a_reader_says_where_the_text_is_printed(browser: Browser, server: str, sample: FlaskClient) -> None:
    page = open_page(browser, server, "dark")
    page.goto(f"/read/{record_of(sample, 'q=船歌&kind=book')}")
    assert not page.locator(".on-paper").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".on-paper").is_visible()
    assert "文字版" in page.locator(".on-paper").inner_text()
    assert not page.locator("#book").is_visible()
    page.context.close()
