"""Values that a program saved in an encoding which lacks some of their characters: `黄㙦𬭚` in GBK is `黄??`.

Such a value was not edited: the record keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ingest_tools.pipeline.known_records.exported_record import RowReading
from library_server.catalogue.changed_fields import FieldChange
from library_server.catalogue.dto import HoldingView

# in which programs save lists, with the single-byte one of western systems and that of the Unix locale C
_ENCODINGS = ("gb2312", "gbk", "big5", "cp950", "cp932", "cp949", "cp1252", "latin-1", "ascii")
_MARK = "?"


def restore_replaced(reading: RowReading, exports: Sequence[RowReading]) -> tuple[RowReading, tuple[FieldChange, ...]]:
    """Return a row with the values that an export has in place of those with `?` for characters, and which they are."""
    values, restored = dict(reading.values), list[FieldChange]()
    for name, value in reading.values.items():
        known = [export.values[name] for export in exports if name in export.values]
        original = next((other for other in known if is_replaced(value, other)), None)
        if original is not None and value not in known:
            values[name] = original
            restored.append(FieldChange(name.rpartition(".")[2], original, value))
    places = [holding for export in exports for holding in export.holdings]
    titles = [title for export in exports for title in export.collections]
    holdings = frozenset(_restore_holding(holding, places) for holding in reading.holdings)
    collections = frozenset(_restore_text(title, titles) for title in reading.collections)
    return replace(reading, values=values, holdings=holdings, collections=collections), tuple(restored)


def is_replaced(value: Any, original: Any) -> bool:
    """Return whether a value is what an encoding leaves of another one, in all its texts."""
    if isinstance(value, str) and isinstance(original, str):
        return value == original or (_MARK in value and any(value in _saved_in(original, name) for name in _ENCODINGS))
    if isinstance(value, list | tuple) and isinstance(original, list | tuple):
        return len(value) == len(original) and all(map(is_replaced, value, original))
    if isinstance(value, dict) and isinstance(original, dict):
        return value.keys() == original.keys() and all(is_replaced(value[key], original[key]) for key in value)
    return bool(value == original)


def _saved_in(text: str, encoding: str) -> tuple[str, str]:
    """Return what is left of a text in an encoding: some programs write two marks for a character beyond U+FFFF."""
    characters = [_saved_character(character, encoding) for character in text]
    wide = [_MARK * 2 if saved == _MARK and ord(own) > 0xFFFF else saved
            for saved, own in zip(characters, text, strict=True)]  # fmt: skip
    return "".join(characters), "".join(wide)


def _saved_character(character: str, encoding: str) -> str:
    return character.encode(encoding, "replace").decode(encoding)


def _restore_text(text: str, originals: Iterable[str]) -> str:
    return next((original for original in originals if is_replaced(text, original)), text) if _MARK in text else text


def _restore_holding(holding: HoldingView, originals: Iterable[HoldingView]) -> HoldingView:
    """Return a holding at the place and shelf mark of an export where its own are what an encoding left of them."""
    ours = (holding.place, holding.shelf_mark)
    for other in originals:
        theirs = (other.place, other.shelf_mark)
        if ours != theirs and is_replaced(ours, theirs):
            return replace(holding, place=other.place, shelf_mark=other.shelf_mark)
    return holding
