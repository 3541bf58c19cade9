"""A PDF is searched and read by keyboard alone; both readers have room at 200 % and in a low window."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.pages import touched_page
from tests.support.reading.pdf_book import serving_pdf

PAGES = 30


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server, and the path of a book with 柑橘 on pages 10 and 30."""
    with serving_pdf(tmp_path_factory, PAGES) as served:
        yield served


@pytest.fixture(params=[390, 1280])
def page(request: pytest.FixtureRequest, browser: Browser, book: tuple[str, str]) -> Iterator[Page]:
    with touched_page(browser, book[0], width=request.param, height=800) as page:
        page.goto(book[1])
        expect(page.locator("#status")).to_have_count(0)
        yield page


def test_hits_are_gone_through_by_keyboard_and_reading_goes_on(page: Page) -> None:
    where, place = page.locator("#where"), page.locator("#find-bar output")
    page.keyboard.press("Control+f")
    page.keyboard.type("柑橘")
    page.keyboard.press("Enter")
    expect(page.locator("#find-status")).to_have_text("2 处")
    page.keyboard.press("Enter")
    expect(where).to_have_text("10 / 30")
    page.keyboard.press("F3")
    expect(where).to_have_text("30 / 30")
    expect(place).to_have_text("2 / 2")
    page.keyboard.press("Control+g")
    expect(where).to_have_text("10 / 30")
    page.keyboard.press("Shift+F3")
    expect(where).to_have_text("30 / 30")
    page.keyboard.press("Control+Shift+g")
    expect(where).to_have_text("10 / 30")
    page.keyboard.press("Escape")
    expect(page.locator("#panel-search")).to_be_hidden()
    top = page.locator("#book").evaluate("one => one.scrollTop")
    page.keyboard.press("PageDown")
    page.wait_for_function("top => document.getElementById('book').scrollTop > top", arg=top)
    top = page.locator("#book").evaluate("one => one.scrollTop")
    page.keyboard.press("ArrowUp")
    page.wait_for_function("top => document.getElementById('book').scrollTop < top", arg=top)
    page.locator("#find-end").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#find-bar")).to_be_hidden()
    page.keyboard.press("End")
    expect(where).to_have_text("30 / 30")


def test_a_file_that_is_refused_after_its_first_page_was_seen_is_told(browser: Browser, book: tuple[str, str]) -> None:
    def refuse(route: Route) -> None:
        if "range" in route.request.headers:
            route.fulfill(status=403)
        else:
            route.continue_()

    with touched_page(browser, book[0], width=390, height=844) as page:
        page.route("**/files/**", refuse)
        page.goto(book[1])
        expect(page.locator(".page-picture")).to_be_visible()
        expect(page.locator("#notice")).to_contain_text("书已经收回")


@pytest.mark.parametrize(("width", "height"), [(195, 422), (568, 320), (640, 400)])
def test_a_small_window_shows_the_page_and_the_hits(
    width: int, height: int, browser: Browser, book: tuple[str, str]
) -> None:
    with touched_page(browser, book[0], width=width, height=height) as page:
        page.goto(book[1])
        expect(page.locator("#status")).to_have_count(0)
        page.keyboard.press("Control+f")
        page.keyboard.type("柑橘")
        page.keyboard.press("Enter")
        expect(page.locator("#find-places button").first).to_be_in_viewport()
        page.keyboard.press("Enter")
        mark = page.locator("mark.current").first
        expect(mark).to_be_in_viewport()
        box, bar = mark.bounding_box(), page.locator("#find-bar").bounding_box()
        assert box
        assert bar
        assert box["y"] + box["height"] <= bar["y"]
        boxes = [one.bounding_box() for one in page.locator("footer > *").all() if one.is_visible()]
        places = sorted((box["x"], box["x"] + box["width"]) for box in boxes if box)
        assert all(start >= end for (_, end), (start, _) in pairwise(places))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
