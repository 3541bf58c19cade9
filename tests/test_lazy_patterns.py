"""Patterns that are compiled when they are first used: each of them can be, and finds what a compiled one finds."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from library_server.lazy_patterns import LazyPattern, lazy_pattern

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("library_server", "ingest_tools", "storage_config")
    for path in (ROOT / package).rglob("*.py")
    if " lazy_pattern(" in path.read_text("utf-8") and path.name != "lazy_patterns.py"
)


@pytest.mark.parametrize("name", MODULES)
def test_every_pattern_can_be_compiled(name: str) -> None:
    patterns = [value for value in vars(import_module(name)).values() if isinstance(value, LazyPattern)]
    for pattern in patterns:
        re.compile(pattern.pattern, pattern.flags)


def test_a_pattern_is_compiled_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    real = re.compile

    def compile_and_note(pattern: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(pattern)
        return real(pattern, flags)

    monkeypatch.setattr(re, "compile", compile_and_note)
    pattern = lazy_pattern(r"第(\d+)章", re.IGNORECASE)
    assert pattern.pattern == r"第(\d+)章"
    assert compiled == []
    assert [pattern.sub("", text) for text in ("第1章 a", "b")] == [" a", "b"]
    assert pattern.fullmatch("第12章") is not None
    assert compiled == [r"第(\d+)章"]


def test_a_pattern_that_cannot_be_compiled_says_so() -> None:
    with pytest.raises(re.error):
        lazy_pattern("(").match("")


def test_bytes_are_searched_as_well() -> None:
    assert lazy_pattern(rb"\xe0+").findall(b"\xe0\xe0a") == [b"\xe0\xe0"]
