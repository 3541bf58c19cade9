"""The reading order of recognized lines: columns from left to right; vertical writing from right to left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TALL = 1.8
_GAP_SHARE = 0.015
_LEAST_LINES = 3


@dataclass(frozen=True)
class Line:
    """A recognized line: text, confidence 0 to 1, and its upright box in points of the page, from the top left."""

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
    """Return whether a page is written downwards, by the characters of its lines."""
    return sum(len(line.text) for line in lines if line.vertical) * 2 > sum(len(line.text) for line in lines)


def reading_order(lines: Sequence[Line], width: float) -> list[Line]:
    """Return lines in the order of reading; `width` is the page's, in points."""
    if is_vertical(lines):
        pitch = _line_pitch(lines)
        return sorted(lines, key=lambda line: (-round((line.left + line.right) / 2 / pitch), line.top))
    return _split_columns(sorted(lines, key=lambda line: (line.top, line.left)), width)


def _split_columns(lines: list[Line], width: float) -> list[Line]:
    """Split at the widest gap between columns, then each side in the same way; the left one is read first."""
    cut = _widest_gap(lines, width)
    if cut is None:
        return _join_rows(lines)
    left, right = [line for line in lines if line.right <= cut], [line for line in lines if line.left >= cut]
    return _split_columns(left, width) + _split_columns(right, width)


def _widest_gap(lines: list[Line], width: float) -> float | None:
    """Return the middle of the widest vertical strip without text, where enough lines are on both of its sides."""
    reach, widest, middle = None, width * _GAP_SHARE, 0.0
    for line in sorted(lines, key=lambda line: line.left):
        if reach is not None and line.left - reach > widest:
            widest, middle = line.left - reach, (line.left + reach) / 2
        reach = line.right if reach is None else max(reach, line.right)
    if not middle:
        return None
    lines_left, lines_right = sum(line.right <= middle for line in lines), sum(line.left >= middle for line in lines)
    return middle if min(lines_left, lines_right) >= _LEAST_LINES else None


def _join_rows(lines: list[Line]) -> list[Line]:
    """Return lines of one column; those that overlap in height are one row, read from the left."""
    rows: list[list[Line]] = []
    for line in lines:
        middle = (line.top + line.bottom) / 2
        if rows and rows[-1][0].top <= middle <= rows[-1][0].bottom:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.left)]


def _line_pitch(lines: Sequence[Line]) -> float:
    """Return the median width of vertical lines, in points."""
    widths = sorted(line.right - line.left for line in lines)
    return max(widths[len(widths) // 2], 1.0)
