"""Title, creators and date as the first page of a PDF prints them: the largest type near the top, the lines below."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import pypdfium2
from pypdfium2 import raw

from ingest_tools.formats.pdf.printed_names import join_lines, read_creators, read_date, read_stated_roles
from ingest_tools.formats.placeholders import is_placeholder_title
from library_server.catalogue.enums import CreatorRole
from library_server.catalogue.normalization.labels import without_label

_MOST_CHARACTERS = 4000  # of the page that are looked at
_TOP = 0.35  # of the height of the page, above which a title stands
_LARGER = 1.2  # than the type of most of the page
_SAME = 0.06  # of the size, within which lines are of one title
_FIRST_LINE = 0.75  # of the size of a title, from which a line above it that ends in a colon begins it
_MOST_LINES, _LONGEST = 4, 120
_LINES_BELOW = 6
_RAISED = 0.85  # of the size of its line, below which a character that does not stand on the line is a mark of a note
_LIFTED = 0.1  # of the size of its line, above which a character does not stand on it
_NO_TITLE = re.compile(
    r"(?:目\s*录|摘\s*要|前\s*言|序\s*言?|引\s*言|内容简介|封面|contents|abstract|preface|introduction"
    r"|table of contents"
    r"|第.{1,6}[章节回页期卷].*|chapter .*|page .*|vol.*|version [\d.]+|isbn.*|issn.*|doi.*|arxiv.*|https?:.*)",
    re.IGNORECASE,
)
_LETTERHEAD = re.compile(r".{3,40}文件")  # of an office, above the number and the title of what it sends out
_OFFICIAL_TITLE = re.compile(
    r"关于.+(?:通知|通告|公告|公报|决定|决议|意见|批复|函|报告|请示|办法|方案|规定|细则|纪要|命令|议案|通报)"
)
_LINES_OF_LETTER = 10
_FIRST_SECTION = re.compile(r"1(?:\.1)*\.?\s+[^\W\d].*")  # the heading of a section: a first page has the first one
_TEX = re.compile(
    r"(?<![A-Za-z])(?P<kind>(?:pdf|Lua|up|XƎ|Xe|C)?)(?P<logo>LATEX|TEX)(?![A-Za-z])"
)  # as TeX prints them
_NOTE_MARKS = re.compile(r"\s*[∗†‡§¶⋆]+$")
_VERSION = re.compile(r"\s+(?:v|ver\.?|version)\s?\d+(?:\.\d+)+[a-z]?$", re.IGNORECASE)
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003fffd]")
_MOST_ON_TITLE_PAGE = 120  # characters
_WORD = re.compile(r"\w+")
_FEWEST_LETTERS = 3  # of a word; what is raised and has fewer is a mark of a note
_SHORTEST_KNOWN = 4  # letters of a line that may be recognized as the beginning of a known title


@dataclass(frozen=True)
class TitlePage:
    """What is printed; empty where nothing is clear. Of `creators`, those below the title; `roles` has every name
    of the page that is said to be one.
    """

    title: str = ""
    creators: list[tuple[str, CreatorRole]] = field(default_factory=list)
    date: str | None = None
    roles: dict[str, CreatorRole] = field(default_factory=dict)


@dataclass
class _Line:
    text: str = ""
    size: float = 0.0
    top: float = 0.0
    without_marks: str = ""


def read_title_page(document: pypdfium2.PdfDocument, known_title: str = "") -> TitlePage:
    """Title, creators and date of the first page; nothing where no type is larger than the rest, or it says no title.

    A `known_title` that stands on the page is the title, whatever type it has.
    """
    try:
        page = document[0]
        layer = page.get_textpage()
        height = page.get_height()
        lines = _read_lines(layer)
        layer.close()
        page.close()
    except pypdfium2.PdfiumError:
        return TitlePage()
    roles = read_stated_roles([line.without_marks for line in lines])
    start, stop = _find_largest_lines(lines, height)
    title = _join_title(lines[start:stop])
    if _LETTERHEAD.fullmatch(title):
        start, stop = _find_official_title(lines, stop) or (start, stop)
        title = _join_title(lines[start:stop])
    if known_title and not _is_part(known_title, title):
        known = _known_lines(lines, known_title)
        if known is not None:
            start, stop, title = *known, known_title
    is_long_enough = len(title) > 1 or title == known_title or _is_alone(title, lines)
    is_title = stop - start <= _MOST_LINES and is_long_enough and len(title) <= _LONGEST and _is_mostly_letters(title)
    if not is_title or _is_no_title(title):
        return TitlePage(roles=roles)
    below = [line.without_marks for line in lines[stop : stop + _LINES_BELOW]]
    return TitlePage(title, read_creators(below[:4]), read_date(below), roles)


def _is_no_title(title: str) -> bool:
    return bool(_NO_TITLE.fullmatch(title) or _FIRST_SECTION.fullmatch(title)) or is_placeholder_title(title)


def folded_title(title: str) -> str:
    """Return the letters and digits of a title, for comparison: `LATEX` in print is `LaTeX` in metadata."""
    return "".join(_WORD.findall(title.casefold()))


def _is_mostly_letters(title: str) -> bool:
    return sum(character.isalpha() for character in title) * 2 >= len(title)


def _is_alone(text: str, lines: Sequence[_Line]) -> bool:
    """Return whether one Chinese character is a title (《家》) and no initial: the page has hardly anything else."""
    return bool(_HAN.fullmatch(text)) and sum(len(line.text) for line in lines) <= _MOST_ON_TITLE_PAGE


def _is_part(known_title: str, title: str) -> bool:
    return bool(title) and folded_title(known_title) in folded_title(title)


def _find_largest_lines(lines: Sequence[_Line], height: float) -> tuple[int, int]:
    """Return the lines of the largest type in the upper part of the page: the first and the one after the last."""
    usual = _usual_size(lines)
    tops = [
        line
        for line in lines
        if line.top >= height * _TOP
        and (len(line.text) > 1 or _is_alone(line.text, lines))
        and _is_mostly_letters(line.text)
    ]
    largest = max((line.size for line in tops), default=0.0)
    if not usual or largest < usual * _LARGER:
        return 0, 0
    same = largest * (1 - _SAME)
    start = next(at for at, line in enumerate(lines) if line in tops and line.size >= same)
    stop = start + 1
    while stop < len(lines) and lines[stop].size >= same:
        stop += 1
    above = lines[start - 1] if start else _Line()
    if above.text.endswith((":", "：")) and above.size >= max(largest * _FIRST_LINE, usual * _LARGER):
        start -= 1
    return start, stop


def _find_official_title(lines: Sequence[_Line], after: int) -> tuple[int, int] | None:
    """Return the lines below a letterhead that say what a document is about: 关于……的通知."""
    for start in range(after, min(after + _LINES_OF_LETTER, len(lines))):
        if "关于" not in lines[start].text:
            continue
        for stop in range(start + 1, min(start + _MOST_LINES, len(lines)) + 1):
            if _OFFICIAL_TITLE.search(join_lines([line.text for line in lines[start:stop]])):
                return start, stop
    return None


def _known_lines(lines: Sequence[_Line], known_title: str) -> tuple[int, int] | None:
    """Return where a title that the metadata states stands on the page, as far as its lines follow each other."""
    known = folded_title(known_title)
    for start, line in enumerate(lines):
        begun = folded_title(line.text)
        if len(begun) < min(_SHORTEST_KNOWN, len(known)) or not known.startswith(begun):
            continue
        stop = start + 1
        for later in range(stop, min(start + _MOST_LINES, len(lines))):
            if (words := folded_title(lines[later].text)) and known.startswith(begun + words):
                begun, stop = begun + words, later + 1
        if begun == known:
            return start, stop
    return None


def _join_title(lines: Sequence[_Line]) -> str:
    if not lines:
        return ""
    pieces = [line.text for line in lines[:-1]] + [_without_last_mark(lines[-1])]
    title = _NOTE_MARKS.sub("", without_label(join_lines(pieces), "title"))
    return _spell_tex(_VERSION.sub("", title))


def _spell_tex(title: str) -> str:
    """Return a title in which the logos of TeX have the letters that their names are written with."""
    if not (_HAN.search(title) or any(character.islower() for character in _TEX.sub("", title))):
        return title  # in which all is in capitals
    kinds = {"XƎ": "Xe"}
    return _TEX.sub(lambda logo: kinds.get(logo["kind"], logo["kind"]) + logo["logo"].replace("LA", "La")
                    .replace("TEX", "TeX"), title)  # fmt: skip


def _without_last_mark(line: _Line) -> str:
    """Return a line without the raised marks and numbers of notes at its end; `LATEX` keeps its raised letter."""
    text, plain = line.text, line.without_marks
    while text and text[-1] in "0123456789*,，" and not plain.endswith(text[-1]):
        text = text[:-1].rstrip()
    return text


def _read_lines(layer: pypdfium2.PdfTextPage) -> list[_Line]:
    """Return the lines of a page with the height of their largest character and the top of their first one, in
    points.
    """
    lines: list[_Line] = []
    characters: list[tuple[str, float, float, float]] = []
    for index in range(min(layer.count_chars(), _MOST_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(layer, index)
        character = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if character in "\r\n":
            lines.append(_make_line(characters))
            characters = []
        else:
            characters.append((character, *_read_box(layer, index, character)))
    lines.append(_make_line(characters))
    return [line for line in lines if line.text]


def _read_box(layer: pypdfium2.PdfTextPage, index: int, character: str) -> tuple[float, float, float]:
    """Height, top and bottom of a character; zeros for a space."""
    box = raw.FS_RECTF()
    if character.isspace() or not raw.FPDFText_GetLooseCharBox(layer, index, ctypes.byref(box)):
        return 0.0, 0.0, 0.0
    return round(abs(box.top - box.bottom), 1), max(box.top, box.bottom), min(box.top, box.bottom)


def _make_line(characters: Sequence[tuple[str, float, float, float]]) -> _Line:
    size = max((height for _, height, _, _ in characters), default=0.0)
    top = next((top for _, height, top, _ in characters if height), 0.0)
    bottoms = [bottom for _, height, _, bottom in characters if height >= size * _RAISED]
    foot = min(bottoms, default=0.0)
    without_marks = ""
    for is_raised, run in groupby(
        characters, lambda box: 0 < box[1] < size * _RAISED and box[3] > foot + size * _LIFTED
    ):
        piece = "".join(character for character, *_ in run)
        if not is_raised or sum(character.isalpha() for character in piece) >= _FEWEST_LETTERS:
            without_marks += piece
    text = "".join(character for character, *_ in characters)
    return _Line(text.strip(), size, top, without_marks.strip())


def _usual_size(lines: Sequence[_Line]) -> float:
    """Return the size of most characters; of a page with little text, where that may be the title's, the smallest."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    if len(sizes) < 2:
        return 0.0
    (size, count), *_ = sizes.most_common(1)
    has_little = sizes.total() <= _MOST_ON_TITLE_PAGE
    return size if count > sizes.total() / 2 and not (has_little and size == max(sizes)) else min(sizes)
