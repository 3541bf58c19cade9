"""A drawn cover as JPEG by Pillow: what televisions, feeds and shared links get."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

from library_server.delivery.covers.generated.design import HEIGHT, WIDTH, Design
from library_server.delivery.covers.generated.motifs import Disc, Line, Shape, draw_motif
from library_server.delivery.covers.generated.typesetting import Glyph, set_author, set_title
from library_server.fonts import find_cjk_font

SCALE = 2


def render_jpeg(design: Design) -> bytes:
    """Return the cover as JPEG of 480 x 640 pixels."""
    sheet = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), design.cloth.ground)
    for shape in draw_motif(design.motif, design.turn):
        _draw(sheet, shape, design.cloth.ink)
    frame = tuple(SCALE * edge for edge in (7.5, 7.5, WIDTH - 7.5, HEIGHT - 7.5))
    _blend(sheet, design.cloth.ink, 0.4, lambda pen: pen.rectangle(frame, outline=255, width=SCALE))
    for glyph in (*set_title(design.title), *set_author(design.title, design.author)):
        _write(sheet, glyph, design.cloth.ink)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85)
    return out.getvalue()


def _draw(sheet: Image.Image, shape: Shape, ink: str) -> None:
    if isinstance(shape, Disc):
        x, y, radius = (SCALE * value for value in (shape.x, shape.y, shape.radius))
        box = (x - radius, y - radius, x + radius, y + radius)
        _blend(sheet, ink, shape.opacity, lambda pen: pen.ellipse(box, fill=255))
        return
    points = [(x * SCALE, y * SCALE) for x, y in shape.points]
    if isinstance(shape, Line):
        width = max(1, round(shape.width * SCALE))
        _blend(sheet, ink, shape.opacity, lambda pen: pen.line(points, fill=255, width=width, joint="curve"))
    else:
        _blend(sheet, ink, shape.opacity, lambda pen: pen.polygon(points, fill=255))


def _blend(sheet: Image.Image, ink: str, opacity: float, draw: Callable[[ImageDraw.ImageDraw], None]) -> None:
    mask = Image.new("L", sheet.size, 0)
    draw(ImageDraw.Draw(mask))
    sheet.paste(Image.new("RGB", sheet.size, ink), mask=mask.point(lambda value: int(value * opacity)))


def _write(sheet: Image.Image, glyph: Glyph, ink: str) -> None:
    size = round(glyph.size * SCALE)
    font = find_cjk_font(size)
    left, _, right, _ = font.getbbox(glyph.text, anchor="ls")
    width, height = int(right - left) + 4, size + size // 2
    mask = Image.new("L", (width, height), 0)
    ImageDraw.Draw(mask).text((2 - left, size), glyph.text, fill=255, font=font, anchor="ls")
    x, y = glyph.x * SCALE - width / 2, glyph.y * SCALE - size * 0.64
    if glyph.turned:
        mask = mask.rotate(-90, expand=True)
        x, y = glyph.x * SCALE - mask.width / 2, glyph.y * SCALE - mask.height / 2
    sheet.paste(Image.new("RGB", mask.size, ink), (round(x), round(y)), mask)
