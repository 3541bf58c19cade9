"""A long book opens by one small answer of the server; and by ranges of its file where there is no such answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.factories.epubs import epub
from tests.support.pages import checked_page, wait_for_text
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/>{}</head><body>{}</body></html>'


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server and the number of a book of 3 MB."""
    files = tmp_path_factory.mktemp("files")
    filling = "<p>" + "田埂上的草又长高了。" * 500 + "</p>"
    members: dict[str, bytes | str] = {
        f"{number}.xhtml": PAGE.format("", f"<h1>第{number}回</h1>{filling}") for number in range(1, 201)
    }
    entries = "".join(f'<li><a href="{number}.xhtml">第{number}回</a></li>' for number in range(1, 201))
    members["nav.xhtml"] = PAGE.format("", f"<nav><ol>{entries}</ol></nav>")
    epub(files / "长篇.epub", "很长的书", "", members)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as (address, records):
        yield address, records["很长的书"]


@pytest.fixture
def page(browser: Browser, book: tuple[str, str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 500, "height": 800}, base_url=book[0])
    with checked_page(context) as page:
        yield page


def asked_for(page: Page) -> list[Request]:
    """The requests for the book, as they are made."""
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request) if "/files/" in request.url else None)
    return requests


def test_the_first_page_needs_one_request(page: Page, book: tuple[str, str]) -> None:
    requests = asked_for(page)
    page.goto(f"/read/{book[1]}")
    wait_for_text(page, "第1回")
    expect(page.locator("#where")).to_contain_text("第1回")
    assert [request.url.endswith("/opening") for request in requests] == [True]
    page.get_by_role("button", name="目录").click()
    page.locator("#panel-contents").get_by_role("button", name="第150回").click()
    wait_for_text(page, "第150回")
    assert [request.headers.get("range", "")[:6] for request in requests[1:]] == ["bytes="]


@pytest.mark.parametrize(
    "answer",
    [{"status": 404, "body": "x"}, {"status": 503, "body": "x"}, {"status": 200, "body": "<html>please log in</html>"}],
    ids=["not there", "not now", "of somebody else"],
)
def test_without_it_a_book_opens_by_ranges(answer: dict[str, object], page: Page, book: tuple[str, str]) -> None:
    page.route("**/opening", lambda route: route.fulfill(**answer))
    requests = asked_for(page)
    page.goto(f"/read/{book[1]}")
    wait_for_text(page, "第1回")
    expect(page.locator("#where")).to_contain_text("第1回")
    assert sum("range" in request.headers for request in requests) >= 2


def test_without_an_answer_at_all_a_book_opens_by_ranges(page: Page, book: tuple[str, str]) -> None:
    page.route("**/opening", lambda route: route.abort())
    page.goto(f"/read/{book[1]}")
    wait_for_text(page, "第1回")


def test_methods_come_only_where_the_browser_lacks_one(page: Page, book: tuple[str, str]) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if "ebook-polyfills" in request.url else None)
    page.goto(f"/read/{book[1]}")
    wait_for_text(page, "第1回")
    assert requests == []
    page.add_init_script("delete Map.groupBy; delete Object.groupBy; delete Array.prototype.findLast;")
    page.reload()
    wait_for_text(page, "第1回")
    assert len(requests) == 1
    assert page.evaluate("[3, 1, 2].findLast((number) => number > 1)") == 2


def test_methods_that_do_not_come_are_told_as_the_network(page: Page, book: tuple[str, str]) -> None:
    page.add_init_script("delete Array.prototype.findLast;")
    page.route("**/ebook-polyfills*", lambda route: route.abort())
    page.goto(f"/read/{book[1]}")
    expect(page.locator("#status")).to_contain_text("书没有取到")
