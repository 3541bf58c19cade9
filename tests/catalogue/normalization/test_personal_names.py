"""What may be a name where nothing says that it is one."""

from __future__ import annotations

import pytest

from library_server.catalogue.normalization.personal_names import is_chinese_person, is_name


@pytest.mark.parametrize(
    ("text", "in_words", "alone"),
    [
        ("周望水", True, True),
        ("[清]曹雪芹", True, True),
        ("青木 修", True, True),
        ("Jane Miller", True, True),
        ("Ludwig van Beethoven", True, True),
        ("Miller, Jane", True, True),
        ("Miller", False, True),
        ("growing citrus", False, False),
        ("2001 edition", False, False),
        ("水", False, False),
        ("周望水" * 7, False, False),
        ("修订版", False, False),
        ("全文", False, False),
        ("Final Version", False, False),
        ("Chapter One", False, False),
        ("", False, False),
    ],
)
def test_which_texts_are_names(text: str, in_words: bool, alone: bool) -> None:
    assert is_name(text, one_word=False) is in_words
    assert is_name(text, one_word=True) is alone


@pytest.mark.parametrize(
    ("text", "is_person"),
    [
        ("周望水", True), ("鲁迅", True), ("欧阳修", True), ("司马相如", True), ("欧阳", False), ("老街一段", False),
        ("脚注", False), ("王小二说", False), ("周", False), ("Jane", False), ("", False),
    ],
)  # fmt: skip
def test_which_words_may_be_chinese_persons(text: str, is_person: bool) -> None:
    assert is_chinese_person(text) is is_person
