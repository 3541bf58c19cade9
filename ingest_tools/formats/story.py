"""Stories and people of the district: Markdown with front matter (YAML between lines of three dashes)."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ingest_tools.description import Description
from ingest_tools.formats import text
from ingest_tools.formats.access import access_of_field, access_of_statements, unknown_access
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.passages.serialization import Passage
from library_server.exchange.headings import field_of

_FRONT = re.compile(
    r"\A\ufeff?\s*^---[ \t]*\n(?P<front>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n(?P<body>.*))?\Z", re.DOTALL | re.MULTILINE
)
_OPENED = re.compile(r"\A\ufeff?\s*^---[ \t]*\n(?P<front>.+?)(?:\n[ \t]*\n|\Z)", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"^[\"']?([^\s:：\"'#][^:：\n\"']{0,39})[\"']?[ \t]*[:：]", re.MULTILINE)
_KEYS = {
    "title": "title", "标题": "title", "题名": "title", "书名": "title",
    "kind": "kind", "类型": "kind",
    "author": "author", "作者": "author", "讲述": "author", "撰文": "author",
    "date": "date", "日期": "date", "时间": "date",
    "abstract": "abstract", "摘要": "abstract", "简介": "abstract",
    "subjects": "subjects", "主题": "subjects", "关键词": "subjects",
    "place": "place", "地点": "place",
    "collection": "collection", "专题": "collection",
    "rights": "rights", "版权": "rights",
    "publisher": "publisher", "出版": "publisher",
    "clc": "clc", "分类": "clc", "language": "language", "isbn": "isbn",
}  # fmt: skip
_KINDS = {"story": "story", "故事": "story", "person": "person", "人物": "person", "book": "book", "图书": "book"}
_ACCESS_FIELDS = frozenset({"access", "rights_access"})
_FRONT_LIMIT = 20_000
_FLOW_LIMIT = 200


def describe(path: Path, out: Path) -> Description:
    """A story or person where there is front matter, else Markdown read as plain text."""
    if path.stat().st_size > text.LIMIT:
        raise RejectedError("too_large")
    content, encoding = text.decode(path.read_bytes())
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    if not content.strip():
        raise RejectedError("empty_file")
    found = _FRONT.match(content)
    if not found or len(found["front"]) > _FRONT_LIMIT:
        opened = found or _OPENED.match(content)
        if opened and (stated := _access_lines(opened["front"])):
            raise unknown_access(stated[0])
        return _markdown(content, encoding, out)
    return _with_front(_front(found["front"]), (found["body"] or "").strip(), encoding, out)


def _markdown(content: str, encoding: str, out: Path) -> Description:
    description = text.described(content, encoding, out)
    description.media_type = "text/markdown"
    heading = re.match(r"\s*# +(.+)", content)
    if heading and not description.title and not text.is_chapter_heading(heading[1]):
        description.title = heading[1].strip()
    return description


def _with_front(front: dict[str, str | list[str]], body: str, encoding: str, out: Path) -> Description:
    kind = _KINDS.get(_one(front, "kind") or "story", "story")
    chapters = text.split_chapters(body) if kind == "book" else [Passage("chapter", "1", "正文", body)]
    return Description(
        format="story",
        media_type="text/markdown",
        kind=kind,
        title=_one(front, "title"),
        creators=[(name, "author") for name in _many(front, "author")],
        publisher=_one(front, "publisher"),
        date=_one(front, "date"),
        language=_one(front, "language") or "zh",
        isbn=_one(front, "isbn"),
        clc=_one(front, "clc"),
        subjects=_many(front, "subjects"),
        abstract=_one(front, "abstract"),
        place_covered=_one(front, "place"),
        rights=_one(front, "rights"),
        access=_one(front, "access"),
        collections=_many(front, "collection"),
        extent=len(chapters),
        details=RecordDetails(encoding=encoding),
        derived=[write_passages(chapters, out)],
    )


def _front(source: str) -> dict[str, str | list[str]]:
    """Front matter as plain strings; aliases are refused, so that a small file cannot grow into a large one."""
    if source.count("[") + source.count("{") > _FLOW_LIMIT:
        raise RejectedError("damaged", "front matter: too many brackets")  # PyYAML is quadratic in those left open
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(source, yaml.SafeLoader)):
            raise RejectedError("damaged", "YAML alias")
        loaded = yaml.safe_load(source)
        if not isinstance(loaded, dict):
            raise RejectedError("damaged", "front matter")
        return _plain_fields(loaded) | _access(loaded, source)
    except RejectedError:
        raise
    except Exception as error:  # PyYAML's constructors raise types of their own on `!!int ""`, `!!bool x` and the like
        raise RejectedError("damaged", f"front matter: {error}") from error


def _plain_fields(loaded: dict[Any, Any]) -> dict[str, str | list[str]]:
    return {_KEYS[name]: _plain(value) for key, value in loaded.items() if (name := str(key).strip().lower()) in _KEYS}


def _access(loaded: dict[Any, Any], source: str) -> dict[str, str | list[str]]:
    """The access level, and rights that stood in a field for both.

    Every line at the margin that states one is accounted for: one that YAML did not read as a field of its own (said
    twice, with a Chinese colon) refuses the file. Indented lines belong to another field, such as an abstract.
    """
    stated = {key: "、".join(_many_of(value)) for key, value in loaded.items() if field_of(key) in _ACCESS_FIELDS}
    if len(lines := _access_lines(source)) > len(stated):
        raise unknown_access(lines[-1])
    both = {key: words for key, words in stated.items() if field_of(key) == "rights_access"}
    levels = [access_of_field(words) for key, words in stated.items() if key not in both]
    levels += [access_of_statements([words]) for words in both.values()]
    if len(set(filter(None, levels))) > 1:
        raise unknown_access(" ".join(stated.values()))
    access = next(filter(None, levels), None)
    rights = [words for words in both.values() if words and access_of_statements([words]) is None]
    return ({"access": access} if access else {}) | ({"rights": rights} if rights else {})


def _access_lines(source: str) -> list[str]:
    """The lines that are not indented and state who may read, however they are written."""
    return [line[0].strip() for line in _LINE.finditer(source) if field_of(line[1]) in _ACCESS_FIELDS]


def _many_of(value: Any) -> list[str]:
    plain = _plain(value)
    return plain if isinstance(plain, list) else [plain]


def _plain(value: Any) -> str | list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return value.isoformat() if isinstance(value, date) else str(value if value is not None else "")


def _one(front: dict[str, str | list[str]], key: str) -> str | None:
    value = front.get(key)
    return ("、".join(value) if isinstance(value, list) else value) or None


def _many(front: dict[str, str | list[str]], key: str) -> list[str]:
    value = front.get(key)
    if not value:
        return []
    return value if isinstance(value, list) else [part for part in re.split(r"[,，、;；]\s*", value) if part]
