"""The bytes of a picture, changed in memory only; what is blanked keeps its length, so that all offsets stay valid."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_STEP = 1 << 20


@dataclass(frozen=True)
class Region:
    """A range of bytes that may hold metadata. `stop` is exclusive.

    `tiff` is where a TIFF header must stand if the format says so: a directory there is read even if it looks damaged.
    """

    start: int
    stop: int
    tiff: int | None = None


@dataclass(frozen=True)
class Blank:
    """Overwrite a range with one byte value. `is_value` marks a coordinate, whose bytes may occur nowhere else."""

    start: int
    stop: int
    fill: int = 0
    is_location: bool = True
    is_value: bool = False


@dataclass(frozen=True)
class Replacement:
    """Overwrite bytes with as many others."""

    start: int
    data: bytes
    is_location: bool = True


@dataclass(frozen=True)
class EntryRemoval:
    """Take one entry out of a TIFF directory (TIFF 6.0, section 2); the entries behind it move up.

    `directory` is where its count stands; `count_size`, `entry_size` and `pointer_size` are in bytes.
    """

    directory: int
    index: int
    count: int
    order: str
    count_size: int
    entry_size: int
    pointer_size: int
    is_location: bool = True


@dataclass(frozen=True)
class Cut:
    """Leave out everything from here to the end of the file."""

    at: int
    is_location: bool = False


@dataclass(frozen=True)
class Doubt:
    """Location is there, or may be there, and cannot be removed."""

    reason: str
    is_location: bool = True


Finding = Blank | Replacement | EntryRemoval | Cut | Doubt


class PictureBytes:
    """A picture as bytes that can be searched and changed; the file itself is never written to."""

    def __init__(self, data: mmap.mmap | bytearray) -> None:
        self._data = data
        self.end = len(data)

    @classmethod
    def from_file(cls, path: Path) -> PictureBytes:
        """Map a file; only pages that are changed take memory. Raises `ValueError` for an empty file, `OSError`."""
        with path.open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))

    def close(self) -> None:
        """Give the mapping back."""
        if isinstance(self._data, mmap.mmap):
            self._data.close()

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes of a range, as far as they are there."""
        return bytes(self._data[max(0, start) : max(0, min(stop, self.end))])

    def read_number(self, start: int, size: int, order: str) -> int | None:
        """Return an unsigned number; `order` is `<` or `>`. None if it lies outside the file."""
        raw = self.read(start, start + size) if start >= 0 else b""
        return int.from_bytes(raw, "little" if order == "<" else "big") if len(raw) == size else None

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> int:
        """Return where bytes stand first, or -1."""
        return self._data.find(data, start, self.end if stop is None else min(stop, self.end))

    def rfind(self, data: bytes, start: int, stop: int) -> int:
        """Return where bytes stand last, or -1."""
        return self._data.rfind(data, max(0, start), min(stop, self.end))

    def find_all(self, data: bytes, region: Region) -> Iterator[int]:
        """Yield every place in a region where bytes stand."""
        at = self.find(data, region.start, region.stop)
        while at >= 0:
            yield at
            at = self.find(data, at + 1, region.stop)

    def write(self, start: int, data: bytes) -> None:
        """Overwrite bytes; what would lie behind the end is left out."""
        stop = min(start + len(data), len(self._data))
        if 0 <= start < stop:
            self._data[start:stop] = data[: stop - start]

    def fill(self, start: int, stop: int, value: int) -> None:
        """Overwrite a range with one byte value."""
        for at in range(start, stop, _STEP):
            self.write(at, bytes([value]) * (min(at + _STEP, stop) - at))

    def save(self, target: Path) -> None:
        """Write the bytes as they are now."""
        with target.open("wb") as file:
            for at in range(0, self.end, _STEP):
                file.write(self._data[at : min(at + _STEP, self.end)])


def apply(picture: PictureBytes, findings: Iterable[Finding]) -> set[bytes]:
    """Carry out edits; returns the bytes of the coordinates that were blanked."""
    values: set[bytes] = set()
    removals: list[EntryRemoval] = []
    for finding in findings:
        match finding:
            case Blank(start, stop, fill):
                if finding.is_value:
                    values.add(picture.read(start, stop))
                picture.fill(start, stop, fill)
            case Replacement(start, data):
                picture.write(start, data)
            case EntryRemoval():
                removals.append(finding)
            case Cut(at):
                picture.end = min(picture.end, at)
            case Doubt():
                pass
    taken: dict[int, int] = {}
    for removal in sorted(set(removals), key=lambda removal: (removal.directory, -removal.index)):
        already = taken.get(removal.directory, 0)
        _remove_entry(picture, removal, already)
        taken[removal.directory] = already + 1
    return values


def _remove_entry(picture: PictureBytes, removal: EntryRemoval, already_removed: int) -> None:
    count = removal.count - already_removed
    entries = removal.directory + removal.count_size
    start = entries + removal.index * removal.entry_size
    end = entries + count * removal.entry_size + removal.pointer_size
    behind = picture.read(start + removal.entry_size, end)
    picture.write(start, behind.ljust(max(0, end - start), b"\0"))
    fewer = max(0, count - 1)
    picture.write(removal.directory, fewer.to_bytes(removal.count_size, "little" if removal.order == "<" else "big"))
