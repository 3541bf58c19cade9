"""念给您听: a book is read aloud sentence by sentence, the sentence is marked, and the pages turn along."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.factories.epubs import epub
from tests.support.pages import touched_page
from tests.support.reading.books_on_screen import WATCH_OVERLAYS, frame_with, marks, open_book, select_words
from tests.support.reading.speech import FAKE_SPEECH
from tests.support.servers.serving import serving_folder

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/>{}</head><body>{}</body></html>'
FIXED = '<meta property="rendition:layout">pre-paginated</meta>'
VIEWPORT = '<meta name="viewport" content="width=600, height=800"/>'
LONG = "这一句话很长，" * 14 + "总算完了。"
FIRST = (
    "<h1>第一回</h1><p>江边的<ruby>芭蕉<rt>bājiāo</rt></ruby>绿了。她说：“来吧！”</p><p>I saw Mr. Wang. He waved.</p>"
    f"<p>{LONG}</p>" + "<p>田埂上的草又长高了。</p>" * 60
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    chapters: dict[str, bytes | str] = {
        "1.xhtml": PAGE.format("", FIRST),
        "2.xhtml": PAGE.format("", '<p class="picture"></p>'),
        "3.xhtml": PAGE.format("", "<p>末一章的话。</p>"),
    }
    epub(files / "流式.epub", "流式的书", "", chapters)
    fixed: dict[str, bytes | str] = {
        f"{number}.xhtml": PAGE.format(VIEWPORT, f"<p>固定的第{number}页。</p>") for number in range(1, 3)
    }
    epub(files / "固定.epub", "固定的书", FIXED, fixed)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as served:
        yield served


@pytest.fixture
def records(library: tuple[str, dict[str, str]]) -> dict[str, str]:
    return library[1]


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], WATCH_OVERLAYS, FAKE_SPEECH) as page:
        yield page


def start(page: Page, record: str, text: str) -> Locator:
    """Open a book and have it read; returns the bar."""
    open_book(page, record, text)
    page.evaluate("addVoices('en-US', 'zh-HK', 'zh-CN')")
    start_button(page).click()
    wait_for_sentences(page, 1)
    return page.locator("#speech-bar")


def start_button(page: Page) -> Locator:
    return page.locator("header [data-do=read-aloud]")


def wait_for_sentences(page: Page, count: int) -> list[str]:
    """What was spoken as soon as it is so much."""
    page.wait_for_function("count => spoken.length >= count", arg=count)
    spoken: list[str] = page.evaluate("spoken.map(({ text }) => text)")
    return spoken


def finish(page: Page, sentences: int = 1) -> list[str]:
    """Let so many sentences end; returns all that was spoken."""
    before = page.evaluate("spoken.length")
    for number in range(sentences):
        page.evaluate("finishSentence()")
        spoken = wait_for_sentences(page, before + number + 1)
    return spoken


def test_sentences_are_spoken_in_order_by_the_voice_of_their_language(page: Page, records: dict[str, str]) -> None:
    start(page, records["流式的书"], "江边的")
    spoken = finish(page, 5)
    assert spoken[:5] == ["第一回", "江边的芭蕉绿了。", "她说：“来吧！”", "I saw Mr. Wang.", "He waved."]
    assert page.evaluate("spoken.map(({ lang }) => lang)")[:5] == ["zh-CN", "zh-CN", "zh-CN", "en-US", "en-US"]


def test_a_long_sentence_is_spoken_in_parts_at_its_commas(page: Page, records: dict[str, str]) -> None:
    """Voices of Chrome fall silent after about 15 seconds."""
    start(page, records["流式的书"], "江边的")
    parts = finish(page, 8)[5:]
    assert "".join(parts).startswith("这一句话很长，" * 8)
    assert max(len(part) for part in parts) <= 36
    assert parts[0].endswith("，")


def test_the_sentence_is_marked_and_the_pages_turn_along(page: Page, records: dict[str, str]) -> None:
    start(page, records["流式的书"], "江边的")
    finish(page)
    assert len(marks(page, "spoken")) == 3, "before the ruby, its base, and after it"
    place = page.locator("#where").text_content()
    finish(page, 50)
    assert page.locator("#where").text_content() != place
    assert len(marks(page, "spoken")) == 1
    (mark,) = marks(page, "spoken")
    assert 0 <= mark["x"] < 500


def test_reading_goes_on_in_the_next_chapter_and_ends_with_the_book(page: Page, records: dict[str, str]) -> None:
    bar = start(page, records["流式的书"], "江边的")
    while "末一章的话。" not in (spoken := finish(page)):
        assert len(spoken) < 100
    frame_with(page, "末一章的话")
    page.evaluate("finishSentence()")
    expect(bar).to_contain_text("念完了")
    assert marks(page, "spoken") == []


def test_reading_pauses_goes_on_and_stops(page: Page, records: dict[str, str]) -> None:
    bar = start(page, records["流式的书"], "江边的")
    finish(page)
    bar.get_by_role("button", name="停一停").click()
    assert page.evaluate("speechSynthesis.current") is None
    bar.get_by_role("button", name="接着念").click()
    assert wait_for_sentences(page, 3)[-2:] == ["江边的芭蕉绿了。", "江边的芭蕉绿了。"]
    bar.get_by_role("button", name="快一点").click()
    wait_for_sentences(page, 4)
    assert page.evaluate("spoken[3].rate") == 1.25
    bar.get_by_role("button", name="不念了").click()
    expect(bar).to_be_hidden()
    assert page.evaluate("speechSynthesis.current") is None
    assert marks(page, "spoken") == []
    page.reload()
    frame_with(page, "江边的")
    page.evaluate("addVoices('zh-CN')")
    start_button(page).click()
    wait_for_sentences(page, 1)
    assert page.evaluate("spoken[0].rate") == 1.25, "the rate is remembered"


def test_reading_goes_on_from_the_page_that_somebody_turned_to(page: Page, records: dict[str, str]) -> None:
    start(page, records["流式的书"], "江边的")
    page.locator("#next-page").click()
    spoken = wait_for_sentences(page, 2)
    assert spoken[-1] not in ("第一回", "江边的芭蕉绿了。")
    assert len(marks(page, "spoken")) >= 1


def test_leaving_the_page_ends_the_voice(page: Page, records: dict[str, str]) -> None:
    start(page, records["流式的书"], "江边的")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert page.evaluate("speechSynthesis.current") is None


def test_voices_that_come_late_are_offered_and_without_one_nothing_is(page: Page, records: dict[str, str]) -> None:
    open_book(page, records["流式的书"], "江边的")
    expect(start_button(page)).to_be_hidden()
    page.evaluate("addVoices('de-DE')")
    expect(start_button(page)).to_be_hidden()
    page.evaluate("addVoices('zh_TW')")
    expect(start_button(page)).to_be_visible()


def test_a_voice_that_fails_is_told(page: Page, records: dict[str, str]) -> None:
    bar = start(page, records["流式的书"], "江边的")
    for count in (2, 3):
        page.evaluate("finishSentence('error')")
        wait_for_sentences(page, count)
    page.evaluate("finishSentence('error')")
    expect(bar).to_contain_text("念不出声")


def test_a_selected_passage_is_read(page: Page, records: dict[str, str]) -> None:
    frame = open_book(page, records["流式的书"], "江边的")
    page.evaluate("addVoices('zh-CN')")
    select_words(frame, "她说")
    page.locator("#passage-bar").get_by_role("button", name="念").click()
    assert wait_for_sentences(page, 1) == ["她说：“来吧！”"]


def test_pages_of_a_fixed_layout_are_read(page: Page, records: dict[str, str]) -> None:
    start(page, records["固定的书"], "固定的第1页")
    assert finish(page) == ["固定的第1页。", "固定的第2页。"]
