"""Stories and people of the district: Markdown with front matter (YAML between lines of three dashes).

TOML between lines of `+++`, as of Hugo, is read too where it says nothing of access; and the title block of Pandoc,
whose lines begin with `%`, in books.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from ingest_tools.description import Description
from ingest_tools.formats import markdown, text
from ingest_tools.formats.access_levels import access_of_field, access_of_head, find_statements, unknown_access
from ingest_tools.formats.language import detect_language
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import find_strictest
from library_server.catalogue.normalization.characters import fold_characters
from library_server.catalogue.passages.serialization import Passage
from library_server.exchange.headings import ACCESS_FIELDS, bare_heading, field_of

_FRONT = re.compile(
    r"\A\ufeff?\s*^---[ \t]*\n(?P<front>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n(?P<body>.*))?\Z", re.DOTALL | re.MULTILINE
)
_TOML = re.compile(
    r"\A\ufeff?\s*^\+\+\+[ \t]*\n(?P<front>.*?)\n\+\+\+[ \t]*(?:\n(?P<body>.*))?\Z", re.DOTALL | re.MULTILINE
)
_BLOCK_LINE = r"%[ \t]*(?P<{}>[^\n]{{0,500}}(?:\n[ \t]+[^\s][^\n]{{0,500}}){{0,20}})(?:\n|\Z)"
# (Pandoc User's Guide, "Extension: pandoc_title_block"): title, authors, date; each may go on in indented lines
_TITLE_BLOCK = re.compile(
    rf"\A\ufeff?{_BLOCK_LINE.format('title')}(?:{_BLOCK_LINE.format('authors')}(?:{_BLOCK_LINE.format('date')})?)?"
)
# the first line of a head in TOML, of one that is written wrongly or shown as code; it may be a mere rule as well
_FENCE = re.compile(r"[-+─]{3,}\s*[a-z]{0,9}|['~]{3,}\s*(?:yaml|yml|toml|json)|\{")  # of folded lines
_FENCE_END = re.compile(r"[-+─'~.]{3,}|\}")
_LINE = re.compile(r"^[\"']?([^\s:：\"'#][^:：\n\"']{0,39})[\"']?[ \t]*[:：]", re.MULTILINE)
_KEYS = {
    "title": "title", "标题": "title", "题名": "title", "书名": "title",
    "kind": "kind", "类型": "kind",
    "author": "author", "authors": "author", "creator": "author", "作者": "author", "讲述": "author", "撰文": "author",
    "date": "date", "日期": "date", "时间": "date",
    "lang": "language", "description": "abstract", "summary": "abstract", "categories": "subjects",
    "abstract": "abstract", "摘要": "abstract", "简介": "abstract",
    "subjects": "subjects", "主题": "subjects", "关键词": "subjects", "关键字": "subjects", "标签": "subjects",
    "tags": "subjects", "keywords": "subjects",
    "place": "place", "地点": "place",
    "collection": "collection", "专题": "collection",
    "rights": "rights", "版权": "rights",
    "publisher": "publisher", "出版": "publisher",
    "clc": "clc", "分类": "clc", "language": "language", "isbn": "isbn",
}  # fmt: skip
_NAMES = ("name", "姓名", "text", "literal", "title")
_KINDS = {"story": "story", "故事": "story", "person": "person", "人物": "person", "book": "book", "图书": "book"}
_FRONT_LIMIT = 20_000
_FLOW_LIMIT = 200
_UNREAD_LIMIT = 200_000


def describe(path: Path, out: Path) -> Description:
    """Return a story or person where there is front matter, else Markdown read as plain text."""
    if path.stat().st_size > text.LIMIT:
        raise RejectedError("too_large")
    content, encoding = text.decode(path.read_bytes())
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    if not content.strip():
        raise RejectedError("empty_file")
    match = _FRONT.match(content)
    if not match or len(match["front"]) > _FRONT_LIMIT:
        _refuse_unread_front(content[: max(_UNREAD_LIMIT, match.end("front") if match else 0)])
        toml = _TOML.match(content)
        fields = _parse_toml(toml["front"]) if toml is not None else None
        if toml is not None and fields is not None:
            return _with_front(fields, (toml["body"] or "").strip(), encoding, out)
        return _describe_markdown(content, encoding, out)
    body = (match["body"] or "").strip()
    _refuse_unread_front(body[:_UNREAD_LIMIT])
    return _with_front(_parse_front_matter(match["front"]), body, encoding, out)


def _refuse_unread_front(content: str) -> None:
    """Refuse a file that states access in a head that is not read: TOML, one that is not closed, a second one."""
    lines = [line.strip() for line in fold_characters(content).split("\n")]
    start = _find_next_line(lines, 0, bool)
    while start < len(lines) and _FENCE.fullmatch(lines[start]):
        stop = _find_next_line(lines, start + 1, _FENCE_END.fullmatch)
        if stop == len(lines):  # not closed: what it holds ends with the paragraph
            stop = _find_next_line(lines, start + 1, lambda line: not line)
        stated = next((line for line in find_statements(lines[start + 1 : stop]) if line[1]), None)
        if stated:
            raise unknown_access(": ".join(stated))
        start = _find_next_line(lines, stop + 1, bool)


def _find_next_line(lines: Sequence[str], start: int, test: Callable[[str], object]) -> int:
    """Return the number of the first line from `start` that a test is true of; that after the last where there is
    none.
    """
    return next((at for at in range(start, len(lines)) if test(lines[at])), len(lines))


def _describe_markdown(content: str, encoding: str, out: Path) -> Description:
    block = _TITLE_BLOCK.match(content)
    body = content[block.end() :] if block is not None else content
    if block is not None and body.strip():
        described = text.describe_text(body, encoding, out, find_headings=markdown.find_headings)
        levels = [level for level in (described.access, access_of_head(content)) if level]
        described = replace(described, access=str(find_strictest(*levels)) if levels else None)
        return replace(_with_title_block(described, block), media_type="text/markdown")
    described = text.describe_text(content, encoding, out, find_headings=markdown.find_headings)
    description = replace(described, media_type="text/markdown")
    title = markdown.read_title(content)
    if title and not description.title and not text.is_chapter_heading(title):
        return replace(description, title=title)
    return description


def _with_title_block(description: Description, block: re.Match[str]) -> Description:
    """Return a description with the title, authors and date that stand in the title block of Pandoc."""
    title, date_written = (" ".join((block[name] or "").split()) for name in ("title", "date"))
    authors = [" ".join(name.split()) for name in re.split(r"[;；、\n]", block["authors"] or "")]
    return replace(
        description,
        title=markdown.read_label(title) or description.title,
        creators=[(name, "author") for name in authors if name] or description.creators,
        date=date_written or description.date,
    )


def _parse_toml(source: str) -> dict[str, str | list[str]] | None:
    """Front matter in TOML as plain strings; None where it is none. Raises `RejectedError` where it states access."""
    if len(source) > _FRONT_LIMIT or source.count("[") + source.count("{") > _FLOW_LIMIT:
        return None
    try:
        loaded = tomllib.loads(source)
    except (RecursionError, ValueError):
        return None
    waiting: list[Any] = [loaded]
    while waiting:  # access in lines was refused; it may stand in a table, or behind a point
        table = waiting.pop()
        if isinstance(table, dict):
            if stated := next((key for key in table if field_of(key) in ACCESS_FIELDS), None):
                raise unknown_access(f"{stated}: {table[stated]}")
            waiting += table.values()
        elif isinstance(table, list):
            waiting += table
    return _plain_fields(loaded)


def _with_front(front: dict[str, str | list[str]], body: str, encoding: str, out: Path) -> Description:
    kind = _KINDS.get(_get_text(front, "kind") or "story", "story")
    chapters = (
        text.split_chapters(body, markdown.find_headings) if kind == "book" else [Passage("chapter", "1", "正文", body)]
    )
    levels = [level for level in (_get_text(front, "access"), access_of_head(body)) if level]
    return Description(
        format="story",
        media_type="text/markdown",
        kind=kind,
        title=_get_text(front, "title"),
        creators=[(name, "author") for name in _get_texts(front, "author")],
        publisher=_get_text(front, "publisher"),
        date=_get_text(front, "date"),
        language=_get_text(front, "language") or detect_language([_get_text(front, "title") or "", body]),
        isbn=_get_text(front, "isbn"),
        clc=_get_text(front, "clc"),
        subjects=_get_texts(front, "subjects"),
        abstract=_get_text(front, "abstract"),
        place_covered=_get_text(front, "place"),
        rights=_get_text(front, "rights"),
        access=str(find_strictest(*levels)) if levels else None,
        collections=_get_texts(front, "collection"),
        extent=len(chapters),
        details=RecordDetails(encoding=encoding),
        derived=[write_passages(chapters, out)],
    )


def _parse_front_matter(source: str) -> dict[str, str | list[str]]:
    """Front matter as plain strings; aliases are refused, so that a small file cannot grow into a large one."""
    if source.count("[") + source.count("{") > _FLOW_LIMIT:
        raise RejectedError("damaged", "front matter: too many brackets")  # PyYAML is quadratic in those left open
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(source, yaml.SafeLoader)):
            raise RejectedError("damaged", "YAML alias")
        loaded = yaml.safe_load(source)
        if not isinstance(loaded, dict):
            raise RejectedError("bad_front_matter", source.strip().split("\n")[0][:60])
        return _plain_fields(loaded) | _read_access(loaded, source)
    except RejectedError:
        raise
    except yaml.MarkedYAMLError as error:
        raise RejectedError("bad_front_matter", _find_damaged_line(source, error)) from error
    except Exception as error:  # PyYAML's constructors raise types of their own on `!!int ""`, `!!bool x` and the like
        raise RejectedError("bad_front_matter", type(error).__name__) from error


def _find_damaged_line(source: str, error: yaml.MarkedYAMLError) -> str:
    """Return the line that could not be read, or the one before it where that has the fault: a Chinese colon, or
    none.
    """
    lines = source.split("\n")
    number = error.problem_mark.line if error.problem_mark is not None else 0
    near = [line.strip() for line in lines[max(0, number - 1) : number + 1]]
    return next((line for line in near if line and not re.match(r"[^:]{1,40}:(\s|$)", line)), (near or [""])[-1])[:60]


def _plain_fields(loaded: dict[Any, Any]) -> dict[str, str | list[str]]:
    return {
        _KEYS[name]: _to_plain_value(value) for key, value in loaded.items() if (name := bare_heading(key)) in _KEYS
    }


def _read_access(loaded: dict[Any, Any], source: str) -> dict[str, str | list[str]]:
    """Return the access level, and rights that stood in a field for both.

    Everything that states one is accounted for: what YAML did not read as a field of its own (said twice, within
    another field, with a Chinese colon) refuses the file. Indented text belongs to another field, such as an abstract,
    and is read as any text is.
    """
    fields = {key: field for key in loaded if (field := field_of(key)) in ACCESS_FIELDS}
    stated = {key: "、".join(_many_of(loaded[key])) for key in fields}
    lines = _access_lines(fold_characters(source))
    indented = "\n".join(line for line in source.split("\n") if line[:1].isspace())
    is_in_text = access_of_head(indented, len(indented)) is not None
    if is_in_text or len(lines) > len(stated) or _count_keys(source) > len(stated):
        raise unknown_access((lines or list(stated.values()) or [indented])[-1])
    levels = {key: access_of_field(fields[key], words) for key, words in stated.items()}
    if len(set(filter(None, levels.values()))) > 1:
        raise unknown_access(" ".join(stated.values()))
    access = next(filter(None, levels.values()), None)
    rights = [words for key, words in stated.items() if words and levels[key] is None]
    return ({"access": access} if access else {}) | ({"rights": rights} if rights else {})


def _count_keys(source: str) -> int:
    """Return how many keys name access in front matter, at any depth, those that YAML drops as said twice too."""
    waiting, count = [yaml.compose(source, yaml.SafeLoader)], 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            count += sum(
                isinstance(key, yaml.ScalarNode) and field_of(key.value) in ACCESS_FIELDS for key, _ in node.value
            )
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return count


def _access_lines(source: str) -> list[str]:
    """Return the lines that are not indented and state who may read, however they are written."""
    return [line[0].strip() for line in _LINE.finditer(source) if field_of(line[1]) in ACCESS_FIELDS]


def _many_of(value: Any) -> list[str]:
    """Return a value of access as it is written: what is more than a word is not understood, and refused."""
    if isinstance(value, list):
        return [str(item) for item in value]
    return [value.isoformat() if isinstance(value, date) else str(value if value is not None else "")]


def _to_plain_value(value: Any) -> str | list[str]:
    if isinstance(value, list):
        return [text for item in value if (text := _to_text(item))]
    return _to_text(value)


def _to_text(value: Any) -> str:
    """Return a value as people read it: the name of a person of whom more is said, the day of a point in time."""
    if isinstance(value, dict):
        return next((_to_text(value[key]) for key in _NAMES if key in value), "")
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value if value is not None else "")


def _get_text(front: dict[str, str | list[str]], key: str) -> str | None:
    value = front.get(key)
    return ("、".join(value) if isinstance(value, list) else value) or None


def _get_texts(front: dict[str, str | list[str]], key: str) -> list[str]:
    value = front.get(key)
    if not value:
        return []
    return value if isinstance(value, list) else [part for part in re.split(r"[,，、;；]\s*", value) if part]
