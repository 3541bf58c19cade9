"""The collections that records are put into, by kind and by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.built_in_collections import COLLECTION_OF_KIND
from library_server.catalogue.enums import Kind
from library_server.catalogue.normalization.slugs import SLUG_LENGTH, digest_slug, slugify
from library_server.catalogue.records import commands
from library_server.search.pinyin import syllables


class CollectionIds:
    """Looks up each collection once within a transaction; one that is new is made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._built_in: dict[str, str] = {}
        self._named: dict[str, str] = {}

    def of(self, kind: Kind, names: Sequence[str]) -> Iterator[str]:
        """The ids of the collection of a kind, if there is one, and of the collections of these names."""
        if built_in := COLLECTION_OF_KIND.get(kind):
            if built_in.slug not in self._built_in:
                self._built_in[built_in.slug] = commands.collection_of(self._session, built_in.slug)
            yield self._built_in[built_in.slug]
        for name in names:
            if name not in self._named:
                self._named[name] = commands.collection_named(self._session, *slug_and_title(name))
            yield self._named[name]


def slug_and_title(name: str) -> tuple[str, str]:
    """A collection as named: ASCII names nearly are slugs themselves, others get one from their pinyin."""
    if name.isascii():
        return slugify(name), name
    slug = "-".join(part for part in syllables(name) if part.isascii() and part.isalnum())
    return slug[:SLUG_LENGTH] or digest_slug(name), name


def named_collections(row: ManifestRow | None, description: Description | None = None) -> list[str]:
    """The collections that a file itself and its row name."""
    return [*(description.collections if description else ()), *(row.bibliographic.collections if row else ())]
