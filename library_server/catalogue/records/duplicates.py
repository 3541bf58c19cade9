"""Possible duplicates: pairs of records, shown to a librarian and never merged automatically."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from library_server.catalogue.changed_fields import changed_fields
from library_server.catalogue.enums import Status
from library_server.catalogue.models import DuplicateCandidate, Identifier, Record
from library_server.catalogue.models.records import now
from library_server.catalogue.records import fields
from library_server.catalogue.records.commands import CatalogueError, get_record
from library_server.catalogue.records.revisions import EDITED_ACTION

if TYPE_CHECKING:
    from library_server.catalogue.photo_hashes import PhotoHashes

PHOTO_BITS = 6
_CHUNK = 400


class PairRefused(CatalogueError):
    """Both sides of a pair are the same record."""

    code = "pair_refused"


class MatchReason(StrEnum):
    """Why two records may be the same."""

    ISBN = "isbn"
    DESCRIPTION = "description"
    PHOTO = "photo"
    FORMAT = "format"


class Decision(StrEnum):
    """The decision on a pair."""

    OPEN = "open"
    MERGED = "merged"
    DISTINCT = "distinct"


@dataclass(frozen=True)
class DuplicatePair:
    """Two records that may be the same, why, and where they differ: field to (first's, second's)."""

    first_id: str
    second_id: str
    first_title: str
    second_title: str
    reason: MatchReason
    state: Decision
    differences: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Edition:
    """A record that has an ISBN, with the key of its description; see `fields.match_key`."""

    record_id: str
    match_key: str | None
    is_published: bool


def photos_similar(first: str | None, second: str | None) -> bool:
    """Return whether two photos (hashes in hex) look alike; False where either has no hash."""
    if first is None or second is None:
        return False
    return (int(first, 16) ^ int(second, 16)).bit_count() <= PHOTO_BITS


def find_editions(session: Session, isbns: Collection[str]) -> dict[str, list[Edition]]:
    """Return the records that have these ISBNs (13 digits), by the ISBN."""
    editions: dict[str, list[Edition]] = {}
    having = (
        select(Identifier.value, Record.id, Record.match_key, Record.status)
        .join(Record, Record.id == Identifier.record_id)
        .where(Identifier.scheme == "isbn", Identifier.value.in_(isbns))
    )
    for isbn, record_id, match_key, status in session.execute(having):
        editions.setdefault(isbn, []).append(Edition(record_id, match_key, status == Status.PUBLISHED))
    return editions


def record_duplicates(session: Session, record_ids: Sequence[str]) -> int:
    """Find the possible duplicates of records by ISBN and by description; returns how many pairs are new."""
    count = 0
    for start in range(0, len(record_ids), _CHUNK):
        ids = record_ids[start : start + _CHUNK]
        count += note_pairs(session, _same_isbn(session, ids), MatchReason.ISBN)
        count += note_pairs(session, _same_key(session, ids), MatchReason.DESCRIPTION)
    return count


def record_similar_photos(session: Session, hashes: Mapping[str, int], known: PhotoHashes) -> int:
    """Find photos similar to these (hashes by record id), and add these to `known`; returns how many pairs are new."""
    count = 0
    for record_id, photo_hash in hashes.items():
        count += note_pairs(
            session, [(record_id, other) for other in known.find_similar(photo_hash)], MatchReason.PHOTO
        )
        known.add(record_id, photo_hash)
    return count


def list_pairs(
    session: Session, state: Decision = Decision.OPEN, *, limit: int = 50, offset: int = 0
) -> list[DuplicatePair]:
    """Return pairs of one state, ISBN first, then the newest."""
    order = (
        DuplicateCandidate.reason != MatchReason.ISBN,
        DuplicateCandidate.noted_at.desc(),
        DuplicateCandidate.first_id,
        DuplicateCandidate.second_id,
    )
    statement = (
        select(DuplicateCandidate).where(DuplicateCandidate.state == state, *_both_published(state)).order_by(*order)
    )
    return [_to_pair(session, candidate) for candidate in session.scalars(statement.limit(limit).offset(offset))]


def count_open_pairs(session: Session) -> int:
    """Return the number of pairs that no librarian has decided on."""
    statement = (
        select(func.count())
        .select_from(DuplicateCandidate)
        .where(DuplicateCandidate.state == Decision.OPEN, *_both_published(Decision.OPEN))
    )
    return session.scalar(statement) or 0


def find_pair(session: Session, record_id: str, other_id: str) -> DuplicatePair | None:
    """Return the pair of two records, in either order."""
    candidate = session.get(DuplicateCandidate, tuple(sorted((record_id, other_id))))
    return _to_pair(session, candidate) if candidate else None


def save_decision(session: Session, record_id: str, other_id: str, decision: Decision, actor: str) -> None:
    """Store the decision on a pair, which is added if it is new. Raises `PairRefused` for a record and itself."""
    if record_id == other_id:
        raise PairRefused("same_record")
    first, second = sorted((record_id, other_id))
    candidate = session.get(DuplicateCandidate, (first, second))
    if candidate is None:
        candidate = DuplicateCandidate(first_id=first, second_id=second, reason=MatchReason.DESCRIPTION)
        session.add(candidate)
    candidate.state = decision
    candidate.decided_at, candidate.decided_by = (None, None) if decision == Decision.OPEN else (now(), actor)


def compare_records(session: Session, record_id: str, other_id: str) -> dict[str, tuple[Any, Any]]:
    """Return the fields in which two records differ."""
    first, second = (
        fields.values_of_record(get_record(session, record_id)),
        fields.values_of_record(get_record(session, other_id)),
    )
    differing = {name: [first[name], second[name]] for name in fields.NAMES if first[name] != second[name]}
    return {change.field: (change.old, change.new) for change in changed_fields(EDITED_ACTION, differing)}


def _both_published(state: Decision) -> list[Any]:
    if state != Decision.OPEN:
        return []
    published = select(Record.id).where(Record.status == Status.PUBLISHED)
    return [DuplicateCandidate.first_id.in_(published), DuplicateCandidate.second_id.in_(published)]


def _to_pair(session: Session, candidate: DuplicateCandidate) -> DuplicatePair:
    first, second = get_record(session, candidate.first_id), get_record(session, candidate.second_id)
    return DuplicatePair(
        first.id,
        second.id,
        first.title,
        second.title,
        MatchReason(candidate.reason),
        Decision(candidate.state),
        compare_records(session, first.id, second.id),
    )


def _same_isbn(session: Session, ids: Sequence[str]) -> list[tuple[str, str]]:
    own, other = aliased(Identifier), aliased(Identifier)
    is_same = and_(other.scheme == own.scheme, other.value == own.value, other.record_id != own.record_id)
    statement = (
        select(own.record_id, other.record_id).join(other, is_same).where(own.scheme == "isbn", own.record_id.in_(ids))
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def _same_key(session: Session, ids: Sequence[str]) -> list[tuple[str, str]]:
    own, other = aliased(Record), aliased(Record)
    is_same = and_(other.match_key == own.match_key, other.id != own.id)
    # parts of one course share all but their number: they are not the same
    is_same_part = or_(own.part_number.is_(None), other.part_number.is_(None), own.part_number == other.part_number)
    statement = (
        select(own.id, other.id).join(other, is_same).where(own.id.in_(ids), own.match_key.is_not(None), is_same_part)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def note_pairs(session: Session, id_pairs: Iterable[tuple[str, str]], reason: MatchReason) -> int:
    """Add pairs of records to decide on, with the reason; returns how many are new."""
    count = 0
    for first, second in {(min(id_pair), max(id_pair)) for id_pair in id_pairs}:
        if session.get(DuplicateCandidate, (first, second)) is None:
            session.add(DuplicateCandidate(first_id=first, second_id=second, reason=reason))
            session.flush()
            count += 1
    return count
