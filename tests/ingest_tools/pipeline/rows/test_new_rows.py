"""Rows without a file that are certainly new are looked up and written together."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from library_server.catalogue.models import Collection, Holding, OutboxRow, Record, SourceRecord
from library_server.exchange.bibliographic import Bibliographic, HoldingStatement, Isbn
from library_server.exchange.marc import cnmarc
from library_server.library import Library
from tests.support.libraries import ingest

ROWS = 60
HEADINGS = ["题名", "作者", "ISBN", "出版社", "出版日期", "专题", "册数", "农家书屋"]


def isbn(number: int) -> str:
    digits = f"9787{number:08d}"
    return digits + str(-sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(digits)) % 10)


def cells(number: int, place: str = "三门书屋") -> list[str]:
    return [f"柑橘栽培第{number}册", "陈守田", isbn(number), "湘江出版社", "1998", "农业", "2", place]


def write_list(path: Path, rows: list[list[str]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    return path


def test_new_rows_take_fewer_statements_than_there_are_rows(library: Library, tmp_path: Path) -> None:
    path = write_list(tmp_path / "书目.csv", [cells(number) for number in range(ROWS)])
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(library.database.engine, "before_cursor_execute", note)
    report = ingest(library, path)
    event.remove(library.database.engine, "before_cursor_execute", note)

    assert report.added == ROWS
    assert len(statements) < ROWS
    with library.database.reading() as session:
        assert session.scalar(select(Collection.size).where(Collection.title == "农业")) == ROWS
        assert session.scalar(select(func.count()).select_from(Holding)) == ROWS
        assert session.scalar(select(func.count(OutboxRow.record_id.distinct()))) == ROWS


def test_rows_of_one_edition_in_one_commit_become_one_record(library: Library, tmp_path: Path) -> None:
    path = write_list(tmp_path / "书目.csv", [cells(1), cells(2), cells(1, "群丰书屋")])

    report = ingest(library, path)

    assert report.added == 2
    with library.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Record)) == 2
        assert set(session.scalars(select(Holding.place))) == {"三门书屋", "群丰书屋"}
        assert session.scalar(select(func.count()).select_from(Holding)) == 3


def test_rows_that_two_lists_have_become_one_record_each(library: Library, tmp_path: Path) -> None:
    rows = [[f"没有书号的书{number}", "陈守田", "", "湘江出版社", "1998", "", "1", ""] for number in range(ROWS)]
    paths = [write_list(tmp_path / name / "书目.csv", rows) for name in ("甲", "乙")]

    report = ingest(library, *paths)

    assert (report.added, report.unchanged) == (ROWS, ROWS)
    with library.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Record)) == ROWS


def test_the_statements_of_marc_records_do_not_grow_with_their_number(library: Library, tmp_path: Path) -> None:
    counts = []
    for start, count in ((0, 20), (100, 80)):
        path = write_marc(tmp_path / f"{start}.mrc", range(start, start + count))
        statements: list[str] = []

        def note(*args: Any, statements: list[str] = statements) -> None:
            statements.append(args[2])

        event.listen(library.database.engine, "before_cursor_execute", note)
        report = ingest(library, path)
        event.remove(library.database.engine, "before_cursor_execute", note)
        assert report.added == count
        counts.append(len(statements))
    assert counts[1] - counts[0] < 80 - 20  # there is less than one statement for each further record
    with library.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SourceRecord)) == 100
        assert session.scalar(select(func.sum(Holding.copies))) == 200


def write_marc(path: Path, numbers: range) -> Path:
    with path.open("wb") as file:
        for number in numbers:
            described = Bibliographic(
                title=f"柑橘栽培第{number}册", isbns=[Isbn(isbn(number))], control_number=f"{number:09d}",
                agency="TY", holdings=[HoldingStatement("三门书屋", "S666", 2)],
            )  # fmt: skip
            file.write(cnmarc.write(described).as_marc())
    return path
