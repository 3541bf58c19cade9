"""`storage sweep`: what no row names, what is gone, what lies in the trash; deleting and bringing back."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import click

from library_server.catalogue.assets.objects import NamedObject
from library_server.cli.context import open_configured_library, scratch_folder
from library_server.cli.errors import to_click_error
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import SOME_REFUSED, as_json, print_values
from library_server.cli.storage.param_types import SECONDS
from library_server.jobs.regeneration import BATCH, queue_regeneration
from library_server.library import Library
from library_server.preservation.deletion import (
    Candidates,
    DeletionRefused,
    DeletionReport,
    delete_unnamed,
    refuse_careless_deletion,
)
from library_server.preservation.reconciliation import Discrepancy, SweepReport
from library_server.preservation.reconciliation import sweep as find_amiss
from library_server.preservation.trash import TrashItem, list_trash, purge_trash, restore_named, today
from storage_config.errors import AccessDenied, BucketNotFound
from storage_config.units import format_bytes

SHOWN = 20


@click.command()
@click.option("--delete", is_flag=True, help="Delete the objects that no row names; originals into the trash.")
@click.option(
    "--older-than", type=SECONDS, default="7d", show_default=True, help="Delete only those older than this: 30m, 12h."
)
@click.option(
    "--expect",
    type=click.IntRange(0),
    metavar="N",
    help="With --delete: the exact number of objects to delete, where the catalogue looks empty, new or lost.",
)
@click.option("--restore", is_flag=True, help="Bring back from the trash what rows name again, and delete nothing.")
@click.option("--regenerate", is_flag=True, help="Queue the jobs that make lost derived files again.")
@click.option("--list", "listed", type=click.Path(dir_okay=False, path_type=Path), help="Write each finding here.")
@as_json
def sweep(
    delete: bool,
    older_than: float,
    expect: int | None,
    restore: bool,
    regenerate: bool,
    listed: Path | None,
    as_json: bool,
) -> None:
    """Objects that no row names, rows whose object is gone, and the trash. Exit 3 for rows without their object.

    Deleted originals stay in the trash for 30 days and can be brought back with --restore; then --delete, or the
    worker, deletes them for good. Nothing is deleted where the catalogue names less than half of what is stored,
    is empty, or is younger than the oldest original, unless --expect gives the number.

    With --regenerate, pages no longer offer derived files that are gone, and the worker makes them again from the
    originals; subtitles come back when their files are ingested again.
    """
    if restore and delete:
        raise click.UsageError(_("--restore 和 --delete 只能用一个"))
    if expect is not None and not delete:
        raise click.UsageError(_("--expect 要和 --delete 一起用"))
    library = open_configured_library()
    restored = restore_named(library.database, library.store) if restore else 0
    swept, done, refused = SweepReport(), DeletionReport(), None
    with ExitStack() as closing:
        writing = closing.enter_context(listed.open("w", encoding="utf-8")) if listed else None
        candidates = closing.enter_context(Candidates(scratch_folder(library)))
        findings = _show_findings(find_amiss(library.database, library.store, swept), writing)
        queued = _process(library, findings, candidates, older_than, regenerate=regenerate)
        purged = 0
        if delete:
            try:
                done, purged = _delete(library, swept, candidates, expect)
            except DeletionRefused as error:
                refused = error
        trash = _list_trash(library, writing)
    values = {
        "objects": swept.objects, "unnamed": swept.unnamed, "missing": swept.missing, "bytes": swept.bytes,
        "deletable": candidates.count, "deleted": done.deleted, "trashed": done.trashed,
        "restored": restored + done.restored, "regenerating": queued,
        "purged": purged, "refused": refused.code if refused else None,
        "trash": trash,
    }  # fmt: skip
    _print(values, as_json)
    if refused is not None:
        raise to_click_error(refused)
    sys.exit(SOME_REFUSED if swept.missing else 0)


def _delete(
    library: Library, swept: SweepReport, candidates: Candidates, expect: int | None
) -> tuple[DeletionReport, int]:
    """Delete, and empty the trash of what has lain there for 30 days. Raises `DeletionRefused`."""
    refuse_careless_deletion(library.database, swept, candidates.count, expect)
    next(list_trash(library.store), None)  # a trash that cannot be used is told before anything is deleted
    done = delete_unnamed(library.database, library.store, candidates, today())
    return done, purge_trash(library.database, library.store, today())


def _process(
    library: Library, findings: Iterator[Discrepancy], candidates: Candidates, older_than: float, *, regenerate: bool
) -> int:
    """Collect the candidates for deletion; with `regenerate`, queue the jobs for lost files. Returns the files queued.

    Objects that no row names are candidates if they are old enough.
    """
    queued = 0
    missing: list[NamedObject] = []
    for finding in findings:
        if isinstance(finding, NamedObject):
            if regenerate:
                missing.append(finding)
            if len(missing) >= BATCH:
                queued += queue_regeneration(library.database, missing)
                missing.clear()
        elif finding.modified <= time.time() - older_than:
            candidates.add(finding.key)
    return queued + queue_regeneration(library.database, missing)


def _show_findings(findings: Iterator[Discrepancy], writing: TextIO | None) -> Iterator[Discrepancy]:
    """Write each finding to the list, or tell the first of them."""
    for number, finding in enumerate(findings):
        line = _finding_values(finding)
        if writing is not None:
            writing.write(json.dumps(line, ensure_ascii=False) + "\n")
        elif number < SHOWN:
            click.echo(f"  {line['found']}  {line['key']}", err=True)
        yield finding


def _finding_values(finding: Discrepancy) -> dict[str, Any]:
    if isinstance(finding, NamedObject):
        return {"found": "missing", "key": finding.key, "role": finding.role, "record": finding.record_id,
                "bytes": finding.size}  # fmt: skip
    return {"found": "unnamed", "key": finding.key, "bytes": finding.size, "modified": int(finding.modified)}


def _list_trash(library: Library, writing: TextIO | None) -> list[dict[str, Any]] | None:
    """Return what lies in the trash, by day; None where these credentials may not look, or there is no bucket for it
    yet.
    """
    days: dict[str, dict[str, Any]] = {}
    try:
        for item in list_trash(library.store):
            if writing is not None:
                writing.write(json.dumps(_trash_line(item)) + "\n")
            day = days.setdefault(item.deleted.isoformat(), {
                "deleted": item.deleted.isoformat(), "purged": item.purged.isoformat(), "objects": 0, "bytes": 0,
            })  # fmt: skip
            day["objects"] += 1
            day["bytes"] += item.size
    except (AccessDenied, BucketNotFound):
        return None
    return list(days.values())


def _trash_line(item: TrashItem) -> dict[str, Any]:
    return {"found": "trash", "key": item.original, "bytes": item.size, "deleted": item.deleted.isoformat(),
            "purged": item.purged.isoformat()}  # fmt: skip


def _print(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_values(values, as_json)
        return
    print_values({name: value for name, value in values.items() if name != "trash"}, as_json)
    for day in values["trash"] or []:
        size = format_bytes(day["bytes"])
        click.echo(_("回收站 %(deleted)s：%(objects)s 个，%(size)s；%(purged)s 起彻底删除", **day | {"size": size}))
