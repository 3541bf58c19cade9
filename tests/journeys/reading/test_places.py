"""A place in a book is noted as it is opened, by its own address, and while it is read aloud."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.factories.epubs import epub
from tests.support.pages import touched_page
from tests.support.reading.books_on_screen import frame_with, open_book
from tests.support.reading.speech import FAKE_SPEECH
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'
FILLING = "<p>田埂上的草又长高了。</p>" * 120
WIDE = f"<!--{'x' * 400_000}-->"  # a chapter that the first answer of the server does not have
# What is noted of the place, without that of pages that are left.
WATCH_NOTES = """
window.notedOfTests = [];
if (window === window.top) {
    let given;
    Object.defineProperty(window, "tianyuan", {
        get: () => given,
        set: (value) => {
            const { note } = value;
            given = { ...value, note: (...place) => { notedOfTests.push(place[1].cfi); note(...place); } };
        },
    });
}
"""

# As browsers within other programs add theirs: one script fails, another does not come.
FOREIGN = """
if (window === window.top) addEventListener("DOMContentLoaded", () => {
    for (const source of ["/foreign.js", "/gone.js"]) {
        const script = document.createElement("script");
        script.src = source;
        document.head.append(script);
    }
});
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    chapters: dict[str, bytes | str] = {
        f"{number}.xhtml": PAGE.format(f'<h1>第{number}回</h1>{FILLING}<p id="50%">第{number}处</p>{WIDE}')
        for number in range(1, 5)
    }
    links = "".join(f'<li><a href="{number}.xhtml#50%">第{number}处</a></li>' for number in range(1, 5))
    chapters["nav.xhtml"] = PAGE.format(f"<nav><ol>{links}</ol></nav>")
    epub(files / "地方.epub", "有地方的书", "", chapters)
    epub(files / "坏目录.epub", "目录坏了的书", "", {**chapters, "nav.xhtml": b"\x00<nav><ol><li><a href='1.xhtml"})
    part = "<li><span>上部</span><ol><li><a href='1.xhtml'>渡口</a></li></ol></li>"
    parts = f"{part}<li><b>跋</b><a href='4.xhtml'>后记</a></li>"
    epub(files / "分部.epub", "分部的书", "", {**chapters, "nav.xhtml": PAGE.format(f"<nav><ol>{parts}</ol></nav>")})
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], WATCH_NOTES, FAKE_SPEECH) as page:
        yield page


@pytest.fixture
def record(library: tuple[str, dict[str, str]]) -> str:
    return library[1]["有地方的书"]


def keep_place(page: Page, record: str, place: str) -> None:
    page.goto("/")
    page.evaluate(f"localStorage['tianyuan.places'] = JSON.stringify({{'{record}': {{when: 1, {place}}}}})")


@pytest.mark.parametrize("place", ["cfi: 'epubcfi(/6/4!/4/160/1:0)'", "section: 2, part: 0.5"])
def test_a_kept_place_is_noted_once(place: str, page: Page, record: str) -> None:
    keep_place(page, record, place)
    open_book(page, record, "第2回")
    page.wait_for_timeout(500)
    (noted,) = page.evaluate("notedOfTests")
    assert noted.startswith("epubcfi(/6/4!/4,/")
    assert "/4,/2," not in noted, "the beginning of the chapter"


@pytest.mark.parametrize("place", ["cfi: 'epubcfi(/6/400!/4/2)'", "section: 90, part: 0.5", "cfi: 'no place'"])
def test_a_book_whose_place_is_gone_opens_at_its_beginning(place: str, page: Page, record: str) -> None:
    keep_place(page, record, place)
    open_book(page, record, "第1回")


@pytest.mark.parametrize(
    "place", ["/4/9000/1:500", "/4/2[gone]/99/1:0", "/4/2/1:99999", "", "/4,/2/1:0,/90000/1:3", "/4/2/1/1/1/1"]
)
def test_a_place_of_another_edition_opens_its_chapter(place: str, page: Page, record: str) -> None:
    keep_place(page, record, f"cfi: 'epubcfi(/6/4!{place})'")
    open_book(page, record, "第2回")


def test_escape_while_words_are_composed_leaves_the_panel(page: Page, record: str) -> None:
    open_book(page, record, "第1回")
    page.get_by_role("button", name="查找", exact=True).first.click()
    words = page.locator("#find-words")
    words.evaluate(
        "one => one.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', isComposing: true, bubbles: true}))"
    )
    expect(words).to_be_visible()
    words.press("Escape")
    expect(words).to_be_hidden()


