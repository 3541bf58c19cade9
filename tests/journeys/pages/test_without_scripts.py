"""Films and books on devices without JavaScript, in a real browser that has it turned off."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Page

from tests.factories.access_levels import AccessLibrary

SCREENS = {"television": {"width": 1280, "height": 720}, "phone": {"width": 390, "height": 844}}


def play(page: Page) -> str:
    """Start what is on the page and wait until it moves; returns its address. No timer runs where scripts are off."""
    media = page.locator("video, audio")
    media.evaluate("media => { media.muted = true; media.play() }")
    for _ in range(100):
        if media.evaluate("media => media.currentTime") > 0.2:
            return str(media.evaluate("media => media.currentSrc"))
        time.sleep(0.1)
    raise AssertionError(media.evaluate("media => [media.currentSrc, media.networkState, media.error?.message]"))


def open_page(browser: Browser, address: str, screen: str, *, scripts: bool) -> Page:
    context = browser.new_context(viewport=SCREENS[screen], base_url=address, java_script_enabled=scripts)  # type: ignore[arg-type]
    return context.new_page()


@pytest.mark.parametrize("screen", list(SCREENS))
@pytest.mark.parametrize("kind", ["film", "audio"])
def test_it_plays_without_scripts(
    kind: str, screen: str, browser: Browser, address: str, levels: AccessLibrary
) -> None:
    page = open_page(browser, address, screen, scripts=False)
    page.goto(f"/watch/{levels.ids[f'{kind}-public']}")
    media = page.locator("video, audio")
    assert media.is_visible()
    assert "/files/" in play(page)
    assert media.evaluate("media => media.duration") > 1
    assert page.locator("main noscript p").is_visible()
    assert page.get_by_text("直接打开文件").is_visible()
    assert page.get_by_text("字幕文件").first.is_visible()
    for dead in ("#back10", "#on30", "#speed"):
        assert not page.locator(dead).is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


@pytest.mark.parametrize("kind", ["film", "audio"])
def test_with_scripts_the_better_player_takes_over(
    kind: str, browser: Browser, address: str, levels: AccessLibrary
) -> None:
    page = open_page(browser, address, "television", scripts=True)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"/watch/{levels.ids[f'{kind}-public']}")
    assert play(page).startswith("blob:")
    files = page.locator(".player").get_attribute("data-file")
    assert [url for url in requested if files and url.endswith(files)] == []  # the file itself is not fetched
    assert page.locator("#speed").is_visible()
    page.context.close()


@pytest.mark.parametrize("screen", list(SCREENS))
def test_a_book_can_be_read_or_taken_without_scripts(
    screen: str, browser: Browser, address: str, levels: AccessLibrary
) -> None:
    page = open_page(browser, address, screen, scripts=False)
    page.goto(f"/read/{levels.ids['book-public']}")
    assert page.locator("noscript a[href*='/files/']").first.is_visible()
    for dead in ("#status", "#panel-contents", "#back-page", "#next-page"):
        assert not page.locator(dead).is_visible(), dead
    page.locator("noscript a[href='?text=1']").click()
    assert page.locator("article.reading").is_visible()
    page.context.close()


def test_results_can_be_narrowed_without_scripts(browser: Browser, address: str) -> None:
    page = open_page(browser, address, "television", scripts=False)
    page.goto("/search")
    page.locator("#facets summary").click()
    assert page.locator("#facets a").first.is_visible()
    page.context.close()


def test_a_librarian_sees_the_link_to_the_desk(browser: Browser, address: str, levels: AccessLibrary) -> None:
    page = open_page(browser, address, "television", scripts=True)
    page.goto(f"/records/{levels.ids['book-withdrawn']}")
    assert not page.get_by_text("馆员：这条记录").is_visible()
    page.context.add_cookies([{"name": "librarian", "value": "1", "url": address}])
    page.reload()
    assert page.get_by_text("馆员：这条记录").is_visible()
    page.context.close()
