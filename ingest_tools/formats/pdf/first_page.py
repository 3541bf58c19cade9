"""A picture of the first page of a PDF, which readers see until their browser can draw the page itself.

It comes before anything else over a slow line, so it is small: a page of dense text in four greys has 55 KB, and 140 as
lossy WebP of the same width. A page with colours or photos is lossy.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageChops

from ingest_tools.description import Derived
from library_server.catalogue.enums import FIRST_PAGE

WIDTH = 800  # pixels
_GREYS = 4
_SAMPLE_SIDE = 160  # pixels of the picture that is looked at for colours
_COLOUR, _COLOURED_SHARE = 40, 0.01  # how far the values of a coloured pixel differ, and how many pixels may
_MIDDLE_GREYS, _MIDDLE_SHARE = (70, 200), 0.35  # scaled letters are grey; more of it is a photo
_QUALITY, _METHOD = 40, 2


def write_first_page(page: Image.Image, out: Path) -> Derived:
    """Write the picture into `out`; `page` is the drawn page in RGB. Raises `OSError` or `ValueError`."""
    picture = page.copy()
    picture.thumbnail((WIDTH, WIDTH * 4), Image.Resampling.HAMMING)
    if _is_text(picture):
        greys = picture.convert("L").point(lambda value: round(value * (_GREYS - 1) / 255) * 255 // (_GREYS - 1))
        greys.save(out / FIRST_PAGE, "WEBP", lossless=True, quality=0, method=_METHOD)
    else:
        picture.save(out / FIRST_PAGE, "WEBP", quality=_QUALITY, method=_METHOD)
    return Derived("rendition", FIRST_PAGE, "image/webp", FIRST_PAGE)


def _is_text(picture: Image.Image) -> bool:
    sample = picture.copy()
    sample.thumbnail((_SAMPLE_SIDE, _SAMPLE_SIDE), Image.Resampling.BOX)
    red, green, blue = sample.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    least = ImageChops.darker(ImageChops.darker(red, green), blue)
    coloured = _share_between(ImageChops.subtract(most, least), _COLOUR, 256)
    return coloured < _COLOURED_SHARE and _share_between(picture.convert("L"), *_MIDDLE_GREYS) < _MIDDLE_SHARE


def _share_between(values: Image.Image, least: int, end: int) -> float:
    """Return the share of pixels with a value from `least` to before `end`."""
    return sum(values.histogram()[least:end]) / (values.width * values.height)
