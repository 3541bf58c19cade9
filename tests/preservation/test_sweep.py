"""Sweep: what no row names and what is gone, whatever order a server lists its objects in."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from library_server.catalogue.assets.objects import named_objects
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.models import Asset, Batch, Record
from library_server.catalogue.records import commands
from library_server.cli import background_work, main
from library_server.cli.background_work import job_worker
from library_server.cli.storage import sweep as sweep_command
from library_server.library import Library
from library_server.preservation import deletion, reconciliation, trash
from library_server.preservation.deletion import Candidates, delete_unnamed
from library_server.preservation.reconciliation import SweepReport, sweep
from library_server.preservation.scrubbing import Scrub
from storage_config.errors import ObjectNotFound
from storage_config.keys import derivative_key, original_key, trash_key
from storage_config.s3.buckets import check_buckets
from storage_config.s3.client import S3Client
from storage_config.stores.base import ObjectStore, StoredObject
from tests.factories.stories import STORIES, stories
from tests.support.libraries import ingest, open_library_at, sweep_report
from tests.support.servers.s3_server import S3Server

STORED = 2 * STORIES  # each original has a derived text


def put_unnamed_objects(library: Library, count: int) -> list[str]:
    keys = []
    for number in range(count):
        source = library.settings.home / "source"
        source.write_bytes(b"unnamed %d" % number)
        keys.append(original_key(library.store.put_original(source).sha256))
    return keys


def test_unnamed_and_missing_are_told_written_and_deleted(story_library: Library, tmp_path: Path) -> None:
    keys = put_unnamed_objects(story_library, 3)
    gone = next(named_objects(story_library.database, "originals/"))
    story_library.store.delete(gone.key)
    command = ["storage", "sweep", "--json", "--list", str(tmp_path / "findings.jsonl")]
    environment = {"TIANYUAN_HOME": str(story_library.settings.home)}
    result = CliRunner().invoke(main, command, env=environment)
    assert result.exit_code == 3
    values = json.loads(result.stdout)
    assert (values["unnamed"], values["missing"], values["deleted"]) == (3, 1, 0)
    written = [json.loads(line) for line in (tmp_path / "findings.jsonl").read_text().splitlines()]
    assert {finding["key"] for finding in written if finding["found"] == "unnamed"} == set(keys)
    assert [finding["record"] for finding in written if finding["found"] == "missing"] == [gone.record_id]

    young = json.loads(CliRunner().invoke(main, [*command, "--delete"], env=environment).stdout)
    assert young["deleted"] == 0
    old = json.loads(CliRunner().invoke(main, [*command, "--delete", "--older-than", "0s"], env=environment).stdout)
    assert old["deleted"] == 3
    assert sweep_report(story_library).unnamed == 0
    assert sweep_report(story_library).objects >= STORIES - 1


def run_sweep(library: Library, *words: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON of standard output, and standard error of a sweep of all ages."""
    command = ["storage", "sweep", "--json", "--older-than", "0s", *words]
    result = CliRunner().invoke(main, command, env={"TIANYUAN_HOME": str(library.settings.home)})
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.exit_code, json.loads(result.stdout), result.stderr


def delete_records(library: Library, *, leave: int = 0) -> list[str]:
    """Delete all records but `leave`, as in a restored older backup; returns the keys that no row names now."""
    with library.database.writing() as session:
        ids = session.scalars(select(Record.id).order_by(Record.id)).all()[leave:]
        keys = list(session.scalars(select(Asset.key).where(Asset.record_id.in_(ids), Asset.role == "original")))
        session.execute(delete(Record).where(Record.id.in_(ids)))
    return keys


def keys_of(library: Library, prefix: str = "originals/") -> set[str]:
    return {stored.key for stored in library.store.list(prefix)}


def test_an_empty_catalogue_deletes_nothing(story_library: Library) -> None:
    before = keys_of(story_library)
    delete_records(story_library)
    code, values, stderr = run_sweep(story_library, "--delete")
    assert (code, values["refused"], values["deleted"], values["deletable"]) == (1, "catalogue_empty", 0, STORED)
    assert f"--expect {STORED}" in stderr
    assert keys_of(story_library) == before


