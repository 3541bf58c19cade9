"""`/desk/`: what is stored, how the promise stands, and whether the originals are sound."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from library_server.catalogue import preservation, usage
from library_server.database import Database
from library_server.delivery.context import library
from library_server.delivery.thinking import think
from library_server.desk.chart import bars
from library_server.desk.entering import COOKIE, STAY_SECONDS, Doorkeeper
from library_server.reader import words

blueprint = Blueprint("desk", __name__, template_folder="templates", url_prefix="/desk")
_OPEN_TO_ALL = {"desk.enter"}


@blueprint.before_request
def _only_librarians() -> tuple[str, int] | None:
    if request.endpoint in _OPEN_TO_ALL or _doorkeeper().admits(request.cookies.get(COOKIE)):
        return None
    return render_template("desk_closed.html"), 403


@blueprint.after_request
def _never_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/enter")
def enter() -> WerkzeugResponse:
    """Trade the key of a link for a cookie, and leave the key out of the address."""
    stay = _doorkeeper().stay(request.args.get("key", ""))
    if stay is None:
        abort(403)
    response = redirect("/desk/")
    response.set_cookie(
        COOKIE, stay, max_age=STAY_SECONDS, httponly=True, samesite="Strict", secure=request.is_secure, path="/desk"
    )
    return response


@blueprint.get("/")
def front() -> WerkzeugResponse:
    """The desk begins with storage, which is all it has today."""
    return redirect("/desk/storage")


@blueprint.get("/storage")
def storage() -> str:
    """What is stored, by kind, role, collection and month; the share of the promise; damaged and missing originals."""
    used, standing, unsound = think(_known, library().database)
    settings = library().settings
    return render_template(
        "desk_storage.html",
        usage=used,
        promise=settings.promise,
        share=used.originals.bytes / settings.promise if used else 0,
        bars=bars(used.by_month) if used else [],
        kinds=_by_kind(used) if used else [],
        standing=standing,
        unsound=unsound,
        oldest_days=(datetime.now(UTC) - standing.oldest).days if standing.oldest else 0,
        replica=settings.replica,
        asset_role_name=words.asset_role_name,
    )


def _known(database: Database) -> tuple[usage.Usage | None, preservation.Standing, list[preservation.Unsound]]:
    with database.reading() as session:
        return usage.kept(session), preservation.standing(session), preservation.unsound(session)


def _by_kind(used: usage.Usage) -> list[tuple[str, usage.Used, list[usage.Used]]]:
    """Kinds, largest first, each with its sum and its roles."""
    kinds = sorted({one.names[0] for one in used.by_kind_and_role})
    rows = [
        (
            kind,
            used.sum(lambda one, kind=kind: one.names[0] == kind),  # type: ignore[misc]
            sorted((one for one in used.by_kind_and_role if one.names[0] == kind), key=lambda one: -one.bytes),
        )
        for kind in kinds
    ]
    return sorted(rows, key=lambda row: -row[1].bytes)


def _doorkeeper() -> Doorkeeper:
    return Doorkeeper(library().settings.signing_key())
