"""What a browser keeps may be of another version, or be damaged, or be thousands of notes: books open all the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.documents.pdfs import numbered_pages
from tests.factories.epubs import epub
from tests.support.pages import touched_page
from tests.support.reading.books_on_screen import open_book, select_words
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'
FILLING = "<p>田埂上的草又长高了。</p>" * 120
SECTION = "epubcfi(/6/4!/4/2/1:0)"
ODD_PLACES = [
    '"a place"', "5", "[1, 2]", "null", "{", '{"RECORD": "here"}', '{"RECORD": null}', '{"RECORD": [1]}',
    '{"RECORD": {"cfi": {}}}', '{"RECORD": {"cfi": 7}}', '{"RECORD": {"cfi": "epubcfi("}}',
    '{"RECORD": {"cfi": "epubcfi(/6/-4!/4/2)"}}', '{"RECORD": {"cfi": "epubcfi(/6/3!/4/2)"}}',
    '{"RECORD": {"cfi": "epubcfi(/6!/4)"}}', '{"RECORD": {"cfi": "epubcfi(!!,,)"}}', '{"RECORD": {"section": 1.5}}',
    '{"RECORD": {"section": -2}}', '{"RECORD": {"section": {}}}', '{"RECORD": {"section": 1, "part": 9}}',
    '{"RECORD": {"section": 1, "part": "half"}, "other": 1}', '{"RECORD": {"url": {}, "title": [], "when": "now"}}',
]  # fmt: skip
ODD_PAGES = ["1.5", '"3"', "{}", "-1", "null"]
ODD_NOTES = [
    '"notes"', "7", "[[1]]", '{"RECORD": [null, 5, "note", {"when": 1e99}]}', '{"RECORD": "note"}',
    '{"RECORD": [{"when": 2, "kind": "highlight", "cfi": {}, "text": 5, "note": [], "label": {}, "colour": 1}]}',
    '{"RECORD": [null, {"when": 3, "kind": "highlight", "cfi": "epubcfi(/6/4!/4", "text": "没有的话"}]}',
]  # fmt: skip
ODD_SETTINGS = ['"large"', "5", "[1]", "null", '{"size": {}, "paper": 7, "family": "constructor", "line": []}']


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    chapters: dict[str, bytes | str] = {
        f"{number}.xhtml": PAGE.format(f"<h1>第{number}回</h1>{FILLING}") for number in range(1, 3)
    }
    epub(files / "书.epub", "开着的书", "", chapters)
    numbered_pages(files / "多页.pdf", "多页的文件", 5)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0]) as page:
        page.goto("/healthz")
        yield page


@pytest.fixture
def record(library: tuple[str, dict[str, str]]) -> str:
    return library[1]["开着的书"]


def keep(page: Page, key: str, text: str) -> None:
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [f"tianyuan.{key}", text])


@pytest.mark.parametrize("places", ODD_PLACES)
def test_a_book_opens_whatever_is_kept_as_its_place(places: str, page: Page, record: str) -> None:
    keep(page, "places", places.replace("RECORD", record))
    open_book(page, record, "第1回")
    expect(page.locator("#where")).to_have_text(re.compile(r"^\d%$"))
    page.keyboard.press("ArrowRight")
    page.wait_for_function("id => JSON.parse(localStorage['tianyuan.places'])[id].share > 0", arg=record)


def test_pages_show_places_that_are_some(page: Page, record: str) -> None:
    for places in ODD_PLACES:
        keep(page, "places", places.replace("RECORD", record))
        page.goto("/mine")
        expect(page.locator("#places a")).to_have_count(0)
    place = {"url": f"/read/{record}", "title": "开着的书", "when": 1}
    keep(page, "places", json.dumps({record: place, "1": {**place, "url": "javascript:alert(1)"}, "2": []}))
    page.goto("/mine")
    expect(page.locator("#places a")).to_have_text("开着的书")


@pytest.mark.parametrize("number", ODD_PAGES)
def test_a_pdf_opens_whatever_is_kept_as_its_page(number: str, page: Page, library: tuple[str, dict[str, str]]) -> None:
    record = library[1]["多页的文件"]
    keep(page, "places", f'{{"{record}": {{"page": {number}}}}}')
    keep(page, "pdf", number)
    page.goto(f"/read/{record}")
    expect(page.locator("#where")).to_have_text("1 / 5")
    expect(page.locator("#status")).to_have_count(0)


@pytest.mark.parametrize("notes", ODD_NOTES)
def test_notes_are_kept_beside_odd_ones(notes: str, page: Page, record: str) -> None:
    keep(page, "notes", notes.replace("RECORD", record))
    page.goto("/mine")
    frame = open_book(page, record, "第1回")
    select_words(frame, "第1回")
    page.locator("#passage-bar [data-do=highlight]").click()
    kept = json.loads(page.evaluate("localStorage['tianyuan.notes']"))[record]
    assert kept[-1]["text"] == "第1回"
    page.locator("header").get_by_role("button", name="笔记").click()
    expect(page.locator("#book-notes .notes")).to_contain_text("第1回")
    page.goto("/mine")
    expect(page.locator("#my-notes")).to_contain_text("开着的书")


def test_settings_are_changed_whatever_is_kept(page: Page, record: str) -> None:
    for settings in ODD_SETTINGS:
        for key in ("reading", "speed", "speech", "look", "pdf"):
            keep(page, key, settings)
        page.goto(f"/read/{record}?text=1")
        page.get_by_text("字号和颜色").click()
        page.locator("#reading-settings [data-step]").last.click()
        assert json.loads(page.evaluate("localStorage['tianyuan.reading']"))["size"] > 100
        keep(page, "reading", settings)
        open_book(page, record, "第1回")


def notes_of(count: int) -> list[dict[str, object]]:
    return [
        {"kind": "highlight", "when": 1 + number, "title": "开着的书", "text": f"第{number}条", "note": "",
         "label": "第1回", "cfi": f"epubcfi(/6/4!/4,/{2 * number + 2}/1:0,/{2 * number + 2}/1:4)", "colour": "yellow"}
        for number in range(count)
    ]  # fmt: skip


def test_thousands_of_notes_are_listed_as_far_as_they_are_read(page: Page, record: str) -> None:
    keep(page, "notes", json.dumps({record: list(reversed(notes_of(5000)))}))
    open_book(page, record, "第1回")
    page.locator("header").get_by_role("button", name="笔记").click()
    rows = page.locator("#book-notes .notes li")
    expect(rows.first).to_contain_text("第0条")
    assert rows.count() < 200
    for _ in range(4):
        count = rows.count()
        rows.last.scroll_into_view_if_needed()
        page.wait_for_function("count => document.querySelectorAll('#book-notes .notes li').length > count", arg=count)
    drawn = rows.count()
    row = rows.nth(150)
    row.locator("[data-do=remove]").click()
    expect(row.locator("[data-do=restore]")).to_be_focused()
    assert rows.count() >= drawn
    row.locator("[data-do=restore]").click()
    expect(row).to_contain_text("第150条")
    page.goto("/mine")
    rows = page.locator("#my-notes .notes li")
    expect(rows.first).to_contain_text("第0条")
    assert rows.count() < 200


def test_words_of_two_tabs_for_one_note_are_both_kept(page: Page, record: str) -> None:
    keep(page, "notes", json.dumps({record: notes_of(2)}))
    other = page.context.new_page()
    for tab in (page, other):
        open_book(tab, record, "第1回")
        tab.locator("header").get_by_role("button", name="笔记").click()
        tab.locator("#book-notes .notes li [data-do=edit]").first.click()
        tab.locator("#book-notes textarea").fill("这边写的" if tab is page else "那边写的")
    for tab in (page, other):
        tab.locator("#book-notes form [type=submit]").click()
    kept = json.loads(page.evaluate("localStorage['tianyuan.notes']"))[record]
    assert sorted(note["note"] for note in kept) == ["", "这边写的\n那边写的"]
