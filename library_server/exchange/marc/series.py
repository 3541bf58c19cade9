"""Series of MARC records, each as its title and volume: UNIMARC 225 and 410, MARC 21 490, 440 and 8XX.

A series is shown as it is printed (225, 490, 440). An added entry (410, 8XX) repeats it, often under another title; it
counts where more of them stand than are printed, and one of the same title gives the volume that is not printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pymarc import Field, Record

from library_server.catalogue.normalization.text import fold_name, normalize
from library_server.exchange.marc.hosts import read_link
from library_server.exchange.marc.marc_fields import get_all_subfields, get_subfield, strip_punctuation
from library_server.exchange.marc.titles import read_parts

_ADDED_ENTRIES = ("800", "810", "811", "830")
_TITLE_FIRST = frozenset(("440", "830"))  # in $a; in the others the name is, and the title in $t
_QUALIFIER = re.compile(r"[(（][^()（）]*[)）]")  # `Classics (Oxford University Press)`
_TRACED = "1"  # first indicator of 490: an added entry repeats it


@dataclass
class _Series:
    title: str
    volume: str
    may_be_repeated: bool = True

    @property
    def key(self) -> str:
        return fold_name(re.sub(r"\W+", " ", _QUALIFIER.sub("", self.title)).strip())


def read_unimarc(record: Record) -> list[list[str]]:
    """Return title and volume of each series of a UNIMARC record."""
    printed = [
        _Series("．".join(parts), get_subfield(field, "v"))
        for field in record.get_fields("225")
        if (parts := [part for code in "ahi" if (part := get_subfield(field, code))])
    ]
    links = map(read_link, record.get_fields("410"))
    return _join(printed, [_Series(link.title, link.part) for link in links if link.title])


def read_marc21(record: Record) -> list[list[str]]:
    """Return title and volume of each series of a MARC 21 record."""
    printed = [series for field in record.get_fields("490") for series in _read_statement(field)]
    printed += _read_entries(record.get_fields("440"))
    return _join(printed, _read_entries(record.get_fields(*_ADDED_ENTRIES)))


def _read_statement(field: Field) -> Iterator[_Series]:
    """Yield the series of a field 490, in which several may stand: `$aA ;$v1.$aB ;$v2`; after `=` it is a parallel
    title.
    """
    found: list[_Series] = []
    is_parallel = False
    for subfield in field.subfields:
        value = normalize(subfield.value)
        if subfield.code == "a" and value and not is_parallel:
            found.append(_Series(strip_punctuation(value), "", may_be_repeated=field.indicator1 == _TRACED))
        elif subfield.code == "v" and found and not found[-1].volume and not is_parallel:
            found[-1].volume = value.removesuffix("=").rstrip()
        is_parallel = value.endswith("=") if subfield.code in "av" else is_parallel
    yield from found


def _read_entries(fields: Iterable[Field]) -> list[_Series]:
    """Return the series of fields 440 and 8XX, with number and name of their parts: `天元丛书．第二辑`."""
    entries: list[_Series] = []
    for field in fields:
        values = get_all_subfields(field)
        title = strip_punctuation("".join(values.get("a" if field.tag in _TITLE_FIRST else "t", ())[:1]))
        if title:
            parts = list(filter(None, (title, *read_parts(field, "n", "p")))) if values.keys() & {"n", "p"} else [title]
            volume = strip_punctuation("".join(values.get("v", ())[:1]))
            entries.append(
                _Series((". " if "".join(parts).isascii() else "．").join(parts), volume, field.tag != "440")
            )
    return entries


def _join(printed: list[_Series], added: list[_Series]) -> list[list[str]]:
    """Return printed series, and the added entries that repeat none of them."""
    unrepeated = [series for series in printed if series.may_be_repeated]
    others: list[_Series] = []
    for entry in added:
        same = next((series for series in printed if series.key == entry.key), None)
        if same is None:
            others.append(entry)
            continue
        same.volume = same.volume or entry.volume
        unrepeated = [series for series in unrepeated if series is not same]
    return [[series.title, series.volume] for series in (*printed, *others[len(unrepeated) :])]
