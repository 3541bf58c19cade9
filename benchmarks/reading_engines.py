"""Books on the browsers that people have: whether each opens, turns 20 pages in order and comes back to its place, and
how soon the first page is seen on an old phone (4 times the time for scripts, 1.6 Mbit/s, 150 ms).

A table of engines and books; then, in the newest Chromium on the slow profile, seconds until the first page, the bytes
until then, layout shift, and the longest task afterwards beside the 150 ms that are promised. `ENGINES` chooses some,
such as `72,newest`.
"""

from __future__ import annotations

import io
import os
import random
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import CDPSession, Page, sync_playwright
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.factories.epubs import epub
from tests.support.servers.chromium import ARGUMENTS, CHROMIUM
from tests.support.servers.old_browsers import BrowserPage, old_browser
from tests.support.servers.serving import serving_folder

ENGINES = ("72", "75", "79", "88", "92", "newest")
TURNS = 20
_COMMON = [chr(0x4E00 + (rank * 7919) % 20902) for rank in range(3500)]
_PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/>{}</head><body><h1>{}</h1>{}</body></html>'
_VERTICAL = "<style>html{writing-mode:vertical-rl}</style>"
_VIEWPORT = '<meta name="viewport" content="width=600, height=800"/>'
_FIXED = '<meta property="rendition:layout">pre-paginated</meta>'
_OPENED = "!document.getElementById('status') && document.getElementById('where').textContent"
_PLACE = "(JSON.parse(localStorage['tianyuan.places'] || '{}')[document.body.dataset.place] || {})"
_AT = f"({_PLACE}.cfi || {_PLACE}.page)"
_SEEN = (
    "(() => { if (document.body.dataset.form !== 'pdf')"
    f" return Boolean({_OPENED});"
    " const picture = document.querySelector('.page-picture');"
    " if (picture) return picture.complete && picture.naturalWidth > 0;"
    " return Boolean(document.querySelector('.pdf-page canvas')); })()"
)
_OBSERVERS = """
window.shift = 0; window.tasks = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) window.shift += entry.value;
})).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  window.tasks.push([entry.startTime, entry.duration]);
})).observe({ type: "longtask", buffered: true });
"""


