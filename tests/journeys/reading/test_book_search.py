"""Words are searched in a book: chapter by chapter, with progress, whatever their width, case, accents and readings."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.factories.epubs import epub
from tests.support.pages import touched_page
from tests.support.reading.books_on_screen import WATCH_OVERLAYS, frame_with, marks, open_book
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/>{}</head><body>{}</body></html>'
FILLING = "<p>" + "田埂上的草又长高了。" * 120 + "</p>"
WORDS = (
    "<h1>种芭蕉</h1><p>江边的<ruby>芭<rt>bā</rt>蕉<rt>jiāo</rt></ruby>绿了。</p>"
    "<p>他说：「ＷＩＦＩ　坏了」，Café 也关了。</p>"
    "<p>天<b>元</b>区的\n  人家</p><p>上一段的末</p><p>尾在下一段</p><p>in&#173;ter&#173;net 到了村里</p>" + FILLING
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    chapters: dict[str, bytes | str] = {"1.xhtml": PAGE.format("", WORDS)}
    for number in range(2, 9):
        chapters[f"{number}.xhtml"] = PAGE.format("", f"<h1>第{number}回</h1><p>茶树{number}开花了。</p>{FILLING}")
    chapters["9.xhtml"] = PAGE.format("", "<p>村里看戲，听戏的人多；戲臺和戏台，一处一樣。</p>")
    epub(files / "流式.epub", "流式的书", "", chapters)
    many: dict[str, bytes | str] = {
        f"{number:04}.xhtml": PAGE.format("", f"<p>长篇{number}的芭蕉。</p>{FILLING}<!--{'x' * 10000}-->")
        for number in range(400)
    }
    epub(files / "长篇.epub", "很长的书", "", many)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], WATCH_OVERLAYS) as page:
        yield page


@pytest.fixture
def records(library: tuple[str, dict[str, str]]) -> dict[str, str]:
    return library[1]


def search(page: Page, words: str) -> Locator:
    """Search words; returns the panel."""
    panel = page.locator("#panel-search")
    if not panel.is_visible():
        page.get_by_role("button", name="查找", exact=True).first.click()
    panel.get_by_role("searchbox").fill(words)
    panel.get_by_role("searchbox").press("Enter")
    return panel


@pytest.mark.parametrize(
    ("words", "quoted"),
    [
        ("芭蕉绿", "芭蕉绿"),
        ("wifi 坏了", "ＷＩＦＩ　坏了"),
        ("cafe", "Café"),
        ("“WiFi", "「ＷＩＦＩ"),
        ("天元区的人家", "天元区的   人家"),
        ("Internet", "in\u00adter\u00adnet"),
    ],
)
def test_words_are_found_however_they_are_written(words: str, quoted: str, page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    panel = search(page, words)
    expect(panel.locator(".hits mark")).to_have_text(quoted, use_inner_text=False)
    expect(panel.get_by_role("status")).to_have_text("找到 1 处。")


@pytest.mark.parametrize("words", ["戏台", "戲臺"])
def test_simplified_and_traditional_characters_are_one(words: str, page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    panel = search(page, words)
    expect(panel.locator(".hits mark")).to_have_text(["戲臺", "戏台"])
    panel.locator(".hits button").first.click()
    frame_with(page, "村里看戲")
    page.locator("#hit-bar").get_by_role("button", name="下一处").click()
    expect(page.locator("#hit-bar").get_by_role("status")).to_have_text("2 / 2")
    assert len(marks(page, "hit")) == len(marks(page, "open-hit")) == 1


def test_words_are_searched_as_they_are_typed_where_the_library_does_not_answer(
    page: Page, records: dict[str, str]
) -> None:
    page.route("**/find?*", lambda route: route.abort())
    open_book(page, records["流式的书"], "江边的")
    expect(search(page, "戲臺").locator(".hits mark")).to_have_text(["戲臺"])


def test_words_of_two_paragraphs_are_no_place(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    panel = search(page, "末尾")
    expect(panel.get_by_role("status")).to_have_text("没有找到。")
    expect(panel.locator("progress")).to_be_hidden()


def test_places_are_listed_by_chapter_opened_marked_and_stepped_through(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    where = page.locator("#where").inner_text()
    panel = search(page, "开花")
    expect(panel.locator(".hits mark")).to_have_count(7)
    expect(panel.locator(".hits h3")).to_have_count(7)
    panel.locator(".hits button").nth(2).click()
    expect(panel).to_be_hidden()
    frame = frame_with(page, "茶树4开花了")
    bar = page.locator("#hit-bar")
    expect(bar.get_by_role("status")).to_have_text("3 / 7")
    (mark,) = marks(page, "open-hit")
    box = frame.get_by_text("茶树4开花了。").bounding_box()
    assert box
    assert box["y"] <= mark["y"] <= box["y"] + box["height"]
    bar.get_by_role("button", name="下一处").click()
    frame_with(page, "茶树5开花了")
    expect(bar.get_by_role("status")).to_have_text("4 / 7")
    bar.get_by_role("button", name="上一处").click()
    frame_with(page, "茶树4开花了")
    bar.get_by_role("button", name="关闭").click()
    expect(bar).to_be_hidden()
    assert marks(page, "open-hit") == marks(page, "hit") == []
    page.locator("#return [data-return]").click()
    expect(page.locator("#where")).to_have_text(where)


def test_a_search_begins_at_the_chapter_that_is_open_and_lists_in_the_order_of_the_book(
    page: Page, records: dict[str, str]
) -> None:
    open_book(page, records["流式的书"], "江边的")
    panel = search(page, "茶树5")
    panel.locator(".hits button").click()
    frame_with(page, "茶树5开花了")
    panel = search(page, "开花")
    expect(panel.locator(".hits mark")).to_have_count(7)
    assert [re.sub(r"\D", "", text) for text in panel.locator(".hits button").all_inner_texts()] == list("2345678")


def test_a_long_book_is_searched_in_parts_and_says_how_far(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["很长的书"], "长篇0的芭蕉")
    panel = search(page, "芭蕉")
    expect(panel.get_by_role("status")).to_contain_text("先查到这里")
    searched = re.search(r"(\d+) / 400 章", panel.get_by_role("status").inner_text())
    assert searched
    assert 50 < int(searched[1]) < 400
    panel.get_by_role("button", name="接着查").click()
    expect(panel.get_by_role("status")).to_have_text("找到 400 处。", timeout=60_000)


def test_a_search_is_stopped(page: Page, records: dict[str, str]) -> None:
    waiting: list[Route] = []
    open_book(page, records["很长的书"], "长篇0的芭蕉")
    page.route("**/files/**", lambda route: waiting.append(route))
    panel = search(page, "没有的话")
    expect(panel.get_by_text("正在查")).to_be_visible()
    panel.get_by_role("button", name="停下").click()
    expect(panel.get_by_role("status")).to_contain_text("停在这里")
    expect(panel.get_by_role("button", name="接着查")).to_be_visible()
    for route in waiting:
        route.abort()


def test_a_search_that_goes_on_lists_no_place_twice(page: Page, records: dict[str, str]) -> None:
    script = (
        "const get = window.fetch; const waiting = [];"
        "window.goOn = () => { window.isHeld = false; waiting.forEach(go => go()) };"
        "window.fetch = async (...request) => {"
        " if (window.isHeld) await new Promise(resolve => waiting.push(resolve)); return get(...request) }"
    )
    page.add_init_script(script)
    open_book(page, records["很长的书"], "长篇0的芭蕉")
    page.evaluate("window.isHeld = true")
    panel = search(page, "芭蕉")
    expect(panel.get_by_text("正在查")).to_be_visible()
    panel.get_by_role("button", name="停下").click()
    panel.get_by_role("button", name="接着查").click()
    page.evaluate("window.goOn()")
    expect(panel.get_by_role("status")).to_have_text("找到 400 处。", timeout=60_000)


def test_chapters_that_do_not_come_are_told_and_searched_again(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["很长的书"], "长篇0的芭蕉")
    page.route("**/files/**", lambda route: route.fulfill(status=404))
    panel = search(page, "长篇9的")
    expect(panel.get_by_role("status")).to_contain_text("章没有取到")
    page.unroute("**/files/**")
    panel.get_by_role("button", name="接着查").click()
    expect(panel.get_by_role("status")).to_contain_text("章没有取到")
    expect(panel.locator("progress")).to_be_hidden()
    panel.get_by_role("button", name="接着查").click()
    expect(panel.get_by_role("status")).to_have_text("找到 1 处。")


def test_an_old_browser_without_a_segmenter_searches_too(page: Page, records: dict[str, str]) -> None:
    page.add_init_script("delete Intl.Segmenter")
    open_book(page, records["流式的书"], "江边的")
    expect(search(page, "芭蕉绿").locator(".hits mark")).to_have_text("芭蕉绿")
