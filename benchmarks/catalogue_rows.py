"""MARC records and list rows until they are found (`SCALE`, `LIST_ROWS`), and what bare libraries take for the same.

`FILLED` names a home: records from number `FIRST` on come in on top of what it holds, which shows whether the rate
stays. Without it, both have a library of their own. Everything is given a second time, unchanged.
"""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import catalogue_floor
from benchmarks.made_up import draft
from benchmarks.running import MemoryWatch
from library_server.exchange.agents import Agent
from library_server.exchange.bibliographic import Bibliographic, HoldingStatement, Isbn, Topic
from library_server.exchange.marc import cnmarc

RATE, MEMORY, FLOOR = 12 * 58, 400, 1.5
_ZEBRA = "zebraidx"


@dataclass(frozen=True)
class Usage:
    """What a command took: seconds, CPU seconds of it and its children, and the most memory of all (USS, PSS)."""

    seconds: float
    cpu: float
    uss: int
    pss: int


def run() -> None:
    """Print the rate of both kinds, the memory of all processes, and the floor."""
    records, rows = int(os.environ.get("SCALE", "20000")), int(os.environ.get("LIST_ROWS", "20000"))
    filled = os.environ.get("FILLED")
    start = int(os.environ.get("FIRST", "0"))
    with tempfile.TemporaryDirectory() as folder:
        _measure("MARC records", Path(folder) / "records.mrc", _write_marc, range(start, start + records), filled)
        _measure("list rows", Path(folder) / "list.csv", _write_rows, range(start + records, start + records + rows),
                 filled)  # fmt: skip


def _measure(what: str, source: Path, write: Callable[[Path, range], None], numbers: range, filled: str | None) -> None:
    if not numbers:
        return
    write(source, numbers)
    home = Path(filled) if filled else source.with_suffix(".home")
    count = len(numbers)
    _report(f"{count:,} {what} until found", _ingested(source, home, added=count), count)
    _report("the same given again", _ingested(source, home, unchanged=count), count)
    floor = _run_command(
        [sys.executable, "-m", "benchmarks.catalogue_floor", str(source), str(source.with_suffix(".floor"))]
    )
    _report("bare libraries, one process", floor, count)
    if source.suffix == ".mrc" and shutil.which(_ZEBRA):
        _report(_ZEBRA, _zebra(source), count)


def _report(what: str, usage: Usage, count: int) -> None:
    rate = f"{usage.seconds:.1f} s, {count / usage.seconds:.0f}/s (promised {RATE}), {usage.cpu:.1f} s of CPU"
    memory = f"at most {usage.uss / 1e6:.0f} MB private, {usage.pss / 1e6:.0f} MB with shares (promised {MEMORY})"
    print(f"{what}: {rate}; {memory}", flush=True)


def _ingested(source: Path, home: Path, **expected: int) -> Usage:
    stdout = io.StringIO()
    command = [sys.executable, "-m", "library_server.cli", "--lang", "en", "ingest", str(source), "--wait", "--json"]
    usage = _run_command(command, {"TIANYUAN_HOME": str(home)}, stdout)
    report = json.loads(stdout.getvalue())
    assert {name: report[name] for name in expected} == expected, report
    return usage


def _run_command(
    command: list[str], environment: dict[str, str] | None = None, stdout: io.StringIO | None = None
) -> Usage:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    child = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    with MemoryWatch(child.pid) as memory:
        output, _ = child.communicate()
    seconds = time.monotonic() - started
    assert child.returncode == 0, command
    if stdout is not None:
        stdout.write(output)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Usage(seconds, cpu, memory.private, memory.proportional)


def _zebra(source: Path) -> Usage:
    """Zebra with an index of the same fields and of all words, which ICU divides, and the records stored."""
    folder = source.with_suffix(".zebra")
    (folder / "register").mkdir(parents=True)
    (folder / "zebra.cfg").write_text(
        f"profilePath: {folder}:/usr/share/idzebra-2.0/tab\n"
        "modulePath: /usr/lib/x86_64-linux-gnu/idzebra-2.0/modules:/usr/lib/idzebra-2.0/modules\n"
        f"register: {folder}/register:4G\nlockDir: {folder}\nattset: bib1.att\n"
        "recordType: grs.marcxml.cnmarc\nencoding: utf-8\nindex: icu.idx\nstoreData: 1\n"
    )
    (folder / "cnmarc.abs").write_text(
        "name cnmarc\nattset bib1.att\nesetname F @\nesetname B @\nmarc usmarc.mar\nxpath disable\nall any\n"
        "melm 010 ISBN\nmelm 200 title,title:p\nmelm 210 publisher\nmelm 330 abstract\nmelm 606 subject-heading\n"
        "melm 690 classification-user-defined\nmelm 701 author,author:p\n"
    )
    return _run_command([_ZEBRA, "-c", str(folder / "zebra.cfg"), "-n", "update", str(source)])


def described(number: int) -> Bibliographic:
    """Made-up book number `number`, of which each has an ISBN and a control number of its own."""
    book = draft(number)
    body = f"9787{number % 10**8:08d}"
    check = -sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(body)) % 10
    return Bibliographic(
        title=f"{book.title}{number}",
        agents=[Agent(creator.name, creator.role) for creator in book.creators],
        publisher="湘江出版社",
        place="长沙",
        date=book.date or "",
        pages=f"{100 + number % 400}页",
        isbns=[Isbn(f"{body}{check}", "", f"CNY{20 + number % 40}.00")],
        topics=[Topic(term) for term in book.subjects],
        clc=[book.clc or "Z"],
        language="zh",
        abstract=book.abstract or "",
        control_number=f"{number:09d}",
        agency="TYLIB",
        holdings=[HoldingStatement(f"书屋{number % 40}", book.clc or "", 1 + number % 5)],
    )


def _write_marc(path: Path, numbers: range) -> None:
    with path.open("wb") as writing:
        for number in numbers:
            writing.write(cnmarc.write(described(number)).as_marc())


def _write_rows(path: Path, numbers: range) -> None:
    with path.open("w", encoding="utf-8", newline="") as writing:
        rows = csv.writer(writing)
        rows.writerow(catalogue_floor.HEADINGS)
        rows.writerows(_rows(numbers))


def _rows(numbers: range) -> Iterator[list[object]]:
    for number in numbers:
        book = described(number)
        holding = book.holdings[0]
        yield [book.title, book.agents[0].name, book.publisher, book.date, book.clc[0], book.isbns[0].value,
               "；".join(topic.term for topic in book.topics), book.abstract,
               holding.copies, holding.place]  # fmt: skip
