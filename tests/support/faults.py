"""Faults injected into an ingest: one function of describe, store, write or index raises once, at a random call."""

from __future__ import annotations

import csv
import errno
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from ingest_tools import parser_worker
from ingest_tools.description import Description
from ingest_tools.parser_pool import Parser
from ingest_tools.pipeline import (
    catalogue_writer,
    committer,
    importer,
    new_file_jobs,
    placement,
    scratch_pool,
)
from ingest_tools.pipeline.known_records import look_up, prior_imports
from ingest_tools.pipeline.options import Options
from ingest_tools.pipeline.pipeline import Ingest
from ingest_tools.pipeline.results import IngestReport
from ingest_tools.pipeline.rows import row_writer
from ingest_tools.sources import discovery
from ingest_tools.sources.lists import manifest, manifest_worker
from ingest_tools.sources.source_files import SourceFile
from library_server.catalogue import bulk_edits
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import EntryState, Status
from library_server.catalogue.models import Entry, Holding, Job, Record
from library_server.catalogue.records import commands, duplicates, revisions, source_records
from library_server.exchange.agents import Agent
from library_server.exchange.bibliographic import Bibliographic, HoldingStatement, Isbn
from library_server.exchange.marc import cnmarc
from library_server.jobs import queue
from library_server.library import Library
from library_server.search.records import document_loading, index_writer, indexer
from storage_config.stores.filesystem import FilesystemStore
from tests.support.libraries import open_library_at, sweep_report

TARGETS: dict[str, list[tuple[Any, str]]] = {
    "describe": [
        (look_up, "find_prior_imports"),
        (repository, "find_imported"),
        (repository, "find_imported_rows"),
        (prior_imports.PriorImports, "find_unchanged"),
        (prior_imports.PriorImports, "find_earlier_id"),
        (scratch_pool.ScratchPool, "acquire"),
        (Parser, "describe"),
        (importer, "build_draft"),
        (importer, "apply_row"),
        (importer, "within_bounds"),
        (importer, "draft_of_row"),
    ],
    "store": [
        (FilesystemStore, "put_original"),
        (FilesystemStore, "put_file"),
        (importer.FileImporter, "_find_stored"),
        (importer.FileImporter, "_claim"),
        (importer.FileImporter, "_newer_of"),
        (importer, "store_derived"),
        (importer, "new_id"),
    ],
    "write": [
        (FilesystemStore, "flush"),
        (catalogue_writer.CatalogueWriter, "write"),
        (catalogue_writer.CatalogueWriter, "_write_one"),
        (catalogue_writer, "place_new_record"),
        (row_writer, "add_holdings_and_sources"),
        (row_writer.RowWriter, "_write_group"),
        (row_writer, "apply_edits"),
        (new_file_jobs, "enqueue_jobs"),
        (catalogue_writer, "original_asset"),
        (placement, "slug_and_title"),
        (commands, "add_records"),
        (commands, "new_record_rows"),
        (commands, "add_assets"),
        (commands, "get_or_create_collection"),
        (commands, "add_to_collection"),
        (commands, "add_new_to_collections"),
        (commands, "enqueue_reindex"),
        (commands, "add_new_holdings"),
        (repository, "add_entries"),
        (duplicates, "record_duplicates"),
        (duplicates, "record_similar_photos"),
        (duplicates, "find_editions"),
        (bulk_edits, "revise_records"),
        (bulk_edits, "set_holdings"),
        (bulk_edits, "add_to_collections"),
        (revisions, "revise"),
        (source_records, "save_source_records"),
        (source_records, "add_new_source_records"),
        (queue, "enqueue"),
        (committer.Committer, "_write_in_transaction"),
    ],
    "index": [
        (document_loading, "build_document"),
        (index_writer, "add_documents"),
        (indexer, "publish_generation"),
        (index_writer, "open_whoosh"),
    ],
}
ERRORS: list[Callable[[], Exception]] = [
    lambda: ValueError("injected"),
    lambda: KeyError("injected"),
    lambda: OSError(errno.EIO, "injected"),
    lambda: SQLAlchemyError("injected"),
    lambda: IntegrityError("injected", None, Exception("injected")),
    lambda: MemoryError(),
    lambda: RecursionError("injected"),
    lambda: AssertionError("injected"),
    lambda: UnicodeEncodeError("utf-8", "\ud800", 0, 1, "injected"),
]


