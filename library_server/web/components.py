"""`/components`: every component of the pages in every theme, for those who write templates."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from library_server.catalogue.dto import RecordCard
from library_server.catalogue.enums import Access, Kind
from library_server.search.highlights import mark_matches

blueprint = Blueprint("components", __name__)
_TITLES = {
    Kind.BOOK: "柑橘栽培手记",
    Kind.LECTURE: "春梢怎么管",
    Kind.PERFORMANCE: "刘海砍樵 选段",
    Kind.AUDIO: "天元区三门镇栗雨社区老街秤铺第四代传人谭师傅口述，在自家堂屋里录音，附前后三次补录的全部整理稿",
}


@blueprint.get("/components")
def show() -> Response:
    """The page of examples. Its records are not in the library, so that it needs none and shows none."""
    cards = {kind.value: _make_card(kind, title) for kind, title in _TITLES.items()}
    response = make_response(
        render_template("components_page.html", cards=cards, pieces=mark_matches("柑橘栽培手记", "柑橘"))
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _make_card(kind: Kind, title: str) -> RecordCard:
    return RecordCard(
        id="example",
        kind=kind,
        title=title,
        creators=("李月娥", "谭师傅"),
        year=1983,
        abstract=None,
        clc=None,
        part_number=1,
        duration_ms=1_325_000,
        access=Access.PUBLIC,
        cover=None,
    )
