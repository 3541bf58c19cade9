"""Drawn scenes of the district: quiet shapes in paper colours, used as photos and behind films."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image, ImageDraw

WIDTH, HEIGHT = 1600, 960
_SUPER = 2


@dataclass(frozen=True)
class Photo:
    """A photo of the sample: its file name carries date and title, its EXIF the rest."""

    date: str
    title: str
    scene: str
    photographer: str


PHOTOS = (
    Photo("1978-12", "栗雨老街", "street", "谭素芳"),
    Photo("1962", "东岸渡口", "river", "周望水"),
    Photo("1984-11", "三门橘园", "orchard", "陈守田"),
    Photo("1996-02", "村里唱戏", "stage", "李月娥"),
    Photo("2003-07", "双抢", "paddy", "区图书馆"),
    Photo("1976-12", "村小通电那晚", "school", "谭素芳"),
    Photo("2016-05", "天元大桥的早晨", "bridge", "何一白"),
    Photo("1969-10", "渡船上的新娘", "river", "周望水"),
    Photo("2002-09", "文化室的围棋课", "school", "何一白"),
    Photo("1991-04", "雷打石的山", "hills", "区图书馆"),
)


STORY_PICTURES = {
    "最后一家秤铺": "street",
    "渡口的灯": "river",
    "一担橘子": "orchard",
    "第一场露天电影": "hills",
}


def draw_scene(scene: str) -> Image.Image:
    """Return a scene of 1600 x 960 pixels; the same name gives the same picture."""
    sheet = Image.new("RGB", (WIDTH * _SUPER, HEIGHT * _SUPER))
    pen = ImageDraw.Draw(sheet, "RGBA")
    _SCENES[scene](pen, random.Random(scene))  # noqa: S311 - a picture, not a secret
    return sheet.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def write_photo(photo: Photo, folder: Path) -> None:
    """Write a JPEG with date, camera and photographer in its EXIF."""
    exif = Image.Exif()
    year, _, month = photo.date.partition("-")
    exif[ExifTags.Base.Make] = "Seagull"
    exif[ExifTags.Base.Model] = "DF-1"
    exif[ExifTags.Base.Artist] = photo.photographer.encode()  # UTF-8, as cameras write it; text would lose its Chinese
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{year}:{month or '06'}:15 10:00:00"
    draw_scene(photo.scene).save(folder / f"{photo.date} {photo.title}.jpg", quality=88, exif=exif)


def write_story_picture(story: str, folder: Path) -> None:
    """Write the picture of a story, which belongs to it by its name."""
    draw_scene(STORY_PICTURES[story]).save(folder / f"{story}.jpg", quality=86)


def _draw_box(pen: ImageDraw.ImageDraw, left: float, top: float, right: float, bottom: float, fill: str) -> None:
    pen.rectangle([value * _SUPER for value in (left, top, right, bottom)], fill=fill)


def _draw_disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: str) -> None:
    pen.ellipse([value * _SUPER for value in (x - radius, y - radius, x + radius, y + radius)], fill=fill)


def _draw_area(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], fill: str) -> None:
    pen.polygon([(x * _SUPER, y * _SUPER) for x, y in points], fill=fill)


def _draw_ridge(pen: ImageDraw.ImageDraw, base: float, height: float, phase: float, fill: str) -> None:
    top = [
        (x, base - height * abs(math.sin(x / 260 + phase)) - height * 0.3 * math.sin(x / 90 + phase * 3))
        for x in range(0, WIDTH + 20, 10)
    ]
    _draw_area(pen, [(0, HEIGHT), *top, (WIDTH, HEIGHT)], fill)


def _draw_street(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _draw_box(pen, 0, 0, WIDTH, HEIGHT, "#d9cdb4")
    walls = ("#ac997d", "#8f7f69", "#b8a78a", "#a8977a")
    for number in range(8):
        left = number * 200
        _draw_box(pen, left + 3, 380, left + 197, HEIGHT, walls[number % 4])
        _draw_area(pen, [(left - 12, 390), (left + 100, 262 + chance.randint(-10, 14)), (left + 212, 390)], "#57564f")
        _draw_box(pen, left + 62, 560, left + 138, 780, "#6d5f4c")
        _draw_box(pen, left + 96, 560, left + 99, 780, "#584c3c")
    _draw_area(pen, [(560, HEIGHT), (760, 520), (840, 520), (1100, HEIGHT)], "#c9bda2")
    _draw_disc(pen, 690, 640, 16, "#a8322a")


def _draw_river(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _draw_box(pen, 0, 0, WIDTH, HEIGHT, "#e2e4dc")
    _draw_disc(pen, 1150, 240, 70, "#cf7265")
    _draw_ridge(pen, 480, 120, 0.4, "#b4c2bb")
    _draw_ridge(pen, 540, 90, 1.7, "#8fa59c")
    _draw_box(pen, 0, 560, WIDTH, HEIGHT, "#6f8f93")
    for _ in range(60):
        x, y = chance.randint(0, WIDTH), chance.randint(580, HEIGHT)
        _draw_box(pen, x, y, x + chance.randint(40, 160), y + 3, "#86a3a5")
    _draw_area(pen, [(520, 690), (960, 690), (900, 740), (580, 740)], "#3a3a36")
    _draw_box(pen, 720, 610, 726, 690, "#3a3a36")
    _draw_disc(pen, 723, 604, 11, "#e8b34a")


def _draw_orchard(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _draw_box(pen, 0, 0, WIDTH, HEIGHT, "#cfd8ba")
    greens = ("#7d9a68", "#5f8253", "#8fae7c", "#4f7448")
    for _ in range(90):
        _draw_disc(
            pen,
            chance.randint(0, WIDTH),
            chance.randint(120, HEIGHT),
            chance.randint(50, 130),
            chance.choice(greens) + "b0",
        )
    for _ in range(46):
        x, y = chance.randint(20, WIDTH - 20), chance.randint(180, HEIGHT - 20)
        _draw_disc(pen, x, y, 24, "#df8a2d")
        _draw_disc(pen, x - 7, y - 8, 6, "#efb067")


def _draw_stage(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _draw_box(pen, 0, 0, WIDTH, HEIGHT, "#6d2620")
    _draw_area(pen, [(0, 0), (330, 0), (150, HEIGHT), (0, HEIGHT)], "#8e332a")
    _draw_area(pen, [(WIDTH, 0), (WIDTH - 330, 0), (WIDTH - 150, HEIGHT), (WIDTH, HEIGHT)], "#8e332a")
    pen.ellipse([value * _SUPER for value in (320, 760, 1280, 900)], fill="#a76b3c")
    _draw_area(pen, [(720, 820), (760, 430), (840, 430), (900, 820)], "#f1e2c2")
    _draw_disc(pen, 800, 370, 62, "#f1e2c2")
    _draw_area(pen, [(840, 470), (1060, 500), (1120, 640), (1000, 560), (850, 560)], "#e0c9a6")
    for _ in range(12):
        _draw_disc(pen, chance.randint(60, WIDTH - 60), HEIGHT + 10, chance.randint(40, 60), "#3c1613")


def _draw_paddy(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _draw_box(pen, 0, 0, WIDTH, HEIGHT, "#e7e3cf")
    _draw_ridge(pen, 360, 80, 2.2, "#b9c4b0")
    for row in range(9):
        top = 380 + row * row * 7
        _draw_area(
            pen,
            [(0, top), (WIDTH, top - 30), (WIDTH, top + 12 + row * 9), (0, top + 34 + row * 9)],
            ("#9bb27a", "#c3cfa0")[row % 2],
        )
    for _ in range(5):
        x, y = chance.randint(200, 1400), chance.randint(620, 860)
        _draw_area(pen, [(x, y), (x + 30, y - 70), (x + 62, y)], "#4b5144")
        _draw_disc(pen, x + 31, y - 82, 30, "#d8bf86")


def _draw_school(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _draw_box(pen, 0, 0, WIDTH, HEIGHT, "#232b38")
    for _ in range(70):
        _draw_disc(pen, chance.randint(0, WIDTH), chance.randint(0, 420), chance.choice((1.5, 2, 3)), "#c9cfd6")
    _draw_ridge(pen, 560, 70, 0.9, "#1b2129")
    _draw_box(pen, 420, 500, 1180, 820, "#3b3a3c")
    _draw_area(pen, [(370, 510), (800, 370), (1230, 510)], "#2a292b")
    for left in (490, 690, 890, 1060):
        _draw_box(pen, left, 590, left + 80, 690, "#f0cf7c")
        _draw_box(pen, left + 38, 590, left + 42, 690, "#3b3a3c")
    _draw_area(pen, [(490, 820), (1150, 820), (1330, HEIGHT), (330, HEIGHT)], "#f0cf7c30")


def _draw_bridge(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    _draw_box(pen, 0, 0, WIDTH, HEIGHT, "#efe2cf")
    _draw_disc(pen, 520, 360, 90, "#e6a57c")
    _draw_ridge(pen, 520, 60, 1.2, "#c8bda9")
    _draw_box(pen, 0, 600, WIDTH, HEIGHT, "#b9b8a8")
    for number in range(6):
        x = 120 + number * 290
        _draw_box(pen, x, 540, x + 26, 760, "#6d6a60")
        pen.arc([value * _SUPER for value in (x - 130, 470, x + 160, 640)], 180, 360, fill="#6d6a60", width=14 * _SUPER)
    _draw_box(pen, 0, 528, WIDTH, 552, "#57554d")
    for _ in range(40):
        x, y = chance.randint(0, WIDTH), chance.randint(700, HEIGHT)
        _draw_box(pen, x, y, x + chance.randint(50, 150), y + 3, "#cdccbb")


def _draw_hills(pen: ImageDraw.ImageDraw, _chance: random.Random) -> None:
    _draw_box(pen, 0, 0, WIDTH, HEIGHT, "#dfe3da")
    _draw_disc(pen, 1180, 230, 76, "#cf6f62")
    for number, fill in enumerate(("#b4c0b6", "#86998f", "#637f73", "#436055")):
        _draw_ridge(pen, 480 + number * 110, 130 - number * 12, number * 1.3, fill)


_SCENES: dict[str, Callable[[ImageDraw.ImageDraw, random.Random], None]] = {
    "street": _draw_street,
    "river": _draw_river,
    "orchard": _draw_orchard,
    "stage": _draw_stage,
    "paddy": _draw_paddy,
    "school": _draw_school,
    "bridge": _draw_bridge,
    "hills": _draw_hills,
}
