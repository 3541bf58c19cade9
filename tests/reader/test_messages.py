"""Pages without records, pages that do not exist, and very long titles."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from library_server.app import create_app
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind, LinkType
from library_server.catalogue.records import commands
from library_server.library import Library

LONG = "株洲市天元区群丰镇柑橘栽培技术与病虫害防治" * 23


def fill_library(library: Library, count: int = 1, title: str = "柑橘栽培") -> list[str]:
    with library.database.writing() as session:
        shelf = commands.get_or_create_collection(session, "shelf", "柑橘")
        ids = [commands.add_record(session, RecordDraft(Kind.BOOK, title)) for _ in range(count)]
        for record_id in ids:
            commands.add_to_collection(session, shelf, record_id)
        for record_id in ids[1:]:
            commands.add_link(session, record_id, LinkType.PART_OF, ids[0])
    library.indexer.catch_up()
    return ids


@pytest.mark.parametrize(
    ("address", "sentence", "offered"),
    [
        ("/search?page=9999", "没有第 9999 页", "/search?page=2"),
        ("/search?q=柑橘&page=99999999999", "一共只有 2 页", "page=2"),
        ("/search?q=柑橘&kind=film", "去掉一个条件", "/search?q="),
        ("/search?kind=film", "去掉一个条件", "/shelves"),
        ("/search?q=完全没有的", "换个短一点的词", "/shelves"),
        ("/collections/shelf?before=0", "后面没有了", "/collections/shelf"),
        ("/collections/stories", "这里还没有东西", "/shelves"),
        ("/collections/none", "没有找到这一页", "/"),
    ],
)
@pytest.mark.slow
def test_a_page_with_nothing_says_why_and_what_to_do(
    address: str, sentence: str, offered: str, library: Library
) -> None:
    fill_library(library, 21)
    page = create_app(library).test_client().get(address).text
    assert sentence in page
    main = page.split("<main")[1].split("</main>")[0].replace("&amp;", "&")
    assert any(offered in link for link in re.findall(r'href="([^"]*)"', main)), main
    assert ("没有找到" in page) is ("page=" not in address and "shelf" not in address and "stories" not in address)


def test_an_empty_library_says_so_everywhere(library: Library) -> None:
    library.indexer.rebuild()
    client = create_app(library).test_client()
    for address in ("/", "/search"):
        assert "馆员放进第一批书以后，这里就有了。" in client.get(address).text
    page = client.get("/collections/stories")
    assert page.status_code == 200
    assert "/collections/people" not in page.text.split("<main")[1]


@pytest.mark.long
def test_every_link_of_every_page_opens(library: Library) -> None:
    (record_id, *_) = fill_library(library, 2)
    client: FlaskClient = create_app(library).test_client()
    for page in ("/", "/shelves", "/mine", "/search", f"/records/{record_id}", "/collections/photos"):
        for link in set(re.findall(r'href="(/[^"]*)"', client.get(page).text)):
            if not link.startswith(("/desk", "/settings")):
                assert client.get(link.replace("&amp;", "&")).status_code == 200, (page, link)


def test_a_long_title_is_whole_on_its_page_and_short_elsewhere(library: Library) -> None:
    whole, part = fill_library(library, 2, LONG[:480])
    client = create_app(library).test_client()
    page = client.get(f"/records/{part}").text
    assert f"<h1>{LONG[:480]}</h1>" in page
    titles = re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
    assert len(titles) == 1
    assert len(titles[0]) < 90
    assert f'/records/{whole}"><span class="clip">' in page
    styles = client.get("/static/site.css").text
    for selector in (".clip", ".line .title", ".result .title", ".lead .title", ".card .title"):
        assert re.search(re.escape(selector) + r"[^{}]*\{[^}]*line-clamp", styles), selector
