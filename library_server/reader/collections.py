"""`/collections/<slug>`: the records of a collection."""

from __future__ import annotations

from flask import abort, render_template, request
from flask_babel import gettext as _

from library_server.catalogue.dto import CollectionView
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from library_server.reader.pages import blueprint
from library_server.web.context import current_library
from library_server.web.threadpool import run_in_threadpool

COLLECTION_PAGE = 48


@blueprint.get("/collections/<slug>")
def collection(slug: str) -> str:
    """A collection, newest first, a keyset page at a time."""
    return run_in_threadpool(_render_collection, current_library().database, slug, _read_before())


def _render_collection(database: Database, slug: str, before: str | None) -> str:
    with database.reading() as session:
        collection = queries.find_collection(session, slug) or _expected_collection(slug)
        if collection is None:
            abort(404)
        there = {item.slug for item in queries.list_collections(session) if item.impression and item.size}
        cards = queries.in_collection(session, slug, before=before, limit=COLLECTION_PAGE + 1)
    next_page = cards[COLLECTION_PAGE - 1].id if len(cards) > COLLECTION_PAGE else None
    return render_template("collection.html", collection=collection, cards_list=cards[:COLLECTION_PAGE], more=next_page,
                           there=there, is_past_end=before is not None and collection.size > 0)  # fmt: skip


def _expected_collection(slug: str) -> CollectionView | None:
    """Return the collections of 天元印象 that every page links to, before the first record is put into them."""
    titles = {"stories": _("天元故事"), "people": _("天元人物"), "photos": _("天元照片")}
    return CollectionView(slug, titles[slug], None, impression=True, size=0) if slug in titles else None


def _read_before() -> str | None:
    """Return the last record of the page before; None where it cannot be the id of one."""
    given = request.args.get("before", "")
    return given if given.isascii() and given.isalnum() else None
