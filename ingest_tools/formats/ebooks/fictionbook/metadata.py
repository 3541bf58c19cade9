"""What the description of a FictionBook says of the book (FictionBook 2.1, `description`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from ingest_tools.formats.markup import get_attribute, local_name, text_of
from library_server.catalogue.normalization.identifiers import choose_isbn

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,8})?")
_CODE = re.compile(r"[a-z][a-z0-9_]*")  # genres are codes, such as `sf_history`
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003134f]+")
_ISBN = re.compile(r"[\d][\d\- \u2010-\u2015]{8,16}[\dXxХх]")  # the last two are Cyrillic
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_UNSET_YEAR = re.compile(r"0\d{3}")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_ROLES: Final = (("author", "author"), ("translator", "translator"))
_WORDS_OF_ABSENCE = frozenset(("unknown", "неизвестен", "неизвестный", "автор неизвестен", "без автора"))


def read_title(root: Any) -> str | None:
    """Return the title of the book, else that of the printed book."""
    return _find_first_text(root, "title-info", "book-title") or _find_first_text(root, "publish-info", "book-name")


def read_creators(root: Any) -> list[tuple[str, str]]:
    """Authors and translators; who made the file, whom `document-info` names, is left out."""
    creators: dict[tuple[str, str], None] = {}
    for tag, role in _ROLES:
        for person in _find_elements(root, "title-info", tag):
            name = _format_name(person)
            if name and name.lower() not in _WORDS_OF_ABSENCE:
                creators.setdefault((name, role))
    return list(creators)


def read_publisher(root: Any) -> str | None:
    """Return the publisher of the printed book."""
    return _find_first_text(root, "publish-info", "publisher")


def read_place(root: Any) -> str | None:
    """Return the city of the printed book."""
    return _find_first_text(root, "publish-info", "city")


def read_date(root: Any) -> str | None:
    """Return the year of the printed book, else when the work was written, as far as a year is named."""
    year = _YEAR.search(_find_first_text(root, "publish-info", "year") or "")
    if year:
        return year[0]
    for element in _find_elements(root, "title-info", "date"):
        value = get_attribute(element, "value").strip()
        if _DATE.fullmatch(value) and not _UNSET_YEAR.match(value):
            return value
        written = _read_text(element)
        if written and _YEAR.search(written):
            return written
    return None


def read_language(root: Any) -> str | None:
    """Return the language of the text, where it is a code."""
    code = _find_first_text(root, "title-info", "lang") or ""
    return code.replace("_", "-") if _LANGUAGE.fullmatch(code) else None


def read_isbn(root: Any) -> str | None:
    """Return the first ISBN with a right check digit among those that are named, else the first."""
    numbers = [
        re.sub("[\u2010-\u2015 ]", "-", number).replace("Х", "X").replace("х", "X")
        for element in _find_elements(root, "publish-info", "isbn")
        for number in _ISBN.findall(_read_text(element))
    ]
    return choose_isbn(numbers)


def read_abstract(root: Any) -> str | None:
    """Return the annotation as plain text."""
    for element in _find_elements(root, "title-info", "annotation"):
        lines = (" ".join(text_of(child)[0].split()) for child in element if isinstance(child.tag, str))
        return "\n".join(filter(None, lines)) or _read_text(element) or None
    return None


def read_series(root: Any) -> tuple[str | None, int | None]:
    """Return the series, and the number in it where it is a whole one."""
    for section in ("title-info", "publish-info"):
        for element in _find_elements(root, section, "sequence"):
            name, number = get_attribute(element, "name").strip(), get_attribute(element, "number").strip()
            if name:
                return name, int(number) if re.fullmatch(r"[0-9]{1,5}", number) and int(number) else None
    return None, None


def read_subjects(root: Any) -> list[str]:
    """Return the keywords, and genres that are words and not codes of the format."""
    genres = (_read_text(element) for element in _find_elements(root, "title-info", "genre"))
    words = [genre for genre in genres if genre and not _CODE.fullmatch(genre)]
    for element in _find_elements(root, "title-info", "keywords"):
        words += re.split(r"[,;，；、]", _read_text(element))
    return list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))


def cover_references(root: Any) -> list[str]:
    """Return the names of the pictures on the cover page."""
    pages = [*_find_elements(root, "title-info", "coverpage"), *_find_elements(root, "src-title-info", "coverpage")]
    images = [element for page in pages for element in page.iter() if local_name(element.tag) == "image"]
    return [reference for image in images if (reference := get_attribute(image, "href").lstrip("#"))]


def _format_name(person: Any) -> str:
    """Return a name in its usual order; a Chinese one has the family name first and no space."""
    parts = {local_name(child.tag): _read_text(child) for child in person if isinstance(child.tag, str)}
    first, middle, last = (parts.get(f"{which}-name", "") for which in ("first", "middle", "last"))
    if last and all(_HAN.fullmatch(part) for part in (first, middle, last) if part):
        return f"{last}{middle}{first}"
    return " ".join(filter(None, (first, middle, last))) or parts.get("nickname", "") or _own_text(person)


def _own_text(person: Any) -> str:
    return " ".join((person.text or "").split())


def _find_first_text(root: Any, section: str, name: str) -> str | None:
    return next(filter(None, map(_read_text, _find_elements(root, section, name))), None)


def _find_elements(root: Any, section: str, name: str) -> Iterator[Any]:
    """Yield the elements of this name that stand directly in a section of the description."""
    for description in (child for child in root if local_name(child.tag) == "description"):
        for part in (child for child in description if local_name(child.tag) == section):
            yield from (child for child in part if local_name(child.tag) == name)


def _read_text(element: Any) -> str:
    return " ".join(str(element.xpath("string()")).split())
