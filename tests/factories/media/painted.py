"""Pictures of drawing programs that tests write byte by byte."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from PIL import Image


def psd(picture: Image.Image, resources: Sequence[tuple[int, bytes]] = (), *, version: int = 1, bits: int = 8) -> bytes:
    """A picture of Photoshop without layers: its composite in RGB, not compressed, and image resources by number."""
    blocks = b"".join(
        b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + bytes(len(data) % 2) for number, data in resources
    )
    header = b"8BPS" + struct.pack(">H6xHIIHH", version, 3, picture.height, picture.width, bits, 3)
    planes = b"".join(plane.tobytes() for plane in picture.convert("RGB").split())
    return header + struct.pack(">II", 0, len(blocks)) + blocks + struct.pack(">IH", 0, 0) + planes


def with_composite(has_one: bool) -> tuple[int, bytes]:
    """The image resource that says whether there is a picture of all layers."""
    return 1057, struct.pack(">IB", 1, has_one) + bytes(13)
