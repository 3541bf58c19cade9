"""TGA and PCX, pictures of old programs for drawing and scanning: recognised by their headers."""

from __future__ import annotations

from ingest_tools.formats.picture_suffixes import PICTURES

_TGA_TYPES, _TGA_DEPTHS = frozenset((1, 2, 3, 9, 10, 11)), frozenset((8, 15, 16, 24, 32))  # Truevision TGA 2.0
_PCX_VERSIONS, _PCX_BITS = frozenset((0, 2, 3, 4, 5)), frozenset((1, 2, 4, 8))


def is_paint_picture(head: bytes, suffix: str) -> bool:
    """Return whether a file is TGA, which only its ending and its plain header tell, or PCX."""
    if PICTURES.get(suffix) == "image/x-tga":
        return len(head) >= 18 and head[1] <= 1 and head[2] in _TGA_TYPES and head[16] in _TGA_DEPTHS
    return (
        len(head) >= 128 and head[0] == 0x0A and head[1] in _PCX_VERSIONS and head[2] <= 1 and head[3] in _PCX_BITS
        and head[64] == 0
    )  # fmt: skip
