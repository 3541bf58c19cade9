"""Which tags of a film or recording give which field: the names differ by container and by the program that wrote them.

ffprobe has one name for most; what it does not know (`TDOR`, `NARRATOR`, `originaldate`) comes under its own.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ingest_tools.description import Description
from library_server.catalogue.normalization.numerals import read_integer
from library_server.catalogue.normalization.text import language_tag
from library_server.catalogue.parts.numbers import NUMBERS_PER_DISC, number_in_season

_DATES = ("date", "year", "originaldate", "original_date", "originalyear", "tdor", "tory")
_PUBLISHERS = ("publisher", "organization", "label")
_LYRICS = ("lyrics", "unsyncedlyrics", "syncedlyrics")
_TIMED = re.compile(r"^[ \t]*\[\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?\]", re.MULTILINE)
_ON_SIDE = re.compile(r"(?P<side>[A-Ha-h])-?(?P<track>[1-9]\d?)(?:/\d{1,3})?")
_SIDES_OF_DISC = 2
_TERMS = re.compile(r"\s*[,，;；、/|\x00]\s*")
_STATED_BY_PROGRAMS = "en"
_IN_CHINESE = re.compile("[\u4e00-\u9fff]")
_NO_GENRE = frozenset(("其他", "其它", "未知", "流派", "未知流派", "音乐", "有声读物", "有声书"))
_ADDRESS = re.compile(r"https?://|www\.|\.com|\.net", re.IGNORECASE)
_FEWEST_OF_NOTE = 6  # Chinese characters: shorter comments are marks of programs


def describe(tags: dict[str, str], description: Description) -> Description:
    """Return a description whose fields, other than its creators, are those of tags by their names in small letters."""
    part_number = find_part_number(tags)
    genres = [term for term in _TERMS.split(tags.get("genre", "")) if _IN_CHINESE.search(term)]
    terms = [*_TERMS.split(tags.get("keywords", "")), *(genre for genre in genres if genre not in _NO_GENRE)]
    return replace(
        description,
        part_number=part_number,
        title=_find_title(tags, part_number),
        date=_find_date(tags),
        abstract=_find_abstract(tags),
        series=tags.get("show") or tags.get("album"),
        publisher=next((tags[name].replace("\0", "；") for name in _PUBLISHERS if tags.get(name)), None),
        rights=tags.get("copyright"),
        language=_find_language(tags),
        subjects=list(dict.fromkeys(filter(None, map(str.strip, terms)))),
    )


def _find_language(tags: dict[str, str]) -> str | None:
    """Return the language that is stated; programs that write MP4 and WMA state English where nobody said one."""
    language = language_tag(tags["language"]) if tags.get("language") else None
    return language if language != _STATED_BY_PROGRAMS else None


def find_lyrics(tags: dict[str, str]) -> str | None:
    """Return the lyrics inside a recording where they have times; others cannot be shown as it plays."""
    values = (value for name, value in tags.items() if name.partition("-")[0] in _LYRICS)
    return next((value for value in values if _TIMED.search(value)), None)


def find_part_number(tags: dict[str, str]) -> int | None:
    """Return the number of the episode, or of the track, which is counted from 201 on disc 2 of several, or on the
    second side of a record (`B1`).

    `C1` is of the third side whatever its disc; so is `A1` of disc 2, where the letters begin again on every disc.
    """
    episode, season = _parse_number(tags.get("episode_sort")), _parse_number(tags.get("season_number"))
    if episode:
        return number_in_season(season, episode)
    disc = _parse_number(tags.get("disc") or tags.get("discnumber"))
    if (disc or 1) < NUMBERS_PER_DISC and (on_side := _ON_SIDE.fullmatch((tags.get("track") or "").strip())):
        side = ord(on_side["side"].upper()) - ord("A") + 1
        sides_before = _SIDES_OF_DISC * ((disc or 1) - 1) if side <= _SIDES_OF_DISC else 0
        return (sides_before + side) * NUMBERS_PER_DISC + int(on_side["track"])
    track = _parse_number(tags.get("track"))
    discs = _parse_number((tags.get("disc") or "").partition("/")[2] or tags.get("disctotal") or tags.get("totaldiscs"))
    is_one_of_several = disc is not None and 0 < disc < NUMBERS_PER_DISC and (disc > 1 or (discs or 1) > 1)
    return (
        disc * NUMBERS_PER_DISC + track if track and track < NUMBERS_PER_DISC and disc and is_one_of_several else track
    ) or None


def _find_title(tags: dict[str, str], part_number: int | None) -> str | None:
    """Return the title without the number of the track that some programs write before it."""
    title = tags.get("title")
    numbered = re.fullmatch(r"(\d{1,3})(?:[.、．]|\s-)\s*(\D.*)", title or "")
    if numbered and part_number is not None and int(numbered[1]) == part_number % NUMBERS_PER_DISC:
        return numbered[2]
    return title


def _find_date(tags: dict[str, str]) -> str | None:
    dates = (tags.get(name, "").split("T")[0].strip() for name in _DATES)
    return next((date for date in dates if re.search(r"[1-9]", date)), None)


def _find_abstract(tags: dict[str, str]) -> str | None:
    """Return the longest description; a comment only where it is a sentence in Chinese, since programs write them."""
    stated = max((tags.get(name, "") for name in ("description", "synopsis")), key=len)
    comment = tags.get("comment", "")
    is_note = len(_IN_CHINESE.findall(comment)) >= _FEWEST_OF_NOTE and not _ADDRESS.search(comment)
    return stated or (comment if is_note else None)


def _parse_number(text: str | None) -> int | None:
    first = (text or "").split("/")[0].strip()
    return read_integer(first, 5)
