"""The same book in several formats: files of different types whose records agree in title and creator."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.assets.title_keys import SCHEME, title_key
from library_server.catalogue.enums import AssetRole, Kind, Status
from library_server.catalogue.models import Asset, Identifier, Record
from library_server.catalogue.records.duplicates import MatchReason, note_pairs

_MOST_OF_A_TITLE = 20


def record_same_works(session: Session, record_ids: Sequence[str]) -> int:
    """Look for what new books with files are another format of; returns how many pairs are new."""
    statement = select(Record).where(
        Record.id.in_(record_ids), Record.kind == Kind.BOOK, Record.status == Status.PUBLISHED
    )
    books = session.scalars(statement).all() if record_ids else ()
    titles = {book.id: key for book in books if (key := title_key(book.title))}
    session.add_all(Identifier(record_id=record_id, scheme=SCHEME, value=title) for record_id, title in titles.items())
    session.flush()
    ids = _ids_by_title(session, set(titles.values()))
    count = 0
    for book in books:
        others = [record_id for record_id in ids.get(titles.get(book.id, ""), ()) if record_id != book.id]
        if 0 < len(others) <= _MOST_OF_A_TITLE:
            count += note_pairs(session, _other_formats(session, book, others), MatchReason.FORMAT)
    return count


def _ids_by_title(session: Session, titles: Collection[str]) -> dict[str, list[str]]:
    """Return the books with files by their title, for these titles."""
    ids: dict[str, list[str]] = {}
    named = select(Identifier.value, Identifier.record_id)
    for title, record_id in session.execute(named.where(Identifier.scheme == SCHEME, Identifier.value.in_(titles))):
        ids.setdefault(title, []).append(record_id)
    return ids


def _other_formats(session: Session, book: Record, ids: Sequence[str]) -> list[tuple[str, str]]:
    others = session.scalars(select(Record).where(Record.id.in_(ids), Record.status == Status.PUBLISHED))
    return [(book.id, other.id) for other in others if _may_be_formats(session, book, other)]


def _may_be_formats(session: Session, book: Record, other: Record) -> bool:
    """Return whether two records have files of different types, and name a creator in common, or one of them none."""
    names, others = ({creator.name for creator in record.creators} for record in (book, other))
    is_original = (Asset.role == AssetRole.ORIGINAL, Asset.superseded.is_(False))
    types, other_types = (
        set(session.scalars(select(Asset.media_type).where(Asset.record_id == record.id, *is_original)))
        for record in (book, other)
    )
    return (
        bool(types and other_types)
        and types.isdisjoint(other_types)
        and (not names or not others or bool(names & others))
    )
