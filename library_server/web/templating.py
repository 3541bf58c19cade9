"""What every page is rendered with: static addresses by content, covers, words, the reader's settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Flask, request
from flask_babel import Babel
from flask_babel import gettext as _

from library_server.catalogue.parts.numbers import number_of_special
from library_server.search.highlights import make_snippet, mark_matches
from library_server.translations.message_catalogs import LOCALE_DIR
from library_server.translations.rendering import translate
from library_server.web import labels, static_files
from library_server.web.subtitle_names import language_name

THEMES = ("auto", "light", "dark")


def init_app(app: Flask) -> None:
    """Give templates their words and addresses, and pages their language."""
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(LOCALE_DIR)
    Babel(app, locale_selector=_select_locale)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # no line of a page for a line of logic
    app.context_processor(_page_settings)
    app.jinja_env.globals.update(
        static=static_files.static_address,
        kind_name=labels.kind_name,
        facet_name=labels.facet_name,
        access_name=labels.access_name,
        credit=labels.format_credit,
        format_whole=labels.format_whole,
        local_time=labels.local_time,
        clock=labels.format_clock,
        extent=labels.format_extent,
        byline=labels.format_byline,
        format_file_size=labels.format_file_size,
        kind_label=labels.kind_label,
        part_mark=labels.part_mark,
        number_of_special=number_of_special,
        language_name=language_name,
        stored_text=lambda text: translate(text, _),
        marked=mark_matches,
        snippet=make_snippet,
        sort_names={
            "relevance": lambda: _("最相关"),
            "date": lambda: _("年份新"),
            "title": lambda: _("按书名"),
            "newest": lambda: _("新到"),
        },
    )


def _select_locale() -> str:
    return "en" if request.cookies.get("lang") == "en" else "zh"


def _page_settings() -> dict[str, Any]:
    theme = request.cookies.get("theme", "auto")
    return {
        "large": request.cookies.get("text") == "large",
        "theme": theme if theme in THEMES else "auto",
        "lang": "en" if _select_locale() == "en" else "zh-CN",
        "here": _request_address(),
    }


def _request_address() -> str:
    """Return the path and query of this request as an address: `full_path` is decoded, and its `?` may be of the
    path.
    """
    query = request.query_string.decode("ascii", "replace")
    return quote(request.path) + (f"?{query}" if query else "")
