"""`serve`, `worker`, `demo`: the library at work.

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

from library_server.cli.failures import sentence_of
from library_server.cli.opening import (
    console,
    job_worker,
    new_database,
    stop_on_signals,
    tasks_of,
    the_library,
    the_settings,
    work_until_done,
)
from storage_config.reach import reach
from storage_config.stores import open_store


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes; from the cores if unset.")
@click.option("--no-jobs", is_flag=True, help="Do not run jobs beside the web server.")
@new_database
def serve(host: str, port: int, workers: int | None, no_jobs: bool, new_database: bool) -> None:
    """Serve the library, with a job worker beside it."""
    from library_server.serving import serve as start

    settings = the_settings()
    settings.signing_key()
    _run_in_a_child(partial(_open_and_reach, writing=not no_jobs, new_database=new_database))
    start(settings, host, port, workers, with_jobs=not no_jobs)


@click.command()
@click.option("--threads", type=click.IntRange(1, 64), help="Jobs run at once; one a core if unset.")
@click.option("--parent", type=int, hidden=True)
def worker(threads: int | None, parent: int | None) -> None:
    """Run jobs and keep the index up to date, on any host."""
    library = the_library(storing=True)
    stopping = threading.Event()
    stop_on_signals(stopping)
    if parent:
        threading.Thread(target=_stop_without, args=(parent, stopping), daemon=True).start()
    job_worker(library, threads or os.cpu_count() or 1).run(stopping)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def demo(host: str, port: int) -> None:
    """Fill an empty library with the sample collection, then serve it."""
    _fill_if_empty()
    console.print(f"http://{host}:{port}")
    serving = [sys.executable, "-m", "library_server.cli", "serve", "--host", host, "--port", str(port)]
    os.execv(sys.executable, serving)  # noqa: S606 - a process that has opened nothing may be forked from safely


def _fill_if_empty() -> None:
    from ingest_tools.pipeline import Options
    from ingest_tools.sample import make_sample
    from library_server.catalogue import browsing
    from library_server.cli.taking_in import run_ingest

    library = the_library()
    with library.database.reading() as session:
        if browsing.count_published(session):
            return
    console.print("正在准备样本馆藏…… Making the sample collection…")
    made = make_sample(library.settings.home / "sample")
    report = run_ingest(library, [made], Options(tasks=tasks_of(library), actor="demo"))
    work_until_done(library)
    console.print(f"{report.added} 种 records, {report.seconds:.0f} s")


def _open_and_reach(*, writing: bool, new_database: bool) -> None:
    """Bring the database to the newest schema, and check that an S3 server answers and may be used."""
    library = the_library(new_database=new_database)
    if library.settings.storage == "s3":
        reach(open_store(library.settings, patient=False), writing=writing)


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


def _stop_without(parent: int, stopping: threading.Event) -> None:
    while not stopping.wait(1.0):
        if os.getppid() != parent:
            stopping.set()
