"""`storage`: what an operator asks of the stored objects."""

from __future__ import annotations

import re
import sys

import click

from library_server.catalogue import objects
from library_server.cli.opening import SOME_REFUSED, as_json, echo, the_library

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@click.group()
def storage() -> None:
    """Stored objects: check, sweep."""


@storage.command("check")
@as_json
def storage_check(as_json: bool) -> None:
    """Whether the store can be reached, written and read."""
    store = the_library().store
    key = "staging-check/probe"
    store.put_bytes(key, b"tianyuan")
    with store.open(key) as reading:
        agrees = reading.read() == b"tianyuan"
    store.delete(key)
    echo({"reachable": True, "writable": True, "agrees": agrees}, as_json)


@storage.command("sweep")
@click.option("--delete", is_flag=True, help="Delete the objects that no row names.")
@click.option("--older-than", default="7d", show_default=True, help="Delete only those older than this: 30m, 12h, 7d.")
@as_json
def storage_sweep(delete: bool, older_than: str, as_json: bool) -> None:
    """Objects that no row names, and rows whose object is gone. Exit 3 for the latter."""
    seconds = _seconds(older_than)
    library = the_library()
    found = objects.sweep(library.database, library.store, delete_older_than=seconds if delete else None)
    values = {"unnamed": found.unnamed, "missing": found.missing, "bytes": found.bytes, "deleted": found.deleted}
    echo(values, as_json)
    sys.exit(SOME_REFUSED if found.missing else 0)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        raise click.BadParameter(f"{text}: a number and s, m, h or d, as in 7d", param_hint="--older-than")
    return int(found[1]) * _UNITS[found[2]]
