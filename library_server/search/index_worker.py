"""The child process that indexes while an ingest runs: `python -m library_server.search.index_worker`.

Two threads of one process would take turns; a process of its own indexes on another core. Each request names the folder
of the index and the address of the database, and is answered when nothing waits any more.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from library_server.database.engine import Database
from library_server.processes.limits import ResourceLimits
from library_server.processes.messages import JsonObject
from library_server.processes.worker import serve_requests
from library_server.search.records.indexer import Indexer


def handle(request: JsonObject) -> JsonObject:
    """Index what waits; says how many records that were."""
    return {"records": _open_indexer(request["folder"], request["database"]).catch_up()}


@lru_cache(maxsize=1)
def _open_indexer(folder: str, database: str) -> Indexer:
    return Indexer(Path(folder), Database(database))


def main() -> None:
    """Answer until the parent closes the pipe."""
    serve_requests(handle, ResourceLimits())


if __name__ == "__main__":
    main()
