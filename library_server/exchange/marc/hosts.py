"""The works that a MARC record is part of: UNIMARC 461 to 463, MARC 21 773.

A component part, such as an article, is in its host item; a volume belongs to a set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pymarc import Field, Record

from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.text import normalize
from library_server.exchange.bibliographic import deduplicate
from library_server.exchange.marc.marc_fields import get_all_subfields, strip_punctuation

_LEVELS = ("461", "462", "463")  # set, subset, piece: what a record is part of, the largest first
_COMPONENT_PARTS = frozenset("ab")  # leader 07 of both families: of a monograph, of a serial
_HIGHEST_LEVEL = "1"  # leader 08 of UNIMARC: 462 and 463 are then parts of the record
_EMBEDDED = "1"  # the subfield that begins an embedded field with its tag: UNIMARC Manual, block 4
_TITLES, _RESPONSIBLE, _PARTS = frozenset(("200", "500")), frozenset(("700", "701", "710", "711")), "hiv"
_PAGES = re.compile(
    r"\d\s?页|页\s?\d|\b(?:pp?|s)\.\s?\d|\b(?:pages?|seiten?)\b[:\s]*\d|\bpages?:", re.IGNORECASE
)  # in a host item: `1986年第1期，第3-5页`, `p. 235-48`
_CONTAINED = re.compile(r"\bcontained in|\benthalten in|^in\b|[载載刊收]于|[载載刊]於|收入", re.IGNORECASE)


@dataclass
class Host:
    """What a record is part of, in the form of `Bibliographic.whole`, and whether as a component part."""

    statement: list[str] = field(default_factory=list)
    is_component_part: bool = False


@dataclass
class Link:
    """What a linking field says of another work: its title, what part of it is meant, and who made it."""

    title: str = ""
    part: str = ""
    responsibility: str = ""

    def __str__(self) -> str:
        return "，".join(filter(None, (self.title, self.part)))


def read_unimarc(record: Record) -> Host:
    """Return the largest work that a UNIMARC record is part of, and the levels between the two."""
    leader = str(record.leader)
    tags = _LEVELS[:1] if leader[8:9] == _HIGHEST_LEVEL else _LEVELS
    links = [link for tag in tags for linking in record.get_fields(tag) if (link := read_link(linking)).title]
    return _make_host(links, is_component_part=leader[7:8] in _COMPONENT_PARTS)


def read_marc21(record: Record) -> Host:
    """Return the host items (773) of a MARC 21 record, the first one apart."""
    hosts = [get_all_subfields(host) for host in record.get_fields("773")]
    links = [link for host in hosts if (link := _read_host(host)).title]
    is_contained = any(_CONTAINED.search(text) for host in hosts for text in host.get("i", ()))
    return _make_host(links, is_component_part=is_contained or str(record.leader)[7:8] in _COMPONENT_PARTS)


def read_link(linking: Field) -> Link:
    """Return what a UNIMARC linking field says, with fields embedded in it or with subfields of its own ($a is then who
    made the work, and $t its title; without $t its title is in $a).
    """
    if linking.is_control_field():
        return Link()
    values = get_all_subfields(linking)
    if _EMBEDDED in values:
        return _read_embedded(linking)
    title, first = ("".join(values.get(code, ())[:1]) for code in "ta")
    part = _join_parts(deduplicate(value for code in _PARTS for value in values.get(code, ())))
    return Link(title or first, part, first if title else "")


def _read_embedded(linking: Field) -> Link:
    link, parts, tag = Link(), [], "200"
    for subfield in linking.subfields:
        value = normalize(decode_references(subfield.value))
        if subfield.code == _EMBEDDED:
            tag = value[:3]
        elif subfield.code in _PARTS:
            parts.append(value)
        elif subfield.code in "at" and tag in _TITLES:
            link.title = link.title or value
        elif (subfield.code == "f" and tag == "200") or (subfield.code == "a" and tag in _RESPONSIBLE):
            link.responsibility = link.responsibility or value
    link.part = _join_parts(deduplicate(parts))
    return link


def _read_host(host: Mapping[str, list[str]]) -> Link:
    """Return title, place and makers of a host item; its title may be a uniform one ($s), an abbreviated one ($p), or
    stand where its main entry belongs ($a).
    """
    code = next((code for code in "tspa" if code in host), "")
    if not code:
        return Link()
    makers = "" if code == "a" else strip_punctuation("".join(host.get("a", ())[:1]))
    places = deduplicate(host.get("g", ())) or host.get("q", [])[:1]
    return Link(strip_punctuation(host[code][0]), _join_parts(places), makers)


def _join_parts(parts: list[str]) -> str:
    return (", " if "".join(parts).isascii() else "，").join(parts)


def _make_host(links: list[Link], *, is_component_part: bool) -> Host:
    if not links:
        return Host()
    first, *others = links
    statement = [first.title, first.part, first.responsibility, *deduplicate(map(str, others))]
    while not statement[-1]:
        statement.pop()
    has_pages = any(_PAGES.search(link.part) for link in links)
    return Host(statement, is_component_part=is_component_part or has_pages)
