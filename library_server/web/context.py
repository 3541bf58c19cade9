"""The opened library of a Flask application."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from library_server.library import Library

_KEY = "tianyuan.library"


def init_app(app: Flask, library: Library) -> None:
    """Give an application its library."""
    app.extensions[_KEY] = library


def current_library() -> Library:
    """Return the library of the running application."""
    return cast(Library, current_app.extensions[_KEY])
