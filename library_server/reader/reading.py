"""Reading and watching: EPUB and PDF readers, the text version, the player."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, abort, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from library_server.catalogue.dto import AssetView, RecordCard, RecordView
from library_server.catalogue.enums import PAGED_FORMATS, PLAYABLE, READING_COPY, Kind, Status
from library_server.catalogue.records import queries
from library_server.catalogue.records.merges import merging
from library_server.database.engine import Database
from library_server.delivery.urls import cover_address, file_address, hls_address, opening_address
from library_server.delivery.video.variants import list_variants, playing_asset
from library_server.people.permissions import ANYONE, may_fetch
from library_server.reader.pdf_pages import describe_pages
from library_server.reader.shortening import load_for_display
from library_server.reader.text_search import find_in_text
from library_server.reader.texts import (
    Chapter,
    TextPage,
    is_text_broken,
    read_contents,
    read_cues,
    read_page,
    read_place,
    render_markdown,
)
from library_server.search.results import QUERY_LIMIT
from library_server.web import static_files
from library_server.web.context import current_library
from library_server.web.subtitle_names import subtitle_name
from library_server.web.threadpool import run_in_threadpool

blueprint = Blueprint("reading", __name__)
CONTENTS_AROUND, CONTENTS_PAGE = 20, 200
BOOK_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' blob: 'unsafe-inline'; "
    "img-src 'self' blob: data:; font-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' blob: data:; "
    "frame-src blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_READERS = {
    "application/epub+zip": ("epub", "ebook.js"),
    "application/pdf": ("pdf", "pdf.js"),
    "application/vnd.amazon.mobi8-ebook": ("mobi", "mobi.js"),
    "application/vnd.comicbook+zip": ("comic", "ebook.js"),
}
_PROGRESSIVE = ("video/mp4", "audio/")
_LEAST_TO_JUMP_IN = 6_000  # milliseconds; a shorter film has fewer than four pictures


@blueprint.get("/read/<record_id>")
def read(record_id: str) -> Response | str:
    """A book: its own pages, or those of its reading copy, where the format has a reader here; its text everywhere."""
    record = _require_fetchable(record_id)
    original = record.downloadable_file
    if original is None or record.kind in PLAYABLE or record.kind == Kind.PHOTO:
        abort(404)
    if "contents" in request.args:
        return _render_contents(record)
    wants_text = "text" in request.args or "chapter" in request.args
    shown = _shown_file(record)
    if wants_text or shown.media_type not in _READERS:
        return _render_text(record)
    form, script = _READERS[shown.media_type]
    response = make_response(
        render_template(
            "read_book.html",
            record=record,
            form=form,
            script=script,
            has_text=bool(record.assets_of("text")) and not record.details.needs_ocr,
            file=file_address(record, shown),
            opening=opening_address(record, shown),
            original=file_address(record, original),
            cover_or_drawn=cover_address(record),
            vendor=url_for("static.file", filename="vendor/"),
            pdf=describe_pages(record, shown, request.args.get("page", 1, type=int)),
        )
    )
    response.headers["Content-Security-Policy"] = BOOK_POLICY
    return response


@blueprint.get("/read/<record_id>/find")
def find(record_id: str) -> Response:
    """Where the words `q` stand in the text of a record, as JSON (see `FoundPlaces`)."""
    record = _require_fetchable(record_id)
    return jsonify(asdict(find_in_text(record, current_library().store, request.args.get("q", ""))))


@blueprint.get("/watch/<record_id>")
def watch(record_id: str) -> Response | str:
    """A film, lecture, performance or recording."""
    record = _require_fetchable(record_id)
    playing = playing_asset(record)
    if record.kind not in PLAYABLE or record.original is None:
        abort(404)
    if playing is None:
        return redirect(url_for("reader.record", record_id=record_id))  # which says how far it is
    whole, siblings = run_in_threadpool(_course_of, current_library().database, record_id)
    has_picture = bool(record.details.media.video)
    start = _requested_start(record, request.args.get("t", 0.0, type=float))
    fragment = f"#t={start:g}" if start else ""
    subtitles = [
        {
            "src": file_address(record, asset),
            "language": asset.language or "zh",
            "name": subtitle_name(asset),
            "machine": asset.machine_made,
        }
        for asset in record.assets_of("subtitle")
    ]
    return run_in_threadpool(
        render_template,
        "watch.html",
        record=record,
        whole=whole,
        siblings=siblings,
        sound=not has_picture,
        file=f"{file_address(record, playing)}{fragment}" if playing.media_type.startswith(_PROGRESSIVE) else None,
        file_type=playing.media_type,
        fragment=fragment,
        open_file=file_address(record, playing),
        playing=playing,
        adaptive=len(list_variants(record)) > 1,
        seek_pictures=_seek_pictures(record),
        hls=hls_address(record),
        hlsjs=static_files.static_address("vendor/hls.js/hls.light.min.js"),
        subtitles=subtitles,
        cues=read_cues(record, current_library().store),
        cover_or_drawn=cover_address(record),
    )


def _requested_start(record: RecordView, seconds: float) -> float:
    """Return where to begin, in seconds, as an address asks for; 0 for what is no time in the record."""
    return seconds if 0 < seconds < (record.duration_ms or 0) / 1000 else 0.0


def _shown_file(record: RecordView) -> AssetView:
    """Return the file that a reader shows: the searchable copy, else the original, else the reading copy of a format
    that has no reader here.
    """
    original = record.downloadable_file
    assert original is not None  # checked by `read`
    shown = _find_searchable(record) or original
    return shown if shown.media_type in _READERS else record.reading_copy or shown


def _find_searchable(record: RecordView) -> AssetView | None:
    """Return the copy of a scanned PDF that has its text over its pages."""
    copies = (asset for asset in record.assets_of("rendition") if asset.media_type == "application/pdf")
    return next((asset for asset in copies if asset.label != READING_COPY), None)


def _seek_pictures(record: RecordView) -> dict[str, object] | None:
    """Pictures of a film to jump by: the sheets' addresses and the cues that say what is where; see `encoding`."""
    renditions = {asset.label: asset for asset in record.assets_of("rendition")}
    cues = renditions.get("sprites")
    if cues is None or (record.duration_ms or 0) < _LEAST_TO_JUMP_IN:
        return None
    sheets = {name: file_address(record, asset) for name, asset in renditions.items() if name.startswith("sprite-")}
    height = record.details.media.seek_picture_size[1]
    return {"cues": file_address(record, cues), "sheets": sheets, "height": height}


