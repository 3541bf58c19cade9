"""Plain text and Markdown: encoding found out, chapters by 第X章 headings, title and author from the first lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from ingest_tools.description import Description
from ingest_tools.formats.access_levels import HEAD_CHARACTERS, access_of_head
from ingest_tools.formats.documents.text_head import read_head
from ingest_tools.formats.language import detect_language
from ingest_tools.formats.line_wrapping import join_wrapped_lines
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.normalization.encodings import decode_text, guess_utf16, repair_text
from library_server.catalogue.normalization.numerals import read_numeral
from library_server.catalogue.passages.serialization import Passage
from library_server.lazy_patterns import lazy_pattern

LIMIT = 64 * 1024 * 1024
"""The largest text file, in bytes."""
BROKEN_OFF = "（文件在这里断了，后面的读不出。）"  # the last line of what could be read of a document
TEXT_LIMIT = 20_000_000
"""The longest text of a document that is not a text file, in characters."""
CHAPTER_LIMIT = 20_000
CHAPTERS_LIMIT = 5_000
_HEADING_LIMIT = 100
_CN_NUMBER = r"(?:[0-9０-９〇零○一二三四五六七八九十百千两兩廿卅卌壹贰叁肆伍陆柒捌玖拾貳參陸][ \u3000]?){1,20}"
_EN_UNIT = "one|two|three|four|five|six|seven|eight|nine"
_EN_NUMBER = (
    r"\d{1,4}|[ivxlc]{1,8}|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    rf"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[- ](?:{_EN_UNIT}))?|{_EN_UNIT}"
    r"|(?:the )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)"
)
_HEADING_STARTS = tuple("第序前引楔后後尾附终終番外自代总原译跋#正卷CcPpBbVvEeFfAaIi【〖[「『《=-—─━~～*＊☆★◆◇■□●○※")
_SIGNS = frozenset("【〖[「『《=-—─━~～*＊☆★◆◇■□●○※")
_RULES = r"[=\-—─━~～*＊☆★◆◇■□●○※]{1,40}"
_DECORATED = lazy_pattern(rf"(?:{_RULES}[、\s]*)?(?P<heading>[^\s=].*?)[ \t]*(?:{_RULES})?", re.DOTALL)
_BRACKETED = lazy_pattern(r"[【〖\[「『《]\s*([^】〗\]」』》]{1,60}?)\s*[】〗\]」』》]\s*")
_EN_PART = "prologue|epilogue|preface|foreword|afterword|introduction"
# matched against one stripped line of at most `_HEADING_LIMIT` characters: over a whole text it would be quadratic
_HEADING = lazy_pattern(
    rf"(?P<cn>(?:正文[\s\u3000]*)?第\s?{_CN_NUMBER}\s?[章回节節卷部篇集折幕话話讲課课场場](?:.{{0,39}}[^。，,；;])?"
    rf"|卷{_CN_NUMBER}(?:[\s\u3000:：·].{{0,39}})?"
    rf"|(?i:(?:chapter|part|book|volume)\s+(?:{_EN_NUMBER}))(?:[\s.:：,—–-].{{0,79}})?"
    rf"|(?i:{_EN_PART})(?:[.:：—–-].{{0,79}})?"
    rf"|番外(?:[篇卷之])?\s?(?:{_CN_NUMBER}[篇章]?)?(?:[\s\u3000:：·].{{0,39}})?"
    r"|(?:[自代总原译后後]序|译者序|序[言章]?|前言|引[子言]|楔子|[后後][记記]|译后记|尾[声聲]|[终終]章|外[传傳]|跋|附[录錄])"
    r"(?:[\s\u3000:：].{0,39})?)"
    r"|#{1,3}[ \t]+(?P<md>[^#]{1,60})",
    re.DOTALL,
)
# one alone may be an item of a list: these are chapters where they count up from the first and have text between them
_NUMBERED = (
    lazy_pattern(rf"({_CN_NUMBER})[、.．]\s*\S.{{0,39}}", re.DOTALL),
    lazy_pattern(r"(\d{1,4})[、.．]\s*[^\s\d].{0,59}", re.DOTALL),
    lazy_pattern(rf"({_CN_NUMBER})"),
    lazy_pattern(rf"[（(]({_CN_NUMBER})[)）]\s*.{{0,39}}", re.DOTALL),
    lazy_pattern(r"(\d{1,4})[ \t\u3000]+\D.{0,39}", re.DOTALL),
)
_SERIES, _SERIES_BODY, _SERIES_SHARE = 3, 100, 0.8
_FILLED = 64  # bytes: a shorter beginning before more zeros than that is the head of some format
_CONTROLS = frozenset(range(32)) - {9, 10, 11, 12, 13, 27}
_LINE_ENDS = dict.fromkeys(map(ord, "\r\v\f\x85\u2028\u2029"), "\n")
_REPAIRED = 4000  # characters by which it is told that a text is in UTF-8 twice


@dataclass(frozen=True)
class Heading:
    """A line that names a chapter: its label, and where it starts and stops in the text."""

    label: str
    start: int
    stop: int


def _find_headings(text: str) -> Iterator[Heading]:
    for start, stop in find_line_ranges(text):
        if label := match_heading(text[start:stop]):
            yield Heading(label, start, stop)


def looks_like_text(head: bytes) -> bool:
    """Return whether bytes may be text in one of the encodings we read."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    begun = head.rstrip(b"\0\x1a")  # which disks, downloads and DOS put behind a text
    if not begun:
        return not head
    if len(begun) <= _FILLED <= len(head) - len(begun) and begun.isascii() and b"\n" not in begun:
        return False
    return sum(byte in _CONTROLS for byte in begun) * 1000 <= len(begun) or guess_utf16(head) is not None


