"""Scrub: every check is written down, damage is found and mended, and it may be stopped at any time."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from library_server.catalogue.assets import fixity
from library_server.catalogue.assets.objects import NamedObject, named_objects, objects_of
from library_server.cli import main
from library_server.library import Library
from library_server.preservation.scrubbing import Report, Scrub
from library_server.preservation.store_copy import StoreCopy
from library_server.translations.rendering import translate
from storage_config.errors import StorageUnreachable
from storage_config.fixity.throttling import RateLimiter
from storage_config.fixity.verification import CHUNK, Condition, fetch
from storage_config.keys import damaged_key
from storage_config.stores.base import ObjectStore
from storage_config.stores.factory import open_location
from tests.factories.stories import STORIES, stories
from tests.support.libraries import ingest, open_library_at, settings_for
from tests.support.power_cuts import run_killed_when
from tests.support.servers.s3_server import S3Server


def named_originals(library: Library) -> list[NamedObject]:
    return list(named_objects(library.database, "originals/"))


def run_scrub(library: Library, *, replica: bool = False, budget: float | None = None) -> Report:
    second = open_location(library.settings, library.settings.replica or "") if replica else None
    return Scrub(library.database, library.store, library.settings.home / "scratch", replica=second).run(budget)


def put(store: ObjectStore, key: str, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(data)
    store.put_file(key, Path(file.name))


def flip_byte(library: Library, damaged: NamedObject) -> None:
    """Change one byte of a stored object."""
    with library.store.open(damaged.key) as reading:
        data = bytearray(reading.read())
    data[len(data) // 2] ^= 1
    put(library.store, damaged.key, bytes(data))


def fixity_status(library: Library) -> fixity.FixityStatus:
    with library.database.reading() as session:
        return fixity.fixity_status(session)


def copy_to_replica(library: Library) -> None:
    target = open_location(library.settings, library.settings.replica or "")
    moved = StoreCopy(objects_of(library.database), library.store, target, library.settings.home / "scratch").run()
    assert moved.lacking == 0


def test_a_sound_library_is_all_checked_and_written_down(story_library: Library) -> None:
    report = run_scrub(story_library)
    assert (report.checked, report.damaged, report.missing, report.remaining) == (STORIES, 0, 0, 0)
    assert report.unnamed == 0
    assert report.bytes == sum(original.size for original in named_originals(story_library))
    with story_library.database.reading() as session:
        events = fixity.list_events(session, named_originals(story_library)[0].asset_id)
    assert [(event.type, event.outcome) for event in events] == [("fixity check", "pass")]
    assert "tianyuan" in events[0].agent
    assert run_scrub(story_library).checked == STORIES  # this is a new pass


def test_flipped_cut_and_deleted_objects_are_found_and_mended_from_the_second_store(story_library: Library) -> None:
    copy_to_replica(story_library)
    turned, cut, gone, *_ = named_originals(story_library)
    flip_byte(story_library, turned)
    put(story_library.store, cut.key, b"cut")
    story_library.store.delete(gone.key)

    report = run_scrub(story_library)
    assert (report.damaged, report.missing, report.mended) == (2, 1, 0)
    now = fixity_status(story_library)
    assert (now.damaged, now.missing) == (2, 1)
    with story_library.database.reading() as session:
        by_key = {original.key: original for original in fixity.damaged_originals(session)}
    assert by_key[turned.key].condition == Condition.DAMAGED
    assert translate(by_key[cut.key].detail, str).startswith("长度 3 字节，应是 ")
    assert by_key[gone.key].condition == Condition.MISSING
    assert by_key[gone.key].filename

    mended = run_scrub(story_library, replica=True)
    assert mended.mended == 3
    for mended_original in (turned, cut, gone):
        fetch(story_library.store, mended_original, story_library.settings.home / "read")
    assert (fixity_status(story_library).damaged, fixity_status(story_library).missing) == (0, 0)
    assert (
        story_library.store.head_object(damaged_key(turned.sha256)).size == turned.size
    )  # the damaged bytes are kept for inspection
    with story_library.database.reading() as session:
        events = fixity.list_events(session, turned.asset_id)
    assert [(event.type, event.outcome) for event in events] == [
        ("fixity check", "fail"), ("fixity check", "fail"), ("recovery", "pass"),
    ]  # fmt: skip


def test_a_second_store_that_is_damaged_too_mends_nothing(story_library: Library) -> None:
    copy_to_replica(story_library)
    first, second, *_ = named_originals(story_library)
    replica = open_location(story_library.settings, story_library.settings.replica or "")
    for broken in (first, second):
        flip_byte(story_library, broken)
    put(replica, first.key, b"also broken")
    replica.delete(second.key)
    report = run_scrub(story_library, replica=True)
    assert (report.damaged, report.mended) == (2, 0)
    with story_library.store.open(first.key) as reading:
        assert len(reading.read()) == first.size  # the damaged original is still there


def test_a_run_without_time_checks_nothing_and_the_next_run_continues_the_pass(
    story_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("library_server.preservation.scrubbing.PAGE", 2)
    assert run_scrub(story_library, budget=0).remaining == STORIES
    run = Scrub(story_library.database, story_library.store, story_library.settings.home / "scratch")
    first = run.run(progress=lambda _: run.stopping.set())
    assert 0 < first.checked < STORIES
    assert first.unnamed is None
    assert run_scrub(story_library).checked == STORIES - first.checked


def test_unnamed_objects_are_counted(story_library: Library) -> None:
    source = story_library.settings.home / "unnamed"
    source.write_bytes(b"no row names me")
    story_library.store.put_original(source)
    assert run_scrub(story_library).unnamed == 1


@pytest.mark.slow
def test_the_files_ingested_again_mend_what_is_damaged_or_gone(story_library: Library, tmp_path: Path) -> None:
    turned, gone, *_ = named_originals(story_library)
    flip_byte(story_library, turned)
    story_library.store.delete(gone.key)
    assert len(run_scrub(story_library).findings) == 2
    again = ingest(story_library, tmp_path / "stories")
    assert (again.unchanged, again.added) == (STORIES, 0)
    assert (fixity_status(story_library).damaged, fixity_status(story_library).missing) == (0, 0)
    assert run_scrub(story_library).findings == []
    with story_library.database.reading() as session:
        events = fixity.list_events(session, turned.asset_id)
    assert [(event.type, event.outcome) for event in events] == [
        ("fixity check", "fail"), ("recovery", "pass"), ("fixity check", "pass"),
    ]  # fmt: skip
    assert f"ingest {again.batch}" in events[1].detail
    environment = {"TIANYUAN_HOME": str(story_library.settings.home)}
    result = CliRunner().invoke(main, ["storage", "history", turned.record_id, "--json"], env=environment)
    assert [fixity_event["outcome"] for fixity_event in json.loads(result.stdout)["events"]] == ["fail", "pass", "pass"]
    result = CliRunner().invoke(main, ["storage", "history", turned.record_id], env=environment)
    assert "fixity check" in result.output
    assert CliRunner().invoke(main, ["storage", "history", "nobody"], env=environment).exit_code == 1


@pytest.mark.long
def test_a_kill_amid_a_scrub_loses_no_check_that_was_written_down(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = settings_for("s3", tmp_path / "home", request)
    library = open_library_at(settings.home, settings)
    ingest(library, stories(tmp_path / "stories", 40))
    size = sum(original.size for original in named_originals(library))
    command = [sys.executable, "-m", "library_server.cli", "storage", "scrub", "--json"]
    environment = {**os.environ, "TIANYUAN_HOME": str(settings.home)}

    def has_checked() -> bool:
        report = fixity_status(library).last
        return report is not None and report.checked > 0

    run_killed_when(has_checked, [*command, "--rate", f"{size // 8}B/s"], environment)
    before = fixity_status(library).last
    assert before is not None
    assert 0 < before.checked < 40
    report = run_scrub(library)
    assert report.checked == 40 - before.checked
    assert report.remaining == 0
    library.database.engine.dispose()


@pytest.mark.long
def test_a_server_killed_amid_a_scrub_and_started_again(own_server: S3Server, tmp_path: Path) -> None:
    from storage_config.s3.buckets import check_buckets

    settings = own_server.settings(tmp_path / "home")
    check_buckets(settings, fix=True)
    library = open_library_at(settings.home, settings)
    ingest(library, stories(tmp_path / "stories", 20))
    own_server.kill()
    again = own_server.start_after(2)
    report = run_scrub(library)
    again.join()
    assert (report.checked, report.damaged, report.missing) == (20, 0, 0)

    own_server.kill()
    run = Scrub(library.database, open_quick(library), settings.home / "scratch")
    with pytest.raises(StorageUnreachable):
        run.run()
    status = fixity_status(library)
    assert (status.damaged, status.missing) == (0, 0)  # a server that does not answer is no finding
    library.database.engine.dispose()


def open_quick(library: Library) -> ObjectStore:
    return open_location(library.settings, "s3", patient=False)


def test_the_rate_limit_holds_for_all_threads_together() -> None:
    now = [0.0]
    pace = RateLimiter(CHUNK, clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    for _ in range(5):
        pace.acquire(CHUNK)
    assert now[0] == pytest.approx(4.0)  # the first chunk is not delayed
    real = RateLimiter(10_000)
    threads = [threading.Thread(target=real.acquire, args=(500,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
