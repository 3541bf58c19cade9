"""What Google Takeout writes about a photo or film next to it, in JSON: when it was taken, where, who is on it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest_tools.description import Description
from ingest_tools.formats.photos.location_metadata.coordinates.recognition import without_coordinates
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import Position
from library_server.catalogue.normalization.text import normalize

_LIMIT = 1 << 20  # bytes
_TEXT_LIMIT, _PEOPLE_LIMIT, _CHECKED_LIMIT = 4_000, 40, 1 << 16
_SIGNS = frozenset(("photoTakenTime", "googlePhotosOrigin", "geoDataExif", "imageViews"))
_ONE_DAY = 1  # a time of another zone is of the day before or after


def describe(path: Path, description: Description) -> Description:
    """Return a description with what Takeout says of the file.

    A day that is more than one from that of the photo was corrected by somebody. The place is kept for librarians
    alone, as that in a photo is. Raises `RejectedError` for any other JSON.
    """
    if path.stat().st_size > _LIMIT:
        raise RejectedError("too_large")
    try:
        stated = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise RejectedError("data_file") from error
    if not isinstance(stated, dict) or _SIGNS.isdisjoint(stated):
        raise RejectedError("data_file")
    details = description.details
    if description.format == "photo" and details.gps is None:
        details = replace(details, gps=_read_position(stated))
    return replace(
        description,
        abstract=description.abstract or _read_text(stated.get("description")) or None,
        date=_choose_date(description.date, _read_day(stated)),
        subjects=list(dict.fromkeys((*description.subjects, *_read_people(stated)))),
        details=details,
    )


def _choose_date(own: str | None, stated: str | None) -> str | None:
    if own is None or stated is None:
        return own or stated
    try:
        days = abs((datetime.fromisoformat(own) - datetime.fromisoformat(stated)).days)
    except ValueError:  # a year or month alone
        return own
    return own if days <= _ONE_DAY else stated


def _read_day(stated: dict[str, Any]) -> str | None:
    """Return the day in the time zone of the library on which a photo was taken; 1970 begins where nobody knows."""
    taken = stated.get("photoTakenTime")
    try:
        seconds = int(taken["timestamp"]) if isinstance(taken, dict) else 0
        return datetime.fromtimestamp(seconds, UTC).astimezone().date().isoformat() if seconds else None
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _read_position(stated: dict[str, Any]) -> Position | None:
    for name in ("geoData", "geoDataExif"):
        place = stated.get(name)
        if not isinstance(place, dict):
            continue
        latitude, longitude = place.get("latitude"), place.get("longitude")
        if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
            continue
        if (latitude or longitude) and abs(latitude) <= 90 and abs(longitude) <= 180:
            return Position(latitude=round(float(latitude), 6), longitude=round(float(longitude), 6))
    return None


def _read_people(stated: dict[str, Any]) -> list[str]:
    people = stated.get("people")
    names = [person.get("name") for person in people if isinstance(person, dict)] if isinstance(people, list) else []
    return [name for name in map(_read_text, names[:_PEOPLE_LIMIT]) if name]


def _read_text(value: object) -> str:
    """Return a text, empty where it tells coordinates."""
    text = normalize(value[:_CHECKED_LIMIT]) if isinstance(value, str) else ""
    return without_coordinates(text)[:_TEXT_LIMIT]
