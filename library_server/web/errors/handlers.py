"""Errors as responses: problem details for programs, a page or plain text for people, never a stack trace."""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from library_server.database.errors import explain_database_error
from library_server.web.errors import problem_details
from library_server.web.errors.messages import ErrorMessage, error_code, error_message, own_description
from storage_config.errors import StoreUnusable

_KEPT_HEADERS = ("Allow", "Retry-After")
log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Answer every error of an application."""
    app.register_error_handler(Exception, _handle_error)


def _handle_error(error: Exception) -> Response:
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
        response.headers.update({name: given[name] for name in _KEPT_HEADERS if name in given})
    return response


def _error_response(status: int, message: ErrorMessage, description: str | None) -> Response:
    """Return an error as the address is read: problem details, plain text where bytes were wanted, or a page.

    `description` is a sentence of our own; the plain text consists of it where there is one.
    """
    if request.path.startswith("/api/"):
        problem = problem_details.Problem(
            title=message.title, status=status, detail=message.explanation, code=error_code(status)
        )
        response = jsonify(problem.model_dump())
        response.status_code, response.mimetype = status, problem_details.MEDIA_TYPE
        return response
    if request.path.startswith(("/files/", "/video/", "/covers/")):
        text = f"{description}\n" if description else f"{message.title}\n{message.explanation}\n{message.advice}\n"
        return Response(text, status=status, mimetype="text/plain")
    page = render_template("message.html", title=message.title, explanation=message.explanation, advice=message.advice)
    return Response(page, status=status)
