"""Where a page may send a reader back to: pages of this site only."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException

HOME = "/"
BACK_LIMIT = 2000
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\]")
_SEGMENTS_OF_DOTS = {".", ".."}
_NEVER = frozenset({"reader.settings"})


def safe_redirect_target(target: str) -> str:
    """Return the path and query of `target` where it is a page of ours that answers GET, else `/`.

    The path is matched against the routes rather than searched for what is bad: browsers read `/\\host`, `//host` and
    `/<tab>/host` as addresses of another site (WHATWG URL, 4.4).
    """
    if len(target) > BACK_LIMIT or _UNSAFE.search(target) or _UNSAFE.search(unquote(target)):
        return HOME
    try:
        parts = urlsplit(target)
    except ValueError:  # a bracket that is not closed
        return HOME
    if parts.scheme or parts.netloc or not _is_own_page(unquote(parts.path)):
        return HOME
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_own_page(path: str) -> bool:
    if not path.startswith("/") or "//" in path or _SEGMENTS_OF_DOTS & set(path.split("/")):
        return False
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:  # no such page, or a redirect to one
        return False
    return endpoint not in _NEVER
