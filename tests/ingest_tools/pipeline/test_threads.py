"""The threads of a batch: only the committer writes to the database, and the others begin with the first files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_tools.pipeline import importer
from ingest_tools.pipeline.known_records.look_up import look_up
from ingest_tools.pipeline.known_records.prior_imports import PriorImports
from ingest_tools.pipeline.results import Rejected
from ingest_tools.sources.folder import Candidate
from library_server.database.engine import Database
from library_server.library import Library
from tests.support.libraries import ingest


def test_the_importer_opens_no_write_transaction() -> None:
    assert importer.__file__
    assert ".writing(" not in Path(importer.__file__).read_text("utf-8")


def test_the_first_files_are_read_before_all_are_discovered(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[int] = []

    def note_size(database: Database, chunk: list[Candidate]) -> Iterator[tuple[Candidate, PriorImports | Rejected]]:
        looked_up.append(len(chunk))
        return look_up(database, chunk)

    monkeypatch.setattr("ingest_tools.pipeline.pipeline.look_up", note_size)
    folder = tmp_path / "books"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"柑橘栽培 {number}", encoding="utf-8")
    assert ingest(library, folder).added == 60
    assert looked_up[0] < 20
    assert sum(looked_up) == 60
