"""Every error and empty state, met in a real browser: each says what happened and what to do, without a fault."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from ingest_tools.sample.books import write_epub
from ingest_tools.sample.builder import CONTENT
from library_server.catalogue.enums import Access, JobState, Status
from library_server.catalogue.models import Job, Record
from library_server.catalogue.records import commands, queries
from library_server.jobs import queue
from library_server.library import Library
from tests.support.libraries import ingest, open_library_at
from tests.support.pages import SCREENS
from tests.support.servers.serving import serving


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library in which everything that can go wrong for a reader has gone wrong."""
    files = tmp_path_factory.mktemp("files")
    write_epub(CONTENT / "books" / "湘江船歌.md", files / "收回的书.epub")
    write_epub(CONTENT / "books" / "村小往事.md", files / "会员的书.epub")
    write_epub(CONTENT / "books" / "稻作与节气.md", files / "丢了的书.epub")
    Image.new("RGB", (600, 800), "white").save(files / "扫描的书.pdf")
    for name, codec in (("转着的戏.avi", "mpeg4"), ("转不成的戏.avi", "msmpeg4v2"), ("丢了的戏.mp4", "libx264")):
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=d=2:s=320x240", "-c:v", codec,
                   "-pix_fmt", "yuv420p", str(files / name)]  # fmt: skip
        subprocess.run(command, check=True)
    opened = open_library_at(tmp_path_factory.mktemp("library") / "home")
    assert ingest(opened, files).rejected == 0
    opened.indexer.catch_up()
    ids = records(opened)
    with opened.database.writing() as session:
        commands.withdraw(session, ids["湘江船歌"], "版权到期")
        commands.set_access(session, ids["村小往事"], Access.MEMBERS)
        encoding = session.get(Job, queue.list_for_record(session, ids["转着的戏"])[0].id)
        assert encoding
        encoding.progress = 0.4
        hopeless = session.get(Job, queue.list_for_record(session, ids["转不成的戏"])[0].id)
        assert hopeless
        hopeless.state, hopeless.attempts = JobState.RUNNING, queue.ATTEMPTS
        session.flush()
        queue.fail(session, queue.list_for_record(session, ids["转不成的戏"])[0], "no such codec")
    with opened.database.reading() as session:
        for title in ("稻作与节气", "丢了的戏"):
            record = queries.find_record(session, ids[title])
            assert record
            assert record.original
            opened.store.delete(record.original.key)
    opened.indexer.catch_up()
    opened.database.engine.dispose()
    return opened


@pytest.fixture(scope="module")
def address(shelf: Library) -> Iterator[str]:
    with serving(shelf.settings.home, "--workers", "1", "--no-jobs") as (address, _):
        yield address


@pytest.fixture(params=list(SCREENS))
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=SCREENS[request.param], locale="zh-CN")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def records(library: Library) -> dict[str, str]:
    with library.database.reading() as session:
        return {card.title: card.id for card in queries.list_newest(session, limit=50)}


def expect_page(page: Page, address: str, *words: str, status: int = 200) -> None:
    response = page.goto(address)
    assert response
    assert response.status == status
    for text in words:
        expect(page.locator("body")).to_contain_text(text)
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.long
def test_pages_of_withdrawn_restricted_and_unknown_records(page: Page, shelf: Library, address: str) -> None:
    ids = records(shelf)
    with shelf.database.reading() as session:
        gone = session.scalars(select(Record.id).where(Record.status == Status.WITHDRAWN)).one()
    expect_page(page, f"{address}/records/{gone}", "已经收回", "版权到期", status=410)
    expect_page(page, f"{address}/read/{gone}", "已经收回", status=410)
    expect_page(page, f"{address}/records/{ids['村小往事']}", "请带读者证")
    expect_page(page, f"{address}/read/{ids['村小往事']}", "需要读者证", status=403)
    expect_page(page, f"{address}/records/nothing", "没有找到这一页", "回首页", status=404)
    expect_page(page, f"{address}/collections/nothing", "没有找到这一页", status=404)


@pytest.mark.long
def test_a_video_that_is_being_prepared_says_how_far_it_is(page: Page, shelf: Library, address: str) -> None:
    ids = records(shelf)
    expect_page(page, f"{address}/records/{ids['转着的戏']}", "正在准备", "40%")
    expect_page(page, f"{address}/watch/{ids['转着的戏']}", "正在准备")
    expect_page(page, f"{address}/records/{ids['转不成的戏']}", "现在放不了", "下载")


@pytest.mark.long
def test_a_book_or_film_that_cannot_be_opened_says_so(page: Page, shelf: Library, address: str) -> None:
    ids = records(shelf)
    expect_page(page, f"{address}/read/{ids['稻作与节气']}", "这本书现在打不开")
    page.get_by_role("link", name="打开文字版").click()
    expect(page.locator("body")).to_contain_text("早稻清明前浸种")
    expect_page(page, f"{address}/read/{ids['扫描的书']}?text=1", "没有文字版", status=404)
    page.goto(f"{address}/watch/{ids['丢了的戏']}")
    expect(page.locator("#player-status")).to_contain_text("放不出来")


def test_a_network_that_breaks_while_reading_leaves_the_page(page: Page, shelf: Library, address: str) -> None:
    page.goto(f"{address}/read/{records(shelf)['扫描的书']}")
    expect(page.locator("#where")).to_contain_text("1 / 1")
    page.context.set_offline(True)
    page.get_by_role("button", name="下一页").click()
    expect(page.locator("#where")).to_contain_text("1 / 1")


def test_nothing_found_nothing_kept(page: Page, address: str) -> None:
    expect_page(page, f"{address}/search?q=量子霍尔效应", "没有找到", "拼音首字母")
    expect_page(page, f"{address}/search?q=柑橘 量子霍尔", "没有找到")
    expect_page(page, f"{address}/search?kind=book&year=1234", "没有找到")
    expect_page(page, f"{address}/mine", "会记在这台设备上")


@pytest.mark.long
def test_while_the_index_is_built_the_pages_serve_and_say_so(page: Page, shelf: Library, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(shelf.settings.home, home)
    shutil.rmtree(home / "index")
    with serving(home, "--workers", "1", "--no-jobs") as (address, _):
        expect_page(page, f"{address}/search?q=戏", "检索正在准备", "丢了的戏", status=503)
        expect_page(page, f"{address}/", "新到")


@pytest.mark.long
def test_an_empty_library_welcomes(page: Page, tmp_path: Path) -> None:
    home = tmp_path / "home"
    library = open_library_at(home)
    library.indexer.catch_up()
    library.database.engine.dispose()
    with serving(home, "--workers", "1", "--no-jobs") as (address, _):
        expect_page(page, f"{address}/", "书架还空着", "tianyuan ingest")
        expect_page(page, f"{address}/shelves", "这里还没有东西")
        expect_page(page, f"{address}/search", "书架还空着")
