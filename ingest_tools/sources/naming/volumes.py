"""Books whose name says nothing but which part of a work they are: `天元县志/上.txt`, `茶陵文史/卷一.pdf`."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from ingest_tools.sources.naming.encoded_names import decode_name
from ingest_tools.sources.naming.folders import (
    MOST_DISCS,
    course_folder,
    naming_folder,
    number_of_volume,
)
from library_server.catalogue.parts.numbers import NUMBERS_PER_DISC


@dataclass(frozen=True)
class Volume:
    """A part of a work: its title, its number among the parts, the work, and the folder that is called by that."""

    title: str
    number: int
    work: str
    folder: Path


def read_volume(path: Path, stem: str) -> Volume | None:
    """Return which part of a work a file is; None where its name has a title, or its folders name no work."""
    number = number_of_volume(stem)
    if number is None:
        return None
    folder, above = course_folder(path)
    work = naming_folder(folder / path.name)
    if work is None:
        return None
    if above is not None and above <= MOST_DISCS:
        number += above * NUMBERS_PER_DISC
    between = path.parent.relative_to(folder).parts if path.parent.is_relative_to(folder) else ()
    names = [unicodedata.normalize("NFC", decode_name(name)) for name in between]
    return Volume(" ".join((work, *names, stem)), number, work, folder)
