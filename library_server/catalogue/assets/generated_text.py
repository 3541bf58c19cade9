"""Text from OCR and speech recognition: what nobody has confirmed, and the records that have none."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import PAGED_FORMATS, PLAYABLE, AssetRole, Status
from library_server.catalogue.models import Asset, Record
from library_server.catalogue.records.revisions import Actor, add_revision

LIMIT = 1000
_ROWS_READ = 500  # at once
_UNSTATED = 0.9  # the confidence that speech recognition, which states none, is sorted by


@dataclass(frozen=True)
class Unconfirmed:
    """Words of a record that a program made; `confidence` 0 to 1 and `unsure` pages where it read a scan."""

    record_id: str
    title: str
    role: str
    confidence: float | None
    unsure: tuple[int, ...]


def list_unconfirmed(session: Session) -> list[Unconfirmed]:
    """Return what nobody has looked at, one a record, the least sure `LIMIT` of all first.

    Of a record that was heard, the subtitles are named, which have the same words as its text.
    """
    statement = (
        select(Record.id, Record.title, Record.details, Asset.role)
        .join(Asset, Asset.record_id == Record.id)
        .where(
            Asset.machine_made, Asset.role.in_((AssetRole.SUBTITLE, AssetRole.TEXT)), Record.status == Status.PUBLISHED
        )
        .order_by(Record.id, Asset.role)  # a subtitle before a text
    )
    rows = session.execute(statement.execution_options(yield_per=_ROWS_READ)).tuples()
    texts = (_make_unconfirmed(*next(assets)) for _, assets in groupby(rows, key=lambda row: row[0]))
    return heapq.nsmallest(LIMIT, texts, key=_rank)


def confirm(session: Session, record_id: str, actor: str) -> bool:
    """Say that a librarian has looked; whether there was anything to confirm."""
    assets = session.scalars(select(Asset).where(Asset.record_id == record_id, Asset.machine_made)).all()
    for asset in assets:
        asset.machine_made = False
    if assets:
        add_revision(session, record_id, "confirmed", Actor(actor), {"roles": sorted({asset.role for asset in assets})})
    return bool(assets)


def find_missing(session: Session, task: str, record_ids: Sequence[str] = ()) -> Iterator[tuple[str, float]]:
    """Records that want `ocr` or `transcript`, with the amount of work: pages, or seconds."""
    original = select(Asset.id).where(Asset.record_id == Record.id, Asset.role == AssetRole.ORIGINAL).exists()
    subtitled = select(Asset.id).where(Asset.record_id == Record.id, Asset.role == AssetRole.SUBTITLE).exists()
    records = select(Record).where(Record.status == Status.PUBLISHED, original)
    if record_ids:
        records = records.where(Record.id.in_(record_ids))
    if task == "transcript":
        records = records.where(Record.kind.in_(PLAYABLE), ~subtitled)
    for record in session.scalars(records.order_by(Record.id)):
        if task == "transcript" and record.details.media.audio:
            yield record.id, (record.duration_ms or 0) / 1000
        elif task == "ocr" and (record.details.needs_ocr or (record_ids and _may_be_read(record))):
            yield record.id, float(record.extent or 1)


def _may_be_read(record: Record) -> bool:
    return record.details.format in {"photo", *PAGED_FORMATS}


def _make_unconfirmed(record_id: str, title: str, details: RecordDetails, role: str) -> Unconfirmed:
    ocr = details.ocr if role == AssetRole.TEXT else None
    return Unconfirmed(record_id, title, role, ocr.confidence if ocr else None, ocr.unsure if ocr else ())


def _rank(text: Unconfirmed) -> tuple[float, str]:
    return (_UNSTATED if text.confidence is None else text.confidence), text.record_id
