"""Journeys of readers in a real browser, on the screens of a phone and of a desktop computer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Response, Route, expect

from tests.support.pages import SCREENS, checked_page


@pytest.fixture(params=list(SCREENS))
def page(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    context = browser.new_context(viewport=SCREENS[request.param], base_url=server, locale="zh-CN")  # type: ignore[arg-type]
    with checked_page(context) as page:
        yield page


def item(sample: FlaskClient, query: str) -> str:
    record_id: str = sample.get(f"/api/v1/search?{query}").get_json()["items"][0]["id"]
    return record_id


def test_find_a_book_by_two_characters_and_read_its_second_chapter(page: Page) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill("船歌")
    page.keyboard.press("Enter")
    page.locator("article").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("湘江船歌")
    page.get_by_role("link", name="读", exact=True).click()
    page.get_by_role("button", name="目录").click()
    page.get_by_role("button", name="第二章 上滩").click()
    expect(page.locator("#where")).to_contain_text("第二章 上滩")
    page.goto("/")
    expect(page.locator("#places")).to_contain_text("湘江船歌")


def test_the_contents_are_offered_when_a_tap_on_them_works(page: Page, sample: FlaskClient) -> None:
    book = item(sample, "q=船歌&kind=book")
    scripts: list[Route] = []
    page.route("**/static/dist/ebook-*.js", lambda route: scripts.append(route))
    page.goto(f"/read/{book}", wait_until="commit")
    expect(page.locator("#status")).to_contain_text("正在打开")
    expect(page.get_by_role("button", name="目录")).to_have_count(0)
    scripts[0].continue_()
    page.get_by_role("button", name="目录").click()
    page.get_by_role("button", name="第二章 上滩").click()
    expect(page.locator("#where")).to_contain_text("第二章 上滩")


def test_watch_leave_and_come_back_to_the_same_second(page: Page, sample: FlaskClient) -> None:
    film = item(sample, "q=春梢&kind=lecture")
    page.goto(f"/watch/{film}")
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    page.evaluate("document.querySelector('video').currentTime = 9.5")
    page.wait_for_function("() => JSON.stringify(localStorage).includes('at')")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert page.evaluate("document.querySelector('video').textTracks.length") == 1
    page.goto("/")
    page.locator("#places a").first.click()
    page.wait_for_url("**/watch/*")
    page.wait_for_function("() => Math.abs(document.querySelector('video').currentTime - 9.5) < 1")


def test_turn_the_pages_of_a_pdf_and_come_back(page: Page, sample: FlaskClient) -> None:
    pdf = item(sample, "q=四季菜园&kind=book")
    page.goto(f"/read/{pdf}")
    expect(page.locator("#where")).to_contain_text("1 / 5")
    page.get_by_role("button", name="下一页").click()
    page.get_by_role("button", name="下一页").click()
    expect(page.locator("#where")).to_contain_text("3 / 5")
    page.goto("/")
    page.locator("#places a").first.click()
    expect(page.locator("#where")).to_contain_text("3 / 5")


def test_look_at_a_photo(page: Page, sample: FlaskClient) -> None:
    page.goto(f"/records/{item(sample, 'q=老街&kind=photo')}")
    image = page.locator(".photo-view img")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1600


def test_large_text_is_one_tap_away_and_remembered(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="大字").click()
    page.goto("/shelves")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "24px"


def test_the_first_view_on_a_phone_is_light(browser: Browser, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    context = browser.new_context(viewport=SCREENS["phone"])  # type: ignore[arg-type]
    page = context.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(server, wait_until="networkidle")
    received = sum(
        response.request.sizes()["responseBodySize"] + response.request.sizes()["responseHeadersSize"]
        for response in responses
    )
    context.close()
    with capsys.disabled():
        print(f"\nhome on a phone: {received / 1000:.0f} KB, {len(responses)} requests")
    assert len(responses) <= 12
    assert received <= 150_000
