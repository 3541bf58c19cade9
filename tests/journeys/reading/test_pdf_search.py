"""Words found in a PDF are gone through: every place is shown, from wherever the reader is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.pages import touched_page
from tests.support.reading.pdf_book import serving_pdf


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server, and the path of its book."""
    with serving_pdf(tmp_path_factory, 30) as book:
        yield book


@pytest.fixture
def page(browser: Browser, address: tuple[str, str]) -> Iterator[Page]:
    with touched_page(browser, address[0], width=390) as page:
        page.goto(address[1])
        page.wait_for_selector(".pdf-page canvas")
        page.keyboard.press("Control+f")
        page.keyboard.type("grape")
        page.keyboard.press("Enter")
        page.locator("#find-places button").first.click()
        yield page


def test_a_word_that_is_written_in_two_ways_is_shown_at_each_place(page: Page) -> None:
    current = page.locator(".text-layer mark.current")
    expect(current).to_have_text("Grape")
    page.click("#find-next")
    expect(page.locator("#find-bar output")).to_have_text("2 / 2")
    expect(current).to_have_text("GRAPE")
    expect(current).to_be_in_viewport()


def test_the_next_place_is_shown_to_a_reader_who_went_elsewhere(page: Page) -> None:
    expect(page.locator("#where")).to_have_text("25 / 30")
    page.evaluate("document.getElementById('book').scrollTop = 0")
    expect(page.locator("#where")).to_have_text("1 / 30")
    page.click("#find-next")
    expect(page.locator("#where")).to_have_text("25 / 30")
    expect(page.locator(".text-layer mark.current")).to_have_text("GRAPE")


def test_a_place_beside_what_an_enlarged_page_shows_is_brought_into_view(page: Page) -> None:
    current = page.locator(".text-layer mark.current")
    for _ in range(6):
        page.keyboard.press("+")
    page.evaluate("const main = document.getElementById('book'); main.scrollLeft = main.scrollWidth")
    expect(current).not_to_be_in_viewport()
    page.click("#find-next")
    expect(page.locator("#find-bar output")).to_have_text("2 / 2")
    expect(current).to_be_in_viewport(ratio=0.99)
