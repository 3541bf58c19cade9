"""100,000 small files and 10,000 rows of a list (`FILES`, `ROWS`): memory of all processes, the rate at both ends."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.made_up import draft

LEAST_SHARE = 0.9
_SEEN = re.compile(r"^(\d+) seen")


def run() -> None:
    """Print the most memory that all processes together had, and the rate at the end against that at the start."""
    files, rows = int(os.environ.get("FILES", "100000")), int(os.environ.get("ROWS", "10000"))
    with tempfile.TemporaryDirectory() as folder:
        source, home = Path(folder) / "files", Path(folder) / "home"
        _write_files(source, files)
        _report(f"{files:,} small files", source, home)
        _write_rows(Path(folder) / "list.csv", rows)
        _report(f"{rows:,} rows of a list", Path(folder) / "list.csv", home)


def _write_files(source: Path, count: int) -> None:
    for number in range(count):
        folder = source / f"{number // 500:04d}"
        if number % 500 == 0:
            folder.mkdir(parents=True)
        book = draft(number)
        (folder / f"{number:06d}.txt").write_text(f"书名：{book.title}{number}\n\n{book.abstract}\n", encoding="utf-8")


def _write_rows(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as writing:
        rows = csv.writer(writing)
        rows.writerow(["书名", "作者", "出版社", "出版年", "分类号", "主题词", "内容简介", "册数", "农家书屋"])
        for number in range(count):
            book = draft(number)
            rows.writerow([f"{book.title}{number}", book.creators[0].name, "湘江出版社", book.date, book.clc,
                           "；".join(book.subjects), book.abstract, 1 + number % 5, f"书屋{number % 40}"])  # fmt: skip


def _report(what: str, source: Path, home: Path) -> None:
    command = [sys.executable, "-m", "library_server.cli", "--lang", "en", "ingest", str(source)]
    child = subprocess.Popen(command, env={**os.environ, "TIANYUAN_HOME": str(home)}, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)  # fmt: skip
    memory: list[int] = []
    watching = threading.Thread(target=_watch, args=(child, memory))
    watching.start()
    marks = [(0.0, 0)]
    started = time.monotonic()
    assert child.stderr is not None
    marks += [
        (time.monotonic() - started, int(progress[1])) for line in child.stderr if (progress := _SEEN.match(line))
    ]
    child.wait()
    watching.join()
    total = marks[-1][1]
    first, last = _rate(marks, 0.05, 0.25), _rate(marks, 0.75, 0.98)
    shares = f"{first:.0f}/s at the start, {last:.0f}/s at the end: {last / first:.2f} (promised {LEAST_SHARE})"
    print(f"{what}: {total / marks[-1][0]:.0f}/s; {shares}")
    print(f"    at most {max(memory) / 1e6:.0f} MB in all processes (promised under 600)")


def _rate(marks: list[tuple[float, int]], begin: float, end: float) -> float:
    """Entries a second between two shares of the whole."""
    total = marks[-1][1]
    inside = [mark for mark in marks if begin * total <= mark[1] <= end * total]
    return (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0])


def _watch(child: subprocess.Popen[str], memory: list[int]) -> None:
    """Private memory (USS) of a process and its children, once a second."""
    from benchmarks.running import private_bytes

    while child.poll() is None:
        memory.append(sum(private_bytes(child.pid).values()))
        time.sleep(1)
