"""Books on the browsers of phones that people have: they open, turn in reading order, and come back to their place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.documents.pdfs import numbered_pages
from tests.factories.ebooks import drawn, zipped
from tests.factories.epubs import epub
from tests.factories.palm_books import ENCODING, mobi
from tests.support.servers.old_browsers import OldBrowser, old_browser
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/>{}</head><body><h1>{}</h1>{}</body></html>'
VERTICAL = "<style>html{writing-mode:vertical-rl}</style>"
VIEWPORT = '<meta name="viewport" content="width=600, height=800"/>'
FIXED = '<meta property="rendition:layout">pre-paginated</meta>'
OPENED = "!document.getElementById('status') && document.getElementById('where').textContent"
WHERE = "document.getElementById('where').textContent"
BOOKS = ("流式的书", "竖排的书", "固定的书", "右翻的漫画", "旧的电子书", "多页的文件")


def chapters(count: int, head: str = "") -> dict[str, bytes | str]:
    body = "".join(f"<p>{'江边的芭蕉绿了，又红了。' * 40}</p>" for _ in range(4))
    return {f"{number}.xhtml": PAGE.format(head, f"第{number}章", body) for number in range(1, count + 1)}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    epub(files / "流式.epub", "流式的书", "", chapters(6))
    epub(files / "竖排.epub", "竖排的书", "", chapters(3, VERTICAL))
    epub(files / "固定.epub", "固定的书", FIXED, chapters(12, VIEWPORT))
    manga = "<ComicInfo><Title>右翻的漫画</Title><Manga>YesAndRightToLeft</Manga></ComicInfo>"
    pictures: dict[str, bytes | str] = {
        f"{number}.jpg": drawn("red" if number % 2 else "blue") for number in range(1, 13)
    }
    zipped(files / "漫画.cbz", pictures | {"ComicInfo.xml": manga})
    text = "".join(f"<h2>第{number}章</h2>" + "<p>江边的芭蕉在旧书里</p>" * 60 for number in range(6))
    old = f"<html><body>{text}</body></html>".encode("gbk")
    (files / "旧书.mobi").write_bytes(mobi(old, {503: "旧的电子书".encode("gbk")}, fields={ENCODING: 1252}))
    numbered_pages(files / "多页的文件.pdf", "多页的文件", 12)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(72, marks=pytest.mark.slow),
        pytest.param(75, marks=pytest.mark.long),
        pytest.param(79, marks=pytest.mark.slow),
        pytest.param(88, marks=pytest.mark.long),
        pytest.param(92, marks=pytest.mark.long),
    ],
)
def phone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldBrowser]:
    with old_browser(request.param, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def open_book(phone: OldBrowser, shelf: tuple[str, dict[str, str]], title: str) -> str:
    """Open a book; returns the place that is shown."""
    address, records = shelf
    phone.faults.clear()
    phone.open(f"{address}/read/{records[title]}")
    return str(phone.wait_until(OPENED))


@pytest.mark.parametrize("title", BOOKS)
def test_a_book_opens_turns_in_order_and_comes_back_to_its_place(
    phone: OldBrowser, shelf: tuple[str, dict[str, str]], title: str
) -> None:
    place = open_book(phone, shelf, title)
    shares = [share_of(place)]
    for _ in range(4):
        place = turn_page(phone, place)
        shares.append(share_of(place))
    assert shares == sorted(shares)
    open_book(phone, shelf, title)
    # of a chapter that is still being laid out, another share is shown
    phone.wait_until(f"{WHERE} === {place!r}")
    assert phone.faults == []


def turn_page(phone: OldBrowser, place: str) -> str:
    """Turn a page and return the new place."""
    phone.evaluate("document.getElementById('next-page').click()")
    return str(phone.wait_until(f"{WHERE} !== {place!r} && {WHERE}"))


def share_of(place: str) -> float:
    """The share of a book from `第 2 页 · 17%`, and of a PDF from `2 / 12`."""
    if "/" in place:
        page, pages = place.split("/")
        return int(page) / int(pages)
    return int(place.rpartition(" ")[2].rstrip("%")) / 100


def test_the_text_of_a_book_is_seen(phone: OldBrowser, shelf: tuple[str, dict[str, str]]) -> None:
    """Within the window, in one column, and not below the reader's own lines."""
    open_book(phone, shelf, "流式的书")
    box = phone.evaluate(
        "(() => { const box = document.querySelector('foliate-view').getBoundingClientRect();"
        " return [box.left, box.width, box.height, innerWidth, innerHeight]; })()"
    )
    left, width, height, window_width, window_height = box
    assert (left, width) == (0, window_width)
    assert height > window_height / 2
    footer = phone.evaluate("document.querySelector('footer').getBoundingClientRect().bottom")
    assert footer == pytest.approx(window_height, abs=1)


def test_a_browser_without_modules_is_shown_the_text_version(
    phone: OldBrowser, shelf: tuple[str, dict[str, str]]
) -> None:
    address, records = shelf
    script = "delete HTMLScriptElement.prototype.noModule"
    added = phone.call("Page.addScriptToEvaluateOnNewDocument", source=script)
    phone.call("Network.setBlockedURLs", urls=["*/ebook*.js"])
    try:
        phone.open(f"{address}/read/{records['流式的书']}")
        shown = phone.wait_until("!document.getElementById('instead').hidden && document.body.innerText")
    finally:
        phone.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])
        phone.call("Network.setBlockedURLs", urls=[])
    assert "打开文字版" in shown
    assert "这个浏览器太旧" in shown


def test_a_reader_that_does_not_come_leaves_the_text_version(
    phone: OldBrowser, shelf: tuple[str, dict[str, str]]
) -> None:
    address, records = shelf
    phone.call("Network.setBlockedURLs", urls=["*/ebook*.js"])
    try:
        phone.open(f"{address}/read/{records['流式的书']}")
        shown = phone.wait_until("!document.getElementById('instead').hidden && document.body.innerText")
    finally:
        phone.call("Network.setBlockedURLs", urls=[])
    assert "打开文字版" in shown


def test_what_was_offered_meanwhile_goes_when_the_book_opens(
    phone: OldBrowser, shelf: tuple[str, dict[str, str]]
) -> None:
    address, records = shelf
    script = (
        "document.addEventListener('DOMContentLoaded', () => { document.getElementById('instead').hidden = false; })"
    )
    added = phone.call("Page.addScriptToEvaluateOnNewDocument", source=script)
    try:
        phone.open(f"{address}/read/{records['流式的书']}")
        phone.wait_until(OPENED)
    finally:
        phone.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])
    assert phone.evaluate("document.getElementById('instead').hidden") is True
