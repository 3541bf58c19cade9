"""PDFs that readers stumble over: each is read, or says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.factories.documents import odd_pdfs
from tests.support.pages import touched_page
from tests.support.servers.serving import serving_folder

CANVAS = ".pdf-page[data-page='{}'] canvas"
WRITERS: dict[str, Callable[[Path, str], Path]] = {
    "框": odd_pdfs.odd_boxes, "转": odd_pdfs.odd_rotations, "单位": odd_pdfs.user_units, "大小": odd_pdfs.mixed_sizes,
    "页签": odd_pdfs.labelled, "目录": odd_pdfs.odd_outline, "表格": odd_pdfs.form, "文件包": odd_pdfs.portfolio,
    "坏索引": odd_pdfs.without_cross_references, "填过的表": odd_pdfs.filled_form, "直排": odd_pdfs.vertical_text,
}  # fmt: skip


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    for number, (title, write) in enumerate(WRITERS.items()):
        write(files / f"{number}.pdf", title)
    odd_pdfs.encrypted(files / "encrypted.pdf", "空密码", "")
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, shelf: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, shelf[0], width=390) as page:
        yield page


def open_book(page: Page, shelf: tuple[str, dict[str, str]], title: str) -> None:
    page.goto(f"/read/{shelf[1][title]}")
    page.wait_for_selector(CANVAS.format(1))


@pytest.mark.parametrize(
    ("title", "pages"),
    [("框", 7), ("转", 5), ("单位", 3), ("大小", 5), ("坏索引", 6), ("空密码", 6), ("填过的表", 1), ("直排", 1)],
)
def test_all_pages_are_drawn_within_the_window(
    page: Page, shelf: tuple[str, dict[str, str]], title: str, pages: int
) -> None:
    open_book(page, shelf, title)
    for number in range(1, pages + 1):
        page.wait_for_selector(CANVAS.format(number), state="attached")
        width, height = page.locator(f".pdf-page[data-page='{number}']").evaluate(
            "e => [e.clientWidth, e.clientHeight]"
        )
        assert width == pytest.approx(390, abs=1)
        assert height >= 1
        page.click("#next-page")


def test_text_in_fonts_that_are_not_embedded_is_drawn(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "直排")
    ink = (
        "canvas => { const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
        " return data.filter((value, at) => at % 4 === 0 && value < 128).length; }"
    )
    assert page.locator(CANVAS.format(1)).evaluate(ink) > 1000
    expect(page.locator(".text-layer")).to_contain_text("天元图书馆")


def test_printed_numbers_of_pages_are_shown_and_lead_to_their_pages(
    page: Page, shelf: tuple[str, dict[str, str]]
) -> None:
    open_book(page, shelf, "页签")
    where = page.locator("#where")
    expect(where).to_have_text("i · 1 / 12")
    for label, place in (("3", "3 · 7 / 12"), ("iv", "iv · 4 / 12"), ("a-2", "A-2 · 12 / 12"), ("9", "5 · 9 / 12")):
        page.click("[data-panel=contents]")
        page.fill("#page-number", label)
        page.keyboard.press("Enter")
        expect(where).to_have_text(place)
    page.click("[data-panel=contents]")
    page.click("[data-view=thumbnails]")
    expect(page.locator(".thumbnail[aria-current] small")).to_have_text("5")


def test_an_outline_with_a_loop_and_dead_entries_is_used(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "目录")
    page.click("[data-panel=contents]")
    entries = page.locator("#panel-contents .lines > li")
    expect(entries).to_have_count(7)
    for dead in ("没有的名字", "太远", "无处"):
        expect(page.get_by_role("button", name=dead, exact=True)).to_be_disabled()
    expect(entries.locator("a")).to_have_attribute("href", "http://example.org/")
    page.get_by_role("button", name="命名").first.click()
    expect(page.locator("#where")).to_have_text("5 / 6")


@pytest.mark.parametrize(("title", "words"), [("表格", "表格"), ("文件包", "还装着别的文件")])
def test_what_is_not_seen_here_is_told_until_it_is_closed(
    page: Page, shelf: tuple[str, dict[str, str]], title: str, words: str
) -> None:
    open_book(page, shelf, title)
    notice = page.locator("#file-notice")
    expect(notice).to_contain_text(words)
    expect(notice).to_contain_text("下载")
    box, pages = notice.bounding_box(), page.locator("#book").bounding_box()
    assert box is not None
    assert pages is not None
    assert box["y"] == pytest.approx(pages["y"], abs=1)
    notice.get_by_role("button", name="关闭").click()
    expect(notice).to_be_hidden()


def test_a_file_with_a_password_says_so(page: Page, shelf: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    data = odd_pdfs.encrypted(tmp_path / "secret.pdf", "密码", "secret").read_bytes()

    def answer(route: Route) -> None:
        if "range" not in route.request.headers:
            return route.fallback()
        first, last = route.request.headers["range"].removeprefix("bytes=").split("-")
        part = data[int(first) : int(last) + 1]
        of = f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"
        headers = {"content-range": of, "accept-ranges": "bytes", "content-type": "application/pdf"}
        return route.fulfill(status=206, body=part, headers=headers)

    def state_size(route: Route) -> None:
        response = route.fetch()
        body = response.text().replace('data-size="', f'data-size="{len(data)}" data-former-size="')
        body = body.replace("data-first-page=", "data-former-first-page=")
        route.fulfill(response=response, body=body)

    page.route("**/read/*", state_size)
    page.route("**/files/**", answer)
    page.goto(f"/read/{shelf[1]['空密码']}")
    expect(page.locator("#status")).to_contain_text("这个文件有密码")
    expect(page.locator("#instead a").first).to_be_visible()
