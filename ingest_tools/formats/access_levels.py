"""Who may read a file, as the file itself says: in a field of its metadata, or in the first lines of its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from ingest_tools.rejections import RejectedError
from library_server.catalogue.enums import Access, find_strictest
from library_server.catalogue.normalization.characters import fold_characters
from library_server.exchange.access_statements import (
    UnknownAccess,
    known_level,
    read_access,
    read_in_text,
    read_is_public,
    read_rights,
    read_rights_or_access,
)
from library_server.exchange.headings import ACCESS_FIELDS, field_of
from library_server.lazy_patterns import lazy_pattern

HEAD_CHARACTERS = 600
_SHOWN = 60
_LONGEST_KEY = 40
_LIST_MARKS = ("-", "*", "+", "•", "·", ">")
_VALUES = frozenset({"content", "href", "resource"})
_MARKS = " \t\u3000*_`\"'“”‘’#>+~·•-|[【〔(<!"
_SEPARATOR = lazy_pattern(r"[:;∶=|\]】〕\t]|\.\.")
_TAG = lazy_pattern(r"<[^<>]{0,100}>")
_NUMBER = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
# marks of lists and numbers of items, as in `2、`, `(三)`, `## 1.2` and what ① and ※ were folded to
_BEFORE_HEADING = lazy_pattern(rf"[\W_]*(?:{_NUMBER}[\W_]+){{0,3}}(?:\d{{1,3}}(?=[^\W\d_]))?[\W_]*")
# in a running text these may be words of farming, of medicine or of software
_AMBIGUOUS = frozenset({"使用范围"})
_OF_SOFTWARE = frozenset({"权限", "访问权限", "开放范围", "access", "public", "is_public", "access_level"})
# how documents mark themselves, in a line that says nothing else: `秘密★启用前`, `内部资料，注意保存`
_TERM = r"\s*[★☆*]?\s*(?:启用前|长期|\d{1,2}\s?[年月天]|[一二三四五六七八九十]{1,3}[年月天])?"
_SECRET = rf"(?:[绝机]密|秘密|涉密|保密)(?:级|文件|材料|资料)?{_TERM}|(?:top |strictly )?(?:secret|confidential)"
_INTERNAL = (
    "(?:(?:[本此](?:书|刊|件|资料|文件?|材料))?(?:为|系|属于?|是)?)(?:机关|党内|单位|部门|系统|馆内)?内部"
    "(?:资料性?|刊物|读物|书刊|图书|书籍|出版物|教材|文件|文献|文稿|材料|参考|学习|使用|发行|传阅|交流|阅读|掌握|版本?|印行|出版|讨论|征求意见){1,3}稿?"
    "|(?:[本此](?:书|刊|件|资料|文件?|材料))?(?:[仅只专]供|[仅只]?限)[\u4e00-\u9fff]{0,10}?(?:内部|领导|干部|本单位|工作人员|馆员)[\u4e00-\u9fff]{0,8}"
    "|(?:[本此](?:书|刊|件|资料|文件?|材料))?供[\u4e00-\u9fff]{0,10}?(?:内部|领导|本单位|工作人员|馆员)[\u4e00-\u9fff]{0,8}"
    "|(?:不得|不准|不许|不宜|严禁|禁止|请?勿|切勿|谢绝)(?:随意|擅自|私自|对外|任意)?"
    "(?:外传|外借|外泄|泄露|泄密|泄漏|扩散|公开|对外|传播|传阅|上网)[\u4e00-\u9fff]{0,6}"
    "|(?:[本此](?:书|刊|件|资料|文件?|材料))?[非不]公开(?:发行|出版|出版物|资料|刊物)?|阅后(?:即焚|收回|退回|归还|销毁)|不对外(?:公开|发行|提供)?"
    "|(?:for )?(?:internal|staff|official) use only|internal document|restricted circulation"
)
_IS_RESTRICTING = lazy_pattern(rf"(?:{_SECRET}|{_INTERNAL})")
_IS_NEUTRAL = lazy_pattern(
    r"请?(?:妥善|注意|严格|严加|小心)?(?:保存|保管|保密|收存|爱护)|(?:免费|赠)(?:交流|阅读|送)?|启用前|编号|no"
    r"|版权所有|翻印必究|(?:请?勿|严禁|不得|禁止)(?:翻印|转载|复制|复印|翻拍|转借|遗失|丢失|抄录)[\u4e00-\u9fff]{0,4}"
    r"|第?\d{1,7}[号份期]?|(?:19|20)\d\d年?(?:\d{1,2}月)?"
)
_PARTS = lazy_pattern(r"[\s,;:、。.!|·(（)）\[\]【】〔〕《》—-]+")
_LONGEST_MARK = 40
_SPACED = lazy_pattern(r"\S(?:\s+\S){1,12}")  # `机  密`
_AUTHOR = lazy_pattern(r"\s*(?:作者|著者|author)\s*[:：]")
# a title of novels, above who wrote or translated it; who compiled something may be an office
_SECRET_TITLE = lazy_pattern(r"[绝机]密|秘密|保密")
_STATED_AUTHOR = lazy_pattern(r".{1,30}?[\s/]*[\[(（]?(?:著|译|撰|作)[\])）]?")
_CONTENTS = lazy_pattern(r"目\s*[录次]|contents")


def access_of_field(field: str, words: str, place: str = "") -> str | None:
    """Return the access level that a field of metadata names, by its name in lists; None where it names none.

    `field` is one of `ACCESS_FIELDS`, or rights. Raises `RejectedError`, with the place, for any other words.
    """
    return _read(_READERS[field], words, place) if words.strip() else None


def access_of_head(text: str, characters: int = HEAD_CHARACTERS) -> str | None:
    """Return the strictest access level that the first lines of a text name; None where they name none.

    Raises `RejectedError` for a statement of access that is not understood.
    """
    lines = fold_characters(text[: 4 * characters])[:characters].splitlines()
    levels = [
        level
        for key, words in find_statements(lines)
        if words and (level := _read(_reader_in_text(key), words, key.strip(_MARKS)))
    ]
    if has_restricting_mark(lines):
        levels.append(str(Access.PREMISES))
    return str(find_strictest(*levels)) if levels else None


def access_of_page(text: str) -> str | None:
    """Return the same of the first page of a printed work; what is not understood there is 馆内."""
    try:
        return access_of_head(text)
    except RejectedError:
        return str(Access.PREMISES)


def has_restricting_mark(lines: Sequence[str]) -> bool:
    """Return whether one of the first lines of a text, which are folded, marks it as secret or internal, and says
    nothing else.

    Such a mark names no level of the library. A first line above that of an author is the title of a novel; what a
    table of contents names is a chapter.
    """
    filled = list(
        takewhile(lambda line: not _CONTENTS.fullmatch(line), (line.strip() for line in lines if line.strip()))
    )
    if len(filled) > 1 and (
        _AUTHOR.match(filled[1]) or (_SECRET_TITLE.fullmatch(filled[0]) and _STATED_AUTHOR.fullmatch(filled[1]))
    ):
        filled = filled[1:]
    return any(_is_restricting_mark(line) for line in filled if len(line) <= _LONGEST_MARK)


def _is_restricting_mark(line: str) -> bool:
    line = _TAG.sub(" ", line).strip(_MARKS)
    if _SPACED.fullmatch(line):
        line = "".join(line.split())
    if _IS_RESTRICTING.fullmatch(line):
        return True
    parts = [part for part in _PARTS.split(line) if part]
    restricting = [part for part in parts if _IS_RESTRICTING.fullmatch(part)]
    return bool(restricting) and all(part in restricting or _IS_NEUTRAL.fullmatch(part) for part in parts)


def access_of_xml(packages: Iterable[tuple[str, Any]]) -> str | None:
    """Return the strictest access level that package documents (EPUB 3.3, 5.5) name; None where they name none.

    A field for access is known by its own name, whatever its prefix and wherever it stands: an element, or the name,
    property or relation of a `meta` or `link`. `packages` are the names of the documents and their roots. Raises
    `RejectedError` for a statement that is not understood, which says where it stands.
    """
    stated = [
        (f"{name}, {heading}", field, words)
        for name, package in packages
        for element in package.iter("*")
        for heading, field, words in _stated_in(element)
    ]
    levels = [level for place, field, words in stated if (level := access_of_field(field, words, place))]
    return str(find_strictest(*levels)) if levels else None


def find_statements(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the lines that have a heading of access at their beginning, however they are marked, as heading and words.

    The words may stand in the next line, or behind an empty one as an item of a list, or where they name a level.
    `lines` are folded.
    """
    waiting, is_parted = "", False
    for line in lines:
        if waiting and not line.strip():
            is_parted = True
            continue
        key, _, words = _split_heading(line)
        if waiting and not words and (not is_parted or _may_be_value(line)):
            yield waiting, line.strip(_MARKS)
        waiting, is_parted = "", False
        if key and field_of(key) in ACCESS_FIELDS:
            yield key, words
            waiting = "" if words else key


