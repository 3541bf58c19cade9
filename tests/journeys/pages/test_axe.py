"""axe finds nothing on the pages of readers: in each theme, on each paper, in both sizes and both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Frame, Page

from tests.factories.ebooks import drawn, zipped
from tests.support.pages import SCREENS
from tests.support.servers.serving import serving_folder

AXE = AXE_FILE_PATH.read_text(encoding="utf-8")
LOOKS = [
    f"{size}{look}"
    for size in ("", "large ")
    for look in ("light", "dark", "light paper-white", "dark paper-warm", "light paper-green", "dark paper-night")
]
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block", "target-size"]}
RUN = """
async (options) => (await axe.run(document, options)).violations.map(
  ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' ')}`)
"""
RECORDS = {
    "book": "q=船歌&kind=book", "pdf": "q=四季菜园&kind=book", "film": "q=春梢&kind=lecture", "sound": "kind=audio",
    "photo": "kind=photo", "story": "kind=story", "person": "kind=person", "course": "q=柑橘种植课&kind=lecture",
}  # fmt: skip
ADDRESSES = [
    "/", "/search?q=柑橘", "/search?q=完全没有的", "/search?kind=photo&sort=date", "/mine", "/shelves", "/none",
    "/collections/photos", "/collections/stories", "/records/{book}", "/records/{film}", "/records/{photo}",
    "/records/{story}", "/records/{sound}", "/records/{person}", "/records/{course}", "/watch/{film}", "/watch/{sound}",
    "/read/{book}?text=1", "/read/{book}?contents=1", "/read/{pdf}?text=1",
]  # fmt: skip
NOTE = {
    "kind": "highlight",
    "cfi": "epubcfi(/6/2!/4/2)",
    "label": "第一章",
    "text": "雾贴着水面走",
    "note": "好",
    "when": 1,
}


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    # without motion: colours on their way from one theme to the next are in none
    context = browser.new_context(viewport=SCREENS["phone"], base_url=server, reduced_motion="reduce", has_touch=True)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def comic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a comic, on a server of its own."""
    files = tmp_path_factory.mktemp("files")
    pictures: dict[str, bytes | str] = {f"{number}.jpg": drawn("red") for number in range(1, 5)}
    zipped(files / "漫画.cbz", pictures | {"ComicInfo.xml": "<ComicInfo><Title>小漫画</Title></ComicInfo>"})
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as (address, records):
        yield f"{address}/read/{records['小漫画']}"


def find_faults(frame: Page | Frame, options: dict[str, Any] | None = None) -> list[str]:
    """What axe finds, as `rule: elements`."""
    if not frame.evaluate("() => Boolean(window.axe)"):
        frame.evaluate(AXE)
    faults: list[str] = frame.evaluate(RUN, options or {})
    return faults


def check(page: Page, looks: list[str], where: str) -> None:
    """Look for all faults in the first look, and for those of colours and sizes in the others."""
    own = page.evaluate("document.documentElement.className")
    for look in looks:
        page.evaluate("look => { document.documentElement.className = look }", look)
        assert find_faults(page, None if look == looks[0] else COLOURS) == [], (where, look)
    page.evaluate("look => { document.documentElement.className = look }", own)


def addresses(sample: FlaskClient) -> dict[str, str]:
    ids = {name: sample.get(f"/api/v1/search?{query}").get_json()["items"][0]["id"] for name, query in RECORDS.items()}
    return {address: address.format(**ids) for address in ADDRESSES} | {name: f"/read/{ids[name]}" for name in ids}


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_letters_too_pale_are_found_in_each_look(page: Page, look: str) -> None:
    page.goto("/mine")
    page.evaluate("document.documentElement.style.setProperty('--stone', 'var(--line)')")
    page.evaluate("look => { document.documentElement.className = look }", look)
    assert [fault.partition(":")[0] for fault in find_faults(page, COLOURS)] == ["color-contrast"]


@pytest.mark.slow
def test_what_has_no_name_is_found(page: Page) -> None:
    page.goto("/mine")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<button></button><img src=x>')")
    assert [fault.partition(":")[0] for fault in find_faults(page)] == ["button-name", "image-alt"]


@pytest.mark.long
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_has_a_fault(page: Page, sample: FlaskClient, address: str) -> None:
    known = addresses(sample)
    page.goto("/robots.txt")
    page.evaluate(
        "([book, note]) => { localStorage['tianyuan.notes'] = JSON.stringify({[book]: [note]});"
        " localStorage['tianyuan.places'] = JSON.stringify({[book]: {url: '/', title: '船歌', cover: '/favicon.ico',"
        " kind: 'book', label: '第一章', share: 0.4, when: 1}}); }",
        [known["book"].rpartition("/")[2], NOTE],
    )
    page.goto(known[address])
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    check(page, LOOKS, address)
    page.context.add_cookies([{"name": "lang", "value": "en", "url": page.url}])
    page.reload()
    assert page.locator("html").get_attribute("lang") == "en"
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    check(page, ["light", "large light"], f"{address} in English")


@pytest.mark.long
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", ["book", "pdf", "comic"])
def test_no_reader_has_a_fault(
    page: Page, server: str, sample: FlaskClient, request: pytest.FixtureRequest, kind: str, language: str
) -> None:
    address = request.getfixturevalue("comic") if kind == "comic" else server + addresses(sample)[kind]
    page.context.add_cookies([{"name": "lang", "value": language, "url": address}])
    page.goto(address)
    page.locator("#status").wait_for(state="detached")
    check(page, LOOKS, kind)
    offered = page.locator("[data-panel]:visible")
    names = offered.evaluate_all("buttons => buttons.map(button => button.dataset.panel)")
    assert {"contents", "notes", "settings"} <= set(names)
    for name in names:
        page.locator(f"[data-panel={name}]").first.click()
        page.locator(f"#panel-{name}").wait_for()
        check(page, ["light", "large dark", "light paper-green", "dark paper-night"], f"{kind}, {name}")
        page.keyboard.press("Escape")


@pytest.mark.long
def test_the_letters_of_a_book_are_seen_on_each_paper(page: Page, sample: FlaskClient) -> None:
    page.goto(addresses(sample)["book"])
    page.locator("#status").wait_for(state="detached")
    for paper in ("page", "white", "warm", "green", "night"):
        page.evaluate("paper => document.querySelector(`[name=paper][value=${paper}]`).click()", paper)
        book = next(frame for frame in page.frames[1:] if frame.evaluate("document.body.textContent.trim().length"))
        book.wait_for_load_state()
        assert find_faults(book, {"runOnly": ["color-contrast"]}) == [], paper
