"""Whatever describing, storing or writing one entry raises rejects it alone; what concerns all stops the batch."""

from __future__ import annotations

import errno
import math
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError, OperationalError
from structlog.testing import capture_logs

from ingest_tools import parser_worker
from ingest_tools.batch_errors import stops_batch
from ingest_tools.parser_pool import Parser
from ingest_tools.pipeline import importer, pipeline, scratch_pool
from ingest_tools.pipeline.catalogue_writer import CatalogueWriter
from ingest_tools.pipeline.committer import Committer
from ingest_tools.pipeline.results import ImportResult, WrittenResult
from ingest_tools.rejections import REASONS
from ingest_tools.sources import discovery, folder
from ingest_tools.sources.folder import Candidate
from ingest_tools.sources.lists import manifest
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import BatchState
from library_server.catalogue.models import DuplicateCandidate, Entry
from library_server.catalogue.records import commands, new_record_rows
from library_server.library import Library
from library_server.processes import worker
from library_server.processes.child import ChildProcess
from library_server.processes.errors import WorkerFailed
from library_server.processes.messages import Failure
from storage_config.errors import StorageFull
from tests.factories.spreadsheets import workbook
from tests.support.faults import FaultRuns
from tests.support.libraries import ingest, ingest_by_children, sweep_report
from tests.support.records import records_by_title


def texts(disk: Path, count: int = 9) -> Path:
    disk.mkdir()
    for number in range(count):
        (disk / f"{number}.txt").write_text(f"书名：第{number}本\n\n正文{number}", "utf-8")
    return disk


def raising_for(title: str, unpatched: Any, error: Exception) -> Any:
    def raising(*args: Any, **kwargs: Any) -> Any:
        if any(title in str(argument) for argument in args):
            raise error
        return unpatched(*args, **kwargs)

    return raising


@pytest.mark.parametrize(
    ("owner", "name", "error"),
    [
        (importer, "within_bounds", ValueError("坏")),
        (importer.FileImporter, "_store_file", MemoryError()),
        (commands, "new_record_rows", OverflowError("Python int too large to convert to SQLite INTEGER")),
        (CatalogueWriter, "_add", RecursionError()),
        (commands, "new_record_rows", DataError("INSERT", {}, sqlite3.DataError("string or blob too big"))),
    ],
)
def test_an_error_on_one_entry_rejects_that_entry(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, error: Exception
) -> None:
    disk = texts(tmp_path / "盘")
    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(owner, name, raising_for("第4本", getattr(owner, name), error))
        report = ingest(library, disk)
    assert (report.added, report.rejected, report.seen) == (8, 1, 9)
    assert set(records_by_title(library)) == {f"第{number}本" for number in range(9) if number != 4}
    (row,) = report.rejections
    assert row["code"] == "internal"
    assert row["reason"].startswith(REASONS["internal"])
    (line,) = [line for line in logs if line["event"] == "entry_failed"]
    assert (line["path"], line["exc_info"]) == (row["path"], error)
    library.indexer.catch_up()
    assert library.indexer.verify().agrees
    assert sweep_report(library).missing == 0
    again = ingest(library, disk)  # the fault is repaired, and the same command takes the entry
    assert (again.added, again.unchanged, again.rejected) == (1, 8, 0)


