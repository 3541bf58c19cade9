"""Passages of books on the browsers of phones that people have: highlighted, found, and read aloud."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.epubs import epub
from tests.support.reading.books_on_screen import SELECT
from tests.support.reading.speech import FAKE_SPEECH
from tests.support.servers.old_browsers import OldBrowser, old_browser
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'
FILLING = "<p>" + "田埂上的草又长高了。" * 120 + "</p>"
DOCUMENT = "document.querySelector('foliate-view').renderer.getContents()[0].doc"
OPENED = "!document.getElementById('status') && document.getElementById('where').textContent"
OVERLAY = "document.querySelector('foliate-view').renderer.getContents()[0].overlayer.element"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a book."""
    files = tmp_path_factory.mktemp("files")
    pages: dict[str, bytes | str] = {
        f"{number}.xhtml": PAGE.format(f"<p>第{number}章的<ruby>芭蕉<rt>bājiāo</rt></ruby>绿了。</p>{FILLING}")
        for number in range(1, 4)
    }
    epub(files / "流式.epub", "流式的书", "", pages)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as (address, records):
        yield f"{address}/read/{records['流式的书']}"


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(72, marks=pytest.mark.slow),
        pytest.param(79, marks=pytest.mark.long),
        pytest.param(88, marks=pytest.mark.long),
    ],
)
def phone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldBrowser]:
    with old_browser(request.param, tmp_path_factory.mktemp("profile")) as browser:
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=FAKE_SPEECH)
        yield browser
        assert browser.faults == []


def open_book(phone: OldBrowser, book: str) -> None:
    phone.open(book)
    phone.wait_until(OPENED)


def press(phone: OldBrowser, selector: str) -> None:
    """Press a button as soon as it is there."""
    shown = f"(button => Boolean(button && button.offsetParent))(document.querySelector('{selector}'))"
    phone.wait_until(shown)
    phone.evaluate(f"document.querySelector('{selector}').click()")


def test_a_highlight_is_made_kept_and_listed(phone: OldBrowser, book: str) -> None:
    open_book(phone, book)
    select_words = f"((document, getSelection) => ({SELECT})(['第1章的', '绿了']))"
    phone.evaluate(f"{select_words}({DOCUMENT}, () => {DOCUMENT}.getSelection())")
    press(phone, "#passage-bar [data-do=highlight]")
    drawn = f"{OVERLAY}.querySelectorAll('rect').length"
    assert phone.wait_until(drawn) == 3
    open_book(phone, book)
    assert phone.wait_until(drawn) == 3
    press(phone, "[data-panel=notes]")
    assert phone.wait_until("document.querySelector('.notes .quoted').textContent") == "第1章的芭蕉绿了"


def test_words_are_found_without_a_segmenter(phone: OldBrowser, book: str) -> None:
    open_book(phone, book)
    press(phone, "[data-panel=search]")
    phone.evaluate("document.querySelector('#book-search input').value = '芭蕉绿'")
    press(phone, "#book-search form button")
    phone.wait_until("document.querySelectorAll('.hits mark').length === 3")
    phone.evaluate("document.querySelectorAll('.hits button')[2].click()")
    phone.wait_until(f"{DOCUMENT}.body.textContent.includes('第3章')")
    assert phone.wait_until(f"{OVERLAY}.querySelectorAll('rect').length")


def test_a_book_is_read_aloud(phone: OldBrowser, book: str) -> None:
    open_book(phone, book)
    phone.evaluate("addVoices('zh-CN')")
    press(phone, "header [data-do=read-aloud]")
    phone.wait_until("spoken.length === 1")
    phone.evaluate("finishSentence()")
    phone.wait_until("spoken.length === 2")
