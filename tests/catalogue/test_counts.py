"""Counts that readers see hold what they can open: published records, restricted ones among them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.records import commands, queries
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library

BY = Actor("test")


def fill(library: Library) -> dict[str, str]:
    """Two collections: `mixed` with six records, of which three can be found, and `gone` with none that can."""
    ids = {}
    with library.database.writing() as session:
        mixed = commands.get_or_create_collection(session, "mixed", "有收回的")
        gone = commands.get_or_create_collection(session, "gone", "全收回的")
        commands.get_or_create_collection(session, "empty", "空的")
        for name in ("public", "kept", "members", "withdrawn", "merged", "both"):
            access = Access.MEMBERS if name == "members" else Access.PUBLIC
            ids[name] = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title=name, access=access))
            commands.add_to_collection(session, mixed, ids[name])
        commands.add_to_collection(session, gone, ids["both"])
    with library.database.writing() as session:
        commands.withdraw(session, ids["withdrawn"], "版权到期")
        commands.withdraw(session, ids["both"], "版权到期")
        merging.merge(session, ids["kept"], ids["merged"], BY)
    library.indexer.catch_up()
    return ids


def sizes(library: Library) -> dict[str, int]:
    with library.database.reading() as session:
        return {collection.slug: collection.size for collection in queries.list_collections(session)}


@pytest.mark.slow
def test_collections_count_what_readers_find(library: Library) -> None:
    ids = fill(library)
    assert sizes(library) == {"mixed": 3, "gone": 0, "empty": 0}
    with library.database.reading() as session:
        assert len(queries.in_collection(session, "mixed")) == 3
    with library.database.writing() as session:
        merging.unmerge(session, ids["merged"], BY)
    assert sizes(library) == {"mixed": 4, "gone": 0, "empty": 0}


@pytest.mark.slow
def test_pages_api_and_metrics_count_the_same(library: Library, client: FlaskClient) -> None:
    fill(library)
    assert client.get("/api/v1/search").get_json()["total"] == 3
    facets = client.get("/api/v1/search").get_json()["facets"]
    assert [(bucket["value"], bucket["count"]) for bucket in facets["collection"]] == [("mixed", 3)]
    assert "找到 3 种" in client.get("/search").text
    assert "tianyuan_records 3.0" in client.get("/metrics").text
    for address in ("/", "/shelves"):
        page = re.sub(r"(?<=>)\s+|\s+(?=<)", "", client.get(address).text)
        assert re.findall(r'/collections/(\w+)"><span[^>]*>[^<]*</span><span[^>]*>(\d+)<', page) == [("mixed", "3")]


def test_collections_are_counted_in_a_fixed_number_of_queries(library: Library) -> None:
    fill(library)
    with library.database.writing() as session:
        for number in range(30):
            commands.get_or_create_collection(session, f"more-{number}")
    statements: list[str] = []
    with library.database.reading() as session:
        event.listen(library.database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        queries.list_collections(session)
    assert len(statements) <= 2


def test_a_single_collection_has_its_size(library: Library) -> None:
    fill(library)
    with library.database.reading() as session:
        sizes_one_by_one = {}
        for slug in ("mixed", "gone", "empty"):
            collection = queries.find_collection(session, slug)
            assert collection is not None
            sizes_one_by_one[slug] = collection.size
        assert sizes_one_by_one == {"mixed": 3, "gone": 0, "empty": 0}
        assert queries.find_collection(session, "unknown") is None
        assert queries.titles_by_slug(session) == {"mixed": "有收回的", "gone": "全收回的", "empty": "空的"}
