"""The jobs of a library, done in this process."""

from __future__ import annotations

from library_server.cli.background_work import job_worker
from library_server.library import Library


def run_jobs(library: Library) -> None:
    """Do every job that waits, as `tianyuan worker` does."""
    worker = job_worker(library)
    while worker.run_one():
        pass
