"""NFO files of media centres (Kodi, Jellyfin, Emby): what is known of a film, an episode or a recorded concert, in XML.

The same suffix has been used for texts of those who pass films on; these are left alone. An address may follow the XML,
and several episodes in one file are written one after another: the first is read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest_tools.description import Description
from ingest_tools.formats import markup
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.numerals import read_integer
from library_server.catalogue.normalization.text import normalize
from library_server.catalogue.parts.numbers import number_in_season

LIMIT = 4 << 20
ACTORS_LIMIT, GENRES_LIMIT, WRITERS_LIMIT = 20, 20, 5
_KINDS = {"movie": "film", "episodedetails": "film", "musicvideo": "performance"}
_ROOT = re.compile(rf"<({'|'.join(_KINDS)})(?:\s[^<>]{{0,500}})?>", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?!#?\w{1,20};)")
_MARKUP = re.compile(r"</?(?:p|br|b|i|em|strong|span|div|a|ul|li)\b[^<>]{0,200}>", re.IGNORECASE)
_DATES = ("premiered", "releasedate", "aired", "year")


def describe(path: Path, description: Description) -> Description | None:
    """Return a description with what an NFO file says, which is believed before tags; None where it is only a text.

    Raises `RejectedError` where there is XML of which nothing can be read.
    """
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    content = markup.decode(path.read_bytes())
    start = _ROOT.search(content)
    if start is None:
        return None
    root = _parse_root(content, start)
    title = _find_first_text(root, "title")
    if not title:
        raise RejectedError("bad_nfo")
    creators = [
        *((name, "director") for name in _find_all_texts(root, "director")),
        *((name, "author") for name in _find_all_texts(root, "credits")[:WRITERS_LIMIT]),
        *(
            (name, "performer")
            for name in [*_find_all_texts(root, "artist"), *_find_all_texts(root, "actor/name")][:ACTORS_LIMIT]
        ),
    ]
    is_film = _KINDS[root.tag.lower()] == "film"
    return replace(
        description,
        kind=_KINDS[root.tag.lower()],
        title=title,
        creators=creators or description.creators,
        date=next(filter(None, (_find_first_text(root, name) for name in _DATES)), None) or description.date,
        abstract=_find_plain_text(root, "plot") or _find_plain_text(root, "outline") or description.abstract,
        publisher=_find_first_text(root, "studio") or description.publisher,
        series=_find_first_text(root, "showtitle" if is_film else "album")
        or _find_first_text(root, "set/name")
        or description.series,
        part_number=_read_episode_number(root) or description.part_number,
        described_by_nfo=True,
    ).with_subjects([*_find_all_texts(root, "genre"), *_find_all_texts(root, "tag")][:GENRES_LIMIT])


def _parse_root(content: str, start: re.Match[str]) -> Any:
    end = re.compile(rf"</{start[1]}\s*>", re.IGNORECASE).search(content, start.end())
    xml = _AMPERSAND.sub("&amp;", content[start.start() : end.end() if end else None])
    root = markup.parse_xml(xml.encode())
    if root is None or str(root.tag).lower() not in _KINDS:
        raise RejectedError("bad_nfo")
    return root


def _read_episode_number(root: Any) -> int | None:
    """Return the number of an episode; see `number_in_season`."""
    episode, season = (read_integer(_find_first_text(root, name), 3) for name in ("episode", "season"))
    return number_in_season(season, episode) if episode else None


def _find_all_texts(root: Any, path: str) -> list[str]:
    """Return the texts of elements, each once; several names in one element are parted by slashes."""
    texts = [_text(element) for element in root.iterfind(path)]
    return list(dict.fromkeys(part.strip() for text in texts for part in text.split(" / ") if part.strip()))


def _find_first_text(root: Any, name: str) -> str:
    return next((text for element in root.iterfind(name) if (text := _text(element))), "")


def _find_plain_text(root: Any, name: str) -> str:
    """Return a text without the markup of web pages, from which some programs copy it."""
    return normalize(_MARKUP.sub(" ", _find_first_text(root, name)))


def _text(element: Any) -> str:
    return normalize(decode_references("".join(element.itertext())))
