"""A page as OCR reads it, which the worker sends to its parent and a job keeps on disk."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

from ingest_tools.derive.ocr_order import Line
from library_server.processes.messages import JsonObject


@dataclass(frozen=True)
class OcrPage:
    """The size of a page in points, whether it is written downwards, its lines in reading order.

    A page that has `failed` could not be read.
    """

    width: float
    height: float
    vertical: bool
    lines: tuple[Line, ...]
    failed: bool = False

    @property
    def text(self) -> str:
        """The lines of the page, separated by newlines."""
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float:
        """The mean confidence of the characters; 1 for an empty page."""
        total = sum(len(line.text) for line in self.lines)
        return sum(len(line.text) * line.confidence for line in self.lines) / total if total else 1.0

    def to_json(self) -> JsonObject:
        """As `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: JsonObject) -> Self:
        """Raises `TypeError` or `KeyError` where the values are not those of a page."""
        return cls(**{**values, "lines": tuple(Line(**line) for line in values["lines"])})


FAILED_PAGE = OcrPage(0, 0, vertical=False, lines=(), failed=True)
