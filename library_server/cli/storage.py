"""`storage`: what an operator asks of the stored objects."""

from __future__ import annotations

import sys

import click

from library_server.catalogue import objects
from library_server.cli.opening import SOME_REFUSED, as_json, echo, the_library


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
@as_json
def storage_sweep(as_json: bool) -> None:
    """Objects that no row names, and rows whose object is gone. Exit 3 for the latter."""
    library = the_library()
    found = objects.sweep(library.database, library.store)
    echo({"unnamed": found.unnamed, "missing": found.missing, "bytes": found.bytes}, as_json)
    sys.exit(SOME_REFUSED if found.missing else 0)
