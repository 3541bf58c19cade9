"""`storage copy`: what the catalogue names, from one store to another, and the switch to it."""

from __future__ import annotations

import sys
from itertools import islice

import click

from library_server.catalogue.assets.objects import objects_of
from library_server.cli.context import open_configured_library, scratch_folder, stop_on_signals
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import SOME_REFUSED, STOPPED, as_json, print_values, show_progress
from library_server.cli.storage.param_types import RATE
from library_server.library import Library
from library_server.preservation.store_copy import CopyReport, StoreCopy
from storage_config.fixity.throttling import RateLimiter
from storage_config.stores.factory import open_location
from storage_config.stores.health import check_store
from storage_config.stores.migration_settings import Changes, settings_changes, write_changes
from storage_config.units import format_bytes

SHOWN = 20


@click.command("copy")
@click.option("--from", "source", required=True, help="filesystem, s3, other-s3, or a folder.")
@click.option("--to", "target", required=True, help="filesystem, s3, other-s3, or a folder.")
@click.option("--rate", type=RATE, help="Send at most this much a second, as in 50MB/s.")
@click.option("--workers", type=click.IntRange(1, 64), default=4, show_default=True, help="Objects copied at once.")
@click.option("--switch", is_flag=True, help="Then make it the store in use; refused while anything is missing.")
@as_json
def copy(source: str, target: str, rate: int | None, workers: int, switch: bool, as_json: bool) -> None:
    """Copy all that the catalogue names to another store, while the library serves.

    Said again, it goes on where it was stopped. Nothing is deleted. Exit 3 where an object could not be copied.
    """
    if source == target:
        raise click.UsageError(_("--from 和 --to 是同一个存储"))
    library = open_configured_library()
    changes = settings_changes(library.settings, source, target) if switch else {}
    move = _open_copy(library, source, target, rate, workers)
    moved = move.run(lambda so_far: show_progress(f"{so_far.copied} · {format_bytes(so_far.bytes)}"))
    switched = False
    lacking = moved.lacking
    if switch and not move.stopping.is_set():
        lacking = sum(1 for _ in islice(move.find_missing(), 1000))
        if not lacking:
            write_changes(library.settings, changes)
            switched = True
    _print(moved, lacking, switched=switched, as_json=as_json)
    if move.stopping.is_set():
        sys.exit(STOPPED)
    if switched and not as_json:
        _print_next_step(changes)
    if switch and lacking:
        raise click.ClickException(
            _("还缺 %(count)s 个对象，没有切换。先从第二份或原文件补好，再运行一次", count=lacking)
        )
    sys.exit(SOME_REFUSED if lacking else 0)


def _open_copy(library: Library, source: str, target: str, rate: int | None, workers: int) -> StoreCopy:
    reading, writing = (
        open_location(library.settings, source),
        open_location(library.settings, target, rate_limiter=RateLimiter(rate)),
    )
    check_store(reading, writing=False)
    check_store(open_location(library.settings, target, patient=False), writing=True)
    move = StoreCopy(
        objects_of(library.database),
        reading,
        writing,
        scratch_folder(library),
        workers=workers,
        rate_limiter=RateLimiter(rate),
    )
    stop_on_signals(move.stopping)
    return move


def _print(moved: CopyReport, lacking: int, *, switched: bool, as_json: bool) -> None:
    values = {
        "there": moved.there,
        "copied": moved.copied,
        "bytes": moved.bytes,
        "missing": moved.missing,
        "damaged": moved.damaged,
        "lacking": lacking,
        "switched": switched,
    }
    findings = [
        {"key": named.key, "record": named.record_id, "role": named.role, "became": became}
        for named, became in moved.findings
    ]
    if as_json:
        print_values({**values, "findings": findings}, as_json)
        return
    print_values(values, as_json)
    for finding in findings[:SHOWN]:
        click.echo(f"  {finding['became']}  {finding['key']}  {finding['record']}")


def _print_next_step(changes: Changes) -> None:
    if changes["moving_from"] is None:
        click.echo(_("切换完了：请重新启动；旧存储不再用到，可以留作备份。"))
        return
    again = f"tianyuan storage copy --from {changes['moving_from']} --to {changes['storage']} --switch"
    click.echo(_("已切换，请重新启动；切换时才入库的，还从旧存储读。然后再运行一次：%(command)s", command=again))
