"""Covers and thumbnails, and the average colour: 480 wide in JPEG, which every box reads; 240, of which lists have
many, and 1600 in WebP.

`draft` and `reducing_gap` decode near the size wanted, the filter is Hamming's, as sharp as a cover needs, and the
small one is the large one halved: 10 ms for a cover of 1200 x 1600, where full decoding, Lanczos and WebP method 4
take 80 (decisions/0008).
"""

from __future__ import annotations

import functools
import io
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.PsdImagePlugin import PsdImageFile

from ingest_tools.description import Derived
from ingest_tools.formats.photos import layered_pictures
from ingest_tools.formats.photos.unended_jpeg import end_jpeg
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage

LARGE, SMALL, SCREEN, PAGE = 480, 240, 1600, 2400
_PAGE_QUALITY = 85
SMALLEST_COVER = 16  # pixels a side: a spacer of a few pixels is no cover
PIXELS_LIMIT, JPEG_PIXELS_LIMIT = 200_000_000, 400_000_000  # JPEG is decoded small
_HEIGHT_RATIO = 2
_HASHED, _HASH_SIDE = 32, 8
_BLANK_SIDE, _BLANK_RANGE = 64, 16  # pixels a side that are looked at, and how far the values of a colour may differ
Image.MAX_IMAGE_PIXELS = JPEG_PIXELS_LIMIT
warnings.simplefilter("error", Image.DecompressionBombWarning)


def open_picture(source: Path | io.BytesIO) -> ImageFile:
    """Open an untrusted picture lazily. Raises `RejectedError`."""
    try:
        picture = _open_picture(source)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RejectedError("too_large", str(error)) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise RejectedError("damaged", str(error)) from error
    refuse_too_large(picture)
    return picture


def refuse_too_large(picture: ImageFile) -> None:
    """Raise `RejectedError` for a picture with more pixels than are decoded."""
    if picture.width * picture.height > (JPEG_PIXELS_LIMIT if picture.format == "JPEG" else PIXELS_LIMIT):
        raise RejectedError("too_large", f"{picture.width} x {picture.height}")


def _open_picture(source: Path | io.BytesIO) -> ImageFile:
    try:
        picture = Image.open(source, formats=["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000", "PSD", "PCX"])
    except UnidentifiedImageError:
        return _open_by_plugin(source)
    if isinstance(picture, PsdImageFile):
        layered_pictures.read_metadata(picture)
    ended = end_jpeg(source) if picture.format == "JPEG" else None
    if ended is None:
        return picture
    picture.close()
    return Image.open(ended, formats=["JPEG"])


def _open_by_plugin(source: Path | io.BytesIO) -> ImageFile:
    """Open a picture of a telephone, or one in TGA, which has no signature."""
    _know_heif()
    try:
        return Image.open(source, formats=["HEIF", "AVIF"])
    except UnidentifiedImageError:
        return Image.open(source, formats=["TGA"])


@functools.cache
def _know_heif() -> None:
    """Only phones' photos need it, and it takes as long to import as two covers to make."""
    import pi_heif

    pi_heif.register_heif_opener()


def perceptual_hash(picture: Image.Image) -> int:
    """64 bits that change little when a picture is scaled, recompressed or toned: the signs of its low frequencies.

    The discrete cosine transform (type II) of 32 x 32 grey pixels, its first 8 x 8 against their median.
    """
    import numpy as np

    grey = np.asarray(picture.convert("L").resize((_HASHED, _HASHED), Image.Resampling.BOX), dtype=np.float64)
    at = np.arange(_HASHED)
    waves = np.cos(np.pi / _HASHED * (at + 0.5) * np.arange(_HASH_SIDE)[:, None])
    low = (waves @ grey @ waves.T).ravel()
    bits = low > np.median(low[1:])
    return int("".join("1" if bit else "0" for bit in bits), 2)


def is_blank(source: Path) -> bool:
    """Return whether a picture shows one colour and nothing else. Raises `RejectedError`."""
    upright, _, _ = _open_upright(source, (_BLANK_SIDE, _BLANK_SIDE))
    return all(most - least < _BLANK_RANGE for least, most in upright.getextrema())  # type: ignore[misc]


def looks_like_document(picture: Image.Image) -> bool:
    """Return whether a picture is a page: mostly light and colourless, with some dark strokes over it."""
    import numpy as np

    small = picture.convert("RGB")
    small.thumbnail((320, 320))
    pixels = np.asarray(small, dtype=np.int16)
    light, spread = pixels.mean(axis=2), pixels.max(axis=2) - pixels.min(axis=2)
    paper = float(np.percentile(light, 80))
    ground = float(np.mean(light > paper - 40))
    ink = float(np.mean(light < paper - 70))
    return bool(paper > 150 and ground > 0.6 and 0.015 < ink < 0.35 and float(np.mean(spread > 60)) < 0.15)


@dataclass(frozen=True)
class PictureFacts:
    """A picture's size and colour; of one that is looked at, its perceptual hash in hex and whether it is a page."""

    cover: CoverImage
    photo_hash: str | None = None
    is_document: bool = False


