"""Finds a Song (serif) or at least some Chinese font of this machine, for covers and slides drawn by Pillow."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import ImageFont

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
NAMES = ("NotoSerifCJK-Bold*", "NotoSerifCJK*", "SourceHanSerif*", "NotoSansCJK-Regular*", "uming*", "wqy*")
_SIMPLIFIED_IN_NOTO = 2


@cache
def find_cjk_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font in a size in pixels; Pillow's own, which has no Chinese, where none is installed."""
    for name in NAMES:
        for folder in FOLDERS:
            for path in sorted(folder.rglob(name)) if folder.is_dir() else ():
                index = _SIMPLIFIED_IN_NOTO if path.suffix == ".ttc" and "Noto" in name else 0
                return ImageFont.truetype(str(path), size, index=index)
    return ImageFont.load_default(size)
