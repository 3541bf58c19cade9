"""`storage scrub` and `history`: whether what is stored is whole."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from library_server.catalogue.assets import fixity
from library_server.catalogue.records import queries
from library_server.cli.context import open_configured_library, scratch_folder, stop_on_signals
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import SOME_REFUSED, as_json, print_values, show_progress
from library_server.cli.storage.param_types import RATE, SECONDS
from library_server.library import Library
from library_server.preservation.scrubbing import Report, Scrub
from library_server.settings import Settings
from library_server.translations.rendering import translate
from storage_config.fixity.throttling import RateLimiter
from storage_config.stores.base import ObjectStore
from storage_config.stores.factory import open_location
from storage_config.units import format_bytes

SHOWN = 20


@click.command()
@click.option("--budget", type=SECONDS, help="Stop after this long, as in 2h; the next run goes on from there.")
@click.option("--rate", type=RATE, help="Read at most this much a second, as in 50MB/s.")
@as_json
def scrub(budget: float | None, rate: int | None, as_json: bool) -> None:
    """Read every original again and compare its SHA-256, the longest unchecked first.

    What is damaged or missing is mended from the second store (TIANYUAN_REPLICA) where there is one. Safe to stop
    at any time. Exit 3 where an original was found damaged or missing, now or before, mended or not.
    """
    library = open_configured_library(storing=True)
    replica = library.settings.replica
    run = Scrub(
        library.database,
        library.store,
        scratch_folder(library),
        replica=_open_replica(library.settings, replica) if replica else None,
        rate_limiter=RateLimiter(rate),
    )
    stop_on_signals(run.stopping)
    started = time.monotonic()
    report = run.run(budget, lambda so_far: show_progress(f"{so_far.checked} · {format_bytes(so_far.bytes)}"))
    standing = _print_scrub(library, report, time.monotonic() - started, as_json)
    sys.exit(SOME_REFUSED if report.findings or standing.damaged or standing.missing else 0)


def _open_replica(settings: Settings, place: str) -> ObjectStore:
    """Return the second store. Raises `click.ClickException` for a folder that is absent: an unmounted disk is not
    empty.
    """
    if place.startswith("/") and not Path(place).is_dir():
        raise click.ClickException(_("第二份（TIANYUAN_REPLICA）不在：%(folder)s。盘接上了吗？", folder=place))
    return open_location(settings, place)


def _print_scrub(library: Library, report: Report, seconds: float, as_json: bool) -> fixity.FixityStatus:
    """Say what was found; returns how the originals stand now."""
    with library.database.reading() as session:
        standing = fixity.fixity_status(session)
        unsound = fixity.damaged_originals(session)
    values: dict[str, Any] = {
        "checked": report.checked,
        "bytes": report.bytes,
        "seconds": round(seconds, 1),
        "damaged": report.damaged,
        "missing": report.missing,
        "mended": report.mended,
        "unnamed": report.unnamed,
        "remaining": report.remaining,
        "oldest_check": standing.oldest.isoformat() if standing.oldest else None,
    }
    open_findings = [
        {"record": original.record_id, "title": original.title, "filename": original.filename, "key": original.key,
         "condition": original.condition, "checked": original.checked.isoformat(),
         "detail": translate(original.detail, _)}
        for original in unsound
    ]  # fmt: skip
    if as_json:
        print_values({**values, "unsound": open_findings}, as_json)
        return standing
    print_values(values, as_json)
    for finding in open_findings[:SHOWN]:
        click.echo(f"  {finding['condition']}  {finding['title']}  {finding['filename'] or ''}  {finding['key']}")
        click.echo(f"    {finding['detail']}")
    if open_findings and not library.settings.replica:
        click.echo(_("没有第二份可以补：请设 TIANYUAN_REPLICA，或把原来的文件再入库一次。"))
    return standing


@click.command()
@click.argument("record")
@as_json
def history(record: str, as_json: bool) -> None:
    """Every check and recovery of a record's original, oldest first, as PREMIS events."""
    library = open_configured_library()
    with library.database.reading() as session:
        view = queries.find_record(session, record)
        original = view.original if view else None
        if original is None:
            raise click.ClickException(_("没有这条记录，或它没有原件：%(record)s", record=record))
        events = fixity.list_events(session, original.id)
    named = {"record": record, "key": original.key, "sha256": original.sha256, "bytes": original.size,
             "stored": original.created_at.isoformat()}  # fmt: skip
    if as_json:
        rows = [{**asdict(event), "at": event.at.isoformat(), "detail": translate(event.detail, _)} for event in events]
        print_values({**named, "events": rows}, as_json)
        return
    print_values(named, as_json)
    for event in events:
        detail = translate(event.detail, _)
        click.echo(f"  {event.at.astimezone():%Y-%m-%d %H:%M}  {event.type}  {event.outcome}  {event.agent}  {detail}")
