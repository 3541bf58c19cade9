"""Bookmarks, highlights and notes: made on a page, listed in the order of the book, opened, changed, kept, exported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.factories.documents.pdfs import numbered_pages
from tests.factories.ebooks import drawn
from tests.factories.epubs import epub
from tests.support.pages import touched_page
from tests.support.reading.books_on_screen import WATCH_OVERLAYS, frame_with, marks, open_book, select_words
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/>{}</head><body>{}</body></html>'
FIXED = '<meta property="rendition:layout">pre-paginated</meta>'
VIEWPORT = '<meta name="viewport" content="width=600, height=800"/>'
VERTICAL = "<style>html{writing-mode:vertical-rl}</style>"
FILLING = "<p>" + "田埂上的草又长高了。" * 120 + "</p>"
FIRST = (
    "<h1>江边</h1><p>江边的<ruby>芭蕉<rt>bājiāo</rt></ruby>绿了，又红了。</p><ul><li>一要水</li><li>二要肥</li></ul>"
    f"<p>隔壁的<b>王</b>婆婆也来了。</p>{FILLING}"
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    chapters: dict[str, bytes | str] = {
        "1.xhtml": PAGE.format("", FIRST),
        "2.xhtml": PAGE.format("", f"<h1>山上</h1><p>山上的茶树开花了。</p>{FILLING}"),
        "3.xhtml": PAGE.format("", '<img src="p.png" alt=""/>'),
        "p.png": drawn(form="PNG"),
    }
    epub(files / "流式.epub", "流式的书", "", chapters)
    vertical = f"<p>竖排的芭蕉，从右往左。</p>{FILLING}"
    epub(files / "竖排.epub", "竖排的书", "", {"1.xhtml": PAGE.format(VERTICAL, vertical)})
    fixed: dict[str, bytes | str] = {
        f"{number}.xhtml": PAGE.format(VIEWPORT, f"<p>第{number}页的芭蕉熟了。</p>") for number in range(1, 4)
    }
    epub(files / "固定.epub", "固定的书", FIXED, fixed)
    numbered_pages(files / "多页.pdf", "多页的文件", 5)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], WATCH_OVERLAYS) as page:
        yield page


@pytest.fixture
def records(library: tuple[str, dict[str, str]]) -> dict[str, str]:
    return library[1]


def bar(page: Page) -> Locator:
    return page.locator("#passage-bar")


def open_notes(page: Page) -> Locator:
    panel = page.locator("#panel-notes")
    if not panel.is_visible():
        page.get_by_role("button", name="笔记", exact=True).click()
    expect(panel).to_be_visible()
    return panel


def highlight(page: Page, first: str, last: str = "") -> None:
    select_words(frame_with(page, first), first, last)
    bar(page).get_by_role("button", name="高亮").click()
    bar(page).get_by_role("button", name="黄").press("Escape")
    expect(bar(page)).to_be_hidden()


def test_a_highlight_is_kept_where_its_words_are(page: Page, records: dict[str, str]) -> None:
    frame = open_book(page, records["流式的书"], "江边的")
    select_words(frame, "江边", "隔壁的")
    expect(bar(page)).to_be_visible()
    bar(page).get_by_role("button", name="高亮").click()
    assert frame.evaluate("getSelection().isCollapsed")
    for text in ("江边", "二要肥", "隔壁的"):  # the heading and the items of the list as well
        box = frame.get_by_text(text, exact=True).first.bounding_box() if text == "江边" else None
        words = box or frame.locator("li, p").filter(has_text=text).first.bounding_box()
        assert words
        middle = words["y"] + words["height"] / 2
        assert any(mark["y"] <= middle <= mark["y"] + mark["height"] for mark in marks(page, "highlight-yellow")), text
    page.reload()
    frame_with(page, "江边的")
    expect(page.locator("#status")).to_have_count(0)
    assert len(marks(page, "highlight-yellow")) >= 5
    quote = open_notes(page).locator(".notes .quoted")
    expect(quote).to_have_text("江边\n江边的芭蕉绿了，又红了。\n一要水\n二要肥\n隔壁的", use_inner_text=True)


def test_a_note_is_written_on_a_passage_and_opened_by_a_tap_on_it(page: Page, records: dict[str, str]) -> None:
    frame = open_book(page, records["流式的书"], "江边的")
    select_words(frame, "绿了，又红了")
    bar(page).get_by_role("button", name="笔记").click()
    panel = page.locator("#panel-notes")
    expect(panel.locator("form .quoted")).to_have_text("绿了，又红了")
    panel.get_by_role("textbox", name="想记的话").fill("说的是时间过得快")
    panel.get_by_role("button", name="记好").click()
    expect(panel.locator(".notes .words")).to_have_text("说的是时间过得快")
    panel.locator(".note").click()
    expect(panel).to_be_hidden()
    (mark,) = marks(page, "highlight-yellow")
    assert len(marks(page, "highlight-yellow-line")) == 1, "a note is told from a highlight without words"
    place = page.locator("#where").text_content()
    page.mouse.click(mark["x"] + 5, mark["y"] + 5)
    expect(bar(page)).to_contain_text("说的是时间过得快")
    assert page.locator("#where").text_content() == place
    bar(page).get_by_role("button", name="蓝").click()
    assert len(marks(page, "highlight-blue")) == 1
    bar(page).get_by_role("button", name="删掉").click()
    assert marks(page, "highlight-blue") == []
    bar(page).get_by_role("button", name="不删").click()
    assert len(marks(page, "highlight-blue")) == 1


def test_notes_are_listed_in_the_order_of_the_book_and_open_their_place(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    for _ in range(40):
        if any("山上的茶树" in frame.evaluate("document.body.textContent") for frame in page.frames[1:]):
            break
        page.keyboard.press("PageDown")
        page.wait_for_timeout(150)
    highlight(page, "茶树开花")
    page.reload()
    frame_with(page, "山上的茶树")
    panel = open_notes(page)
    panel.get_by_role("button", name="记下这一页").click()
    expect(panel.get_by_role("button", name="不记这一页了")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("PageUp")
    page.wait_for_timeout(200)
    open_notes(page).get_by_role("button", name="记下这一页").click()
    rows = panel.locator(".notes > li")
    expect(rows).to_have_count(3)
    assert "书签" in rows.nth(0).inner_text()
    assert "田埂上的草" in rows.nth(0).inner_text()
    assert "山上 山上的茶树开花了" in rows.nth(1).inner_text()
    assert rows.nth(2).locator(".quoted").inner_text() == "茶树开花"
    rows.nth(2).locator(".note").click()
    frame_with(page, "山上的茶树")
    expect(open_notes(page).get_by_role("button", name="不记这一页了")).to_be_visible()


def test_what_is_deleted_comes_back(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    highlight(page, "又红了")
    panel = open_notes(page)
    panel.get_by_role("button", name="删掉").click()
    assert stored(page) == {}
    expect(panel.get_by_role("button", name="不删")).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator(".quoted").last).to_have_text("又红了")
    assert [note["text"] for notes in stored(page).values() for note in notes] == ["又红了"]


def stored(page: Page) -> dict[str, list[dict[str, object]]]:
    kept: dict[str, list[dict[str, object]]] = json.loads(page.evaluate("localStorage['tianyuan.notes'] || '{}'"))
    return kept


def test_notes_are_exported_as_text_and_markdown(page: Page, records: dict[str, str], tmp_path: Path) -> None:
    open_book(page, records["流式的书"], "江边的")
    highlight(page, "一要水", "二要肥")
    panel = open_notes(page)
    panel.get_by_role("button", name="写几句").click()
    panel.get_by_role("textbox").fill("*种芭蕉*")
    panel.get_by_role("button", name="记好").click()
    with page.expect_download() as waiting:
        panel.get_by_role("button", name="存成文字").click()
    assert waiting.value.suggested_filename == "流式的书.txt"
    waiting.value.save_as(tmp_path / "notes.txt")
    text = (tmp_path / "notes.txt").read_text("utf-8-sig")
    assert text.startswith("《流式的书》")
    assert "“一要水\n二要肥”\n笔记：*种芭蕉*" in text
    with page.expect_download() as waiting:
        panel.get_by_role("button", name="Markdown").click()
    waiting.value.save_as(tmp_path / "notes.md")
    assert "> 一要水\n> 二要肥\n\n\\*种芭蕉\\*" in (tmp_path / "notes.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("Storage.prototype.setItem = () => { throw new DOMException('', 'SecurityError'); }", "不让存"),
        (
            "const set = Storage.prototype.setItem; Storage.prototype.setItem = function (key, value) {"
            " if (value.length > 50) throw new DOMException('', 'QuotaExceededError'); set.call(this, key, value); }",
            "放不下了",
        ),
    ],
)
def test_what_cannot_be_kept_is_told_and_can_be_exported(
    fault: str, message: str, page: Page, records: dict[str, str]
) -> None:
    page.add_init_script(fault)
    open_book(page, records["流式的书"], "江边的")
    highlight(page, "又红了")
    panel = open_notes(page)
    expect(panel.get_by_role("alert")).to_contain_text(message)
    expect(panel.locator(".notes .quoted")).to_have_text("又红了")
    expect(panel.get_by_role("button", name="存成文字")).to_be_visible()


def test_notes_that_cannot_be_read_are_put_aside(page: Page, records: dict[str, str]) -> None:
    page.goto("/")
    page.evaluate("localStorage['tianyuan.notes'] = '{\"a\": [{\"when\": 1'")
    open_book(page, records["流式的书"], "江边的")
    highlight(page, "又红了")
    expect(open_notes(page).get_by_role("alert")).to_contain_text("放在一边")
    aside = page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('tianyuan.notes.damaged.'))")
    assert [page.evaluate("key => localStorage[key]", key) for key in aside] == ['{"a": [{"when": 1']
    assert [note["text"] for notes in stored(page).values() for note in notes] == ["又红了"]


def test_notes_of_two_tabs_are_both_kept(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    other = page.context.new_page()
    open_book(other, records["流式的书"], "江边的")
    highlight(other, "一要水")
    page.bring_to_front()
    highlight(page, "又红了")
    texts = {note["text"] for notes in stored(page).values() for note in notes}
    assert texts == {"一要水", "又红了"}
    expect(open_notes(page).locator(".notes > li")).to_have_count(2)


def test_words_that_moved_in_the_file_are_found_again(page: Page, records: dict[str, str]) -> None:
    record = records["流式的书"]
    note = {"kind": "highlight", "when": 5, "title": "流式的书", "label": "江边", "colour": "red", "note": ""}
    lost = {**note, "when": 6, "cfi": "epubcfi(/6/2!/4/90,/1:0,/1:4)", "text": "早已删去的话"}
    moved = {**note, "cfi": "epubcfi(/6/2!/4/90,/1:0,/1:4)", "text": "王婆婆也来了"}
    kept = json.dumps({record: [moved, lost]})
    page.add_init_script(f"localStorage['tianyuan.notes'] = JSON.stringify({kept})")
    open_book(page, record, "江边的")
    assert len(marks(page, "highlight-red")) == 2, "one box for each of the two pieces of text"
    panel = open_notes(page)
    panel.get_by_role("button", name="早已删去的话").click()
    expect(panel.get_by_text("没有找到那句话")).to_be_visible()


@pytest.mark.parametrize(("title", "words"), [("竖排的书", "从右往左"), ("固定的书", "芭蕉熟了")])
def test_vertical_and_fixed_pages_are_marked_where_their_words_are(
    title: str, words: str, page: Page, records: dict[str, str]
) -> None:
    frame = open_book(page, records[title], words)
    highlight(page, words)
    (mark,) = marks(page, "highlight-yellow")
    script = """words => { const paragraphs = [...document.querySelectorAll("p")];
        const node = paragraphs.find(p => p.textContent.includes(words)).firstChild;
        const range = document.createRange(), at = node.data.indexOf(words);
        range.setStart(node, at); range.setEnd(node, at + words.length);
        const { x, y, width, height } = range.getBoundingClientRect(); return { x, y, width, height }; }"""
    box = frame.evaluate(script, words)
    if title == "固定的书":  # the mark is in the page itself, which is scaled
        assert mark == pytest.approx(box, abs=1)
    else:
        outer = frame.frame_element().bounding_box()
        assert outer
        assert mark == pytest.approx({**box, "x": box["x"] + outer["x"], "y": box["y"] + outer["y"]}, abs=1)
    page.reload()
    frame_with(page, words)
    expect(page.locator("#status")).to_have_count(0)
    page.wait_for_function("window.overlaysOfTests.some(svg => svg.isConnected && svg.querySelector('rect'))")
    open_notes(page).locator(".note").click()
    frame_with(page, words)


def test_the_notes_of_all_books_are_listed_opened_deleted_and_exported(
    page: Page, records: dict[str, str], tmp_path: Path
) -> None:
    open_book(page, records["流式的书"], "江边的")
    highlight(page, "又红了")
    open_book(page, records["竖排的书"], "竖排的")
    highlight(page, "从右往左")
    page.goto("/mine")
    notes = page.locator("#my-notes")
    expect(notes).to_contain_text("只记在这台设备的这个浏览器里")
    assert [line.split()[0] for line in notes.locator("summary").all_inner_texts()] == ["竖排的书", "流式的书"]
    with page.expect_download() as waiting:
        notes.get_by_role("button", name="全部存成文字").click()
    waiting.value.save_as(tmp_path / "notes.txt")
    text = (tmp_path / "notes.txt").read_text("utf-8-sig")
    assert all(words in text for words in ("《竖排的书》", "“从右往左”", "《流式的书》", "“又红了”"))
    notes.locator("summary").first.click()
    notes.get_by_role("button", name="删掉").click()
    assert list(stored(page)) == [records["流式的书"]]
    notes.get_by_role("button", name="不删").click()
    assert set(stored(page)) == {records["流式的书"], records["竖排的书"]}
    notes.get_by_role("button", name="从右往左").click()
    frame_with(page, "竖排的芭蕉")
    page.wait_for_function("window.overlaysOfTests.some(svg => svg.isConnected && svg.querySelector('rect'))")


def test_pages_of_a_pdf_have_bookmarks(page: Page, records: dict[str, str]) -> None:
    page.goto(f"/read/{records['多页的文件']}?page=3")
    expect(page.locator("#where")).to_have_text("3 / 5")
    expect(page.locator("#status")).to_have_count(0)
    panel = open_notes(page)
    panel.get_by_role("button", name="记下这一页").click()
    expect(panel.locator(".notes > li")).to_contain_text("第 3 页 · 书签")
    page.goto(f"/read/{records['多页的文件']}?page=1")
    expect(page.locator("#status")).to_have_count(0)
    panel = open_notes(page)
    expect(panel.get_by_role("button", name="记下这一页")).to_be_visible()
    panel.locator(".note").click()
    expect(page.locator("#where")).to_have_text("3 / 5")
    page.goto("/mine")
    page.locator("#my-notes .note").click()
    expect(page.locator("#where")).to_have_text("3 / 5")


def test_a_page_that_is_only_a_picture_has_a_bookmark(page: Page, records: dict[str, str]) -> None:
    record = records["流式的书"]
    page.add_init_script(
        f"localStorage['tianyuan.places'] = JSON.stringify({{'{record}': {{cfi: 'epubcfi(/6/6!/4/2)', when: 1}}}})"
    )
    page.goto(f"/read/{record}")
    expect(page.locator("#status")).to_have_count(0)
    panel = open_notes(page)
    panel.get_by_role("button", name="记下这一页").click()
    expect(panel.get_by_role("button", name="不记这一页了")).to_be_visible()
    expect(panel.locator(".notes > li")).to_have_count(1)


def test_a_tap_that_takes_a_selection_away_turns_no_page(page: Page, records: dict[str, str]) -> None:
    frame = open_book(page, records["流式的书"], "江边的")
    place = page.locator("#where").text_content()
    select_words(frame, "又红了")
    expect(bar(page)).to_be_visible()
    page.touchscreen.tap(450, 500)
    expect(bar(page)).to_be_hidden()
    assert frame.evaluate("getSelection().isCollapsed")
    assert page.locator("#where").text_content() == place
    assert stored(page) == {}


def test_a_sentence_is_picked_and_highlighted_by_keyboard_alone(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    open_notes(page).get_by_role("button", name="选一句话").focus()
    page.keyboard.press("Enter")
    expect(bar(page).get_by_role("button", name="上一句")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert [note["text"] for notes in stored(page).values() for note in notes] == ["江边的芭蕉绿了，又红了。\n一要水"]
    page.keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()


def test_a_picked_sentence_is_seen_in_the_colour_of_its_highlight(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    open_notes(page).get_by_role("button", name="选一句话").click()
    bar(page).get_by_role("button", name="下一句").click()
    expect(bar(page).get_by_role("button", name="高亮")).to_be_visible()
    assert marks(page, "picked")
    bar(page).get_by_role("button", name="高亮").click()
    assert marks(page, "highlight-yellow")
    assert marks(page, "picked") == [], "the mark of the sentence mixes with the colour"


def test_a_note_on_a_long_passage_is_written_within_the_screen(page: Page, records: dict[str, str]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/settings?text=large&back=/mine")
    frame = open_book(page, records["流式的书"], "江边的")
    select_words(frame, "田埂上的草又长高了。" * 100)
    bar(page).get_by_role("button", name="笔记").click()
    form = page.locator("#book-notes form")
    expect(form.get_by_role("button", name="记好")).to_be_in_viewport(ratio=1)
    expect(form.locator(".quoted")).to_be_in_viewport(ratio=1)


def test_the_tap_after_a_selection_was_highlighted_is_not_lost(page: Page, records: dict[str, str]) -> None:
    frame = open_book(page, records["流式的书"], "江边的")
    select_words(frame, "又红了")
    expect(bar(page)).to_be_visible()
    frame.evaluate("document.dispatchEvent(new MouseEvent('mousedown', { bubbles: true }))")  # no click follows
    bar(page).get_by_role("button", name="高亮").click()
    page.keyboard.press("Escape")
    page.wait_for_timeout(1000)
    frame.evaluate("document.addEventListener('click', () => { window.isClicked = true; })")
    page.mouse.click(450, 500)
    page.mouse.click(450, 500)
    assert frame.evaluate("window.isClicked")


def test_shift_and_an_arrow_select_and_enter_leads_to_the_bar(page: Page, records: dict[str, str]) -> None:
    frame = open_book(page, records["流式的书"], "江边的")
    place = page.locator("#where").text_content()
    frame.evaluate("document.body.tabIndex = -1; document.body.focus()")
    select_words(frame, "江")
    page.keyboard.press("Shift+ArrowRight")
    assert frame.evaluate("getSelection().toString()") == "江边"
    assert page.locator("#where").text_content() == place
    expect(bar(page)).to_be_visible()
    page.keyboard.press("Enter")
    expect(bar(page).get_by_role("button", name="高亮")).to_be_focused()


def test_selected_words_are_copied(page: Page, records: dict[str, str]) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    frame = open_book(page, records["流式的书"], "江边的")
    select_words(frame, "江边的", "又红了")
    bar(page).get_by_role("button", name="复制").click()
    expect(bar(page)).to_contain_text("抄好了")
    assert page.evaluate("navigator.clipboard.readText()") == "江边的芭蕉绿了，又红了"


def write(page: Page, words: str, note: str) -> Locator:
    """Select words and type a note that is not sent; returns the field."""
    select_words(frame_with(page, words), words)
    bar(page).get_by_role("button", name="笔记").click()
    field = page.locator("#panel-notes").get_by_role("textbox", name="想记的话")
    field.fill(note)
    return field


def test_words_that_were_typed_are_kept_when_another_note_is_opened(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    write(page, "又红了", "红得快")
    page.keyboard.press("Escape")
    field = write(page, "一要水", "天天浇")
    panel = page.locator("#panel-notes")
    expect(panel.locator(".notes .words")).to_have_text("红得快")
    panel.get_by_role("button", name="改一改").click()
    expect(panel.locator(".notes .words")).to_have_text(["红得快", "天天浇"])
    expect(field).to_have_value("红得快")
    field.fill("红得很快")
    page.reload()
    frame_with(page, "江边的")
    expect(open_notes(page).locator(".notes .words")).to_have_text(["红得很快", "天天浇"])


def test_a_note_that_is_deleted_while_it_is_written_comes_back_with_its_words(
    page: Page, records: dict[str, str]
) -> None:
    open_book(page, records["流式的书"], "江边的")
    highlight(page, "又红了")
    panel = open_notes(page)
    panel.get_by_role("button", name="写几句").click()
    panel.get_by_role("textbox", name="想记的话").fill("红得快")
    panel.get_by_role("button", name="删掉").click()
    expect(panel.locator("form")).to_be_hidden()
    assert stored(page) == {}
    panel.get_by_role("button", name="不删").click()
    expect(panel.locator(".notes .words")).to_have_text("红得快")


def test_the_focus_goes_to_a_new_note(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    write(page, "又红了", "红得快")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-notes .notes .note")).to_be_focused()


def test_a_page_without_text_says_why_no_sentence_is_picked(page: Page, records: dict[str, str]) -> None:
    record = records["流式的书"]
    at_picture = f"{{'{record}': {{cfi: 'epubcfi(/6/6!/4/2)', when: 1}}}}"
    page.add_init_script(f"localStorage['tianyuan.places'] = JSON.stringify({at_picture})")
    page.goto(f"/read/{record}")
    expect(page.locator("#status")).to_have_count(0)
    open_notes(page).get_by_role("button", name="选一句话").click()
    expect(bar(page).get_by_role("status")).to_contain_text("这一页没有字")
    expect(bar(page).get_by_role("button", name="关闭")).to_be_focused()
    page.keyboard.press("Enter")
    expect(bar(page)).to_be_hidden()


def test_a_reload_at_the_address_of_a_note_opens_it_once(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    highlight(page, "又红了")
    ((note,),) = stored(page).values()
    page.evaluate(
        f"localStorage['tianyuan.places'] = JSON.stringify({{'{records['流式的书']}': {{cfi: 'epubcfi(/6/4!/4/4)'}}}})"
    )
    page.goto(f"/read/{records['流式的书']}#note={note['when']}")
    page.reload()
    frame_with(page, "江边的")
    expect(page.locator("#status")).to_have_count(0)
    assert "#note" not in page.url
    page.wait_for_function("window.overlaysOfTests.some(svg => svg.isConnected && svg.querySelector('rect'))")
