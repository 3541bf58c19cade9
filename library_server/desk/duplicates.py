"""`/desk/same`: records that may be the same, side by side; a librarian merges them, keeps them apart, or undoes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import redirect, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from library_server.catalogue.dto import RecordView
from library_server.catalogue.records import duplicates, queries
from library_server.catalogue.records.commands import CatalogueError, get_record
from library_server.catalogue.records.duplicates import Decision, DuplicatePair
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.merges.merging import MergeView
from library_server.database.engine import Database
from library_server.desk.blueprint import LIBRARIAN, blueprint
from library_server.jobs.merge_records import merge_records
from library_server.translations.rendering import render
from library_server.web import labels
from library_server.web.context import current_library
from library_server.web.threadpool import run_in_threadpool, run_in_write_threadpool

PAGE, MERGED = 20, 10


@dataclass(frozen=True)
class _DuplicatesPage:
    """The pairs that wait, how many there are in all, their records, and what was merged last."""

    pairs: list[DuplicatePair]
    waiting: int
    records: dict[str, RecordView]
    merges: list[MergeView]


@blueprint.get("/same")
def same() -> str:
    """Pairs that wait for a librarian, and what was merged last."""
    return _render_page()


@blueprint.post("/same/merge")
def merge() -> Response | tuple[str, int]:
    """Make the record `gone` a part of the record `kept`."""
    kept_id, gone_id = request.form["kept"], request.form["gone"]
    return _carry_out(lambda session: merge_records(session, kept_id, gone_id, LIBRARIAN))


@blueprint.post("/same/unmerge")
def unmerge() -> Response | tuple[str, int]:
    """Undo the merge that took the record `gone` away."""
    gone_id = request.form["gone"]
    return _carry_out(lambda session: merging.unmerge(session, gone_id, LIBRARIAN))


@blueprint.post("/same/apart")
def mark_distinct() -> Response | tuple[str, int]:
    """Say that the records `one` and `other` are not the same; they are not offered again."""
    first_id, second_id = request.form["one"], request.form["other"]
    return _carry_out(lambda session: _mark_distinct(session, first_id, second_id))


def _mark_distinct(session: Session, first_id: str, second_id: str) -> None:
    get_record(session, first_id)
    get_record(session, second_id)
    duplicates.save_decision(session, first_id, second_id, Decision.DISTINCT, LIBRARIAN.name)


def _carry_out(change: Callable[[Session], object]) -> Response | tuple[str, int]:
    """Do it and show the page again; where it cannot be done (somebody was faster), the page says why."""
    try:
        run_in_write_threadpool(_write, current_library().database, change)
    except CatalogueError as error:
        return _render_page(render(error.message, gettext)), 409
    return redirect("/desk/same", 303)


def _write(database: Database, change: Callable[[Session], object]) -> None:
    with database.writing() as session:
        change(session)


def _render_page(failed: str = "") -> str:
    shown = run_in_threadpool(_load_page, current_library().database)
    return render_template("desk_same.html", shown=shown, failed=failed, match_reason_name=labels.match_reason_name,
                           field_name=labels.field_name, in_words=labels.field_value)  # fmt: skip


def _load_page(database: Database) -> _DuplicatesPage:
    with database.reading() as session:
        pairs = duplicates.list_pairs(session, limit=PAGE)
        known = {
            record_id: queries.find_record(session, record_id)
            for pair in pairs
            for record_id in (pair.first_id, pair.second_id)
        }
        records = {record_id: record for record_id, record in known.items() if record is not None}
        return _DuplicatesPage(
            pairs, duplicates.count_open_pairs(session), records, merging.list_merges(session, MERGED)
        )
