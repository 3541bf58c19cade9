"""`storage`: what an operator asks of the stored objects."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from library_server.catalogue import objects
from library_server.cli.opening import SOME_REFUSED, as_json, echo, the_library, the_settings
from library_server.settings import Settings
from storage_config.errors import AccessRefused
from storage_config.reach import reach
from storage_config.s3_buckets import Difference, check_buckets
from storage_config.s3_buckets import policies as policies_of
from storage_config.stores import open_store

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@click.group()
def storage() -> None:
    """Stored objects: check, sweep."""


@storage.command("check")
@click.option("--create", is_flag=True, help="Make buckets that are missing, and put their settings right.")
@click.option("--light", is_flag=True, help="Only reach, read and write; do not look at the buckets' settings.")
@click.option("--read-only", is_flag=True, help="Do not try to write: for the identity of web servers.")
@click.option(
    "--policies",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the access policies of the identities web, ingest and admin into this folder.",
)
@as_json
def storage_check(create: bool, light: bool, read_only: bool, policies: Path | None, as_json: bool) -> None:
    """Whether the store can be reached, read and written, and its buckets are as planned. Exit 3: they differ."""
    settings = the_settings()
    values: dict[str, Any] = {}
    differences: list[Difference] = []
    if settings.storage == "s3":
        if policies:
            _write_policies(settings, policies)
        if create or not light:
            differences, values["settings_seen"] = _bucket_differences(settings, create=create)
    reach(open_store(settings, patient=False), writing=not read_only)
    values.update(reachable=True, writable=not read_only, agrees=True)
    values["differences"] = [asdict(one) for one in differences]
    _print_check(values, as_json)
    sys.exit(SOME_REFUSED if any(not one.mended for one in differences) else 0)


def _bucket_differences(settings: Settings, *, create: bool) -> tuple[list[Difference], bool]:
    """What differs, and whether these credentials may look at all; those of ingest and web need not."""
    try:
        return check_buckets(settings, mend=create), True
    except AccessRefused:
        if create:
            raise
        return [], False


def _write_policies(settings: Settings, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for identity, policy in policies_of(settings).items():
        (folder / f"{identity}.json").write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")


def _print_check(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        echo(values, as_json)
        return
    echo({name: value for name, value in values.items() if name != "differences"}, as_json)
    if values.get("settings_seen") is False:
        click.echo("这对密钥不能查看存储桶的设置，所以没有比对。 These credentials may not look at bucket settings.")
    for one in values["differences"]:
        state = "已改 mended" if one["mended"] else "不同 differs"
        click.echo(f"  {one['bucket']}  {one['setting']}: {one['found']} -> {one['wanted']}  {state}")


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
