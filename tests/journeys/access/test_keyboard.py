"""By the keyboard alone: each stop of the focus is seen, no part of a page holds it, and panels give it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.access.conftest import ADDRESSES, READERS, Open, page_of_width
from tests.support.screens.focus import focus_of, go_round, go_to

SITE_PAGES = [name for name in ADDRESSES if name not in READERS]


@pytest.fixture(params=[390, 1280])
def page(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    with page_of_width(browser, server, request.param) as page:
        yield page


@pytest.mark.slow
def test_each_stop_on_each_page_is_seen(page: Page, open_page: Open) -> None:
    faults = {}
    for name in SITE_PAGES:
        open_page(page, name)
        stops = go_round(page)
        assert len(stops) > 5, name
        faults[name] = [(stop.tag, stop.name, stop.faults) for stop in stops if stop.faults]
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["home", "search", "record", "film", "text", "mine"])
def test_the_skip_link_is_the_first_stop(page: Page, open_page: Open, name: str) -> None:
    open_page(page, name)
    go_to(page, ".skip", most=1)
    page.keyboard.press("Enter")
    assert focus_of(page).id == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


@pytest.mark.slow
def test_from_the_home_page_to_a_book_and_back(page: Page, open_page: Open) -> None:
    open_page(page, "home")
    go_to(page, ".find input")
    page.keyboard.type("cxws")
    page.keyboard.press("Enter")
    expect(page.locator("a.result").first).to_contain_text("村小往事")
    go_to(page, "a.result")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("村小往事")
    go_to(page, "a.go[href^='/read/']")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_count(0)
    expect(page.locator("#where")).to_contain_text("%")
    first = page.locator("#where").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#where")).not_to_have_text(first, use_inner_text=True)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#where")).to_have_text(first, use_inner_text=True)
    go_to(page, "header a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("村小往事")


@pytest.mark.slow
@pytest.mark.parametrize("kind", READERS)
def test_panels_take_the_focus_and_return_it(page: Page, open_page: Open, kind: str) -> None:
    open_page(page, kind)
    for name in ("contents", "search", "notes", "settings"):
        button = f"header [data-panel={name}]"
        for way in ("Escape", "Enter"):
            go_to(page, button)
            page.keyboard.press("Enter")
            expect(page.locator(f"#panel-{name}")).to_be_visible()
            assert page.evaluate(f"document.getElementById('panel-{name}').contains(document.activeElement)"), name
            if way == "Enter":
                stop = go_to(page, f"#panel-{name} [data-close]", key="Shift+Tab" if name == "search" else "Tab")
                assert stop.name == "关闭"
            page.keyboard.press(way)
            expect(page.locator(f"#panel-{name}")).to_be_hidden()
            assert page.evaluate("button => document.activeElement.matches(button)", button), (name, way)


@pytest.mark.slow
@pytest.mark.parametrize("kind", READERS)
def test_a_page_and_a_thought_are_noted(page: Page, open_page: Open, kind: str) -> None:
    open_page(page, kind)
    go_to(page, "header [data-panel=notes]")
    page.keyboard.press("Enter")
    go_to(page, "[data-do=keep-page]")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-notes .notes > li")).to_have_count(1)
    assert page.evaluate("document.activeElement.dataset.do") == "keep-page"
    if kind == "book":
        go_to(page, "[data-do=edit], .notes button:not(.note)")
        page.keyboard.press("Enter")
        go_to(page, "#panel-notes textarea") if focus_of(page).tag != "textarea" else None
        page.keyboard.type("说的是从前")
        go_to(page, "#panel-notes form [type=submit]")
        page.keyboard.press("Enter")
        expect(page.locator("#panel-notes .notes")).to_contain_text("说的是从前")
    assert focus_of(page).tag != "body"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.panel") == "notes"


@pytest.mark.slow
def test_words_are_found_and_opened(page: Page, open_page: Open) -> None:
    for kind, words in (("book", "上滩"), ("pdf", "豆角")):
        open_page(page, kind)
        go_to(page, "header [data-panel=search]")
        page.keyboard.press("Enter")
        assert focus_of(page).id == "find-words"
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        if kind == "pdf":
            expect(page.locator("#find-status")).to_contain_text("处")
            continue
        page.locator("#panel-search .hits button").first.wait_for()
        go_to(page, "#panel-search .hits button")
        page.keyboard.press("Enter")
        expect(page.locator("#hit-bar")).to_be_visible()


@pytest.mark.slow
def test_settings_and_the_text_version_by_keyboard(page: Page, open_page: Open) -> None:
    open_page(page, "book")
    go_to(page, "header [data-panel=settings]")
    page.keyboard.press("Enter")
    go_to(page, "[data-step='10']")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-settings output").first).to_have_text("110%")
    go_to(page, "[name=paper]")
    page.keyboard.press("ArrowRight")
    assert "paper-" in str(page.locator("html").get_attribute("class"))
    assert focus_of(page).faults == ()
    open_page(page, "text")
    go_to(page, ".look summary")
    page.keyboard.press("Enter")
    go_to(page, ".look [data-step='10']")
    page.keyboard.press("Enter")
    expect(page.locator(".look output").first).to_have_text("120%")
    go_to(page, ".pager [rel=next]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("上滩")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["film", "sound"])
def test_a_film_and_a_recording_are_played(page: Page, open_page: Open, name: str) -> None:
    open_page(page, name)
    media = "document.querySelector('video, audio')"
    go_to(page, "#on30, video, audio")
    page.wait_for_function(f"() => {media}.readyState >= 1")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("k")
    page.wait_for_function(f"() => !{media}.paused")
    page.keyboard.press("k")
    page.wait_for_function(f"() => {media}.paused")
    go_to(page, "#speed")
    page.keyboard.press("ArrowDown")
    page.wait_for_function(f"() => {media}.playbackRate === 1.25")
    go_to(page, "#on30")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => {media}.currentTime > 5")
