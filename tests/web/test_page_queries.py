"""No page reads a table of the catalogue from one end to the other, whatever is asked for."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import event, text

from library_server.app import create_app
from library_server.catalogue.enums import Kind
from tests.factories.access_levels import AccessLibrary, build
from tests.support.libraries import open_library_at

TABLES = "records|assets|creators|subjects|identifiers|collection_records|record_links|holdings|jobs|merges"
_SCAN = re.compile(rf"\bSCAN ({TABLES})\b")
_COUNT = re.compile(r"count\(", re.IGNORECASE)
PAGES = {
    "home": ["/"],
    "shelves": ["/shelves"],
    "collection": ["/collections/walk", "/collections/walk?before=06h", "/collections/photos", "/collections/none"],
    "kinds": ["/search", *(f"/search?kind={kind}" for kind in Kind), "/search?q=各处&sort=title"],
    "record": [f"/records/{{{kind}-{case}}}" for kind in Kind for case in ("public", "members", "withdrawn", "merged")],
    "reading": ["/read/{book-public}", "/read/{book-public}?text=1", "/read/{book-members}"],
    "watching": ["/watch/{film-public}", "/watch/{audio-public}"],
    "covers": ["/covers/{book-public}.jpg", "/covers/{book-members}.svg"],
    "api": ["/api/v1/search?q=各处", "/api/v1/suggest?q=各处", "/api/v1/records/{book-public}"],
    "television": ["/iptv/playlist.m3u"],
    "mine": ["/mine"],
}


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory) -> AccessLibrary:
    return build(open_library_at(tmp_path_factory.mktemp("levels") / "home"), tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def app(levels: AccessLibrary) -> Flask:
    return create_app(levels.library)


@pytest.mark.parametrize("name", list(PAGES))
@pytest.mark.slow
def test_pages_read_by_index(name: str, levels: AccessLibrary, app: Flask) -> None:
    engine = levels.library.database.engine
    statements: list[tuple[str, object]] = []

    def note(*args: object) -> None:
        statements.append((str(args[2]), args[3]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        for address in PAGES[name]:
            app.test_client().get(re.sub(r"\{(.*?)\}", lambda match: levels.ids[match[1]], address))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    selects = [(sql, values) for sql, values in statements if sql.startswith("SELECT")]
    assert selects or name == "mine"
    with engine.connect() as connection:
        for sql, values in selects:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()  # type: ignore[arg-type]
            steps = "\n".join(str(row[-1]) for row in plan)
            assert not _SCAN.search(steps), f"{sql}\n{steps}"
            assert not _COUNT.search(sql), f"counted for a page: {sql}"
            assert "JOIN collection_records" not in sql or "TEMP B-TREE" not in steps, (
                f"all members sorted: {sql}\n{steps}"
            )


def test_the_check_sees_a_scan(levels: AccessLibrary) -> None:
    with levels.library.database.engine.connect() as connection:
        rows = connection.execute(text("EXPLAIN QUERY PLAN SELECT * FROM records ORDER BY updated_at")).all()
    assert _SCAN.search(str(rows[0][-1]))