def test_a_contents_that_leads_to_a_sign_of_percent_opens_its_place(page: Page, record: str) -> None:
    open_book(page, record, "第1回")
    page.get_by_role("button", name="目录").click()
    page.locator("#panel-contents").get_by_role("button", name="第3处").click()
    frame = frame_with(page, "第3回")
    expect(page.locator("#where")).to_contain_text("第3处")
    box, outer = frame.get_by_text("第3处").bounding_box(), frame.frame_element().bounding_box()
    assert box
    assert outer
    assert 0 <= box["x"] < 500


def test_a_part_without_a_link_has_its_own_name(page: Page, library: tuple[str, dict[str, str]]) -> None:
    open_book(page, library[1]["分部的书"], "第1回")
    page.get_by_role("button", name="目录").click()
    panel = page.locator("#panel-contents")
    expect(panel.get_by_text("上部", exact=True)).to_be_visible()
    expect(panel.get_by_role("button", name="后记", exact=True)).to_be_visible()
    expect(panel.get_by_text("渡口", exact=True)).to_have_count(1)


def test_a_damaged_contents_leaves_the_book(page: Page, library: tuple[str, dict[str, str]]) -> None:
    open_book(page, library[1]["目录坏了的书"], "第1回")


def test_a_script_of_another_program_does_not_end_the_opening(
    browser: Browser, library: tuple[str, dict[str, str]], record: str
) -> None:
    context = browser.new_context(base_url=library[0])
    context.add_init_script(FOREIGN)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route("**/foreign.js", lambda route: route.fulfill(body="throw new Error('of WeChat')"))
    waiting: list[Route] = []
    page.route("**/files/**", lambda route: waiting.append(route))
    page.goto(f"/read/{record}")
    expect(page.locator("#status")).to_contain_text("正在打开")
    page.wait_for_timeout(300)
    assert [fault for fault in faults if "of WeChat" in fault]
    expect(page.locator("#instead")).to_be_hidden()
    for route in waiting:
        route.continue_()
    page.unroute("**/files/**")
    frame_with(page, "第1回")
    context.close()


def test_a_jump_while_a_book_is_read_aloud_leads_back_to_where_it_was_begun(page: Page, record: str) -> None:
    open_book(page, record, "第1回")
    page.evaluate("addVoices('zh-CN')")
    page.locator("header [data-do=read-aloud]").click()
    page.wait_for_function("() => spoken.length > 0")
    depth = page.evaluate("history.length")
    for _ in range(40):
        count = page.evaluate("spoken.length")
        page.evaluate("finishSentence()")
        page.wait_for_function("count => spoken.length > count", arg=count)
    expect(page.locator("#where")).not_to_contain_text("· 0%")
    assert page.evaluate("history.length") == depth
    waiting: list[Route] = []
    page.route("**/files/**", lambda route: waiting.append(route))
    page.get_by_role("button", name="目录").click()
    page.locator("#panel-contents").get_by_role("button", name="第4处").click()
    left = page.locator("#where").inner_text()
    for _ in range(40):
        count = page.evaluate("spoken.length")
        page.evaluate("finishSentence()")
        page.wait_for_function("count => spoken.length > count", arg=count)
    assert page.locator("#where").inner_text() == left
    for route in waiting:
        route.continue_()
    page.unroute("**/files/**")
    frame_with(page, "第4回")
    expect(page.locator("#where")).to_contain_text("第4处")
    page.go_back()
    frame_with(page, "第1回")
    expect(page.locator("#where")).to_have_text(left)


@pytest.mark.parametrize("width", [320, 390])
def test_the_text_version_is_below_the_pages_in_large_text(
    width: int, browser: Browser, library: tuple[str, dict[str, str]], record: str
) -> None:
    with touched_page(browser, library[0], width=width) as page:
        page.context.add_cookies([{"name": "text", "value": "large", "url": library[0]}])
        open_book(page, record, "第1回")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = [
            element.bounding_box()
            for element in page.locator("footer > *").all()
            if element.is_visible() and element.get_attribute("id") != "where"
        ]
        assert len(boxes) == 3
        assert all(box and box["width"] >= 56 and box["height"] >= 56 for box in boxes)
        page.locator("footer").get_by_role("link", name="文字版").click()
        expect(page.locator("article.reading")).to_be_visible()
