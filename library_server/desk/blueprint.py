"""The desk's blueprint: authentication, same-origin checks, no caching."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from library_server.catalogue.records.revisions import Actor
from library_server.desk.auth import COOKIE, MARKER, SESSION_SECONDS, DeskAuth
from library_server.desk.request_origin import SAFE_METHODS, is_same_origin
from library_server.web.context import current_library

blueprint = Blueprint("desk", __name__, template_folder="templates", url_prefix="/desk")
LIBRARIAN = Actor("desk")
_OPEN_TO_ALL = {"desk.enter"}


@blueprint.before_request
def _only_librarians() -> tuple[str, int] | None:
    if request.endpoint in _OPEN_TO_ALL:
        return None
    if _desk_auth().verify_session(request.cookies.get(COOKIE)) and _may_change():
        return None
    return render_template("desk_closed.html"), 403


def _may_change() -> bool:
    return request.method in SAFE_METHODS or is_same_origin(request)


@blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@blueprint.get("/enter")
def enter() -> WerkzeugResponse:
    """Trade the key of a link for a cookie, and leave the key out of the address."""
    session = _desk_auth().create_session(request.args.get("key", ""))
    if session is None:
        return Response(render_template("desk_closed.html"), 403)
    response = redirect("/desk/")
    response.set_cookie(
        COOKIE,
        session,
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
        path="/desk",
    )
    response.set_cookie(MARKER, "1", max_age=SESSION_SECONDS, samesite="Strict", secure=request.is_secure)
    return response


@blueprint.get("/")
def front() -> WerkzeugResponse:
    """The desk begins with what came in last."""
    return redirect("/desk/batches")


def _desk_auth() -> DeskAuth:
    return DeskAuth(current_library().settings.signing_key())
