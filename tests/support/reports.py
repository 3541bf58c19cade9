"""What the report of an ingest says, in the forms that tests compare."""

from __future__ import annotations

from pathlib import Path

from ingest_tools.pipeline.results import IngestReport


def entry_counts(report: IngestReport) -> tuple[int, int, int, int]:
    """How many entries were added, joined, unchanged and rejected."""
    return report.added, report.joined, report.unchanged, report.rejected


def rejection_codes(report: IngestReport) -> dict[str, str]:
    """The code of each rejected entry by the name of its file."""
    return {Path(row["path"]).name: row["code"] for row in report.rejections}