@dataclass(frozen=True)
class Fault:
    """A function that raises an error once, at its `call`th call (from 1)."""

    owner: Any
    name: str
    call: int
    error: Exception

    def __str__(self) -> str:
        where = getattr(self.owner, "__qualname__", None) or self.owner.__name__
        return f"{where}.{self.name}, call {self.call}: {self.error!r}"


class InProcessParser(Parser):
    """Parses in this process: a child for each of 500 runs would take most of the time."""

    def describe(
        self, source: Path | SourceFile, out: Path, joined: Sequence[Path | SourceFile] = (), *, covers: bool = True
    ) -> Description:
        first, *others = [_input(file) for file in (source, *joined)]
        return Description.from_json(parser_worker.describe(first, out, others, covers=covers).to_json())


def _input(source: Path | SourceFile) -> parser_worker.InputFile:
    if isinstance(source, SourceFile):
        return parser_worker.InputFile(source.address, source.path)
    return parser_worker.InputFile(source, source)


def write_sources(source: Path) -> None:
    """A folder of every kind that needs no ffmpeg: texts, twins, stories, photos, a list, a MARC file."""
    source.mkdir(parents=True)
    for number in range(6):
        (source / f"{number}.txt").write_text(f"书名：文本{number}\n\n正文{number}", "utf-8")
    (source / "孪生.txt").write_text("书名：文本0\n\n正文0", "utf-8")  # the bytes of another file
    for number in range(3):
        (source / f"故事{number}.md").write_text(
            f"---\ntitle: 故事{number}\ncollection: 专题\n---\n故事{number}", "utf-8"
        )
        Image.effect_noise((90, 60), 20 + number * 30).convert("RGB").save(source / f"照片{number}.jpg")
    with (source / "表.csv").open("w", encoding="utf-8", newline="") as writing_list:
        rows = csv.writer(writing_list)
        rows.writerow(["书名", "作者", "出版社", "册数", "馆藏地", "文件", "专题"])
        for number in range(8):
            file = f"{number}.txt" if number < 2 else ""
            rows.writerow(
                [f"表中书{number}", f"某{number}", "出版社", "" if file else "2", "" if file else "三门", file, "专题"]
            )
    with (source / "馆藏.mrc").open("wb") as writing_marc:
        for number in range(6):
            book = Bibliographic(
                title=f"机读{number}",
                control_number=str(number),
                agents=[Agent("某人")],
                publisher="社",
                isbns=[Isbn("", "", "CNY1")],
                holdings=[HoldingStatement("总馆", "S6", 1)],
            )
            writing_marc.write(cnmarc.write(book).as_marc())


@dataclass(frozen=True)
class Contents:
    """What a library holds: titles, copies by place, jobs by task."""

    titles: Counter[str]
    copies: int
    jobs: Counter[str]


