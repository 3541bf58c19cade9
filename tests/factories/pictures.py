"""Pages, photos and films that tests draw themselves."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from library_server.fonts import find_cjk_font

STORY = "一九七八年的冬天谭师傅在门口挂出第一杆自己做的秤街坊都来看秤杆是红木的秤星是铜的"


def page(lines: Sequence[str], *, vertical: bool = False, size: int = 38) -> Image.Image:
    """A page of print, A4 at 150 dots an inch."""
    drawn = Image.new("RGB", (1240, 1754), "white")
    draw, font = ImageDraw.Draw(drawn), find_cjk_font(size)
    for number, line in enumerate(lines):
        if vertical:
            for at, character in enumerate(line):
                draw.text((1120 - number * size * 2, 100 + at * size * 1.15), character, font=font, fill="black")
        else:
            draw.text((110, 110 + number * size * 1.7), line, font=font, fill="black")
    return drawn


def columns(left: Sequence[str], right: Sequence[str]) -> Image.Image:
    """A page of two columns."""
    drawn = page(left)
    draw, font = ImageDraw.Draw(drawn), find_cjk_font(38)
    for number, line in enumerate(right):
        draw.text((700, 110 + number * 38 * 1.7), line, font=font, fill="black")
    return drawn


def scene(number: int) -> Image.Image:
    """A picture with shapes as a photo has them; the same number always gives the same one."""
    chance = random.Random(number)
    picture = Image.new("RGB", (900, 600), "skyblue")
    draw = ImageDraw.Draw(picture)
    for _ in range(30):
        x, y = chance.randrange(900), chance.randrange(600)
        box = (x, y, x + chance.randrange(40, 300), y + chance.randrange(40, 300))
        draw.ellipse(box, fill=(chance.randrange(256), chance.randrange(256), chance.randrange(256)))
    return picture


def scan(path: Path, pages: Sequence[Image.Image]) -> Path:
    """A PDF of pictures alone, as a scanner writes it."""
    pages[0].save(path, "PDF", resolution=150, save_all=True, append_images=list(pages[1:]))
    return path


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg, quietly."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True, timeout=120)


def film(path: Path, *options: str, seconds: int = 4, size: str = "640x360", sound: bool = True) -> Path:
    """A film of moving figures and a tone; `options` are output options."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=d={seconds}:s={size}:r=25"]
    inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:d={seconds}"] if sound else []
    ffmpeg(
        *inputs,
        *(options or ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")),
        str(path),
    )
    return path
