"""Pages on the browsers of phones that people have: boxes have heights and distances, and the text version is read."""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from tests.support.servers.old_browsers import BrowserPage, OldBrowser, old_browser

# Pictures have a size; nothing that is pressed lies on, or touches, what else is pressed; letters lie on no others.
FAULTS = """
(() => {
  const shown = (element) => element.getClientRects().length && element.getBoundingClientRect().right > 0 &&
      !element.closest('.skip, .bottom, details:not([open]) > :not(summary)') &&
      getComputedStyle(element).visibility === 'visible',
    all = (selector) => Array.from(document.querySelectorAll(selector)).filter(shown),
    name = (element) => element.tagName + '.' + element.className + ' ' + element.textContent.trim().slice(0, 12),
    faults = [];
  for (const box of all('.cover, .wide, .picture, .photos a, .place img, main img, video')) {
    const { width, height } = box.getBoundingClientRect();
    if (width < 40 || height < 40) faults.push(`${name(box)} is ${width} by ${height}`);
  }
  const pressed = all('a, button, select, summary, input:not([type=hidden])');
  for (const one of pressed) {
    for (const other of pressed) {
      if (one === other || one.contains(other) || other.contains(one)) continue;
      const sameField = one.closest('.find') && one.closest('.find') === other.closest('.find');
      for (const a of one.getClientRects()) {
        for (const b of other.getClientRects()) {
          const across = Math.min(a.right, b.right) - Math.max(a.left, b.left),
            down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (across > 1 && down > 1) faults.push(`${name(one)} lies on ${name(other)}`);
          else if (down > 1 && across > -6 && !sameField) faults.push(`${name(one)} touches ${name(other)}`);
        }
      }
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), lines = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim() || !shown(node.parentElement) || node.parentElement.closest('.panel')) continue;
    const range = document.createRange(), element = node.parentElement,
      end = getComputedStyle(element).overflow === 'hidden' ? element.getBoundingClientRect().right : Infinity;
    range.selectNodeContents(node);
    for (const { left, right, top, bottom } of range.getClientRects())
      lines.push([left, Math.min(right, end), top, bottom, node]);
  }
  lines.forEach(([left, right, top, bottom, words], index) => {
    for (const [left2, right2, top2, bottom2, others] of lines.slice(index + 1)) {
      const across = Math.min(right, right2) - Math.max(left, left2),
        down = Math.min(bottom, bottom2) - Math.max(top, top2);
      if (words !== others && across > 2 && down > (bottom - top) / 2)
        faults.push(`${words.data} is written over ${others.data}`);
    }
  });
  return [faults.join('; '), document.documentElement.scrollWidth];
})()
"""
KEPT = "JSON.parse(localStorage['tianyuan.reading'] || '{}')"
PLACES = "JSON.parse(localStorage['tianyuan.places'] || '{}')"


class Newest(BrowserPage):
    """A page of the newest Chromium, called as an old one is."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page, self._session = page, page.context.new_cdp_session(page)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        return self._session.send(method, parameters)

    def open(self, address: str) -> None:
        self._page.goto(address)

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(expression)


Phone = Newest | OldBrowser


@pytest.fixture(scope="module", params=["newest", 72, pytest.param(79, marks=pytest.mark.long)])
def phone(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Phone]:
    if request.param == "newest":
        page = browser.new_page()
        yield Newest(page)
        page.close()
        return
    with old_browser(request.param, tmp_path_factory.mktemp("profile")) as old:
        yield old


def record_of(sample: FlaskClient, query: str) -> str:
    return str(sample.get(f"/api/v1/search?{query}").get_json()["items"][0]["id"])


def open_page(phone: Phone, address: str) -> None:
    """Open an address; returns when its scripts have run and its pictures have come."""
    phone.open(address)
    there = f"location.href === encodeURI({address!r}) && document.readyState === 'complete'"
    phone.wait_until(there)


def call_for(phone: Phone, width: int) -> None:
    phone.call("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=width < 800)


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("size", ["normal", "large"])
def test_boxes_have_heights_and_distances(
    phone: Phone, server: str, sample: FlaskClient, width: int, size: str
) -> None:
    book, film = record_of(sample, "q=船歌&kind=book"), record_of(sample, "q=春梢&kind=lecture")
    sound, story = record_of(sample, "kind=audio"), record_of(sample, "kind=story")
    call_for(phone, width)
    phone.call("Network.setCookie", name="text", value=size, url=server)
    phone.faults.clear()
    for address in (
        f"/read/{book}?text=1", "/", "/search?q=柑橘", f"/records/{book}", f"/records/{film}", f"/records/{story}",
        f"/watch/{film}", f"/watch/{sound}", f"/read/{book}?contents=1", "/mine", "/shelves", "/collections/photos",
    ):  # fmt: skip
        open_page(phone, server + address)
        faults, page_width = phone.evaluate(FAULTS)
        assert faults == "", address
        assert page_width <= width, address
    assert phone.faults == []


@pytest.mark.slow
def test_the_text_version_is_set_read_and_printed(phone: Phone, server: str, sample: FlaskClient) -> None:
    book = record_of(sample, "q=船歌&kind=book")
    call_for(phone, 390)
    phone.call("Network.setCookie", name="text", value="normal", url=server)
    phone.faults.clear()
    open_page(phone, f"{server}/read/{book}?text=1")
    phone.evaluate("localStorage.removeItem('tianyuan.reading')")
    open_page(phone, f"{server}/read/{book}?contents=1")
    chapters = phone.evaluate("Array.from(document.querySelectorAll('.lines a'), link => link.href)")
    open_page(phone, chapters[1])
    for selector in (".look summary", "[name=paper][value=warm]", "[data-step='10']"):
        phone.evaluate(f"document.querySelector({selector!r}).click()")
    assert phone.evaluate(KEPT) == {"paper": "warm", "size": 110}
    following = phone.evaluate("document.querySelector('.pager [rel=next]').href")
    open_page(phone, following)
    assert "paper-warm" in phone.evaluate("document.documentElement.className")
    assert phone.evaluate("getComputedStyle(document.querySelector('.story')).fontSize") == "20.79px"
    assert phone.evaluate(f"{PLACES}[{book!r}].url") == f"/read/{book}?chapter=3"
    words = phone.evaluate("document.querySelector('.story').textContent")
    assert re.sub(r"\s", "", unicodedata.normalize("NFKC", words))[:12] in printed(phone)
    assert phone.faults == []


def printed(phone: Phone) -> str:
    """The words on paper, without spaces."""
    pages: dict[str, Any] = phone.call("Page.printToPDF")
    document = pypdfium2.PdfDocument(io.BytesIO(base64.b64decode(pages["data"])))
    text = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))  # printed with the forms of radicals
