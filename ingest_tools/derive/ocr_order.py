"""The order in which recognised lines are read: columns from left to right; vertical writing from right to left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TALL = 1.8
_GAP_SHARE = 0.015
_LEAST_LINES = 3


@dataclass(frozen=True)
class Line:
    """A recognised line: text, confidence 0 to 1, and its upright box in points of the page, from the top left."""

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def vertical(self) -> bool:
        """Whether it is written downwards."""
        return len(self.text) > 1 and self.bottom - self.top > TALL * (self.right - self.left)


def is_vertical(lines: Sequence[Line]) -> bool:
    """Whether a page is written downwards, by the characters of its lines."""
    return sum(len(one.text) for one in lines if one.vertical) * 2 > sum(len(one.text) for one in lines)


def reading_order(lines: Sequence[Line], width: float) -> list[Line]:
    """Lines in the order of reading; `width` is the page's, in points."""
    if is_vertical(lines):
        return sorted(lines, key=lambda one: (-round((one.left + one.right) / 2 / _step(lines)), one.top))
    return _columns(sorted(lines, key=lambda one: (one.top, one.left)), width)


def _columns(lines: list[Line], width: float) -> list[Line]:
    """Split at the widest empty strip that runs down between lines; each side is read for itself."""
    cut = _strip(lines, width)
    if cut is None:
        return _rows(lines)
    left, right = [one for one in lines if one.right <= cut], [one for one in lines if one.left >= cut]
    return _columns(left, width) + _columns(right, width)


def _strip(lines: list[Line], width: float) -> float | None:
    reach, best = None, (width * _GAP_SHARE, 0.0)
    for one in sorted(lines, key=lambda line: line.left):
        if reach is not None and one.left - reach > best[0]:
            best = one.left - reach, (one.left + reach) / 2
        reach = one.right if reach is None else max(reach, one.right)
    cut = best[1]
    if not cut:
        return None
    sides = sum(one.right <= cut for one in lines), sum(one.left >= cut for one in lines)
    return cut if min(sides) >= _LEAST_LINES else None


def _rows(lines: list[Line]) -> list[Line]:
    """Lines of one column; those that overlap in height are one row, read from the left."""
    rows: list[list[Line]] = []
    for one in lines:
        middle = (one.top + one.bottom) / 2
        if rows and rows[-1][0].top <= middle <= rows[-1][0].bottom:
            rows[-1].append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda line: line.left)]


def _step(lines: Sequence[Line]) -> float:
    widths = sorted(one.right - one.left for one in lines)
    return max(widths[len(widths) // 2], 1.0)
