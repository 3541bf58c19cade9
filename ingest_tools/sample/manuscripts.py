"""The sample's own texts: Markdown with front matter, a heading of the first level begins a chapter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Chapter:
    """A chapter and its paragraphs, in order."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Manuscript:
    """A short book; its title is the name of its file."""

    title: str
    author: str
    clc: str
    date: str
    subjects: tuple[str, ...]
    abstract: str
    chapters: tuple[Chapter, ...]


def read_manuscript(source: Path) -> Manuscript:
    """Read one of the sample's texts."""
    _, front, body = source.read_text(encoding="utf-8").split("---\n", 2)
    metadata = yaml.safe_load(front)
    chapters = re.findall(r"^# (.+)\n([\s\S]*?)(?=^# |\Z)", body, re.MULTILINE)
    return Manuscript(
        title=source.stem,
        author=str(metadata["author"]),
        clc=str(metadata["clc"]),
        date=str(metadata["date"]),
        subjects=tuple(part.strip() for part in str(metadata["subjects"]).split(",")),
        abstract=str(metadata["abstract"]),
        chapters=tuple(
            Chapter(title, tuple(line for line in text.split("\n") if line.strip())) for title, text in chapters
        ),
    )