class FaultRuns:
    """Runs an ingest of one folder again and again, each time into a fresh library and with another fault."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._source = folder / "source"
        self._empty = folder / "empty"
        self._chance = random.Random(seed)
        write_sources(self._source)
        opened = open_library_at(self._empty)
        opened.indexer.catch_up()
        opened.database.engine.dispose()
        self._calls: Counter[tuple[Any, str]] = Counter()
        with self._library() as library:
            with ExitStack() as patches:
                for owner, name in (function for several in TARGETS.values() for function in several):
                    patches.enter_context(_counted(owner, name, self._calls))
                self.expected = self._taken(library)
                library.indexer.catch_up()
            self.contents = _contents(library)
            self.paths = _states(library)
        assert self.expected.rejected == 0, self.expected.rejections

    def faults(self, count: int) -> Iterator[Fault]:
        """Faults at random among the calls that an ingest makes, as many of each stage."""
        stages = [[function for function in several if self._calls[function]] for several in TARGETS.values()]
        for number in range(count):
            owner, name = self._chance.choice(stages[number % len(stages)])
            call = self._chance.randint(1, self._calls[owner, name])
            yield Fault(owner, name, call, self._chance.choice(ERRORS)())

    def run(self, fault: Fault) -> int:
        """Ingest with a fault, check that all other entries are in, then take again what was rejected.

        Returns how many entries were rejected. Raises `AssertionError` where a promise is broken.
        """
        with self._library() as library:
            with _raising(fault):
                report = self._taken(library)
                rejected = self._check(library, report)
                _indexed(library)
            self._taken(library)
            assert _contents(library) == self.contents
            _indexed(library)
            return rejected

    def _check(self, library: Library, report: IngestReport) -> int:
        states = _states(library)
        assert set(states) == set(self.paths), "an entry is missing"
        assert report.seen == self.expected.seen == len(states)
        others = {path: state for path, state in states.items() if state != EntryState.REJECTED}
        rejected = len(states) - len(others)
        assert rejected == report.rejected == len(report.rejections)
        assert all(row["code"] in {"internal", "unreadable"} for row in report.rejections), report.rejections
        assert len({row["path"].rpartition("#")[0] or row["path"] for row in report.rejections}) <= 2
        assert sweep_report(library).missing == 0
        return rejected

    def _taken(self, library: Library) -> IngestReport:
        parsers = [InProcessParser() for _ in range(2)]
        run = Ingest(library.database, library.store, library.settings.home / "scratch", Options(workers=2), parsers)
        with mock.patch.object(discovery, "read_manifest", _read_in_process):
            return run.run([self._source])

    @contextmanager
    def _library(self) -> Iterator[Library]:
        home = self._folder / "home"
        shutil.copytree(self._empty, home)
        library = open_library_at(home)
        try:
            yield library
        finally:
            library.database.engine.dispose()
            shutil.rmtree(home)


def _read_in_process(file: SourceFile, unread_names: set[str]) -> Iterator[manifest.ManifestRow]:
    for item in manifest_worker.read_items(file.address, file.path.stem):
        if "mentioned" in item:
            unread_names.update(item["mentioned"])
        else:
            yield manifest.manifest_row(item)


@contextmanager
def _counted(owner: Any, name: str, calls: Counter[tuple[Any, str]]) -> Iterator[None]:
    unpatched = getattr(owner, name)

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls[owner, name] += 1
        return unpatched(*args, **kwargs)

    with mock.patch.object(owner, name, counted):
        yield


@contextmanager
def _raising(fault: Fault) -> Iterator[None]:
    unpatched = getattr(fault.owner, fault.name)
    calls = 0

    def raising(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == fault.call:
            raise fault.error
        return unpatched(*args, **kwargs)

    with mock.patch.object(fault.owner, fault.name, raising):
        yield


def _indexed(library: Library) -> None:
    """Index and database equal: an indexer that failed goes on with the next catch-up, or is made anew."""
    try:
        library.indexer.catch_up()
    except Exception:
        library.indexer.catch_up()
    if not library.indexer.verify().agrees:
        library.indexer.rebuild()
    assert library.indexer.verify().agrees


def _contents(library: Library) -> Contents:
    with library.database.reading() as session:
        titles = session.scalars(select(Record.title).where(Record.status == Status.PUBLISHED)).all()
        copies = session.scalar(select(func.coalesce(func.sum(Holding.copies), 0)))
        jobs = session.scalars(select(Job.task)).all()
    return Contents(Counter(titles), copies or 0, Counter(jobs))


def _states(library: Library) -> dict[str, str]:
    """Every entry by its path, with its state; raises where one path has two."""
    with library.database.reading() as session:
        rows: Sequence[Any] = session.execute(select(Entry.path, Entry.state)).all()
    assert len({row[0] for row in rows}) == len(rows), [row for row in rows if rows.count(row) > 1]
    return {row[0]: row[1] for row in rows}
