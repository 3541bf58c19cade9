"""How an export names the records of this library, so that what comes back from it is recognised.

A MARC record names its record in field 035, which MARC 21 and UNIMARC have alike: $a is the agency in parentheses and
the id; $9, which both leave to local use, is the version of the record that was exported (the number of its last
revision). Field 001 names it too where the agency that assigned it (MARC 21: 003, or else 040 $a; CNMARC: 801 $b) is
ours. A list has a column for each. The files of the record are named in fields 856: $f is the name of a file, $x (a
note for the staff in both families) says that the field is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from library_server.catalogue.normalization.numerals import read_integer
from library_server.catalogue.normalization.text import normalize

if TYPE_CHECKING:
    from pymarc import Field, Record

AGENCY = "TYQ"
NAME_TAG = "035"
FILE_TAG = "856"
_PREFIX = f"({AGENCY})"
_VERSION_CODE = "9"
_LONGEST_ID, _VERSION_DIGITS = 32, 15


def add_names(record: Record, form: str, record_id: str, version: int | None) -> Record:
    """Return the MARC record with the fields that name a record of the catalogue; `form` is cnmarc or marc21."""
    from pymarc import Field, Indicators, Subfield  # who reads lists needs no MARC

    for field in record.get_fields(NAME_TAG):
        if _read_record_id(field) == record_id:
            record.remove_field(field)
    if form == "marc21" and "001" in record and record["001"].data == record_id:
        record.remove_fields("003")
        record.add_ordered_field(Field(tag="003", data=AGENCY))
    subfields = [Subfield("a", f"{_PREFIX}{record_id}")]
    if version is not None:
        subfields.append(Subfield(_VERSION_CODE, str(version)))
    record.add_ordered_field(Field(tag=NAME_TAG, indicators=Indicators(" ", " "), subfields=subfields))
    return record


def add_file_names(record: Record, names: Sequence[str]) -> Record:
    """Return the MARC record with the names of the files of its record, in the place of those that it had."""
    from pymarc import Field, Indicators, Subfield

    for field in filter(is_file_name, record.get_fields(FILE_TAG)):
        record.remove_field(field)
    for name in names:
        subfields = [Subfield("f", name), Subfield("x", _PREFIX)]
        record.add_ordered_field(Field(tag=FILE_TAG, indicators=Indicators("4", " "), subfields=subfields))
    return record


def is_file_name(field: Field) -> bool:
    """Return whether a field names a file of the record, and was written by an export of ours."""
    return field.tag == FILE_TAG and _PREFIX in field.get_subfields("x")


def read_names(record: Record, agency: str) -> dict[str, int | None]:
    """Return the ids by which a MARC record names records of the catalogue, each with its version where that is said.

    `agency` is the one that assigned field 001.
    """
    names: dict[str, int | None] = {}
    for field in record.get_fields(NAME_TAG):
        if record_id := _read_record_id(field):
            names[record_id] = read_version(next(iter(field.get_subfields(_VERSION_CODE)), ""))
    if agency == AGENCY and "001" in record and (record_id := read_id(record["001"].data or "")):
        names.setdefault(record_id, None)
    return names


def read_id(text: str) -> str:
    """Return an id as it is written; empty for what is no id of any record."""
    tidy = normalize(text)
    return tidy if tidy.isascii() and len(tidy) <= _LONGEST_ID else ""


def read_version(text: str) -> int | None:
    """Return the version of a record; None where none is said."""
    return read_integer(normalize(text), _VERSION_DIGITS)


def _read_record_id(field: Field) -> str:
    """Return the id in a field 035 of ours; empty where it is the number of another system."""
    if field.is_control_field():
        return ""
    texts = (normalize(text) for text in field.get_subfields("a"))
    return next((read_id(text.removeprefix(_PREFIX)) for text in texts if text.startswith(_PREFIX)), "")