def _may_be_value(line: str) -> bool:
    if line.lstrip().startswith(_LIST_MARKS):
        return True
    try:
        return read_access(line.strip(_MARKS)) is not None
    except UnknownAccess:
        return False


def unknown_access(statement: str) -> RejectedError:
    """Return the rejection of a file whose statement of access is not understood."""
    return RejectedError("bad_access", statement.strip()[:_SHOWN])


def _stated_in(element: Any) -> Iterator[tuple[str, str, str]]:
    """Yield what an element states of access: its heading as written, the field that this means, and the words."""
    names = [element.tag, *(name for key in ("property", "name", "rel") for name in element.get(key, "").split())]
    fields = [field_of(re.split("[:/#.}]", name)[-1]) for name in names]
    heading, field = next(
        ((name, field) for name, field in zip(names, fields, strict=True) if field in _READERS), ("", None)
    )
    if field is not None:
        heading = heading.rpartition("}")[2]
        yield heading, field, "".join(element.itertext())
        yield from (
            (heading, field, value) for key, value in element.attrib.items() if key.rpartition("}")[2] in _VALUES
        )


def _split_heading(line: str) -> tuple[str, str, str]:
    """Return a line as its heading, the separator and the words behind it, without the marks of lists and emphasis."""
    line = _BEFORE_HEADING.sub("", _TAG.sub("|", line), count=1)
    separator = _SEPARATOR.search(line, 0, _LONGEST_KEY)
    if separator is None:
        return _split_by_space(line)
    return line[: separator.start()], separator[0], line[separator.end() :].strip(f"{_MARKS}:=]】〕)")


