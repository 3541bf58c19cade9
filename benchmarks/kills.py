"""kill -9 at random moments of an ingest of every kind (`KILLS`, default 100), then the same command.

Books, texts, films, photos, scans, a list with files and without, a MARC file; the jobs are killed too. Afterwards
nothing is lost, nothing is there twice, nothing half.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from benchmarks.made_up import draft, write_epubs
from library_server.catalogue.records import queries
from library_server.exchange.agents import Agent
from library_server.exchange.bibliographic import Bibliographic, Isbn
from library_server.exchange.marc import cnmarc
from library_server.jobs import queue
from library_server.library import Library, open_library
from library_server.settings import Settings
from tests.factories.pictures import STORY, film, page, scan
from tests.support.libraries import delete_unnamed_objects, sweep_report

BOOKS, TEXTS, PHOTOS, ROWS, RECORDS = 60, 30, 20, 40, 40


def run() -> None:
    """Print how many records are there exactly once, and whether store, database, index and jobs agree."""
    kills = int(os.environ.get("KILLS", "100"))
    chance = random.Random(11)
    with tempfile.TemporaryDirectory() as folder:
        source, home = Path(folder) / "disk", Path(folder) / "home"
        expected = _fill(source)
        environment = {**os.environ, "TIANYUAN_HOME": str(home)}
        ingest = [sys.executable, "-m", "library_server.cli", "ingest", str(source)]
        work = [sys.executable, "-m", "library_server.cli", "worker"]
        for number in range(kills):
            _killed(ingest if number % 4 else work, environment, chance.uniform(0.5, 4.0))
        subprocess.run(
            [*ingest, "--wait"], env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        library = open_library(Settings(home=home))
        _wait_for_jobs(ingest, environment, library)
        _print(library, kills, expected)


def _fill(source: Path) -> int:
    """A disk of every kind; returns how many records it shall give."""
    write_epubs(source / "books", BOOKS, 60_000)
    (source / "texts").mkdir()
    for number in range(TEXTS):
        (source / f"texts/{number}.txt").write_text(f"书名：文本{number}\n\n{STORY}{number}", encoding="utf-8")
    (source / "photos").mkdir()
    for number in range(PHOTOS):
        Image.effect_noise((900, 600), 20 + number * 3).convert("RGB").save(source / f"photos/{number}.jpg")
    for number in range(3):
        film(source / f"film{number}.mp4", seconds=6 + number)
    film(source / "old.avi", "-c:v", "mpeg4", "-c:a", "mp3", seconds=5)
    scan(source / "scan.pdf", [page([STORY[:20]] * 6) for _ in range(3)])
    with (source / "list.csv").open("w", encoding="utf-8", newline="") as writing:
        rows = csv.writer(writing)
        rows.writerow(["书名", "作者", "册数", "馆藏地", "文件"])
        for number in range(ROWS):
            file = f"texts/{number}.txt" if number < TEXTS // 2 else ""
            rows.writerow(
                [f"表中书{number}", draft(number).creators[0].name, "" if file else "2", "" if file else "三门", file]
            )
    with (source / "export.mrc").open("wb") as writing_marc:
        for number in range(RECORDS):
            book = Bibliographic(title=f"机读书目{number}", control_number=str(number), agents=[Agent("某人")],
                                isbns=[Isbn("", "", "CNY1")], publisher="出版社", date="2001")  # fmt: skip
            writing_marc.write(cnmarc.write(book).as_marc())
    return BOOKS + TEXTS + PHOTOS + 4 + 1 + (ROWS - TEXTS // 2) + RECORDS


def _killed(command: list[str], environment: dict[str, str], seconds: float) -> None:
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True)  # fmt: skip
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _wait_for_jobs(ingest: list[str], environment: dict[str, str], library: Library) -> None:
    """Jobs of workers that were killed are taken again once they have been silent for two minutes."""
    for _ in range(20):
        with library.database.reading() as session:
            if not queue.count_unfinished(session):
                return
        time.sleep(15)
        subprocess.run(
            [*ingest, "--wait"], env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


def _print(library: Library, kills: int, expected: int) -> None:
    with library.database.reading() as session:
        ids = queries.published_ids(session, "", 100_000)
        views = [view for record_id in ids if (view := queries.find_record(session, record_id))]
        left_to_do = queue.count_unfinished(session)
    halves = [view.title for view in views if view.details.format and view.original is None]
    copies = sum(holding.copies for view in views for holding in view.holdings)
    unnamed, _, swept = sweep_report(library), delete_unnamed_objects(library), sweep_report(library)
    print(f"{kills} kills: {len(views)} of {expected} records, {len(halves)} without their file, {copies} copies held")
    print(
        f"jobs left {left_to_do}; index agrees: {library.indexer.verify().agrees}; rows without object: {swept.missing}"
    )
    print(f"unnamed objects: {unnamed.unnamed}, after `sweep --delete` {swept.unnamed}")
    assert len(views) == expected
    assert not halves
    assert copies == 2 * (ROWS - TEXTS // 2)
    assert not swept.missing
    assert not swept.unnamed
    assert not left_to_do
