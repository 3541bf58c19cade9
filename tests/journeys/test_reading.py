"""Reading a book: taps and keys, settings, contents, the slider, notes, zoom, and coming back to one's place."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.ebooks import drawn, zipped
from tests.factories.epubs import epub
from tests.support.pages import touched_page, wait_for_text
from tests.support.servers.serving import serving_folder

XHTML = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
PAGE = f"<html {XHTML}><head><title/>{{}}</head><body>{{}}</body></html>"
VERTICAL = "<style>html{writing-mode:vertical-rl}</style>"
VIEWPORT = '<meta name="viewport" content="width=600, height=800"/>'
FIXED = '<meta property="rendition:layout">pre-paginated</meta>'
MANGA = "<ComicInfo><Title>右翻的漫画</Title><Manga>YesAndRightToLeft</Manga></ComicInfo>"
NOTES = (
    '<p>芭蕉<a epub:type="noteref" href="#n1">1</a>绿了，<sup><a id="r2" href="notes.xhtml#n2">[2]</a></sup>又红了。'
    '<a href="2.xhtml">去下一章</a><img class="qqreader-footnote" alt="图片里的注" src="p.png" width="20"/></p>'
    '<aside epub:type="footnote" id="n1"><p>一种草本植物。</p></aside>'
)
REMARKS = '<p id="n2"><a href="1.xhtml#r2">[2]</a>见《天元物候》。</p><p>另一条注。</p>'
VIEW = "document.querySelector('foliate-view')"
FIRST_WORDS = f"{VIEW}.lastLocation.range.toString().trim().slice(0, 12)"
SHIFTS = """window.shifts = []; new PerformanceObserver(list => shifts.push(...list.getEntries()
    .filter(entry => !entry.hadRecentInput).map(entry => entry.value)))
    .observe({type: "layout-shift", buffered: true})"""


def chapter(number: int, head: str = "", sentences: int = 60) -> str:
    text = "".join(f"<p>第{number}章第{place}句，江边的芭蕉绿了又红了。</p>" for place in range(1, sentences + 1))
    return PAGE.format(head, f"<h1>第{number}章</h1>{text}")


def contents(volumes: int, chapters: int) -> str:
    """A table of contents of volumes, each with its chapters."""
    items = "".join(
        f'<li><a href="{volume * chapters + 1}.xhtml">卷{volume + 1}</a><ol>'
        + "".join(
            f'<li><a href="{number}.xhtml">第{number}章</a></li>'
            for number in range(volume * chapters + 1, (volume + 1) * chapters + 1)
        )
        + "</ol></li>"
        for volume in range(volumes)
    )
    return PAGE.format("", f'<nav epub:type="toc"><ol>{items}</ol></nav>')


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    book: dict[str, bytes | str] = {f"{number}.xhtml": chapter(number) for number in range(1, 5)}
    epub(files / "流式.epub", "流式的书", "", book)
    vertical: dict[str, bytes | str] = {f"{number}.xhtml": chapter(number, VERTICAL) for number in range(1, 4)}
    epub(files / "竖排.epub", "竖排的书", "", vertical)
    long: dict[str, bytes | str] = {f"{number}.xhtml": chapter(number, sentences=3) for number in range(1, 1201)}
    epub(files / "长篇.epub", "长篇的书", "", long | {"nav.xhtml": contents(12, 100)})
    noted = {"1.xhtml": PAGE.format("", NOTES), "2.xhtml": chapter(2), "notes.xhtml": PAGE.format("", REMARKS)}
    epub(files / "有注.epub", "有注的书", "", noted | {"p.png": drawn(form="PNG")})
    fixed: dict[str, bytes | str] = {
        f"{number}.xhtml": PAGE.format(VIEWPORT, f"<p>固定的第{number}页</p>") for number in range(1, 4)
    }
    epub(files / "固定.epub", "固定的书", f'{FIXED}<meta property="rendition:spread">none</meta>', fixed)
    double = {f"{number}.xhtml": PAGE.format(VIEWPORT, f"<p>双页的第{number}页</p>") for number in range(1, 5)}
    epub(files / "双页.epub", "双页的书", FIXED, double)
    pictures: dict[str, bytes | str] = {f"{number}.jpg": drawn("red") for number in range(1, 4)}
    zipped(files / "漫画.cbz", pictures | {"ComicInfo.xml": MANGA})
    pixels = "<style>p{font-size:12px} h1{font:bold 20pt/1.2 serif} small{font-size:small}</style>"
    epub(files / "写死.epub", "字号写死的书", "", {"1.xhtml": chapter(1, pixels)})
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, shelf: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, shelf[0], SHIFTS, width=390, height=700) as page:
        yield page


@pytest.fixture
def records(shelf: tuple[str, dict[str, str]]) -> dict[str, str]:
    return shelf[1]


def open_book(page: Page, record_id: str) -> None:
    page.goto(f"/read/{record_id}")
    expect(page.locator("#status")).to_have_count(0)
    wait_until(page, f"{VIEW}.lastLocation && {VIEW}.style.visibility === ''")


def wait_until(page: Page, expression: str) -> None:
    """Wait for an expression to be true. The page's policy keeps Playwright from waiting in it."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{expression} is not true: {page.evaluate(FIRST_WORDS)}")


