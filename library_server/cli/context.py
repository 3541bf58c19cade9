"""What the commands share: the library of the settings in force, and how they speak."""

from __future__ import annotations

import getpass
import importlib.util
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import structlog
from rich.console import Console

from library_server.settings import Settings, read_settings
from storage_config.errors import AccessDenied, BucketNotFound

if TYPE_CHECKING:
    from library_server.jobs.worker import Worker
    from library_server.library import Library
    from library_server.preservation.eviction import EvictionReport

SOME_REFUSED, STOPPED = 3, 130
INDEX_SECONDS = 1.5
console = Console(stderr=True)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
new_database = click.option(
    "--new-database", is_flag=True, help="Begin with an empty catalogue although the library has been used before."
)
log = structlog.get_logger(__name__)


def load_settings() -> Settings:
    """The settings in force."""
    return read_settings()


def open_configured_library(*, storing: bool = False, new_database: bool = False) -> Library:
    """The library of the settings in force, opened; with `storing`, its store was reached and can be written.

    With `new_database` an empty catalogue is begun on purpose. Raises `DatabaseLost` without.
    """
    from library_server.library import open_library
    from storage_config.stores.health import check_store

    library = open_library(load_settings(), new_database=current_user() if new_database else None)
    if storing:
        check_store(library.store, writing=True)
    return library


def stop_on_signals(stopping: threading.Event) -> None:
    """Ctrl-C and SIGTERM ask the work to stop where it can be taken up again."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())


def show_progress(text: str) -> None:
    """How far long work is, on one line of a terminal; nothing in a log."""
    if console.is_terminal:
        console.print(f"  {text}", end="\r")


def current_user() -> str:
    """Who is at the keyboard, for what is kept of every change."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a user id without a name
        return f"{os.getuid()}@{socket.gethostname()}"


def available_tasks(library: Library) -> frozenset[str]:
    """The long work that this library can do: OCR where it is installed, transcripts where a command is named."""
    found = {"rendition"}
    if importlib.util.find_spec("rapidocr") and importlib.util.find_spec("onnxruntime"):
        found.add("ocr")
    if library.settings.transcribe_command:
        found.add("transcript")
    return frozenset(found)


def protected_folders(library: Library) -> tuple[Path, ...]:
    """Folders of the library itself, from which nothing is taken in: the home with its secret key, and the stores."""
    settings = library.settings
    places = [Path(one) for one in (settings.replica, settings.moving_from) if one and one.startswith("/")]
    return (settings.home, settings.objects_folder, *places)


def scratch_folder(library: Library) -> Path:
    """Where work in progress lies; whatever is left there by a crash may be deleted."""
    scratch = library.settings.home / "scratch"
    scratch.mkdir(exist_ok=True)
    return scratch


def job_worker(library: Library, threads: int = 1) -> Worker:
    """A worker that knows every task; each ffmpeg has its share of the cores."""
    from ingest_tools.derive.ocr import ocr_task
    from ingest_tools.derive.regenerate_images import regenerate_images_task
    from ingest_tools.derive.renditions import rendition_task
    from ingest_tools.derive.transcripts import transcript_task
    from library_server.jobs.worker import Worker

    given = library.database, library.store, scratch_folder(library)
    tasks = {
        "rendition": rendition_task(*given, threads=max(1, (os.cpu_count() or 1) // threads)),
        "again": regenerate_images_task(*given),
        "ocr": ocr_task(*given),
        "transcript": transcript_task(*given, library.settings.transcribe_command),
    }
    return Worker(library.database, library.indexer.catch_up, tasks, threads, lambda: _chores(library))


def evict_derived_files(library: Library) -> EvictionReport:
    """Bring derived files under their budget; see `preservation.budget`."""
    from library_server.delivery.video.hls import HlsCache
    from library_server.preservation.eviction import budget_of, evict, is_over_all

    settings = library.settings
    cache = HlsCache.of(settings)
    return evict(library.database, library.store, budget_of(settings), remuxed=cache.size(), shrink=cache.shrink,
                stored=is_over_all(settings))  # fmt: skip


def _chores(library: Library) -> None:
    from library_server.catalogue.assets import usage
    from library_server.preservation.trash import purge_trash, restore_named, today

    evict_derived_files(library)
    with suppress(BucketNotFound, AccessDenied):  # on S3 only the admin identity may; the server empties it by itself
        restore_named(library.database, library.store)
        purge_trash(library.database, library.store, today())
    with library.database.reading() as session:
        counted = usage.count_usage(session)
    with library.database.writing() as session:
        usage.save_usage(session, counted)


@contextmanager
def index_in_background(library: Library) -> Iterator[None]:
    """Keep the index up while something is taken in, so that little is left to index at the end."""
    over = threading.Event()

    def catch_up() -> None:
        while not over.wait(INDEX_SECONDS):
            try:
                library.indexer.catch_up()
            except Exception as error:  # the catching up at the end meets it again, and says it
                log.warning("indexing_failed", error=repr(error))
                return

    indexing = threading.Thread(target=catch_up, daemon=True)
    indexing.start()
    try:
        yield
    finally:
        over.set()
        indexing.join()


def work_until_done(library: Library) -> None:
    """Run what waits, here and now; another worker may be at it too."""
    worker = job_worker(library)
    worker.catch_up()
    while worker.run_one():
        pass
    worker.catch_up()


def echo(values: dict[str, Any], as_json: bool) -> None:
    """Print values for a program or for a person."""
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for name, value in values.items():
        click.echo(f"{name}: {value}")
