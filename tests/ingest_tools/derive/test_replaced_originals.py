"""A file that is replaced while a job derives from it: nothing of the earlier file is stored with the newer one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest_tools.derive import ocr, regenerate_images
from ingest_tools.derive.ocr_order import Line
from ingest_tools.derive.ocr_page import OcrPage
from ingest_tools.derived_files import store_derived
from library_server.catalogue.enums import JobState
from library_server.cli.background_work import job_worker
from library_server.jobs import queue
from library_server.jobs.queue import JobView
from library_server.library import Library
from tests.factories.pictures import scene
from tests.support.libraries import ingest
from tests.support.records import load_only_record

Replace = Callable[[], None]


@pytest.fixture
def replace_file(library: Library, tmp_path: Path) -> Replace:
    """Ingest a photo of a page; return what ingests a newer version of it."""
    path = tmp_path / "盘" / "页.jpg"
    path.parent.mkdir()

    def put_photo(height: int) -> None:
        scene(1).resize((600, height)).save(path)
        ingest(library, path, kind="book", tasks=frozenset[str]())

    put_photo(400)
    return lambda: put_photo(300)


def run_job(library: Library, task: str) -> JobView:
    """Run a job of the only record; return how it stands then."""
    record_id = load_only_record(library).id
    with library.database.writing() as session:
        queue.enqueue(session, task, record_id)
    assert job_worker(library).run_one()
    with library.database.reading() as session:
        (job,) = queue.list_for_record(session, record_id)
    return job


@pytest.mark.slow
def test_the_text_of_an_earlier_version_is_not_stored(
    library: Library, replace_file: Replace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_pages(*_: Any) -> list[OcrPage]:
        replace_file()
        return [OcrPage(100, 100, False, (Line("旧的一页", 1.0, 0, 0, 100, 10),))]

    monkeypatch.setattr(ocr, "read_pages", read_pages)
    job = run_job(library, "ocr")
    assert job.state == JobState.QUEUED
    assert load_only_record(library).assets_of("text") == ()
    assert not list((library.settings.home / "scratch").glob("ocr-*"))


@pytest.mark.slow
def test_the_cover_of_an_earlier_version_is_not_stored(
    library: Library, replace_file: Replace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store_derived_late(*arguments: Any) -> Any:
        monkeypatch.setattr(regenerate_images, "store_derived", store_derived)
        replace_file()
        return store_derived(*arguments)

    monkeypatch.setattr(regenerate_images, "store_derived", store_derived_late)
    job = run_job(library, queue.REGENERATE_IMAGES)
    assert job.state == JobState.QUEUED
    cover = load_only_record(library).details.cover
    assert cover is not None
    assert cover.width == 2 * cover.height
