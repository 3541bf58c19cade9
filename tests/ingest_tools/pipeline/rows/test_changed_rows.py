"""Rows that describe known records anew are looked up and written together, as if one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from library_server.catalogue.enums import Access
from library_server.catalogue.models import Holding, Identifier, OutboxRow, Record, Revision
from library_server.catalogue.records import fields, source_records
from library_server.exchange.bibliographic import Bibliographic, HoldingStatement, Isbn
from library_server.exchange.marc import cnmarc
from library_server.library import Library
from tests.ingest_tools.pipeline.rows.test_new_rows import HEADINGS, cells, isbn, write_list
from tests.support.libraries import ingest
from tests.support.lists import change_rows
from tests.support.records import load_records

ROWS = 100
TITLE, ISBN, DATE = HEADINGS.index("题名"), HEADINGS.index("ISBN"), HEADINGS.index("出版日期")
COLLECTION, COPIES, PLACE = HEADINGS.index("专题"), HEADINGS.index("册数"), HEADINGS.index("农家书屋")


@contextmanager
def statements_of(library: Library) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(library.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(library.database.engine, "before_cursor_execute", note)


def with_cells(row: list[str], changed: dict[int, str]) -> list[str]:
    return [changed.get(at, cell) for at, cell in enumerate(row)]


def changed_cells(number: int) -> dict[int, str]:
    """Cells that no two rows share: the title, the date, another ISBN, more copies, another collection."""
    return {TITLE: f"柑橘栽培第{number}册新编", DATE: "1999", COPIES: "3", COLLECTION: "果树"}


def test_changed_rows_take_fewer_statements_than_there_are_rows(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest_tools.pipeline.pipeline.COMMIT_SECONDS", 3600)  # a slow machine commits more often
    rows = [cells(number) for number in range(ROWS)]
    path = write_list(tmp_path / "书目.csv", rows)
    ingest(library, path)
    with library.database.writing() as session:
        session.query(OutboxRow).delete()
    write_list(path, [with_cells(row, changed_cells(number)) for number, row in enumerate(rows)])

    with statements_of(library) as statements:
        report = ingest(library, path)

    assert (report.joined, report.changed, report.added) == (ROWS, ROWS, 0)
    assert len(statements) < ROWS
    assert {(view.title, view.date_written) for view in load_records(library)} == {
        (f"柑橘栽培第{number}册新编", "1999") for number in range(ROWS)
    }
    with library.database.reading() as session:
        actions = session.execute(select(Revision.action, func.count()).group_by(Revision.action)).all()
        assert {action: count for action, count in actions} == {"edited": ROWS, "holding": ROWS, "collected": ROWS}
        assert session.scalar(select(func.count(OutboxRow.record_id.distinct()))) == ROWS
        assert session.scalar(select(func.sum(Holding.copies))) == 3 * ROWS


def test_changed_isbns_take_the_place_of_those_before(library: Library, tmp_path: Path) -> None:
    path = write_list(tmp_path / "书目.csv", [cells(number) for number in range(ROWS)])
    ingest(library, path)
    write_list(path, [with_cells(cells(number), {ISBN: isbn(1000 + number)}) for number in range(ROWS)])

    report = ingest(library, path)

    assert report.changed == ROWS
    with library.database.reading() as session:
        assert set(session.scalars(select(Identifier.value))) == {isbn(1000 + number) for number in range(ROWS)}


def write_list_with_access(path: Path, access: str) -> Path:
    rows = [[*cells(number), access] for number in range(ROWS)]
    path.write_text("\n".join(",".join(row) for row in [[*HEADINGS, "使用范围"], *rows]), "utf-8")
    return path


def test_rows_that_state_access_are_written_together(library: Library, tmp_path: Path) -> None:
    path = write_list_with_access(tmp_path / "书目.csv", "仅限馆内")
    ingest(library, path)
    assert {view.access for view in load_records(library)} == {Access.PREMISES}

    with statements_of(library) as statements:
        report = ingest(library, write_list_with_access(path, "公开"))

    assert report.changed == ROWS
    assert len(statements) < ROWS
    assert {view.access for view in load_records(library)} == {Access.PUBLIC}


def write_marc(path: Path, abstract: str) -> Path:
    with path.open("wb") as file:
        for number in range(ROWS):
            described = Bibliographic(
                title=f"柑橘栽培第{number}册", isbns=[Isbn(isbn(number))], control_number=f"{number:09d}",
                agency="TY", holdings=[HoldingStatement("三门书屋", "S666", 2)], abstract=f"{abstract}{number}",
            )  # fmt: skip
            file.write(cnmarc.write(described).as_marc())
    return path


def test_changed_marc_records_are_found_by_their_numbers_and_kept_anew(library: Library, tmp_path: Path) -> None:
    ingest(library, write_marc(tmp_path / "一.mrc", "旧"))

    with statements_of(library) as statements:
        report = ingest(library, write_marc(tmp_path / "二.mrc", "新"))

    assert (report.joined, report.changed, report.added) == (ROWS, ROWS, 0)
    assert len(statements) < ROWS
    for view in load_records(library):
        number = int(view.title.removeprefix("柑橘栽培第").removesuffix("册"))
        assert view.abstract == f"新{number}"
        with library.database.reading() as session:
            source = source_records.load_source_records(session, [view.id]).get(view.id)
        assert source is not None
        assert f"新{number}" in source.body


def test_rows_of_an_export_are_compared_together(library: Library, export: Any, tmp_path: Path) -> None:
    ingest(library, write_list(tmp_path / "书目.csv", [cells(number) for number in range(ROWS)]))
    path = export()
    with statements_of(library) as statements:
        assert ingest(library, path).unchanged == ROWS
    assert len(statements) < ROWS

    with statements_of(library) as statements:
        report = ingest(library, change_rows(path, *[{"出版社": "岳麓书社"}] * ROWS))

    assert (report.joined, report.changed) == (ROWS, ROWS)
    assert len(statements) < ROWS
    assert {view.publisher for view in load_records(library)} == {"岳麓书社"}


def test_each_row_meets_the_record_as_the_row_before_it_left_it(library: Library, tmp_path: Path) -> None:
    path = write_list(tmp_path / "书目.csv", [cells(1), cells(2)])
    ingest(library, path)
    copy = write_list(
        tmp_path / "副本.csv",
        [
            with_cells(cells(1), {PLACE: "群丰书屋"}),
            with_cells(cells(2), {COPIES: "7"}),
            with_cells(cells(1), {PLACE: "群丰书屋", COPIES: "5"}),
            with_cells(cells(3), {}),
            with_cells(cells(3), {PLACE: "群丰书屋"}),
        ],
    )

    report = ingest(library, copy)

    assert (report.added, report.joined) == (1, 4)
    copies = {
        (view.title, holding.place): holding.copies for view in load_records(library) for holding in view.holdings
    }
    assert copies == {
        ("柑橘栽培第1册", "三门书屋"): 2, ("柑橘栽培第1册", "群丰书屋"): 5, ("柑橘栽培第2册", "三门书屋"): 7,
        ("柑橘栽培第3册", "三门书屋"): 2, ("柑橘栽培第3册", "群丰书屋"): 2,
    }  # fmt: skip
    with library.database.reading() as session:
        counted = session.scalars(select(Revision.changes).order_by(Revision.number)).all()
    assert [change["copies"] for change in counted if change["place"] == "群丰书屋" and change["copies"][1] != 2] == [
        [2, 5]
    ]


def test_one_changed_row_that_fails_is_refused_alone(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [cells(number) for number in range(ROWS)]
    path = write_list(tmp_path / "书目.csv", rows)
    ingest(library, path)
    write_list(path, [with_cells(row, changed_cells(number)) for number, row in enumerate(rows)])
    unpatched = fields.set_field

    def fail_at_one(record: Record, name: str, value: Any) -> None:
        if value == "柑橘栽培第31册新编":
            raise ZeroDivisionError
        unpatched(record, name, value)

    monkeypatch.setattr(fields, "set_field", fail_at_one)
    report = ingest(library, path)

    assert (report.changed, report.rejected) == (ROWS - 1, 1)
    assert {view.title for view in load_records(library)} == {
        f"柑橘栽培第{number}册{'' if number == 31 else '新编'}" for number in range(ROWS)
    }
    with library.database.reading() as session:
        assert session.scalar(select(func.count()).where(Revision.action == "edited")) == ROWS - 1
