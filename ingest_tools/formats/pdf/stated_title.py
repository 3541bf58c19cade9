"""Title, creators and date of a PDF: its metadata, with what its first page prints better."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pypdfium2

from ingest_tools.formats.pdf.title_page import TitlePage, folded_title, read_title_page
from ingest_tools.formats.pdf.unseen_contents import says_to_wait
from ingest_tools.formats.placeholders import is_account_name, is_placeholder_name, is_placeholder_title
from library_server.catalogue.enums import CreatorRole
from library_server.catalogue.normalization.labels import creator_without_label
from library_server.catalogue.normalization.personal_names import is_chinese_person, split_latin_names

_LENGTHS = re.compile(r"\[-?\d*\.?\d+\s?(?:pt|em|ex|mm|cm|in|bp|pc|sp)\]")  # what is left of `\\[5pt]`
_HAN = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile("[A-Za-z]")
_COMMAND = re.compile(r"[a-z]+")
_BETWEEN_PERSONS = re.compile(r"(?<![:：])\s+")  # not behind the label of a name


@dataclass(frozen=True)
class StatedTitle:
    """Title, creators with their roles, and date of publication, as far as they are known."""

    title: str | None = None
    creators: list[tuple[str, CreatorRole]] = field(default_factory=list)
    date: str | None = None


def read_stated_title(
    document: pypdfium2.PdfDocument | None, information: dict[str, str], language: str | None
) -> StatedTitle:
    """Title and authors of the metadata, else those printed on the first page, and the date printed there.

    What is printed below the title is believed where this is the title that the document has. `document` is None where
    the first page says nothing of it.
    """
    title = information.get("Title", "").strip()
    title = "" if is_placeholder_title(title) or says_to_wait(title) else title
    named = (_LENGTHS.sub("", name).strip() for name in split_authors(information.get("Author", "")))
    names = [name for name in named if name and not is_account_name(name) and not is_placeholder_name(name)]
    printed = read_title_page(document, title) if document is not None else TitlePage()
    best = _better_title(title, printed.title, language)
    if not printed.title or folded_title(best) != folded_title(printed.title):
        return StatedTitle(best or None, _with_roles(names, printed))
    return StatedTitle(best, _better_creators(names, printed), printed.date)


def split_authors(text: str) -> list[str]:
    """Return the names of the authors in one value; `Knuth, Donald E.` is one."""
    pieces = re.split(r"[;；]", text)
    return [
        name for piece in pieces for name in (split_names(piece) if _HAN.search(piece) else split_latin_names(piece))
    ]


def split_names(text: str) -> list[str]:
    """Return the names of a text that lists them; names of Chinese persons may have only a space between them."""
    names: list[str] = []
    for term in _split_terms(text):
        are_persons = all(map(is_chinese_person, creator_without_label(term)[0].split()))
        names += _BETWEEN_PERSONS.split(term) if are_persons else [term]
    return names


def split_keywords(text: str) -> list[str]:
    """Return the terms of a text that lists them, in Chinese with signs or only with spaces between them."""
    terms = _split_terms(text)
    return terms[0].split() if len(terms) == 1 and _HAN.search(text) and not _LATIN.search(text) else terms


def _split_terms(text: str) -> list[str]:
    return [term for part in re.split(r"[,，;；、]", text) if (term := part.strip())]


def _better_title(title: str, printed: str, language: str | None) -> str:
    """Return the title of the metadata, or the printed one where that is fuller, or in the language of the text.

    Where both have the same words, the metadata has the capitals: TeX prints `LATEX`.
    """
    if not title or not printed:
        return title or printed
    stated, shown = folded_title(title), folded_title(printed)
    if stated == shown:
        return title
    if stated and stated in shown:
        return _with_capitals(printed, title)
    is_translated = language == "zh" and not _HAN.search(title) and len(_HAN.findall(printed)) > 1
    return printed if is_translated or _is_after_command(title, stated, shown) else title


def _with_capitals(printed: str, title: str) -> str:
    at = printed.casefold().find(title.casefold())
    return printed if at < 0 else printed[:at] + title + printed[at + len(title) :]


def _is_after_command(title: str, stated: str, shown: str) -> bool:
    """Return whether a title in metadata is the printed one right after the argument of a command of LaTeX, a colour
    say.
    """
    argument = stated.removesuffix(shown)
    rest = title[len(argument) :]
    return (
        stated != argument
        and title.startswith(argument)
        and _COMMAND.fullmatch(argument) is not None
        and (rest[:1].isalpha())
    )


def _better_creators(names: list[str], printed: TitlePage) -> list[tuple[str, CreatorRole]]:
    """Return the names of the metadata, or the printed ones where these are more, or in Chinese and those are not."""
    authors = [name for name, _ in printed.creators]
    if not names or set(names) < set(authors):
        return printed.creators
    is_transcribed = all(name.isascii() for name in names) and all(_HAN.search(name) for name in authors)
    return printed.creators if is_transcribed and len(names) == len(authors) else _with_roles(names, printed)


def _with_roles(names: list[str], printed: TitlePage) -> list[tuple[str, CreatorRole]]:
    """Return names of the metadata, which calls all of them authors, with the roles that the page says."""
    return [(name, printed.roles.get(name, CreatorRole.AUTHOR)) for name in names]
