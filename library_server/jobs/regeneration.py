"""Lost derived files: noted as gone, so that pages no longer offer them, and queued to be made again.

What was made from the original alone comes back by a job. Subtitles and covers that came from sidecar files come back
when their source is ingested again.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from library_server.catalogue.assets import derivatives
from library_server.catalogue.assets.objects import NamedObject
from library_server.catalogue.enums import FIRST_PAGE, PLAYABLE, PUBLIC_COPY, READING_COPY, AssetRole
from library_server.catalogue.models import Asset, Job, Record
from library_server.database.engine import Database
from library_server.jobs import queue
from storage_config.fixity.verification import Condition

BATCH = 500
_OCR_LABEL = "ocr"
_FIRST_PAGE_ASKED = "first_page"  # the argument of the job that tells a PDF was queued for it


def queue_regeneration(database: Database, missing: Iterable[NamedObject]) -> int:
    """Note derived objects as gone and queue the jobs that make them again; returns how many were noted.

    Originals are passed over: they come back from a second store or by ingest (see `preservation.scrubbing`).
    """
    noted = 0
    objects = iter(missing)
    while batch := list(islice(objects, BATCH)):
        with database.writing() as session:
            for asset, kind in _load_derived(session, [named.asset_id for named in batch]):
                task = task_for(asset, kind)
                derivatives.mark_dropped(session, [asset.id])
                if task is not None:
                    queue.enqueue(session, task, asset.record_id)
                noted += 1
    return noted


def task_for(asset: Asset, kind: str) -> str | None:
    """Return the job that makes a derived file of a record of this kind again; None where only its source has it."""
    if asset.media_type.startswith("image/") and not asset.label.startswith(derivatives.SEEK_PICTURE):
        return queue.REGENERATE_IMAGES
    if asset.role == AssetRole.RENDITION:
        return {PUBLIC_COPY: queue.REGENERATE_IMAGES, READING_COPY: queue.REGENERATE_IMAGES, _OCR_LABEL: "ocr"}.get(
            asset.label, "rendition"
        )
    if asset.machine_made:
        return "transcript" if kind in PLAYABLE else "ocr"
    return queue.REGENERATE_IMAGES if asset.role == AssetRole.TEXT and kind not in PLAYABLE else None


def tasks_for_dropped(session: Session, record_id: str, costs: frozenset[derivatives.Cost]) -> list[str]:
    """Return the jobs that make the dropped files of a record again, of those that cost as much as these."""
    rows = session.execute(
        select(Asset, Record.kind)
        .join(Record, Record.id == Asset.record_id)
        .where(Asset.record_id == record_id, Asset.condition == Condition.DROPPED)
    )
    return sorted({
        task for asset, kind in rows
        if derivatives.cost_of(asset.media_type, asset.label) in costs and (task := task_for(asset, kind)) is not None
    })  # fmt: skip


def queue_first_pages(session: Session, limit: int) -> int:
    """Queue the jobs that make the picture of the first page and the sizes of pages of PDFs taken in by an earlier
    version; returns how many PDFs were found, at most `limit`. Each is queued once: where the page cannot be drawn,
    there is no picture afterwards either.
    """
    asked = Job.arguments[_FIRST_PAGE_ASKED].as_boolean()
    picture = aliased(Asset)
    has_picture = exists().where(picture.record_id == Record.id, picture.label == FIRST_PAGE)
    was_queued = exists().where(Job.record_id == Record.id, Job.task == queue.REGENERATE_IMAGES, asked)
    found = session.scalars(
        select(Record.id)
        .join(Asset, Asset.record_id == Record.id)
        .where(Asset.role == AssetRole.ORIGINAL, Asset.media_type == "application/pdf", ~has_picture, ~was_queued)
        .distinct()
        .limit(limit)
    ).all()
    jobs = [
        queue.NewJob(queue.REGENERATE_IMAGES, record_id, queue.WHEN_IDLE, 1.0, {_FIRST_PAGE_ASKED: True})
        for record_id in found
    ]
    queue.enqueue_many(session, jobs)
    return len(found)


def _load_derived(session: Session, asset_ids: list[str]) -> list[tuple[Asset, str]]:
    query = (
        select(Asset, Record.kind)
        .join(Record, Record.id == Asset.record_id)
        .where(Asset.id.in_(asset_ids), Asset.role != AssetRole.ORIGINAL)
    )
    return [(asset, kind) for asset, kind in session.execute(query)]
