"""Class numbers of the 中国图书馆分类法: which letters begin one, how it is written, and how long it may be."""

from __future__ import annotations

import pytest

from library_server.catalogue.normalization.classification import main_class, normalize_class


@pytest.mark.parametrize("letter", "ABCDEFGHIJKNOPQRSTUVXZ")
def test_letters_that_begin_a_class_number(letter: str) -> None:
    assert normalize_class(f"{letter.lower()}66") == f"{letter}66"
    assert main_class(f"{letter}66") == letter


@pytest.mark.parametrize("letter", "LMWY")
def test_letters_that_begin_none(letter: str) -> None:
    assert normalize_class(f"{letter}66") is None
    assert main_class(f"{letter}66") is None


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("S" + "6" * 63, "S" + "6" * 63),
        ("S" + "6" * 64, None),
        (" " * 64 + "S" + "6" * 63, "S" + "6" * 63),
        (" " * 65 + "S" + "6" * 63, None),
        ("Ｓ６６６．１", "S666.1"),
        ("TP3/1", "TP3/1"),
        ("S 666", None),
        ("TPX", "TPX"),
        ("", None),
    ],
)
def test_class_numbers_as_they_are_written(written: str, number: str | None) -> None:
    assert normalize_class(written) == number


def test_an_empty_class_number_has_no_main_class() -> None:
    assert (main_class(None), main_class("")) == (None, None)
