"""A GET writes nothing to the database, and a database that is locked holds up no reader."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from PIL import Image
from sqlalchemy import event, select
from werkzeug.routing import Rule

from library_server.app import create_app
from library_server.catalogue.assets import derivatives
from library_server.catalogue.assets.derivatives import Cost
from library_server.catalogue.batches import repository
from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.models import Job
from library_server.catalogue.records import queries
from library_server.delivery.context import delivery_of
from library_server.desk.auth import DeskAuth
from library_server.jobs import queue
from library_server.library import Library
from tests.factories.epubs import epub
from tests.factories.pictures import ffmpeg, film
from tests.support.libraries import ingest
from tests.support.servers.serving import serving

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "CREATE", "DROP", "ALTER")
HOLD_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


@pytest.fixture
def shelf(library: Library, tmp_path: Path) -> Library:
    """Two books, a story, a film that plays, one that is not ready, and a photo whose small pictures were dropped."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "柑橘栽培.txt").write_text("第一章 修剪\n春梢要剪。\n", encoding="utf-8")
    (source / "渡口.md").write_text("---\ntitle: 渡口的早班船\ncollection: 湘江\n---\n船在雾里。\n", encoding="utf-8")
    epub(source / "船歌.epub", "船歌", "", {"1.xhtml": "<html><body><p>江上有船。</p></body></html>"})
    Image.effect_noise((1600, 1200), 40).convert("RGB").save(source / "1998-05 栗雨老街.jpg", quality=85)
    film(source / "春梢.mp4", seconds=2)
    (source / "春梢.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\n你好\n", encoding="utf-8")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=d=1:s=320x240", "-c:v", "mpeg4", str(source / "老戏.avi"))
    assert ingest(library, source).rejected == 0
    library.indexer.catch_up()
    photo = record_of(library, "栗雨老街")
    with library.database.writing() as session:
        derivatives.mark_dropped(session, [asset.id for asset in photo.assets if asset.role != AssetRole.ORIGINAL])
    return library


def record_of(library: Library, title: str) -> RecordView:
    with library.database.reading() as session:
        card = next(card for card in queries.list_newest(session, limit=50) if title in card.title)
        record = queries.find_record(session, card.id)
    assert record is not None
    return record


def jobs_of(library: Library, title: str) -> list[tuple[str, int]]:
    """Tasks and priorities of a record's jobs that are not done."""
    record_id = record_of(library, title).id
    with library.database.reading() as session:
        return [(row.task, row.priority) for row in session.scalars(select(Job).where(Job.record_id == record_id))]


