"""`/iptv/playlist.m3u`: every public film, lecture, performance and recording, for any box or player."""

from __future__ import annotations

from flask import Blueprint, Response

from library_server.catalogue.dto import RecordCard
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from library_server.delivery.urls import cover_address, hls_address
from library_server.web.context import current_library
from library_server.web.requests.hosts import site_address
from library_server.web.threadpool import run_in_threadpool

blueprint = Blueprint("iptv", __name__)
TITLE_LENGTH = 100  # a box shows one line
_GROUPS = {Kind.FILM: "影片", Kind.LECTURE: "讲座", Kind.PERFORMANCE: "戏曲", Kind.AUDIO: "有声"}


@blueprint.get("/iptv/playlist.m3u")
def playlist() -> Response:
    """Extended M3U with `tvg-logo` and `group-title`, as boxes read it; addresses are absolute."""
    base = site_address()
    response = Response(
        run_in_threadpool(_render_playlist, current_library().database, base), mimetype="audio/x-mpegurl"
    )
    response.headers["Content-Disposition"] = 'inline; filename="tianyuan.m3u"'
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _render_playlist(database: Database, base: str) -> str:
    with database.reading() as session:
        cards = queries.list_playable(session)
    lines = ["#EXTM3U"]
    for card in cards:
        if address := hls_address(card):
            lines += [_format_information(card, base), f"{base}{address}"]
    return "\n".join(lines) + "\n"


def _format_information(card: RecordCard, base: str) -> str:
    seconds = round((card.duration_ms or -1000) / 1000)
    logo = f"{base}{cover_address(card, 240, 'jpg')}"
    title = _one_line(card.title)
    marks = f'tvg-id="{card.id}" tvg-name="{title}" tvg-logo="{logo}" group-title="{_GROUPS[card.kind]}"'
    return f"#EXTINF:{seconds} {marks},{title}"


def _one_line(text: str) -> str:
    return " ".join(text[:TITLE_LENGTH].replace('"', "”").replace(",", "，").split())
