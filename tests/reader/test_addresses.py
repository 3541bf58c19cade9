"""Every link on a page leads where it says, whatever names librarians gave to collections, people and subjects."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from library_server.app import create_app
from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands, queries
from library_server.library import Library
from tests.support.libraries import ingest

NAMES = ("A/B", "?#x", "..", ".", "a b", 'say "hi"', "it's", "%2F", "100%", "a\\b", "a//b", "/", "老街/口述", "?",
         " . ", "<i>", "a&b=c", "a+b", "a;b", "C++", "x" * 200, "Ａ／Ｂ", "../../etc", "...", "📚", "%00")  # fmt: skip
_LINK = re.compile(r'href="([^"]*)"')


def links(client: FlaskClient, address: str) -> list[str]:
    """The links of a page as a browser resolves them: `urljoin` removes dot segments, as RFC 3986 5.2.4 says."""
    hrefs = [html.unescape(href) for href in _LINK.findall(client.get(address).text)]
    joined = (urlsplit(urljoin(f"http://localhost{address}", _browser(href))) for href in hrefs)
    return [parts.path + (f"?{parts.query}" if parts.query else "") for parts in joined]


def _browser(link: str) -> str:
    """Browsers take `\\` for `/` in a path and `%2e` for a dot (WHATWG URL, 4.4)."""
    path, mark, query = link.partition("?")
    return re.sub("%2e", ".", path.replace("\\", "/"), flags=re.IGNORECASE) + mark + query


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_a_collection_of_any_name_opens(name: str, library: Library, tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("老街上的一家店。\n" * 20, encoding="utf-8")
    ingest(library, source, collection=name)
    library.indexer.catch_up()
    client = create_app(library).test_client()
    for page in ("/", "/shelves"):
        addresses = [
            link for link in links(client, page) if link.startswith("/collections/") and link != "/collections/stories"
        ]
        assert len(addresses) == 1, (page, addresses)
        response = client.get(addresses[0])
        assert response.status_code == 200
        assert "/records/" in response.text
        assert f">{escape(name.strip())}</h1>" in response.text
        for back in [link for link in links(client, addresses[0]) if link.startswith("/settings?")]:
            assert unquote(client.get(back).headers["Location"]) == unquote(addresses[0])


def test_names_in_ascii_keep_their_addresses(library: Library) -> None:
    from ingest_tools.pipeline.placement import slug_and_title

    slugs = {"stories": "stories", "Local History": "local-history", "a_b.c~d": "a_b.c~d", "C++": "c++", "it's": "it's",
            "a-b": "a-b", "-x-": "-x-", "x" * 200: "x" * 64}  # fmt: skip
    assert {name: slug_and_title(name)[0] for name in slugs} == slugs


def test_two_names_with_one_slug_are_two_collections(library: Library, tmp_path: Path) -> None:
    for number, name in enumerate(("A/B", "a-b", "a b", "A?B", "x" * 100, "x" * 101)):
        (tmp_path / f"{number}.txt").write_text(f"{number} 老街上的一家店。\n" * 20, encoding="utf-8")
        ingest(library, tmp_path / f"{number}.txt", collection=name)
    with library.database.reading() as session:
        assert sorted(collection.size for collection in queries.list_collections(session)) == [
            1,
            1,
            1,
            1,
            2,
        ]  # `a-b` names the slug of A/B


@pytest.mark.parametrize("names", [NAMES[number::6] for number in range(6)])  # a page lists only some creators
@pytest.mark.slow
def test_links_of_names_find_their_records(names: tuple[str, ...], library: Library) -> None:
    with library.database.writing() as session:
        records = {
            name: commands.add_record(
                session,
                RecordDraft(Kind.BOOK, f"题 {name}", creators=(CreatorName(name, "author"),), subjects=(name, "柑橘"),
                            place=name, date="1998", series=name, place_covered=name, publisher=name),
            )
            for name in names
        }  # fmt: skip
        commands.add_record(session, RecordDraft(Kind.FILM, "别的", creators=(CreatorName("别人", "author"),)))
    library.indexer.catch_up()
    client = create_app(library).test_client()
    checked: set[str] = set()
    for page in (
        "/search",
        "/search?kind=book",
        "/shelves",
        "/",
        *(f"/records/{record_id}" for record_id in records.values()),
    ):
        for link in set(links(client, page)) - checked:
            if link.startswith("/settings"):
                assert client.get(link).headers["Location"] == page
            elif link.startswith(("/search?", "/records/")):
                checked.add(link)
                assert client.get(link).status_code == 200, (page, link)
    for name, record_id in records.items():
        creators = [link for link in links(client, "/search") if "creator=" in link]
        assert any(f"/records/{record_id}" in client.get(link).text for link in creators) or not name.strip(" .")


def test_settings_lead_back_to_a_page_with_encoded_characters(client: FlaskClient) -> None:
    for address in ("/collections/%3F%23x", "/collections/a%2525b", "/records/x%20y%26", "/search?q=%23%26%3D%25"):
        backs = [link for link in links(client, address) if link.startswith("/settings?")]
        assert backs
        assert {client.get(back).headers["Location"] for back in backs} == {address}
