"""The page of components shows every one of them, in every theme, and nothing of the library."""

from __future__ import annotations

import re
from pathlib import Path

from flask.testing import FlaskClient

from library_server.web import templating

TEMPLATES = Path(templating.__file__).parent / "templates"
# these are parts of the frame of every page or of other components
FRAME = {"icon", "tab", "lead_picture", "frame_class"}


def test_every_component_has_an_example() -> None:
    defined = set(re.findall(r"{% macro (\w+)\(", (TEMPLATES / "components.html").read_text(encoding="utf-8")))
    shown = set(re.findall(r"\bui\.(\w+)\(", (TEMPLATES / "components_page.html").read_text(encoding="utf-8")))
    assert {"button", "card", "row", "fact", "notice", "picture", "filter"} <= defined
    assert defined - shown == FRAME


def test_the_page_needs_no_records(client: FlaskClient) -> None:
    response = client.get("/components")
    assert response.status_code == 200
    assert response.headers["X-Robots-Tag"] == "noindex"
    for theme in ("light", "dark"):
        assert f'<div class="theme {theme}">' in response.text
    assert "{{" not in response.text


def test_a_quiet_text_in_a_component_is_escaped(client: FlaskClient) -> None:
    macros = client.application.jinja_env.get_template("components.html").module
    assert "<b>" not in macros.button("<b>", '"><b>', attributes={"title": '"><b>'})  # type: ignore[attr-defined]
    assert "<b>" not in macros.notice("<b>", "<b>")  # type: ignore[attr-defined]