def test_a_catalogue_younger_than_the_store_deletes_nothing(
    story_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two stories are in the new catalogue, which is less than a minute old, and one is not in it any more."""
    monkeypatch.setattr(deletion, "CLOCKS_DIFFER", timedelta(0))
    delete_records(story_library, leave=STORIES - 1)
    later = datetime.now(UTC) + timedelta(seconds=5)
    with story_library.database.writing() as session:
        session.execute(update(Batch).values(started_at=later))
        session.execute(update(Record).values(created_at=later))
    code, values, stderr = run_sweep(story_library, "--delete")
    assert (code, values["refused"], values["deleted"]) == (1, "catalogue_new", 0)
    assert "才有的，存储里却有" in stderr
    assert len(keys_of(story_library)) == STORIES


def test_a_catalogue_that_names_less_than_half_deletes_nothing(story_library: Library) -> None:
    delete_records(story_library, leave=2)
    code, values, _ = run_sweep(story_library, "--delete")
    assert (code, values["refused"], values["deleted"]) == (1, "mostly_unnamed", 0)
    assert len(keys_of(story_library)) == STORIES


def test_unnamed_bytes_above_half_refuse_a_deletion_too(story_library: Library) -> None:
    large = story_library.settings.home / "large"
    large.write_bytes(b"a film that no row names " * 10_000)
    story_library.store.put_original(large)
    code, values, _ = run_sweep(story_library, "--delete")
    assert (code, values["refused"], values["deleted"]) == (1, "mostly_unnamed", 0)


def test_derived_files_without_rows_refuse_a_deletion_too(story_library: Library) -> None:
    for number in range(STORIES + 1):
        story_library.store.put_bytes(derivative_key(f"gone{number}", "cover.webp"), b"picture")
    code, values, _ = run_sweep(story_library, "--delete")
    assert (code, values["refused"], values["deleted"]) == (1, "mostly_unnamed", 0)
    code, values, _ = run_sweep(story_library, "--delete", "--expect", str(STORIES + 1))
    assert (code, values["deleted"], values["trashed"], values["trash"]) == (0, STORIES + 1, 0, [])
    assert len(keys_of(story_library, "derivatives/")) == STORIES


@pytest.mark.parametrize("number", [0, STORED - 1, STORED + 1, 10**9])
def test_another_number_than_the_exact_one_deletes_nothing(story_library: Library, number: int) -> None:
    delete_records(story_library)
    code, values, stderr = run_sweep(story_library, "--delete", "--expect", str(number))
    assert (code, values["refused"], values["deleted"]) == (1, "count_differs", 0)
    assert str(STORED) in stderr
    assert len(keys_of(story_library)) == STORIES


def test_originals_go_into_the_trash_and_come_back_when_they_are_named(story_library: Library, tmp_path: Path) -> None:
    before = keys_of(story_library)
    backup = tmp_path / "backup.db"
    with sqlite3.connect(story_library.settings.home / "library.db") as source, sqlite3.connect(backup) as target:
        source.backup(target)
    delete_records(story_library)
    code, values, _ = run_sweep(story_library, "--delete", "--expect", str(STORED))
    assert (code, values["deleted"], values["trashed"], values["unnamed"]) == (0, STORED, STORIES, STORED)
    assert [day["objects"] for day in values["trash"]] == [STORIES]
    assert keys_of(story_library) == set()
    code, values, _ = run_sweep(story_library, "--list", str(tmp_path / "listed.jsonl"))
    assert (code, values["objects"], values["unnamed"], values["missing"]) == (0, 0, 0, 0)
    lines = [json.loads(line) for line in (tmp_path / "listed.jsonl").read_text().splitlines()]
    assert {line["key"] for line in lines if line["found"] == "trash"} == before
    assert sum(1 for _ in named_objects(story_library.database, "originals/")) == 0
    code, values, _ = run_sweep(story_library, "--restore")
    assert (code, values["restored"]) == (0, 0)  # no row names them yet
    with sqlite3.connect(backup) as source, sqlite3.connect(story_library.settings.home / "library.db") as target:
        source.backup(target)
    code, values, _ = run_sweep(story_library)
    assert (code, values["missing"]) == (3, STORED)
    code, values, _ = run_sweep(story_library, "--restore")
    assert (code, values["restored"], values["missing"], values["trash"]) == (3, STORIES, STORIES, [])
    assert keys_of(story_library) == before
    assert (
        Scrub(story_library.database, story_library.store, story_library.settings.home / "scratch").run().findings == []
    )


def test_the_trash_is_no_part_of_usage_scrub_or_copy(story_library: Library, tmp_path: Path) -> None:
    put_unnamed_objects(story_library, 2)
    run_sweep(story_library, "--delete")
    environment = {"TIANYUAN_HOME": str(story_library.settings.home)}
    usage = CliRunner().invoke(main, ["storage", "usage", "--json"], env=environment)
    assert json.loads(usage.stdout)["originals"] == STORIES
    scrub = Scrub(story_library.database, story_library.store, story_library.settings.home / "scratch").run()
    assert (scrub.checked, scrub.unnamed) == (STORIES, 0)
    place = story_library.settings.storage
    copied = CliRunner().invoke(main, ["storage", "copy", "--from", place, "--to", str(tmp_path / "copy"), "--json"],
                                env=environment)  # fmt: skip
    assert json.loads(copied.stdout)["copied"] == STORED
    assert not (tmp_path / "copy/trash").exists()


def test_the_trash_is_emptied_after_thirty_days_by_sweep_and_by_the_worker(
    story_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_unnamed_objects(story_library, 1)
    assert run_sweep(story_library, "--delete")[1]["trashed"] == 1
    day = trash.today()
    thirtieth, after = day + timedelta(days=30), day + timedelta(days=31)
    assert trash.purge_trash(story_library.database, story_library.store, thirtieth) == 0
    monkeypatch.setattr(sweep_command, "today", lambda: after)
    assert run_sweep(story_library)[1]["trash"] != []  # a sweep without --delete empties nothing
    code, values, _ = run_sweep(story_library, "--delete")
    assert (code, values["purged"], values["trash"]) == (0, 1, [])
    put_unnamed_objects(story_library, 1)
    monkeypatch.setattr(sweep_command, "today", lambda: day)
    assert run_sweep(story_library, "--delete")[1]["trashed"] == 1
    monkeypatch.setattr(background_work, "today", lambda: thirtieth)
    job_worker(story_library).run_periodic()
    assert len(list(trash.list_trash(story_library.store))) == 1
    monkeypatch.setattr(background_work, "today", lambda: after)
    job_worker(story_library).run_periodic()
    assert list(trash.list_trash(story_library.store)) == []
    assert len(keys_of(story_library)) == STORIES


def test_the_worker_restores_what_the_catalogue_names_again_and_purges_only_the_rest(
    story_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was restored from a backup, and nobody has run `sweep --restore`."""
    put_unnamed_objects(story_library, 1)
    named = sorted(keys_of(story_library))[0]
    assert run_sweep(story_library, "--delete")[1]["trashed"] == 1
    day = trash.today()
    trash.discard(story_library.store, named, day)
    after = day + timedelta(days=31)
    assert trash.purge_trash(story_library.database, story_library.store, after) == 1
    assert story_library.store.head_object(named).key == named
    trash.discard(story_library.store, named, day)
    monkeypatch.setattr(trash, "today", lambda: day)
    job_worker(story_library).run_periodic()
    assert story_library.store.head_object(named).key == named
    assert list(trash.list_trash(story_library.store)) == []


def test_the_worker_removes_what_a_killed_writer_left_a_day_ago(library: Library) -> None:
    staging = library.settings.objects_folder / "staging"
    staging.mkdir(parents=True, exist_ok=True)
    left = staging / "left"
    left.write_bytes(b"half a film")
    yesterday = time.time() - 25 * 3600
    os.utime(left, (yesterday, yesterday))
    job_worker(library).run_periodic()
    assert not left.exists()


def test_a_copy_in_the_trash_is_purged_only_where_the_original_is_stored_as_large(story_library: Library) -> None:
    named = sorted(keys_of(story_library))[0]
    day = trash.today()
    after = day + timedelta(days=31)
    in_trash = story_library.store.copy(named, trash_key(day, named))
    story_library.store.put_bytes(named, b"cut short")
    assert trash.purge_trash(story_library.database, story_library.store, after) == 0
    story_library.store.copy(in_trash.key, named)
    assert trash.purge_trash(story_library.database, story_library.store, after) == 1
    assert story_library.store.head_object(named).size == in_trash.size


def test_restoring_passes_over_what_another_sweep_took_first(
    story_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = sorted(keys_of(story_library))[0]
    trash.discard(story_library.store, named, trash.today())

    def move(key: str, target: str) -> StoredObject:
        raise ObjectNotFound(key)

    monkeypatch.setattr(story_library.store, "move", move)
    assert trash.restore_named(story_library.database, story_library.store) == 0


def test_what_an_ingest_names_while_a_sweep_deletes_comes_back(
    story_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "late.md"
    text.write_text("# 迟来的故事\n\n从前。\n" * 9, encoding="utf-8")
    key = original_key(story_library.store.put_original(text).sha256)
    with Candidates(tmp_path) as candidates:
        candidates.add(key)
        real = story_library.store.move

        def move_and_name(source: str, target: str) -> StoredObject:
            moved = real(source, target)
            if source == key:
                with story_library.database.writing() as session:  # an ingest had found the object and now names it
                    record = commands.add_record(session, RecordDraft(kind=Kind.STORY, title="迟来的故事"))
                    commands.add_asset(
                        session, record, commands.NewAsset("original", "text/markdown", moved.size, key[-64:], key)
                    )
            return moved

        monkeypatch.setattr(story_library.store, "move", move_and_name)
        report = delete_unnamed(story_library.database, story_library.store, candidates, trash.today())
    assert (report.trashed, report.restored) == (1, 1)
    assert key in keys_of(story_library)


def test_foreign_files_in_the_trash_are_left_alone(library: Library) -> None:
    for key in ("trash/notes.txt", "trash/2026-13-45/originals/aa/bb/cc", "trash/2020-01-01/probes/1"):
        library.store.put_bytes(key, b"not ours")
    assert trash.purge_trash(library.database, library.store, trash.today()) == 0
    assert list(trash.list_trash(library.store)) == []
    assert len(list(library.store.list("trash/"))) == 3


@pytest.mark.slow
def test_a_trash_without_its_bucket_is_told_before_anything_is_deleted(own_server: S3Server, tmp_path: Path) -> None:
    """Buckets that an earlier version made have no bucket for the trash."""
    settings = own_server.home(tmp_path / "home")
    check_buckets(settings, fix=True)
    S3Client(settings, 1).get_minio().remove_bucket("tianyuan-trash")
    library = open_library_at(settings.home, settings)
    assert ingest(library, stories(tmp_path / "stories"), kind="story").added == STORIES
    put_unnamed_objects(library, 2)
    assert run_sweep(library)[1]["trash"] is None
    result = CliRunner().invoke(
        main, ["storage", "sweep", "--older-than", "0s", "--delete"], env={"TIANYUAN_HOME": str(settings.home)}
    )
    assert result.exit_code == 1
    assert "storage check --create" in result.stderr
    assert len(keys_of(library)) == STORIES + 2
    job_worker(library).run_periodic()
    library.database.engine.dispose()


@pytest.mark.parametrize("words", [["--expect", "3"], ["--restore", "--delete"], ["--delete", "--expect", "-1"]])
def test_options_that_make_no_sense_together_are_refused(words: list[str]) -> None:
    assert CliRunner().invoke(main, ["storage", "sweep", *words]).exit_code == 2


@pytest.mark.parametrize("option", ["7", "7T", "-1d", "1.d", "week"])
def test_an_age_without_a_unit_is_refused(option: str) -> None:
    result = CliRunner().invoke(main, ["storage", "sweep", "--older-than", option])
    assert result.exit_code == 2


class Shuffled:
    """A store that lists in an order of its own."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def list(self, prefix: str) -> Iterator[StoredObject]:
        objects = list(self._store.list(prefix))
        random.Random(3).shuffle(objects)
        yield from objects

    def head_object(self, key: str) -> StoredObject:
        return self._store.head_object(key)


def test_a_store_that_lists_in_another_order_is_swept_correctly(story_library: Library) -> None:
    keys = put_unnamed_objects(story_library, 4)
    gone = next(named_objects(story_library.database, "originals/"))
    story_library.store.delete(gone.key)
    counts = SweepReport()
    findings = list(sweep(story_library.database, Shuffled(story_library.store), counts))  # type: ignore[arg-type]
    assert {finding.key for finding in findings} == {*keys, gone.key}
    assert (counts.unnamed, counts.missing) == (4, 1)


class Endless:
    """A store of many objects that are made as they are listed."""

    def __init__(self, count: int) -> None:
        self._count = count

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for number in range(self._count):
            yield StoredObject(f"{prefix}{number:012}", 1, 0.0)

    def head_object(self, key: str) -> StoredObject:
        return StoredObject(key, 1, 0.0)


@pytest.mark.long
def test_memory_does_not_grow_with_the_number_of_objects(library: Library) -> None:
    with library.database.writing() as session:
        record = commands.add_record(session, RecordDraft(kind=Kind.STORY, title="许多对象"))
        for number in range(4000):
            new = commands.NewAsset("thumbnail", "image/webp", 1, f"{number:064}", f"derivatives/{number:012}")
            commands.add_asset(session, record, new)
    peaks = []
    for count in (4000, 40_000):
        tracemalloc.start()
        counts = SweepReport()
        for _ in sweep(library.database, Endless(count), counts):  # type: ignore[arg-type]
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert counts.unnamed == 2 * count - 4000
        assert counts.missing == 0
    assert peaks[1] < peaks[0] * 1.5 + 1_000_000
    assert reconciliation.ASKED_AT_ONCE <= 1000
