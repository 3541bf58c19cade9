"""Line motifs as plain shapes, so that SVG and raster draw the same. They stay below y = 232."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

TOP, BOTTOM, LEFT, RIGHT = 232.0, 320.0, 0.0, 240.0


@dataclass(frozen=True)
class Line:
    """A stroke through points, `width` units wide."""

    points: tuple[tuple[float, float], ...]
    width: float = 1.2
    opacity: float = 0.45


@dataclass(frozen=True)
class Disc:
    """A filled circle."""

    x: float
    y: float
    radius: float
    opacity: float = 0.25


@dataclass(frozen=True)
class Area:
    """A filled outline."""

    points: tuple[tuple[float, float], ...]
    opacity: float = 0.22


Shape = Line | Disc | Area


def draw_motif(motif: str, turn: int) -> list[Shape]:
    """Return the shapes of a motif; `turn` (0 to 4) varies it a little."""
    return _MOTIFS[motif](turn)


def _draw_stalks(turn: int) -> list[Shape]:
    drawn: list[Shape] = []
    for number in range(4):
        x = 58 + number * 38 + turn * 2
        drawn.append(Line(((x - 10, BOTTOM), (x - 5, 285), (x, 246))))
        for step in range(4):
            y = 246 + step * 9
            drawn += [Disc(x - 6 + step, y + 4, 2.6, 0.5), Disc(x + 5 - step * 0.5, y, 2.6, 0.5)]
    return drawn


def _draw_waves(turn: int) -> list[Shape]:
    return [
        Line(tuple((x, y + 4 * math.sin((x + y * 7 + turn * 13) / 16)) for x in range(10, 232, 13)))
        for y in range(246, 316, 11)
    ]


def _draw_board(turn: int) -> list[Shape]:
    drawn: list[Shape] = [Line(((40 + step * 20, 238), (40 + step * 20, BOTTOM)), 0.8) for step in range(11)]
    drawn += [Line(((40, 238 + step * 20), (RIGHT, 238 + step * 20)), 0.8) for step in range(5)]
    return [*drawn, Disc(100 + turn * 20, 278, 8, 0.8), Disc(140, 298, 8, 0.3)]


def _draw_hills(turn: int) -> list[Shape]:
    drawn: list[Shape] = []
    for number in range(3):
        base = 262 + number * 20
        ridge = tuple(
            (float(x), base - 16 * abs(math.sin((x + turn * 17 + number * 47) / (34 + number * 7))))
            for x in range(0, 241, 8)
        )
        drawn.append(Area(((LEFT, BOTTOM), *ridge, (RIGHT, BOTTOM)), 0.16 + number * 0.06))
    return drawn


def _draw_sun(turn: int) -> list[Shape]:
    return [Disc(150 - turn * 14, 272, 34, 0.28), Line(((0, 290), (240, 290)), 0.9), Line(((60, 301), (180, 301)), 0.9)]


def _draw_gourd(turn: int) -> list[Shape]:
    x = 120 + (turn - 2) * 14
    return [Disc(x, 262, 13, 0.3), Disc(x, 290, 21, 0.3), Line(((x, 250), (x + 3, 240), (x + 12, 236)), 1.4)]


def _draw_pages(turn: int) -> list[Shape]:
    drawn: list[Shape] = []
    for step in range(5 + turn % 2):
        y = 254 + step * 9
        drawn.append(Line(((52, y), (112, y + 5)), 1.0))
        drawn.append(Line(((188, y), (128, y + 5)), 1.0))
    return [*drawn, Line(((120, 252), (120, 308)), 1.0)]


def _draw_lamp(turn: int) -> list[Shape]:
    x = 110 + turn * 8
    return [Disc(x, 262, 26, 0.16), Disc(x, 262, 14, 0.24), Disc(x, 262, 5, 0.8),
            Line(((x, 270), (x, 292)), 1.4), Line(((x - 22, 296), (x + 22, 296)), 1.4)]  # fmt: skip


def _draw_rings(turn: int) -> list[Shape]:
    x, y = 96 + turn * 10, 330
    return [Line(tuple((x + r * math.cos(a / 12 * math.pi), y - r * math.sin(a / 12 * math.pi))
                       for a in range(0, 13)), 1.0) for r in range(18, 92, 14)]  # fmt: skip


_MOTIFS: dict[str, Callable[[int], list[Shape]]] = {
    "stalks": _draw_stalks,
    "waves": _draw_waves,
    "board": _draw_board,
    "hills": _draw_hills,
    "sun": _draw_sun,
    "gourd": _draw_gourd,
    "pages": _draw_pages,
    "lamp": _draw_lamp,
    "rings": _draw_rings,
}
