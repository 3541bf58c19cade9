"""The same book in several formats: files of different types whose records agree in title and creator."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from library_server.catalogue.enums import AssetRole, Kind, Status
from library_server.catalogue.models import Asset, Identifier, Record
from library_server.catalogue.records import fields
from library_server.catalogue.records.duplicates import MatchReason, note_pairs

SCHEME = "work"
"""The scheme of an identifier of our own: the title of a book with a file, so that others of it are found at once."""
_MOST_OF_A_TITLE = 20
_SHORTEST_TITLE = 2


def record_same_works(session: Session, record_ids: Sequence[str]) -> int:
    """Look for what new books with files are another format of; returns how many pairs are new."""
    wanted = select(Record).where(
        Record.id.in_(record_ids), Record.kind == Kind.BOOK, Record.status == Status.PUBLISHED
    )
    books = session.scalars(wanted).all() if record_ids else ()
    for book in books:
        if len(title := fields.bare_title(book.title)) >= _SHORTEST_TITLE:
            session.merge(Identifier(record_id=book.id, scheme=SCHEME, value=title))
    session.flush()
    return sum(note_pairs(session, _other_formats(session, book), MatchReason.FORMAT) for book in books)


def _other_formats(session: Session, book: Record) -> list[tuple[str, str]]:
    mine, other = aliased(Identifier), aliased(Identifier)
    same = and_(other.scheme == SCHEME, other.value == mine.value, other.record_id != mine.record_id)
    titled = select(other.record_id).join(mine, same).where(mine.record_id == book.id, mine.scheme == SCHEME)
    others = session.scalars(
        select(Record).where(Record.id.in_(titled), Record.status == Status.PUBLISHED).limit(_MOST_OF_A_TITLE + 1)
    ).all()
    if len(others) > _MOST_OF_A_TITLE:
        return []
    return [(book.id, one.id) for one in others if _may_be_formats(session, book, one)]


def _may_be_formats(session: Session, book: Record, other: Record) -> bool:
    """Whether two records have files of different types, and name a creator in common, or one of them none."""
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
