"""Makes derived files of a record again: dropped pictures when somebody asked for one, pictures that ingest left to the
queue, copies of photos that do not tell where they were taken, and texts that were lost.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from ingest_tools.derive.job_inputs import fetch_original, job_error, load_record, refuse_replaced
from ingest_tools.derived_files import store_derived
from ingest_tools.description import Description
from ingest_tools.parser_pool import IdleTimeoutParser
from ingest_tools.rejections import RejectedError
from library_server.catalogue.assets import derivatives
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.dto import AssetView, RecordView
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.records import commands
from library_server.jobs.queue import JobView
from library_server.jobs.registry import JobContext
from library_server.jobs.worker import JobAttemptFailed, JobFailed, Task
from library_server.processes.scratch import scratch_directory
from storage_config.errors import ObjectDamaged, ObjectNotFound
from storage_config.stores.base import ObjectStore

log = structlog.get_logger(__name__)


def regenerate_images_task(context: JobContext) -> Task:
    """Return the task `again`: derives what a record lacks, and gives it back under the ids it had.

    With the argument `versions` it also finds out which earlier versions of a photo are for librarians only.
    """
    database, store, scratch = context.database, context.store, context.scratch
    parsing = IdleTimeoutParser()

    def run(job: JobView, _: Callable[[float], None]) -> None:
        record, original = load_record(job, database)
        with scratch_directory(scratch) as folder:
            description, out = _describe(parsing, store, original, Path(folder))
            with database.reading() as session:
                lost = derivatives.dropped_labels(session, record.id)
            made = [store_derived(store, record.id, out, file, original.filename) for file in description.derived
                    if file.media_type.startswith("image/") or (file.role, file.label) in lost]  # fmt: skip
            store.flush()
        restricted = {original.id: description.librarians_only}
        if job.arguments.get("versions"):
            restricted |= _check_versions(parsing, store, record, scratch)
        has = {(asset.role, asset.label) for asset in record.assets}
        with database.writing() as session:
            refuse_replaced(session, record.id, original)
            for asset_id, librarians_only in restricted.items():
                commands.set_librarians_only(session, asset_id, librarians_only)
            for new in made:
                if not derivatives.restore(session, record.id, new) and (new.role, new.label) not in has:
                    commands.add_asset(session, record.id, new)
            if made:
                derivatives.delete_dropped_pictures(session, record.id)
            if any(new.role == AssetRole.TEXT for new in made):
                commands.enqueue_reindex(session, record.id)
            if made:
                details = description.details
                made_again = RecordDetails(cover=details.cover, page_sizes=details.page_sizes)
                commands.update_details(session, record.id, made_again)

    return run


def _describe(
    parsing: IdleTimeoutParser, store: ObjectStore, original: AssetView, folder: Path
) -> tuple[Description, Path]:
    out = folder / "out"
    out.mkdir()
    try:
        return parsing.describe(fetch_original(store, original, folder), out), out
    except RejectedError as refusal:
        raise job_error(refusal.code, str(refusal)) from refusal


def _check_versions(
    parsing: IdleTimeoutParser, store: ObjectStore, record: RecordView, scratch: Path
) -> dict[str, bool]:
    """Return which earlier versions are for librarians only, by asset id; a version that cannot be parsed is."""
    restricted = {}
    for earlier in record.earlier:
        if earlier.media_type.startswith("image/"):
            with scratch_directory(scratch) as folder:
                try:
                    description, _ = _describe(parsing, store, earlier, Path(folder))
                except (
                    JobAttemptFailed,
                    JobFailed,
                    ObjectDamaged,
                    ObjectNotFound,
                ) as error:  # it may tell where it was taken: nobody can know
                    log.warning("version_unreadable", record=record.id, asset=earlier.id, error=str(error))
                    restricted[earlier.id] = True
                else:
                    restricted[earlier.id] = description.librarians_only
    return restricted
