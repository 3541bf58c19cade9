"""A library whose first photos fell into an ordinary collection gets the built-in one back."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text

from library_server.catalogue.migrations import make_configuration, migrate
from library_server.catalogue.records import queries
from library_server.library import Library


def test_an_ordinary_collection_of_a_built_in_slug_becomes_built_in(library: Library) -> None:
    config = make_configuration()
    with library.database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
        for slug in ("photos", "oranges"):
            connection.execute(text("INSERT INTO collections (id, slug, title, impression, position)"
                                    " VALUES (:slug, :slug, :slug, false, 100)"), {"slug": slug})  # fmt: skip
    migrate(library.database.engine)
    with library.database.reading() as session:
        by_slug = {
            collection.slug: (collection.title, collection.impression)
            for collection in queries.list_collections(session)
        }
    assert by_slug == {"photos": ("天元照片", True), "oranges": ("oranges", False)}
