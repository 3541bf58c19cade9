"""Derived files are a cache with a budget: dropped least lately used first, made again when asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from library_server.app import create_app
from library_server.catalogue.assets import derivatives
from library_server.catalogue.assets.derivatives import Cost
from library_server.catalogue.assets.objects import named_objects
from library_server.catalogue.dto import RecordView
from library_server.catalogue.records import commands, queries
from library_server.cli import main
from library_server.cli.background_work import job_worker
from library_server.delivery.context import delivery_of
from library_server.delivery.usage_tracker import NOTED_AGAIN, UsageTracker
from library_server.jobs import queue as jobs
from library_server.library import Library
from library_server.preservation.eviction import budget_of, evict, is_over_all
from library_server.settings import Settings, read_settings
from library_server.web.background_writer import BackgroundWriter
from storage_config.errors import StorageFull
from storage_config.fixity.verification import Condition
from storage_config.keys import derivative_key
from tests.support.libraries import ingest, open_library_at, run_jobs, sweep_report

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def photos(library: Library, tmp_path: Path) -> Library:
    """Three photos, each with its small sizes."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.effect_noise((1600, 1200), 40 + number).convert("RGB").save(folder / f"老街{number}.jpg", quality=85)
    assert ingest(library, folder).added == 3
    return library


def records(library: Library) -> list[RecordView]:
    with library.database.reading() as session:
        views = [queries.find_record(session, card.id) for card in queries.list_newest(session, kinds=[], limit=50)]
    return sorted((view for view in views if view), key=lambda view: view.title)


def derived_bytes(library: Library) -> int:
    with library.database.reading() as session:
        return derivatives.stored_bytes(session)


@pytest.mark.slow
def test_under_the_budget_nothing_is_dropped(photos: Library) -> None:
    before = derived_bytes(photos)
    assert evict(photos.database, photos.store, before, now=LATER).freed == 0
    assert derived_bytes(photos) == before > 0