def wait_for_style(page: Page, element: str, name: str, value: str) -> None:
    """Wait for a style of an element of the book."""
    frame = wait_for_text(page, "芭蕉")
    for _ in range(200):
        found = frame.evaluate(f"getComputedStyle(document.querySelector({element!r})).{name}")
        if found == value:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{name} is {found}")


def first_words(page: Page) -> str:
    """The beginning of the text that is shown."""
    return str(page.evaluate(FIRST_WORDS))


def wait_for_turn(page: Page, before: str) -> str:
    wait_until(page, f"{FIRST_WORDS} !== {before!r}")
    return first_words(page)


def tap(page: Page, across: float) -> None:
    """A tap at a share of the width of the page, in the middle of its height."""
    box = page.locator("foliate-view").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] * across, box["y"] + box["height"] / 2)


def size_of_text(page: Page, selector: str = "p") -> float:
    script = f"parseFloat(getComputedStyle(document.querySelector({selector!r})).fontSize)"
    return float(wait_for_text(page, "芭蕉").evaluate(script))


def choose(page: Page, label: str) -> None:
    page.locator("#reading-settings").get_by_text(label, exact=True).click()


@pytest.mark.parametrize("title", ["流式的书", "竖排的书", "固定的书", "右翻的漫画"])
def test_nothing_moves_when_a_book_has_opened(title: str, page: Page, records: dict[str, str]) -> None:
    open_book(page, records[title])
    page.wait_for_timeout(300)
    assert page.evaluate("shifts.reduce((sum, shift) => sum + shift, 0)") < 0.02