class _Newest(BrowserPage):
    """A page of the newest Chromium."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    def open(self, address: str) -> None:
        self._page.goto(address)

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(f"() => {{ try {{ return {expression} }} catch {{ return null }} }}")


def run() -> None:
    """Print the table and the figures of the slow profile."""
    engines = os.environ.get("ENGINES", ",".join(ENGINES)).split(",")
    with tempfile.TemporaryDirectory() as temporary:
        books, home = Path(temporary) / "books", Path(temporary) / "home"
        books.mkdir()
        _write_books(books)
        with serving_folder(books, home) as (address, ids):
            for engine in engines:
                with _browser(engine, Path(temporary)) as browser:
                    for title in sorted(ids):
                        print(f"{engine:>6} {title}: {_try(browser, f'{address}/read/{ids[title]}')}", flush=True)
            _measure(address, ids)


@contextmanager
def _browser(engine: str, folder: Path) -> Iterator[BrowserPage]:
    if engine != "newest":
        profile = folder / engine
        profile.mkdir()
        with old_browser(int(engine), profile) as browser:
            yield browser
        return
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield _Newest(chromium.new_page(viewport={"width": 390, "height": 844}))
        chromium.close()


def _try(browser: BrowserPage, address: str) -> str:
    """Open a book, turn its pages and open it again; returns what came of it. The place is what the browser keeps."""
    started = time.monotonic()
    try:
        browser.open(address)
        browser.wait_until("document.readyState === 'complete'")
        if not browser.evaluate("document.body.classList.contains('reader')"):
            return _try_text(browser)
        browser.wait_until(_OPENED)
        at = _settled_place(browser)
        shares = [browser.evaluate(f"{_PLACE}.share")]
        for _ in range(TURNS):
            browser.evaluate("document.getElementById('next-page').click()")
            browser.wait_until(f"{_AT} !== {at!r}")
            at = _settled_place(browser)
            shares.append(browser.evaluate(f"{_PLACE}.share"))
        if shares != sorted(shares):
            return f"pages out of order: {shares}"
        browser.open(address)
        browser.wait_until(f"{_OPENED} && {_AT} === {at!r}")
    except AssertionError as error:
        return f"failed: {str(error)[:160]}"
    return f"opens, {TURNS} pages in order, comes back; {time.monotonic() - started:.0f} s"


def _settled_place(browser: BrowserPage) -> Any:
    """Return the place once it stands still: at the beginning of a chapter it is noted twice, before and after the
    chapter is laid out, and a turn that was taken for the next one would come after the last place was read.
    """
    before, place = None, browser.wait_until(_AT)
    while place != before:
        time.sleep(0.3)
        before, place = place, browser.evaluate(_AT)
    return place


def _try_text(browser: BrowserPage) -> str:
    """The same with a book that is read as text, whose pages are addresses."""
    places: list[str] = []
    for _ in range(TURNS):
        following = "document.querySelector('.pager a[rel=next]')"
        address = browser.wait_until(f"{following} && {following}.href")
        browser.open(address)
        browser.wait_until(f"location.href === {address!r} && document.readyState === 'complete'")
        places.append(address)
    kept = browser.evaluate("Object.values(JSON.parse(localStorage['tianyuan.places'])).pop().url")
    if len(set(places)) < TURNS or not places[-1].endswith(str(kept)):
        return f"pages out of order, or the place is lost: {places[-3:]} {kept}"
    return f"opens, {TURNS} pages in order, comes back"


def _measure(address: str, ids: dict[str, str]) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for title in sorted(ids):
            page = chromium.new_page(viewport={"width": 390, "height": 844})
            page.add_init_script(_OBSERVERS)
            protocol = page.context.new_cdp_session(page)
            received = _slow_down(protocol)
            started = time.monotonic()
            page.goto(f"{address}/read/{ids[title]}", wait_until="domcontentloaded")
            if page.query_selector("#book"):  # a text is seen now
                _Newest(page).wait_until(_SEEN, 60)
            first, size = time.monotonic() - started, sum(received)
            opened = page.evaluate("performance.now()")
            page.wait_for_timeout(5000)
            tasks = [length for at, length in page.evaluate("window.tasks") if at > opened]
            shift = page.evaluate("window.shift")
            print(
                f"slow profile, {title}: first page {first:.1f} s of 3, {size / 1000:.0f} KB, layout shift {shift:.3f}"
                f" of 0.02, longest task afterwards {max(tasks, default=0):.0f} ms of 150",
                flush=True,
            )
            page.close()
        chromium.close()


def _slow_down(protocol: CDPSession) -> list[float]:
    """Slow a page down; returns the bytes of each answer, as they come."""
    received: list[float] = []
    protocol.on("Network.dataReceived", lambda event: received.append(event["encodedDataLength"]))
    protocol.send("Network.enable")
    conditions = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
    protocol.send("Network.emulateNetworkConditions", conditions)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return received


def _write_books(folder: Path) -> None:
    epub(folder / "3.epub", "EPUB 3", "", _chapters(30))
    epub(folder / "2.epub", "EPUB 2", "", _chapters(31))
    epub(folder / "fixed.epub", "fixed layout", _FIXED, _chapters(40, _VIEWPORT, 1))
    epub(folder / "vertical.epub", "vertical", "", _chapters(20, _VERTICAL), direction="rtl")
    chapters = {f"{number}.xhtml": _PAGE.format("", f"第{number}章", _prose(number)) for number in range(1, 1201)}
    entries = "".join(f'<li><a href="{number}.xhtml">第{number}章</a></li>' for number in range(1, 1201))
    chapters["nav.xhtml"] = _PAGE.format("", "目录", f"<nav><ol>{entries}</ol></nav>")
    epub(folder / "long.epub", "1,200 chapters", "", chapters)
    for path in folder.glob("*.epub"):
        _compress(path)
    _write_pdf(folder / "pages.pdf", "PDF of 800 pages", 800)
    _write_scan(folder / "scan.pdf", "scanned PDF", 40)
    text = "\n\n".join(f"第{number}章 江边\n\n" + "江边的芭蕉绿了，又红了。\n" * 60 for number in range(1, 41))
    (folder / "text.txt").write_text(f"书名：text\n\n{text}", "utf-8")


def _prose(seed: int) -> str:
    """Return 5,800 characters that differ as those of a novel do: of 3,500 the commonest most of all, in paragraphs."""
    chosen = random.Random(seed).choices(_COMMON, [1 / (rank + 10) for rank in range(len(_COMMON))], k=5800)
    return "".join(f"<p>{''.join(chosen[start : start + 145])}</p>" for start in range(0, 5800, 145))


def _chapters(count: int, head: str = "", paragraphs: int = 6) -> dict[str, bytes | str]:
    body = "".join(f"<p>{'江边的芭蕉绿了，又红了。' * 40}</p>" for _ in range(paragraphs))
    return {f"{number}.xhtml": _PAGE.format(head, f"第{number}章", body) for number in range(1, count + 1)}


def _compress(path: Path) -> None:
    """Compress the members of an EPUB, as publishers do; `2.epub` becomes one of version 2."""
    written = io.BytesIO()
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in book.namelist():
            data = book.read(name)
            data = data.replace(b'version="3.0"', b'version="2.0"') if path.name == "2.epub" else data
            copy.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else None)
    path.write_bytes(written.getvalue())


def _write_pdf(path: Path, title: str, pages: int) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    document = Canvas(str(path))
    document.setTitle(title)
    for number in range(1, pages + 1):
        document.setFont("STSong-Light", 12)
        for line in range(30):
            document.drawString(60, 760 - 22 * line, f"第{number}页第{line + 1}行，讲柑橘怎样栽培，怎样施肥。" * 2)
        document.showPage()
    document.save()


def _write_scan(path: Path, title: str, pages: int) -> None:
    document = Canvas(str(path))
    document.setTitle(title)
    for number in range(1, pages + 1):
        picture = Image.effect_noise((1240, 1754), 24).point(lambda value: 200 + value // 5)
        ImageDraw.Draw(picture).text((200, 200), f"page {number}", fill=20, font_size=90)
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=40)
        document.drawImage(ImageReader(written), 0, 0, 595, 842)
        document.showPage()
    document.save()
