"""A film whose segments or file cannot be had, and the speed that is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.access_levels import AccessLibrary
from tests.support.pages import touched_page

HLS_GONE = re.compile(r"/hls/|hls\.js|\.m3u8")
FILES = "**/files/**"
MEDIA = "document.querySelector('video')"


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with touched_page(browser, address) as page:
        yield page


def open_film(page: Page, levels: AccessLibrary, seconds: float = 0) -> None:
    page.goto(f"/watch/{levels.ids['film-public']}" + (f"#t={seconds}" if seconds else ""))


def test_without_segments_the_file_goes_on_at_the_same_second(page: Page, levels: AccessLibrary) -> None:
    page.route(HLS_GONE, lambda route: route.abort())
    open_film(page, levels, 1.5)
    page.wait_for_function(f"() => {MEDIA}.readyState >= 1 && {MEDIA}.src.includes('/files/')")
    page.wait_for_function(f"() => Math.abs({MEDIA}.currentTime - 1.5) < 0.5")
    expect(page.locator("#player-status")).to_be_hidden()


def test_a_film_that_cannot_be_had_is_asked_for_once_and_again_on_request(page: Page, levels: AccessLibrary) -> None:
    requests: list[str] = []

    def refuse(address: str) -> None:
        requests.append(address)

    for blocked in (HLS_GONE, FILES):
        page.route(blocked, lambda route: (refuse(route.request.url), route.abort()))  # type: ignore[func-returns-value]
    open_film(page, levels)
    expect(page.locator("#player-status")).to_contain_text("放不出来")
    page.wait_for_timeout(500)
    assert len(requests) < 10
    page.unroute(HLS_GONE)
    page.unroute(FILES)
    page.get_by_role("button", name="再试一次").click()
    page.wait_for_function(f"() => {MEDIA}.readyState >= 1")
    expect(page.get_by_role("button", name="再试一次")).to_be_hidden()


def test_the_speed_is_kept(page: Page, levels: AccessLibrary) -> None:
    open_film(page, levels)
    page.select_option("#speed", "0.75")
    page.reload()
    expect(page.locator("#speed")).to_have_value("0.75")
    page.wait_for_function(f"() => {MEDIA}.readyState >= 1 && {MEDIA}.playbackRate === 0.75")


def test_all_that_is_kept_can_be_cleared_after_a_question(page: Page, levels: AccessLibrary) -> None:
    open_film(page, levels)
    page.evaluate("""localStorage['tianyuan.notes'] = '{"a": []}'; localStorage['tianyuan.reading'] = '{}';
        localStorage['other'] = '1'""")
    page.goto("/mine")
    page.get_by_role("button", name="清掉全部记录").click()
    expect(page.get_by_role("button", name="确定清掉")).to_be_focused()
    page.get_by_role("button", name="不清").click()
    assert page.evaluate("localStorage['tianyuan.notes']")
    page.get_by_role("button", name="清掉全部记录").click()
    page.get_by_role("button", name="确定清掉").click()
    expect(page.get_by_role("button", name="确定清掉")).to_be_hidden()
    assert page.evaluate("Object.keys(localStorage).filter((key) => key !== 'tianyuan.look')") == ["other"]


def test_the_title_of_a_film_is_between_it_and_its_buttons(page: Page, levels: AccessLibrary) -> None:
    open_film(page, levels)
    film, title, buttons = (page.locator(name).bounding_box() for name in (".player", "main h1", ".controls"))
    assert film is not None
    assert title is not None
    assert buttons is not None
    assert film["y"] + film["height"] <= title["y"] < buttons["y"]


@pytest.mark.parametrize(("large", "size"), [(False, "18px"), (True, "24px")], ids=["usual", "large"])
def test_subtitles_are_as_large_as_text_on_a_phone(large: bool, size: str, page: Page, levels: AccessLibrary) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_film(page, levels)
    page.evaluate("large => document.documentElement.classList.toggle('large', large)", large)
    assert page.evaluate(f"getComputedStyle({MEDIA}, '::cue').fontSize") == size
