"""Two librarians and a hard disk: in with all of it, see what was refused and why, mend it, lose nothing.

The story: a disk has books, a film and photos, an Excel list that describes some of them and the printed books of a
book-room, and a MARC export in GBK. One row is wrong. They take it in, get the wrong row back, mend it,
look at what may
be the same book, merge two, take a batch back, and give the district library an export. Readers see all of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from library_server.exchange.agents import Agent
from library_server.exchange.bibliographic import Bibliographic, Isbn
from library_server.exchange.marc import cnmarc, marc_files
from tests.factories.marc_records import iso_2709
from tests.factories.pictures import film
from tests.support.pages import SCREENS, open_desk
from tests.support.servers.serving import serving


def tianyuan(home: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run a command that must end with `code`; returns its JSON, where `--json` is among the arguments."""
    command = [sys.executable, "-m", "library_server.cli", *arguments]
    result = subprocess.run(
        command, env={**os.environ, "TIANYUAN_HOME": str(home)}, capture_output=True, timeout=170, check=False
    )
    assert result.returncode == code, result.stderr.decode()
    report: dict[str, Any] = json.loads(result.stdout) if "--json" in arguments else {}
    return report


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "硬盘"
    (folder / "讲座").mkdir(parents=True)
    film(folder / "讲座/01 选地.mp4", seconds=12)
    (folder / "船歌.txt").write_text("湘江船歌的正文", "utf-8")
    marc = Bibliographic(title="柑橘栽培手记", agents=[Agent("张三", relator="著")], publisher="湖南科技出版社",
    date="2003",
                         isbns=[Isbn("978-7-5357-6289-4", "", "CNY12.50")], control_number="001")  # fmt: skip
    (folder / "书目.iso").write_bytes(iso_2709(cnmarc.write(marc), "gb18030"))
    return folder


def fill_in(home: Path, path: Path) -> None:
    """The empty list, filled in as a librarian does."""
    tianyuan(home, "ingest", "--template", str(path))
    book = openpyxl.load_workbook(path)
    sheet = book["书目"]
    columns = {str(cell.value): at for at, cell in enumerate(sheet[1], 1)}
    rows: list[dict[str, Any]] = [
        {"书名": "柑橘栽培手记（修订版）", "作者": "张三 著", "出版社": "湖南科技出版社", "ISBN": "9787535762894",
        "册数": 3,
         "馆藏地": "三门镇农家书屋"},
        {"书名": "湘江船歌", "作者": "周望水", "文件": "船歌.txt"},
        {"书名": "选地", "作者": "李月娥 主讲", "文件": "讲座\\01 选地.mp4", "类型": "讲座"},
        {"书名": "写错的", "ISBN": "9787020008741", "册数": 1, "馆藏地": "三门镇农家书屋"},
    ]  # fmt: skip
    for number, row in enumerate(rows, 2):
        for name, value in row.items():
            sheet.cell(number, columns[name], value)
    book.save(path)


