"""Makes the pictures of a record: dropped ones when somebody asked for it, and those that ingest left to the queue."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ingest_tools.derive.originals import as_file, wanted_by
from ingest_tools.parsing import LingeringParser
from ingest_tools.refusals import Refused
from ingest_tools.taking import store_derived
from library_server.catalogue import derivatives, editing
from library_server.database import Database
from library_server.jobs.queue import JobView
from library_server.jobs.worker import JobFailed, Task
from storage_config.object_store import ObjectStore


def again_task(database: Database, store: ObjectStore, scratch: Path) -> Task:
    """The task `again`: derives what a record lacks, and gives it back under the ids it had."""
    parsing = LingeringParser()

    def run(job: JobView, _: Callable[[float], None]) -> None:
        record, original = wanted_by(job, database)
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            out = Path(folder) / "out"
            out.mkdir()
            source = as_file(store, original, Path(folder))
            try:
                described = parsing.describe(source, out)
            except Refused as refusal:
                raise JobFailed(refusal.reason) from refusal
            made = [store_derived(store, record.id, out, one) for one in described.derived
                    if one.media_type.startswith("image/")]  # fmt: skip
            store.settle()
        has = {(one.role, one.label) for one in record.assets}
        with database.writing() as session:
            for new in made:
                if not derivatives.restore(session, record.id, new) and (new.role, new.label) not in has:
                    editing.add_asset(session, record.id, new)
            if made:
                derivatives.forget_pictures(session, record.id)
            if made and "cover" in described.details:
                editing.set_details(session, record.id, cover=described.details["cover"])

    return run
