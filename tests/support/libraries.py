"""Libraries in homes of their own: opened, filled, their jobs done, and swept."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from ingest_tools.pipeline.options import Options
from ingest_tools.pipeline.pipeline import Ingest
from ingest_tools.pipeline.results import IngestReport
from library_server.cli.background_work import job_worker
from library_server.library import Library, open_library
from library_server.preservation.deletion import Candidates, delete_unnamed
from library_server.preservation.reconciliation import SweepReport, sweep
from library_server.preservation.trash import today
from library_server.settings import Settings, read_settings
from storage_config.s3.buckets import check_buckets
from storage_config.stores.base import StoredObject
from tests.support.kept_parsers import borrowed_parsers
from tests.support.lists_in_process import lists_in_process
from tests.support.new_database import put_new_database
from tests.support.servers.s3_server import ADMIN, S3Server

_number = itertools.count()


def open_library_at(home: Path, settings: Settings | None = None) -> Library:
    (home / "scratch").mkdir(parents=True, exist_ok=True)
    settings = settings or read_settings(home=str(home))
    put_new_database(settings)
    return open_library(settings)


def ingest(library: Library, *sources: Path, **options: object) -> IngestReport:
    """Take in files by children that go on to the next test, and lists in this process."""
    with lists_in_process():
        return ingest_by_children(library, *sources, **options)


def ingest_by_children(library: Library, *sources: Path, **options: object) -> IngestReport:
    """Take in files by children that go on to the next test, each list by one of its own."""
    ingest_options = Options(**options)  # type: ignore[arg-type]
    with borrowed_parsers(ingest_options.workers) as parsers:
        run = Ingest(library.database, library.store, library.settings.home / "scratch", ingest_options, parsers)
        return run.run(list(sources))


def settings_for(kind: str, home: Path, request: pytest.FixtureRequest, **values: object) -> Settings:
    """Settings of a library in `home`, with buckets of its own where it is on S3."""
    home.mkdir(parents=True, exist_ok=True)
    if kind == "filesystem":
        return Settings(home=home, **values)  # type: ignore[arg-type]
    server: S3Server = request.getfixturevalue("s3_server")
    settings = server.home(home, ADMIN, s3_bucket_prefix=f"keeping-{next(_number)}", **values)
    check_buckets(settings, fix=True)
    return settings


def sweep_report(library: Library) -> SweepReport:
    """Run a sweep that deletes nothing; returns its report."""
    counts = SweepReport()
    for _ in sweep(library.database, library.store, counts):
        pass
    return counts


def delete_unnamed_objects(library: Library, older_than: float = 0) -> int:
    """Delete what no row names, as an operator who typed the number; returns how many objects went."""
    with Candidates(library.settings.home / "scratch") as candidates:
        for finding in sweep(library.database, library.store, SweepReport()):
            if isinstance(finding, StoredObject) and finding.modified <= time.time() - older_than:
                candidates.add(finding.key)
        return delete_unnamed(library.database, library.store, candidates, today()).deleted


def run_jobs(library: Library) -> None:
    """Do every job that waits, as `tianyuan worker` does."""
    worker = job_worker(library)
    while worker.run_one():
        pass


def entry_counts(report: IngestReport) -> tuple[int, int, int, int]:
    """How many entries were added, joined, unchanged and rejected."""
    return report.added, report.joined, report.unchanged, report.rejected


def rejection_codes(report: IngestReport) -> dict[str, str]:
    """The code of each rejected entry by the name of its file."""
    return {Path(row["path"]).name: row["code"] for row in report.rejections}
