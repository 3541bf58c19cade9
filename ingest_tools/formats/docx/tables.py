"""Rows of tables: one is a line, as in a register, where each of its cells is a short paragraph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_LONGEST: Final = 500


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or other block: its text, and whether it is a heading, or the title of the document."""

    text: str
    is_heading: bool = False
    is_title: bool = False


@dataclass
class Rows:
    """The paragraphs of the cells of the open rows, the innermost last."""

    _open: list[list[list[Paragraph]]] = field(default_factory=list)

    def open_row(self) -> None:
        """Begin a row, which may stand in a cell of another."""
        self._open.append([[]])

    def open_cell(self) -> None:
        """Begin a cell of the innermost row."""
        if self._open:
            self._open[-1].append([])

    def add(self, paragraph: Paragraph) -> list[Paragraph]:
        """Add a paragraph to the open cell; returns it where there is none."""
        if not self._open:
            return [paragraph]
        self._open[-1][-1].append(paragraph)
        return []

    def close_row(self) -> list[Paragraph]:
        """End the innermost row; returns its paragraphs where it stands in no other."""
        paragraphs = _join(self._open.pop()) if self._open else []
        if not self._open:
            return paragraphs
        self._open[-1][-1] += paragraphs
        return []

    def close(self) -> list[Paragraph]:
        """Return the paragraphs of rows that the file does not close."""
        paragraphs = [paragraph for row in self._open for cell in row for paragraph in cell]
        self._open.clear()
        return paragraphs


def _join(row: list[list[Paragraph]]) -> list[Paragraph]:
    """Return the paragraphs of a row; one, where no cell has more, or anything but a line of text."""
    paragraphs = [paragraph for cell in row for paragraph in cell]
    is_line = all(len(cell) <= 1 for cell in row) and not any(
        paragraph.is_heading or "\n" in paragraph.text for paragraph in paragraphs
    )
    text = " ".join(paragraph.text for paragraph in paragraphs)
    return [Paragraph(text)] if paragraphs and is_line and len(text) <= _LONGEST else paragraphs
