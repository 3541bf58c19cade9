"""The readers on a phone in large text: nothing touches, and nothing is offered that a book has not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.ebooks import drawn, zipped
from tests.factories.epubs import epub
from tests.support.pages import touched_page
from tests.support.reading.books_on_screen import open_book
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><style>{}</style></head><body>{}</body></html>'
FILLING = "<p>田埂上的草又长高了，江边的芭蕉绿了。</p>" * 200
NAVIGATION = '<nav><ol><li><a href="1.xhtml">第一回　江边的芭蕉绿了又红了一年又一年</a></li></ol></nav>'
# from the link to the text version to what stands beside it
GAP = """() => {
    const link = document.querySelector("footer .more").getBoundingClientRect();
    const others = [...document.querySelectorAll("footer button")].map((one) => one.getBoundingClientRect());
    const shown = others.filter(({ width }) => width);
    return Math.min(...shown.map(({ left, right }) => Math.max(left - link.right, link.left - right)));
}"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    chapters = {f"{number}.xhtml": PAGE.format("", f"<h1>第{number}回</h1>{FILLING}") for number in range(1, 6)}
    epub(files / "书.epub", "很多处的书", "", {**chapters, "nav.xhtml": PAGE.format("", NAVIGATION)})
    vertical = PAGE.format("html{writing-mode:vertical-rl}", f"<p>竖排的书</p>{FILLING}")
    epub(files / "竖.epub", "竖排", "", {"1.xhtml": vertical}, direction="rtl")
    zipped(files / "漫画.cbz", {"1.jpg": drawn("red"), "2.jpg": drawn("blue")})
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], width=390, height=844) as page:
        page.context.add_cookies([{"name": "text", "value": "large", "url": library[0]}])
        yield page


@pytest.mark.parametrize(("title", "text"), [("很多处的书", "第1回"), ("竖排", "竖排的书")])
def test_what_is_below_the_pages_stands_apart(
    title: str, text: str, page: Page, library: tuple[str, dict[str, str]]
) -> None:
    open_book(page, library[1][title], text)
    assert page.evaluate(GAP) >= 4
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_long_name_of_a_chapter_ends_at_its_last_character(page: Page, library: tuple[str, dict[str, str]]) -> None:
    open_book(page, library[1]["很多处的书"], "第1回")
    name = page.locator("#where span")
    assert name.inner_text().endswith("…")
    assert name.evaluate("one => one.scrollWidth <= one.clientWidth")
    expect(page.locator("#where")).to_contain_text("%")


def test_the_sides_of_vertical_text_are_as_narrow_as_those_of_horizontal_text(
    page: Page, library: tuple[str, dict[str, str]]
) -> None:
    frame = open_book(page, library[1]["竖排"], "竖排的书")
    side = frame.evaluate("parseFloat(getComputedStyle(document.documentElement).paddingLeft)")
    assert side <= 0.05 * 390


def test_a_comic_offers_no_sentences(page: Page, library: tuple[str, dict[str, str]]) -> None:
    page.goto(f"/read/{library[1]['漫画']}")
    expect(page.locator("#status")).to_have_count(0)
    page.locator("header").get_by_role("button", name="笔记").click()
    expect(page.locator("#book-notes .no-notes")).to_be_visible()
    expect(page.locator("#book-notes")).not_to_contain_text("按住")
    expect(page.locator("[data-do=pick-sentence]")).to_have_count(0)
    page.locator("[data-do=keep-page]").click()
    expect(page.locator("#book-notes .notes li")).to_have_count(1)


def test_many_places_are_not_said_to_be_of_a_large_book(page: Page, library: tuple[str, dict[str, str]]) -> None:
    open_book(page, library[1]["很多处的书"], "第1回")
    page.locator("header").get_by_role("button", name="查找").click()
    page.locator("#find-words").fill("芭蕉")
    page.locator("#find-words").press("Enter")
    status = page.locator("#book-search [role=status]")
    expect(status).to_contain_text("先列到这里，查了 3 / 5 章")
    expect(status).not_to_contain_text("书很大")
    page.locator("#book-search [data-do=more]").click()
    expect(status).to_have_text("找到 1000 处。")


def test_a_sentence_in_the_bar_stands_within_it(page: Page, library: tuple[str, dict[str, str]]) -> None:
    page.goto("/")
    open_book(page, library[1]["很多处的书"], "第1回")
    page.evaluate(
        """() => { const bar = document.getElementById("passage-bar"); bar.hidden = false;
            bar.querySelector("p").textContent = "江边的芭蕉绿了，又红了。".repeat(4); }"""
    )
    left, right = page.evaluate(
        """() => { const range = document.createRange();
            range.selectNodeContents(document.querySelector("#passage-bar p"));
            const { left, right } = range.getBoundingClientRect(); return [left, innerWidth - right]; }"""
    )
    assert min(left, right) >= 12
