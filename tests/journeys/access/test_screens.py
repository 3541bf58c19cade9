"""Every page at the widths of phones, tablets and desks, in both sizes and themes: nothing is cut, covered or small."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.access.conftest import ADDRESSES, READERS, Open
from tests.support.pages import checked_page, wait_for_text
from tests.support.screens.layout import LARGE_TAP, TAP, find_layout_faults

SCREENS = {320: 568, 390: 844, 568: 320, 820: 1180, 1280: 800}  # height by width, in pixels
# each width once in the gate, with what is hardest on it; `make test-long` goes through all
OFTEN = {(320, "large", "dark"), (390, "normal", "light"), (568, "large", "dark"), (820, "large", "light"),
         (1280, "normal", "dark")}  # fmt: skip
TAPS = {"normal": TAP, "large": LARGE_TAP}
LOOKS = [
    pytest.param(*look, marks=() if look in OFTEN else pytest.mark.long, id="-".join(map(str, look)))
    for look in itertools.product(SCREENS, TAPS, ("light", "dark"))
]
in_every_look = pytest.mark.parametrize(("width", "size", "theme"), LOOKS)


@pytest.fixture
def page(browser: Browser, server: str, width: int, size: str, theme: str) -> Iterator[Page]:
    viewport: Any = {"width": width, "height": SCREENS[width]}
    context = browser.new_context(viewport=viewport, base_url=server, has_touch=True, reduced_motion="reduce")
    for name, value in (("text", size), ("theme", theme)):
        context.add_cookies([{"name": name, "value": value, "url": server}])
    with checked_page(context) as page:
        yield page


@pytest.mark.slow
@in_every_look
def test_no_page_is_cut_covered_or_hard_to_press(page: Page, open_page: Open, size: str) -> None:
    faults = {}
    for name in ADDRESSES:
        open_page(page, name)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        faults[name] = find_layout_faults(page, TAPS[size])
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.slow
@in_every_look
@pytest.mark.parametrize("kind", READERS)
def test_the_panels_of_a_reader_fit_the_screen(page: Page, open_page: Open, kind: str, size: str, width: int) -> None:
    open_page(page, kind)
    names = page.locator("header [data-panel]:visible").evaluate_all("all => all.map(button => button.dataset.panel)")
    assert names == ["contents", "search", "notes", "settings"]
    faults = {}
    for name in names:
        page.locator(f"header [data-panel={name}]").tap()
        expect(page.locator(f"#panel-{name}")).to_be_visible()
        faults[name] = find_layout_faults(page, TAPS[size])
        last = page.locator(f"#panel-{name} .panel-body").evaluate("body => [body.scrollWidth, body.clientWidth]")
        assert last[0] <= last[1], name
        page.locator(f"#panel-{name} [data-close]").tap()
    assert {name: found for name, found in faults.items() if found} == {}
    share = page.evaluate("document.querySelector('.stage').clientHeight / innerHeight")
    assert share >= (0.6 if SCREENS[width] > 400 else 0.55)


@pytest.mark.slow
@in_every_look
def test_pages_are_turned_by_taps_and_swipes(page: Page, open_page: Open) -> None:
    open_page(page, "book")
    wait_for_text(page, "雾贴着水面走")
    box = page.locator("foliate-view").bounding_box()
    assert box is not None
    left, right, middle = box["x"] + 20, box["x"] + box["width"] - 20, box["y"] + box["height"] / 2
    first = page.locator("#where").inner_text()
    second = turn(page, lambda: page.touchscreen.tap(right, middle))
    turn(page, lambda: swipe(page, right, left, middle))
    assert turn(page, lambda: swipe(page, left, right, middle)) == second
    assert turn(page, lambda: page.touchscreen.tap(left, middle)) == first
    assert turn(page, page.locator("#next-page").tap) == second
    assert turn(page, page.locator("#back-page").tap) == first


def turn(page: Page, action: Callable[[], None]) -> str:
    """Turn a page; returns where it led to, once that stands still."""
    where = page.locator("#where")
    before = where.inner_text()
    action()
    expect(where).not_to_have_text(before, use_inner_text=True)
    text = where.inner_text()
    page.wait_for_timeout(500)
    while (now := where.inner_text()) != text:  # the name of the chapter may come after the place
        text = now
        page.wait_for_timeout(500)
    return text


def swipe(page: Page, start: float, end: float, y: float) -> None:
    """Move a finger across the screen."""
    session = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", start), ("touchMove", (start + end) / 2), ("touchMove", end)):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
