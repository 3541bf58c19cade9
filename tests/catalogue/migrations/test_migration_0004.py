"""Photos of a library that was made before originals could be for librarians only."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from flask.testing import FlaskClient
from sqlalchemy import text

from library_server.app import create_app
from library_server.catalogue.dto import RecordView
from library_server.catalogue.migrations import make_configuration, migrate
from library_server.catalogue.records import queries
from library_server.library import Library
from tests.factories import located_photos
from tests.factories.pictures import scene
from tests.support.libraries import ingest, open_library_at, run_jobs


def downgrade_to_0003(library: Library) -> None:
    """Take a library back to schema 0003, without what later versions add to photos."""
    config = make_configuration()
    with library.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM assets WHERE label = 'public'"))
        connection.execute(text("DELETE FROM jobs"))
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        assert "librarians_only" not in str(connection.execute(text("SELECT * FROM assets")).keys())


def records_by_filename(library: Library) -> dict[str, RecordView]:
    with library.database.reading() as session:
        views = [queries.find_record(session, record_id) for record_id in queries.published_ids(session, "", 10)]
    return {view.original.filename: view for view in views if view and view.original and view.original.filename}


@pytest.fixture
def old(tmp_path: Path) -> Library:
    library = open_library_at(tmp_path / "home")
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "gps.jpg").write_bytes(located_photos.jpeg(located_photos.app_exif(located_photos.exif())))
    scene(1).save(folder / "xmp.jpg", xmp=located_photos.xmp())
    scene(2).save(folder / "plain.jpg")
    (folder / "story.md").write_text("# 老街\n\n从前有一条街。\n", "utf-8")
    assert ingest(library, folder).added == 4
    downgrade_to_0003(library)
    return library


@pytest.mark.slow
def test_originals_with_a_known_location_are_restricted_at_once_and_copied_by_the_worker(old: Library) -> None:
    migrate(old.database.engine)
    before = records_by_filename(old)
    assert {name: view.original.librarians_only for name, view in before.items() if view.original} == {
        "gps.jpg": True, "xmp.jpg": False, "plain.jpg": False, "story.md": False}  # fmt: skip
    assert before["gps.jpg"].downloadable_file is None
    client: FlaskClient = create_app(old).test_client()
    assert client.get(f"/records/{before['gps.jpg'].id}").status_code == 200
    with old.database.reading() as session:
        jobs = session.execute(text("SELECT task, record_id, state FROM jobs ORDER BY priority DESC")).all()
    assert [job.task for job in jobs] == ["again"] * 3
    assert jobs[0].record_id == before["gps.jpg"].id
    run_jobs(old)
    after = records_by_filename(old)
    assert {name: view.original.librarians_only for name, view in after.items() if view.original} == {
        "gps.jpg": True, "xmp.jpg": True, "plain.jpg": False, "story.md": False}  # fmt: skip
    for name in ("gps.jpg", "xmp.jpg"):
        copy = after[name].downloadable_file
        assert copy is not None
        with old.store.open(copy.key) as reading:
            body = reading.read()
        assert not any(needle in body for needle in located_photos.needles())
    assert len(after["plain.jpg"].assets) == len(before["plain.jpg"].assets)
