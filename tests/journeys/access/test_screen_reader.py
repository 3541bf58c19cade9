"""What a screen reader is told: names, headings, landmarks and order of each page, and what changes on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.access.conftest import ADDRESSES, READERS, Open, page_of_width
from tests.support.screens.reading_order import find_order_faults, find_unnamed_controls

NOTE_SAID = """
window.said = [];
new MutationObserver(changes => {
  for (const { target } of changes) {
    const element = target.nodeType === 1 ? target : target.parentElement;
    const region = element && element.closest('[role=status], [role=alert], [aria-live=polite], output');
    const text = region && !region.closest('[hidden]') && region.textContent.trim();
    if (text && window.said[window.said.length - 1] !== text) window.said.push(text);
  }
}).observe(document, {
  subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['hidden'],
});
"""


@pytest.fixture(params=[390, 1280])
def page(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    with page_of_width(browser, server, request.param, NOTE_SAID) as page:
        yield page


@pytest.mark.slow
def test_pages_have_names_headings_landmarks_and_an_order(page: Page, open_page: Open) -> None:
    faults = {}
    for name in ADDRESSES:
        open_page(page, name)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        faults[name] = find_order_faults(page) + find_unnamed_controls(page)
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", READERS)
def test_panels_are_named_and_their_controls_too(page: Page, open_page: Open, kind: str) -> None:
    open_page(page, kind)
    for name in ("contents", "search", "notes", "settings"):
        button = page.locator(f"header [data-panel={name}]")
        button.click()
        panel = page.locator(f"#panel-{name}")
        expect(panel).to_have_attribute("aria-label", button.inner_text())
        expect(button).to_have_attribute("aria-expanded", "true")
        assert panel.evaluate("panel => panel.contains(document.activeElement)"), name
        assert find_unnamed_controls(page) == []
        page.keyboard.press("Escape")
        expect(button).to_have_attribute("aria-expanded", "false")
        expect(button).to_be_focused()


@pytest.mark.slow
@pytest.mark.parametrize("kind", READERS)
def test_changes_in_a_book_are_announced(page: Page, open_page: Open, kind: str) -> None:
    open_page(page, kind)
    before = page.locator("#where").inner_text()
    page.locator("#next-page").click()
    expect(page.locator("#where")).not_to_have_text(before, use_inner_text=True)
    page.wait_for_timeout(300)
    assert page.locator("#where").text_content() in said(page)
    page.locator("header [data-panel=notes]").click()
    page.locator("[data-do=keep-page]").click()
    assert "记下了。" in said(page)
    page.keyboard.press("Escape")
    page.locator("header [data-panel=search]").click()
    page.locator("#find-words").fill("没有这样的话")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.said.includes('没有找到。')")


@pytest.mark.slow
@pytest.mark.parametrize("kind", READERS)
def test_a_book_that_does_not_come_is_said_to_be_missing(page: Page, open_page: Open, kind: str) -> None:
    page.route("**/files/**", lambda route: route.abort())
    open_page(page, kind, wait=False)
    page.wait_for_function("() => window.said.some((text) => /没有取到|打不开/.test(text))")


def said(page: Page) -> list[str]:
    """What live regions of the page said, in order."""
    texts: list[str] = page.evaluate("window.said")
    return texts
