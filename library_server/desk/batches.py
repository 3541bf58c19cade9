"""`/desk/batches`: what came in, what was refused and why, and the list to mend and give back."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

from flask import Response, abort, render_template, request, send_file
from flask_babel import get_locale

from library_server.catalogue.assets import originals
from library_server.catalogue.batches import repository
from library_server.catalogue.batches.repository import BatchView, EntryView
from library_server.catalogue.dto import AssetView
from library_server.catalogue.enums import EntryState
from library_server.catalogue.records import duplicates
from library_server.database.engine import Database
from library_server.desk.blueprint import blueprint
from library_server.exchange.workbooks import write_refused
from library_server.translations.message_catalogs import load_translation
from library_server.translations.rendering import Gettext
from library_server.web import labels
from library_server.web.context import current_library
from library_server.web.threadpool import run_in_io_threadpool, run_in_threadpool

PAGE, SHOWN = 50, 200
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class _Refused:
    """What a batch refused: rows of lists with cells that were not understood, and files; at most `SHOWN` of each."""

    rows: list[EntryView]
    files: list[EntryView]


@dataclass(frozen=True)
class _Batch:
    """A batch, what it refused and shortened, and its originals for librarians only with their titles."""

    batch: BatchView
    refused: _Refused
    shortened: list[EntryView]
    originals: list[tuple[AssetView, str]]


@blueprint.get("/batches")
def batches() -> str:
    """Past batches, newest first, a page at a time (`before` is the last batch of the page before)."""
    past, waiting = run_in_threadpool(_load_past, current_library().database, request.args.get("before"))
    return render_template(
        "desk_batches.html",
        batches=past[:PAGE],
        more=len(past) > PAGE,
        waiting=waiting,
        state_name=labels.batch_state_name,
        format_counts=labels.format_counts,
    )


@blueprint.get("/batches/<batch_id>")
def batch(batch_id: str) -> str:
    """One batch: its counts, what it refused and shortened, and which originals are for librarians only."""
    page = run_in_threadpool(_load_batch, current_library().database, batch_id)
    if page is None:
        abort(404)
    return render_template("desk_batch.html", batch=page.batch, refused=page.refused, shortened=page.shortened,
                           originals=page.originals, state_name=labels.batch_state_name,
                           format_counts=labels.format_counts, field_name=labels.field_name)  # fmt: skip


@blueprint.get("/batches/<batch_id>.xlsx")
def refused_list(batch_id: str) -> Response:
    """The refused rows as a list: mend the coloured cells and give it back."""
    body = run_in_io_threadpool(
        _build_workbook, current_library().database, batch_id, load_translation(str(get_locale())).gettext
    )
    if body is None:
        abort(404)
    return send_file(io.BytesIO(body), _XLSX, as_attachment=True, download_name=f"改好再交-{batch_id}.xlsx")


def _load_past(database: Database, before: str | None) -> tuple[list[BatchView], int]:
    with database.reading() as session:
        return repository.list_batches(session, PAGE + 1, before=before), duplicates.count_open_pairs(session)


def _load_batch(database: Database, batch_id: str) -> _Batch | None:
    with database.reading() as session:
        batch = repository.find_batch(session, batch_id)
        if batch is None:
            return None
        rows = repository.list_rejected(session, batch_id, with_problems=True, limit=SHOWN)
        files = repository.list_rejected(session, batch_id, with_problems=False, limit=SHOWN)
        shortened = repository.list_shortened(session, batch_id, limit=SHOWN)
        restricted = originals.restricted_in_batch(session, batch_id, SHOWN)
    return _Batch(batch, _Refused(rows, files), shortened, restricted)


def _build_workbook(database: Database, batch_id: str, gettext: Gettext) -> bytes | None:
    with database.reading() as session:
        batch_view = repository.find_batch(session, batch_id)
        refused = repository.list_entries(session, batch_id, EntryState.REJECTED)
    if batch_view is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        write_refused(path, batch_view, refused, gettext)
        return path.read_bytes()
