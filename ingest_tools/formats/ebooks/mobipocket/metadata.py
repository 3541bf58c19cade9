"""What the extended header (EXTH) of a Mobipocket book says of it: values of numbered types."""

from __future__ import annotations

import re
import struct
from typing import Final

from ingest_tools.formats import markup
from ingest_tools.formats.ebooks.mobipocket.header import NONE, BookHeader
from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.dates import local_day
from library_server.catalogue.normalization.identifiers import choose_isbn

_AUTHOR, _DESCRIPTION, _ISBN, _SUBJECT, _DATE = 100, 103, 104, 105, 106
PUBLISHER: Final = 101
RIGHTS: Final = 109
_COVER, _THUMBNAIL, _TITLE, _LANGUAGE = 201, 202, 503, 524
_COVER_ADDRESS: Final = 129  # of KF8: the number of a picture from 1, in 32 digits
_EMBEDDED = re.compile(rb"kindle:embed:([0-9A-Va-v]{1,6})")
_UNSET_YEAR = re.compile(r"0*(?:\d|\d\d|100|101)(?:-|$)")  # calibre writes 0101-01-01 for none
_ISBN_NUMBER = re.compile(r"\d[\d -]{8,16}[\dXx]")
_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,8}){0,2}")
_UNKNOWN_LANGUAGES = frozenset(("und", "mul", "zxx", "un"))


def read_title(header: BookHeader) -> str | None:
    """Return the title, else the full name in the header."""
    return read_first_text(header, _TITLE) or header.title


def read_creators(header: BookHeader) -> list[tuple[str, str]]:
    """Return the authors; several in one value stand between semicolons or ampersands."""
    values = (decode_references(value) for value in _split_texts(header, _AUTHOR))  # whose signs would divide them
    names = [name.strip() for value in values for name in re.split(r"[;；&]", value)]
    return [(name, "author") for name in dict.fromkeys(names) if name]


def read_date(header: BookHeader) -> str | None:
    """Return the date of publication as it is written, without a time."""
    dates = (value for value in _split_texts(header, _DATE) if not _UNSET_YEAR.match(value))
    return next(map(local_day, dates), None)


def read_language(header: BookHeader) -> str | None:
    """Return the language code, else the language of the header."""
    codes = (value.replace("_", "-") for value in _split_texts(header, _LANGUAGE))
    stated = next((code for code in codes if _CODE.fullmatch(code) and code.lower() not in _UNKNOWN_LANGUAGES), None)
    return stated or header.language


def read_isbn(header: BookHeader) -> str | None:
    """Return the first ISBN with a right check digit, else the first, without what is written around it."""
    numbers = [number for value in _split_texts(header, _ISBN) for number in _ISBN_NUMBER.findall(value)]
    return choose_isbn(numbers)


def read_abstract(header: BookHeader) -> str | None:
    """Return the description as plain text: many are HTML."""
    text = decode_references(read_first_text(header, _DESCRIPTION) or "") or None
    if not text or "<" not in text:
        return text
    root = markup.parse_document(f"<div>{text}</div>".encode())
    return " ".join(markup.text_of(root)[0].split()) or None if root is not None else None


def read_subjects(header: BookHeader) -> list[str]:
    """Return the subjects; several in one value stand between semicolons."""
    values = (decode_references(value) for value in _split_texts(header, _SUBJECT))
    words = [word.strip() for value in values for word in re.split(r"[;；]", value)]
    return list(dict.fromkeys(filter(None, words)))


def read_cover_numbers(header: BookHeader) -> list[int]:
    """Return the numbers of the cover and of the thumbnail among the pictures, from 0; that of KF8's address last."""
    values = [value for kind in (_COVER, _THUMBNAIL) for value in header.values.get(kind, ()) if len(value) == 4]
    numbers = [int(struct.unpack(">I", value)[0]) for value in values]
    embedded = [match for value in header.values.get(_COVER_ADDRESS, ()) if (match := _EMBEDDED.match(value))]
    return [number for number in (*numbers, *(int(match[1], 32) - 1 for match in embedded)) if number != NONE]


def read_first_text(header: BookHeader, kind: int) -> str | None:
    """Return the first value of a type."""
    return next(iter(_split_texts(header, kind)), None)


def _split_texts(header: BookHeader, kind: int) -> list[str]:
    return [value for text in header.read_texts(kind) if (value := text.strip())]