def test_a_small_screen_with_large_text_has_room_for_the_book(page: Page, records: dict[str, str]) -> None:
    page.set_viewport_size({"width": 320, "height": 568})
    page.goto(f"/settings?text=large&back=/read/{records['流式的书']}")
    expect(page.locator("#status")).to_have_count(0)
    size = size_of_text(page)
    assert size == 24
    room = page.locator("foliate-view").bounding_box()
    assert room
    assert room["height"] > 10 * size * 1.75
    tap(page, 0.5)
    expect(page.get_by_role("link", name="返回")).to_be_hidden()
    larger = page.locator("foliate-view").bounding_box()
    assert larger
    assert larger["height"] > 12 * size * 1.75
    tap(page, 0.5)
    expect(page.get_by_role("link", name="返回")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(("title", "forward", "back"), [("流式的书", 0.9, 0.1), ("竖排的书", 0.1, 0.9)])
def test_a_tap_on_a_side_turns_in_reading_order(
    title: str, forward: float, back: float, page: Page, records: dict[str, str]
) -> None:
    open_book(page, records[title])
    start = first_words(page)
    tap(page, forward)
    assert wait_for_turn(page, start).startswith("第1章第")
    tap(page, back)
    wait_until(page, f"{FIRST_WORDS} === {start!r}")


def test_each_of_many_turns_counts(page: Page, records: dict[str, str]) -> None:
    """Also one that comes while the page before it still moves."""
    open_book(page, records["流式的书"])
    places = [first_words(page)]
    for _ in range(6):
        page.keyboard.press("PageDown")
        places.append(wait_for_turn(page, places[-1]))
        page.wait_for_timeout(150)
    page.keyboard.press("Home")
    wait_until(page, f"{FIRST_WORDS} === {places[0]!r}")
    page.evaluate("for (let turn = 0; turn < 6; turn++) document.getElementById('next-page').click()")
    wait_until(page, f"{FIRST_WORDS} === {places[6]!r}")


def test_home_and_end_go_to_the_ends_and_back_returns(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"])
    page.keyboard.press("ArrowRight")
    place = wait_for_turn(page, "第1章")
    page.keyboard.press("End")
    wait_until(page, f"{VIEW}.lastLocation.range.toString().includes('第4章第60句')")
    page.locator("#return").get_by_role("button").click()
    wait_until(page, f"{FIRST_WORDS} === {place!r}")
    expect(page.locator("#return")).to_be_hidden()


def test_settings_hold_in_every_book(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"])
    assert size_of_text(page) == 18
    page.get_by_role("button", name="设置").click()
    page.get_by_role("button", name="字大一点").click()
    page.get_by_role("button", name="字大一点").click()
    for label in ("疏", "黑体", "夜里"):
        choose(page, label)
    assert size_of_text(page) == pytest.approx(21.6)
    look = "(() => { const style = getComputedStyle(document.querySelector('p'));"
    look += " return [parseFloat(style.lineHeight) / parseFloat(style.fontSize), style.fontFamily, style.color]; })()"
    line, family, color = wait_for_text(page, "芭蕉").evaluate(look)
    assert line == pytest.approx(2.1)
    assert "sans-serif" in family
    assert color == "rgb(185, 181, 170)"
    open_book(page, records["字号写死的书"])
    assert size_of_text(page) == pytest.approx(21.6 * 12 / 16)
    assert size_of_text(page, "h1") == pytest.approx(21.6 * 20 / 12)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 15, 14)"


def test_large_text_and_theme_of_the_site_are_followed_at_once(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"])
    other = page.context.new_page()
    other.goto("/settings?text=large&back=/mine")
    wait_for_style(page, "p", "fontSize", "24px")
    other.goto("/settings?theme=dark&back=/mine")
    wait_for_style(page, "html", "color", "rgb(233, 229, 218)")
    page.get_by_role("button", name="设置").click()
    choose(page, "全站都用大字")
    wait_for_style(page, "p", "fontSize", "18px")
    other.reload()
    assert "large" not in str(other.locator("html").get_attribute("class"))


@pytest.mark.parametrize(("title", "label", "mode"), [
    ("流式的书", "竖排", "vertical-rl"), ("竖排的书", "横排", "horizontal-tb"),
])  # fmt: skip
def test_the_direction_of_a_text_is_changed_at_its_place(
    title: str, label: str, mode: str, page: Page, records: dict[str, str]
) -> None:
    open_book(page, records[title])
    page.keyboard.press("PageDown")
    wait_until(page, f"!{FIRST_WORDS}.startsWith('第1章第1句') && {FIRST_WORDS} !== '第1章'")
    place = first_words(page)
    page.get_by_role("button", name="设置").click()
    choose(page, label)
    wait_until(page, f"{VIEW}.lastLocation && {VIEW}.lastLocation.range.toString().includes({place[:6]!r})")
    frame = wait_for_text(page, place[:6])
    assert frame.evaluate("getComputedStyle(document.body).writingMode") == mode
    page.keyboard.press("Escape")
    before = first_words(page)
    page.keyboard.press("ArrowLeft" if mode == "vertical-rl" else "ArrowRight")
    after = wait_for_turn(page, before)
    assert number_of(after) > number_of(before)


def number_of(words: str) -> int:
    """The number of the sentence that words begin with; 0 of a heading."""
    match = re.match(r"第\d+章第(\d+)句", words)
    return int(match[1]) if match else 0


def test_a_text_that_is_scrolled_comes_back_to_where_it_was_left(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"])
    page.get_by_role("button", name="设置").click()
    choose(page, "上下滚动")
    page.keyboard.press("Escape")
    page.keyboard.press("PageDown")
    wait_until(page, f"{VIEW}.renderer.start > 300")
    page.evaluate(f"{VIEW}.renderer.containerPosition += 500")
    place = page.evaluate(f"{VIEW}.renderer.start")
    open_book(page, records["流式的书"])
    wait_until(page, f"Math.abs({VIEW}.renderer.start - {place}) < 60")


def test_the_place_stays_where_it_is_however_often_a_book_is_opened(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"])
    place = first_words(page)
    for _ in range(3):
        page.evaluate("document.getElementById('next-page').click()")
        place = wait_for_turn(page, place)
    for _ in range(4):
        open_book(page, records["流式的书"])
        wait_until(page, f"{FIRST_WORDS} === {place!r}")


def test_a_size_that_is_taken_back_leaves_the_place(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"])
    page.keyboard.press("PageDown")
    place = wait_for_turn(page, "第1章")
    page.get_by_role("button", name="设置").click()
    for name in ("字大一点", "字大一点", "字大一点", "字小一点", "字小一点", "字小一点"):
        page.get_by_role("button", name=name).click()
        page.wait_for_timeout(100)
    wait_until(page, f"{FIRST_WORDS} === {place!r}")


def test_contents_show_the_place_and_find_a_chapter_of_many(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["长篇的书"])
    page.get_by_role("button", name="目录").click()
    panel = page.locator("#panel-contents")
    expect(panel.get_by_role("button", name="第1章", exact=True)).to_have_attribute("aria-current", "location")
    expect(panel.get_by_role("button", name="第101章", exact=True)).to_be_hidden()
    panel.get_by_role("searchbox").fill("712")
    expect(panel.get_by_text("找到 1 个")).to_be_visible()
    panel.get_by_role("button", name="第712章").click()
    wait_for_text(page, "第712章第1句")
    expect(page.locator("#where")).to_contain_text("第712章")
    page.get_by_role("button", name="目录").click()
    panel.get_by_role("searchbox").fill("")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="目录").click()
    current = panel.get_by_role("button", name="第712章", exact=True)
    expect(current).to_have_attribute("aria-current", "location")
    expect(current).to_be_in_viewport()
    expect(panel.get_by_role("button", name="卷8", exact=True).first).to_have_attribute("aria-expanded", "true")
    panel.get_by_role("button", name="返回刚才的地方").click()
    wait_for_text(page, "第1章第1句")


def test_the_slider_names_the_chapter_while_it_is_moved(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["长篇的书"])
    page.locator("#where").click()
    slider = page.get_by_role("slider")
    expect(page.locator(".ticks i")).to_have_count(12)
    slider.evaluate("slider => { slider.value = 500; slider.dispatchEvent(new Event('input')); }")
    expect(page.locator("#panel-place output")).to_contain_text(re.compile(r"^第60\d章 · 50%$"))
    number = int(page.locator("#panel-place output").inner_text()[1:4])
    slider.dispatch_event("change")
    wait_for_text(page, f"第{number}章第1句")
    page.get_by_role("button", name="下一章").click()
    wait_for_text(page, f"第{number + 1}章第1句")


def test_notes_are_shown_over_the_page(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["有注的书"])
    frame = wait_for_text(page, "芭蕉")
    note = page.get_by_role("region", name="注释")
    assert not frame.get_by_text("一种草本植物").is_visible()
    frame.get_by_role("link", name="1", exact=True).click()
    expect(note).to_contain_text("一种草本植物。")
    page.keyboard.press("Escape")
    frame.get_by_role("link", name="[2]").click()
    expect(note).to_contain_text("见《天元物候》。")
    expect(note).not_to_contain_text("另一条注")
    note.get_by_role("button", name="关闭").click()
    expect(note).to_be_hidden()
    frame.get_by_role("button", name="图片里的注").click()
    expect(note).to_contain_text("图片里的注")
    page.keyboard.press("Escape")
    frame.get_by_role("link", name="去下一章").click()
    wait_for_text(page, "第2章第1句")
    page.go_back()
    wait_for_text(page, "又红了。去下一章")


def test_pages_of_a_fixed_layout_are_enlarged(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["固定的书"])
    width = f"{VIEW}.renderer.getContents()[0].doc.defaultView.frameElement.getBoundingClientRect().width"
    fitting = page.evaluate(width)
    assert fitting == pytest.approx(390, abs=1)
    page.get_by_role("button", name="放大").click()
    assert page.evaluate(width) == pytest.approx(fitting * 1.3, abs=1)
    left = f"{VIEW}.renderer.getContents()[0].doc.defaultView.frameElement.getBoundingClientRect().left"
    page.evaluate(f"{VIEW}.renderer.scrollLeft = 0")
    assert page.evaluate(left) == pytest.approx(0, abs=1)  # the whole page can be scrolled to
    page.get_by_role("button", name="缩小").click()
    assert page.evaluate(width) == pytest.approx(fitting, abs=1)
    tap(page, 0.5)
    tap(page, 0.5)
    wait_until(page, f"{width} > {fitting * 2}")
    page.get_by_role("button", name="下一页").click()
    wait_for_text(page, "固定的第2页")
    assert page.evaluate(width) > fitting * 2


def test_a_page_that_is_as_wide_as_the_window_is_scrolled_before_it_turns(page: Page, records: dict[str, str]) -> None:
    page.set_viewport_size({"width": 900, "height": 600})
    open_book(page, records["固定的书"])
    page.get_by_role("button", name="设置").click()
    choose(page, "整宽")
    page.keyboard.press("Escape")
    wait_for_text(page, "固定的第1页")
    page.keyboard.press("PageDown")
    wait_until(page, f"{VIEW}.renderer.scrollTop > 0")
    page.keyboard.press("PageDown")
    assert wait_for_text(page, "固定的第1页")
    page.keyboard.press("PageDown")
    wait_for_text(page, "固定的第2页")
    wait_until(page, f"{VIEW}.renderer.scrollTop === 0")


def test_each_page_of_a_spread_has_a_place_of_its_own(page: Page, records: dict[str, str]) -> None:
    """Where a narrow window shows one of its two pages."""
    open_book(page, records["双页的书"])
    for number, place in ((2, "50%"), (3, "75%")):
        page.get_by_role("button", name="下一页").click()
        wait_for_text(page, f"双页的第{number}页")
        expect(page.locator("#where")).to_have_text(place)
        open_book(page, records["双页的书"])
        wait_for_text(page, f"双页的第{number}页")


def test_panels_give_the_focus_back(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"])
    button = page.get_by_role("button", name="设置")
    button.press("Enter")
    expect(page.get_by_role("region", name="设置")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="目录").click()
    expect(page.get_by_role("region", name="设置")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="目录")).to_be_focused()
