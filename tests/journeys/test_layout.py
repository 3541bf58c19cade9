"""How pages are laid out with long titles, large letters, upright films and slow lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from benchmarks.made_up import write_epubs
from library_server.catalogue.models import Record
from tests.factories.epubs import epub
from tests.factories.pictures import film, scene
from tests.support.libraries import ingest, open_library_at, run_jobs
from tests.support.servers.serving import serving

LONG = "株洲市天元区群丰镇农家书屋图书配送目录暨综合性文化服务中心流动借阅工作实施情况汇编及附录说明之第一卷上册修订本"
UPRIGHT, COVERED, MOST_SHIFT = "竖拍的村晚", 9, 0.02
PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>{}</p></body></html>'
NOTE_SHIFTS = (
    "window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
    " if (!entry.hadRecentInput) window.shift += entry.value }).observe({type: 'layout-shift', buffered: true})"
)


@dataclass(frozen=True)
class Shelf:
    """The address of a server and the numbers of its records by title."""

    address: str
    records: dict[str, str]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    files = tmp_path_factory.mktemp("files")
    epub(files / "long.epub", LONG, "", {"1.xhtml": PAGE.format("江边的芭蕉绿了。" * 20)})
    write_epubs(files / "covers", COVERED, 60_000)
    scene(1).save(files / "老街的秤铺.jpg")
    film(files / f"{UPRIGHT}.mp4", seconds=12, size="180x320")
    opened = open_library_at(tmp_path_factory.mktemp("library") / "home")
    report = ingest(opened, files)
    assert report.rejected == 0, report.rejections
    run_jobs(opened)
    opened.indexer.catch_up()
    with opened.database.reading() as session:
        records = {title: record_id for record_id, title in session.execute(select(Record.id, Record.title))}
    opened.database.engine.dispose()
    with serving(opened.settings.home, "--workers", "1", "--no-jobs") as (address, _):
        yield Shelf(address, records)


def open_page(browser: Browser, shelf: Shelf, width: int, *, large: bool = False, **options: Any) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 844}, base_url=shelf.address, **options)
    if large:
        context.add_cookies([{"name": "text", "value": "large", "url": shelf.address}])
    return context.new_page()


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None
    return {name: float(found[name]) for name in ("x", "y", "width", "height")}


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_a_long_title_has_room_and_the_cover_stays_at_the_head(
    browser: Browser, shelf: Shelf, width: int, large: bool
) -> None:
    page = open_page(browser, shelf, width, large=large)
    page.goto(f"/records/{shelf.records[LONG]}")
    cover, title, main = box(page, ".record .cover"), box(page, ".record h1"), box(page, ".record")
    assert cover["y"] == main["y"]
    if width < 820:
        assert title["y"] > cover["y"] + cover["height"]
        assert title["width"] == main["width"]
    else:
        assert title["width"] > main["width"] / 2
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.slow
def test_labels_of_orders_keep_to_one_line_each(browser: Browser, shelf: Shelf) -> None:
    page = open_page(browser, shelf, 320, large=True)
    page.goto("/search")
    lines = page.eval_on_selector_all(
        ".sorts a",
        "links => links.map(link => { const text = document.createRange(); text.selectNodeContents(link);"
        " return text.getClientRects().length })",
    )
    assert lines == [1, 1, 1, 1]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_an_upright_film_has_a_box_of_its_own_shape(browser: Browser, shelf: Shelf, width: int) -> None:
    page = open_page(browser, shelf, width)
    page.goto(f"/watch/{shelf.records[UPRIGHT]}")
    shape = box(page, "video")
    assert shape["width"] / shape["height"] == pytest.approx(9 / 16, rel=0.02)
    assert 844 / 2 < shape["height"] < 844 * 2 / 3
    assert page.evaluate("getComputedStyle(document.querySelector('.player')).backgroundColor") == "rgba(0, 0, 0, 0)"
    page.context.close()


@pytest.mark.long
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("where", ["/", "/search", LONG, "老街的秤铺", UPRIGHT, "/mine"])
def test_nothing_moves_while_a_page_comes_over_a_slow_line(
    browser: Browser, shelf: Shelf, where: str, width: int
) -> None:
    page = open_page(browser, shelf, width, bypass_csp=True)
    kind = "watch" if where == UPRIGHT else "records"
    page.goto("/robots.txt")
    page.evaluate(
        "place => localStorage.setItem('tianyuan.places', JSON.stringify({[place]: {url: '/', title: '看了一半的书',"
        " cover: `/covers/${place}.svg`, kind: 'book', label: '第三章', share: 0.4, when: 1}}))",
        shelf.records[LONG],
    )
    connection = page.context.new_cdp_session(page)
    connection.send("Network.enable")
    connection.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000},
    )
    connection.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(NOTE_SHIFTS)
    page.goto(where if where.startswith("/") else f"/{kind}/{shelf.records[where]}", wait_until="load")
    page.wait_for_timeout(1500)
    assert page.evaluate("window.shift") <= MOST_SHIFT
    page.context.close()


@pytest.mark.slow
def test_the_first_view_on_a_phone_asks_for_few_covers(browser: Browser, shelf: Shelf) -> None:
    page = open_page(browser, shelf, 390, device_scale_factor=3, is_mobile=True)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto("/", wait_until="networkidle")
    assert page.locator(".card .cover img").count() >= 8
    assert len([address for address in addresses if not address.startswith("data:")]) <= 12
    page.context.close()
