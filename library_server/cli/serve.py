"""`serve` and `worker`: run the library.

What only one of them needs is imported there: the process that leads the web workers stays small.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial

import click

from library_server.cli.context import load_settings, new_database, open_configured_library, stop_on_signals
from library_server.cli.errors import sentence_of
from library_server.cli.localization.language import current_language
from storage_config.stores.factory import open_store
from storage_config.stores.health import check_store


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes; from the cores if unset.")
@click.option("--no-jobs", is_flag=True, help="Do not run a job worker.")
@new_database
def serve(host: str, port: int, workers: int | None, no_jobs: bool, new_database: bool) -> None:
    """Serve the library, and run its jobs."""
    from library_server.serving import serve as start

    settings = load_settings()
    settings.signing_key()
    _run_in_a_child(partial(_open_and_reach, writing=not no_jobs, new_database=new_database))
    start(settings, host, port, workers, with_jobs=not no_jobs, language=current_language())


@click.command()
@click.option("--threads", type=click.IntRange(1, 64), help="Jobs run at once; one a core if unset.")
@click.option("--parent", type=int, hidden=True)
def worker(threads: int | None, parent: int | None) -> None:
    """Run jobs and keep the index up to date, on any host."""
    from library_server.cli.background_work import job_worker

    library = open_configured_library(storing=True)
    stopping = threading.Event()
    stop_on_signals(stopping)
    if parent:
        threading.Thread(target=_stop_without_parent, args=(parent, stopping), daemon=True).start()
    job_worker(library, threads or os.cpu_count() or 1).run(stopping)


def _open_and_reach(*, writing: bool, new_database: bool) -> None:
    """Bring the database to the newest schema, and check that an S3 server answers and may be used."""
    library = open_configured_library(new_database=new_database)
    if library.settings.storage == "s3":
        check_store(open_store(library.settings, patient=False), writing=writing)


def _run_in_a_child(check: Callable[[], None]) -> None:
    """Run a check in a process of its own: the one that leads the web workers opens nothing, and imports little.

    Ends the command with the check's sentence and exit code 1 where it fails.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os._exit(_exit_code_of(check))
    _, status = os.waitpid(child, 0)
    if code := os.waitstatus_to_exitcode(status):
        sys.exit(1 if code < 0 else code)


def _exit_code_of(check: Callable[[], None]) -> int:
    """Run a check; 0, or 1 once its failure was told on standard error."""
    try:
        check()
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            traceback.print_exc()
        else:
            click.ClickException(sentence).show()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _stop_without_parent(parent: int, stopping: threading.Event) -> None:
    while not stopping.wait(1.0):
        if os.getppid() != parent:
            stopping.set()