def decode(data: bytes, language: str | None = None) -> tuple[str, str]:
    """Return the text and its encoding, which a language (ISO 639) helps to find; see `decode_text`.

    A few damaged places become U+FFFD. Raises `RejectedError` where no encoding reads it.
    """
    decoded = decode_text(data, language)
    if decoded is None:
        raise RejectedError("bad_text")
    return _repair_twice_encoded(decoded.text), decoded.encoding


def _repair_twice_encoded(text: str) -> str:
    """Return a text that was in UTF-8 twice as it was meant, where all of it is; any other as it is."""
    head = text[:_REPAIRED]
    head = head[: max(head.rfind("\n"), head.rfind(" ")) + 1] or head if len(text) > _REPAIRED else head
    if head.isascii() or any(character > "\u2122" for character in head) or repair_text(head) == head:
        return text
    return repair_text(text)


def describe(path: Path, out: Path) -> Description:
    """Title and author from the head of the text, and its chapters as passages."""
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    text, encoding = decode(path.read_bytes())
    if not text.strip():
        raise RejectedError("empty_file")
    return describe_text(text, encoding, out, wrapped=True)


def describe_text(
    text: str,
    encoding: str,
    out: Path,
    *,
    wrapped: bool = False,
    find_headings: Callable[[str], Iterator[Heading]] = _find_headings,
) -> Description:
    """Return the description of decoded text, whose lines may be `wrapped`, as those of Markdown are not."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").translate(_LINE_ENDS)
    chapters = split_chapters(join_wrapped_lines(text, is_chapter_heading) if wrapped else text, find_headings)
    stated = read_head(text[:HEAD_CHARACTERS])
    return Description(
        format="text",
        media_type="text/plain",
        kind="book",
        title=stated.title,
        creators=stated.creators,
        date=stated.date,
        language=detect_language([text]),
        access=access_of_head(text),
        extent=len(chapters),
        details=RecordDetails(encoding=encoding, characters=len(text)),
        derived=[write_passages(chapters, out)],
    )


def is_chapter_heading(line: str) -> bool:
    """Return whether a line names a chapter (第三章 …) and not the work."""
    return match_heading(line) is not None


def split_chapters(text: str, find_headings: Callable[[str], Iterator[Heading]] = _find_headings) -> list[Passage]:
    """Chapters by their headings; one a `CHAPTER_LIMIT` characters where there is none, or too many to be chapters."""
    headings = list(islice(find_headings(text), CHAPTERS_LIMIT + 1))
    headings = headings if len(headings) > 1 else _numbered_headings(text) or headings
    if not 0 < len(headings) <= CHAPTERS_LIMIT:
        return _even_parts(text)
    chapters: list[Passage] = []
    front = text[: headings[0].start].strip()
    if front:
        chapters.append(Passage("chapter", "1", "卷首", front))
    ends = [heading.start for heading in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=True):
        body = text[heading.stop : end].strip() or heading.label  # a heading alone is text, too
        chapters.append(Passage("chapter", str(len(chapters) + 1), heading.label, body))
    return chapters


def find_line_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each line starts and stops."""
    start = 0
    while start < len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        yield start, stop
        start = stop + 1


def _numbered_headings(text: str) -> list[Heading]:
    """Return lines that begin with a number (`一、`, `1.`), where those of one form are a series of chapters."""
    forms: list[list[tuple[int | None, Heading]]] = [[] for _ in _NUMBERED]
    for start, stop in find_line_ranges(text):
        line = text[start:stop].strip() if stop - start <= _HEADING_LIMIT else ""
        for form, pattern in zip(forms, _NUMBERED, strict=True):
            if line and (match := pattern.fullmatch(line)):
                form.append((read_numeral(match[1]), Heading(" ".join(line.split()), start, stop)))
                break
    return next(filter(None, map(_find_series, forms)), [])


def _find_series(numbered: list[tuple[int | None, Heading]]) -> list[Heading]:
    """Return the headings that count up from one; none where they are few, stand close together, or most are no part
    of it.
    """
    series: list[Heading] = []
    for number, heading in numbered:
        if number == len(series) + 1:
            series.append(heading)
    bodies = sorted(after.start - before.stop for before, after in pairwise(series))
    if len(series) < _SERIES or len(series) < _SERIES_SHARE * len(numbered):
        return []
    return series if bodies[len(bodies) // 2] >= _SERIES_BODY else []


def match_heading(line: str) -> str | None:
    """Return the label of a line that names a chapter; None for any other."""
    line = line.strip()
    if len(line) > _HEADING_LIMIT or not line.startswith(_HEADING_STARTS):
        return None
    match = _HEADING.fullmatch(_without_signs(line) if line[0] in _SIGNS or line[-1] in _SIGNS else line)
    return " ".join((match["cn"] or match["md"]).split()) if match else None


def _without_signs(line: str) -> str:
    """Return a line without rules, stars and brackets around a heading."""
    decorated = _DECORATED.fullmatch(line)
    return _BRACKETED.sub(r"\1 ", decorated["heading"], count=1).strip() if decorated else line


def _even_parts(text: str) -> list[Passage]:
    parts: list[list[str]] = [[]]
    length = 0
    for paragraph in text.strip().split("\n"):
        if length > CHAPTER_LIMIT:
            parts.append([])
            length = 0
        parts[-1].append(paragraph)
        length += len(paragraph)
    if len(parts) == 1:
        return [Passage("chapter", "1", "正文", "\n".join(parts[0]).strip())]
    return [
        Passage("chapter", str(number), f"第 {number} 部分", "\n".join(part).strip())
        for number, part in enumerate(parts, 1)
    ]
