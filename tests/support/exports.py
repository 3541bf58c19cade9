"""Exports of a library's records, written to files that an ingest takes."""

from __future__ import annotations

from pathlib import Path

from library_server.cli.export import exported_records
from library_server.exchange import export
from library_server.library import Library

SUFFIXES = {"csv": "csv", "cnmarc": "iso", "marc21": "mrc", "marcxml": "xml"}


def write_export(library: Library, folder: Path, form: str = "csv", name: str = "出") -> Path:
    """Write every record of a library in one form into a folder; returns the file."""
    path = folder / f"{name}.{SUFFIXES[form]}"
    path.write_bytes(b"".join(export.export(exported_records(library, None, None, None, (), [0]), form)))
    return path