@pytest.mark.slow
def test_an_error_on_a_photo_leaves_no_pair_of_a_photo_with_itself(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    disk = texts(tmp_path / "盘", 3)
    for number in range(3):
        Image.effect_noise((90, 60), 20 + number * 30).convert("RGB").save(disk / f"照片{number}.jpg")
    monkeypatch.setattr(
        commands, "new_record_rows", raising_for("第1本", new_record_rows.new_record_rows, ValueError("坏"))
    )
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (5, 1)
    with library.database.reading() as session:
        assert [pair for pair in session.scalars(select(DuplicateCandidate)) if pair.first_id == pair.second_id] == []


def test_a_twin_of_an_entry_that_failed_comes_in(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    for name in ("一.txt", "二.txt"):
        (disk / name).write_text("书名：孪生\n\n正文", "utf-8")
    monkeypatch.setattr(importer.FileImporter, "_newer_of", _failing_once(importer.FileImporter._newer_of))
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 1)


def _failing_once(unpatched: Any) -> Any:
    calls: list[int] = []

    def failing(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return unpatched(*args)

    return failing


def test_the_answer_for_one_file_is_never_given_to_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("一", "二"):
        (tmp_path / f"{name}.txt").write_text(f"书名：{name}\n\n正文", "utf-8")
    monkeypatch.setattr(ChildProcess, "_read_line", _failing_once(ChildProcess._read_line))
    with Parser() as parser:
        with pytest.raises(ZeroDivisionError):
            parser.describe(tmp_path / "一.txt", tmp_path)
        assert parser.describe(tmp_path / "二.txt", tmp_path).title == "二"


def describe_then_kill_child(parser: Parser, folder: Path) -> int:
    """Describe one of two files, kill the child of the parser and return its process id."""
    for name in ("一", "二"):
        (folder / f"{name}.txt").write_text(f"书名：{name}\n\n正文", "utf-8")
    before = children_of(os.getpid())
    parser.describe(folder / "一.txt", folder)
    (pid,) = children_of(os.getpid()) - before
    os.kill(pid, signal.SIGKILL)
    return pid


@pytest.mark.slow
def test_a_child_that_died_between_two_files_costs_neither(tmp_path: Path) -> None:
    """As the kernel kills an idle child where memory is short."""
    with Parser() as parser:
        pid = describe_then_kill_child(parser, tmp_path)
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            time.sleep(0.01)
        assert parser.describe(tmp_path / "二.txt", tmp_path).title == "二"


@pytest.mark.slow
def test_a_file_that_met_a_dying_child_is_tried_in_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipes of a killed process stay open until its last thread has ended."""
    with Parser() as parser:
        describe_then_kill_child(parser, tmp_path)
        monkeypatch.setattr(ChildProcess, "is_ready", True)
        assert parser.describe(tmp_path / "二.txt", tmp_path).title == "二"


def children_of(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def test_a_source_that_fails_midway_is_an_entry_and_the_other_sources_go_on(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = texts(tmp_path / "甲", 2), texts(tmp_path / "乙", 3)
    (second / "0.txt").write_text("书名：别的\n\n别的", "utf-8")
    unpatched = folder.walk

    def walk(sources: list[Path], roots: SourceRoots, apart: set[str]) -> Iterator[folder.Candidate]:
        yield from unpatched(sources, roots, apart)
        if first in sources:
            raise LookupError("坏")

    monkeypatch.setattr(discovery, "walk", walk)
    report = ingest(library, first, second)
    assert [(row["path"], row["code"]) for row in report.rejections] == [(str(first), "internal")]
    assert "别的" in records_by_title(library)


def test_a_folder_that_cannot_be_listed_is_an_entry(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = texts(tmp_path / "盘", 2)
    (disk / "锁").mkdir()
    unpatched = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("锁"):
            raise PermissionError(13, "Permission denied", path)
        return unpatched(path)

    monkeypatch.setattr(os, "scandir", scandir)
    report = ingest(library, disk)
    assert report.added == 2
    assert [(Path(row["path"]).name, row["code"]) for row in report.rejections] == [("锁", "unreadable")]


def sqlite_error(code: int, message: str) -> OperationalError:
    cause = sqlite3.OperationalError(message)
    cause.sqlite_errorcode = code
    return OperationalError("INSERT", {}, cause)


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT]
)
@pytest.mark.slow
def test_a_lost_database_stops_the_batch(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    disk = texts(tmp_path / "盘")
    monkeypatch.setattr(commands, "add_records", raising_for("", None, sqlite_error(code, "database or disk is full")))
    with pytest.raises(OperationalError):
        ingest(library, disk)
    with library.database.reading() as session:
        (batch,) = repository.list_batches(session)
    assert (batch.state, batch.counts) == (BatchState.INTERRUPTED, {})


def test_a_full_disk_of_this_machine_stops_the_batch(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = texts(tmp_path / "盘", 2)
    monkeypatch.setattr(
        scratch_pool.ScratchPool, "acquire", raising_for("", None, OSError(28, "No space left on device"))
    )
    with pytest.raises(StorageFull, match="local disk unwritable"):
        ingest(library, disk)


@pytest.mark.slow
def test_a_full_disk_in_the_child_stops_the_batch(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = texts(tmp_path / "盘", 2)
    failure = WorkerFailed("unreadable", "No space left on device", errno.ENOSPC)
    monkeypatch.setattr(ChildProcess, "request", raising_for("", None, failure))
    with pytest.raises(StorageFull, match="No space left"):
        ingest(library, disk)


def test_the_child_says_that_it_had_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_worker, "describe", raising_for("", None, OSError(errno.ENOSPC, "No space left")))
    request = {"source": [str(tmp_path / "一.txt")] * 2, "joined": [], "out": str(tmp_path), "covers": True}
    answer = worker.handle_request(parser_worker.handle, request)
    assert answer == Failure("unreadable", "No space left", errno.ENOSPC)


def test_errors_of_values_are_not_errors_of_the_database() -> None:
    assert stops_batch(sqlite_error(sqlite3.SQLITE_FULL, "full"))
    assert stops_batch(sqlite_error(sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error"))
    assert not stops_batch(sqlite_error(sqlite3.SQLITE_ERROR, "too many SQL variables"))
    assert not stops_batch(DataError("INSERT", {}, sqlite3.DataError("too big")))
    assert not stops_batch(ValueError())


def test_a_list_with_a_reader_that_fails_refuses_the_row_and_names_the_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest_tools.sources.lists import manifest_worker, rows

    path = workbook(tmp_path / "表.xlsx", ["书名", "语种"], ["一", "zh"], ["二", "坏"], ["三", "zh"])
    monkeypatch.setitem(rows._READ, "language", raising_for("坏", rows._READ["language"], ZeroDivisionError()))
    items = list(manifest_worker.read_items(path, path.stem))
    assert [item.get("refused") for item in items] == [None, "internal", None]
    assert items[1]["problems"][0]["column"] == "语种"


@pytest.mark.long
def test_faults_at_random_leave_all_other_entries_in(tmp_path: Path) -> None:
    """Twenty of the five hundred of `python -m benchmarks fault_injection`, always the same."""
    runs = FaultRuns(tmp_path / "faults", seed=14)
    rejected = [runs.run(fault) for fault in runs.faults(20)]
    assert any(rejected)


def test_a_batch_that_stops_ends_the_reader_of_its_list(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "书.csv").write_text("题名\n" + "".join(f"第{number}本\n" for number in range(5_000)), "utf-8")
    started: set[int] = set()
    ended: set[int] = set()

    class WatchedChild(ChildProcess):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            started.add(self.pid)

        def kill(self) -> None:
            super().kill()
            ended.add(self.pid)

    def failing(self: Committer, results: Sequence[ImportResult]) -> None:
        raise StorageFull("满")

    monkeypatch.setattr(manifest, "ChildProcess", WatchedChild)
    monkeypatch.setattr(Committer, "commit", failing)
    with pytest.raises(StorageFull) as caught:  # the traceback of an error keeps the frames of the batch alive
        ingest_by_children(library, tmp_path)
    assert caught.tb is not None
    assert started
    assert ended == started


@pytest.mark.slow
def test_a_store_that_fails_after_half_a_batch_counts_that_half_once(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = texts(tmp_path / "盘", 8)
    unpatched, calls = Committer._write_in_transaction, []

    def failing(self: Committer, results: Sequence[ImportResult]) -> list[WrittenResult]:
        calls.append(len(results))
        if len(calls) == 1:
            raise KeyError("坏")
        if len(calls) > 2:
            raise StorageFull("满")
        return unpatched(self, results)

    monkeypatch.setattr(Committer, "_write_in_transaction", failing)
    monkeypatch.setattr(pipeline, "COMMIT_SECONDS", math.inf)  # all in one, however busy this machine is
    with pytest.raises(StorageFull):
        ingest(library, disk)
    monkeypatch.undo()
    with library.database.reading() as session:
        paths = list(session.scalars(select(Entry.path)))
    assert len(paths) == len(set(paths)) == calls[1]
    report = ingest(library, disk)
    assert (report.added, report.unchanged, report.rejected) == (8 - calls[1], calls[1], 0)


@pytest.mark.slow
def test_finished_files_are_written_while_a_slow_one_is_read(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, unpatched = texts(tmp_path / "盘", 3), importer.FileImporter.describe
    written, seen_in_time = threading.Event(), []

    def describe(taker: importer.FileImporter, candidate: Candidate, *arguments: Any) -> Any:
        if candidate.path.name == "2.txt":
            seen_in_time.append(written.wait(30))
        return unpatched(taker, candidate, *arguments)

    def commit(committer: Committer, results: Sequence[ImportResult]) -> None:
        write(committer, results)
        if results:
            written.set()

    write = Committer.commit
    monkeypatch.setattr(importer.FileImporter, "describe", describe)
    monkeypatch.setattr(Committer, "commit", commit)
    monkeypatch.setattr(pipeline, "COMMIT_SECONDS", 0.5)  # not over when the other two are read
    assert ingest(library, disk).added == 3
    assert seen_in_time == [True]
