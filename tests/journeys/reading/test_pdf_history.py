"""The back key of a phone leads to the page of a PDF before a jump, and leaves the book only where there was none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.pages import touched_page
from tests.support.reading.pdf_book import serving_pdf


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server, and the path of its book."""
    with serving_pdf(tmp_path_factory, 60) as book:
        yield book


@pytest.fixture
def page(browser: Browser, address: tuple[str, str]) -> Iterator[Page]:
    with touched_page(browser, address[0], width=390) as page:
        page.goto(f"/records/{address[1].rpartition('/')[2]}")
        page.goto(address[1])
        page.wait_for_selector(".page-links a")
        yield page


def expect_page(page: Page, number: int) -> None:
    expect(page.locator("#where")).to_have_text(f"{number} / 60")


def test_back_returns_from_an_entry_of_the_outline_then_leaves(page: Page) -> None:
    page.click("#next-page")
    expect_page(page, 2)
    page.click("[data-panel=contents]")
    page.locator("#panel-contents .lines > li").nth(4).locator("button").first.click()
    expect_page(page, 41)
    page.go_back()
    expect_page(page, 2)
    expect(page.locator("#return")).to_be_hidden()
    page.go_forward()
    expect_page(page, 41)
    page.go_back()
    page.go_back()
    page.wait_for_url("**/records/*")


def test_back_returns_to_the_very_place_of_a_link(page: Page) -> None:
    page.evaluate("document.getElementById('book').scrollTop = 120")
    page.locator(".page-links a:not([target])").evaluate("link => link.click()")
    expect_page(page, 9)
    page.go_back()
    expect_page(page, 1)
    assert page.evaluate("document.getElementById('book').scrollTop") == pytest.approx(120, abs=1)


def test_back_returns_from_all_hits_of_a_search_at_once(page: Page) -> None:
    page.keyboard.press("Control+f")
    page.keyboard.type("abc柑橘")
    page.keyboard.press("Enter")
    page.locator("#find-places button").first.click()
    for number in (10, 30, 50):
        expect_page(page, number)
        page.click("#find-next")
    page.go_back()
    expect_page(page, 1)


def test_home_and_end_keep_the_place(page: Page) -> None:
    page.keyboard.press("PageDown")
    page.keyboard.press("End")
    expect_page(page, 60)
    page.keyboard.press("Home")
    expect_page(page, 1)
    page.go_back()
    expect_page(page, 60)
    page.go_back()
    assert page.evaluate("document.getElementById('book').scrollTop") > 300


def test_the_way_back_leaves_the_page_free_after_some_turns_and_stays_in_the_contents(page: Page) -> None:
    page.keyboard.press("End")
    expect(page.locator("#return")).to_be_visible()
    for number in (59, 58, 57):
        page.click("#back-page")
        expect_page(page, number)
    expect(page.locator("#return")).to_be_hidden()
    page.click("[data-panel=contents]")
    page.locator("#panel-contents [data-return]").click()
    expect_page(page, 1)
    expect(page.locator("#panel-contents")).to_be_hidden()
