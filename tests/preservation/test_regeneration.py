"""Derived files that were lost from the disk come back from the originals, and sidecars from their source."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from library_server.app import create_app
from library_server.catalogue.assets import derivatives
from library_server.catalogue.dto import RecordDraft, RecordView
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands, queries
from library_server.catalogue.records.commands import NewAsset
from library_server.cli import main
from library_server.cli.background_work import work_until_done
from library_server.jobs.regeneration import tasks_for_dropped
from library_server.library import Library
from tests.factories.pictures import film, scene
from tests.support.libraries import ingest

SRT = "1\n00:00:00,000 --> 00:00:01,000\n船来了\n"


def sweep(library: Library, *words: str) -> tuple[int, dict[str, int]]:
    environment = {"TIANYUAN_HOME": str(library.settings.home)}
    result = CliRunner().invoke(main, ["storage", "sweep", "--json", *words], env=environment)
    return result.exit_code, json.loads(result.stdout)


def sources(folder: Path) -> Path:
    folder.mkdir()
    (folder / "渡口.md").write_text("# 渡口\n\n从前有一条船。\n", "utf-8")
    (folder / "柑橘.txt").write_text("第一章 选地\n\n坡向要朝南。\n" * 50, "utf-8")
    scene(1).save(folder / "老街.jpg")
    film(folder / "讲座.mp4", seconds=2)
    (folder / "讲座.srt").write_text(SRT, "utf-8")
    return folder


def record_of(library: Library, title: str) -> RecordView:
    with library.database.reading() as session:
        records = [queries.find_record(session, record_id) for record_id in queries.published_ids(session, "", 100)]
    (record,) = [record for record in records if record and record.title == title]
    return record


def page_of(library: Library, title: str, address: str) -> tuple[int, str]:
    response = create_app(library).test_client().get(address.format(record_of(library, title).id))
    return response.status_code, response.text


@pytest.mark.long
def test_lost_derived_files_come_back(library: Library, tmp_path: Path) -> None:
    folder = sources(tmp_path / "盘")
    assert ingest(library, folder).rejected == 0
    work_until_done(library)
    before = sweep(library)[1]
    shutil.rmtree(library.settings.objects_folder / "derivatives")
    code, values = sweep(library)
    assert code == 3
    lost = values["missing"]
    assert lost > 5
    code, values = sweep(library, "--regenerate")
    assert (code, values["regenerating"]) == (3, lost)
    work_until_done(library)
    code, values = sweep(library)
    assert (code, values["missing"]) == (0, 0)
    assert "从前有一条船" in page_of(library, "渡口", "/read/{}")[1]
    assert "坡向要朝南" in page_of(library, "柑橘", "/read/{}")[1]
    assert page_of(library, "讲座", "/watch/{}")[0] == 200
    report = ingest(library, folder)  # the subtitle is in its source only
    assert (report.added, report.rejected) == (0, 0)
    record = record_of(library, "讲座")
    assert len(record.assets_of("subtitle")) == 1
    assert len(record.assets_of("text")) == 1
    work_until_done(library)
    assert sweep(library)[1]["objects"] == before["objects"]


def test_a_dropped_copy_with_recognised_text_is_made_by_ocr(library: Library) -> None:
    with library.database.writing() as session:
        record_id = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="扫描的书"))
        copy = NewAsset("rendition", "application/pdf", 9, "a" * 64, f"derivatives/{record_id}/ocr.pdf", label="ocr")
        commands.add_assets(session, [(record_id, copy)])
        session.flush()
        record = queries.find_record(session, record_id)
        assert record
        derivatives.mark_dropped(session, [asset.id for asset in record.assets_of("rendition")])
        costs = derivatives.dropped_costs(session, record_id)
        assert tasks_for_dropped(session, record_id, frozenset(costs)) == ["ocr"]
        assert tasks_for_dropped(session, record_id, frozenset({derivatives.Cost.PICTURE})) == []
