"""The same journeys where the bytes live on an S3 server, in each way of delivery, nginx in front for one."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from library_server.app import create_app
from library_server.catalogue.dto import AssetView, RecordView
from library_server.catalogue.enums import Access
from library_server.catalogue.records import queries
from library_server.delivery.grants import Grants
from library_server.library import Library
from library_server.settings import read_settings
from storage_config.s3.buckets import check_buckets
from tests.journeys.test_readers import (
    page,
    test_find_a_book_by_two_characters_and_read_its_second_chapter,
    test_look_at_a_photo,
    test_turn_the_pages_of_a_pdf_and_come_back,
    test_watch_leave_and_come_back_to_the_same_second,
)
from tests.support.libraries import ingest, open_library_at
from tests.support.servers.nginx import nginx
from tests.support.servers.s3_server import S3Server
from tests.support.servers.serving import serving

__all__ = [
    "page",
    "test_find_a_book_by_two_characters_and_read_its_second_chapter",
    "test_look_at_a_photo",
    "test_turn_the_pages_of_a_pdf_and_come_back",
    "test_watch_leave_and_come_back_to_the_same_second",
]
PREFIX = "journeys"


@pytest.fixture(scope="module")
def on_s3(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server, sample_folder: Path) -> Iterator[Library]:
    """A library whose originals and derived assets are on an S3 server, with the whole sample in it."""
    home = tmp_path_factory.mktemp("on_s3") / "home"
    settings = s3_server.home(home, s3_bucket_prefix=PREFIX)
    check_buckets(settings, fix=True)
    opened = open_library_at(home, settings)
    report = ingest(opened, sample_folder)
    assert report.rejected == 0, report.rejections
    opened.indexer.catch_up()
    yield opened
    opened.database.engine.dispose()


BY_OTHER_SERVERS = [pytest.param(delivery, marks=pytest.mark.long) for delivery in ("redirect", "accel")]


@pytest.fixture(scope="module", params=["direct", *BY_OTHER_SERVERS])
def delivery(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(
    delivery: str, on_s3: Library, s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    home = on_s3.settings.home
    proxies = 1 if delivery == "accel" else 0
    s3_server.home(home, s3_bucket_prefix=PREFIX, delivery=delivery, proxies=proxies)
    with ExitStack() as running:
        address, _ = running.enter_context(serving(home, "--workers", "1"))
        if delivery == "accel":
            folder = tmp_path_factory.mktemp("nginx")
            app = urlsplit(address).netloc
            address = running.enter_context(nginx(folder, home, app, s3_server.endpoint))
        yield address


@pytest.fixture
def sample(server: str, on_s3: Library) -> FlaskClient:
    return create_app(open_library_at(on_s3.settings.home, read_settings(home=on_s3.settings.home))).test_client()


def records(library: Library) -> list[RecordView]:
    with library.database.reading() as session:
        views = [queries.find_record(session, card.id) for card in queries.list_newest(session, limit=100)]
    return [view for view in views if view is not None]


def address_of(server: str, library: Library, asset: AssetView) -> str:
    grant = Grants(library.settings.signing_key()).issue(asset.record_id, Access.PUBLIC)
    return urljoin(server, f"/files/{grant}/{asset.id}")


def get(address: str, method: str = "GET", **headers: str) -> tuple[int, Any, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers, method=method)) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.long
def test_every_asset_is_given_whole_and_in_ranges(server: str, on_s3: Library, delivery: str) -> None:
    assets = 0
    for record in records(on_s3):
        for asset in record.assets:
            address = address_of(server, on_s3, asset)
            if asset.librarians_only:
                assert get(address)[0] == 403
                continue
            with on_s3.store.open(asset.key) as stored:
                data = stored.read()
            status, headers, body = get(address)
            assert (status, body) == (200, data), asset
            assert headers["Content-Type"].startswith(asset.media_type)
            middle = len(data) // 2
            status, headers, body = get(address, Range=f"bytes={middle}-{middle + 99}")
            assert (status, body) == (206, data[middle : middle + 100])
            assert headers["Content-Range"] == f"bytes {middle}-{min(middle + 99, len(data) - 1)}/{len(data)}"
            if delivery != "redirect":
                assert headers["X-Content-Type-Options"] == "nosniff"
            assert get(address, Range=f"bytes={len(data)}-")[0] == 416
            status, headers, body = get(address, "HEAD")
            assert (status, body, int(headers["Content-Length"])) == (200, b"", len(data))
            assets += 1
    assert assets > 100


def test_an_asset_that_is_known_is_not_sent_again_and_a_download_has_its_name(server: str, on_s3: Library) -> None:
    record = next(view for view in records(on_s3) if view.original)
    assert record.original
    address = address_of(server, on_s3, record.original)
    etag = get(address)[1]["ETag"]
    assert get(address, **{"If-None-Match": etag})[0] == 304
    status, headers, _ = get(f"{address}?download")
    assert status == 200
    assert headers["Content-Disposition"].startswith("attachment")


def test_a_film_streams(server: str, on_s3: Library) -> None:
    film = next(view for view in records(on_s3) if view.kind == "lecture" and view.details.plays)
    described = json.loads(get(urljoin(server, f"/api/v1/records/{film.id}"))[2])
    address = urljoin(server, described["hls_url"])
    command = ["ffmpeg", "-v", "error", "-i", address, "-t", "3", "-f", "null", "-"]
    result = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def test_an_object_that_is_gone_is_not_found(server: str, on_s3: Library, delivery: str) -> None:
    record = next(view for view in records(on_s3) if view.kind == "photo")
    assert record.original
    with on_s3.store.open(record.original.key) as stored:
        body = stored.read()
    address = f"{address_of(server, on_s3, record.original)}?download"
    assert get(address)[0] == 200
    on_s3.store.delete(record.original.key)
    try:
        assert get(address)[0] == (200 if delivery == "accel" else 404)  # nginx has kept its slices
    finally:
        (on_s3.settings.home / "kept").write_bytes(body)
        on_s3.store.put_original(on_s3.settings.home / "kept")


def test_nginx_slows_down_whoever_asks_too_much(server: str, delivery: str) -> None:
    answers = [get(urljoin(server, "/healthz"))[0] for _ in range(400)]
    assert answers[0] == 200
    assert (429 in answers) == (delivery == "accel")
