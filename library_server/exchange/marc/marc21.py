"""MARC 21 to a description and back, after MARC 21 Format for Bibliographic Data (Library of Congress).

Written without ISBD punctuation (leader 18 `c`); read with or without. The CLC number is 084 with $2 `clc`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pymarc import Field, Record

from library_server.catalogue.enums import Access, CreatorRole, find_strictest
from library_server.catalogue.normalization.dates import parse_date
from library_server.catalogue.normalization.text import normalize
from library_server.exchange.access_statements import NAME_OF, STAR_OF, read_restriction
from library_server.exchange.agents import WORD_OF_ROLE, Agent, deduplicate_agents
from library_server.exchange.bibliographic import Bibliographic, HoldingStatement, Topic, deduplicate
from library_server.exchange.marc import hosts, imprints, series, titles
from library_server.exchange.marc.cnmarc import marc_language, responsibility_statement
from library_server.exchange.marc.marc_fields import (
    divide_heading,
    first_language,
    get_prose,
    get_subfield,
    get_subfields,
    get_value,
    get_values,
    make_control_field,
    make_field,
    read_body,
    read_isbns,
    read_koha_items,
    read_topic,
    strip_punctuation,
)
from library_server.exchange.marc.relators import find_roles, find_stated_roles, relator_code
from library_server.exchange.record_names import AGENCY, read_names

MAPPED = frozenset(
    (
        "001", "005", "008", "020", "040", "041", "044", "084", "100", "110", "111", "245", "246", "250", "260",
        "264", "300", "490", "500", "505", "506", "520", "600", "610", "611", "630", "650", "651", "653", "655", "700",
        "710", "711", "773", "852", "856",
    )
)  # fmt: skip
_KINDS = {"g": "film", "i": "audio", "j": "audio", "k": "photo"}
_TYPE_OF_KIND = {"film": "g", "lecture": "g", "performance": "g", "audio": "i", "photo": "k"}
_AGENT_TAGS = ("100", "110", "111", "700", "710", "711")
TOGETHER = (("260", "264"), _AGENT_TAGS)
REQUIRED = frozenset(("001", "008", "040"))
SERIES, OTHER_SERIES = "490", frozenset(("440", "800", "810", "811", "830"))  # which are read, and never written
COMPARED_BY_TITLE = {"773": "t"}  # what else these fields say cannot be edited
_TOPIC_TAGS = {
    "600": "personal", "610": "corporate", "611": "meeting", "630": "title", "650": "topical", "651": "geographic",
    "655": "form",
}  # fmt: skip
_TAG_OF_TOPIC = {name: tag for tag, name in _TOPIC_TAGS.items()} | {"family": "600", "name_title": "600"}
_TOPIC_INDICATORS = {"personal": "14", "family": "34", "name_title": "14", "meeting": "24", "form": " 4"}
_DIVISIONS = "xzyv"


def read(record: Record) -> Bibliographic:
    """Return what a MARC 21 record says; a record without field 245 has an empty title."""
    title = next(iter(record.get_fields("245")), Field(tag="245"))
    proper, part_number, part_name = titles.read_title(title)
    coded = record["008"].data or "" if "008" in record else ""
    place, publisher, date = imprints.read_marc21(record, coded[7:11])
    physical = next(iter(record.get_fields("300")), Field(tag="300"))
    whole = hosts.read_marc21(record)
    statements = [part for text in get_subfields(title, "c") for part in strip_punctuation(text).split(" ; ")]
    parallel = (field for field in record.get_fields("246") if field.indicator2 == "1")
    return Bibliographic(
        title=proper,
        kind=_KINDS.get(str(record.leader)[6], "book"),
        other_title=[strip_punctuation(part) for part in get_subfields(title, "b")],
        part_number=part_number,
        part_name=part_name,
        parallel_titles=deduplicate(strip_punctuation(get_subfield(field, "a")) for field in parallel),
        variant_titles=titles.read_marc21_variants(record, lambda field: field.indicator2 != "1"),
        responsibility=statements,
        agents=deduplicate_agents(_read_agents(record, statements)),
        edition=strip_punctuation(get_value(record, "250", "a")),
        place=place,
        publisher=publisher,
        date=date,
        pages=strip_punctuation(get_subfield(physical, "a")),
        illustrations=strip_punctuation(get_subfield(physical, "b")),
        size=strip_punctuation(get_subfield(physical, "c")),
        accompanying=get_subfield(physical, "e"),
        series=series.read_marc21(record),
        notes=get_prose(record, "500"),
        contents=get_prose(record, "505"),
        abstract="\n".join(get_prose(record, "520")),
        access=_read_access(record),
        whole=whole.statement,
        is_component_part=whole.is_component_part,
        topics=list(_read_topics(record)),
        clc=_read_class_numbers(record),
        isbns=list(read_isbns(record)),
        language=first_language(get_value(record, "041", "a")) or coded[35:38].strip(" |"),
        original_language=first_language(get_value(record, "041", "h")),
        country=get_value(record, "044", "c"),
        agency=get_value(record, "040", "a"),
        control_number=normalize(record["001"].data or "") if "001" in record else "",
        urls=get_values(record, "856", "u"),
        holdings=[*_read_holdings(record), *read_koha_items(record, "952", ("b", "o", "p"))],
        record_names=read_names(record, control_agency(record)),
    )


def _read_class_numbers(record: Record) -> list[str]:
    """Return the numbers of the Chinese Library Classification, or of no classification that is named."""
    fields = [field for field in record.get_fields("084") if get_subfield(field, "2") in {"clc", "clc5", "clc4", ""}]
    return deduplicate(get_subfield(field, "a") for field in fields)


def control_agency(record: Record) -> str:
    """Return the agency that assigned the control number in field 001."""
    return normalize(record["003"].data or "") if "003" in record else get_value(record, "040", "a")


def is_own_note(_: Field) -> bool:
    """Return whether a field whose tag is not mapped was written by us; there is none."""
    return False


def write(described: Bibliographic) -> Record:
    """Return the MARC 21 record of a description."""
    level = "a" if described.is_component_part else "m"
    record = Record(leader=f"00000n{_TYPE_OF_KIND.get(described.kind, 'a')}{level} a2200000 c 4500")
    record.add_field(*_build_fields(described))
    return record


def _build_fields(described: Bibliographic) -> Iterator[Field]:
    if described.control_number:
        yield make_control_field("001", described.control_number)
    language, original = marc_language(described.language), marc_language(described.original_language)
    yield make_control_field("008", _build_coded_data(described, language))
    for isbn in described.isbns:
        yield from make_field("020", "  ", ("a", isbn.value), ("q", isbn.binding), ("c", isbn.price))
    yield from make_field("040", "  ", ("a", described.agency or AGENCY), ("b", "chi"))
    yield from make_field("041", "1 " if original else "0 ", ("a", language), ("h", original))
    yield from make_field("044", "  ", ("c", described.country))
    for number in described.clc:
        yield from make_field("084", "  ", ("a", number), ("2", "clc"))
    yield from _agent_fields(described)
    yield from make_field(
        "245", "10" if described.agents else "00", ("a", described.title), ("n", described.part_number),
        ("p", described.part_name), ("b", described.other_title),
        ("c", " ; ".join(described.responsibility or responsibility_statement(described))),
    )  # fmt: skip
    for title in described.parallel_titles:
        yield from make_field("246", "31", ("a", title))
    for title in described.variant_titles:
        yield from make_field("246", "3 ", ("a", title))
    yield from make_field("250", "  ", ("a", described.edition))
    yield from make_field("264", " 1", ("a", described.place), ("b", described.publisher), ("c", described.date))
    yield from make_field("300", "  ", ("a", described.pages), ("b", described.illustrations), ("c", described.size),
                     ("e", described.accompanying))  # fmt: skip
    for name, number in described.series:
        yield from make_field("490", "0 ", ("a", name), ("v", number))
    for note in described.notes:
        yield from make_field("500", "  ", ("a", note))
    for contents in described.contents:
        yield from make_field("505", "0 ", ("a", contents))
    yield from _access_fields(described)
    for abstract in described.abstract.split("\n"):
        yield from make_field("520", "  ", ("a", abstract))
    for topic in described.topics:
        yield from _topic_field(topic)
    if described.whole:
        yield from make_field("773", "0 ", ("t", described.whole[0]), ("g", "".join(described.whole[1:2])))
    for holding in described.holdings:
        yield from make_field(
            "852",
            "  ",
            ("b", holding.place),
            ("j", holding.shelf_mark),
            ("p", holding.barcodes),
            ("t", str(holding.copies)),
        )
    for url in described.urls:
        yield from make_field("856", "40", ("u", url))


def _access_fields(described: Bibliographic) -> Iterator[Field]:
    if described.access and described.access != Access.PUBLIC:
        yield from make_field(
            "506", "1 ", ("a", NAME_OF[described.access]), ("f", STAR_OF[described.access]), ("2", "star")
        )


def _read_access(record: Record) -> str:
    """Return the strictest of the restrictions on access (506); empty where there is none."""
    levels = [
        read_restriction(
            [strip_punctuation(word) for code in "acdefg" for word in get_subfields(marc_field, code)],
            says_open=marc_field.indicator1 == "0", says_restricted=marc_field.indicator1 == "1",
        )
        for marc_field in record.get_fields("506")
    ]  # fmt: skip
    return str(find_strictest(*levels)) if levels else ""


_INITIAL = re.compile(r"(?:^|[\s.])[A-Z]\.$")  # which ends in a full stop of its own: `Jones, M. T.`


def _read_agents(record: Record, statements: Sequence[str]) -> Iterator[Agent]:
    """Yield people and bodies; a name without a relator has the role that the statement of responsibility gives it."""
    names: set[str] = set()
    for marc_field in record.get_fields(*_AGENT_TAGS):
        is_body = marc_field.tag.endswith(("10", "11"))
        written = read_body(marc_field) if is_body else _read_person(marc_field)
        name = written if _INITIAL.search(written) else strip_punctuation(written)
        if not name or (name in names and get_subfield(marc_field, "t")):  # a related work of somebody who is named
            continue
        names.add(name)
        roles = find_roles((*get_subfields(marc_field, "e"), *get_subfields(marc_field, "4")))
        if not roles and marc_field.tag == "700":
            roles = find_stated_roles(name, statements)
        if not roles:
            roles = [(str(CreatorRole.AUTHOR if marc_field.tag.startswith("1") else CreatorRole.CONTRIBUTOR), "")]
        yield from (Agent(name, role, word, is_body) for role, word in roles)


def _read_person(field: Field) -> str:
    """Return a name with its numeral: `John Paul II`."""
    numeral = strip_punctuation(get_subfield(field, "b")).strip(" ,")
    return f"{strip_punctuation(get_subfield(field, 'a'))} {numeral}" if numeral else get_subfield(field, "a")


def _agent_fields(described: Bibliographic) -> Iterator[Field]:
    for position, agent in enumerate(described.agents):
        tag = ("1" if position == 0 else "7") + ("10" if agent.corporate else "00")
        word = agent.relator if agent.relator and not agent.relator.isascii() else WORD_OF_ROLE[agent.role]
        indicators = "2 " if agent.corporate else "1 "
        yield from make_field(tag, indicators, ("a", agent.name), ("e", word), ("4", relator_code(agent.role)))


def _read_topics(record: Record) -> Iterator[Topic]:
    for tag, name in _TOPIC_TAGS.items():
        for marc_field in record.get_fields(tag):
            if topic := read_topic(marc_field, _type_of_name(marc_field) if tag == "600" else name, _DIVISIONS):
                yield topic
    for term in get_values(record, "653", "a"):
        yield Topic(strip_punctuation(term), "free")


def _type_of_name(field: Field) -> str:
    if field.indicator1 == "3":
        return "family"
    return "name_title" if get_subfield(field, "t") else "personal"


def _topic_field(topic: Topic) -> Iterator[Field]:
    if topic.type == "free":
        yield from make_field("653", "  ", ("a", topic.term))
        return
    head, divided = divide_heading(topic, _DIVISIONS)
    title = [("t", divided.pop(0)[1])] if topic.type == "name_title" and divided else []
    indicators = _TOPIC_INDICATORS.get(topic.type, "04")
    yield from make_field(_TAG_OF_TOPIC[topic.type], indicators, ("a", head), *title, *divided)


def _read_holdings(record: Record) -> Iterator[HoldingStatement]:
    for marc_field in record.get_fields("852"):
        if place := get_subfield(marc_field, "b") or get_subfield(marc_field, "a"):
            mark = get_subfield(marc_field, "j") or "/".join(
                filter(None, (get_subfield(marc_field, "h"), get_subfield(marc_field, "i")))
            )
            copies = re.fullmatch(r"[0-9]{1,4}", get_subfield(marc_field, "t"))
            yield HoldingStatement(
                place,
                mark,
                int(copies[0]) if copies else max(1, len(get_subfields(marc_field, "p"))),
                get_subfields(marc_field, "p"),
            )


def _build_coded_data(described: Bibliographic, language: str) -> str:
    """Field 008, 40 characters: 00-05 entered, 06 type of date, 07-14 dates, 15-17 place, 35-37 language."""
    year = parse_date(described.date).year if described.date else None
    return f"{datetime.now(UTC):%y%m%d}{'s' if year else 'n'}{year or 'uuuu'}    cc {'':17}{language or '   '}  "
