"""`tianyuan`: the commands of librarians and operators."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ingest_tools.derive.renditions import rendition_task
from ingest_tools.pipeline import Ingest, Options, Report
from ingest_tools.sample import make_sample
from ingest_tools.sources import folder
from library_server.catalogue import browsing, intake, objects
from library_server.catalogue.vocabulary import EntryState, Kind
from library_server.jobs.worker import Worker
from library_server.library import Library, open_library
from library_server.search import asking
from library_server.search.results import IndexUnavailable, Question
from library_server.settings import Settings, read_settings
from storage_config.errors import BadSettings

SOME_REFUSED = 3
console = Console(stderr=True)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")


@click.group()
@click.version_option(package_name="tianyuan-library")
def main() -> None:
    """天元数字图书馆 Tianyuan Digital Library."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@main.command()
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
    library = _library()
    options = Options(collection, kind, workers or os.cpu_count() or 2, dry_run)
    paths = [source.absolute() for source in sources]
    report = _ingest(library, paths, options)
    if wait and not dry_run:
        _work_until_done(library)
    _print_report(report, as_json)
    sys.exit(SOME_REFUSED if report.rejected else 0)


@main.command()
@click.argument("batch_id", required=False)
@as_json
def batches(batch_id: str | None, as_json: bool) -> None:
    """Past batches, or one of them with what was refused."""
    library = _library()
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


@main.command()
@click.argument("batch_id")
@as_json
def retry(batch_id: str, as_json: bool) -> None:
    """Take the refused entries of a batch again."""
    library = _library()
    with library.database.reading() as session:
        batch = intake.batch(session, batch_id)
        refused = intake.entries(session, batch_id, EntryState.REJECTED)
    if batch is None:
        raise click.ClickException(f"没有这个批次 no such batch: {batch_id}")
    paths = [Path(entry.path) for entry in refused if Path(entry.path).exists()]
    options = Options(batch.options.get("collection"), batch.options.get("kind"))
    report = _ingest(library, paths, options)
    _print_report(report, as_json)
    sys.exit(SOME_REFUSED if report.rejected else 0)


@main.command()
@click.argument("query")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]))
@as_json
def search(query: str, kind: str | None, as_json: bool) -> None:
    """Find records, as the pages and the API do."""
    library = _library()
    try:
        answer = asking.ask(library.index, Question(query, {"kind": kind} if kind else {}))
    except IndexUnavailable as error:
        raise click.ClickException(str(error)) from error
    with library.database.reading() as session:
        cards = asking.filled(session, answer).cards
    if as_json:
        items = [{"id": c.id, "kind": c.kind, "title": c.title, "creators": c.creators, "year": c.year} for c in cards]
        click.echo(json.dumps({"total": answer.total, "relaxed": answer.relaxed, "items": items}, ensure_ascii=False))
        return
    click.echo(f"{answer.total}")
    for card in cards:
        click.echo(f"{card.id}  {card.kind:<12} {card.title}  {'、'.join(card.creators)}")


@main.group()
def index() -> None:
    """The indexes: rebuild, status, verify."""


@index.command("rebuild")
@as_json
def index_rebuild(as_json: bool) -> None:
    """Make the index anew from the database; readers keep the old one until it is done."""
    library = _library()
    with Progress(TextColumn("{task.description}"), TextColumn("{task.completed}"), console=console) as bar:
        task = bar.add_task("index", total=None)
        done = library.indexer.rebuild(lambda count: bar.update(task, completed=count))
    _echo({"records": done}, as_json)


@index.command("status")
@as_json
def index_status(as_json: bool) -> None:
    """Records, passages, backlog."""
    status = _library().indexer.status()
    _echo({"records": status.records, "passages": 0, "backlog": status.backlog, "readable": status.readable}, as_json)


