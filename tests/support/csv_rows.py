"""Rows of CSV files, changed as a spreadsheet program changes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path


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
