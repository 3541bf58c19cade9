"""Where the first of equal rows of a list stands, of every different row, in little memory."""

from __future__ import annotations

from array import array

_SLOTS = 1 << 12
_KEY_BYTES = 8
_NUMBER_BITS = 32


class FirstRows:
    """A hash table of 64 bits of a row's digest and its place, 16 bytes a slot: a dictionary would take 200 a row."""

    def __init__(self) -> None:
        self._sheets: list[str | None] = []
        self._keys, self._places = _empty(_SLOTS), _empty(_SLOTS)
        self._count = 0

    def first_of(self, digest: bytes, number: int, sheet: str | None) -> tuple[int, str | None]:
        """Return the number and sheet of the first row of this digest, which is kept where it is the first."""
        if not self._sheets or self._sheets[-1] != sheet:
            self._sheets.append(sheet)
        key = int.from_bytes(digest[:_KEY_BYTES], "big")
        slot = self._slot(key)
        place = self._places[slot]
        if not place:
            self._put(slot, key, (len(self._sheets) - 1) << _NUMBER_BITS | number)
            return number, sheet
        return place & ((1 << _NUMBER_BITS) - 1), self._sheets[place >> _NUMBER_BITS]

    def _slot(self, key: int) -> int:
        """Return the slot of a key, or the one where it would stand."""
        last = len(self._keys) - 1
        slot = key & last
        while self._places[slot] and self._keys[slot] != key:
            slot = (slot + 1) & last
        return slot

    def _put(self, slot: int, key: int, place: int) -> None:
        self._keys[slot], self._places[slot] = key, place
        self._count += 1
        if self._count * 4 > len(self._keys) * 3:
            self._grow()

    def _grow(self) -> None:
        keys, places = self._keys, self._places
        self._keys, self._places = _empty(2 * len(keys)), _empty(2 * len(keys))
        for key, place in zip(keys, places, strict=True):
            if place:
                slot = self._slot(key)
                self._keys[slot], self._places[slot] = key, place


def _empty(slots: int) -> array[int]:
    return array("Q", bytes(8 * slots))