@index.command("verify")
@as_json
def index_verify(as_json: bool) -> None:
    """Compare the index with the database. Exit 3 where they differ."""
    try:
        found = _library().indexer.verify()
    except IndexUnavailable as error:
        raise click.ClickException(str(error)) from error
    _echo({"agrees": found.agrees, "missing": found.missing, "extra": found.extra}, as_json)
    sys.exit(0 if found.agrees else SOME_REFUSED)


@main.group()
def storage() -> None:
    """Stored objects: check, sweep."""


@storage.command("check")
@as_json
def storage_check(as_json: bool) -> None:
    """Whether the store can be reached, written and read."""
    store = _library().store
    key = "staging-check/probe"
    store.put_bytes(key, b"tianyuan")
    with store.open(key) as reading:
        agrees = reading.read() == b"tianyuan"
    store.delete(key)
    _echo({"reachable": True, "writable": True, "agrees": agrees}, as_json)


@storage.command("sweep")
@as_json
def storage_sweep(as_json: bool) -> None:
    """Objects that no row names, and rows whose object is gone. Exit 3 for the latter."""
    library = _library()
    found = objects.sweep(library.database, library.store)
    _echo({"unnamed": found.unnamed, "missing": found.missing, "bytes": found.bytes}, as_json)
    sys.exit(SOME_REFUSED if found.missing else 0)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes; from the cores if unset.")
@click.option("--no-jobs", is_flag=True, help="Do not run jobs beside the web server.")
def serve(host: str, port: int, workers: int | None, no_jobs: bool) -> None:
    """Serve the library, with a job worker beside it."""
    _serve(_settings(), host, port, workers, with_jobs=not no_jobs)


@main.command()
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="Jobs run at once.")
@click.option("--parent", type=int, hidden=True)
def worker(threads: int, parent: int | None) -> None:
    """Run jobs and keep the index up to date, on any host."""
    library = _library()
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    if parent:
        threading.Thread(target=_stop_without, args=(parent, stopping), daemon=True).start()
    _worker(library, threads).run(stopping)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def demo(host: str, port: int) -> None:
    """Fill an empty library with the sample collection, then serve it."""
    library = _library()
    with library.database.reading() as session:
        empty = browsing.count_published(session) == 0
    if empty:
        console.print("正在准备样本馆藏…… Making the sample collection…")
        made = make_sample(library.settings.home / "sample")
        report = _ingest(library, [made], Options())
        _work_until_done(library)
        console.print(f"{report.added} 种 records, {report.seconds:.0f} s")
    console.print(f"http://{host}:{port}")
    _serve(library.settings, host, port, None, with_jobs=True)


def _serve(settings: Settings, host: str, port: int, workers: int | None, *, with_jobs: bool) -> None:
    from library_server.serving import serve as start

    start(settings, host, port, workers, with_jobs=with_jobs)


def _settings() -> Settings:
    try:
        return read_settings()
    except BadSettings as error:
        raise click.ClickException(str(error)) from error


def _library() -> Library:
    try:
        return open_library(_settings())
    except BadSettings as error:
        raise click.ClickException(str(error)) from error


def _scratch(library: Library) -> Path:
    scratch = library.settings.home / "scratch"
    scratch.mkdir(exist_ok=True)
    return scratch


def _worker(library: Library, threads: int = 1) -> Worker:
    task = rendition_task(library.database, library.store, _scratch(library))
    return Worker(library.database, library.indexer.catch_up, {"rendition": task}, threads)


def _work_until_done(library: Library) -> None:
    """Run what waits, here and now; another worker may be at it too."""
    worker_ = _worker(library)
    worker_.catch_up()
    while worker_.run_one():
        pass
    worker_.catch_up()


def _stop_without(parent: int, stopping: threading.Event) -> None:
    while not stopping.wait(1.0):
        if os.getppid() != parent:
            stopping.set()


def _ingest(library: Library, sources: list[Path], options: Options) -> Report:
    run = Ingest(library.database, library.store, _scratch(library), options)
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


def _echo(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for name, value in values.items():
        click.echo(f"{name}: {value}")


if __name__ == "__main__":
    main()
