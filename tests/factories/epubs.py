"""EPUBs of given pages, written for tests."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_TYPES = {"xhtml": "application/xhtml+xml", "svg": "image/svg+xml", "png": "image/png"}
_NAVIGATION = ' properties="nav"'
_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def epub(
    path: Path,
    title: str,
    metadata: str,
    members: Mapping[str, bytes | str],
    *,
    spine: Sequence[str] = (),
    direction: str = "",
    container: bool = True,
) -> None:
    """Write an EPUB whose spine is the named members, or all pages; a name in it that is no member stays missing.

    A member `nav.xhtml` is its table of contents, and in the spine only where `spine` names it.
    """
    spine = spine or [name for name in members if name.endswith(".xhtml") and name != "nav.xhtml"]
    items = "".join(
        f'<item id="i{number}" href="{name}" media-type="{_TYPES[name.rpartition(".")[2]]}"'
        f"{_NAVIGATION if name == 'nav.xhtml' else ''}/>"
        for number, name in enumerate(dict.fromkeys((*spine, *members)))
    )
    references = "".join(f'<itemref idref="i{number}"/>' for number in range(len(spine)))
    progression = f' page-progression-direction="{direction}"' if direction else ""
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        if container:
            book.writestr("META-INF/container.xml", _CONTAINER)
        book.writestr(
            "OPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
            f"<dc:title>{title}</dc:title><dc:language>zh</dc:language>{metadata}</metadata>"
            f"<manifest>{items}</manifest><spine{progression}>{references}</spine></package>",
        )
        for name, data in members.items():
            book.writestr(f"OPS/{name}", data)
