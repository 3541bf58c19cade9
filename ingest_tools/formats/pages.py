"""Pictures of pages bound into one PDF: JPEG as it came, bilevel scans without loss, anything else as JPEG."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import pikepdf
from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile

from ingest_tools.description import RefusedSidecar
from ingest_tools.formats.documents.scanned_pages import PAGES_LIMIT, find_page_frames
from ingest_tools.formats.pictures import open_picture, refuse_too_large
from ingest_tools.rejections import RejectedError

BYTES_LIMIT = 1 << 30
_QUALITY = 90
_DPI, _LEAST_DPI, _MOST_DPI = 150.0, 50.0, 1200.0
_POINTS = 72.0
_A4 = (595.0, 842.0)  # points
_ORIENTATION, _UPRIGHT = 0x0112, 1
_COLOURS = {"1": "/DeviceGray", "L": "/DeviceGray", "RGB": "/DeviceRGB"}


def bind(pages: Sequence[Path], target: Path) -> list[RefusedSidecar]:
    """Write the pages in their order; returns those that cannot be read, by their place from 0.

    A TIFF of several pages gives all of them. The same pages give the same bytes. Raises `RejectedError` where none can
    be read.
    """
    refused: list[RefusedSidecar] = []
    size = 0
    with pikepdf.new() as document:
        for index, path in enumerate(pages):
            try:
                for added in _add_pages(document, path):
                    size += added
                    if size > BYTES_LIMIT:
                        break
            except RejectedError as error:
                refused.append(RefusedSidecar(index, error.code, error.detail))
            if size > BYTES_LIMIT:
                raise RejectedError("too_large")
        _save(document, target, refused[0].code if refused else "empty_file")
    return refused


def _add_pages(document: pikepdf.Pdf, path: Path) -> Iterator[int]:
    """Add the pages of a file, and yield the bytes of each. Raises `RejectedError`."""
    try:
        if not path.stat().st_size:
            raise RejectedError("empty_file")
        frames = find_page_frames(path)[:PAGES_LIMIT]
    except (OSError, ValueError) as error:
        raise RejectedError("damaged", str(error)) from error
    with _Frames(path) as opened:
        for frame in frames or [0]:
            yield opened.add(document, frame)


def bind_frames(path: Path, frames: Sequence[int], target: Path) -> list[int]:
    """Write these pictures of a TIFF as pages; returns the numbers of those that cannot be read, which are blank.

    Numbers are counted from 1. Raises `RejectedError` where none can be read.
    """
    refused: dict[int, str] = {}
    size = 0
    with pikepdf.new() as document, _Frames(path) as opened:
        for number, frame in enumerate(frames, 1):
            try:
                size += opened.add(document, frame)
            except RejectedError as error:
                refused[number] = error.code
                box = document.pages[-1].mediabox if document.pages else (0, 0, *_A4)
                document.add_blank_page(page_size=(float(box[2]), float(box[3])))
            if size > BYTES_LIMIT:
                raise RejectedError("too_large")
        if len(refused) == len(frames):
            raise RejectedError(next(iter(refused.values()), "empty_file"))
        _save(document, target, "empty_file")
    return list(refused)


def _save(document: pikepdf.Pdf, target: Path, code: str) -> None:
    if not document.pages:
        raise RejectedError(code)
    document.save(target, deterministic_id=True)


class _Frames:
    """A file of pictures that stays open, since a TIFF that is opened anew is read from its first picture; after a
    picture that cannot be read it is opened anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._picture: ImageFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._picture is not None:
            self._picture.close()
        self._picture = None

    def add(self, document: pikepdf.Pdf, frame: int) -> int:
        """Add a picture as a page; returns its bytes. Raises `RejectedError`."""
        try:
            return self._add(document, frame)
        except RejectedError:
            self._close()
            raise
        except (OSError, ValueError, SyntaxError, TypeError, EOFError, KeyError, MemoryError, AttributeError,
                Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # fmt: skip
            self._close()
            raise RejectedError("damaged", str(error)) from error

    def _add(self, document: pikepdf.Pdf, frame: int) -> int:
        picture = self._picture = self._picture or open_picture(self._path)
        if frame != picture.tell():
            picture.info.pop("dpi", None)  # of the picture before
            picture.seek(frame)
            refuse_too_large(picture)
        return _add_page(document, picture, self._path)


def _add_page(document: pikepdf.Pdf, picture: ImageFile, path: Path) -> int:
    resolution = picture.info.get("dpi", (0,))[0]
    data, image = _encode_picture(picture, path)
    dpi = float(resolution) if _LEAST_DPI <= float(resolution) <= _MOST_DPI else _DPI
    width, height = (int(image[name]) * _POINTS / dpi for name in ("/Width", "/Height"))
    stream = pikepdf.Stream(document, data, image)
    page = document.add_blank_page(page_size=(width, height))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=stream))
    page.Contents = pikepdf.Stream(document, f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Page Do Q".encode())
    return len(data)


def _encode_picture(picture: ImageFile, path: Path) -> tuple[bytes, dict[str, Any]]:
    """Return the bytes of a picture in a PDF, and what is said of it there (ISO 32000-1, 8.9.5)."""
    is_upright = picture.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT
    if picture.format == "JPEG" and picture.mode in {"L", "RGB"} and is_upright:
        picture.load()  # a JPEG that ends early is found here
        return path.read_bytes(), _build_image(picture, "/DCTDecode")
    turned = picture if is_upright else ImageOps.exif_transpose(picture)
    if turned.mode == "1":
        return zlib.compress(turned.tobytes(), 9), _build_image(turned, "/FlateDecode", bits=1)
    plain = turned if turned.mode in _COLOURS else _on_paper(turned)
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue(), _build_image(plain, "/DCTDecode")


def _build_image(picture: Image.Image, encoding: str, bits: int = 8) -> dict[str, Any]:
    return {
        "/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": picture.width,
        "/Height": picture.height, "/BitsPerComponent": bits, "/Filter": pikepdf.Name(encoding),
        "/ColorSpace": pikepdf.Name(_COLOURS[picture.mode]),
    }  # fmt: skip


def _on_paper(picture: Image.Image) -> Image.Image:
    if picture.mode not in {"RGBA", "LA", "PA", "P"}:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground
