"""What the report of an ingest lists, and how much of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ingest_tools.pipeline import results
from library_server.library import Library
from tests.support.libraries import ingest


def test_rejections_that_are_not_listed_are_not_listed_as_shortened(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "REJECTIONS_LISTED", 1)
    source = tmp_path / "书目.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("书名", "册数"), ("渡口", "很多"), ("老街", "许多"), ("江边", "3")])
    report = ingest(library, source)
    assert (report.added, report.rejected) == (1, 2)
    assert len(report.rejections) == 1
    assert report.shortened == []
