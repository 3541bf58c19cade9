"""What `ingest`, `retry` and `demo` do: open the library, ingest, print progress and the report."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from ingest_tools.parser_pool import Parser
from ingest_tools.pipeline.options import Options
from ingest_tools.pipeline.pipeline import Ingest
from ingest_tools.pipeline.results import IngestReport
from ingest_tools.pipeline.watch_folder import WatchFolder
from ingest_tools.sources import folder
from ingest_tools.sources.locator import SourceLocator
from library_server.catalogue.batches import repository
from library_server.catalogue.batches.undo import undo_batch
from library_server.catalogue.enums import EntryState
from library_server.catalogue.records.revisions import Actor
from library_server.cli.batches import existing_batch, format_counts
from library_server.cli.context import (
    current_user,
    open_configured_library,
    protected_folders,
    scratch_folder,
    stop_on_signals,
)
from library_server.cli.errors import sentence_of
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import (
    STOPPED,
    console,
    print_changes,
    print_rejections,
    print_shortened,
    print_unread_cells,
    refused_sheet_line,
    to_printable,
    translate_rejections,
)
from library_server.jobs.registry import available_tasks
from library_server.library import Library
from library_server.translations.field_values import value_text
from library_server.translations.rendering import translate_problems
from storage_config.errors import StoreUnusable


def retry_batch(batch_id: str) -> IngestReport:
    """Take the refused entries of a batch again."""
    library = open_configured_library(storing=True)
    with library.database.reading() as session:
        batch = existing_batch(session, batch_id)
        refused = repository.list_entries(session, batch_id, EntryState.REJECTED)
    paths, missing = _existing_sources(batch.sources)
    if missing and not paths:
        raise click.ClickException(_("这一批的文件不在了：%(paths)s。接上原来的盘，再来一次", paths="，".join(missing)))
    for path in missing:
        console.print(_("这里的文件不在了，没有重试：%(path)s", path=path), soft_wrap=True)
    _print_renamed_files([entry.path for entry in refused])
    manifest, inside = batch.options.get("manifest"), batch.options.get("inside")
    options = Options(
        batch.options.get("collection"),
        batch.options.get("kind"),
        only=frozenset(entry.path for entry in refused),
        manifest=Path(manifest) if manifest and Path(manifest).exists() else None,
        tasks=available_tasks(library.settings.transcribe_command),
        actor=current_user(),
        inside=Path(inside) if inside else None,
        protected=protected_folders(library),
    )
    return run_ingest(library, paths, options)


def _print_renamed_files(refused: Sequence[str]) -> None:
    """Name the files of refused entries that are gone from folders that are there."""
    files = dict.fromkeys(Path(SourceLocator.parse(entry).path) for entry in refused)
    for file in files:
        if not file.parent.is_dir() or os.path.lexists(file):
            continue
        message = _(
            "%(path)s 改了名或挪走了，没有重试。把它所在的文件夹再收一次：tianyuan ingest %(folder)s",
            path=to_printable(str(file)),
            folder=shlex.quote(to_printable(str(file.parent))),
        )
        console.print(message, soft_wrap=True)


def _existing_sources(sources: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Return the sources of a batch that are there, and those that are not, to be printed."""
    paths = [path for source in sources if (path := Path(source)).exists()]
    return paths, [to_printable(source) for source in sources if Path(source) not in paths]


def write_empty_list(path: Path) -> None:
    """Write an empty list, never over a file that is there."""
    from library_server.exchange.workbooks import write_template

    if path.exists():
        raise click.ClickException(_("已经有这个文件，没有覆盖：%(path)s", path=path))
    write_template(path)
    console.print(_("写好了空表：%(path)s", path=path))


def undo(library: Library, batch_id: str, as_json: bool, dry_run: bool) -> None:
    """Take back what a batch did, and say what that was; in a dry run what it would be."""
    with library.database.writing() as session:
        undone = undo_batch(session, existing_batch(session, batch_id).id, Actor(current_user()))
        if dry_run:
            session.rollback()
    if as_json:
        click.echo(json.dumps({"batch": batch_id, **vars(undone)}))
        return
    counts = _("收回 %(withdrawn)s 条，改回 %(restored)s 条，后来又有人改过、没有动的 %(kept)s 处", **vars(undone))
    if dry_run:
        click.echo(_("试运行，什么也没有写。撤销批次 %(batch)s 会：%(counts)s", batch=batch_id, counts=counts))
    else:
        click.echo(_("批次 %(batch)s 已撤销：%(counts)s", batch=batch_id, counts=counts))


