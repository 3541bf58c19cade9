"""What the first lines of a plain text say of it: `书名：柑橘栽培　作者：张三`, `《柑橘栽培》（校对版）作者：张三`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ingest_tools.formats.documents.title_lines import read_title_lines
from library_server.catalogue.normalization.personal_names import is_name
from library_server.lazy_patterns import lazy_pattern

_TITLE_LABELS: Final = "书名|書名|标题|標題|题名|題名|题目"
_ROLES: Final = {
    "作者": "author", "著者": "author", "原著": "author", "编者": "author", "主编": "editor", "编辑": "editor",
    "译者": "translator", "翻译": "translator", "author": "author", "translator": "translator",
}  # fmt: skip
_OTHERS: Final = (
    "状态|类别|类型|分类|字数|简介|內容簡介|内容简介|出版社|出版|日期|时间|来源|整理|校对|扫描|进度|标签|更新"
)
_LABEL: Final = lazy_pattern(
    rf"(?:^|(?<=[\s\u3000/／|｜;；,，、）)】]))(?:[【\[](?P<marked>{_TITLE_LABELS}|{'|'.join(_ROLES)}|{_OTHERS})[】\]]\s*[:：]?"
    rf"|(?P<plain>{_TITLE_LABELS}|title|{'|'.join(_ROLES)}|{_OTHERS})\s*[:：])\s*",
    re.IGNORECASE,
)  # fmt: skip
_BOOK: Final = lazy_pattern(
    r"《(?P<title>[^《》]{1,60})》\s*(?:[（(【\[][^）)】\]]{1,20}[）)】\]]\s*)?(?P<rest>.{0,60})"
)
_BOTH: Final = re.compile(r"[『「【\[](?P<title>[^/／『』]{1,60})[/／](?P<rest>\s*作者.{1,60}?)[』」】\]]")
_WRITTEN_BY: Final = lazy_pattern(r"(?P<name>\S.{0,30}?)\s*(?:原著|编著|著|撰)")
_BETWEEN: Final = " \t\u3000/／|｜;；,，、"
_SENTENCE: Final = lazy_pattern(r"[。，！？；：:,.!?;]")
_LONGEST_LINE, _LONGEST_TITLE, _LONGEST_NAME, _LONGEST_FIRST = 200, 80, 40, 30


@dataclass
class TextHead:
    """The title, the creators, each with a role, and the date as written, as far as the first lines say."""

    title: str | None = None
    creators: list[tuple[str, str]] = field(default_factory=list)
    date: str | None = None


def read_head(head: str) -> TextHead:
    """Return what the first lines say; the first line is the title where the second one says the author and nothing
    the title.
    """
    stated = TextHead()
    lines = [line for line in map(str.strip, head.split("\n")) if line]
    for number, line in enumerate(lines):
        fields = _read_line(line) if len(line) <= _LONGEST_LINE else []
        for label, value in fields:
            _add(stated, label, value)
        if number == 1 and stated.title is None and stated.creators and _is_plain_title(lines[0]):
            stated.title = lines[0]
    unlabelled = None if stated.creators else read_title_lines(lines)
    return TextHead(unlabelled.title, unlabelled.creators, unlabelled.date) if unlabelled else stated


def _add(stated: TextHead, label: str, value: str) -> None:
    role = _ROLES.get(label)
    if label == "title" and stated.title is None and 0 < len(value) <= _LONGEST_TITLE:
        stated.title = value
    elif role and 0 < len(value) <= _LONGEST_NAME and all(known != role for _, known in stated.creators):
        stated.creators.append((value, role))


def _read_line(line: str) -> list[tuple[str, str]]:
    """Return the fields of a line that begins with a label, or with a title in its signs; none of any other.

    Sites for novels write `『渡口的灯/作者:周立』`.
    """
    if both := _BOTH.fullmatch(line):
        return [("title", both["title"].strip()), *_read_labels(both["rest"].strip())]
    if book := _BOOK.fullmatch(line):
        rest = book["rest"].strip()
        author = _WRITTEN_BY.fullmatch(rest)
        if author and is_name(author["name"], one_word=True):
            return [("title", book["title"]), ("作者", author["name"])]
        fields = list(_read_labels(rest))
        return [("title", book["title"]), *fields] if fields or not rest else []
    return list(_read_labels(line))


def _read_labels(line: str) -> Iterator[tuple[str, str]]:
    labels = list(_LABEL.finditer(line))
    if not labels or labels[0].start():
        return
    ends = [label.start() for label in labels[1:]] + [len(line)]
    for label, end in zip(labels, ends, strict=True):
        name = (label["marked"] or label["plain"]).lower()
        is_title = name == "title" or re.fullmatch(_TITLE_LABELS, name) is not None
        value = line[label.end() : end].strip(_BETWEEN)
        yield "title" if is_title else name, value.strip("《》") if is_title else value


def _is_plain_title(line: str) -> bool:
    return len(line) <= _LONGEST_FIRST and not line.startswith("#") and _SENTENCE.search(line) is None