@pytest.mark.long
def test_a_disk_is_ingested_corrected_and_found(tmp_path: Path, disk: Path, browser: Browser) -> None:
    home = tmp_path / "home"
    fill_in(home, disk / "清单.xlsx")
    first = tianyuan(home, "ingest", str(disk), "--wait", "--json", code=3)
    assert (first["added"], first["joined"], first["rejected"], first["likely"]) == (4, 2, 1, 1)
    (refused,) = first["rejections"]
    assert refused["problems"][0]["column"] == "ISBN"

    tianyuan(home, "batches", first["batch"], "--xlsx", str(tmp_path / "改.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "改.xlsx")
    sheet = book["改好再交"]
    column = next(cell.column for cell in sheet[1] if cell.value == "ISBN")
    sheet.cell(2, column).value = "9787020008742"
    book.save(tmp_path / "改.xlsx")
    mended = tianyuan(home, "ingest", str(tmp_path / "改.xlsx"), "--wait", "--json")
    assert (mended["added"], mended["rejected"]) == (1, 0)

    (pair,) = tianyuan(home, "same", "--json")["pairs"]
    marc = next(
        record_id for record_id in (pair["first_id"], pair["second_id"]) if _title(pair, record_id) == "柑橘栽培手记"
    )
    row = ({pair["first_id"], pair["second_id"]} - {marc}).pop()
    tianyuan(home, "same", "merge", marc, row)
    undone = tianyuan(home, "ingest", "--undo", mended["batch"], "--json")
    assert undone["withdrawn"] == 1

    tianyuan(home, "export", "--format", "cnmarc", "--output", str(tmp_path / "出.iso"))
    descriptions = [
        marc_files.describe(entry.record) for entry in marc_files.read_file(tmp_path / "出.iso") if entry.record
    ]
    assert {description.title for description in descriptions} == {"柑橘栽培手记", "湘江船歌", "选地"}
    holdings = next(description.holdings for description in descriptions if description.holdings)
    assert [(holding.place, holding.copies) for holding in holdings] == [("三门镇农家书屋", 3)]

    with serving(home, "--workers", "1", "--no-jobs") as (address, _):
        page = browser.new_page(base_url=address, viewport={"width": 390, "height": 844})
        page.goto(f"/records/{row}")  # the address of a merged record redirects to the record that was kept
        expect(page.get_by_role("heading", level=1)).to_have_text("柑橘栽培手记")
        expect(page.locator(".facts")).to_contain_text("三门镇农家书屋 3 册")
        page.goto("/search?q=选地")
        page.locator("article").first.click()
        page.get_by_role("link", name="看", exact=True).click()
        expect(page.locator(".frames button").first).to_be_visible()
        page.locator(".frames button").nth(2).click()
        page.wait_for_function("() => document.querySelector('video').currentTime > 3")
        page.close()


@pytest.mark.long
def test_the_desk_shows_a_batch_and_merges_two_books(tmp_path: Path, browser: Browser) -> None:
    """On a phone: the last batch, the cell that was wrong, the list to mend, two books side by side, made one by a tap,
    found to be two after all, and taken apart again."""
    home, disk = tmp_path / "home", tmp_path / "硬盘"
    disk.mkdir()
    fill_in(home, disk / "清单.xlsx")
    for name in ("船歌.txt", "另一本船歌.txt"):
        (disk / name).write_text(f"书名：湘江船歌\n作者：周望水\n\n{name}", "utf-8")
    refused = tianyuan(home, "ingest", str(disk), "--wait", "--json", code=3)
    assert refused["likely"] == 1
    with serving(home, "--workers", "1", "--no-jobs") as (address, _):
        for screen in SCREENS:
            page = open_desk(browser, address, home, screen)
            page.goto("/desk/")
            expect(page.get_by_role("heading", level=1)).to_have_text("入库")
            expect(page.get_by_text("有 1 对可能是同一本")).to_be_visible()
            _sound(page)
            page.locator(".lines a.line").first.click()
            expect(page.get_by_text("9787020008741")).to_be_visible()
            expect(page.get_by_text("讲座\\01 选地.mp4").first).to_be_visible()
            _sound(page)
            with page.expect_download() as download:
                page.get_by_role("link", name="下载要改的表").click()
            assert download.value.suggested_filename == f"改好再交-{refused['batch']}.xlsx"
            download.value.save_as(tmp_path / f"{screen}.xlsx")
            book = openpyxl.load_workbook(tmp_path / f"{screen}.xlsx")
            assert book["改好再交"].cell(2, 1).value in {"选地", "写错的"}
            page.get_by_role("link", name="是不是同一本").click()
            expect(page.locator(".pair")).to_have_count(1)
            _sound(page)
            page.get_by_role("button", name="是一本，留左边的").click()
            expect(page.locator(".pair")).to_have_count(0)
            expect(page.get_by_text("“湘江船歌”并入“湘江船歌”")).to_be_visible()
            page.get_by_role("button", name="拆开").click()
            expect(page.locator(".pair")).to_have_count(1)
            page.context.close()


def _sound(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(page).violations_count == 0


def _title(pair: dict[str, Any], record_id: str) -> str:
    return str(pair["first_title"] if record_id == pair["first_id"] else pair["second_title"])
