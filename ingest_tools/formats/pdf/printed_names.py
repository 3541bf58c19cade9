"""The names and the date that stand below a printed title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from ingest_tools.formats.placeholders import is_placeholder_name
from library_server.catalogue.enums import CreatorRole
from library_server.catalogue.normalization.labels import roles_without_label
from library_server.catalogue.normalization.personal_names import is_chinese_person, is_name
from library_server.exchange.agents import roles_of_word
from library_server.exchange.corporate_names import BODY

_SEPARATORS = re.compile(r"\s*[,，、;；]\s*|\s+and\s+|\s*&\s*|[ \u3000]{2,}")
_MARKS = re.compile(r"[\d*†‡§¶¹²³⁴∗]+(?:[,，][\d*†‡§¶]+)*")
_MARKS_AT_END = re.compile(r"\s*[*†‡§¶∗]+$")
_ROLE = re.compile(
    r"\s*(?P<word>编著|编写|主编|选编|编选|编译|编辑|整理|校注|译注|选注|集注|校点|点校|评点|改编|编|著|撰|译)$"
)
_LANGUAGE = re.compile(r"^(?:原书?|原文|[中英日法德俄]文)(?=作者|著者|原著)")
_ADDRESS = re.compile(r"[(（<⟨]?[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]+[)）>⟩]?|https?://\S+|www\.\S+")
_HEADING = re.compile(
    r"(?:简\s*介|摘\s*要|目\s*录|前\s*言|序\s*言?|引\s*言|导\s*言|介\s*绍|模板|封面|提要|说明|致谢|版权|声明)"
)
_PLACE_OR_BODY = re.compile(
    r"[省市县区镇乡村]$"
    r"|\b(?:universit\w+|institut\w*|college|school|department|dept|laborator\w+|lab|center|centre|academy|faculty"
    r"|inc|ltd|corp\w*|company|press|hospital|ministry|council)\b",
    re.IGNORECASE,
)
_VERSION = r"(?:(?:v|ver|version|rev|revision|release)\.?\s?)?\d+(?:\.\d+)*[a-z]?"
_DATE = (
    r"(?P<year>(?:19|20)\d\d)(?:\s*(?:年|[-./])\s*(?P<month>0?[1-9]|1[0-2])(?!\d)"
    r"(?:\s*(?:月|[-./])\s*(?P<day>0?[1-9]|[12]\d|3[01])(?!\d))?)?\s*[年月日]?"
)
_MONTHS = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ENGLISH_DATES = (
    re.compile(rf"(?:{_DAY}\s+)?{_MONTH},?\s+{_YEAR}", re.IGNORECASE),
    re.compile(rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}", re.IGNORECASE),
)
_DATE_LINE = re.compile(
    rf"(?:(?:日期|更新日期|date|updated?|last updated?)[:：]?\s*)?(?:{_VERSION}\s*)?[(（]?\s*{_DATE}\s*[)）]?"
    rf"(?:\s*[,，]?\s*[(（]?{_VERSION}[)）]?)?",
    re.IGNORECASE,
)

_BEHIND_NAMES = re.compile(rf"[\s,，]+{_DATE}$")


def read_creators(lines: Sequence[str]) -> list[tuple[str, CreatorRole]]:
    """Return the names of the first line that has nothing else in it, or says that they are names, each with its role.

    The lines below one that says it are read on, as long as they hold names of persons, or say so themselves.
    """
    for number, line in enumerate(lines):
        creators, says_so = _read_creators(line)
        if not creators:
            continue
        if says_so:
            for further in lines[number + 1 :]:
                others, is_labelled = _read_creators(further)
                if not others or (not is_labelled and len(others) == 1 and not further.isascii()):
                    break
                creators += others
        return list(dict.fromkeys(creators))
    return []


def read_stated_roles(lines: Sequence[str]) -> dict[str, CreatorRole]:
    """Return the roles of all names in lines that say that they are names (`翻译：陈守田`), wherever these stand."""
    stated = [creators for creators, says_so in map(_read_creators, lines) if says_so]
    return {name: role for creators in stated for name, role in creators}


def read_date(lines: Sequence[str]) -> str | None:
    """Return the date (`2019`, `2019-05`, `2019-05-15`) of the first line that has nothing else in it but a version, or
    names before it.
    """
    for line in lines:
        plain = _MARKS_AT_END.sub("", line.strip())
        if (behind := _BEHIND_NAMES.search(plain)) and _read_creators(plain[: behind.start()])[1]:
            plain = plain[behind.start() :].strip(" \u3000,，")
        match = _DATE_LINE.fullmatch(plain)
        parts = (match["year"], match["month"], match["day"]) if match else _read_english_date(plain)
        if parts and int(parts[0]) <= datetime.now(UTC).year:
            return _write_date(*parts)
    return None


def _read_english_date(line: str) -> tuple[str, str, str | None] | None:
    """Return year, month and day of `May 15, 2019`, `15 May 2019` and `May 2019`."""
    match = next(filter(None, (pattern.fullmatch(line) for pattern in _ENGLISH_DATES)), None)
    if match is None:
        return None
    number = next(number for number, name in enumerate(_MONTHS, 1) if re.fullmatch(name, match["month"], re.IGNORECASE))
    return match["year"], str(number), match["day"]


def _write_date(year: str, month: str | None, day: str | None) -> str:
    """Return a date as precise as the calendar has it: of 29 February 2019 the month."""
    numbers = [int(part) for part in (year, month, day) if part]
    if len(numbers) == 3:
        try:
            return date(*numbers).isoformat()
        except ValueError:
            numbers.pop()
    return "-".join(f"{number:02d}" for number in numbers)


def _read_creators(line: str) -> tuple[list[tuple[str, CreatorRole]], bool]:
    """Return the names of a line that has nothing else in it, and whether it says that they are names."""
    plain = _LANGUAGE.sub("", _ADDRESS.sub("", line).strip())
    if _DATE_LINE.fullmatch(plain) or _read_english_date(plain):
        return [], False
    bare, roles = roles_without_label(_BEHIND_NAMES.sub("", plain))
    role_word = _ROLE.search(bare)
    if role_word and not roles:
        roles = roles_of_word(role_word["word"])
    pieces = [_MARKS.sub("", piece).strip() for piece in _SEPARATORS.split(_ROLE.sub("", bare))]
    names = [join_lines([piece]) for piece in pieces if piece and not is_placeholder_name(piece)]
    if not all(_is_author(name, says_so=bool(roles)) for name in names):
        return [], bool(roles)
    return [(name, role) for name in names for role in roles or (CreatorRole.AUTHOR,)], bool(roles)


def join_lines(pieces: Sequence[str]) -> str:
    """Return lines as one: with a space between words of Latin letters; letters set apart (`论 语`) together."""
    text = ""
    for piece in (" ".join(piece.split()) for piece in pieces):
        text += f" {piece}" if text[-1:].isascii() and piece[:1].isascii() and text else piece
    return text.replace(" ", "") if re.fullmatch(r"[\u4e00-\u9fff](?: [\u4e00-\u9fff])+", text) else text


def _is_author(name: str, *, says_so: bool) -> bool:
    """Return whether a name is stated as one, or is that of a person and not of a body or a heading."""
    if not is_name(name, one_word=says_so):
        return False
    if says_so:
        return True
    if _HEADING.fullmatch(name) or _PLACE_OR_BODY.search(name) or BODY.search(name):
        return False
    return name.isascii() or is_chinese_person(name)
