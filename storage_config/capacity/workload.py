"""Workloads: how many objects and derivatives some terabytes of originals make, by averages of each kind.

The averages are of lectures at 1.8 Mbit/s, films at 2.2 Mbit/s, scanned and typeset books, phone photos; what
ingest derives of each was counted on the sample collection. `tianyuan storage usage` shows those of a library.
"""

from __future__ import annotations

from dataclasses import dataclass

MB, KB = 1_000_000, 1000


@dataclass(frozen=True)
class MediaProfile:
    """A kind of media: average bytes of an original, its derived objects and their bytes."""

    name: str
    original: int
    derived_objects: int
    derived: int


LECTURE = MediaProfile("lecture", 600 * MB, 4, 360 * MB)
FILM = MediaProfile("film", 1500 * MB, 4, 900 * MB)
AUDIO = MediaProfile("audio", 30 * MB, 2, 60 * KB)
BOOK = MediaProfile("book", 8 * MB, 3, 400 * KB)
PHOTO = MediaProfile("photo", 5 * MB, 2, 180 * KB)


@dataclass(frozen=True)
class Workload:
    """Shares of the bytes of originals by kind; their sum is one."""

    name: str
    shares: tuple[tuple[MediaProfile, float], ...]


LECTURE_HEAVY = Workload("lecture-heavy", ((LECTURE, 0.80), (FILM, 0.12), (AUDIO, 0.03), (BOOK, 0.03), (PHOTO, 0.02)))
BOOK_HEAVY = Workload("book-heavy", ((LECTURE, 0.25), (AUDIO, 0.10), (BOOK, 0.50), (PHOTO, 0.15)))
WORKLOADS = (LECTURE_HEAVY, BOOK_HEAVY)


@dataclass(frozen=True)
class ObjectEstimate:
    """Counts and bytes of the objects of a workload."""

    originals: int
    original_bytes: int
    derivatives: int
    derivative_bytes: int
    small_objects: int

    @property
    def objects(self) -> int:
        """All objects."""
        return self.originals + self.derivatives

    @property
    def bytes(self) -> int:
        """All bytes."""
        return self.original_bytes + self.derivative_bytes


def estimate_objects(workload: Workload, original_bytes: int) -> ObjectEstimate:
    """Return the objects of so many bytes of originals; `small_objects` are those that are stored inside their
    metadata.
    """
    originals = derivatives = derived = small = 0
    for kind, share in workload.shares:
        count = round(original_bytes * share / kind.original)
        originals += count
        derivatives += count * kind.derived_objects
        derived += count * kind.derived
        small += count * min(kind.derived_objects, 2)
    return ObjectEstimate(originals, original_bytes, derivatives, derived, small)
