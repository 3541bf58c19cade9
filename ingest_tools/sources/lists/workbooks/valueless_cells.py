"""Cells of an Office Open XML workbook with an error, or a formula without a saved value: calamine calls them empty.

Source: ECMA-376 part 1, 18.3.1.4 (cells) and 18.18.11 (their types).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ingest_tools.rejections import RejectedError

SHEET_LIMIT = 1 << 30  # bytes of the XML of a sheet
CELLS_LIMIT = 1_000_000
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_REFERENCE = re.compile(r"\{[^}]*/relationships\}id")


def valueless_cells(path: Path) -> dict[str, frozenset[tuple[int, int]]]:
    """By sheet, each such cell as its row from 1 and its column from 0. Empty for what is no such workbook.

    Raises `RejectedError` for a workbook that is too large or damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return {}
            return {name: frozenset(_of_sheet(archive, part)) for name, part in _list_sheets(archive)}
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, ValueError, NotImplementedError, KeyError) as error:
        raise RejectedError("damaged", str(error)) from error


def _list_sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name and the part of each worksheet."""
    targets = {
        relation.get("Id", ""): posixpath.normpath(posixpath.join("/xl", relation.get("Target", "")))[1:]
        for relation in _iter_elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
        if relation.get("Type", "").endswith("/worksheet")
    }
    for sheet in _iter_elements(archive, "xl/workbook.xml", "sheet"):
        reference = next((str(value) for key, value in sheet.items() if _REFERENCE.fullmatch(str(key))), "")
        if reference in targets:
            yield sheet.get("name", ""), targets[reference]


def _of_sheet(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int]]:
    count = 0
    for cell in _iter_elements(archive, part, "c"):
        address = _ADDRESS.fullmatch(cell.get("r", ""))
        if address is None or not _is_valueless(cell):
            continue
        count += 1
        if count > CELLS_LIMIT:
            raise RejectedError("too_large", f"> {CELLS_LIMIT} cells with errors")
        column = 0
        for letter in address[1]:
            column = column * 26 + ord(letter) - ord("A") + 1
        yield int(address[2]), column - 1


def _is_valueless(cell: etree._Element) -> bool:
    """Return whether a cell holds an error, or a formula whose value was not saved; one that gives no text has type
    `str`.
    """
    if cell.get("t") == "e":
        return True
    is_formula = cell.find("{*}f") is not None
    return is_formula and cell.get("t") != "str" and not cell.findtext("{*}v")


def _iter_elements(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[etree._Element]:
    """Yield the elements of a name; each is emptied when the next is asked for."""
    if archive.getinfo(part).file_size > SHEET_LIMIT:
        raise RejectedError("too_large", part)
    with archive.open(part) as content:
        rows = etree.iterparse(
            content, tag=(f"{{*}}{name}", "{*}row"), resolve_entities=False, no_network=True, load_dtd=False
        )
        for _, element in rows:
            if element.tag.endswith(f"}}{name}"):
                yield element
            element.clear()
