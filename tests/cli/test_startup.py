"""What a command does not need it does not import: start-up is half of the time of a small ingest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories.epubs import epub

UNNEEDED = (
    "alembic",
    "ffmpeg",
    "flask",
    "lxml",
    "minio",
    "openpyxl",
    "pymarc",
    "pypdfium2",
    "pypinyin",
    "rich.progress",
)
PROGRAM = """
import json, sys
from library_server.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps(sorted(sys.modules)))
"""


def _imported_modules(home: Path, *arguments: str) -> set[str]:
    """Return the names of the modules that a command has imported at its end, in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    environment = {**os.environ, "TIANYUAN_HOME": str(home)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    names: list[str] = json.loads(ended.stdout.splitlines()[-1])
    return set(names)


@pytest.mark.slow
def test_an_ingest_of_an_epub_into_a_new_library_imports_what_it_needs(tmp_path: Path) -> None:
    source = tmp_path / "book.epub"
    epub(source, "柑橘", "", {"a.xhtml": "<html><body><p>柑橘栽培</p></body></html>"})
    imported = _imported_modules(tmp_path / "home", "ingest", str(source), "--wait", "--json")
    assert imported.intersection(UNNEEDED) == set()
    assert "whoosh" in imported
