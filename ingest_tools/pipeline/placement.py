"""The courses and collections that records are put into, by kind and by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.merge import PreparedDraft
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue import bulk_edits
from library_server.catalogue.bounds import bound_list
from library_server.catalogue.built_in_collections import COLLECTION_OF_KIND
from library_server.catalogue.changed_fields import COLLECTED
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind, LinkType
from library_server.catalogue.normalization.slugs import SLUG_LENGTH, digest_slug, slugify
from library_server.catalogue.records import commands, queries, revisions
from library_server.catalogue.records.revisions import Actor
from library_server.search.pinyin import split_syllables


class CollectionIds:
    """Looks up each collection once within a transaction; one that is new is made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._built_in: dict[str, str] = {}
        self._named: dict[str, str] = {}

    def find_ids(self, kind: Kind, names: Sequence[str]) -> Iterator[str]:
        """Yield the ids of the collection of a kind, if there is one, and of the collections of these names."""
        if built_in := COLLECTION_OF_KIND.get(kind):
            if built_in.slug not in self._built_in:
                self._built_in[built_in.slug] = commands.get_or_create_collection(self._session, built_in.slug)
            yield self._built_in[built_in.slug]
        yield from self.find_ids_by_name(names)

    def find_ids_by_name(self, names: Sequence[str]) -> Iterator[str]:
        """Yield the ids of the collections of these names."""
        for name in names:
            if name not in self._named:
                self._named[name] = commands.get_or_create_named_collection(self._session, *slug_and_title(name))
            yield self._named[name]


def slug_and_title(name: str) -> tuple[str, str]:
    """Return the slug and title of a collection from its name: a Chinese name gets its slug from its pinyin."""
    if name.isascii():
        return slugify(name), name
    slug = "-".join(part for part in split_syllables(name) if part.isascii() and part.isalnum())
    return slug[:SLUG_LENGTH] or digest_slug(name), name


def named_collections(row: ManifestRow | None, description: Description | None = None) -> list[str]:
    """Return the collections that a file itself and its row name."""
    return [*(description.collections if description else ()), *(row.bibliographic.collections if row else ())]


def place_new_record(
    session: Session, record_id: str, prepared_draft: PreparedDraft, names: Sequence[str], by: Actor
) -> None:
    """Put a new record into its course, the collection of its kind and the collections `names`."""
    link_course(session, record_id, prepared_draft, by)
    for collection_id in CollectionIds(session).find_ids(prepared_draft.draft.kind, bound_list("collections", names)):
        commands.add_to_collection(session, collection_id, record_id)


def change_collections(
    session: Session, record_id: str, names: Sequence[str], by: Actor, leaving: Sequence[str] = ()
) -> bool:
    """Put a known record into the collections `names`, and take it out of those named in `leaving`.

    Returns whether its collections were changed, which is then noted with it.
    """
    before = queries.collection_titles(session, [record_id]).get(record_id, ())
    collections = CollectionIds(session)
    for collection_id in collections.find_ids_by_name(bound_list("collections", names)):
        commands.add_to_collection(session, collection_id, record_id)
    for collection_id in collections.find_ids_by_name(leaving):
        commands.remove_from_collection(session, collection_id, record_id)
    session.flush()
    after = queries.collection_titles(session, [record_id]).get(record_id, ())
    if before == after:
        return False
    revisions.add_revision(session, record_id, COLLECTED, by, {"collections": [list(before), list(after)]})
    return True


def link_course(session: Session, record_id: str, prepared_draft: PreparedDraft, by: Actor) -> None:
    """Make a record a part of the course of its draft, where that has one."""
    if prepared_draft.course:
        course_id = _find_or_add_course(session, prepared_draft, prepared_draft.course, by.batch_id)
        commands.add_link(session, record_id, LinkType.PART_OF, course_id)


def add_known_to_collections(
    session: Session, placements: Mapping[str, tuple[Kind | None, Sequence[str]]], by: Actor
) -> set[str]:
    """Put known records, by their ids, into the collection of a kind (None: of none) and the collections named.

    Returns the ids of those whose collections were changed, which is noted with them.
    """
    collections = CollectionIds(session)
    members = {}
    for record_id, (kind, names) in placements.items():
        bounded = bound_list("collections", names)
        members[record_id] = list(
            collections.find_ids(kind, bounded) if kind else collections.find_ids_by_name(bounded)
        )
    return bulk_edits.add_to_collections(session, members, by)


def _find_or_add_course(session: Session, part: PreparedDraft, course: tuple[str, str], batch_id: str | None) -> str:
    """Return the id of the record of a course, which is made with its first part."""
    title, folder = course
    if known := commands.find_id_by_local_id(session, folder):
        _keep_common_creators(session, known, part, batch_id)
        return known
    draft = RecordDraft(
        kind=part.draft.kind, title=title, creators=part.draft.creators, details=RecordDetails(course=True),
        source_path=folder, local_id=folder,
    )  # fmt: skip
    return commands.add_record(session, draft, batch_id=batch_id)


def _keep_common_creators(session: Session, course_id: str, part: PreparedDraft, batch_id: str | None) -> None:
    """Take from a course of this batch the creators that another part does not have: an album of several singers is by
    none of them. One that was edited stays as it is.
    """
    course = commands.get_record(session, course_id)
    names = {(creator.name, creator.role) for creator in part.draft.creators}
    creators = [[creator.name, creator.role] for creator in course.creators]
    common = [creator for creator in creators if tuple(creator) in names]
    if common == creators or course.batch_id != batch_id or revisions.load_versions(session, [course_id]):
        return
    revisions.set_fields(course, {"creators": common})
    commands.enqueue_reindex(session, course_id)
