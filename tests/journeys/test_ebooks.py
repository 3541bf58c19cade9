"""Books of every form in a real browser: they open, show text or pictures, and turn in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Frame, Page, expect
from sqlalchemy import select

from library_server.catalogue.models import Record
from library_server.library import Library
from tests.factories.ebooks import drawn, fictionbook, zipped
from tests.factories.epubs import epub
from tests.factories.packs import rar_of
from tests.factories.palm_books import ENCODING, mobi
from tests.support.libraries import ingest, open_library_at
from tests.support.pages import touched_page, wait_for_text
from tests.support.servers.serving import serving

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0,0,600 800"><text x="50" y="50">图上的芭蕉</text>'
    '<image href="p.png" width="300" height="400"/></svg>'
)
FIXED = '<meta property="rendition:layout">pre-paginated</meta>'
PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/>{}</head><body><p>{}</p></body></html>'
VIEWPORT = '<meta name="viewport" content="width = 600, height = 800"/>'
SAME_IDENTIFIER = (
    '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>同号的书</dc:title></metadata><manifest>{items}"
    '<item id="f" href="f.bin" media-type="application/pdf" fallback="c"/></manifest>'
    '<spine><itemref idref="c"/><itemref idref="c"/></spine></package>'
)
PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine><itemref idref="{spine}"/></spine>'
    "</package>"
)
VERTICAL = "<style>html{writing-mode:vertical-rl}</style>"


def pages(*texts: str, head: str = "") -> dict[str, bytes | str]:
    return {f"{number}.xhtml": PAGE.format(head, text) for number, text in enumerate(texts, 1)}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Library:
    files = tmp_path_factory.mktemp("files")
    bodies = "<body><section><title><p>第一章</p></title><p>江边的芭蕉绿了 & 红了。</p></section></body>"
    (files / "俄文.fb2").write_text(fictionbook(bodies=bodies), "utf-8")
    zipped(files / "连环画.cbz", {"10.jpg": drawn("blue"), "2.JPG": drawn("red"), "__MACOSX/._2.JPG": b"x",
                                "3.png": b"broken"})  # fmt: skip
    palm = "<html><body><h2>第一章</h2><p>江边的芭蕉在旧书里</p></body></html>"
    (files / "旧书.mobi").write_bytes(
        mobi(palm.encode("gbk"), {503: "旧的电子书".encode("gbk")}, fields={ENCODING: 1252})
    )
    manga = "<ComicInfo><Title>右翻的漫画</Title><Manga>YesAndRightToLeft</Manga></ComicInfo>"
    zipped(files / "漫画.cbz", {"1.jpg": drawn("red"), "2.jpg": drawn("blue"), "ComicInfo.xml": manga})
    (files / "网页书").mkdir()
    listing = "<a href='2.html'>第二章</a><a href='1.html'>第一章</a>"
    (files / "网页书/index.html").write_text(f"<title>江上的网页书</title>{listing}", "utf-8")
    for number, word in enumerate(("甲页的芭蕉", "乙页的芭蕉"), 1):
        chapter = f"<p>{word * 50}</p><a href='{3 - number}.html'>另一章</a>"
        (files / f"网页书/{number}.html").write_text(chapter, "utf-8")
    rar_of(files / "压缩的漫画.cbr", {"a/2.jpg": drawn("blue"), "a/1.jpg": drawn("red")})
    epub(files / "固定.epub", "固定版面", FIXED, pages("左右的芭蕉", "第二页", "第三页", head=VIEWPORT))
    epub(files / "图页.epub", "矢量图页", FIXED, {"1.svg": SVG, "p.png": drawn(form="PNG")}, spine=["1.svg"])
    epub(files / "流式图页.epub", "流式图页", "", {"1.svg": SVG, "p.png": drawn(form="PNG")}, spine=["1.svg"])
    epub(files / "右翻.epub", "右翻的书", FIXED, pages("甲页", "乙页", head=VIEWPORT), direction="rtl")
    epub(files / "竖排.epub", "竖排的书", "", pages("甲章", "乙章", head=VERTICAL))
    epub(files / "出版者.epub", "出版者作责任者", '<dc:contributor opf:role="pbl">某社</dc:contributor>'
         "<dc:publisher>某社</dc:publisher>", pages("芭蕉的正文"))  # fmt: skip
    gbk = PAGE.format('<meta http-equiv="Content-Type" content="text/html; charset=gb2312"/>', "国标的芭蕉<br>不合格")
    missing = ["1.xhtml", "缺.xhtml"]
    epub(files / "国标.epub", "国标的书", "", {"1.xhtml": gbk.encode("gbk")}, spine=missing)
    same = "".join(f'<item id="c" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in ("x", "1", "2"))
    zipped(files / "同号.epub", {"mimetype": "application/epub+zip", "b.opf": SAME_IDENTIFIER.format(items=same)}
           | pages("甲页的芭蕉", "乙页的芭蕉"))  # fmt: skip
    _write_renditions(files)
    damaged = PAGE.format('<meta charset="shift_jis"/>', "山の上の芭蕉が熟れた。" * 40).encode("shift_jis")
    epub(files / "损字.epub", "损了一个字的书", "", {"1.xhtml": damaged.replace(b"</p>", b"\xff</p>")})
    epub(files / "没有容器.epub", "没有容器的书", "", pages("芭蕉 & 香蕉&nbsp;"), container=False)
    opened = open_library_at(tmp_path_factory.mktemp("library") / "home")
    report = ingest(opened, files)
    assert report.rejected == 0, report.rejections
    opened.indexer.catch_up()
    opened.database.engine.dispose()
    return opened


def _write_renditions(files: Path) -> None:
    """A book whose second package is the first that can be read, and one whose spine names nothing."""
    items = '<item id="{0}" href="{0}.xhtml" media-type="application/xhtml+xml"/>'
    packages = {
        name: PACKAGE.format(title=title, items=items.format(page), spine=page)
        for name, title, page in (("b.opf", "两种版本的书", "2"), ("c.opf", "另一种版本", "1"))
    }
    named = [("book.pdf", "pdf"), *((name, "oebps-package+xml") for name in ("a.opf", "b.opf", "c.opf"))]
    roots = "".join(f'<rootfile full-path="{name}" media-type="application/{kind}"/>' for name, kind in named)
    container = f"<container><rootfiles>{roots}</rootfiles></container>"
    whole: dict[str, bytes | str] = {"META-INF/container.xml": container, "book.pdf": b"%PDF-1.4", "a.opf": b"\0\1" * 9}
    zipped(files / "版本.epub", whole | packages | pages("甲种的芭蕉", "乙种的芭蕉"))
    unnamed = PACKAGE.format(title="没有次序的书", items=items.format("1") + items.format("2"), spine="x")
    zipped(files / "无序.epub", {"mimetype": "application/epub+zip", "b.opf": unnamed}
           | pages("首页的芭蕉", "次页的芭蕉"))  # fmt: skip


@pytest.fixture(scope="module")
def records(shelf: Library) -> dict[str, str]:
    with shelf.database.reading() as session:
        return {title: record_id for record_id, title in session.execute(select(Record.id, Record.title))}


@pytest.fixture(scope="module")
def address(shelf: Library) -> Iterator[str]:
    with serving(shelf.settings.home, "--workers", "1", "--no-jobs") as (address, _):
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with touched_page(browser, address) as page:
        yield page


def picture_color(page: Page) -> str:
    """The colour of the picture that the book shows; empty while there is none."""
    script = """() => { const image = document.querySelector("img, image"); if (!image) return "";
        const canvas = document.createElement("canvas"); canvas.width = canvas.height = 1;
        const context = canvas.getContext("2d"); context.drawImage(image, 0, 0, 1, 1);
        const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
        return red > 200 ? "red" : blue > 200 ? "blue" : green > 100 ? "green" : "none"; }"""
    for frame in page.frames[1:]:
        with suppress(Error):
            if color := str(frame.evaluate(script)):
                return color
    return ""


def wait_for_color(page: Page, color: str) -> None:
    for _ in range(100):
        if picture_color(page) == color:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{picture_color(page) or 'nothing'} is shown instead of {color}")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("故乡的路", "江边的芭蕉绿了 & 红了。"),
        ("旧的电子书", "江边的芭蕉在旧书里"),
        ("固定版面", "左右的芭蕉"),
        ("矢量图页", "图上的芭蕉"),
        ("流式图页", "图上的芭蕉"),
        ("出版者作责任者", "芭蕉的正文"),
        ("国标的书", "国标的芭蕉"),
        ("没有容器的书", "芭蕉 & 香蕉"),
        ("竖排的书", "甲章"),
    ],
)
def test_text_is_shown(title: str, text: str, page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records[title]}")
    frame = wait_for_text(page, text)
    expect(page.locator("#status")).to_have_count(0)
    box = frame.frame_element().bounding_box()
    assert box
    assert box["width"] > 100
    assert box["height"] > 100


@pytest.mark.parametrize("title", ["矢量图页", "流式图页"])
def test_a_picture_in_an_svg_page_is_shown(title: str, page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records[title]}")
    wait_for_color(page, "green")


def test_a_comic_turns_in_natural_order_and_tells_of_a_broken_page(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['连环画']}")
    wait_for_color(page, "red")
    page.get_by_role("button", name="下一页").click()
    wait_for_text(page, "坏了：3.png")
    page.keyboard.press("ArrowRight")
    wait_for_color(page, "blue")
    page.get_by_role("button", name="上一页").click()
    wait_for_text(page, "坏了")


def test_a_folder_of_pages_opens_in_the_order_of_its_contents(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['江上的网页书']}")
    frame = wait_for_text(page, "乙页的芭蕉")
    frame.get_by_text("另一章").click()
    wait_for_text(page, "甲页的芭蕉")


def test_a_comic_in_a_rar_opens_as_its_copy(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['压缩的漫画']}")
    wait_for_color(page, "red")
    page.get_by_role("button", name="下一页").click()
    wait_for_color(page, "blue")


def test_a_chapter_that_is_missing_is_told(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['国标的书']}")
    wait_for_text(page, "国标的芭蕉")
    page.get_by_role("button", name="下一页").click()
    wait_for_text(page, "文件里缺这一页，或者坏了：缺.xhtml")


def test_items_with_one_identifier_are_shown_one_after_the_other(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['同号的书']}")
    wait_for_text(page, "甲页的芭蕉")
    page.get_by_role("button", name="下一页").click()
    wait_for_text(page, "乙页的芭蕉")


def test_the_rendition_that_is_the_record_is_shown(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['两种版本的书']}")
    wait_for_text(page, "乙种的芭蕉")


def test_documents_follow_one_another_where_the_spine_names_none(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['没有次序的书']}")
    wait_for_text(page, "首页的芭蕉")
    page.get_by_role("button", name="下一页").click()
    wait_for_text(page, "次页的芭蕉")


def test_a_damaged_byte_leaves_the_text_of_its_page(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['损了一个字的书']}")
    wait_for_text(page, "山の上の芭蕉が熟れた。")


def swipe(page: Page, frame: Frame, across: int) -> None:
    """A finger that moves sideways over the book."""
    frame.evaluate(
        """across => { const touch = x => new Touch({ identifier: 1, target: document.documentElement,
            screenX: x, screenY: 300, clientX: x, clientY: 300 });
        const start = touch(300), end = touch(300 + across);
        const send = (name, at, touches) => document.documentElement.dispatchEvent(new TouchEvent(name,
            { touches, changedTouches: [at], bubbles: true, cancelable: true }));
        send("touchstart", start, [start]); send("touchmove", end, [end]);
        setTimeout(() => send("touchend", end, [])); }""",
        across,
    )


EITHER_WAY = [("button", "下一页"), ("key", "PageDown"), ("key", " ")]
TURNS = {
    "right to left": [*EITHER_WAY, ("key", "ArrowLeft"), ("swipe", "200")],
    "left to right": [*EITHER_WAY, ("key", "ArrowRight"), ("swipe", "-200")],
}
LOCKED = 200  # milliseconds; foliate-js ignores a turn that follows within a tenth of a second


@pytest.mark.long
@pytest.mark.parametrize(
    ("title", "first", "second", "direction"),
    [
        ("右翻的书", "甲页", "乙页", "right to left"),
        ("竖排的书", "甲章", "乙章", "right to left"),
        ("固定版面", "左右的芭蕉", "第二页", "left to right"),
    ],
)
def test_pages_turn_in_reading_order(
    title: str, first: str, second: str, direction: str, page: Page, records: dict[str, str]
) -> None:
    page.goto(f"/read/{records[title]}")
    frame = wait_for_text(page, first)
    expect(page.locator("#status")).to_have_count(0)
    for kind, what in TURNS[direction]:
        if kind == "button":
            page.get_by_role("button", name=what).click()
        elif kind == "key":
            page.keyboard.press(what)
        else:
            swipe(page, frame, int(what))
        wait_for_text(page, second)
        page.wait_for_timeout(LOCKED)
        page.keyboard.press("PageUp")
        frame = wait_for_text(page, first)
        page.wait_for_timeout(LOCKED)


def test_manga_turns_to_the_left(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['右翻的漫画']}")
    wait_for_color(page, "red")
    page.keyboard.press("ArrowLeft")
    wait_for_color(page, "blue")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"status": 503, "body": "x"}, "书没有取到"),
        ({"status": 403, "body": "x"}, "这本书现在打不开"),
        ({"status": 410, "body": "x"}, "刷新一次"),
        ({"status": 200, "body": "no book"}, "打不开"),
    ],
)
def test_a_failure_says_what_happened_and_offers_the_text(
    answer: dict[str, object], message: str, page: Page, records: dict[str, str]
) -> None:
    page.route("**/files/**", lambda route: route.fulfill(**answer))
    page.goto(f"/read/{records['故乡的路']}")
    expect(page.locator("#status")).to_contain_text(message)
    expect(page.get_by_role("link", name="下载")).to_be_visible()
    page.get_by_role("link", name="打开文字版").click()
    expect(page.get_by_text("江边的芭蕉绿了")).to_be_visible()
