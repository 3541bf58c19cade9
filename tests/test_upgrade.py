"""A library that was filled in 2026-11, before the code was rearranged: it opens, serves, takes in again and verifies.

`data/home-2026-11-25.tar.xz` holds `home`, which that edition made of the files in `sources` with `tianyuan ingest`:
a book as EPUB, a text in GBK, a lecture with subtitles, a photo with its position, a story, and a list of three rows.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from PIL import ExifTags, Image

from library_server.app import create_app
from library_server.catalogue.dto import RecordView
from library_server.cli import main
from library_server.library import Library
from tests.support.libraries import ingest, open_library_at, run_jobs
from tests.support.records import records_by_title

ARCHIVE = Path(__file__).parent / "data" / "home-2026-11-25.tar.xz"
TITLES = {"稻田记", "柑橘栽培", "讲座", "Old ferry", "老渡口", "株洲县志", "内部通讯"}


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


@pytest.fixture
def upgraded(unpacked: Path) -> Library:
    return open_library_at(unpacked / "home")


def file_address(client: FlaskClient, view: RecordView) -> str | None:
    """Where the API says that the file for readers is."""
    record = client.get(f"/api/v1/records/{view.id}").json
    assert record
    urls: dict[str, str | None] = {asset["id"]: asset["url"] for asset in record["assets"]}
    return urls[view.downloadable_file.id] if view.downloadable_file else None


def test_it_opens_with_every_record_and_its_access(upgraded: Library) -> None:
    access = {title: str(view.access) for title, view in records_by_title(upgraded).items()}
    assert set(access) == TITLES
    assert {title: level for title, level in access.items() if level != "public"} == {
        "株洲县志": "premises", "内部通讯": "members"}  # fmt: skip


@pytest.mark.slow
def test_it_serves_pages_and_files(upgraded: Library, unpacked: Path) -> None:
    upgraded.indexer.catch_up()
    client: FlaskClient = create_app(upgraded).test_client()
    assert "稻田记" in client.get("/").text
    results = client.get("/api/v1/search?q=稻田").json
    assert results
    assert [item["title"] for item in results["items"]] == ["稻田记"]
    sources = {path.name: path.read_bytes() for path in (unpacked / "sources").rglob("*") if path.is_file()}
    opened: dict[str, bytes] = {}
    for title, view in records_by_title(upgraded).items():
        assert client.get(f"/records/{view.id}").status_code == 200, title
        if address := file_address(client, view):
            opened[title] = client.get(address).data
    assert opened == {
        "稻田记": sources["稻田记.epub"],
        "柑橘栽培": sources["柑橘栽培.txt"],
        "讲座": sources["讲座.mp4"],
        "老渡口": sources["渡口.md"],
    }


@pytest.mark.long
def test_the_public_copy_of_its_photo_tells_no_position(upgraded: Library) -> None:
    client: FlaskClient = create_app(upgraded).test_client()
    photo = records_by_title(upgraded)["Old ferry"]
    assert photo.original
    assert photo.original.librarians_only
    assert photo.downloadable_file is None
    run_jobs(upgraded)
    address = file_address(client, records_by_title(upgraded)["Old ferry"])
    assert address
    response = client.get(address)
    assert response.status_code == 200
    with Image.open(io.BytesIO(response.data)) as copy:
        assert copy.size == (640, 420)
        assert not copy.getexif().get_ifd(ExifTags.IFD.GPSInfo)


@pytest.mark.slow
def test_the_same_files_come_in_as_known(upgraded: Library, unpacked: Path) -> None:
    before = records_by_title(upgraded)
    report = ingest(upgraded, unpacked / "sources")
    assert (report.added, report.rejected) == (0, 0)
    assert {title: view.id for title, view in records_by_title(upgraded).items()} == {
        title: view.id for title, view in before.items()
    }


def test_its_objects_and_its_index_are_sound(unpacked: Path) -> None:
    environment = {"TIANYUAN_HOME": str(unpacked / "home")}
    scrub = CliRunner().invoke(main, ["storage", "scrub", "--json"], env=environment)
    assert scrub.exit_code == 0, scrub.output
    report = json.loads(scrub.stdout)
    assert (report["checked"], report["damaged"], report["missing"]) == (5, 0, 0)
    assert CliRunner().invoke(main, ["index", "rebuild", "--json"], env=environment).exit_code == 0
    verified = CliRunner().invoke(main, ["index", "verify", "--json"], env=environment)
    assert verified.exit_code == 0, verified.output
