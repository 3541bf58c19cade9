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


def roles_of(statement: str, *fields: tuple[str, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    agents = marc21.read(record_of(("245", [("a", "Orchards"), ("c", statement)]), *fields)).agents
    return [(agent.name, agent.role, agent.relator) for agent in agents]


@pytest.mark.parametrize(
    ("relator", "role", "word"),
    [
        (("e", "photographer."), "photographer", ""), (("e", "ill."), "contributor", "插图"),
        (("e", "joint author."), "author", ""), (("e", "ed."), "editor", ""), (("e", "tr."), "translator", ""),
        (("4", "http://id.loc.gov/vocabulary/relators/trl"), "translator", ""), (("4", "ill"), "contributor", "插图"),
    ],
)  # fmt: skip
def test_english_relator_terms_and_addresses_of_codes_say_the_role(
    relator: tuple[str, str], role: str, word: str
) -> None:
    assert roles_of("", ("100", [("a", "Marsh, Ida."), relator])) == [("Marsh, Ida", role, word)]


@pytest.mark.parametrize(
    ("statement", "role", "word"),
    [
        ("Tom Hill, Ida Marsh.", "author", ""), ("edited by Tom Hill and Ida Marsh.", "editor", ""),
        ("Ida Marsh ... [et al.].", "author", ""),
        ("Tom Hill ; translated from the Dutch by I. Marsh.", "translator", ""),
        ("by Tom Hill. Illustrated by Ida Marsh.", "contributor", "插图"),
        ("Tom Hill ; photographs by Ida B. Marsh.", "photographer", ""),
        ("Tom Hill [with Ida Marsh].", "contributor", ""), ("Tom Hill ; foreword by Ida Marsh", "contributor", ""),
        ("Tom Hill.", "contributor", ""), ("Tom Hill and Otto Marsh.", "contributor", ""),
    ],
)  # fmt: skip
def test_a_name_without_a_relator_has_the_role_of_the_statement(statement: str, role: str, word: str) -> None:
    assert roles_of(statement, ("700", [("a", "Marsh, Ida.")])) == [("Marsh, Ida", role, word)]


def test_a_chinese_statement_gives_its_names_their_roles() -> None:
    fields = [("700", [("a", name)]) for name in ("张三", "李四")]
    assert roles_of("张三主编 ; 李四译", *fields) == [("张三", "editor", "主编"), ("李四", "translator", "译")]


def test_a_related_work_of_a_creator_names_nobody_anew() -> None:
    again = ("700", [("a", "Marsh, Ida."), ("t", "Orchards.")])
    assert roles_of("", ("700", [("a", "Marsh, Ida."), ("e", "ed.")]), again) == [("Marsh, Ida", "editor", "")]
