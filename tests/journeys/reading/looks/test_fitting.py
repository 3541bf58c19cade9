"""Colours, lines, tables, formulas and drawings that were made for another page are seen on that of the reader."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.factories.epubs import epub
from tests.support.pages import touched_page
from tests.support.reading.books_on_screen import open_book
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><style>{}</style></head><body>{}</body></html>'
COLOURS = PAGE.format(
    "body{background:#222;color:#eee}.light{color:#eee}.box{color:white;background:#234}.dark{background:#111}"
    ".filled{-webkit-text-fill-color:#fff}.red{color:#c00}",
    '<h1 style="color:#fff">浅字的书</h1><p class="light">浅</p><p class="box">框</p><div class="dark">黑</div>'
    '<p><font color="#fafafa">体</font></p><p class="filled">填</p><p class="red">红</p>',
)
LINES = PAGE.format(
    "h1{line-height:0}section{line-height:.1}h2{line-height:4px}.first{float:left;font-size:3em;line-height:.8}",
    f"<h1>行距的书{'江边的芭蕉绿了' * 9}</h1><section>{'节里的字' * 20}</section><h2>{'小标题' * 20}</h2>"
    f'<p><span class="first">首</span>{"字下沉" * 40}</p><p style="line-height:0!important">{"零行距" * 30}</p>'
    f'<figure><figcaption style="line-height:0.2em">{"图注" * 40}</figcaption></figure>',
)
FORMULA = '<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>{}</mrow></math>'.format(
    "".join(f"<mi>x{number}</mi><mo>+</mo>" for number in range(40))
)
ROW = "".join(f'<td style="white-space:nowrap;min-width:120px;font-size:20px">格{number}</td>' for number in range(30))
TABLE = f"<table>{f'<tr>{ROW}</tr>' * 60}</table>"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" {}><rect width="1200" height="1800"/>'
    '<text x="9" y="1790" font-size="90">图</text></svg>'
)
SIZES = ['width="1200" height="1800"', 'viewBox="0 0 1200 1800"', 'width="100%" height="100%" viewBox="0 0 1200 1800"']
BOXES = """selector => {
    const view = document.querySelector("foliate-view"), [{ doc }] = view.renderer.getContents();
    const page = parseFloat(doc.defaultView.getComputedStyle(doc.documentElement).columnWidth) || doc.body.clientWidth;
    return [page, ...[...doc.querySelectorAll(selector)].map((box) =>
        Math.max(...[...box.getClientRects()].map((rect) => rect.width)))];
}"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    last = PAGE.format("", "<p>后面的一章</p>")
    epub(files / "浅.epub", "浅字", "", {"1.xhtml": COLOURS})
    epub(files / "行.epub", "行距", "", {"1.xhtml": LINES})
    wide = PAGE.format("", f"<h1>宽的书</h1><p>式{FORMULA}子</p>{FORMULA}<p>表</p>{TABLE}")
    epub(files / "宽.epub", "宽", "", {"1.xhtml": wide, "2.xhtml": last})
    drawings = {f"{number}.xhtml": PAGE.format("", SVG.format(size)) for number, size in enumerate(SIZES)}
    epub(files / "图.epub", "图", "", {**drawings, "9.xhtml": last})
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], width=390, height=844) as page:
        page.goto("/healthz")
        yield page


def choose(page: Page, settings: str) -> None:
    page.evaluate("settings => { localStorage['tianyuan.reading'] = settings; }", settings)


def colour(frame: Frame, selector: str, name: str = "color") -> str:
    script = f"one => {{ const style = getComputedStyle(one); return style[{name!r}]; }}"
    text: str = frame.locator(selector).first.evaluate(script)
    return text


@pytest.mark.parametrize("paper", ["white", "warm", "green"])
def test_light_text_is_dark_on_light_paper(paper: str, page: Page, library: tuple[str, dict[str, str]]) -> None:
    choose(page, f'{{"paper": "{paper}"}}')
    frame = open_book(page, library[1]["浅字"], "浅字的书")
    ink = colour(frame, "html")
    for selector in ("h1", ".light", ".dark", "font", ".filled"):
        assert colour(frame, selector) == ink
    assert colour(frame, ".filled", "webkitTextFillColor") == ink
    assert colour(frame, ".dark", "backgroundColor") == "rgba(0, 0, 0, 0)"
    assert colour(frame, ".red") == "rgb(204, 0, 0)"
    assert (colour(frame, ".box"), colour(frame, ".box", "backgroundColor")) == (
        "rgb(255, 255, 255)",
        "rgb(34, 51, 68)",
    )


def test_text_is_seen_after_another_paper_is_chosen(page: Page, library: tuple[str, dict[str, str]]) -> None:
    choose(page, '{"paper": "night"}')
    frame = open_book(page, library[1]["浅字"], "浅字的书")
    page.locator("header").get_by_role("button", name="设置").click()
    page.locator("#reading-settings [name=paper][value=white]").check(force=True)
    for selector in ("h1", ".light", ".dark", "font"):
        assert colour(frame, selector) == colour(frame, "html") == "rgb(29, 35, 33)"


def test_lines_do_not_lie_on_each_other(page: Page, library: tuple[str, dict[str, str]]) -> None:
    frame = open_book(page, library[1]["行距"], "行距的书")
    heights = frame.evaluate(
        """[...document.querySelectorAll("h1,h2,section,p,figcaption")].map((one) => {
            const { lineHeight, fontSize } = getComputedStyle(one);
            return parseFloat(lineHeight) / parseFloat(fontSize);
        })"""
    )
    assert min(heights) >= 1.2
    assert frame.evaluate("parseFloat(getComputedStyle(document.querySelector('.first')).lineHeight)") < 50


@pytest.mark.parametrize("flow", ["pages", "scroll"])
def test_tables_and_formulas_are_as_wide_as_the_page(
    flow: str, page: Page, library: tuple[str, dict[str, str]]
) -> None:
    choose(page, f'{{"flow": "{flow}"}}')
    open_book(page, library[1]["宽"], "宽的书")
    page.wait_for_timeout(500)
    for width in (390, 320, 700):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(500)
        page_width, *boxes = page.evaluate(BOXES, "table, math, math mi")
        assert max(boxes) <= page_width + 2
        assert len(boxes) == 83


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800), (568, 320)])
def test_a_drawing_alone_is_whole_on_one_page(
    width: int, height: int, page: Page, library: tuple[str, dict[str, str]]
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_book(page, library[1]["图"], "图")
    for number in range(len(SIZES)):
        box = page.evaluate(
            """() => { const [{ doc }] = document.querySelector("foliate-view").renderer.getContents();
                const { left, right, top, bottom } = doc.querySelector("svg").getBoundingClientRect();
                return [left, top, innerHeight - bottom, right, doc.querySelector("svg").getClientRects().length]; }"""
        )
        assert min(box[:3]) >= 0, number
        assert box[3] <= width
        page.locator("#next-page").click()
        page.wait_for_timeout(400)
    frame = page.frames[-1]
    expect(frame.locator("p")).to_have_text(re.compile("后面的一章"))
