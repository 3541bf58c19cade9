"""Books in other forms than EPUB, written for tests."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

FICTIONBOOK = (
    '<?xml version="1.0" encoding="{encoding}"?>\n'
    '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">'
    "<description><title-info>{title_info}</title-info><document-info>"
    "<author><nickname>scanner</nickname></author><program-used>FB Tools</program-used>"
    "<date value='2020-05-05'>2020</date></document-info><publish-info>{publish_info}</publish-info></description>"
    "{bodies}{binaries}</FictionBook>"
)
TITLE_INFO = (
    "<genre>prose_classic</genre><author><first-name>迅</first-name><last-name>鲁</last-name></author>"
    "<book-title>故乡的路</book-title><lang>zh</lang>"
)
BODIES = (
    "<body><section><title><p>第一章</p><p>渡口</p></title><p>江边的芭蕉绿了。</p></section>"
    "<section><title><p>第二章 上滩</p></title><p>船工喊着号子。</p></section></body>"
)


def fictionbook(
    title_info: str = TITLE_INFO,
    publish_info: str = "",
    bodies: str = BODIES,
    binaries: Mapping[str, bytes] | None = None,
    encoding: str = "utf-8",
) -> str:
    """A FictionBook as text; its declaration names the encoding."""
    encoded = "".join(
        f'<binary id="{name}" content-type="image/jpg">\n{base64.encodebytes(data).decode()}</binary>'
        for name, data in (binaries or {}).items()
    )
    return FICTIONBOOK.format(
        title_info=title_info, publish_info=publish_info, bodies=bodies, binaries=encoded, encoding=encoding
    )


def drawn(color: str = "green", size: tuple[int, int] = (300, 400), form: str = "JPEG") -> bytes:
    """A picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, form)
    return written.getvalue()


def zipped(path: Path, members: Mapping[str, bytes | str]) -> Path:
    """A ZIP of these members, in this order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path
