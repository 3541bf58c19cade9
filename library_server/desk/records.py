"""`/desk/records/<id>`: what readers are not told of a record: its status, why it was withdrawn, its originals."""

from __future__ import annotations

import re

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from library_server.desk.blueprint import blueprint
from library_server.reader.shortening import load_for_display
from library_server.web import labels
from library_server.web.context import current_library
from library_server.web.threadpool import run_in_threadpool

_ID = re.compile(r"[0-9A-Za-z]{1,32}")


@blueprint.get("/records")
def find_record() -> str | Response:
    """The page of a record whose number or address (`of`) was typed; the empty form without one."""
    typed = request.args.get("of", "").strip()
    last = typed.split("?")[0].split("#")[0].rstrip("/").rpartition("/")[2]
    if _ID.fullmatch(last):
        return redirect(url_for("desk.record", record_id=last))
    return render_template("desk_record.html", record=None, typed=typed)


@blueprint.get("/records/<record_id>")
def record(record_id: str) -> tuple[str, int]:
    """One record whatever its status; a number that no record has is said on the form."""
    if not _ID.fullmatch(record_id):
        abort(404)
    record = run_in_threadpool(load_for_display, current_library().database, record_id)
    page = render_template("desk_record.html", record=record, typed=record_id, status_name=labels.status_name)
    return page, 200 if record else 404
