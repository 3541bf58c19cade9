"""What search engines and first screens of phones get: descriptions, `robots.txt`, icons."""

from __future__ import annotations

import io
import re
from urllib.robotparser import RobotFileParser

import pytest
from flask.testing import FlaskClient
from PIL import Image

_DESCRIPTION = re.compile(r'<meta name="description"\s+content="([^"]*)"')
_NOT_INDEXED = '<meta name="robots" content="noindex">'


def record_of(sample: FlaskClient, query: str) -> str:
    return str(sample.get(f"/api/v1/search?{query}").get_json()["items"][0]["id"])


@pytest.fixture
def addresses(sample: FlaskClient) -> list[str]:
    """Every kind of page that is for everybody."""
    book, film, story = (record_of(sample, query) for query in ("q=船歌&kind=book", "kind=lecture", "kind=story"))
    pdf, sound = record_of(sample, "q=四季菜园&kind=book"), record_of(sample, "kind=audio")
    return [
        "/", "/shelves", "/collections/stories", "/collections/photos", "/search", "/search?q=柑橘", "/mine",
        f"/records/{book}", f"/records/{film}", f"/records/{story}", f"/watch/{film}", f"/watch/{sound}",
        f"/read/{book}", f"/read/{pdf}", f"/read/{book}?text=1", f"/read/{pdf}?text=1",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_for_everybody_says_what_is_on_it(sample: FlaskClient, addresses: list[str], language: str) -> None:
    sample.set_cookie("lang", language)
    for address in addresses:
        descriptions = _DESCRIPTION.findall(sample.get(address).text)
        assert len(descriptions) == 1, address
        assert 8 < len(descriptions[0]) < 260, (address, descriptions)
        assert descriptions[0] == " ".join(descriptions[0].split()), address


def test_pages_of_records_describe_that_record(sample: FlaskClient) -> None:
    book = record_of(sample, "q=船歌&kind=book")
    for address in (f"/records/{book}", f"/read/{book}", f"/read/{book}?text=1"):
        assert re.search("船", _DESCRIPTION.findall(sample.get(address).text)[0]), address


def test_search_engines_are_sent_to_records_and_collections_only(sample: FlaskClient, addresses: list[str]) -> None:
    rules = RobotFileParser()
    rules.parse(sample.get("/robots.txt").text.splitlines())
    refused = [address for address in addresses if not rules.can_fetch("baiduspider", address)]
    assert refused == ["/search", "/search?q=柑橘", "/mine"]
    grant = re.findall(r'href="(/files/[^"]+)"', sample.get(f"/records/{record_of(sample, 'kind=photo')}").text)[0]
    for address in (grant, "/desk/", "/desk/storage", "/settings?text=large&back=/", "/api/v1/search", "/components"):
        assert not rules.can_fetch("baiduspider", address), address
    for address in ("/static/site.css", f"/covers/{record_of(sample, 'kind=book')}.jpg", "/favicon.ico"):
        assert rules.can_fetch("baiduspider", address), address


def test_searches_and_the_desk_are_not_indexed(sample: FlaskClient, desk: FlaskClient) -> None:
    assert _NOT_INDEXED in sample.get("/search?q=柑橘").text
    assert _NOT_INDEXED in sample.get("/mine").text
    assert _NOT_INDEXED not in sample.get("/").text
    for page in (desk.get("/desk/storage"), desk.get("/desk/same"), sample.get("/desk/")):
        assert _NOT_INDEXED in page.text
        assert _DESCRIPTION.findall(page.text) == []


def test_a_shared_record_has_title_picture_and_address(sample: FlaskClient) -> None:
    book = record_of(sample, "q=船歌&kind=book")
    shared = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', sample.get(f"/records/{book}").text))
    assert shared["title"] == "湘江船歌"
    assert shared["url"].endswith(f"/records/{book}")
    assert shared["url"].startswith("http")
    picture = sample.get(shared["image"])
    assert picture.mimetype == "image/jpeg"


@pytest.mark.parametrize(
    ("address", "size"), [("/favicon.ico", (48, 48)), ("/apple-touch-icon.png", (192, 192)), ("manifest", (512, 512))]
)
def test_icons_are_pictures_of_the_size_they_state(sample: FlaskClient, address: str, size: tuple[int, int]) -> None:
    if address == "manifest":
        icons = sample.get("/manifest.webmanifest").get_json()["icons"]
        address = next(icon["src"] for icon in icons if icon["sizes"] == "512x512")
    response = sample.get(address)
    assert response.status_code == 200
    assert Image.open(io.BytesIO(response.data)).size == size


@pytest.mark.parametrize(("theme", "colours"), [("light", ["#faf7f0"]), ("dark", ["#171b1a"]), ("auto", None)])
def test_the_browser_has_the_colour_of_the_page(sample: FlaskClient, theme: str, colours: list[str] | None) -> None:
    sample.set_cookie("theme", theme)
    page = sample.get("/shelves").text
    assert re.findall(r'name="theme-color" content="(#\w+)"', page) == (colours or ["#faf7f0", "#171b1a"])
