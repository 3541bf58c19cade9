"""`ingest` and `retry`: how librarians bring things in.

The children that read foreign bytes are started first, so that they get ready while this process imports the rest of
what ingest needs: half a second of every run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ingest_tools.parser_pool import start_parsers
from ingest_tools.sources.locator import MARC_SUFFIXES, SPREADSHEET_SUFFIXES
from library_server.catalogue.enums import Kind
from library_server.cli.context import current_user, new_database, open_configured_library, protected_folders
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import SOME_REFUSED, as_json
from library_server.lazy_imports import lazy_imports


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--manifest", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A list of the files.")
@click.option("--collection", help="Slug or name of the collection that takes all of it.")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Kind of record for all of it.")
@click.option("--workers", type=click.IntRange(1, 64), help="How many files are read at once; the cores if unset.")
@click.option("--covers-later", is_flag=True, help="Leave covers to the queue: books are found sooner.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--wait", is_flag=True, help="Return when jobs and index are done.")
@click.option("--template", type=click.Path(dir_okay=False, path_type=Path), help="Write an empty list to fill in.")
@click.option("--undo", metavar="BATCH", help="Take back what a batch did, and nothing else.")
@click.option(
    "--watch",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take what comes to a folder.",
)
@click.option(
    "--settle",
    type=click.FloatRange(0.1),
    default=10.0,
    show_default=True,
    help="With --watch: seconds without a change before a file is taken.",
)
@new_database
@as_json
def ingest(  # noqa: PLR0913  # click gives each option as a parameter
    sources: tuple[Path, ...],
    manifest: Path | None,
    collection: str | None,
    kind: str | None,
    workers: int | None,
    covers_later: bool,
    dry_run: bool,
    wait: bool,
    template: Path | None,
    undo: str | None,
    watch: Path | None,
    settle: float,
    new_database: bool,
    as_json: bool,
) -> None:
    """Take in files, folders, lists and MARC files. Exit 0: all taken; 3: some refused."""
    if sum(map(bool, (sources or manifest, template, undo, watch))) != 1:
        raise click.UsageError(_("给出文件或文件夹，或者 --template、--undo、--watch 中的一个"))
    count = workers or os.cpu_count() or 2
    with start_parsers(count if _may_need_parsers(sources, manifest) else 0) as parsers:
        with lazy_imports():
            from ingest_tools.cli import ingest_runner
            from ingest_tools.pipeline.options import Options
            from library_server.jobs.registry import available_tasks

        if template:
            if dry_run:
                raise click.UsageError(_("--template 是写出空表，没有试运行"))
            ingest_runner.write_empty_list(template)
            return
        library = open_configured_library(storing=not dry_run, new_database=new_database)
        if undo:
            ingest_runner.undo(library, undo, as_json, dry_run)
            return
        options = Options(
            collection, kind, count, dry_run, manifest.absolute() if manifest else None,
            tasks=available_tasks(library.settings.transcribe_command), covers=not covers_later, actor=current_user(),
            protected=protected_folders(library),
        )  # fmt: skip
        if watch:
            ingest_runner.watch(library, watch.absolute(), options, settle)
            return
        absolute = [source.absolute() for source in sources]
        report = ingest_runner.run_interruptible(library, absolute, options, parsers, wait=wait and not dry_run)
    chosen = {"--manifest": manifest, "--collection": collection, "--kind": kind, "--workers": workers}
    given = [part for option, value in chosen.items() if value for part in (option, str(value))]
    flags = [*(["--covers-later"] if covers_later else []), *(["--wait"] if wait else [])]
    ingest_runner.print_report(report, as_json, ["tianyuan", "ingest", *given, *flags, "--", *map(str, sources)])
    sys.exit(SOME_REFUSED if report.rejected else 0)


def _may_need_parsers(sources: Sequence[Path], manifest: Path | None) -> bool:
    """Return whether files are likely to be parsed; for one that a list or a MARC file names a child is started
    then.
    """
    lists = SPREADSHEET_SUFFIXES + MARC_SUFFIXES
    return manifest is not None or any(source.suffix.lower() not in lists for source in sources)


@click.command()
@click.argument("batch_id")
@as_json
def retry(batch_id: str, as_json: bool) -> None:
    """Take the refused entries of a batch again: files, and rows of lists as they stand now."""
    from ingest_tools.cli import ingest_runner

    report = ingest_runner.retry_batch(batch_id)
    ingest_runner.print_report(report, as_json)
    sys.exit(SOME_REFUSED if report.rejected else 0)
