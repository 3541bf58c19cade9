"""The refusals that the watch folder writes into 原因.txt, in the language of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.cli.ingest_runner import translate_report
from ingest_tools.pipeline.results import REJECTIONS_LISTED, IngestReport, Rejected
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.folder import Candidate


def test_every_refusal_of_a_report_is_in_the_language_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    report = IngestReport("batch", frozenset({"/in/book.pdf"}))
    report.count(Rejected(Candidate(Path("/in/book.pdf"), 1, "1-1"), RejectedError("empty_file")))
    translate_report(report)
    (rejection,) = report.rejections
    assert rejection["reason"].isascii()
    assert report.refused_sources == {"/in/book.pdf": rejection}


def test_a_report_keeps_no_more_refusals_than_sources_and_the_first() -> None:
    """A folder may hold a million files that are refused."""
    report = IngestReport("batch", frozenset({"/in/book.pdf", "/in/folder"}))
    for path in ("/in/book.pdf", *(f"/in/folder/{number}.txt" for number in range(REJECTIONS_LISTED + 1))):
        report.count(Rejected(Candidate(Path(path), 1, "1-1"), RejectedError("empty_file")))
    assert list(report.refused_sources) == ["/in/book.pdf"]
    assert (report.rejected, len(report.rejections)) == (REJECTIONS_LISTED + 2, REJECTIONS_LISTED)
