"""Class numbers of the 中国图书馆分类法: which letters begin one, how it is written, and how long it may be."""

from __future__ import annotations

import pytest

from library_server.catalogue.normalization.classification import main_class, normalize_class, split_classes


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


@pytest.mark.parametrize(
    "term",
    [
        "I247.5", "K826.2=7", "TS972.1", "TP312", "ｉ２４７．５", "B84-49", "G4-0", "K892.464", "D922.29-62",
        "H319.4:I561.4", "K826.2=76", "CLC S666", "中图分类号：S666", "中图法 I2", "分类号：K1", "clc:TS972.1",
    ],
)  # fmt: skip
def test_a_class_number_among_subjects_is_one(term: str) -> None:
    assert split_classes(["园艺", term])[1] == ["园艺"]


@pytest.mark.parametrize(
    "term",
    [
        "C919", "G20", "H5N1", "B2B", "K12", "A4", "F-16", "V1.0", "O2O", "TFBOYS", "U2", "S666", "X86", "CLC 会议",
        "L247.5", "T568.1", "P2P-5", "I", "I247.5 长篇小说", "B-52", "TD-LTE", "HTML5", "",
    ],
)  # fmt: skip
def test_other_terms_of_letters_and_digits_are_subjects(term: str) -> None:
    assert split_classes(["园艺", term]) == ([], ["园艺", term])


def test_numbers_without_a_point_count_next_to_one_of_their_main_class() -> None:
    assert split_classes(["I247", "C919", "I247.5"]) == (["I247.5", "I247"], ["C919"])
    assert split_classes(["S666"], ["S6"]) == (["S6", "S666"], [])
