"""Cells and rows of lists: whatever stands in a cell is read or refused with the cell named, and other rows go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest_tools.sources.lists import cells as readers
from ingest_tools.sources.lists import quantities
from ingest_tools.sources.lists.cells import InvalidCell
from ingest_tools.sources.lists.rows import _READ, Row, read_row
from library_server.catalogue.bounds import bound_draft, bound_holding
from library_server.catalogue.normalization.text import language_tag
from library_server.exchange.agents import read_agents
from library_server.exchange.bibliographic import Bibliographic, build_holdings, to_draft
from library_server.exchange.headings import columns_of, field_of
from tests.properties.strategies import cells, texts

pytestmark = pytest.mark.property
READERS = [
    readers.cell_text,
    readers.to_halfwidth,
    readers.read_isbns,
    readers.read_date,
    quantities.read_copies,
    quantities.read_duration,
    quantities.read_price,
]


@pytest.mark.parametrize("reader", READERS, ids=[reader.__name__ for reader in READERS])
@given(cell=cells)
def test_a_cell_is_read_or_unreadable(reader: Callable[[Any], Any], cell: Any) -> None:
    try:
        value = reader(cell)
    except InvalidCell as unreadable:
        if not str(unreadable):
            raise
        return
    assert not isinstance(value, int) or -(2**31) < value < 2**31
    json.dumps(value)


@pytest.mark.parametrize("name", _READ)
@given(cell=cells)
@pytest.mark.slow
def test_a_field_is_read_or_unreadable(name: str, cell: Any) -> None:
    row = Row(Bibliographic())
    try:
        _READ[name](row, cell)
    except InvalidCell as unreadable:
        if not str(unreadable):
            raise
    Bibliographic.from_json(json.loads(json.dumps(row.described.to_json())))


@example({"series_number": "3", "series": "柑橘丛书"})
@example({"series_number": "3"})
@given(st.dictionaries(st.sampled_from(sorted(_READ)), cells, max_size=12))
def test_a_row_becomes_a_draft_or_names_its_cells(given_cells: dict[str, Any]) -> None:
    row = read_row(given_cells)
    assert row.failure == ""
    assert all(problem["field"] in {*given_cells, "title"} and problem["expected"] for problem in row.problems)
    draft, _ = bound_draft(to_draft(row.described))
    assert draft.title
    for holding in build_holdings(row.described):
        assert 0 <= bound_holding(holding).copies < 2**31


@given(st.lists(cells, max_size=6))
def test_any_row_is_a_heading_row_or_none(row: list[Any]) -> None:
    columns = columns_of(row)
    assert columns is None or set(columns) <= set(range(len(row)))
    assert all(field_of(cell) is None or isinstance(field_of(cell), str) for cell in row)


@given(texts)
def test_any_text_is_read_as_agents_and_language(text: str) -> None:
    assert all(agent.name for agent in read_agents(text))
    assert len(language_tag(text) or "") <= 35


def test_a_number_of_5000_digits_is_no_date_and_no_price() -> None:
    huge = 10**5000
    assert read_row({"title": huge, "price": huge}).failure == ""
    assert read_row({"title": "书", "date": huge, "copies": huge, "duration": huge}).failure == ""
