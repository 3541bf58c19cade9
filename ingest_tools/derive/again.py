"""Makes dropped pictures of a record again, from its original, when somebody asked for the record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ingest_tools.parsing import Parser
from ingest_tools.pipeline import store_derived
from ingest_tools.refusals import Refused
from library_server.catalogue import browsing, derivatives
from library_server.database import Database
from library_server.jobs.queue import JobView
from library_server.jobs.worker import JobFailed, Task
from storage_config.fixity import Named, fetch
from storage_config.object_store import ObjectStore


def again_task(database: Database, store: ObjectStore, scratch: Path) -> Task:
    """The task `again`: derives what a record lacks, and gives it back under the ids it had."""

    def run(job: JobView, _: Callable[[float], None]) -> None:
        with database.reading() as session:
            record = browsing.record(session, job.record_id or "")
        if record is None or record.original is None:
            raise JobFailed("记录或原件已经不在 the record or its original is gone")
        original = record.original
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            out = Path(folder) / "out"
            out.mkdir()
            source = Path(folder) / f"original{Path(original.filename or '').suffix}"
            fetch(store, Named(original.key, original.sha256, original.size), source)
            try:
                with Parser() as parser:
                    described = parser.describe(source, out)
            except Refused as refusal:
                raise JobFailed(refusal.reason) from refusal
            made = [store_derived(store, record.id, out, one) for one in described.derived
                    if one.media_type.startswith("image/")]  # fmt: skip
            store.settle()
        with database.writing() as session:
            for new in made:
                derivatives.restore(session, record.id, new)

    return run
