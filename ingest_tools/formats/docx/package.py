"""The parts of a DOCX package: the main one, those that it is related to (ECMA-376, part 2), and its properties."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final

from ingest_tools.formats.archive import Archive
from ingest_tools.formats.markup import get_attribute, local_name
from ingest_tools.rejections import RejectedError

_MAIN_PART: Final = re.compile(r"(?:.*/)?word/document\d*\.xml", re.IGNORECASE)
_ROOT: Final = "_rels/.rels"
_CORE: Final = "docProps/core.xml"
_SEPARATORS: Final = re.compile(r"[,，;；、]")
_BETWEEN_NAMES: Final = re.compile(r"[;；、，]")  # Office puts `;` between authors; a comma is part of `Smith, John`


class WordPackage:
    """A DOCX file: its main part, and other parts by their relationship; `depth` counts the documents around it.

    Raises `RejectedError` without a main part.
    """

    def __init__(self, archive: Archive, depth: int = 0) -> None:
        self.archive, self.depth = archive, depth
        self.main = _find_main_part(archive)
        folder, name = posixpath.split(self.main.replace("\\", "/"))
        self._folder = folder
        self._targets: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        for relation in _read_relations(archive, f"{folder}/_rels/{name}.rels"):
            target = self._resolve(relation.get("Target", ""))
            if target is not None and relation.get("TargetMode") != "External":
                self._targets.setdefault(relation.get("Id", ""), target)
                self._kinds.setdefault(_kind_of(relation), target)

    def _resolve(self, target: str) -> str | None:
        path = target if target.startswith("/") else posixpath.join(self._folder, target)
        return self.archive.find(path)

    def find_target(self, element: Any, attribute: str) -> str | None:
        """Return the part that an attribute of an element of the main part means."""
        return self._targets.get(get_attribute(element, attribute))

    def find_related(self, kind: str) -> str | None:
        """Return the part of a kind (`styles`, `footnotes`), by its relationship or by its usual name."""
        return self._kinds.get(kind) or self._resolve(f"{kind}.xml")

    def parse_related(self, kind: str) -> Any:
        """Return the root of the part of a kind; None where there is none, or it is damaged: the text is read without
        it.
        """
        name = self.find_related(kind)
        return _parse_or_none(self.archive, name) if name is not None else None

    def read_properties(self) -> dict[str, list[str]]:
        """Return title, description, creators and keywords of the core properties, wherever they are; without what is
        damaged.
        """
        relations = _read_relations(self.archive, _ROOT)
        named = [relation.get("Target", "") for relation in relations if _kind_of(relation) == "core-properties"]
        name = next(filter(None, map(self.archive.find, (*named, _CORE))), None)
        root = _parse_or_none(self.archive, name) if name is not None else None
        properties: dict[str, list[str]] = {}
        for element in root if root is not None else ():
            value = " ".join("".join(element.itertext()).split())
            if value:
                properties.setdefault(local_name(element.tag), []).append(value)
        return properties | {
            "creator": _split(properties.get("creator", []), _BETWEEN_NAMES),
            "keywords": _split(properties.get("keywords", []), _SEPARATORS),
        }


def _split(values: list[str], separators: re.Pattern[str]) -> list[str]:
    return [term for value in values for part in separators.split(value) if (term := part.strip())]


def _find_main_part(archive: Archive) -> str:
    """Return the part that the package's relationships call the document, else the one with its usual name."""
    for relation in _read_relations(archive, _ROOT):
        if _kind_of(relation) == "officeDocument" and (name := archive.find(relation.get("Target", ""))):
            return name
    named = sorted(name for name in archive.names if _MAIN_PART.fullmatch(name.replace("\\", "/")))
    if not named:
        raise RejectedError("damaged", "no main document part")
    return named[0]


def _kind_of(relation: Any) -> str:
    """Return the last word of the type of a relationship, which strict and transitional documents share."""
    return str(relation.get("Type", "")).rpartition("/")[2]


def _read_relations(archive: Archive, name: str) -> list[Any]:
    member = archive.find(name)
    root = _parse_or_none(archive, member) if member is not None else None
    return [element for element in root.iter() if local_name(element.tag) == "relationship"] if root is not None else []


def _parse_or_none(archive: Archive, name: str) -> Any:
    try:
        return archive.parse_xml(name)
    except RejectedError:
        return None
