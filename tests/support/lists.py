"""Lists as files: exports, CSV files that are changed, and the rows that an ingest reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest_tools.sources.lists.manifest import ManifestRow, read_manifest
from ingest_tools.sources.source_files import SourceRoots
from library_server.cli.export import exported_records
from library_server.exchange import export
from library_server.library import Library

SUFFIXES = {"csv": "csv", "cnmarc": "iso", "marc21": "mrc", "marcxml": "xml"}


def write_export(library: Library, folder: Path, form: str = "csv", name: str = "出") -> Path:
    """Write every record of a library in one form into a folder; returns the file."""
    path = folder / f"{name}.{SUFFIXES[form]}"
    path.write_bytes(b"".join(export.export(exported_records(library, None, None, None, (), [0]), form)))
    return path


def change_rows(path: Path, *changes: dict[str, str], keep: Sequence[str] = ()) -> Path:
    """Change the first rows of a CSV file, one dictionary of new cells for each row.

    With `keep` only these columns stay in the file.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, cells in zip(rows, changes, strict=False):
        row.update(cells)
    names = keep or list(rows[0])
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path


def read_rows(path: Path) -> Iterator[ManifestRow]:
    """Every row of a list, those that are rejected among them."""
    with SourceRoots.from_sources([path]).open(path) as file:
        yield from read_manifest(file)
