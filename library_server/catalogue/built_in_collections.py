"""The collections of 天元印象, which ingest fills by kind. Their slugs and titles are reserved from the start."""

from __future__ import annotations

from dataclasses import dataclass

from library_server.catalogue.enums import Kind


@dataclass(frozen=True)
class BuiltInCollection:
    """A collection that every library has; it is made with its first record."""

    slug: str
    title: str
    position: int


COLLECTION_OF_KIND = {
    Kind.STORY: BuiltInCollection("stories", "天元故事", 1),
    Kind.PERSON: BuiltInCollection("people", "天元人物", 2),
    Kind.PHOTO: BuiltInCollection("photos", "天元照片", 3),
}
BUILT_IN = {collection.slug: collection for collection in COLLECTION_OF_KIND.values()}


def find_built_in(name: str) -> BuiltInCollection | None:
    """Return the built-in collection of that slug or title."""
    return next((built_in for built_in in BUILT_IN.values() if name in {built_in.slug, built_in.title}), None)
