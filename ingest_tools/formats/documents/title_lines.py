"""A title page in the first lines of a plain text, without labels: `某某镇志`, `某某镇志编纂委员会 编`, `1998年`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from library_server.catalogue.normalization.dates import parse_date
from library_server.catalogue.normalization.personal_names import is_chinese_person, is_name
from library_server.exchange.agents import JOINED_ROLE_WORDS, roles_of_word
from library_server.exchange.corporate_names import BODY
from library_server.lazy_patterns import lazy_pattern

_WORDS: Final = "|".join(JOINED_ROLE_WORDS)
_STATEMENT: Final = lazy_pattern(
    rf"(?P<names>\S{{2,40}}?(?:[ 、，,]\S{{2,20}}?){{0,5}})(?P<gap>\s*)(?P<word>{_WORDS})(?:[\s；;，,]+|$)"
)
_NAMES: Final = lazy_pattern(r"[\s、，,]+")
_DATE: Final = lazy_pattern(
    r"[（(]?(?P<date>(?:[\d〇零○一二三四五六七八九十]{4}|民国.{1,4})年(?:[\d一二三四五六七八九十]{1,3}月)?"
    r"|(?:1[89]|20)\d\d(?:[.-]\d{1,2})?)[编印刊]?[）)]?"
)
_IN_BRACKETS: Final = lazy_pattern(r"[（(〔【].{1,30}[）)〕】]")
_SENTENCE: Final = lazy_pattern(r"[。！？；：:!?;]")
_MOST_LINES, _LONGEST_LINE, _LONGEST_TITLE = 6, 80, 40
_SHORTEST_NAME, _LONGEST_NAME = 2, 30  # of a body, without the word for what it is


@dataclass(frozen=True)
class TitleLines:
    """The title, the creators, each with a role, and the date as written."""

    title: str
    creators: list[tuple[str, str]]
    date: str | None


def read_title_lines(lines: Sequence[str]) -> TitleLines | None:
    """Return what the first lines say, the title first; None where no line below it says who made the work."""
    title = lines[0].strip("《》") if lines else ""
    if not 0 < len(title) <= _LONGEST_TITLE or _SENTENCE.search(title) or title.startswith("#"):
        return None
    creators: list[tuple[str, str]] = []
    date: str | None = None
    for line in lines[1:_MOST_LINES]:
        stated = _read_statements(line) if len(line) <= _LONGEST_LINE else []
        dated = _DATE.fullmatch(line)
        if dated and date is None and parse_date(dated["date"]).edtf:
            date = dated["date"]
        elif stated:
            creators += stated
        elif not _IN_BRACKETS.fullmatch(line):
            break
    return TitleLines(title, list(dict.fromkeys(creators)), date) if creators else None


def _read_statements(line: str) -> list[tuple[str, str]]:
    """Return the creators of a line that holds nothing else: `李四 口述　王五 整理`."""
    creators: list[tuple[str, str]] = []
    at = 0
    while at < len(line):
        statement = _STATEMENT.match(line, at)
        names = _split_names(statement["names"], has_gap=bool(statement["gap"])) if statement else []
        if statement is None or not names:
            return []
        creators += [(name, str(role)) for name in names for role in roles_of_word(statement["word"])]
        at = statement.end()
    return creators


def _split_names(text: str, *, has_gap: bool) -> list[str]:
    """Return the names before the word for a role; without a space before it, of bodies and Chinese persons alone."""
    if (body := BODY.search(text)) and _SHORTEST_NAME <= body.start() <= _LONGEST_NAME:
        return [text]
    names = [name for name in _NAMES.split(text.removesuffix("等").strip()) if name]
    are_clear = all(map(is_chinese_person, names)) or (has_gap and all(is_name(name, one_word=False) for name in names))
    return names if are_clear else []
