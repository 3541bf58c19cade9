"""Values of MARC fields as libraries write them that a cataloguer would write otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pymarc import Field, Indicators, Record, Subfield

from library_server.exchange.bibliographic import Bibliographic
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
        (("4", "cmp"), "composer", ""), (("4", "lyr"), "lyricist", ""), (("4", "lbt"), "author", "编剧"),
        (("4", "arr"), "contributor", "编曲"), (("e", "singer."), "performer", "演唱"),
        (("e", "composer."), "composer", ""), (("e", "conductor."), "performer", "指挥"),
        (("4", "曲"), "composer", "曲"), (("4", "作词"), "lyricist", "作词"),
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


@pytest.mark.parametrize("read", [marc21.read, cnmarc.read])
def test_references_and_tags_in_subfields_are_what_they_mean(read: Callable[[Record], Bibliographic]) -> None:
    is_marc21 = read is marc21.read
    title, abstract, note, person = ("245", "520", "500", "100") if is_marc21 else ("200", "330", "300", "701")
    described = read(
        record_of(
            (title, [("a", "&#x67D1;&#x6A58;&nbsp;A&amp;B")]),
            (abstract, [("a", "&nbsp;<p>讲&#26580;橘。</p><br/>&lt;b&gt;好&lt;/b&gt;")]),
            (note, [("a", "R&amp;D<br>见第&#51;页")]),
            (person, [("a", "甲&#183;三")]),
        )
    )
    assert (described.title, described.abstract, described.notes) == ("柑橘 A&B", "讲柔橘。 好", ["R&D 见第3页"])
    assert [agent.name for agent in described.agents] == ["甲·三"]


@pytest.mark.parametrize(
    ("stated", "isbn"),
    [
        ("7101003044 (精装) : CNY12.00", ("7101003044", "精装", "CNY12.00")),
        ("978-7-101-00304-8 : CNY38.00", ("978-7-101-00304-8", "", "CNY38.00")),
        ("0804429573 (pbk.)", ("0804429573", "pbk.", "")),
    ],
)
def test_binding_and_price_behind_an_isbn(stated: str, isbn: tuple[str, str, str]) -> None:
    isbns = marc21.read(record_of(("245", [("a", "Zen")]), ("020", [("a", stated)]))).isbns
    assert [(number.value, number.binding, number.price) for number in isbns] == [isbn]


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (["天元区", "图书馆"], "天元区图书馆"),
        (["天元区.", "图书馆."], "天元区图书馆"),
        (["Hunan.", "Library."], "Hunan. Library"),
    ],
)
def test_a_unit_of_a_body_is_part_of_its_name(parts: list[str], name: str) -> None:
    subfields = [("a", parts[0]), ("b", parts[1])]
    agents = marc21.read(record_of(("245", [("a", "Zen")]), ("110", subfields))).agents
    agents += cnmarc.read(record_of(("200", [("a", "禅")]), ("711", subfields))).agents
    assert [(agent.name, agent.corporate) for agent in agents] == [(name, True)] * 2


@pytest.mark.parametrize(
    ("subfields", "title", "part"),
    [
        ([("n", "第一册"), ("p", "柑橘")], "柑橘", ("第一册", "")),
        ([("n", "第一册")], "第一册", ("", "")),
        ([("a", "农书"), ("p", "柑橘")], "农书", ("", "柑橘")),
    ],
)
def test_a_title_of_a_part_alone_is_a_title(
    subfields: list[tuple[str, str]], title: str, part: tuple[str, str]
) -> None:
    described = marc21.read(record_of(("245", subfields)))
    assert (described.title, (described.part_number, described.part_name)) == (title, part)


@pytest.mark.parametrize(("written", "kept"), [("[ca. 1900]", "ca. 1900"), ("c1998.", "1998"), ("[1998", "1998")])
def test_no_letter_of_a_date_is_taken_for_a_sign_of_copyright(written: str, kept: str) -> None:
    assert marc21.read(record_of(("245", [("a", "Zen")]), ("260", [("c", written)]))).date == kept


def test_a_meeting_is_a_body() -> None:
    meeting = ("711", [("a", "柑橘栽培研讨会"), ("n", "(第2届")])
    agents = marc21.read(record_of(("245", [("a", "论文集")]), meeting)).agents
    assert [(agent.name, agent.corporate) for agent in agents] == [("柑橘栽培研讨会", True)]


def test_a_part_of_a_series_belongs_to_its_title() -> None:
    series = ("225", [("a", "农家丛书"), ("i", "果树卷"), ("v", "3")])
    assert cnmarc.read(record_of(("200", [("a", "柑橘")]), series)).series == [["农家丛书．果树卷", "3"]]
