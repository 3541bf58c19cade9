"""What was changed in a record since a version of it was exported, and the record as it was then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library_server.catalogue.changed_fields import COLLECTED
from library_server.catalogue.common_fields import TEXTS
from library_server.catalogue.details import Statements
from library_server.catalogue.dto import STATEMENTS, CreatorName, RecordView
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.models import Revision
from library_server.catalogue.records.revisions import EDITED_ACTION, REVERTED, STATED_ACTION


@dataclass(frozen=True)
class Changes:
    """The values before the changes: `fields` by name, `copies` by place and shelf mark of a holding, and the titles of
    the `collections`, None where they were not changed.
    """

    fields: Mapping[str, Any]
    copies: Mapping[tuple[str, str | None], int]
    collections: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Version:
    """A record as it was exported: the number of its last revision then, None where that is not known.

    What the batches in `except_batches` changed is left out of what was changed since.
    """

    number: int | None
    except_batches: Collection[str] = ()


def changes_since(session: Session, versions: Mapping[str, Version], batch_id: str) -> dict[str, Changes]:
    """Return what was changed in records (by id) after a version of each.

    Where the version is not known, all that was ever changed by hand, and what the batch `batch_id` changed.
    """
    later: dict[str, list[Revision]] = {record_id: [] for record_id in versions}
    oldest = min((version.number or 0 for version in versions.values()), default=0)
    revisions = select(Revision).where(Revision.record_id.in_(versions), Revision.number > oldest)
    for revision in session.scalars(revisions.order_by(Revision.number.desc())):
        if revision.number > (versions[revision.record_id].number or 0):
            later[revision.record_id].append(revision)
    return {record_id: _sum_up(revisions, versions[record_id], batch_id) for record_id, revisions in later.items()}


def _sum_up(revisions: Iterable[Revision], version: Version, batch_id: str) -> Changes:
    """Return what revisions changed, the newest first."""
    before: dict[str, Any] = {}
    copies: dict[tuple[str, str | None], int] = {}
    collections: tuple[str, ...] | None = None
    for revision in revisions:
        changes = revision.changes
        is_left_out = revision.batch_id in version.except_batches or REVERTED in changes
        if is_left_out or (version.number is None and revision.batch_id not in {None, batch_id}):
            continue
        if revision.action == EDITED_ACTION:
            before.update({name: values[0] for name, values in changes.items()})
        elif revision.action == "holding":
            copies[changes["place"], changes["shelf_mark"]] = changes["copies"][0]
        elif revision.action == COLLECTED:
            collections = tuple(changes["collections"][0])
    return Changes(before, copies, collections)


def last_number(session: Session) -> int:
    """Return the number of the last revision of any record."""
    return session.scalar(select(func.max(Revision.number))) or 0


def of_batch_since(session: Session, batch_id: str, number: int) -> list[Revision]:
    """Return the changes of a batch to records after the revision of a number, but for statements of access."""
    conditions = (Revision.batch_id == batch_id, Revision.number > number, Revision.action != STATED_ACTION)
    return list(session.scalars(select(Revision).where(*conditions).order_by(Revision.number)))


def record_before(record: RecordView, changes: Changes) -> RecordView:
    """Return a record as it was before changes to its fields; its holdings are those of today."""
    before = {name: value for name, value in changes.fields.items() if name in _VIEW}
    values: dict[str, Any] = {_VIEW[name]: _SHOWN.get(name, _as_it_is)(value) for name, value in before.items()}
    if "credits" in values:
        values["creators"] = tuple(credit.name for credit in values["credits"])
    if STATEMENTS in changes.fields:
        statements = Statements.from_json(changes.fields[STATEMENTS])
        values["details"] = replace(record.details, statements=statements)
    return replace(record, **values)


def _as_it_is(value: Any) -> Any:
    return value


_VIEW = {
    "creators": "credits", "date": "date_written", "isbn": "isbns",
    **{name: name for name in ("kind", "access", "title", "other_titles", "subjects", "language", "clc", "part_number",
                               *TEXTS)},
}  # fmt: skip
_SHOWN: dict[str, Callable[[Any], Any]] = {
    "creators": lambda pairs: tuple(CreatorName(*pair) for pair in pairs or ()),
    "isbn": tuple, "other_titles": tuple, "subjects": tuple, "kind": Kind, "access": Access,
}  # fmt: skip
