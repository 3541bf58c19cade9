"""`tianyuan backup` and `restore` of 30,000 records with an object each, on SQLite and PostgreSQL.

Printed next to the least that has to be done: `cp` of the database file, and `pg_dump` and `pg_restore` of the server's
own, which check no object and keep no list.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert

from benchmarks.made_up import draft
from library_server.catalogue.models import Asset
from library_server.catalogue.records import commands
from library_server.library import Library, open_library
from library_server.settings import Settings
from storage_config.keys import original_key
from tests.support.servers.postgresql_server import PostgreSQLServer

RECORDS, ROWS, OBJECT_BYTES = 30_000, 1000, 500


def run() -> None:
    """Print a line for each step."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        home, backups = folder / "home", folder / "backups"
        _fill(home, folder / "source")
        _step("sqlite: backup", lambda: _tianyuan(home, "backup", str(backups)))
        _step("sqlite: backup --verify", lambda: _tianyuan(home, "backup", str(backups), "--verify"))
        _step("sqlite: backup --objects, the first", lambda: _tianyuan(home, "backup", str(backups), "--objects"))
        _step("sqlite: backup --objects, again", lambda: _tianyuan(home, "backup", str(backups), "--objects"))
        _step("sqlite: cp of the file", lambda: shutil.copyfile(home / "library.db", folder / "copy"))
        _say_sizes(backups)
        (home / "library.db").unlink()
        _step("sqlite: restore, with the index", lambda: _tianyuan(home, "restore", str(backups)))
        _step("of that: index rebuild", lambda: _tianyuan(home, "index", "rebuild"))
        _on_postgresql(folder, home, backups)


def _on_postgresql(folder: Path, home: Path, backups: Path) -> None:
    server = PostgreSQLServer()
    try:
        url, other, third = (server.empty_database() for _ in range(3))
        _step("to postgresql: restore", lambda: _tianyuan(home, "restore", str(backups), url=url))
        _step("postgresql: backup", lambda: _tianyuan(home, "backup", str(folder / "pg"), url=url))
        _step("postgresql: restore, with the index", lambda: _tianyuan(home, "restore", str(folder / "pg"), url=other))
        dump = str(folder / "dump")
        _step("pg_dump -Fc", lambda: _run("pg_dump", "-Fc", "-f", dump, url))
        print(f"{Path(dump).stat().st_size / 1e6:12.1f} MB  pg_dump -Fc")
        _step("pg_restore", lambda: _run("pg_restore", "-1", "--no-owner", "-d", third, dump))
    finally:
        server.remove()


def _fill(home: Path, source: Path) -> None:
    home.mkdir()
    library = open_library(Settings(home=home, disk_reserve="0"))
    for start in range(0, RECORDS, ROWS):
        with library.database.writing() as session:
            ids = [commands.add_record(session, draft(number)) for number in range(start, start + ROWS)]
            session.execute(insert(Asset), [_asset(library, source, record_id) for record_id in ids])
    library.store.flush()
    library.database.engine.dispose()


def _asset(library: Library, source: Path, record_id: str) -> dict[str, object]:
    source.write_bytes((record_id * OBJECT_BYTES).encode()[:OBJECT_BYTES])
    digest = library.store.put_original(source, durable=False)
    return {"record_id": record_id, "role": "original", "media_type": "text/plain", "size": digest.size,
            "sha256": digest.sha256, "key": original_key(digest.sha256)}  # fmt: skip


def _tianyuan(home: Path, *words: str, url: str = "") -> None:
    environment = {**os.environ, "TIANYUAN_HOME": str(home), **({"TIANYUAN_DATABASE_URL": url} if url else {})}
    command = [sys.executable, "-m", "library_server.cli", *words]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _step(name: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    print(f"{time.perf_counter() - began:12.2f} s  {name}", flush=True)


def _say_sizes(backups: Path) -> None:
    newest = max(path for path in backups.iterdir() if path.name != "objects")
    for path in sorted(newest.iterdir()):
        print(f"{path.stat().st_size / 1e6:12.2f} MB  {path.name}")
