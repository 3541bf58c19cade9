"""CNMARC, China's UNIMARC, to a description and back.

Fields after UNIMARC Manual, Bibliographic Format (IFLA, 3rd ed. with updates) and 《新版中国机读目录格式使用手册》
(国家图书馆, 2004); 905 is the local holdings field as Chinese libraries use it: $a place, $b accession numbers,
$d class, $e book number, $f whole shelf mark, $s number of copies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from pymarc import Field, Record

from library_server.catalogue.enums import Access, CreatorRole, find_strictest
from library_server.catalogue.normalization.dates import parse_date
from library_server.catalogue.normalization.text import normalize
from library_server.exchange import access_statements
from library_server.exchange.agents import WORD_OF_ROLE, Agent, deduplicate_agents, without_country
from library_server.exchange.bibliographic import Bibliographic, HoldingStatement, Isbn, Topic, deduplicate
from library_server.exchange.marc import hosts, imprints, series, titles
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
    make_isbns,
    read_body,
    read_koha_items,
    read_topic,
)
from library_server.exchange.marc.relators import find_roles
from library_server.exchange.record_names import AGENCY, read_names

MAPPED = frozenset(
    (
        "001", "005", "010", "100", "101", "102", "200", "205", "210", "214", "215", "225", "300", "327",
        "330", "461", "510", "517", "600", "601", "602", "604", "605", "606", "607", "608", "610", "690",
        "700", "701", "702", "710", "711", "712", "720", "721", "722", "801", "856", "905",
    )
)  # fmt: skip
# persons, corporate bodies, families; 700, 710 and 720 are the main entry of libraries that have one (UNIMARC, block 7)
_AGENT_TAGS = ("700", "701", "702", "710", "711", "712", "720", "721", "722")
TOGETHER = (("210", "214"), _AGENT_TAGS)
REQUIRED = frozenset(("001", "100", "101", "801"))
SERIES, OTHER_SERIES = "225", frozenset(("410",))  # which are read where nothing is printed, and never written
COMPARED_BY_TITLE = {"461": "a"}  # what else these fields say cannot be edited
_KINDS = {"g": "film", "i": "audio", "j": "audio", "k": "photo"}
_TYPE_OF_KIND = {"film": "g", "lecture": "g", "performance": "g", "audio": "i", "photo": "k"}
_TOPIC_TAGS = {
    "600": "personal", "601": "corporate", "602": "family", "604": "name_title", "605": "title", "606": "topical",
    "607": "geographic", "608": "form",
}  # fmt: skip
_TAG_OF_TOPIC = {name: tag for tag, name in _TOPIC_TAGS.items()} | {"meeting": "601"}
_TOPIC_INDICATORS = {"personal": " 0", "corporate": "02", "meeting": "12", "topical": "0 "}
_DIVISIONS = "xyzj"
_CODED = 36


def read(record: Record) -> Bibliographic:
    """Return what a CNMARC record says. The first field 200 is the title; a record without one has an empty title."""
    title = next(iter(record.get_fields("200")), Field(tag="200"))
    coded = get_value(record, "100", "a")
    place, publisher, date = imprints.read_unimarc(record)
    part_number, part_name = titles.read_parts(title, "h", "i")
    physical = next(iter(record.get_fields("215")), Field(tag="215"))
    whole = hosts.read_unimarc(record)
    return Bibliographic(
        title="；".join(get_subfields(title, "a")),
        kind=_KINDS.get(str(record.leader)[6], "book"),
        other_title=get_subfields(title, "e"),
        part_number=part_number,
        part_name=part_name,
        parallel_titles=deduplicate([*get_subfields(title, "d"), *get_values(record, "510", "a")]),
        variant_titles=titles.read_unimarc_variants(record),
        responsibility=[*get_subfields(title, "f"), *get_subfields(title, "g")],
        agents=deduplicate_agents(_read_agents(record)),
        edition=get_value(record, "205", "a"),
        place=place,
        publisher=publisher,
        date=imprints.past_date(date) or imprints.past_date(_coded_year(coded)),
        pages=get_subfield(physical, "a"),
        illustrations=get_subfield(physical, "c"),
        size=get_subfield(physical, "d"),
        accompanying=get_subfield(physical, "e"),
        series=series.read_unimarc(record),
        notes=[*get_prose(record, "300"), *(f"统一书号 {number}" for number in get_values(record, "091", "a"))],
        contents=get_prose(record, "327"),
        abstract="\n".join(get_prose(record, "330")),
        access=_read_access(record),
        whole=whole.statement,
        is_component_part=whole.is_component_part,
        topics=[*_read_topics(record), *(Topic(term, "free") for term in get_values(record, "610", "a"))],
        clc=deduplicate(get_values(record, "690", "a")),
        isbns=list(_read_isbns(record)),
        language=first_language(get_value(record, "101", "a")),
        original_language=first_language(get_value(record, "101", "c")),
        country=get_value(record, "102", "a"),
        agency=get_value(record, "801", "b"),
        control_number=normalize(record["001"].data or "") if "001" in record else "",
        urls=get_values(record, "856", "u"),
        holdings=[*_read_holdings(record), *read_koha_items(record, "995", ("b", "k", "f"))],
        record_names=read_names(record, get_value(record, "801", "b")),
    )  # fmt: skip


def write(described: Bibliographic) -> Record:
    """Return the CNMARC record of a description."""
    level = "a" if described.is_component_part else "m"
    record = Record(leader=f"00000n{_TYPE_OF_KIND.get(described.kind, 'a')}{level}0 2200000   450 ")
    record.add_field(*_build_fields(described))
    return record


def _build_fields(described: Bibliographic) -> Iterator[Field]:
    if described.control_number:
        yield make_control_field("001", described.control_number)
    for isbn in described.isbns:
        yield from make_field("010", "  ", ("a", isbn.value), ("b", isbn.binding), ("d", isbn.price))
    yield from make_field("100", "  ", ("a", _build_coded_data(described)))
    language = marc_language(described.language)
    original = marc_language(described.original_language)
    yield from make_field("101", "1 " if original else "0 ", ("a", language), ("c", original))
    yield from make_field("102", "  ", ("a", described.country))
    responsibility = described.responsibility[:1] or responsibility_statement(described)
    yield from make_field("200", "1 ", ("a", described.title), ("d", described.parallel_titles),
                          ("e", described.other_title), ("f", responsibility), ("g", described.responsibility[1:]),
                          ("h", described.part_number), ("i", described.part_name))  # fmt: skip
    yield from make_field("205", "  ", ("a", described.edition))
    yield from make_field("210", "  ", ("a", described.place), ("c", described.publisher), ("d", described.date))
    yield from make_field("215", "  ", ("a", described.pages), ("c", described.illustrations), ("d", described.size),
                          ("e", described.accompanying))  # fmt: skip
    for name, number in described.series:
        yield from make_field("225", "2 ", ("a", name), ("v", number))
    for note in described.notes:
        yield from make_field("300", "  ", ("a", note))
    yield from _access_fields(described)
    for contents in described.contents:
        yield from make_field("327", "1 ", ("a", contents))
    for abstract in described.abstract.split("\n"):
        yield from make_field("330", "  ", ("a", abstract))
    if described.whole:
        yield from make_field(
            "461", " 0", ("1", "2001 "), ("a", described.whole[0]), ("v", "".join(described.whole[1:2]))
        )
    for title in described.parallel_titles:
        yield from make_field("510", "1 ", ("a", title))
    for title in described.variant_titles:
        yield from make_field("517", "1 ", ("a", title))
    for topic in described.topics:
        yield from _topic_field(topic)
    for number in described.clc:
        yield from make_field("690", "  ", ("a", number), ("v", "5"))
    yield from _agent_fields(described)
    yield from make_field(
        "801", " 0", ("a", "CN"), ("b", described.agency or AGENCY), ("c", f"{datetime.now(UTC):%Y%m%d}")
    )
    for url in described.urls:
        yield from make_field("856", "4 ", ("u", url))
    yield from _holding_fields(described)


def _holding_fields(described: Bibliographic) -> Iterator[Field]:
    for holding in described.holdings:
        yield from make_field("905", "  ", ("a", holding.place), ("b", holding.barcodes), ("f", holding.shelf_mark),
                              ("s", str(holding.copies)))  # fmt: skip


def _access_fields(described: Bibliographic) -> Iterator[Field]:
    if described.access and described.access != Access.PUBLIC:
        yield from make_field("310", "  ", ("a", access_statements.own_note(described.access)))


def mark_unicode(record: Record) -> None:
    """Say in field 100 (positions 26 to 29) that the record is in Unicode, whatever its source was in."""
    for marc_field in record.get_fields("100"):
        for coded in marc_field.get_subfields("a")[:1]:
            if len(coded) >= _CODED:
                marc_field.delete_subfield("a")
                marc_field.add_subfield("a", f"{coded[:26]}50  {coded[30:]}", pos=0)


def responsibility_statement(described: Bibliographic) -> list[str]:
    """Return a statement of responsibility made of the agents, where the source had none: `张三，李四编`."""
    by_word: dict[str, list[str]] = {}
    for agent in described.agents:
        word = agent.relator if agent.relator and not agent.relator.isascii() else WORD_OF_ROLE[agent.role]
        by_word.setdefault(word, []).append(agent.name)
    return ["；".join("，".join(names) + word for word, names in by_word.items())] if by_word else []


def marc_language(tag: str) -> str:
    """Return the three letters of ISO 639-2/B that MARC wants: `zh` and `zh-CN` give `chi`."""
    base = tag.split("-")[0].lower()
    return _MARC_LANGUAGES.get(base, base if len(base) == 3 else "und") if tag else ""


_MARC_LANGUAGES = {
    "zh": "chi", "en": "eng", "ja": "jpn", "ko": "kor", "fr": "fre", "de": "ger", "ru": "rus", "es": "spa",
    "bo": "tib", "mn": "mon", "ug": "uig", "hsn": "hsn", "yue": "yue", "la": "lat", "it": "ita",
}  # fmt: skip


def is_own_note(field: Field) -> bool:
    """Whether a field whose tag is not mapped was written by us: the access level, among the notes of field 310."""
    return field.tag == "310" and access_statements.is_own_note(get_subfield(field, "a"))


def _read_access(record: Record) -> str:
    """Return the strictest restriction that notes on binding and availability (310) name; empty where there is none."""
    levels = [level for note in get_values(record, "310", "a") if (level := access_statements.read_availability(note))]
    return str(find_strictest(*levels)) if levels else ""


def _read_agents(record: Record) -> Iterator[Agent]:
    for marc_field in record.get_fields(*_AGENT_TAGS):
        names = [get_subfield(marc_field, code).strip(" ,，") for code in "ab"]  # some libraries write the comma
        is_body = marc_field.tag.startswith("71")
        comma = ", " if "".join(names).isascii() else ""
        name = read_body(marc_field) if is_body else comma.join(filter(None, names))
        name = name if is_body else without_country(name)
        if not name:
            continue
        of_tag = CreatorRole.CONTRIBUTOR if marc_field.tag.endswith("2") else CreatorRole.AUTHOR
        roles = find_roles(get_subfields(marc_field, "4")) or [(str(of_tag), "")]
        yield from (Agent(name, role, word, is_body) for role, word in roles)


def _agent_fields(described: Bibliographic) -> Iterator[Field]:
    main = described.agents[0].role if described.agents else ""
    for agent in described.agents:
        primary = agent.role == main and agent.role != CreatorRole.CONTRIBUTOR
        tag = ("71" if agent.corporate else "70") + ("1" if primary else "2")
        word = agent.relator or WORD_OF_ROLE[agent.role]
        yield from make_field(tag, "02" if agent.corporate else " 0", ("a", agent.name), ("4", word))


def _read_topics(record: Record) -> Iterator[Topic]:
    for tag, name in _TOPIC_TAGS.items():
        for marc_field in record.get_fields(tag):
            is_meeting = tag == "601" and marc_field.indicator1 == "1"
            if topic := read_topic(marc_field, "meeting" if is_meeting else name, _DIVISIONS):
                yield topic


def _topic_field(topic: Topic) -> Iterator[Field]:
    if topic.type == "free":
        yield from make_field("610", "0 ", ("a", topic.term))
        return
    head, divided = divide_heading(topic, _DIVISIONS)
    tag, indicators = _TAG_OF_TOPIC[topic.type], _TOPIC_INDICATORS.get(topic.type, "  ")
    if topic.type == "name_title":  # the name and the title are fields of their own, embedded: UNIMARC Manual, 604
        title = [("1", "500 0"), ("a", divided.pop(0)[1])] if divided else []
        yield from make_field(tag, indicators, ("1", "700 0"), ("a", head), *title, *divided)
    else:
        yield from make_field(tag, indicators, ("a", head), *divided)


def _read_isbns(record: Record) -> Iterator[Isbn]:
    for marc_field in record.get_fields("010"):
        yield from make_isbns(
            get_subfields(marc_field, "a"), get_subfield(marc_field, "b"), get_subfield(marc_field, "d")
        )
    for price in get_values(record, "091", "d"):  # of the number that China had before ISBN
        yield Isbn("", "", price)


def _read_holdings(record: Record) -> Iterator[HoldingStatement]:
    for marc_field in record.get_fields("905"):
        if place := get_subfield(marc_field, "a"):
            mark = get_subfield(marc_field, "f") or "/".join(
                filter(None, (get_subfield(marc_field, "d"), get_subfield(marc_field, "e")))
            )
            copies = re.search(r"(?<![0-9])[0-9]{1,6}(?![0-9])", get_subfield(marc_field, "s"))
            yield HoldingStatement(
                place,
                mark,
                int(copies[0]) if copies else max(1, len(get_subfields(marc_field, "b"))),
                get_subfields(marc_field, "b"),
            )


def _coded_year(coded: str) -> str:
    return coded[9:13] if re.fullmatch(r"[0-9]{4}", coded[9:13]) else ""


def _build_coded_data(described: Bibliographic) -> str:
    """Field 100 $a, 36 characters: UNIMARC Manual, field 100."""
    year = parse_date(described.date).year if described.date else None
    return f"{datetime.now(UTC):%Y%m%d}{'d' if year else 'u'}{year or '    '}    em y0chiy50      ea"