def watch(library: Library, folder: Path, options: Options, settle: float) -> None:
    """Take what comes to a folder, until told to stop."""
    stopping = threading.Event()
    stop_on_signals(stopping)
    options = replace(options, inside=folder)
    console.print(_("看着 %(folder)s（Ctrl-C 停）", folder=folder))

    def take(paths: Sequence[Path]) -> IngestReport:
        report = Ingest(library.database, library.store, scratch_folder(library), options).run(list(paths))
        console.print(f"{report.batch}: {_format_counts(report)}")
        translate_report(report)
        return report

    WatchFolder(folder, take, settle).run(stopping)


def run_interruptible(
    library: Library, paths: list[Path], options: Options, parsers: Sequence[Parser], *, wait: bool
) -> IngestReport:
    """Take in sources, and with `wait` index them and do their jobs; ends the command where it is stopped."""
    from library_server.cli.background_work import count_unfinished_jobs, index_in_background, work_until_done

    try:
        with index_in_background(library) if wait else nullcontext():
            report = run_ingest(library, paths, options, parsers)
        if wait:
            library.indexer.catch_up()
            if count_unfinished_jobs(library):
                console.print(_("都找得到了，还在做后面的活。"))
            work_until_done(library)
    except KeyboardInterrupt:
        console.print(_("停下了。再运行一次同样的命令，就从这里接着做。"))
        sys.exit(STOPPED)
    except (StoreUnusable, SQLAlchemyError, OSError) as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        console.print(_("这一批停下了，收进来的都在。修好以后再运行一次同样的命令，就从这里接着做。"))
        raise click.ClickException(sentence) from error
    return report


def run_ingest(library: Library, sources: list[Path], options: Options, parsers: Sequence[Parser] = ()) -> IngestReport:
    """Take in sources with progress on standard error: a bar on a terminal, plain lines otherwise."""
    run = Ingest(library.database, library.store, scratch_folder(library), options, parsers)
    if not console.is_terminal:
        return run.run(sources, _plain_lines)
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    total = folder.count_files(sources)
    columns = (TextColumn("{task.completed}/{task.total}"), BarColumn(), TextColumn("{task.fields[rate]}"),
               TimeElapsedColumn(), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("ingest", total=total, rate="")

        def show(report: IngestReport) -> None:
            rate = report.seen / report.seconds if report.seconds else 0
            bar.update(task, completed=report.seen, total=max(total, report.seen), rate=f"{rate:.1f}/s")

        return run.run(sources, show)


def _plain_lines(report: IngestReport) -> None:
    console.print(f"{_format_counts(report)}, {report.seconds:.1f} s")


def print_report(report: IngestReport, as_json: bool, command: Sequence[str] = ()) -> None:
    """Print the sum of a batch and what was refused, or all of it as JSON; `command` does what a dry run only tried."""
    report.rejections, report.skipped = map(translate_rejections, (report.rejections, report.skipped))
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
        return
    counts = _format_counts(report)
    if report.is_dry_run:
        click.echo(_("试跑：%(counts)s", counts=counts))
    else:
        click.echo(_("批次 %(batch)s：%(counts)s", batch=report.batch, counts=counts))
    print_rejections(report.rejections)
    print_shortened(report.shortened)
    print_changes(report.changes, _("改了 %(count)s 条：", count=report.changed))
    print_changes(report.kept, _("这些写着的没有照办，馆里的更严，或者那个文件不能是这一种："))
    print_unread_cells(report.unread_cells)
    for file in report.restricted:
        level = value_text("access", file["access"], _)
        click.echo(_("%(path)s 里写着限制阅览，已设为“%(level)s”", path=to_printable(file["path"]), level=level))
    for file in report.skipped:
        click.echo(_("跳过 %(path)s：%(reason)s", path=to_printable(file["path"]), reason=file["reason"]))
    for column in report.unread_columns.to_json():
        path, heading = to_printable(column["path"]), to_printable(column["column"])
        click.echo(
            _("“%(path)s”的“%(column)s”一栏没有读（%(rows)s 行写着）", path=path, column=heading, rows=column["rows"])
        )
    if report.is_dry_run:
        click.echo(_("这是试跑，什么也没有写。照这样收：%(command)s", command=shlex.join(command)))
        return
    if report.likely:
        click.echo(_("有 %(count)s 对可能是同一本，看看：tianyuan same", count=report.likely))
    if report.rejected:
        click.echo(refused_sheet_line(report.batch))


def translate_report(report: IngestReport) -> None:
    """Put all refusals of a report, those of its sources included, into the language of the command."""
    report.rejections = translate_rejections(report.rejections)
    report.unread_cells = translate_problems(report.unread_cells, _)
    first_of_sources = translate_rejections(list(report.refused_sources.values()))
    report.refused_sources = dict(zip(report.refused_sources, first_of_sources, strict=True))


def _format_counts(report: IngestReport) -> str:
    return format_counts({state: getattr(report, state) for state in EntryState}, report.seen)
