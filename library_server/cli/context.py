"""What every command opens: settings, the library, its folders, and who runs the command."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from library_server.processes.scratch import remove_abandoned
from library_server.settings import Settings, read_settings

if TYPE_CHECKING:
    from library_server.library import Library

new_database = click.option(
    "--new-database", is_flag=True, help="Begin with an empty catalogue although the library has been used before."
)


def load_settings() -> Settings:
    """Return the settings in force."""
    return read_settings()


def open_configured_library(*, storing: bool = False, new_database: bool = False) -> Library:
    """Return the library of the settings in force, opened; with `storing`, its store was reached and can be written.

    Its database is closed at the end of the command. With `new_database` an empty catalogue is begun on purpose. Raises
    `DatabaseLost` without.
    """
    from library_server.library import open_library
    from storage_config.stores.health import check_store

    library = open_library(load_settings(), new_database=current_user() if new_database else None)
    if (context := click.get_current_context(silent=True)) is not None:
        context.call_on_close(library.database.engine.dispose)
    if storing:
        check_store(library.store, writing=True)
    return library


def stop_on_signals(stopping: threading.Event) -> None:
    """Set `stopping` on Ctrl-C and SIGTERM: the work stops where it can be taken up again."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())


def current_user() -> str:
    """Return who is at the keyboard, for what is kept of every change."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a user id without a name
        return f"{os.getuid()}@{socket.gethostname()}"


def protected_folders(library: Library) -> tuple[Path, ...]:
    """Return the folders of the library itself, from which nothing is taken in: the home (with its key), the stores."""
    settings = library.settings
    places = [Path(folder) for folder in (settings.replica, settings.moving_from) if folder and folder.startswith("/")]
    return (settings.home, settings.objects_folder, *places)


def scratch_folder(library: Library) -> Path:
    """Return where work in progress lies; whatever is left there by a crash may be deleted."""
    scratch = library.settings.home / "scratch"
    scratch.mkdir(exist_ok=True)
    remove_abandoned(scratch)
    return scratch
