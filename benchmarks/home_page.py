"""Pages that read the newest records, over HTTP, for libraries of the same size with different mixes of kinds.

`SCALE` and `FILLED` are those of `search_scale`. The mixes are made in a copy of the library.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import text

from benchmarks.running import server
from benchmarks.search_scale import ask, fill
from library_server.library import open_library
from library_server.settings import Settings

MIXES = {
    "as made": None,
    "books only": "'book'",
    "photos only": "'photo'",
    "lectures and one story": "CASE WHEN id = (SELECT min(id) FROM records) THEN 'story' ELSE 'lecture' END",
}


def run() -> None:
    """Print percentiles in milliseconds for each mix."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(os.environ.get("FILLED", f"{folder}/filled"))
        if not (home / "library.db").exists():
            fill(home, int(os.environ.get("SCALE", "10000")))
        copy = Path(folder) / "mixed"
        shutil.copytree(home, copy)
        for name, kind in MIXES.items():
            if kind is not None:
                _set_kind(copy, kind)
            with server(copy) as (address, _):
                for path in ("/", "/shelves"):
                    ask(address, f"{name}: {path}", [path] * 40)


def _set_kind(home: Path, expression: str) -> None:
    """Give every record the kind that an SQL expression says; the index, which these pages do not read, is left."""
    library = open_library(Settings(home=home))
    with library.database.writing() as session:
        session.execute(text(f"UPDATE records SET kind = {expression}"))
    library.database.engine.dispose()
