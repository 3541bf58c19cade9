"""The volumes of an archive, one behind the other: RAR goes on in the next one, others were cut at any byte."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from ingest_tools.archives.extraction import measure_room
from ingest_tools.rejections import RejectedError


def join_volumes(volumes: Sequence[Path], target: Path) -> Path:
    """Write the volumes as one file. Raises `RejectedError` (`no_room`) where the disk has not the room."""
    if sum(path.stat().st_size for path in volumes) > measure_room(target.parent):
        raise RejectedError("no_room")
    with target.open("wb") as joined:
        for path in volumes:
            with path.open("rb") as volume:
                shutil.copyfileobj(volume, joined)
    return target
