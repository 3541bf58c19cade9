"""PDFs under fingers: they are enlarged around them and stay sharp, and a page that stands alone is turned by them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.support.pages import checked_page
from tests.support.reading.pdf_book import serving_pdf

CANVAS = ".pdf-page[data-page='{}'] canvas"
PAGES = 12
# the share of the width and height of the first page that is under a point of the window
UNDER = (
    "([x, y]) => { const { left, top, width, height } = document.querySelector('.pdf-page[data-page=\"1\"]')"
    ".getBoundingClientRect(); return [(x - left) / width, (y - top) / height]; }"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server, and the path of its book."""
    with serving_pdf(tmp_path_factory, PAGES) as book:
        yield book


@pytest.fixture
def page(browser: Browser, address: tuple[str, str]) -> Iterator[Page]:
    """The book on a phone whose screen has three pixels for each of CSS."""
    context = browser.new_context(
        viewport={"width": 390, "height": 700}, base_url=address[0], has_touch=True, device_scale_factor=3
    )
    with checked_page(context) as page:
        page.goto(address[1])
        page.wait_for_selector(CANVAS.format(1))
        yield page


@pytest.fixture
def session(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def show_one_page(page: Page, fit: str = "看整页") -> None:
    page.click("[data-panel=settings]")
    page.locator("#pdf-settings label", has_text="一页页翻").click()
    page.locator("#pdf-settings label", has_text=fit).click()
    page.keyboard.press("Escape")


def touch(session: CDPSession, *frames: list[tuple[int, int]]) -> None:
    """Fingers at some points, moved from frame to frame, and taken away."""
    for number, points in enumerate(frames):
        kind = "touchMove" if number else "touchStart"
        fingers = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def expect_page(page: Page, number: int) -> None:
    expect(page.locator("#where")).to_have_text(f"{number} / {PAGES}")


def expect_width(page: Page, pixels: int) -> None:
    expect(page.locator(".pdf-page[data-page='1']")).to_have_js_property("clientWidth", pixels)


def test_what_is_between_two_fingers_stays_there(page: Page, session: CDPSession) -> None:
    before = page.evaluate(UNDER, [195, 400])
    touch(session, [(145, 400), (245, 400)], [(110, 380), (260, 380)], [(80, 350), (280, 350)])
    expect_width(page, 780)
    assert page.evaluate(UNDER, [180, 350]) == pytest.approx(before, abs=0.01)


def test_an_enlarged_page_is_as_sharp_as_the_screen(page: Page, session: CDPSession) -> None:
    touch(session, [(185, 300), (205, 300)], [(95, 300), (295, 300)])
    expect_width(page, 3120)
    detail = page.locator(".pdf-page[data-page='1'] .page-detail")
    expect(detail).to_be_in_viewport()
    width, pixels = detail.evaluate("canvas => [canvas.getBoundingClientRect().width, canvas.width]")
    assert pixels / width == pytest.approx(3, abs=0.05)
    page.evaluate("document.getElementById('book').scrollTop += 1200")
    for side in ("left", "top", "right", "bottom"):  # of the window, which is drawn again where it has moved to
        page.wait_for_function(
            "side => { const detail = document.querySelector('.page-detail'); if (!detail) return false;"
            " const [part, frame] = [detail, document.getElementById('book')].map(e => e.getBoundingClientRect());"
            " return /left|top/.test(side) ? part[side] <= frame[side] : part[side] >= frame[side]; }",
            arg=side,
        )


def test_two_taps_enlarge_and_make_small_again_but_two_flicks_do_not(page: Page, session: CDPSession) -> None:
    for pixels in (780, 390):
        touch(session, [(200, 300)])
        touch(session, [(203, 302)])
        expect_width(page, pixels)
    for _ in range(2):
        touch(session, [(200, 380)], [(200, 340)], [(200, 300)])
    page.wait_for_timeout(400)
    expect(page.locator(".pdf-page").first).to_have_js_property("clientWidth", 390)


def test_taps_at_the_sides_turn_a_page_that_stands_alone(page: Page) -> None:
    show_one_page(page)
    for x, number in ((350, 2), (350, 3), (350, 4), (30, 3), (195, 3)):
        page.touchscreen.tap(x, 300)
        expect_page(page, number)


def test_fast_taps_at_a_side_all_turn(page: Page, session: CDPSession) -> None:
    show_one_page(page)
    for _ in range(4):
        touch(session, [(350, 300)])
    expect_page(page, 5)


def test_taps_turn_no_page_that_is_scrolled_or_enlarged(page: Page, session: CDPSession) -> None:
    page.touchscreen.tap(350, 300)
    show_one_page(page)
    touch(session, [(145, 300), (245, 300)], [(95, 300), (295, 300)])
    expect_width(page, 780)
    page.touchscreen.tap(350, 300)
    touch(session, [(300, 300)], [(200, 300)], [(100, 300)])
    page.wait_for_timeout(300)
    expect_page(page, 1)


def test_swipes_turn_a_page_that_stands_alone(page: Page, session: CDPSession) -> None:
    show_one_page(page)
    touch(session, [(300, 300)], [(200, 300)], [(100, 310)])
    expect_page(page, 2)
    touch(session, [(100, 300)], [(200, 300)], [(300, 310)])
    expect_page(page, 1)


def test_the_wheel_goes_on_at_the_end_of_a_page_that_stands_alone(page: Page) -> None:
    page.set_viewport_size({"width": 900, "height": 600})
    show_one_page(page, "适合宽度")
    page.mouse.move(400, 300)
    page.mouse.wheel(0, 3000)
    page.wait_for_function("() => book.scrollTop > 300 && book.scrollTop + book.clientHeight >= book.scrollHeight - 2")
    expect_page(page, 1)
    page.wait_for_timeout(700)
    page.mouse.wheel(0, 400)
    expect_page(page, 2)
    assert page.evaluate("book.scrollTop") == 0
    page.wait_for_timeout(700)
    page.mouse.wheel(0, -400)
    expect_page(page, 1)
    assert page.evaluate("book.scrollTop") > 100