def _render_text(record: RecordView) -> Response | str:
    store = current_library().store
    chapter, page = request.args.get("chapter", 1, type=int), request.args.get("page", 1, type=int)
    is_paged = record.details.format in PAGED_FORMATS
    section = request.args.get("section", page if is_paged else 0, type=int)
    if "chapter" not in request.args and (section or "share" in request.args):  # from the reader
        chapter, page = read_place(record, store, section, request.args.get("share", 0.0, type=float))
    text_page = read_page(record, store, chapter, page)
    if text_page is None:
        return _say_no_text(record)
    is_markdown = record.original is not None and record.original.media_type == "text/markdown"
    return run_in_threadpool(
        render_template,
        "read_text.html",
        record=record,
        text=text_page,
        html=render_markdown(text_page.text) if is_markdown else None,
        contents=_list_near_chapters(text_page),
        printed_page=text_page.section if is_paged else 0,
        per_contents=CONTENTS_PAGE,
        has_pages=_shown_file(record).media_type in _READERS,
        cover_or_drawn=cover_address(record),
    )


def _say_no_text(record: RecordView) -> Response:
    is_broken = is_text_broken(record, current_library().store)
    page_html = render_template("no_text.html", record=record, is_broken=is_broken)
    return make_response(page_html, 503 if is_broken else 404)


def _render_contents(record: RecordView) -> Response | str:
    """All chapters of the text version, `CONTENTS_PAGE` a page, or those whose labels have some words."""
    words = request.args.get("find", "").strip()[:QUERY_LIMIT]
    chapters = list(enumerate(read_contents(record, current_library().store), start=1))
    if not chapters:
        return _say_no_text(record)
    pages = range(0, len(chapters), CONTENTS_PAGE)
    page = max(1, min(request.args.get("contents", 1, type=int), len(pages)))
    found = [entry for entry in chapters if words.casefold() in entry[1].label.casefold()] if words else []
    first = (page - 1) * CONTENTS_PAGE
    return run_in_threadpool(
        render_template,
        "read_contents.html",
        record=record,
        words=words,
        found=len(found),
        shown=found[:CONTENTS_PAGE] if words else chapters[first : first + CONTENTS_PAGE],
        page=page,
        ranges=[(start + 1, min(start + CONTENTS_PAGE, len(chapters))) for start in pages],
        current=request.args.get("chapter", 0, type=int),
    )


def _list_near_chapters(text: TextPage) -> list[tuple[int, Chapter]]:
    """Return the chapters around this one with their numbers, and the first and the last: a page lists no thousands."""
    total = len(text.chapters)
    numbers = range(max(1, text.chapter - CONTENTS_AROUND), min(total, text.chapter + CONTENTS_AROUND) + 1)
    return [(number, text.chapters[number - 1]) for number in sorted({1, *numbers, total})]


def _require_fetchable(record_id: str) -> RecordView:
    """Return a record that anyone may read; one that was merged into another redirects to the same page of that."""
    record = run_in_threadpool(load_for_display, current_library().database, record_id)
    if record is None:
        abort(404)
    if record.status != Status.PUBLISHED:
        kept_id = run_in_threadpool(_merged_into, current_library().database, record_id)
        if kept_id is None or request.endpoint is None:
            abort(410)
        query = request.query_string.decode("ascii", "ignore")
        abort(redirect(url_for(request.endpoint, record_id=kept_id) + (f"?{query}" if query else "")))
    if not may_fetch(record.access, ANYONE):
        abort(403)
    return record


def _merged_into(database: Database, record_id: str) -> str | None:
    with database.reading() as session:
        return merging.merged_into(session, record_id)


def _course_of(database: Database, record_id: str) -> tuple[RecordCard | None, list[RecordCard]]:
    with database.reading() as session:
        whole = queries.find_parent(session, record_id)
        return whole, queries.list_parts(session, whole.id) if whole else []
