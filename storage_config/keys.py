"""Keys of stored objects: originals by their SHA-256, derived assets by their record."""

from __future__ import annotations

import re
from datetime import date

from storage_config.errors import InvalidKey

ORIGINALS = "originals/"
DERIVATIVES = "derivatives/"
TRASH = "trash/"
LISTED = (ORIGINALS, DERIVATIVES)
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


def original_key(sha256: str) -> str:
    """`originals/ab/cd/<sha256>`, so that no folder grows beyond some hundred names at 2 million objects."""
    if not _SHA256.match(sha256):
        raise InvalidKey("not_a_sha256", what=repr(sha256))
    return f"{ORIGINALS}{sha256[:2]}/{sha256[2:4]}/{sha256}"


def derivative_key(record_id: str, name: str) -> str:
    """`derivatives/<shard>/<record>/<name>`; everything there can be made again from originals."""
    return validate_key(f"{DERIVATIVES}{record_id[-2:]}/{record_id}/{name}")


def damaged_key(sha256: str) -> str:
    """Return where the damaged bytes of an original are kept for a while after it was repaired."""
    return validate_key(f"damaged/{sha256}")


def trash_key(day: date, key: str) -> str:
    """`trash/2026-11-25/originals/...`: where a deleted object is kept for a while, by the day of its deletion."""
    return validate_key(f"{TRASH}{day.isoformat()}/{key}")


def parse_trash_key(key: str) -> tuple[date, str] | None:
    """Return the day of deletion and the key before it; None for a key that `trash_key` did not make."""
    day, _, original = key.removeprefix(TRASH).partition("/")
    if not key.startswith(TRASH) or not original.startswith(LISTED):
        return None
    try:
        return date.fromisoformat(day), original
    except ValueError:
        return None


def validate_key(key: str) -> str:
    """Return the key itself, or `InvalidKey` when any part of it could leave the store."""
    if not all(_SEGMENT.match(part) for part in key.split("/")):
        raise InvalidKey("not_a_key", what=repr(key))
    return key
