"""A real PostgreSQL server over a folder, on loopback; databases are copied from one that has the schema already."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from library_server.catalogue.migrations import migrate
from library_server.database.engine import Database
from tests.support.servers.server_process import ServerProcess
from tests.support.servers.serving import free_port

USER, PASSWORD = "tianyuan", "p@ss:w/rd?öf"  # every character that a URL must quote
TEMPLATE = "tianyuan_template"
_PROGRAMS = Path("/usr/lib/postgresql")
_SETTINGS = {
    "fsync": "off", "full_page_writes": "off", "listen_addresses": "127.0.0.1",
    "max_connections": "200", "shared_buffers": "32MB", "max_wal_size": "256MB", "timezone": "Asia/Shanghai",
    "password_encryption": "scram-sha-256",
}  # fmt: skip


class PostgreSQLServer:
    """`postgres` in a folder of its own, as the user `postgres` where the tests run as root, whom it refuses."""

    def __init__(self) -> None:
        self._folder = Path(
            tempfile.mkdtemp(prefix="tianyuan-postgresql-", dir="/tmp")
        )  # the path of a socket must be short
        self._programs = _newest_programs()
        self._child: ServerProcess | None = None
        self._numbers = itertools.count()
        self._owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.port = free_port()
        if self._owner is not None:
            os.chown(self._folder, self._owner.pw_uid, self._owner.pw_gid)
        self._initialize()

    def start(self) -> None:
        """Start, and return when it answers."""
        options = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        command = [
            str(self._programs / "postgres"),
            "-D",
            str(self._folder / "data"),
            "-k",
            str(self._folder),
            "-p",
            str(self.port),
        ]
        with (self._folder / "log").open("ab") as log:
            self._child = ServerProcess(
                [*command, *options], stdout=log, stderr=log, cwd=self._folder, env=_ENVIRONMENT, **self._as_owner()
            )
        self._wait_until_up()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop at once: SIGINT is a fast shutdown, SIGQUIT as good as a power cut. Nothing else is ended."""
        if self._child is not None:
            self._child.send_signal(how)
            self._child.wait(30)
            self._child = None

    def remove(self) -> None:
        """Stop, and delete all of it."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """The URL of a database of its own, with the newest schema and nothing in it."""
        name = f"library_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {USER}")
        return self.url(name)

    def empty_database(self, **options: str) -> str:
        """The URL of a database without a schema; `options` are those of CREATE DATABASE."""
        name = f"empty_{next(self._numbers)}"
        clauses = " ".join(f"{option} {value}" for option, value in options.items())
        self.execute(f"CREATE DATABASE {name} OWNER {USER} {clauses}")
        return self.url(name)

    def url(self, database: str, password: str = "p%40ss%3Aw%2Frd%3F%C3%B6f") -> str:
        """The URL of a database, in the form that operators write."""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run a statement as the superuser, outside of a transaction."""
        with psycopg.connect(host=str(self._folder), port=self.port, user="postgres", dbname="postgres",
                             autocommit=True) as connection:  # fmt: skip
            connection.execute(statement)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def _initialize(self) -> None:
        subprocess.run(
            [self._programs / "initdb", "-D", self._folder / "data", "-U", "postgres", "--no-sync", "-A", "trust",
             "-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh-CN"],
            check=True, capture_output=True, cwd=self._folder, env=_ENVIRONMENT, **self._as_owner(),
        )  # fmt: skip
        access = self._folder / "data/pg_hba.conf"
        access.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        self.start()
        with psycopg.connect(host=str(self._folder), port=self.port, user="postgres", dbname="postgres",
                             autocommit=True) as connection:  # fmt: skip
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(USER), PASSWORD))
        self.execute(f"CREATE DATABASE {TEMPLATE} OWNER {USER}")
        database = Database(self.url(TEMPLATE))
        migrate(database.engine)
        database.engine.dispose()

    def _as_owner(self) -> dict[str, Any]:
        if self._owner is None:
            return {}
        return {"user": self._owner.pw_uid, "group": self._owner.pw_gid}

    def _wait_until_up(self) -> None:
        assert self._child is not None
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._child.poll() is None:
            try:
                psycopg.connect(host=str(self._folder), port=self.port, user="postgres", dbname="postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not come up: {(self._folder / 'log').read_text()[-1000:]}")


_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}


def _newest_programs() -> Path:
    """Debian keeps the programs of each version in a folder of its own, off the PATH."""
    programs = sorted(_PROGRAMS.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    assert programs, "PostgreSQL is not installed: apt-get install postgresql"
    return programs[-1].parent
