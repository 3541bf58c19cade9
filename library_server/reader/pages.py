"""Home, search, record, collection, shelf and mine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import segno
from flask import Blueprint, abort, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from library_server.catalogue.assets import derivatives
from library_server.catalogue.dto import RecordCard, RecordView
from library_server.catalogue.enums import Kind, Status
from library_server.catalogue.normalization.classification import MAIN_CLASSES
from library_server.catalogue.records import queries, withdrawal
from library_server.catalogue.records.merges import merging
from library_server.database.engine import Database
from library_server.delivery.authorization import visible_cover
from library_server.delivery.context import current_delivery
from library_server.delivery.urls import file_address
from library_server.delivery.video.variants import playing_asset
from library_server.jobs import queue as jobs
from library_server.jobs.queue import JobView
from library_server.library import Library
from library_server.people.permissions import ANYONE, may_fetch
from library_server.reader.citations import format_gbt7714
from library_server.reader.shortening import shorten_for_display
from library_server.reader.texts import StoryPage, read_story
from library_server.search import service
from library_server.search.results import FACETS, QUERY_LIMIT, SORTS, IndexUnavailable, SearchQuery
from library_server.web import labels
from library_server.web.context import current_library
from library_server.web.requests.hosts import site_address
from library_server.web.requests.redirects import safe_redirect_target
from library_server.web.threadpool import run_in_threadpool

blueprint = Blueprint("reader", __name__, template_folder="templates")
PER_PAGE, NEW_ON_HOME = 20, 8
DEEPEST_PAGE = 100_000


@blueprint.get("/")
def home() -> str:
    """The first page: one local picture large, local stories, what is new, what can be watched, photos, collections."""
    return run_in_threadpool(_render_home, current_library().database)


def _render_home(database: Database) -> str:
    with database.reading() as session:
        stories = queries.list_newest(session, kinds=[Kind.STORY, Kind.PERSON], limit=12)
        photos = queries.list_newest(session, kinds=[Kind.PHOTO], limit=8)
        books = queries.list_newest(session, kinds=[Kind.BOOK], limit=NEW_ON_HOME)
        watchable = queries.list_newest(session, kinds=[Kind.LECTURE, Kind.FILM, Kind.PERFORMANCE], limit=12)
        is_empty = queries.is_empty(session)
        shown = queries.list_collections(session)
        pictured = [card for card in (*stories, *photos) if visible_cover(card)]
        lead = next((card for card in pictured if card.abstract), next(iter((*pictured, *stories)), None))
        screen = _screen_picture(queries.find_record(session, lead.id)) if lead else None
    return render_template(
        "home.html",
        lead=lead,
        screen=screen,
        stories=[card for card in stories if card != lead][:4],
        photos=[card for card in photos if card != lead and card.cover],
        books=books,
        watchable=[card for card in watchable if card.duration_ms][:6],
        collections=[collection for collection in shown if collection.size],
        is_empty=is_empty,
    )


@blueprint.get("/search")
def search() -> str | tuple[str, int]:
    """What was found, with facets; an empty search shows everything, newest first."""
    query = _requested_query()
    try:
        return run_in_threadpool(_render_search, current_library(), query)
    except IndexUnavailable:
        return run_in_threadpool(_while_rebuilding, current_library().database, query)


def _render_search(opened: Library, query: SearchQuery) -> str:
    page = service.search_page(opened.database, opened.index, query)
    with opened.database.reading() as session:
        titles = queries.titles_by_slug(session)
    return render_template(
        "search.html",
        query=query,
        page=page,
        collection_titles=titles,
        classes=MAIN_CLASSES,
        facets=FACETS,
        sorts=SORTS,
        pages=-(-page.results.total // PER_PAGE),
        address=_search_address,
    )


@blueprint.get("/records/<record_id>")
def record(record_id: str) -> str | tuple[str, int] | WerkzeugResponse:
    """All of one record; a story is told here and a photo shown."""
    loaded = run_in_threadpool(_load_record_page, current_library().database, record_id)
    if loaded is None:
        abort(404)
    if loaded.merged_into is not None:
        return redirect(url_for("reader.record", record_id=loaded.merged_into))
    record = loaded.record
    if record.status != Status.PUBLISHED:
        reason = withdrawal.public_reason(record)
        reason_name = labels.withdrawal_reason_name(reason) if reason else None
        return render_template("withdrawn.html", record_id=record_id, reason=reason_name), 410
    if loaded.dropped:
        current_delivery().demand.note_dropped(record_id, loaded.dropped)
    if loaded.jobs and playing_asset(record) is None:
        current_delivery().demand.note_waiting(record_id)
    is_story = record.kind in {Kind.STORY, Kind.PERSON} and may_fetch(record.access, ANYONE)
    page = request.args.get("page", 1, type=int)
    story = read_story(record, current_library().store, page) if is_story else None
    return run_in_threadpool(_render_record, loaded, story, _public_address(record_id))


@dataclass(frozen=True)
class _RecordPage:
    """A record with what its page shows around it; `merged_into` where a reader is to be sent on."""

    record: RecordView
    merged_into: str | None = None
    parts: Sequence[RecordCard] = ()
    whole: RecordCard | None = None
    siblings: Sequence[RecordCard] = ()
    related: Sequence[RecordCard] = ()
    jobs: Sequence[JobView] = ()
    dropped: frozenset[derivatives.Cost] = frozenset()


def _load_record_page(database: Database, record_id: str) -> _RecordPage | None:
    with database.reading() as session:
        record = queries.find_record(session, record_id)
        if record is None:
            return None
        record = shorten_for_display(record)
        if record.status != Status.PUBLISHED:
            return _RecordPage(record, merged_into=merging.merged_into(session, record_id))
        whole = queries.find_parent(session, record_id)
        return _RecordPage(
            record,
            parts=queries.list_parts(session, record_id),
            whole=whole,
            siblings=[card for card in queries.list_parts(session, whole.id) if card.id != record_id] if whole else [],
            related=queries.list_related(session, record_id),
            jobs=jobs.list_for_record(session, record_id),
            dropped=frozenset(derivatives.dropped_costs(session, record_id)),
        )


def _render_record(loaded: _RecordPage, story: StoryPage | None, address: str) -> str:
    record = loaded.record
    return render_template(
        "record.html",
        record=record,
        parts=loaded.parts,
        whole=loaded.whole,
        siblings=loaded.siblings,
        related=loaded.related,
        allowed=may_fetch(record.access, ANYONE),
        playing=playing_asset(record),
        waiting=next(iter(loaded.jobs), None),
        story=story,
        citation=format_gbt7714(record, address, datetime.now(UTC).date()),
        address=address,
        code=Markup(segno.make(address, micro=False).svg_inline(scale=4, border=2, dark="#1d2321", light="#fff")),  # noqa: S704 - segno's own SVG
        class_name=MAIN_CLASSES.get((record.clc or "")[:1]),
        photo=_screen_picture(record),
        file_url=file_address(record, record.downloadable_file),
        file_address=file_address,
    )


@blueprint.get("/shelves")
def shelves() -> str:
    """The shelf: every kind and every collection."""
    return run_in_threadpool(_render_shelves, current_library().database)


def _render_shelves(database: Database) -> str:
    with database.reading() as session:
        shown = queries.list_collections(session)
        kinds = [(kind, queries.list_newest(session, kinds=[kind], limit=4)) for kind in Kind]
    return render_template(
        "shelves.html",
        collections=[collection for collection in shown if collection.size],
        kinds=[pair for pair in kinds if pair[1]],
    )


@blueprint.get("/mine")
def mine() -> str:
    """What this reader was reading and watching (kept in the browser), and how the pages look."""
    return render_template("mine.html")


@blueprint.get("/settings")
def settings() -> WerkzeugResponse:
    """Sets the size of text, the theme or the language, and goes back; works without JavaScript."""
    response = redirect(safe_redirect_target(request.args.get("back", "/")), 303)
    for name, allowed in (("text", ("normal", "large")), ("theme", ("auto", "light", "dark")), ("lang", ("zh", "en"))):
        value = request.args.get(name)
        if value is not None and value in allowed:
            response.set_cookie(name, value, max_age=31_536_000, samesite="Lax", httponly=False)
    return response


def _requested_query() -> SearchQuery:
    sort = request.args.get("sort", "relevance")
    filters = {facet: value for facet in FACETS if (value := request.args.get(facet, "").strip())}
    page = request.args.get("page", 1, type=int)
    return SearchQuery(
        words=request.args.get("q", "").strip()[:QUERY_LIMIT],
        filters=filters,
        sort=sort if sort in SORTS else "relevance",
        page=max(1, min(page, DEEPEST_PAGE)),
        per_page=PER_PAGE,
    )


def _search_address(query: SearchQuery, **changes: object) -> str:
    """Return the address of this search with some of it changed; `None` takes a filter away."""
    filters = {name: value for name, value in {**query.filters, **changes}.items() if name in FACETS and value}
    plain = {name: value for name, value in changes.items() if name not in FACETS}
    changed = replace(query, filters={k: str(v) for k, v in filters.items()}, **{"page": 1, **plain})  # type: ignore[arg-type]
    parameters: dict[str, object] = {"q": changed.words, **changed.filters}
    if changed.sort != "relevance":
        parameters["sort"] = changed.sort
    if changed.page > 1:
        parameters["page"] = changed.page
    return f"/search?{urlencode({name: value for name, value in parameters.items() if value != ''})}"


def _while_rebuilding(database: Database, query: SearchQuery) -> tuple[str, int]:
    with database.reading() as session:
        cards = queries.list_newest(session, limit=PER_PAGE)
    return render_template("rebuilding.html", query=query, cards_list=cards), 503


def _screen_picture(record: RecordView | None) -> str | None:
    """Return the picture of a photo or story that is large enough to look at."""
    screen = (
        next((asset for asset in record.assets_of("rendition") if asset.label == "1600.webp"), None) if record else None
    )
    return file_address(record, screen) if record else None


def _public_address(record_id: str) -> str:
    return f"{site_address()}/records/{record_id}"
