"""What of the home others on this machine may read: the key, the settings with their passwords, the database."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from library_server.settings import DATABASE_NAME, Settings

PRIVATE_FILES = ("secret_key", "tianyuan.toml", DATABASE_NAME, f"{DATABASE_NAME}-wal")
_GROUP_AND_OTHERS, _OTHERS = 0o077, 0o007


@dataclass(frozen=True)
class Exposed:
    """A path that is open to more than it should be; modes in octal, as `chmod` takes them."""

    path: str
    mode: str
    wanted: str


def find_exposed(settings: Settings) -> list[Exposed]:
    """Return what should be closed. Nothing is changed: an operator may have opened it on purpose.

    A home that only its owner may enter hides whatever is in it. Its group may enter where nginx sends files
    (TIANYUAN_DELIVERY=accel), but may not read what is private.
    """
    home = settings.home
    mode = _read_mode(home)
    if mode is None or not mode & _GROUP_AND_OTHERS:
        return []
    exposed = [_make_exposed(home, mode, 0o750)] if mode & _OTHERS else []
    for name in PRIVATE_FILES:
        mode = _read_mode(home / name)
        if mode is not None and mode & _GROUP_AND_OTHERS:
            exposed.append(_make_exposed(home / name, mode, 0o600))
    return exposed


def _make_exposed(path: Path, mode: int, allowed: int) -> Exposed:
    return Exposed(str(path), f"{mode:04o}", f"{allowed & mode:04o}")


def _read_mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None
