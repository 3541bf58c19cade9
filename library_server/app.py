"""The web application: faces joined to an opened library, errors in people's words, safe headers on all."""

from __future__ import annotations

from functools import partial

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask_compress import Compress
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from library_server.database_errors import explain_database_error
from library_server.delivery import context, offload
from library_server.delivery import routes as delivery_routes
from library_server.delivery.files import AssetMiddleware
from library_server.desk import pages as desk
from library_server.library import Library, open_library
from library_server.protocols import health, iptv, openapi, rest, schemas
from library_server.reader import pages, reading
from library_server.settings import read_settings
from library_server.web import templating
from library_server.web.error_messages import ErrorMessage, error_code, error_message, own_description
from library_server.web.hosts import vary_on_host
from library_server.web.request_validation import RequestValidation
from storage_config.errors import StoreUnusable

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:{elsewhere}; "
    "style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; worker-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
FORM_BYTES = 1 << 20  # the desk's forms are the largest that is sent here
_KEPT_OF_ERRORS = ("Allow", "Retry-After")
log = structlog.get_logger(__name__)
assert openapi  # imported for its route


def create_app(library: Library | None = None) -> Flask:
    """The application on a library; on that of the settings in force where none is given."""
    app = Flask(__name__, static_folder=None)
    # no redirects for the sake of a slash: Werkzeug writes the Host header into them
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.config["COMPRESS_ALGORITHM"] = ["gzip"]
    app.config["COMPRESS_STREAMS"] = False
    context.init_app(app, library or open_library(read_settings(), patient=False))
    templating.init_app(app)
    for blueprint in (pages.blueprint, reading.blueprint, delivery_routes.blueprint, rest.blueprint,
                      iptv.blueprint, health.blueprint, desk.blueprint):  # fmt: skip
        app.register_blueprint(blueprint)
    app.register_error_handler(Exception, _failed)
    app.after_request(vary_on_host)
    app.after_request(partial(_safe_headers, _page_policy(context.delivery_of(app).library)))
    Compress(app)
    settings = context.delivery_of(app).library.settings
    app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts) or None
    app.wsgi_app = AssetMiddleware(app.wsgi_app, context.delivery_of(app))  # type: ignore[method-assign]
    app.wsgi_app = RequestValidation(app.wsgi_app, settings.trusted_hosts)  # type: ignore[method-assign]
    if settings.proxies:  # outermost: the host that a proxy names is validated as well
        number = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number, x_host=number)  # type: ignore[method-assign]
    return app


def _failed(error: Exception) -> Response:
    """Errors as problem details for machines and in people's words for readers; never a stack trace."""
    status = error.code or 500 if isinstance(error, HTTPException) else 500
    if isinstance(error, StoreUnusable):
        status = 503
        log.error("store_unusable", path=request.path, code=error.code, error=str(error))
    elif status == 500 and (failure := explain_database_error(error)) is not None:
        status = 503
        log.error("database_unusable", path=request.path, code=failure.code, error=str(failure))
    if status < 400:
        assert isinstance(error, HTTPException)
        return error.get_response()  # type: ignore[return-value]
    if status == 500:
        log.error("request_failed", path=request.path, exc_info=error)
    response = _error_response(status, error_message(status), own_description(error))
    if isinstance(error, HTTPException):
        given = dict(error.get_headers(request.environ))
        response.headers.update({name: given[name] for name in _KEPT_OF_ERRORS if name in given})
    return response


def _error_response(status: int, message: ErrorMessage, description: str | None) -> Response:
    """An error as the address is read: problem details, plain text where bytes were wanted, or a page.

    `description` is a sentence of our own; the plain text consists of it where there is one.
    """
    if request.path.startswith("/api/"):
        problem = schemas.Problem(title=message.what, status=status, detail=message.means, code=error_code(status))
        response = jsonify(problem.model_dump())
        response.status_code, response.mimetype = status, rest.PROBLEM
        return response
    if request.path.startswith(("/files/", "/video/", "/covers/")):
        text = f"{description}\n" if description else f"{message.what}\n{message.means}\n{message.todo}\n"
        return Response(text, status=status, mimetype="text/plain")
    page = render_template("message.html", what=message.what, means=message.means, todo=message.todo)
    return Response(page, status=status)


def _page_policy(library: Library) -> str:
    return PAGE_POLICY.format(elsewhere="".join(f" {origin}" for origin in offload.origins(library)))


def _safe_headers(policy: str, response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cache-Control", "no-cache")
        response.vary.add("Cookie")
    return response