@pytest.mark.slow
def test_the_least_recently_used_files_are_dropped_first_and_made_again_on_demand(photos: Library) -> None:
    first, second, third = records(photos)
    with photos.database.writing() as session:
        for record, hour in ((first, 3), (second, 1), (third, 2)):
            derivatives.note_used(
                session, [asset.id for asset in record.assets], datetime(2026, 1, 1, hour, tzinfo=UTC)
            )
    of_other = sum(asset.size for asset in second.assets if asset.role != "original")
    before = derived_bytes(photos)
    report = evict(photos.database, photos.store, before - of_other // 2, now=LATER)
    assert report.over == 0
    assert report.pictures >= of_other // 2
    left = {record.title: len(record.assets) for record in records(photos)}
    assert left[second.title] < len(second.assets)
    assert left[first.title] == len(first.assets)
    assert sweep_report(photos).missing == sweep_report(photos).unnamed == 0  # dropped objects do not count as missing

    app = create_app(photos)
    assert app.test_client().get(f"/records/{second.id}").status_code == 200  # a reader opens the record
    assert delivery_of(app).writer.join()
    worker = job_worker(photos)
    assert worker.run_one()
    again = next(record for record in records(photos) if record.id == second.id)
    assert {asset.id for asset in again.assets} == {asset.id for asset in second.assets}
    for asset in again.assets:
        with photos.store.open(asset.key) as reading:
            assert len(reading.read()) == asset.size
    assert not worker.run_one()


@pytest.mark.slow
def test_what_is_in_use_or_cannot_be_made_again_stays(photos: Library, tmp_path: Path) -> None:
    report = evict(photos.database, photos.store, 0)  # every file was made within the last two hours
    assert report.freed == 0
    assert report.over == report.used
    with photos.database.writing() as session:  # nothing can be made from a damaged original
        for named in named_objects(photos.database, "originals/"):
            set_condition(session, named.asset_id, Condition.DAMAGED)
    assert evict(photos.database, photos.store, 0, now=LATER).freed == 0


def set_condition(session: object, asset_id: str, condition: Condition) -> None:
    from sqlalchemy import update
    from sqlalchemy.orm import Session

    from library_server.catalogue.models import Asset

    assert isinstance(session, Session)
    session.execute(update(Asset).where(Asset.id == asset_id).values(condition=condition))


def test_pictures_that_came_with_the_original_are_kept(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "story"
    folder.mkdir()
    (folder / "老秤铺.md").write_text("# 老秤铺\n\n从前有一家秤铺。\n" * 20, encoding="utf-8")
    Image.effect_noise((900, 700), 50).convert("RGB").save(folder / "老秤铺.jpg")
    ingest(library, folder)
    assert derived_bytes(library) > 0
    assert evict(library.database, library.store, 0, now=LATER).freed == 0


@pytest.mark.slow
def test_remuxed_video_goes_before_pictures_and_pictures_before_encoded_video(photos: Library) -> None:
    record = records(photos)[0]
    key = derivative_key(record.id, "film.mp4")
    photos.store.put_bytes(key, b"x" * 5000)
    with photos.database.writing() as session:
        new = commands.NewAsset("rendition", "video/mp4", 5000, "0" * 64, key, label="720p")
        commands.add_asset(session, record.id, new)
    pictures = derived_bytes(photos) - 5000
    requested_sizes: list[int] = []

    def shrink(size: int) -> int:
        requested_sizes.append(size)
        return size

    only_remuxed = evict(photos.database, photos.store, pictures + 5000, remuxed=1_000_000, shrink=shrink, now=LATER)
    assert requested_sizes
    assert (only_remuxed.remuxed, only_remuxed.pictures, only_remuxed.encoded) == (requested_sizes[0], 0, 0)
    assert requested_sizes[0] >= 1_000_000
    without_film = evict(photos.database, photos.store, 6000, now=LATER)
    assert without_film.pictures == pictures
    assert without_film.encoded == 0
    assert evict(photos.database, photos.store, 100, now=LATER).encoded == 5000
    with photos.database.reading() as session:
        assert derivatives.dropped_costs(session, record.id) == {Cost.PICTURE, Cost.ENCODED}


@pytest.mark.slow
def test_uses_are_noted_once_an_hour_and_written_together(photos: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(photos)
    client = app.test_client()
    record = records(photos)[0]
    uses = delivery_of(app).uses
    for asset in client.get(f"/api/v1/records/{record.id}").json["assets"]:  # type: ignore[index]
        assert client.get(asset["url"]).status_code == 200
    uses.write()
    assert delivery_of(app).writer.join()
    with photos.database.reading() as session:
        assert derivatives.find_droppable(session, Cost.PICTURE, datetime.now(UTC) - timedelta(minutes=5), 100) == []
    written: list[str] = []
    monkeypatch.setattr(derivatives, "note_used", lambda _session, ids, _at: written.extend(ids))
    writer = BackgroundWriter(photos.database)
    fresh = UsageTracker(writer)
    clock = [100_000.0]
    monkeypatch.setattr("library_server.delivery.usage_tracker.time.monotonic", lambda: clock[0])
    fresh.record("a")
    fresh.record("a")
    assert writer.join()
    assert written == ["a"]
    clock[0] += NOTED_AGAIN
    fresh.record("a")
    assert writer.join()
    assert written == ["a", "a"]


def test_the_budget_is_bytes_or_a_share_of_the_disk(tmp_path: Path) -> None:
    assert budget_of(Settings(home=tmp_path, derivatives_budget="5GB")) == 5_000_000_000
    assert budget_of(Settings(home=tmp_path, derivatives_budget="10%")) > 0
    with pytest.raises(ValueError, match="unit"):
        Settings(home=tmp_path, derivatives_budget="5G")


@pytest.mark.slow
def test_a_share_of_this_disk_says_nothing_of_what_lies_on_an_s3_server(photos: Library, tmp_path: Path) -> None:
    s3 = {"home": tmp_path, "storage": "s3", "s3_endpoint": "s3:9000", "s3_access_key": "a", "s3_secret_key": "b"}
    assert not is_over_all(Settings(**s3, derivatives_budget="40%"))  # type: ignore[arg-type]
    assert is_over_all(Settings(**s3, derivatives_budget="500GB"))  # type: ignore[arg-type]
    assert is_over_all(Settings(home=tmp_path, derivatives_budget="40%"))
    before = derived_bytes(photos)
    report = evict(photos.database, photos.store, 10, remuxed=500, shrink=lambda size: size, stored=False, now=LATER)
    assert (report.used, report.pictures, report.over) == (500, 0, 0)
    assert derived_bytes(photos) == before


@pytest.mark.slow
def test_trim_by_command_says_when_it_is_still_over(photos: Library) -> None:
    environment = {"TIANYUAN_HOME": str(photos.settings.home), "TIANYUAN_DERIVATIVES_BUDGET": "10"}
    result = CliRunner().invoke(main, ["storage", "trim", "--json"], env=environment)
    assert result.exit_code == 3
    assert json.loads(result.stdout)["over"] > 0
    environment["TIANYUAN_DERIVATIVES_BUDGET"] = "50%"
    assert CliRunner().invoke(main, ["storage", "trim", "--json"], env=environment).exit_code == 0


@pytest.mark.slow
def test_a_low_disk_stops_ingest_and_not_the_readers(photos: Library, tmp_path: Path) -> None:
    low = open_library_at(photos.settings.home, read_settings(home=str(photos.settings.home), disk_reserve="100%"))
    source = tmp_path / "more"
    source.mkdir()
    (source / "一页.txt").write_text("新来的一页。" * 50, encoding="utf-8")
    with pytest.raises(StorageFull, match="disk reserve reached"):
        ingest(low, source)
    client = create_app(low).test_client()
    for record in records(low):
        assert client.get(f"/records/{record.id}").status_code == 200
    assert ingest(photos, source).added == 1
    low.database.engine.dispose()


ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size={size} tmpfs {home}
code=0; {python} -m library_server.cli ingest --json {source} > {out}/first.json 2> {out}/first.err || code=$?
echo $code > {out}/first
{python} -m library_server.cli storage sweep --json > {out}/sweep.json 2>/dev/null || true
mount -o remount,size=200m {home}
{python} -m library_server.cli ingest --json {source} > {out}/second.json 2> {out}/second.err
echo 0 > {out}/second
{python} -m library_server.cli storage scrub --json > {out}/scrub.json 2>/dev/null
"""


@pytest.mark.long
def test_a_disk_that_is_full_amid_ingest_loses_nothing_and_the_same_command_goes_on(tmp_path: Path) -> None:
    """On a small file system of its own, where it is really full."""
    home, source, out = tmp_path / "home", tmp_path / "source", tmp_path / "out"
    for folder in (home, source, out):
        folder.mkdir()
    for number in range(12):
        (source / f"录音{number:02}.txt").write_bytes("字".encode() * 300_000 + b"%d" % number)
    script = ON_A_SMALL_DISK.format(size="6m", home=home, source=source, out=out, python=sys.executable)
    environment = {**os.environ, "TIANYUAN_HOME": str(home), "TIANYUAN_DISK_RESERVE": "0"}
    inside = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c", script]
    result = subprocess.run(inside, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert (out / "first").read_text().strip() == "1"
    assert "磁盘满了" in (out / "first.err").read_text()
    assert json.loads((out / "sweep.json").read_text())["missing"] == 0
    assert (out / "second").read_text().strip() == "0", (out / "second.err").read_text()
    second = json.loads((out / "second.json").read_text())
    assert second["added"] + second["unchanged"] == 12
    scrub = json.loads((out / "scrub.json").read_text())
    assert (scrub["checked"], scrub["damaged"], scrub["missing"]) == (12, 0, 0)


@pytest.mark.slow
def test_dropped_pictures_of_an_earlier_edition_are_forgotten(photos: Library) -> None:
    record = records(photos)[0]
    with photos.database.writing() as session:
        asset = commands.add_asset(
            session, record.id, commands.NewAsset("cover", "image/webp", 1, "0" * 64, "k", label="480.webp")
        )
        derivatives.mark_dropped(session, [asset])
        jobs.enqueue(session, "again", record.id)
    run_jobs(photos)
    with photos.database.reading() as session:
        assert derivatives.dropped_costs(session, record.id) == set()
