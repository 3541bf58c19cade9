"""Values of MARC fields as libraries write them that a cataloguer would write otherwise."""

from __future__ import annotations

import pytest
from pymarc import Field, Indicators, Record, Subfield

from library_server.exchange.marc import cnmarc, marc21


def record_of(*fields: tuple[str, list[tuple[str, str]]]) -> Record:
    record = Record()
    for tag, subfields in fields:
        record.add_field(Field(tag, Indicators(" ", " "), [Subfield(*subfield) for subfield in subfields]))
    return record


@pytest.mark.parametrize(("first", "second"), [("Asimov", "Isaac"), ("Asimov, ", "Isaac"), ("Asimov", ", Isaac"),
                                               ("Asimov,", ", Isaac")])  # fmt: skip
@pytest.mark.parametrize("tag", ["700", "701"])
def test_names_of_unimarc_have_one_comma_and_no_relator_code(tag: str, first: str, second: str) -> None:
    record = record_of(("200", [("a", "Spirale")]), (tag, [("a", first), ("b", second), ("4", "070")]))
    agents = cnmarc.read(record).agents
    assert [(agent.name, agent.role, agent.relator) for agent in agents] == [("Asimov, Isaac", "author", "")]


@pytest.mark.parametrize("written", ["9999", "2999", "[9999]"])
def test_a_year_that_has_not_come_is_no_date(written: str) -> None:
    assert marc21.read(record_of(("245", [("a", "Zen")]), ("264", [("c", written)]))).date == ""
    assert cnmarc.read(record_of(("200", [("a", "Zen")]), ("210", [("d", written)]))).date == ""


def test_a_name_that_is_traced_twice_stands_once_and_keeps_its_initial() -> None:
    again = ("700", [("a", "Jones, M. T."), ("4", "ctb")])
    agents = marc21.read(record_of(("245", [("a", "Sockets")]), again, again)).agents
    assert [agent.name for agent in agents] == ["Jones, M. T."]
