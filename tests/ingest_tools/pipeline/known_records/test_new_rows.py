"""Rows without a file that are certainly new are looked up and written together."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from library_server.catalogue.models import Collection, Holding, OutboxRow, Record
from library_server.library import Library
from tests.support.libraries import take_in

ROWS = 60
HEADINGS = ["题名", "作者", "ISBN", "出版社", "出版日期", "专题", "册数", "农家书屋"]


def isbn(number: int) -> str:
    digits = f"9787{number:08d}"
    return digits + str(-sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(digits)) % 10)


def cells(number: int, place: str = "三门书屋") -> list[str]:
    return [f"柑橘栽培第{number}册", "陈守田", isbn(number), "湘江出版社", "1998", "农业", "2", place]


def write_list(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    return path


def test_new_rows_take_fewer_statements_than_there_are_rows(library: Library, tmp_path: Path) -> None:
    path = write_list(tmp_path / "书目.csv", [cells(number) for number in range(ROWS)])
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(library.database.engine, "before_cursor_execute", note)
    report = take_in(library, path)
    event.remove(library.database.engine, "before_cursor_execute", note)

    assert report.added == ROWS
    assert len(statements) < ROWS
    with library.database.reading() as session:
        assert session.scalar(select(Collection.size).where(Collection.title == "农业")) == ROWS
        assert session.scalar(select(func.count()).select_from(Holding)) == ROWS
        assert session.scalar(select(func.count(OutboxRow.record_id.distinct()))) == ROWS


def test_rows_of_one_edition_in_one_commit_become_one_record(library: Library, tmp_path: Path) -> None:
    path = write_list(tmp_path / "书目.csv", [cells(1), cells(2), cells(1, "群丰书屋")])

    report = take_in(library, path)

    assert report.added == 2
    with library.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Record)) == 2
        assert set(session.scalars(select(Holding.place))) == {"三门书屋", "群丰书屋"}
        assert session.scalar(select(func.count()).select_from(Holding)) == 3
