"""The text version of a book: the look and the place that it shares with the reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from tests.support.pages import SCREENS


def record_of(sample: FlaskClient, query: str) -> str:
    return str(sample.get(f"/api/v1/search?{query}").get_json()["items"][0]["id"])


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    context = browser.new_context(viewport=SCREENS["phone"], base_url=server)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.mark.slow
def test_it_looks_as_the_reader_was_set(page: Page, sample: FlaskClient) -> None:
    page.goto("/robots.txt")
    page.evaluate(
        "look => localStorage.setItem('tianyuan.reading', JSON.stringify(look))",
        {"size": 150, "line": 2.1, "paper": "night", "family": "sans"},
    )
    page.goto(f"/read/{record_of(sample, 'q=船歌&kind=book')}?text=1")
    story = page.locator(".story")
    assert story.evaluate("story => getComputedStyle(story).fontSize") == "28.35px"  # 18 pixels, 1.05, 150%
    assert story.evaluate("story => parseFloat(getComputedStyle(story).lineHeight)") == pytest.approx(28.35 * 2.1)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 15, 14)"


@pytest.mark.slow
def test_its_settings_are_kept_for_the_reader(page: Page, sample: FlaskClient) -> None:
    address = f"/read/{record_of(sample, 'q=船歌&kind=book')}?text=1"
    page.goto(address)
    page.get_by_text("字号和颜色").click()
    page.get_by_text("米黄").click()
    page.get_by_role("button", name="字大一点").click()
    assert page.evaluate("JSON.parse(localStorage.getItem('tianyuan.reading'))") == {"paper": "warm", "size": 110}
    expect(page.locator("fieldset:has([name=writing])")).to_be_hidden()
    page.reload()
    assert page.evaluate("document.documentElement.className").split()[-1] == "paper-warm"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
def test_the_place_goes_along_to_the_text_and_back(page: Page, sample: FlaskClient) -> None:
    book = record_of(sample, "q=船歌&kind=book")
    page.goto(f"/read/{book}?chapter=2")
    second = page.locator("article h1").inner_text()
    page.get_by_role("link", name="翻页版").click()
    expect(page.locator("#where")).to_contain_text(second)
    page.get_by_role("link", name="文字版").click()
    expect(page.locator("article h1")).to_have_text(second)


@pytest.mark.slow
def test_the_page_of_a_pdf_goes_along(page: Page, sample: FlaskClient) -> None:
    pdf = record_of(sample, "q=四季菜园&kind=book")
    page.goto(f"/read/{pdf}?chapter=3")
    label = page.locator("article h1").inner_text()
    page.get_by_role("link", name="看这一页原来的样子").click()
    expect(page.locator("#where")).to_contain_text("3 / 5")
    page.get_by_role("link", name="文字版").click()
    expect(page.locator("article h1")).to_have_text(label)


@pytest.mark.slow
def test_it_is_read_without_scripts(browser: Browser, server: str, sample: FlaskClient) -> None:
    context = browser.new_context(viewport=SCREENS["phone"], base_url=server, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/read/{record_of(sample, 'q=船歌&kind=book')}?text=1")
    assert page.locator(".story p").first.is_visible()
    assert not page.locator(".look").is_visible()
    page.locator("summary", has_text="目录").click()
    page.get_by_role("link", name="第二章").first.click()
    assert "第二章" in page.locator("article h1").inner_text()
    context.close()
