"""`backup` and `restore`: database, settings and secret key, with a checked list of every object."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from library_server.catalogue.assets.objects import NamedObject
from library_server.cli.context import load_settings, stop_on_signals
from library_server.cli.errors import to_click_error
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import SOME_REFUSED, STOPPED, as_json, console, print_values, show_progress
from library_server.database.engine import Database
from library_server.preservation.backup.creation import Backup, BackupOptions, BackupReport
from library_server.preservation.backup.errors import BackupError, BackupStopped
from library_server.preservation.backup.manifest import ObjectCounts
from library_server.preservation.backup.object_list import ObjectState
from library_server.preservation.backup.restoration import Restoration, RestoreOptions, RestoreReport
from library_server.search.records.indexer import Indexer
from library_server.settings import Settings
from library_server.translations.rendering import render
from storage_config.settings import PREFIX
from storage_config.units import format_bytes

SHOWN = 20
_FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--objects", is_flag=True, help="Copy the objects too, those that DIR does not have yet.")
@click.option("--verify", is_flag=True, help="Read every object and compare its SHA-256; its size is always compared.")
@click.option("--keep", type=click.IntRange(min=1), help="Afterwards remove all but the newest N backups in DIR.")
@as_json
def backup(folder: Path, objects: bool, verify: bool, keep: int | None, as_json: bool) -> None:
    """Back up database, settings and secret key into a new folder in DIR, while the library serves.

    With them goes a list of every object, and whether it is there. Exit 3: some are not.
    """
    with _report_backup_errors():
        making = Backup(load_settings(), os.environ, folder)
        stop_on_signals(making.stopping)
        report = making.run(BackupOptions(verify=verify, objects=objects, keep=keep))
    _print_backup(report, verify, as_json)
    sys.exit(SOME_REFUSED if report.manifest.objects.problem_count else 0)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--replace", is_flag=True, help="Set aside what the data folder holds, and restore in its place.")
@click.option("--verify", is_flag=True, help="Read every object and compare its SHA-256; its size is always compared.")
@as_json
def restore(folder: Path, replace: bool, verify: bool, as_json: bool) -> None:
    """Restore a backup: DIR, or the newest in DIR. Servers and workers must be stopped.

    The backup is checked first. Objects are compared with its list, and the index is rebuilt. Exit 3: some are missing.
    """
    with _report_backup_errors():
        home = Path(os.environ.get(f"{PREFIX}HOME") or Settings.model_fields["home"].default)
        restoring = Restoration(home, folder)
        stop_on_signals(restoring.stopping)
        report = restoring.run(RestoreOptions(replace=replace, verify=verify), _build_index)
    _print_restore(report, as_json)
    sys.exit(SOME_REFUSED if report.objects.problem_count else 0)


@contextmanager
def _report_backup_errors() -> Iterator[None]:
    """End the command with one sentence where a backup cannot be made or restored."""
    try:
        yield
    except BackupStopped as error:
        console.print(render(error.message, _))
        sys.exit(STOPPED)
    except BackupError as error:
        raise to_click_error(error) from error


def _build_index(settings: Settings) -> None:
    database = Database(settings.database_address)
    try:
        Indexer(settings.index_folder, database).rebuild(lambda count: show_progress(f"index {count}"))
    finally:
        database.engine.dispose()


def _print_backup(report: BackupReport, verified: bool, as_json: bool) -> None:
    manifest = report.manifest
    values: dict[str, Any] = {
        "backup": str(report.folder),
        "created_at": manifest.created_at,
        "version": manifest.version,
        "schema": manifest.schema,
        "records": manifest.records,
        **_count_values(manifest.objects),
        "verified": verified,
        "bytes": report.bytes,
        "seconds": round(report.seconds, 2),
    }
    if report.copied is not None:
        values["copied"] = report.copied.copied
    if as_json:
        details = {
            "left_out": _variable_lines(manifest.left_out),
            "same_disk": report.same_disk,
            "removed": [str(path) for path in report.removed],
            "findings": _finding_values(report.findings),
        }
        print_values({**values, **details}, as_json)
        return
    print_values({**values, "bytes": format_bytes(report.bytes)}, as_json)
    _print_findings(report.findings, manifest.objects)
    if manifest.left_out:
        names = ", ".join(_variable_lines(manifest.left_out))
        click.echo(_("密码不写进备份，请另外保管：%(names)s", names=names))
    if report.same_disk:
        click.echo(_("备份和数据文件夹在同一块盘上：盘坏了，两样都没了。请备份到另一块盘或另一台机器。"))


def _print_restore(report: RestoreReport, as_json: bool) -> None:
    values: dict[str, Any] = {
        "backup": str(report.backup),
        "created_at": report.manifest.created_at,
        "version": report.manifest.version,
        "records": report.manifest.records,
        **_count_values(report.objects),
        "copied": report.copied,
    }
    unset = {PREFIX + name.upper(): value for name, value in report.unset.items()}
    if as_json:
        print_values({**values, "aside": report.aside, "unset": unset, "other_key": report.other_key,
              "findings": _finding_values(report.findings)}, as_json)  # fmt: skip
        return
    print_values(values, as_json)
    _print_findings(report.findings, report.objects)
    for place in report.aside:
        click.echo(_("原来的留在：%(place)s", place=place))
    for name, value in unset.items():
        click.echo(_("做备份时环境变量里有，现在没有：%(name)s=%(value)s", name=name, value=value))
    if report.other_key:
        click.echo(_("现在用的是 TIANYUAN_SECRET_KEY 里的密钥，不是备份里的：以前发出的链接都失效了。"))
    click.echo(_("恢复好了，索引已重建。请启动 tianyuan serve。"))


def _count_values(counts: ObjectCounts) -> dict[str, int]:
    return {"objects": counts.objects, "object_bytes": counts.bytes, "missing": counts.missing,
            "wrong_size": counts.wrong_size, "damaged": counts.damaged}  # fmt: skip


def _variable_lines(names: Sequence[str]) -> list[str]:
    return [PREFIX + name.upper() for name in names]


def _finding_values(findings: Sequence[tuple[NamedObject, ObjectState]]) -> list[Mapping[str, str]]:
    return [{"state": state, "key": named.key, "record": named.record_id, "role": named.role}
            for named, state in findings]  # fmt: skip


def _print_findings(findings: Sequence[tuple[NamedObject, ObjectState]], counts: ObjectCounts) -> None:
    """Name the objects that are not as the database says, and what to do."""
    for finding in _finding_values(findings[:SHOWN]):
        click.echo(f"  {finding['state']}  {finding['key']}  {finding['record']}")
    if counts.problem_count > SHOWN:
        click.echo("  …… " + _("还有 %(count)s 个", count=counts.problem_count - SHOWN))
    if counts.problem_count:
        click.echo(
            _(
                "这些对象不在或不对。有第二份的，设好 TIANYUAN_REPLICA 再运行 tianyuan storage scrub；"
                "原件整个还在别处的，用 tianyuan storage copy 拷来；没有的，把原来的文件再入库一次；"
                "派生文件用 tianyuan storage sweep --regenerate 重做。"
            )
        )
