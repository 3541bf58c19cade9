"""Only the committer of a batch writes to the database; the threads that read and store files do not."""

from __future__ import annotations

from pathlib import Path

from ingest_tools.pipeline import importer


def test_the_importer_opens_no_write_transaction() -> None:
    assert importer.__file__
    assert ".writing(" not in Path(importer.__file__).read_text("utf-8")
