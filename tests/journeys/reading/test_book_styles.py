"""Styles of a book that were made for one screen or one paper hide nothing of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.ebooks import drawn
from tests.factories.epubs import epub
from tests.support.pages import touched_page, wait_for_text
from tests.support.reading.books_on_screen import open_book
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><style>{}</style></head><body>{}</body></html>'
LINES = "".join(f"<p><b>m{number:02}</b>田埂上的草又长高了，江边的芭蕉绿了。</p>" for number in range(40))
WORDS = "".join(f"<b>m{number:02}</b>田埂上的草又长高了。" for number in range(14))
CELLS = "".join(f"<td><b>m{number:02}</b>abcdefghij</td>" for number in range(15))
AFTER = LINES.replace("m", "n")
# the words in `b` that are whole within the window, with nothing over them
SEEN = """() => {
    const view = document.querySelector("foliate-view");
    const box = view.getBoundingClientRect();
    const [{ doc }] = view.renderer.getContents();
    const frame = doc.defaultView.frameElement.getBoundingClientRect();
    return [...doc.querySelectorAll("b")].filter((word) => {
        const { left, right, top, bottom } = word.getBoundingClientRect();
        const over = doc.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return over && (word.contains(over) || over.contains(word)) && right - left > 1 &&
            doc.defaultView.getComputedStyle(word).visibility === "visible" && frame.left + left >= box.left - 1 &&
            frame.left + right <= box.right + 1 &&
            frame.top + top >= box.top - 1 && frame.top + bottom <= box.bottom + 1;
    }).map((word) => word.textContent);
}"""
STYLES = {
    "固定": PAGE.format("div{position:fixed;top:0}", f"<div>{LINES}</div>"),
    "浮放": PAGE.format("div{position:absolute!important;top:0}", f"<div>{LINES}</div>"),
    "一屏": PAGE.format("div{height:100vh;overflow:hidden}", f"<div>{LINES}</div>{AFTER}"),
    "一屏高": PAGE.format("div{height:100vh}", f"<div>{LINES}</div>{AFTER}"),
    "滚动框": PAGE.format("html body{height:400px!important;overflow-y:scroll!important}", LINES),
    "行内滚动框": PAGE.format("", f'<div style="max-height: 9em; overflow: auto">{LINES}</div>'),
    "不显示": PAGE.format("html,html body{display:none!important}", LINES),
    "看不见": PAGE.format("body{visibility:hidden;opacity:0;content-visibility:hidden}", LINES),
    "放大": PAGE.format("body{transform:scale(3) translate(500px);zoom:2}", LINES),
    "居中": PAGE.format("html,body{height:100%}body{display:flex;align-items:center}", f"<div>{LINES}</div>"),
    "行内块": PAGE.format("@media screen{div{display:inline-block}}", f"<div>{LINES}</div>"),
    "缩进": PAGE.format("p{text-indent:-9999px}", LINES),
    "负边": PAGE.format("p{margin-left:-300px}", LINES),
    "宽框": PAGE.format("div{width:1200px;min-width:50em}", f"<div>{WORDS}</div>{AFTER}"),
    "右浮": PAGE.format("div{float:right;width:600px}", f"<div>{WORDS}</div>"),
    "宽表": PAGE.format("", f"<table><tr>{CELLS}</tr></table>{AFTER}"),
    "代码": PAGE.format("", f"<pre>{WORDS}</pre>{AFTER}"),
    "不换行": PAGE.format("p{white-space:nowrap}", f"<p>{WORDS}</p>{AFTER}"),
    "侧排": PAGE.format("html{writing-mode:sideways-rl}", LINES),
}
PRINTED = PAGE.format(
    ".n{position:absolute;height:12px;overflow:hidden}@media print{p{display:inline-block}}",
    f'<p id="p">甲<span class="n">12</span>{"江" * 99}</p>',
)
COLOURS = PAGE.format(
    "p{color:#000000;background:#fff}h1{color:rgb(10,10,10)}",
    '<h1>黑字的书</h1><p><span style="color:black">黑字</span></p><img src="p.png" alt=""/>',
)
NO_BODY = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>无</title></head></html>'
OTHER_NAMESPACE = (
    '<html xmlns="http://www.w3.org/TR/xhtml1"><head><title>无</title></head><body><p>别名的页</p></body></html>'
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    for name, text in STYLES.items():
        epub(files / f"{name}.epub", f"{name}的书", "", {"1.xhtml": text, "2.xhtml": PAGE.format("", "<b>END</b>")})
    epub(files / "页码.epub", "页码的书", "", {"1.xhtml": PRINTED})
    epub(files / "颜色.epub", "颜色的书", "", {"1.xhtml": COLOURS, "p.png": drawn("red")}, spine=["1.xhtml"])
    chapters: dict[str, bytes | str] = {"1.xhtml": NO_BODY, "2.xhtml": PAGE.format("", "<p>后面的一章</p>")}
    epub(files / "缺.epub", "缺正文的书", "", {**chapters, "3.xhtml": OTHER_NAMESPACE})
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], width=390, height=844) as page:
        yield page


@pytest.mark.parametrize("name", STYLES)
def test_every_word_is_seen_on_one_of_the_pages(name: str, page: Page, library: tuple[str, dict[str, str]]) -> None:
    open_book(page, library[1][f"{name}的书"], "m00")
    expect(page.locator("foliate-view")).not_to_have_attribute("style", re.compile("hidden"))
    seen: set[str] = set()
    for _ in range(30):
        seen.update(page.evaluate(SEEN))
        if "END" in seen:
            break
        page.evaluate("document.getElementById('next-page').click()")
        page.wait_for_timeout(150)
    assert sorted({*re.findall(r"<b>(\w+)</b>", STYLES[name]), "END"} - seen) == []


def test_small_boxes_and_styles_of_print_stay(page: Page, library: tuple[str, dict[str, str]]) -> None:
    frame = open_book(page, library[1]["页码的书"], "甲")
    assert frame.evaluate("getComputedStyle(document.querySelector('.n')).position") == "absolute"
    assert frame.evaluate("getComputedStyle(document.querySelector('.n')).height") == "12px"
    assert frame.evaluate("document.getElementById('p').style.display") == ""


def test_black_text_is_light_on_dark_paper(page: Page, library: tuple[str, dict[str, str]]) -> None:
    page.goto("/")
    page.evaluate("""localStorage["tianyuan.reading"] = '{"paper": "night"}'""")
    frame = open_book(page, library[1]["颜色的书"], "黑字的书")
    colours = frame.evaluate(
        """[...document.querySelectorAll("h1,p,span")].map((one) => getComputedStyle(one).color)"""
    )
    assert len(set(colours)) == 1
    assert min(map(int, re.findall(r"\d+", colours[0]))) > 128
    assert frame.evaluate("getComputedStyle(document.querySelector('p')).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert frame.evaluate("getComputedStyle(document.querySelector('img')).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("""localStorage["tianyuan.reading"] = '{"paper": "white"}'""")
    frame = open_book(page, library[1]["颜色的书"], "黑字的书")
    assert frame.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(10, 10, 10)"


def test_a_chapter_without_a_body_leaves_the_others(page: Page, library: tuple[str, dict[str, str]]) -> None:
    page.goto(f"/read/{library[1]['缺正文的书']}")
    expect(page.locator("#status")).to_have_count(0)
    for text in ("后面的一章", "别名的页"):
        page.evaluate("document.getElementById('next-page').click()")
        assert wait_for_text(page, text).get_by_text(text).evaluate("one => one.offsetHeight") > 0
