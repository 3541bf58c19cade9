"""The table of pinyin gives what pypinyin gives, for every word and character that it knows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from library_server.search import pinyin_table
from library_server.search.pinyin import pinyin_keys, sort_key
from library_server.search.pinyin_table import load_pinyin_table

OTHERS = ("abc12", "かな", "的", "\U0002a6e0", "\U0002bf70", "〇", "々")


def _made_up_texts(count: int) -> Iterator[str]:
    chance = random.Random(17)
    words, characters = sorted(PHRASES_DICT), [chr(code) for code in sorted(PINYIN_DICT)]
    for _ in range(count):
        kinds = chance.choices(range(4), k=chance.randint(1, 6))
        yield "".join(
            (chance.choice(words), chance.choice(words)[:3], chance.choice(characters), chance.choice(OTHERS))[kind]
            for kind in kinds
        )


def _of_pypinyin(text: str) -> list[str]:
    return lazy_pinyin(text, errors=lambda run: run)


@pytest.mark.slow
def test_the_words_and_characters_of_pypinyin_read_as_it_reads_them() -> None:
    table = load_pinyin_table()
    texts = [*PHRASES_DICT, *map(chr, PINYIN_DICT), *_made_up_texts(5000)]
    assert [text for text in texts if list(table.split(text)) != _of_pypinyin(text)] == []
    assert max(map(len, PHRASES_DICT)) == pinyin_table.LONGEST_WORD


@pytest.mark.slow
def test_the_table_that_was_built_is_that_of_pypinyin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = load_pinyin_table()
    monkeypatch.setattr(pinyin_table, "TABLE_FILE", tmp_path / "pinyin_table.json")
    assert load_pinyin_table.__wrapped__() == built, "run `python hatch_build.py`"  # there is no file: made of pypinyin
    pinyin_table.write_table()
    assert load_pinyin_table.__wrapped__() == built


def test_titles_are_sorted_and_typed_by_their_syllables() -> None:
    assert sort_key("重庆2天") == "chong qing 2 tian"
    assert "cq" in pinyin_keys("重庆")
    assert "chongqing" in pinyin_keys("重庆")
    assert sort_key("abc 长沙") == "abc chang sha"
