"""The perceptual hashes of all photos in memory; apart from `records.duplicates`, so that only photos need NumPy."""

from __future__ import annotations

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.models import Record
from library_server.catalogue.records.duplicates import PHOTO_BITS

_SIGN = 1 << 63
_MOST_ADDED = 400


class PhotoHashes:
    """The perceptual hashes of all photos, 8 bytes each: one call compares a photo with 100,000 in a millisecond."""

    def __init__(self, session: Session, leave_out: frozenset[str] = frozenset()) -> None:
        hashed = select(Record.id, Record.photo_hash).where(Record.photo_hash.is_not(None))
        rows = [row for row in session.execute(hashed) if row[0] not in leave_out]
        self._ids = [row[0] for row in rows]
        self._hashes = np.array([row[1] for row in rows], dtype=np.int64).view(np.uint64)
        self._added: list[int] = []

    def find_similar(self, photo_hash: int) -> list[str]:
        """Photos whose hash differs in at most `PHOTO_BITS` bits."""
        if len(self._added) > _MOST_ADDED:
            self._extend_array()
        unsigned_hash = np.int64(photo_hash).view(np.uint64)
        known = np.flatnonzero(np.bitwise_count(self._hashes ^ unsigned_hash) <= PHOTO_BITS)
        added = [
            len(self._hashes) + at
            for at, other in enumerate(self._added)
            if ((photo_hash ^ other) & (_SIGN * 2 - 1)).bit_count() <= PHOTO_BITS
        ]
        return [self._ids[at] for at in (*known, *added)]

    def add(self, record_id: str, photo_hash: int) -> None:
        """Add the hash of a photo."""
        self._ids.append(record_id)
        self._added.append(photo_hash)

    def _extend_array(self) -> None:
        self._hashes = np.concatenate([self._hashes, np.array(self._added, dtype=np.int64).view(np.uint64)])
        self._added = []
