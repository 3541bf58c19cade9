"""The volumes of an archive, one behind the other: RAR goes on in the next one, others were cut at any byte."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from ingest_tools.archives.extraction import measure_room
from ingest_tools.rejections import RejectedError

_NUMBER = re.compile(r"(?<=\.part)\d{1,4}(?=\.rar$)|(?<=\.[rz])\d{2,3}$|(?<=\.)\d{3,4}$", re.IGNORECASE)
_FIRST_OF_OLD = ".r00"  # the second volume, behind `PACK.rar`


def name_volume(name: str, number: int) -> str:
    """Return the name of the volume with a number, as the others are named of which `name` is one."""
    return _NUMBER.sub(lambda digits: f"{number:0{len(digits[0])}d}", name)


def name_next_volume(name: str) -> str:
    """Return the name of the volume after the one that is called so."""
    number = _NUMBER.search(name)
    return name_volume(name, int(number[0]) + 1) if number else str(Path(name).with_suffix(_FIRST_OF_OLD))


def join_volumes(volumes: Sequence[Path], target: Path) -> Path:
    """Write the volumes as one file. Raises `RejectedError` (`no_room`) where the disk has not the room."""
    if sum(path.stat().st_size for path in volumes) > measure_room(target.parent):
        raise RejectedError("no_room")
    with target.open("wb") as joined:
        for path in volumes:
            with path.open("rb") as volume:
                shutil.copyfileobj(volume, joined)
    return target