def _split_by_space(line: str) -> tuple[str, str, str]:
    """Return the same of a line without a separator: `使用范围 馆内`; only where a level or a secret stands there."""
    key, _, words = line.strip().partition(" ") if " " in line.strip() else line.strip().partition("\u3000")
    words = words.strip(_MARKS)
    is_statement = known_level(words) is not None or _is_restricting_mark(words)
    return (key, " ", words) if is_statement and field_of(key) in ACCESS_FIELDS else ("", "", "")


def _reader_in_text(key: str) -> Callable[[str], str | None]:
    field, bare = field_of(key), key.strip(_MARKS)
    is_software = bare in _OF_SOFTWARE
    if is_software or bare.partition("(")[0] in _AMBIGUOUS:
        return lambda words: read_in_text(words, is_library_word_needed=is_software)
    return _READERS[field or "access"]


def _read(reader: Callable[[str], str | None], words: str, place: str = "") -> str | None:
    try:
        return reader(words)
    except UnknownAccess as unknown:
        shown = " ".join(words.split())[:_SHOWN]
        raise RejectedError("bad_access", f"{place}: {shown}" if place else shown) from unknown


_READERS: dict[str, Callable[[str], str | None]] = {
    "access": read_access, "is_public": read_is_public, "rights_access": read_rights_or_access, "rights": read_rights,
}  # fmt: skip
