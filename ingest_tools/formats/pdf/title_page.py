"""Title and authors as the first page of a PDF prints them: the largest type near the top, and the line below it."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from dataclasses import dataclass, field

import pypdfium2
from pypdfium2 import raw

from ingest_tools.formats.placeholders import is_placeholder_name, is_placeholder_title
from library_server.catalogue.normalization.labels import creator_without_label, without_label
from library_server.catalogue.normalization.personal_names import is_name

_MOST_CHARACTERS = 4000  # of the page that are looked at
_TOP = 0.35  # of the height of the page, above which a title stands
_LARGER = 1.2  # than the type of most of the page
_SAME = 0.06  # of the size, within which lines are of one title
_MOST_LINES, _LONGEST = 4, 120
_LINES_BELOW = 4
_NO_TITLE = re.compile(
    r"(?:目\s*录|摘\s*要|前\s*言|序\s*言?|引\s*言|内容简介|封面|contents|abstract|preface|introduction"
    r"|table of contents"
    r"|第.{1,6}[章节回页期卷].*|chapter .*|page .*|vol.*|isbn.*|issn.*|doi.*|arxiv.*|https?:.*)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s*[,，、;；]\s*|\s+and\s+|\s*&\s*|[ \u3000]{2,}")
_MARKS = re.compile(r"[\d*†‡§¹²³⁴∗]+(?:[,，][\d*†‡§]+)*")
_ROLE = re.compile(r"\s*(?:编著|主编|编|著|撰|译)$")


@dataclass(frozen=True)
class TitlePage:
    """What is printed; empty where nothing is clear."""

    title: str = ""
    authors: list[str] = field(default_factory=list)


@dataclass
class _Line:
    text: str = ""
    size: float = 0.0
    top: float = 0.0


def read_title_page(document: pypdfium2.PdfDocument) -> TitlePage:
    """Title and authors of the first page; nothing where no type is larger than the rest, or it says no title."""
    try:
        page = document[0]
        layer = page.get_textpage()
        height = page.get_height()
        lines = _lines(layer)
        layer.close()
        page.close()
    except pypdfium2.PdfiumError:
        return TitlePage()
    usual = _usual_size(lines)
    tops = [line for line in lines if line.top >= height * _TOP and len(line.text) > 1]
    largest = max((line.size for line in tops), default=0.0)
    if not usual or largest < usual * _LARGER:
        return TitlePage()
    same = largest * (1 - _SAME)
    start = next(at for at, line in enumerate(lines) if line in tops and line.size >= same)
    stop = start + 1
    while stop < len(lines) and lines[stop].size >= same:
        stop += 1
    title = without_label(_joined([line.text for line in lines[start:stop]]), "title")
    letters = sum(character.isalpha() for character in title)
    is_title = stop - start <= _MOST_LINES and 2 <= len(title) <= _LONGEST and letters * 2 >= len(title)
    if not is_title or _NO_TITLE.fullmatch(title) or is_placeholder_title(title):
        return TitlePage()
    return TitlePage(title, _authors([line.text for line in lines[stop : stop + _LINES_BELOW]]))


def _lines(layer: pypdfium2.PdfTextPage) -> list[_Line]:
    """The lines of a page with the height of their largest character and the top of their first one, in points."""
    lines = [_Line()]
    box = raw.FS_RECTF()
    for index in range(min(layer.count_chars(), _MOST_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(layer, index)
        character = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if character in "\r\n":
            if lines[-1].text.strip():
                lines.append(_Line())
            continue
        line = lines[-1]
        line.text += character
        if not character.isspace() and raw.FPDFText_GetLooseCharBox(layer, index, ctypes.byref(box)):
            line.size = max(line.size, round(abs(box.top - box.bottom), 1))
            line.top = line.top or max(box.top, box.bottom)
    return [_Line(" ".join(line.text.split(" ")).strip(), line.size, line.top) for line in lines if line.text.strip()]


def _usual_size(lines: list[_Line]) -> float:
    """The size of most characters; of a page with little text, the smallest."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    if len(sizes) < 2:
        return 0.0
    (size, count), *_ = sizes.most_common(1)
    return size if count > sizes.total() / 2 else min(sizes)


def _joined(pieces: list[str]) -> str:
    """Lines as one: with a space between words of Latin letters; letters set apart (`论 语`) together."""
    text = ""
    for piece in (" ".join(piece.split()) for piece in pieces):
        text += f" {piece}" if text[-1:].isascii() and piece[:1].isascii() and text else piece
    return text.replace(" ", "") if re.fullmatch(r"[\u4e00-\u9fff](?: [\u4e00-\u9fff])+", text) else text


def _authors(lines: list[str]) -> list[str]:
    """The names of the first line below the title that has nothing else in it, or says that they are names."""
    for line in lines:
        bare, labelled = creator_without_label(line)
        says_so = labelled is not None or _ROLE.search(bare) is not None
        pieces = [_MARKS.sub("", piece).strip() for piece in _SEPARATORS.split(_ROLE.sub("", bare))]
        names = [_joined([piece]) for piece in pieces if piece and not is_placeholder_name(piece)]
        if names and all(_is_author(name, says_so=says_so) for name in names):
            return names
    return []


def _is_author(name: str, *, says_so: bool) -> bool:
    if not is_name(name, one_word=says_so):
        return False
    return says_so or name.isascii() or 2 <= len(name) <= 4
