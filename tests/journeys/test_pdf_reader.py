"""PDFs in a real browser: pages are read, enlarged, searched, and reached from outlines, links and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.factories.documents.pdfs import broken_page, scanned, sizes_and_rotations, text_pages
from tests.support.pages import touched_page
from tests.support.servers.serving import serving_folder

SHIFTS = (
    "window.shifts = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => "
    "{ if (!entry.hadRecentInput) window.shifts += entry.value; })).observe({type: 'layout-shift', buffered: true})"
)
DRAWN = ".pdf-page[data-page='{}'] canvas"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    text_pages(files / "书.pdf", "柑橘的书", 60)
    text_pages(files / "长.pdf", "长的书", 400)
    sizes_and_rotations(files / "大小.pdf", "大小不一的书", 12)
    broken_page(files / "缺页.pdf", "缺一页的书", pages=12, broken=3)
    for name in ("JPEG", "JPEG2000", "CCITT", "JBIG2"):
        scanned(files / f"{name}.pdf", name, name)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, shelf: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, shelf[0], SHIFTS, width=390) as page:
        yield page


def open_book(page: Page, shelf: tuple[str, dict[str, str]], title: str, number: int = 1, query: str = "") -> None:
    """Open a book; returns when the page of that number is drawn."""
    page.goto(f"/read/{shelf[1][title]}{query}")
    page.wait_for_selector(DRAWN.format(number))


def where(page: Page) -> str:
    return page.locator("#where").text_content() or ""


def test_the_first_page_is_seen_before_pdfjs_is_there(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/pdf-engine*", refuse)
    page.goto(f"/read/{shelf[1]['柑橘的书']}")
    picture = page.locator(".pdf-page .page-picture")
    expect(picture).to_have_js_property("naturalWidth", 800)
    expect(page.locator("#where")).to_have_text("1 / 60")
    box = picture.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (390, 551)


def test_a_reader_that_does_not_come_leaves_the_picture_and_says_so(
    page: Page, shelf: tuple[str, dict[str, str]]
) -> None:
    page.route("**/pdf-engine*", lambda route: route.abort())
    page.goto(f"/read/{shelf[1]['柑橘的书']}")
    expect(page.locator("#notice")).to_contain_text("没有取到")
    expect(page.locator(".page-picture")).to_be_visible()
    expect(page.locator("#instead")).to_be_hidden()
    expect(page.locator("footer a")).to_be_visible()


def test_a_book_whose_sizes_are_not_known_opens(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    def forget(route: Route) -> None:
        answer = route.fetch()
        body = re.sub('data-(sizes|first-page)="[^"]*"', r'data-\1=""', answer.text())
        route.fulfill(response=answer, body=body)

    page.route("**/read/*", forget)
    open_book(page, shelf, "大小不一的书")
    page.keyboard.press("End")
    expect(page.locator("#where")).to_have_text("12 / 12")
    page.wait_for_selector(DRAWN.format(12))


def test_nothing_moves_while_a_book_opens(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "大小不一的书")
    page.wait_for_selector(DRAWN.format(2))
    assert page.evaluate("window.shifts") < 0.02


def test_pages_follow_each_other_and_few_are_kept(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书")
    for number in range(2, 8):
        page.click("#next-page")
        expect(page.locator("#where")).to_have_text(f"{number} / 60")
    page.wait_for_selector(DRAWN.format(7))
    assert page.locator(".pdf-page canvas").count() <= 5
    page.keyboard.press("End")
    expect(page.locator("#where")).to_have_text("60 / 60")
    page.click("#back-page")
    expect(page.locator("#where")).to_have_text("59 / 60")


def test_a_book_opens_where_it_was_left_and_where_an_address_says(
    page: Page, shelf: tuple[str, dict[str, str]]
) -> None:
    open_book(page, shelf, "柑橘的书", 12, "?page=12")
    assert where(page) == "12 / 60"
    page.click("#next-page")
    page.reload()
    expect(page.locator("#where")).to_have_text("13 / 60")


def test_the_text_version_opens_at_the_page_and_leads_back(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书", 12, "?page=12")
    page.click("footer a")
    expect(page.locator("h1")).to_have_text("第 12 页")
    page.get_by_text("看这一页原来的样子").click()
    page.wait_for_selector(DRAWN.format(12))


def test_the_text_of_a_page_is_selected_where_it_is_seen(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书")
    line = page.locator(".text-layer span", has_text="第1页第2行").first
    line.wait_for()
    box, sheet = line.bounding_box(), page.locator(".pdf-page").first.bounding_box()
    assert box is not None
    assert sheet is not None
    assert box["x"] - sheet["x"] == pytest.approx(60 * 390 / 595, abs=2)
    assert box["width"] < sheet["width"]
    line.evaluate("span => getSelection().selectAllChildren(span)")
    assert str(page.evaluate("String(getSelection())")).startswith("第1页第2行")


def test_words_are_found_in_whatever_width_and_across_lines(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书")
    page.keyboard.press("Control+f")
    page.fill("#find-words", "ＡＢＣ柑橘")
    page.keyboard.press("Enter")
    expect(page.locator("#find-status")).to_have_text("3 处")
    page.fill("#find-words", "跨行的句子")
    page.keyboard.press("Enter")
    expect(page.locator("#find-places li")).to_have_count(1)
    page.locator("#find-places button").click()
    expect(page.locator("#where")).to_have_text("20 / 60")
    page.wait_for_selector(".text-layer mark.current")
    assert "".join(page.locator(".text-layer mark.current").all_text_contents()) == "跨行的句子"
    page.click("#find-end")
    expect(page.locator(".text-layer mark")).to_have_count(0)


def test_next_and_previous_go_through_all_places(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书")
    page.keyboard.press("Control+f")
    page.keyboard.type("abc柑橘")
    page.keyboard.press("Enter")
    page.locator("#find-places button").first.click()
    seen = []
    for _ in range(3):
        page.wait_for_selector(".text-layer mark.current")
        seen.append(where(page))
        page.click("#find-next")
        page.wait_for_timeout(300)
    assert seen == ["10 / 60", "30 / 60", "50 / 60"]


def test_the_outline_is_a_tree_at_the_current_place(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书", 27, "?page=27")
    page.click("[data-panel=contents]")
    current = page.locator("#panel-contents [aria-current]")
    expect(current).to_have_text("第3章第二节26")
    page.locator("#panel-contents .lines > li").nth(4).locator("button").first.click()
    expect(page.locator("#where")).to_have_text("41 / 60")
    page.click("#return")
    expect(page.locator("#where")).to_have_text("27 / 60")
    expect(page.locator("#return")).to_be_hidden()


def test_a_book_without_an_outline_says_so_and_shows_its_pages(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "JPEG")
    page.click("[data-panel=contents]")
    expect(page.locator("#panel-contents")).to_contain_text("没有目录")
    page.wait_for_selector(".thumbnail canvas")


def test_links_lead_inside_and_out_without_scripts(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书")
    outside = page.locator(".page-links a[target=_blank]")
    outside.wait_for()
    assert outside.get_attribute("href") == "https://example.org/a"
    assert "noopener" in (outside.get_attribute("rel") or "")
    page.locator(".page-links a:not([target])").click()
    expect(page.locator("#where")).to_have_text("9 / 60")


def test_a_page_is_reached_by_its_number_and_by_its_picture(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书")
    page.click("[data-panel=contents]")
    page.fill("#page-number", "33")
    page.keyboard.press("Enter")
    expect(page.locator("#where")).to_have_text("33 / 60")
    page.click("[data-panel=contents]")
    page.click("[data-view=thumbnails]")
    page.wait_for_selector(".thumbnail[aria-current] canvas")
    page.locator(".thumbnail", has_text="35").click()
    expect(page.locator("#where")).to_have_text("35 / 60")


def test_pages_are_enlarged_around_what_is_looked_at(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书", 12, "?page=12")
    page.mouse.move(200, 300)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(page.locator(DRAWN.format(12))).to_have_js_property(
        "clientWidth", page.evaluate("Math.floor(390 * Math.exp(2 / 3))")
    )
    assert where(page) == "12 / 60"
    page.keyboard.press("0")
    expect(page.locator(DRAWN.format(12))).to_have_js_property("clientWidth", 390)


def test_two_fingers_enlarge_the_pages(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书")
    session = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 50), ("touchMove", 75), ("touchMove", 100)):
        points = [{"x": 195 - apart, "y": 400}, {"x": 195 + apart, "y": 400}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(DRAWN.format(1))).to_have_js_property("clientWidth", 780)
    assert page.evaluate("visualViewport.scale") == 1


def test_one_page_at_a_time_is_kept_as_a_choice(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书")
    page.click("[data-panel=settings]")
    page.locator("#pdf-settings label", has_text="一页页翻").click()
    page.locator("#pdf-settings label", has_text="看整页").click()
    page.keyboard.press("Escape")
    open_book(page, shelf, "柑橘的书")
    expect(page.locator(".pdf-page")).to_have_count(1)
    page.keyboard.press("PageDown")
    expect(page.locator("#where")).to_have_text("2 / 60")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#where")).to_have_text("1 / 60")


def test_a_page_is_kept_and_found_again(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书", 12, "?page=12")
    page.locator(".pdf-page[data-page='12'] .text-layer span").first.wait_for()
    page.click("[data-panel=notes]")
    page.click("[data-do=keep-page]")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    page.click("[data-panel=notes]")
    expect(page.locator("#panel-notes .notes")).to_contain_text("第12页")
    page.locator("#panel-notes .notes button").first.click()
    expect(page.locator("#where")).to_have_text("12 / 60")


def test_a_broken_page_is_named_and_the_others_are_shown(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "缺一页的书", 2, "?page=2")
    page.click("#next-page")
    expect(page.locator(".pdf-page[data-page='3']")).to_contain_text("第 3 页画不出来")
    page.click("#next-page")
    page.wait_for_selector(DRAWN.format(4))


@pytest.mark.parametrize("form", ["JPEG", "JPEG2000", "CCITT", "JBIG2"])
def test_scanned_pages_are_drawn(page: Page, shelf: tuple[str, dict[str, str]], form: str) -> None:
    open_book(page, shelf, form)
    script = (
        "canvas => { const context = canvas.getContext('2d'); const ratio = canvas.width / 100;"
        " return [10, 50].map(at => context.getImageData(at * ratio, at * ratio, 1, 1).data[0]); }"
    )
    light, dark = page.locator(DRAWN.format(1)).evaluate(script)
    assert (light > 200, dark < 60) == (True, True)


def test_a_network_that_comes_back_brings_the_pages(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "长的书")
    page.context.set_offline(True)
    page.keyboard.press("End")
    expect(page.locator("#notice")).to_be_visible(timeout=10_000)
    page.context.set_offline(False)
    page.wait_for_selector(DRAWN.format(400))
    expect(page.locator("#notice")).to_be_hidden()


def test_a_screen_reader_hears_the_page_and_its_text(page: Page, shelf: tuple[str, dict[str, str]]) -> None:
    open_book(page, shelf, "柑橘的书")
    region = page.get_by_role("region", name="第 1 页", exact=True)
    expect(region).to_contain_text("第1页第2行")
    assert page.locator("main canvas:not([aria-hidden=true])").count() == 0
