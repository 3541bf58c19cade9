"""A photo that tells where it was taken: readers get a copy that does not, librarians the original."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from library_server.app import create_app
from library_server.catalogue.assets import derivatives
from library_server.catalogue.dto import AssetView, RecordView
from library_server.catalogue.records import commands, queries, revisions
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.delivery.context import delivery_of
from library_server.delivery.restrictions import STALE_SECONDS
from library_server.jobs import queue
from library_server.library import Library
from tests.factories import located_photos
from tests.factories.located_photos import app_exif, exif, jpeg, segment, video, xmp
from tests.factories.pictures import scene
from tests.support.libraries import ingest, open_library_at, run_jobs, settings_for
from tests.support.records import load_only_record
from tests.support.stores import content

GRANT = re.compile(r"/files/[^/\"]+/")


def copies(record: RecordView) -> list[AssetView]:
    return [asset for asset in record.assets if asset.label == "public"]


def grant_of(client: FlaskClient, record: RecordView) -> str:
    return delivery_of(client.application).grants.issue(record.id, record.access)


@pytest.fixture
def located_photo(library: Library, tmp_path: Path) -> RecordView:
    (tmp_path / "渡口.jpg").write_bytes(jpeg(app_exif(exif()), segment(0xFE, b"latitude 27.8250333")))
    assert ingest(library, tmp_path / "渡口.jpg").added == 1
    return load_only_record(library)


def test_ingest_keeps_the_original_and_makes_a_copy(located_photo: RecordView) -> None:
    assert located_photo.original is not None
    assert located_photo.original.librarians_only
    (copy,) = copies(located_photo)
    assert (copy.role, copy.media_type, copy.filename) == ("rendition", "image/jpeg", "渡口.jpg")
    assert not copy.librarians_only
    assert located_photo.downloadable_file == copy
    assert located_photo.details.gps is None


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.heic"])
def test_a_photo_without_a_location_stays_as_it_is(library: Library, tmp_path: Path, name: str) -> None:
    data = {"a.jpg": jpeg(app_exif(exif(gps=False))), "a.png": located_photos.png()}.get(name)
    (tmp_path / name).write_bytes(data or located_photos.heic(tmp_path, exif(gps=False)))
    ingest(library, tmp_path / name)
    record = load_only_record(library)
    assert record.original is not None
    assert not record.original.librarians_only
    assert record.downloadable_file == record.original
    assert copies(record) == []


@pytest.mark.parametrize(("store", "delivery"), [
    ("filesystem", "direct"), ("filesystem", "accel"), ("s3", "direct"), ("s3", "redirect"), ("s3", "accel"),
])  # fmt: skip
def test_no_grant_opens_the_original_by_any_way_of_delivery(
    store: str, delivery: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = settings_for(store, tmp_path / "home", request, delivery=delivery)
    library = open_library_at(settings.home, settings)
    (tmp_path / "a.jpg").write_bytes(jpeg(app_exif(exif(">"))))
    ingest(library, tmp_path / "a.jpg")
    record, client = load_only_record(library), create_app(library).test_client()
    assert record.original is not None
    (copy,) = copies(record)
    for grant in (grant_of(client, record), delivery_of(client.application).grants.issue(record.id, "members")):  # type: ignore[arg-type]
        for query in ("", "?download"):
            for method in ("GET", "HEAD"):
                response = client.open(f"/files/{grant}/{record.original.id}{query}", method=method)
                assert response.status_code == 403
                assert not {"X-Accel-Redirect", "Location", "ETag"} & set(response.headers.keys())
                assert not any(needle in response.data for needle in located_photos.needles())
        response = client.get(f"/files/{grant}/{record.original.id}", headers={"Range": "bytes=0-99"})
        assert response.status_code == 403
        response = client.get(f"/files/{grant}/{copy.id}")
        assert response.status_code in {200, 302}
        assert not any(needle in response.data for needle in located_photos.needles())
    library.database.engine.dispose()


def test_no_page_and_no_answer_gives_the_address_of_the_original(
    client: FlaskClient, located_photo: RecordView
) -> None:
    original, (copy,) = located_photo.original, copies(located_photo)
    assert original is not None
    page = client.get(f"/records/{located_photo.id}").text
    addresses = [page, client.get("/").text, client.get("/search").text, client.get("/shelves").text]
    assert not any(GRANT.search(text) and f"/{original.id}" in GRANT.sub("/granted/", text).replace(
        f"/desk/originals/{original.id}", "") for text in addresses)  # fmt: skip
    assert f"/{copy.id}?download" in page
    assert "去掉了拍摄地点" in page
    record_json = client.get(f"/api/v1/records/{located_photo.id}").get_json()
    urls = {asset["id"]: asset["url"] for asset in record_json["assets"]}
    assert urls[original.id] is None
    assert urls[copy.id]
    assert client.get(urls[copy.id]).status_code == 200
    assert "27.82" not in json.dumps(record_json)


def test_without_a_copy_there_is_the_picture_for_screens_alone(
    library: Library, client: FlaskClient, tmp_path: Path
) -> None:
    position = located_photos.rationals("<", located_photos.LATITUDE)
    (tmp_path / "a.jpg").write_bytes(jpeg(app_exif(exif()), segment(0xE2, b"ICC_PROFILE\0\1\1" + position)))
    ingest(library, tmp_path / "a.jpg")
    record = load_only_record(library)
    assert record.original is not None
    assert record.original.librarians_only
    assert (copies(record), record.downloadable_file) == ([], None)
    page = client.get(f"/records/{record.id}").text
    assert "?download" not in page
    assert "，可下载" not in page
    assert "原件里写着拍摄地点" in page
    assert client.get(re.findall(r'<img src="(/files/[^"]+)"', page)[0]).status_code == 200


def test_librarians_get_the_original_at_the_desk(
    library: Library, desk: FlaskClient, client: FlaskClient, tmp_path: Path
) -> None:
    path = tmp_path / "渡口.jpg"
    path.write_bytes(jpeg(app_exif(exif()), trailer=video()))
    batch = ingest(library, path).batch
    record = load_only_record(library)
    assert record.original is not None
    address = f"/desk/originals/{record.original.id}"
    assert client.get(address).status_code == 403
    assert client.get(address).data.find(located_photos.needles()[0]) < 0
    response = desk.get(address)
    assert (response.status_code, response.data) == (200, path.read_bytes())
    assert response.headers["Cache-Control"] == "no-store"
    assert "attachment" in response.headers["Content-Disposition"]
    assert desk.get(address, headers={"Range": "bytes=2-5"}).data == path.read_bytes()[2:6]
    assert desk.get(f"/desk/originals/{copies(record)[0].id}").status_code == 404
    assert desk.get("/desk/originals/0000000000000000").status_code == 404
    assert address in desk.get(f"/desk/batches/{batch}").text


@pytest.mark.slow
def test_an_earlier_version_that_cannot_be_read_is_for_librarians_and_stops_nothing(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "渡口.jpg"
    path.write_bytes(jpeg(app_exif(exif(gps=False))))
    ingest(library, path)
    earlier = load_only_record(library).original
    path.write_bytes(jpeg(app_exif(exif()), segment(0xFE, b"a newer scan")))
    ingest(library, path)
    assert earlier is not None
    library.store.put_bytes(earlier.key, b"no picture")
    with library.database.writing() as session:
        queue.enqueue(session, "again", load_only_record(library).id, versions=True)
    run_jobs(library)
    record = load_only_record(library)
    assert record.earlier[0].librarians_only
    assert len(copies(record)) == 1


@pytest.mark.slow
def test_earlier_versions_are_restricted_too(library: Library, client: FlaskClient, tmp_path: Path) -> None:
    path = tmp_path / "渡口.jpg"
    path.write_bytes(jpeg(app_exif(exif())))
    ingest(library, path)
    earlier = load_only_record(library).original
    path.write_bytes(jpeg(app_exif(exif(gps=False)), segment(0xFE, b"a newer scan")))
    second = ingest(library, path).batch
    record = load_only_record(library)
    assert earlier is not None
    assert record.original is not None
    assert [asset.id for asset in record.earlier] == [earlier.id]
    assert record.earlier[0].librarians_only
    assert (record.original.librarians_only, copies(record)) == (False, [])
    page = client.get(f"/records/{record.id}").text
    assert "别的版本" in page
    assert f"/{earlier.id}" not in page
    record_json = client.get(f"/api/v1/records/{record.id}").get_json()
    assert {asset["id"]: asset["url"] for asset in record_json["assets"]}[earlier.id] is None
    refused = client.get(f"/files/{grant_of(client, record)}/{earlier.id}")
    assert refused.status_code == 403
    assert refused.text == "这份原件只给馆员。 This original is for librarians only.\n"
    with library.database.writing() as session:
        revisions.revert_changes(session, second, Actor("test"))
    assert load_only_record(library).downloadable_file is None  # it is made when somebody opens the record
    client.get(f"/records/{record.id}")
    run_jobs(library)
    back = load_only_record(library)
    assert back.original is not None
    assert back.original.id == earlier.id
    (copy,) = copies(back)
    stored = content(library.store, copy.key)
    assert not any(needle in stored for needle in located_photos.needles())


@pytest.mark.slow
def test_a_version_that_comes_back_brings_its_copy_back(library: Library, client: FlaskClient, tmp_path: Path) -> None:
    path, first = tmp_path / "渡口.jpg", jpeg(app_exif(exif()))
    for data in (first, jpeg(app_exif(exif(">")), segment(0xFE, b"2")), first):
        path.write_bytes(data)
        ingest(library, path)
    client.get(f"/records/{load_only_record(library).id}")
    run_jobs(library)
    record = load_only_record(library)
    (copy,) = copies(record)
    data = client.get(f"/files/{grant_of(client, record)}/{copy.id}").data
    assert len(data) == len(first)
    assert not any(needle in data for needle in located_photos.needles())


@pytest.mark.slow
def test_merged_photos_keep_their_restriction(library: Library, client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(app_exif(exif())))
    scene(3).save(tmp_path / "b.jpg")
    ingest(library, tmp_path / "a.jpg", tmp_path / "b.jpg")
    with library.database.reading() as session:
        records = [queries.find_record(session, record_id) for record_id in queries.published_ids(session, "", 10)]
    gone_record, kept_record = sorted((record for record in records if record), key=lambda record: not copies(record))
    assert gone_record.original is not None
    with library.database.writing() as session:
        merging.merge(session, kept_record.id, gone_record.id, Actor("test"))
    grants = delivery_of(client.application).grants
    delivery_of(client.application)._assets.clear()
    assert client.get(f"/files/{grants.issue(kept_record.id)}/{gone_record.original.id}").status_code == 403
    assert f"/{gone_record.original.id}" not in client.get(f"/records/{kept_record.id}").text


@pytest.mark.slow
def test_a_running_server_obeys_a_restriction_that_is_set_later(
    library: Library, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    ingest(library, tmp_path / "a.jpg")
    record = load_only_record(library)
    assert record.original is not None
    address = f"/files/{grant_of(client, record)}/{record.original.id}"
    assert client.get(address).status_code == 200
    with library.database.writing() as session:
        commands.set_librarians_only(session, record.original.id, True)
    later = time.monotonic() + STALE_SECONDS
    monkeypatch.setattr("library_server.delivery.restrictions.time.monotonic", lambda: later)
    assert client.get(address).status_code == 403


@pytest.mark.slow
def test_a_dropped_copy_is_made_again_with_the_pictures(library: Library, client: FlaskClient,
                                                        located_photo: RecordView) -> None:  # fmt: skip
    (copy,) = copies(located_photo)
    with library.database.writing() as session:
        derivatives.mark_dropped(session, [copy.id])
        assert derivatives.dropped_costs(session, located_photo.id) == {derivatives.Cost.PICTURE}
    library.store.delete(copy.key)
    assert "?download" not in client.get(f"/records/{located_photo.id}").text
    run_jobs(library)
    assert [(asset.id, asset.filename) for asset in copies(load_only_record(library))] == [(copy.id, "渡口.jpg")]
    assert client.get(f"/files/{grant_of(client, located_photo)}/{copy.id}").status_code == 200


def test_small_pictures_keep_no_metadata_of_their_source(library: Library, tmp_path: Path) -> None:
    data = jpeg(app_exif(exif(thumbnail=jpeg())), located_photos.app_xmp(xmp()), segment(0xFE, b"a comment 27.8250333"))
    (tmp_path / "a.jpg").write_bytes(data)
    ingest(library, tmp_path / "a.jpg")
    sizes = [
        asset for asset in load_only_record(library).assets if asset.role != "original" and asset.label != "public"
    ]
    assert {asset.label for asset in sizes} == {"1600.webp", "480.jpg", "240.webp"}
    words = [b"Exif", b"GPS", b"xmp", b"a comment", b"Tianyuan", *located_photos.needles()]
    for asset in sizes:
        with library.store.open(asset.key) as reading:
            body = reading.read()
        assert [word for word in words if word in body] == []
