"""`storage`, and of it `check`: whether the store can be used and its buckets are as planned."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import click

from library_server.cli.context import load_settings
from library_server.cli.localization.language import gettext as _
from library_server.cli.localization.translated_help import translate_help
from library_server.cli.output import SOME_REFUSED, as_json, print_values
from library_server.home_permissions import find_exposed
from library_server.lazy_imports import import_string
from library_server.settings import Settings
from storage_config.errors import AccessDenied
from storage_config.s3.buckets import BucketDrift, check_buckets
from storage_config.s3.buckets import build_policies as policies_of
from storage_config.s3.seaweedfs import default_master, read_volume_slots, refuse_lack_of_volumes
from storage_config.stores.factory import open_store
from storage_config.stores.health import check_store

# commands in modules of their own, imported when they are called
_SUBCOMMANDS = {
    "plan": "library_server.cli.storage.plan:plan",
    "usage": "library_server.cli.storage.usage:usage",
    "trim": "library_server.cli.storage.usage:trim",
    "scrub": "library_server.cli.storage.fixity:scrub",
    "history": "library_server.cli.storage.fixity:history",
    "sweep": "library_server.cli.storage.sweep:sweep",
    "copy": "library_server.cli.storage.copy:copy",
}


class _Storage(click.Group):
    """Each command is imported when it is called."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), *_SUBCOMMANDS])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in _SUBCOMMANDS:
            return translate_help(cast(click.Command, import_string(_SUBCOMMANDS[name])))
        return super().get_command(context, name)


@click.group(cls=_Storage)
def storage() -> None:
    """Stored objects: reach and rights, capacity, fixity, moving, what is used."""


@storage.command("check")
@click.option("--create", is_flag=True, help="Make buckets that are missing, and put their settings right.")
@click.option("--light", is_flag=True, help="Only reach, read and write; do not look at the buckets' settings.")
@click.option("--read-only", is_flag=True, help="Do not try to write: for the identity of web servers.")
@click.option(
    "--policies",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the access policies of the identities web, ingest and admin into this folder.",
)
@click.option(
    "--master", metavar="HOST:PORT", help="Master of a SeaweedFS; port 9333 of the S3 server's host if unset."
)
@as_json
def storage_check(
    create: bool, light: bool, read_only: bool, policies: Path | None, master: str | None, as_json: bool
) -> None:
    """Whether the store can be reached, read and written, and its buckets are as planned. Exit 3: they differ."""
    settings = load_settings()
    values: dict[str, Any] = {}
    differences: list[BucketDrift] = []
    if settings.storage == "s3":
        if policies:
            _write_policies(settings, policies)
        if create or not light:
            differences, values["settings_seen"] = _bucket_differences(settings, create=create)
        if not read_only and (slots := read_volume_slots(master or default_master(settings))) is not None:
            refuse_lack_of_volumes(settings, slots)
            values["volumes_free"], values["volumes_most"] = slots.free, slots.most
    check_store(open_store(settings, patient=False), writing=not read_only)
    values.update(reachable=True, writable=not read_only, agrees=True)
    values["differences"] = [_drift_values(drift) for drift in differences]
    values["permissions"] = [asdict(path) for path in find_exposed(settings)]
    _print_check(values, as_json)
    sys.exit(SOME_REFUSED if any(not drift.is_fixed for drift in differences) else 0)


def _bucket_differences(settings: Settings, *, create: bool) -> tuple[list[BucketDrift], bool]:
    """Return what differs, and whether these credentials may look at all; those of ingest and web need not."""
    try:
        return check_buckets(settings, fix=create), True
    except AccessDenied:
        if create:
            raise
        return [], False


def _drift_values(drift: BucketDrift) -> dict[str, Any]:
    """Return a difference under the keys of the JSON output, which stay as they are."""
    return {
        "bucket": drift.bucket,
        "setting": drift.setting,
        "found": drift.current,
        "wanted": drift.planned,
        "mended": drift.is_fixed,
    }


def _write_policies(settings: Settings, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for identity, policy in policies_of(settings).items():
        (folder / f"{identity}.json").write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")


def _print_check(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_values(values, as_json)
        return
    print_values({name: value for name, value in values.items() if name not in {"differences", "permissions"}}, as_json)
    for path in values["permissions"]:
        click.echo("  " + _("别人也能读：%(path)s (%(mode)s) -> chmod %(wanted)s", **path))
    if values.get("settings_seen") is False:
        click.echo(_("这对密钥不能查看存储桶的设置，所以没有比对。"))
    for drift in values["differences"]:
        state = _("已改") if drift["mended"] else _("不同")
        click.echo(f"  {drift['bucket']}  {drift['setting']}: {drift['found']} -> {drift['wanted']}  {state}")
