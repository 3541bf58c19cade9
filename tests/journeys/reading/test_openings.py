"""A long book opens by one small answer of the server; and by ranges of its file where there is no such answer. Methods
that a browser lacks come before the book."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from library_server.web import static_files
from tests.factories.epubs import epub
from tests.support.pages import checked_page, wait_for_text
from tests.support.reading.pdf_book import serving_pdf
from tests.support.servers.serving import serving_folder

STATIC = Path(static_files.__file__).parent / "static"
PDFJS = Path(__file__).parents[3] / "node_modules/pdfjs-dist/legacy/build"
# Modules that add no method: they mend details, or are part of what the others add.
REPAIRS = {
    "es.array.push", "es.iterator.constructor", "es.json.parse", "es.json.stringify", "web.dom-exception.stack",
    "web.self", "web.url-search-params.delete", "web.url-search-params.has",
}  # fmt: skip
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


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PDF."""
    with serving_pdf(tmp_path_factory, 3) as (address, path):
        yield address + path


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


def test_a_pdf_opens_with_the_methods_that_the_browser_lacks(page: Page, pdf: str) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if "pdf-polyfills" in request.url else None)
    page.goto(pdf)
    page.wait_for_selector(".pdf-page canvas")
    assert requests == []
    lacking = "delete Promise.withResolvers; delete Map.prototype.getOrInsertComputed; delete Math.sumPrecise;"
    page.add_init_script(lacking)
    page.route("**/pdf-worker*", lambda route: add_before(route, lacking))
    page.reload()
    page.wait_for_selector(".pdf-page canvas")
    expect(page.locator(".pdf-page .text-layer").first).to_contain_text("第1页")
    assert len(requests) >= 1  # that of the worker is not told of
    assert page.evaluate("Math.sumPrecise([1, 2])") == 3


def add_before(route: Route, code: str) -> None:
    """Let a script run after some code."""
    route.fulfill(body=code + route.fetch().text(), content_type="text/javascript")


def test_methods_of_a_pdf_that_do_not_come_are_told_as_the_network(page: Page, pdf: str) -> None:
    page.add_init_script("delete Promise.withResolvers;")
    page.route("**/pdf-polyfills*", lambda route: route.abort())
    page.goto(pdf)
    expect(page.locator("body")).to_contain_text("书没有取到")


def test_every_method_that_pdfjs_brings_is_looked_for() -> None:
    looked_for = set(re.findall(r'"(\w+)"', (STATIC / "pdf/document/methods.js").read_text("utf-8")))
    modules = set[str]()
    for name in ("pdf.mjs", "pdf.worker.mjs"):
        modules |= set(re.findall(r"core-js/modules/([\w.-]+)\.js", (PDFJS / name).read_text("utf-8")))
    assert len(modules) > 40
    methods = {re.sub(r"-(\w)", lambda match: match[1].upper(), module.split(".")[2]) for module in modules - REPAIRS}
    assert methods <= looked_for
