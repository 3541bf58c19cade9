"""Titles of MARC records: parts of several levels, and variant titles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pymarc import Field, Record

from library_server.exchange.bibliographic import deduplicate
from library_server.exchange.marc.marc_fields import get_subfield, get_subfields, get_values, strip_punctuation

# UNIMARC: other variant titles, uniform title, titles of cover, added title page, caption, running title and spine,
# former title, expanded title, titles that the cataloguer added
_UNIMARC_VARIANTS = ("517", "500", "512", "513", "514", "515", "516", "518", "520", "532", "540", "541")
_MARC21_VARIANTS = ("130", "240", "247", "740")


def read_parts(field: Field, number_code: str, name_code: str) -> tuple[str, str]:
    """Return number and name of the part that a title field names.

    Of several levels (`$h第一部$i渡口$h上册$i灯火`) the further ones stand behind the last of the first.
    """
    levels: list[list[str]] = []
    for code, text in _iter_parts(field, number_code, name_code):
        if not levels or code == number_code or levels[-1][1]:
            levels.append(["", ""])
        levels[-1][code == name_code] = text
    if not levels:
        return "", ""
    (number, name), *others = levels
    below = "．".join("，".join(filter(None, level)) for level in others)
    if name or not below:
        return number, "．".join(filter(None, (name, below)))
    return "．".join(filter(None, (number, below))), ""


def _iter_parts(field: Field, *codes: str) -> Iterator[tuple[str, str]]:
    waiting = {code: iter(get_subfields(field, code)) for code in codes}
    for subfield in field.subfields:
        if subfield.code in codes and (text := strip_punctuation(next(waiting[subfield.code], ""))):
            yield subfield.code, text


def read_title(field: Field) -> tuple[str, str, str]:
    """Return title, number and name of a part of field 245; where there is no $a, the part is the title."""
    title = strip_punctuation(get_subfield(field, "a"))
    number, name = read_parts(field, "n", "p")
    if title:
        return title, number, name
    return (name, number, "") if name else (number or strip_punctuation(get_subfield(field, "k")), "", "")


def read_unimarc_variants(record: Record) -> list[str]:
    """Return the variant titles, and those of further title fields, which are in another script."""
    others = (title for field in record.get_fields("200")[1:] for title in get_subfields(field, "a"))
    return deduplicate([*(title for tag in _UNIMARC_VARIANTS for title in get_values(record, tag, "a")), *others])


def read_marc21_variants(record: Record, is_variant: Callable[[Field], bool]) -> list[str]:
    """Return the variant titles, those of field 246 that `is_variant` accepts first."""
    fields = [*filter(is_variant, record.get_fields("246")), *record.get_fields(*_MARC21_VARIANTS)]
    return deduplicate(strip_punctuation(get_subfield(field, "a")) for field in fields)
