"""What `ComicInfo.xml` says of a comic (Anansi project, ComicInfo 2.1), as programs write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from ingest_tools.formats import markup
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.ebooks.comics.pages import COMIC_INFO
from ingest_tools.formats.markup import get_attribute, local_name
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import AgentStatement
from library_server.catalogue.normalization.identifiers import has_form_of_isbn13, normalize_isbn

_CREATORS: Final = {
    "writer": "author", "penciller": "contributor", "inker": "contributor", "colorist": "contributor",
    "coverartist": "contributor", "translator": "translator", "editor": "editor",
}  # fmt: skip
_DRAWS: Final = "contributor"
_SEPARATORS = re.compile(r"[,;，；、]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,8}){0,2}")
# titles that only number a part: they mean nothing without the series
_PART = re.compile(
    r"(?:chapter|ch|volume|vol|issue|book|part|no)?[\s.#-]*\d{1,4}(?:\.\d+)?"
    r"|第\s?[0-9〇零一二三四五六七八九十百]{1,6}\s?[话話卷回册冊集章期]",
    re.IGNORECASE,
)
_MOST_NUMBER, _MOST_VOLUME = 999_999, 999
_TAG = re.compile(r"<[A-Za-z/][^<>]{0,200}>")


@dataclass(frozen=True)
class ComicInfo:
    """The texts of the elements by name in lower case, and the numbers of the pages that are a front cover."""

    values: dict[str, str]
    cover_numbers: tuple[int, ...] = ()

    def get_text(self, name: str) -> str | None:
        """Return the text of an element, without markup; None where it is empty."""
        text = _TAG.sub("", self.values.get(name, ""))
        return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines()))) or None

    @property
    def title(self) -> str | None:
        """The title of the part; one that only numbers it follows that of the series."""
        title, series = self.get_text("title"), self.get_text("series")
        number = self.values.get("number", "").strip() or str(self.number or "")
        if title and series and _PART.fullmatch(title):
            return f"{series} {title}"
        if title is None and series and number:
            return f"{series} {number}"
        return title or series

    @property
    def creators(self) -> list[tuple[str, str]]:
        """Names and roles; who did several things is named once, for the first."""
        creators = [
            (" ".join(name.split()), role)
            for element, role in _CREATORS.items()
            for name in _SEPARATORS.split(self.values.get(element, ""))
            if name.strip()
        ]
        roles: dict[str, str] = {}
        for name, role in creators:
            roles.setdefault(name, role)
        return list(roles.items())

    @property
    def illustrators(self) -> tuple[AgentStatement, ...]:
        """Who drew it, and did not write it, with the word of catalogue cards for that."""
        return tuple(AgentStatement(name, "绘", corporate=False) for name, role in self.creators if role == _DRAWS)

    @property
    def date(self) -> str | None:
        """The date of publication as far as it is known; -1 stands for none."""
        year, month, day = (_parse_number(self.values.get(name, "")) for name in ("year", "month", "day"))
        if year is None or not 1000 <= year <= 9999:
            return None
        if month is None or not 1 <= month <= 12:
            return str(year)
        return f"{year}-{month:02}" + (f"-{day:02}" if day is not None and 1 <= day <= 31 else "")

    @property
    def language(self) -> str | None:
        """The language code."""
        code = self.values.get("languageiso", "").strip()
        return code.replace("_", "-") if _LANGUAGE.fullmatch(code) else None

    @property
    def isbn(self) -> str | None:
        """The global trade item number, where it is an ISBN, also one with a wrong check digit."""
        number = self.values.get("gtin", "").strip()
        return number if normalize_isbn(number) or has_form_of_isbn13(number) else None

    @property
    def number(self) -> int | None:
        """The number in the series, where it is a whole one, else that of the volume; some write its year there."""
        if self.values.get("number", "").strip():
            number, most = _parse_number(self.values["number"]), _MOST_NUMBER
        else:
            number, most = _parse_number(self.values.get("volume", "")), _MOST_VOLUME
        return number if number is not None and 0 < number <= most else None

    @property
    def subjects(self) -> list[str]:
        """Genres and tags."""
        words = ",".join((self.values.get("genre", ""), self.values.get("tags", "")))
        return list(dict.fromkeys(" ".join(word.split()) for word in _SEPARATORS.split(words) if word.strip()))

    def front_covers(self, pictures: list[str]) -> list[str]:
        """Return the pictures that are a front cover."""
        return [pictures[number] for number in self.cover_numbers if number < len(pictures)]


def read(archive: Archive) -> ComicInfo:
    """Return the values of the file that lies highest; none where there is no such file, or it cannot be read."""
    names = [name for name in archive.names if name.replace("\\", "/").lower().rpartition("/")[2] == COMIC_INFO]
    for name in sorted(names, key=lambda name: (name.replace("\\", "/").count("/"), name)):
        try:
            root = markup.parse_xml(archive.read(name))
        except RejectedError:
            continue  # a comic is not refused for what describes it
        if root is not None and local_name(root.tag) == "comicinfo":
            return ComicInfo(_read_values(root), _cover_numbers(root))
    return ComicInfo({})


def _read_values(root: Any) -> dict[str, str]:
    return {local_name(child.tag): (child.text or "").strip() for child in root if isinstance(child.tag, str)}


def _cover_numbers(root: Any) -> tuple[int, ...]:
    pages = [element for element in root.iter() if local_name(element.tag) == "page"]
    numbers = (
        _parse_number(get_attribute(page, "image")) for page in pages if get_attribute(page, "type") == "FrontCover"
    )
    return tuple(number for number in numbers if number is not None and number >= 0)


def _parse_number(text: str) -> int | None:
    text = text.strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,6}", text) else None
