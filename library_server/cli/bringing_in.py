"""`ingest`, `batches`, `retry`: how librarians bring things in and see what happened."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ingest_tools.outcomes import Report
from ingest_tools.pipeline import Ingest, Options
from ingest_tools.sources import folder
from library_server.catalogue import intake
from library_server.catalogue.vocabulary import EntryState, Kind
from library_server.cli.opening import (
    SOME_REFUSED,
    STOPPED,
    as_json,
    console,
    scratch_folder,
    the_library,
    work_until_done,
)
from library_server.library import Library
from storage_config.errors import StoreUnusable


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--collection", help="Slug or name of the collection that takes all of it.")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Kind of record for all of it.")
@click.option("--workers", type=click.IntRange(1, 64), help="How many files are read at once.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--wait", is_flag=True, help="Return when jobs and index are done.")
@as_json
def ingest(
    sources: tuple[Path, ...],
    collection: str | None,
    kind: str | None,
    workers: int | None,
    dry_run: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Take in files and folders. Exit 0: all taken; 3: some refused."""
    library = the_library(storing=not dry_run)
    options = Options(collection, kind, workers or os.cpu_count() or 2, dry_run)
    paths = [source.absolute() for source in sources]
    try:
        report = run_ingest(library, paths, options)
        if wait and not dry_run:
            work_until_done(library)
    except KeyboardInterrupt:
        console.print("停下了。再说一遍同样的命令，就从这里接着做。 Stopped: say the same command again to go on.")
        sys.exit(STOPPED)
    except StoreUnusable as error:
        console.print("这一批停下了，收进来的都在。修好以后再说一遍同样的命令，就从这里接着做。")
        console.print("This batch has stopped; what was taken in is kept. Mend it and say the same command again.")
        raise click.ClickException(str(error)) from error
    _print_report(report, as_json)
    sys.exit(SOME_REFUSED if report.rejected else 0)


@click.command()
@click.argument("batch_id", required=False)
@as_json
def batches(batch_id: str | None, as_json: bool) -> None:
    """Past batches, or one of them with what was refused."""
    library = the_library()
    with library.database.reading() as session:
        found = [intake.batch(session, batch_id)] if batch_id else intake.batches(session)
        refused = intake.entries(session, batch_id, EntryState.REJECTED) if batch_id else []
    shown = [one for one in found if one is not None]
    if batch_id and not shown:
        raise click.ClickException(f"没有这个批次 no such batch: {batch_id}")
    listed: list[dict[str, Any]] = [
        {"batch": one.id, "state": one.state, "sources": one.sources, "started": one.started.isoformat(), **one.counts}
        for one in shown
    ]
    rejections = [{"path": one.path, "code": one.code, "reason": one.reason} for one in refused]
    if as_json:
        click.echo(json.dumps({"batches": listed, "rejections": rejections}, ensure_ascii=False))
        return
    for one in listed:
        counts = " ".join(f"{state} {one.get(state, 0)}" for state in EntryState)
        click.echo(f"{one['batch']}  {one['started'][:19]}  {one['state']}  {counts}")
    _print_rejections(rejections)


@click.command()
@click.argument("batch_id")
@as_json
def retry(batch_id: str, as_json: bool) -> None:
    """Take the refused entries of a batch again."""
    library = the_library(storing=True)
    with library.database.reading() as session:
        batch = intake.batch(session, batch_id)
        refused = intake.entries(session, batch_id, EntryState.REJECTED)
    if batch is None:
        raise click.ClickException(f"没有这个批次 no such batch: {batch_id}")
    paths = [Path(entry.path) for entry in refused if Path(entry.path).exists()]
    options = Options(batch.options.get("collection"), batch.options.get("kind"))
    report = run_ingest(library, paths, options)
    _print_report(report, as_json)
    sys.exit(SOME_REFUSED if report.rejected else 0)


def run_ingest(library: Library, sources: list[Path], options: Options) -> Report:
    """Take in sources with progress on standard error: a bar on a terminal, plain lines elsewhere."""
    run = Ingest(library.database, library.store, scratch_folder(library), options)
    if not console.is_terminal:
        return run.run(sources, _plain_lines)
    total = folder.count(sources)
    columns = (TextColumn("{task.completed}/{task.total}"), BarColumn(), TextColumn("{task.fields[rate]}"),
               TimeElapsedColumn(), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("ingest", total=total, rate="")

        def show(report: Report) -> None:
            rate = report.seen / report.seconds if report.seconds else 0
            bar.update(task, completed=report.seen, rate=f"{rate:.1f}/s")

        return run.run(sources, show)


def _plain_lines(report: Report) -> None:
    console.print(f"{report.seen} seen, {report.added} added, {report.rejected} refused, {report.seconds:.1f} s")


def _print_report(report: Report, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
        return
    click.echo(
        f"批次 {report.batch}: 看到 {report.seen}, 入库 {report.added}, 已有 {report.unchanged}, "
        f"并入 {report.joined}, 未收 {report.rejected}"
    )
    _print_rejections(report.rejections)


def _print_rejections(rejections: Sequence[Mapping[str, str | None]]) -> None:
    for row in rejections:
        click.echo(f"  {row['path']}\n    {row['code']}: {row['reason']}")