def make_sizes(
    source: Path | io.BytesIO, out: Path, *, screen: bool = False, smallest: int = 1
) -> tuple[list[Derived], PictureFacts]:
    """Write the sizes of a picture into `out`; returns them and the facts of the upright picture.

    `screen` adds one of at most 1600 pixels a side, for looking at photos, and the facts of a photo.
    Raises `RejectedError`, also where a side has fewer than `smallest` pixels.
    """
    upright, width, height = _open_upright(source, (SCREEN, SCREEN) if screen else (LARGE, LARGE * _HEIGHT_RATIO))
    if min(width, height) < smallest:
        raise RejectedError("damaged", f"{width} x {height}")
    made = _write(upright, out, "1600", "rendition") if screen else []
    large = _fit_picture(upright, (LARGE, LARGE * _HEIGHT_RATIO))
    small = large.reduce(2) if LARGE in {large.width, large.height // _HEIGHT_RATIO} else _fit_picture(
        large, (SMALL, SMALL * _HEIGHT_RATIO)
    )  # fmt: skip
    made += _write(large, out, "480", "cover") + _write(small, out, "240", "thumbnail")
    red, green, blue = small.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    cover = CoverImage(width=width, height=height, color=f"#{red:02x}{green:02x}{blue:02x}")
    if not screen:
        return made, PictureFacts(cover)
    return made, PictureFacts(cover, f"{perceptual_hash(large):016x}", looks_like_document(large))


def to_jpeg(data: bytes) -> bytes:
    """Return a picture upright as JPEG, of at most 2400 pixels in width. Raises `RejectedError`."""
    upright, _, _ = _open_upright(io.BytesIO(data), (PAGE, PAGE * _HEIGHT_RATIO))
    target = io.BytesIO()
    upright.save(target, "JPEG", quality=_PAGE_QUALITY)
    return target.getvalue()


def make_cover(
    candidates: Iterable[Callable[[], bytes | None]], out: Path, *, smallest: int = SMALLEST_COVER
) -> tuple[list[Derived], CoverImage | None]:
    """Return the sizes of the first picture that can be read, and its facts; nothing where there is none.

    Each candidate returns the bytes of a picture, or None; it may raise `RejectedError`. A book is not refused for its
    cover.
    """
    for read in candidates:
        try:
            data = read()
            if data is None:
                continue
            made, facts = make_sizes(io.BytesIO(data), out, smallest=smallest)
        except RejectedError:
            continue
        return made, facts.cover
    return [], None


def _open_upright(source: Path | io.BytesIO, box: tuple[int, int]) -> tuple[Image.Image, int, int]:
    """Return a picture turned upright, made to fit the box, and its own width and height. Raises `RejectedError`."""
    try:
        with open_picture(source) as picture:
            icc = picture.info.get("icc_profile")
            width, height = _upright_size(picture)
            target = _scale_size(picture.size, box)
            picture.draft("RGB", target)
            resampling = Image.Resampling.LANCZOS if box == (SCREEN, SCREEN) else Image.Resampling.HAMMING
            picture.thumbnail(target, resampling, reducing_gap=2.0)
            ImageOps.exif_transpose(picture, in_place=True)
            upright = _plain_rgb(picture, icc)
    except RejectedError:
        raise
    except (OSError, ValueError, SyntaxError, RuntimeError, MemoryError, Image.DecompressionBombError) as error:
        raise RejectedError("damaged", str(error)) from error
    upright.info = {}  # Pillow writes comments of the source into a JPEG
    return upright, width, height


def _scale_size(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Return a size made to fit a box with its proportions kept, never enlarged. Turned pictures may exceed it a
    little.
    """
    scale = min(1.0, box[0] / size[0], box[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    return (picture.height, picture.width) if turned else picture.size


def _plain_rgb(picture: Image.Image, icc: bytes | None) -> Image.Image:
    if picture.mode in {"RGBA", "LA", "PA", "P"}:
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    if picture.mode.startswith("I"):
        picture = picture.convert("F").point(lambda value: value / 256).convert("L")
    elif picture.mode == "F":
        picture = _of_floats(picture)
    converted = picture if picture.mode == "RGB" else picture.convert("RGB")
    return _to_srgb(converted, icc) if icc and picture.mode == "RGB" else converted


def _of_floats(picture: Image.Image) -> Image.Image:
    """Grey of a picture in floating point. No format says its range: up to 1, 255 or 65535, else what is there."""
    import numpy as np

    values = np.nan_to_num(np.asarray(picture, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if low >= 0:
        low, high = 0.0, next((top for top in (1.0, 255.0, 65535.0) if high <= top), high)
    return Image.fromarray(((values - low) * (255 / ((high - low) or 1))).astype(np.uint8))


def _to_srgb(picture: Image.Image, icc: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return picture
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB")) or picture
    except (ImageCms.PyCMSError, OSError):
        return picture


def _fit_picture(picture: Image.Image, box: tuple[int, int]) -> Image.Image:
    if picture.width <= box[0] and picture.height <= box[1]:
        return picture
    copy = picture.copy()
    copy.thumbnail(box, Image.Resampling.HAMMING, reducing_gap=2.0)
    return copy


def _write(picture: Image.Image, out: Path, name: str, role: str) -> list[Derived]:
    if name == "480":
        picture.save(out / "480.jpg", "JPEG", quality=80)
        return [Derived(role, "480.jpg", "image/jpeg", "480.jpg")]
    picture.save(out / f"{name}.webp", "WEBP", quality=78, method=0 if name != "1600" else 2)
    return [Derived(role, f"{name}.webp", "image/webp", f"{name}.webp")]