@contextmanager
def write_lock(database: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the write lock of a SQLite database."""
    command = [sys.executable, "-c", HOLD_LOCK, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        yield holder


def get(address: str, path: str, **headers: str) -> tuple[int, bytes]:
    """Status and body; a server that waits for the lock runs into the timeout, which is under its busy wait."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


@pytest.mark.long
def test_a_locked_database_holds_up_no_reader(shelf: Library) -> None:
    photo, avi, book = (record_of(shelf, title) for title in ("栗雨老街", "老戏", "柑橘栽培"))
    home = shelf.settings.home
    shelf.database.engine.dispose()
    with serving(home, "--workers", "1", "--no-jobs") as (address, _):
        status, body = get(address, f"/api/v1/records/{book.id}")
        file = json.loads(body)["assets"][0]["url"]
        with write_lock(home / "library.db") as holder:
            for record in (photo, avi, book):
                assert get(address, f"/records/{record.id}")[0] == 200
            status, body = get(address, f"/api/v1/search?q={quote('柑橘')}")
            assert (status, json.loads(body)["total"]) == (200, 1)
            assert get(address, "/search?q=x")[0] == 200
            assert get(address, file, Range="bytes=0-9")[0] == 206
            assert holder.poll() is None
            assert jobs_of(shelf, "栗雨老街") == []
            assert holder.stdin is not None
            holder.stdin.close()
            assert holder.wait(30) == 0
        patience = time.monotonic() + 60
        while ("again", queue.PRIORITY_INTERACTIVE) not in jobs_of(shelf, "栗雨老街") or not any(
            priority == queue.PRIORITY_INTERACTIVE for _, priority in jobs_of(shelf, "老戏")
        ):
            assert time.monotonic() < patience, "what the pages signalled was never written"
            time.sleep(0.1)


@pytest.mark.long
def test_no_get_writes_to_the_database(shelf: Library) -> None:
    app = create_app(shelf)
    client = app.test_client()
    client.get("/desk/enter", query_string={"key": DeskAuth(shelf.settings.signing_key()).create_login_token()})
    own_thread, written = threading.get_ident(), []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if threading.get_ident() == own_thread and statement.lstrip().upper().startswith(WRITES):
            written.append(statement)

    event.listen(shelf.database.engine, "before_cursor_execute", look)
    opened = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        for path in addresses(shelf, rule):
            response = client.get(path)
            assert response.status_code < 400, (path, response.status_code)
            response.close()
            assert not written, (path, written)
            opened.add(rule.rule)
    assert opened == {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    delivery_of(app).writer.join()
    assert jobs_of(shelf, "栗雨老街") == [("again", queue.PRIORITY_INTERACTIVE)]


def addresses(library: Library, rule: Rule) -> list[str]:
    """Addresses of a route that open: every record for a page of records, and what there is of the others."""
    client = create_app(library).test_client()
    playing, book = record_of(library, "春梢"), record_of(library, "柑橘栽培")
    assert book.original is not None
    hls = client.get(f"/api/v1/records/{playing.id}").get_json()["hls_url"]
    grant = hls.split("/")[2]
    epub_file = client.get(f"/api/v1/records/{record_of(library, '船歌').id}").get_json()["assets"][0]["url"]
    with library.database.reading() as session:
        records = [card.id for card in queries.list_newest(session, limit=50)]
        slug = queries.list_collections(session)[0].slug
        batch = repository.list_batches(session, 1)[0].id
    video = f"/video/{grant}/{playing.id}"
    known = {
        "/records/<record_id>": [f"/records/{record_id}" for record_id in records],
        "/api/v1/records/<record_id>": [f"/api/v1/records/{record_id}" for record_id in records],
        "/read/<record_id>": [f"/read/{book.id}", f"/read/{book.id}?text=1"],
        "/read/<record_id>/find": [f"/read/{book.id}/find?q=柑橘"],
        "/watch/<record_id>": [f"/watch/{playing.id}"],
        "/collections/<slug>": [f"/collections/{slug}"],
        "/covers/<record_id>.<form>": [f"/covers/{playing.id}.svg", f"/covers/{playing.id}.jpg"],
        "/files/<grant>/<asset_id>": [f"/files/{grant}/{asset.id}" for asset in playing.assets],
        "/files/<grant>/<asset_id>/opening": [f"{epub_file}/opening"],
        "/video/<grant>/<record_id>/master.m3u8": [hls],
        "/video/<grant>/<record_id>/<name>/index.m3u8": [f"{video}/source/index.m3u8"],
        "/video/<grant>/<record_id>/<name>/<segment>": [f"{video}/source/00000.ts"],
        "/video/<grant>/<record_id>/subtitles-<asset_id>/index.m3u8": [
            f"{video}/subtitles-{asset.id}/index.m3u8" for asset in playing.assets_of("subtitle")
        ],
        "/static/<path:filename>": ["/static/site.css"],
        "/desk/batches/<batch_id>": [f"/desk/batches/{batch}"],
        "/desk/batches/<batch_id>.xlsx": [f"/desk/batches/{batch}.xlsx"],
        "/desk/enter": ["/desk/enter?key=" + DeskAuth(library.settings.signing_key()).create_login_token()],
        "/desk/records/<record_id>": [f"/desk/records/{book.id}"],
        "/desk/originals/<asset_id>": [f"/desk/originals/{book.original.id}"],
        "/search": ["/search", "/search?q=柑橘"],
        "/api/v1/suggest": ["/api/v1/suggest?q=gj"],
    }
    return known.get(rule.rule, [rule.rule])


@pytest.mark.slow
def test_dropped_pictures_are_requested_once(shelf: Library) -> None:
    app = create_app(shelf)
    photo = record_of(shelf, "栗雨老街")
    for _ in range(3):
        assert app.test_client().get(f"/records/{photo.id}").status_code == 200
    delivery_of(app).writer.join()
    with shelf.database.reading() as session:
        assert derivatives.dropped_costs(session, photo.id) == {Cost.PICTURE}
    assert jobs_of(shelf, "栗雨老街") == [("again", queue.PRIORITY_INTERACTIVE)]
