"""Pictures of drawing programs. Photoshop (PSD) keeps a picture of all layers together, which is shown; what has none
is refused with what to do.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from PIL.PsdImagePlugin import MODES, PsdImageFile

from ingest_tools.rejections import RejectedError

PSD = b"8BPS\0\1"
_PHOTOSHOP = b"8BPS"
_OTHERS = {
    b"gimp xcf": "GIMP", b"Paint Shop Pro Image File": "PaintShop Pro", b"CSFCHUNK": "Clip Studio",
}  # fmt: skip
_CORELDRAW = b"CDR"  # in the type of a file of chunks
_VERSION, _EXIF, _XMP = 1057, 1058, 1060  # of image resources (Adobe Photoshop File Formats, image resource IDs)
_BLOCKS_LIMIT = 1_000


def refuse(head: bytes) -> None:
    """Raise `RejectedError` for the file of a drawing program that no picture can be taken from, by its first bytes."""
    for signature, program in _OTHERS.items():
        if head.startswith(signature):
            raise RejectedError("layered_picture", program)
    if head.startswith(b"RIFF") and head[8:11] == _CORELDRAW:
        raise RejectedError("layered_picture", "CorelDRAW")
    if not head.startswith(_PHOTOSHOP) or len(head) < 26:
        return
    bits, mode = struct.unpack_from(">HH", head, 22)
    if not head.startswith(PSD):
        raise RejectedError("layered_picture", "PSB")
    if (mode, bits) not in MODES:
        raise RejectedError("layered_picture", f"{bits} bit")
    if any(number == _VERSION and data[4:5] == b"\0" for number, data in _read_resources(head)):
        raise RejectedError("layered_picture", "PSD")


def read_metadata(picture: PsdImageFile) -> None:
    """Let a picture say its Exif and XMP as others do."""
    for number, _, data in picture.resources:
        if number == _EXIF:
            picture.info["exif"] = b"Exif\0\0" + data
        elif number == _XMP:
            picture.info["xmp"] = data


def _read_resources(head: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the image resources that lie within the first bytes of a file, by number."""
    at = 26
    colours = int.from_bytes(head[at : at + 4], "big")
    at += 4 + colours + 4
    for _ in range(_BLOCKS_LIMIT):
        if head[at : at + 4] != b"8BIM":
            return
        number = int.from_bytes(head[at + 4 : at + 6], "big")
        name = head[at + 6] if at + 6 < len(head) else 0
        at += 6 + (name + 2) // 2 * 2  # a length and a name, of an even number of bytes together
        size = int.from_bytes(head[at : at + 4], "big")
        yield number, head[at + 4 : at + 4 + size]
        at += 4 + size + size % 2
