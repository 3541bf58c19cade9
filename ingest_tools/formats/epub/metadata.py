"""What the package document of an EPUB says of the book (EPUB 3.3, 5.5; OPF 2.0.1, 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final, Protocol

from ingest_tools.formats import markup
from ingest_tools.formats.access_levels import access_of_xml
from ingest_tools.formats.epub.package import Book, find_elements
from ingest_tools.formats.markup import get_attribute, on_one_line
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.character_references import decode_references, without_markup
from library_server.catalogue.normalization.dates import local_day
from library_server.catalogue.normalization.identifiers import has_form_of_isbn13, normalize_isbn
from library_server.catalogue.normalization.labels import creator_without_label
from library_server.catalogue.normalization.numerals import read_count
from library_server.catalogue.normalization.text import fold_punctuation, language_tag
from library_server.exchange.marc.relators import find_roles

_NOT_CREATORS = frozenset(
    ("pbl", "bkp", "bkd", "prt", "dst", "mfr")
)  # publishers and makers of the file (MARC relators)
_OTHER_EVENTS = frozenset(("modification", "creation", "conversion", "ops-publication", "epub-publication"))
_UNSET_YEAR = re.compile(r"0*(?:\d|\d\d|100|101)(?:-|$)")  # calibre writes 0101-01-01 for none, or the day before
_POSITION = re.compile(r"第?\s?(\S{1,8}?)(?:\.0{1,4})?\s?[册卷集部辑本期]?")
_LAST_POSITION = 9999
_OTHER_TITLES = frozenset(("subtitle", "short", "edition", "collection"))
_ISBN = re.compile(r"[\d\-\s]{9,16}[\dXx](?![0-9A-Za-z])")
_ISBN_TYPES = frozenset(("02", "15", "isbn"))  # of ONIX, code list 5: ISBN-10 and ISBN-13
_BISAC = re.compile(r"(?:BISAC\s*[:：]?\s*)?[A-Z]{3}\d{6}")  # a code of the trade, which says nothing to readers
_MOST_ESCAPED = 3  # how often tags of a description are escaped
_ISBN_PREFIX = re.compile(r"^(?:urn:)?isbn(?:-?1[03])?[:\s]*", re.IGNORECASE)
_OTHER_SCHEMES = frozenset(
    ("douban", "amazon", "mobi-asin", "asin", "goodreads", "google", "uuid", "calibre", "issn", "doi")
)
_UNKNOWN_LANGUAGES = frozenset(("und", "mul", "zxx", "undefined", "unknown", "un"))


class HasPackage(Protocol):
    """What has a package document."""

    @property
    def opf(self) -> Any:
        """Return the root of the document."""


def read_texts(book: HasPackage, name: str) -> list[str]:
    """Return the texts of all elements of this name in the metadata, in the order of the document."""
    return [text for element in _find_elements(book, name) if (text := _read_text(element))]


def read_first_text(book: HasPackage, name: str) -> str | None:
    """Return the first text of this name."""
    return next(iter(read_texts(book, name)), None)


def read_title(book: HasPackage) -> str | None:
    """Return the title marked as the main one, else the first in the order of display of those that are no subtitle or
    collection; of several, one in the language of the book.
    """
    titles = [(element, text) for element in _find_elements(book, "title") if (text := _read_text(element))]
    types = _read_refinements(book, "title-type")
    order = _read_refinements(book, "display-seq")
    language = read_language(book)
    main = [pair for pair in titles if types.get(pair[0].get("id", "")) == "main"]
    others = [pair for pair in titles if types.get(pair[0].get("id", ""), "") not in _OTHER_TITLES]
    ranked = sorted(
        main or others or titles,
        key=lambda pair: (
            _is_in_other_language(pair[0], language),
            _parse_number(order.get(pair[0].get("id", ""), "")),
        ),
    )
    title = ranked[0][1] if ranked else next(filter(None, map(_read_text, _find_meta(book, "dcterms:title"))), None)
    return without_markup(title) if title else None


def _is_in_other_language(element: Any, language: str | None) -> bool:
    own = language_tag(get_attribute(element, "lang"))
    return bool(own and language) and str(own).partition("-")[0] != str(language).partition("-")[0]


def read_creators(book: HasPackage) -> list[tuple[str, str]]:
    """Return names and roles. Publishers and makers of the file, who stand among the contributors, are left out."""
    roles = _read_refinements(book, "role")
    order = _read_refinements(book, "display-seq")
    named: list[tuple[int, str, str]] = []
    for tag, default in (("creator", "author"), ("contributor", "contributor")):
        for element in _find_elements(book, tag):
            code = (get_attribute(element, "role") or roles.get(element.get("id", ""), "")).strip().lower()
            name = _read_text(element) or get_attribute(element, "file-as").strip()
            if name and code not in _NOT_CREATORS:
                position = _parse_number(order.get(element.get("id", ""), ""))
                named += [(position, name, role) for role in _read_roles(code) or [default]]
    if any(position != _UNORDERED for position, _, _ in named):
        named.sort(key=lambda entry: entry[0])
    return [(name, role) for _, name, role in named]


def _read_roles(code: str) -> list[str]:
    """Return the roles that a relator code means, or the word that some books have in its place."""
    if known := find_roles((code,)):
        return [role for role, _ in known]
    labelled = creator_without_label(f"{code}:")[1]
    return [str(labelled)] if labelled else []


def read_publisher(book: HasPackage) -> str | None:
    """Return the publisher; else the contributor with that role."""
    roles = _read_refinements(book, "role")
    contributors = (
        _read_text(element)
        for element in _find_elements(book, "contributor")
        if (get_attribute(element, "role") or roles.get(element.get("id", ""), "")).strip().lower() == "pbl"
    )
    return read_first_text(book, "publisher") or next(filter(None, contributors), None)


def read_date(book: HasPackage) -> str | None:
    """Return the date of publication as it is written, without a time; None where it is that of another event, or
    unset.
    """
    dates = [
        (get_attribute(element, "event").lower(), _read_text(element).removeprefix("D:"))
        for element in _find_elements(book, "date")
    ]
    dates += [("publication", _read_text(meta)) for meta in _find_meta(book, "dcterms:issued")]
    dates = [(event, text) for event, text in dates if text and not _UNSET_YEAR.match(text)]
    for events in ({"publication", "original-publication"}, {""}):
        for event, text in dates:
            if event in events:
                return local_day(text)
    dates += [("copyright", _read_text(meta)) for meta in _find_meta(book, "dcterms:dateCopyrighted")]
    return next((local_day(text) for event, text in dates if text and event not in _OTHER_EVENTS), None)


def read_language(book: HasPackage) -> str | None:
    """Return the first language that is named."""
    named = (text for text in read_texts(book, "language") if text.lower() not in _UNKNOWN_LANGUAGES)
    return next(filter(None, map(language_tag, named)), None)


def read_isbn(book: HasPackage) -> str | None:
    """Return the ISBN among the identifiers: one marked as ISBN, else one in its form and with its check digit, else
    one with a wrong check digit.

    A marked one of this edition comes before that of the source, which is the printed book.
    """
    marked, unmarked = [], []
    types = _read_refinements(book, "identifier-type")
    for element in (*_find_elements(book, "identifier"), *_find_elements(book, "source")):
        text = fold_punctuation(_read_text(element)).strip()
        bare = _ISBN_PREFIX.sub("", text)
        scheme = get_attribute(element, "scheme").strip().lower()
        kind = types.get(element.get("id", ""), "").lower()
        if not (stated := _ISBN.match(bare)):  # behind it the binding may stand
            continue
        digits = stated[0].strip()
        if scheme.startswith(("isbn", "eisbn")) or kind in _ISBN_TYPES or bare != text:
            marked.append(digits)
        elif scheme not in _OTHER_SCHEMES and not kind:
            unmarked.append(digits)
    valid = [digits for digits in (*marked, *unmarked) if normalize_isbn(digits)]
    return next(iter((*valid, *marked, *filter(has_form_of_isbn13, unmarked))), None)


def read_abstract(book: HasPackage) -> str | None:
    """Return the description as plain text: many are HTML, escaped."""
    text = read_first_text(book, "description")
    for _ in range(_MOST_ESCAPED):
        if text and "<" not in text and "&lt;" in text:
            text = decode_references(text)
        if not text or "<" not in text:
            break
        root = markup.parse_document(f"<div>{text}</div>".encode())
        shown = " ".join(markup.text_of(root)[0].split()) if root is not None else ""
        if shown == text:
            break
        text = shown
    return text or None


def read_subjects(book: HasPackage) -> list[str]:
    """Return the subjects, without the codes of the trade."""
    return [text for text in read_texts(book, "subject") if not _BISAC.fullmatch(text)]


def read_access(book: Book) -> str | None:
    """Return the access level that any package document which can be read names. Raises `RejectedError` for other
    restrictions.
    """
    packages = [(book.opf_path, book.opf)]
    for name in sorted(book.other_packages):
        with suppress(RejectedError):
            packages.append((name, book.parse_xml(name)))
    return access_of_xml(packages)


def read_series(book: HasPackage) -> tuple[str | None, int | None]:
    """Return the series that calibre wrote, else the collection that the book says it belongs to, and the number of
    the book in it where that is a whole one.
    """
    values = {meta.get("name", ""): meta.get("content", "").strip() for meta in find_elements(book.opf, "meta")}
    if values.get("calibre:series"):
        return values["calibre:series"], _parse_position(values.get("calibre:series_index", ""))
    positions = _read_refinements(book, "group-position")
    kinds, titles = _read_refinements(book, "collection-type"), _read_refinements(book, "title-type")
    collections = list(_find_meta(book, "belongs-to-collection"))
    collections.sort(key=lambda meta: kinds.get(meta.get("id", "")) == "set")  # after the series, and those of no type
    in_titles = (title for title in _find_elements(book, "title") if titles.get(title.get("id", "")) == "collection")
    for element in (*collections, *in_titles):
        if name := _read_text(element):
            return name, _parse_position(positions.get(element.get("id", ""), ""))
    return None, None


def _find_elements(book: HasPackage, name: str) -> Iterator[Any]:
    """Elements of this name in the metadata, and not, say, a `title` of the table of contents."""
    for part in find_elements(book.opf, "metadata"):
        yield from find_elements(part, name)


def _find_meta(book: HasPackage, prop: str) -> Iterator[Any]:
    return (meta for meta in _find_elements(book, "meta") if meta.get("property") == prop)


def _read_refinements(book: HasPackage, prop: str) -> dict[str, str]:
    """Return values of a property by the id of the element that each refines; the first of several, which is the most
    important one (EPUB 3.3, D.3.9).
    """
    values: dict[str, str] = {}
    for meta in _find_meta(book, prop):
        if meta.get("refines"):
            values.setdefault(meta.get("refines", "").lstrip("#"), _read_text(meta))
    return values


def _read_text(element: Any) -> str:
    return on_one_line("".join(element.itertext(tag=None)))


def _parse_position(text: str) -> int | None:
    """Return a place in a series; calibre writes `3.0`, others 第三册, and what is between two books has none."""
    position = _POSITION.fullmatch(text.strip())
    number = read_count(position[1]) if position else None
    return number if number and number <= _LAST_POSITION else None


_UNORDERED: Final = 1 << 30


def _parse_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else _UNORDERED
