"""The words and readings of pypinyin as a table without tones, loaded in a tenth of pypinyin's time and memory.

`hatch_build.py` writes the table into `TABLE_FILE`. Where that was not done, it is made of pypinyin when it is first
needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLE_FILE = Path(__file__).with_name("pinyin_table.json")
LONGEST_WORD = 10  # characters of the longest word of pypinyin


@dataclass(frozen=True)
class PinyinTable:
    """Readings of characters, the words, and the readings of words that differ from those of their characters.

    `runs` matches what has readings in its first group, and what has none. `undivided` are beginnings of words that
    are read by their characters at the end of a run, although there are words within them.
    """

    runs: re.Pattern[str]
    readings: dict[str, str]
    words: frozenset[str]
    exceptions: dict[str, list[str]]
    undivided: frozenset[str]

    def split(self, text: str) -> Iterator[str]:
        """Yield the syllables of a text, and what is not Chinese in whole runs."""
        for run in self.runs.finditer(text):
            if run[1] is None:
                yield run[0]
                continue
            for word in self._split_words(run[1]):
                yield from self.exceptions.get(word) or (self.readings.get(character, character) for character in word)

    def _split_words(self, text: str) -> Iterator[str]:
        """Yield the longest word from each place on, or a character where no word begins."""
        start = 0
        while start < len(text):
            longest = text[start : start + LONGEST_WORD]
            while len(longest) > 1 and longest not in self.words:
                longest = longest[:-1]
            if len(longest) == 1 and text[start:] in self.undivided:
                yield from text[start:]
                return
            yield longest
            start += len(longest)


@cache  # 16 MB, which only who indexes needs
def load_pinyin_table() -> PinyinTable:
    """Return the table of `TABLE_FILE`, or of pypinyin where there is no such file."""
    table = json.loads(TABLE_FILE.read_bytes()) if TABLE_FILE.exists() else make_table()
    readings: dict[str, str] = {}
    for syllable, characters in table["readings"].items():
        readings |= dict.fromkeys(characters, syllable)
    return PinyinTable(
        runs=re.compile(f"((?:{table['characters']})+)|(?:(?!{table['characters']}).)+", re.DOTALL),
        readings=readings,
        words=frozenset(table["words"].split(" ")),
        exceptions={word: syllables.split(" ") for word, syllables in table["exceptions"].items()},
        undivided=frozenset(table["undivided"].split(" ")),
    )


def make_table() -> dict[str, Any]:
    """Return what `TABLE_FILE` holds, made of pypinyin."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT, RE_HANS, Style
    from pypinyin.converter import DefaultConverter

    @cache
    def without_tone(syllable: str) -> str:
        return str(DefaultConverter().convert_style("", syllable, Style.NORMAL, strict=True))

    of_character = {chr(code): without_tone(PINYIN_DICT[code].partition(",")[0]) for code in sorted(PINYIN_DICT)}
    readings: dict[str, str] = {}
    for character, syllable in of_character.items():
        readings[syllable] = readings.get(syllable, "") + character
    words = {word: [without_tone(alternatives[0]) for alternatives in PHRASES_DICT[word]]
             for word in sorted(PHRASES_DICT)}  # fmt: skip
    exceptions = {
        word: " ".join(syllables)
        for word, syllables in words.items()
        if syllables != [of_character.get(character) for character in word]
    }
    characters = RE_HANS.pattern.removeprefix("^(?:").removesuffix(")+$")
    return {
        "characters": characters,
        "readings": readings,
        "words": " ".join(words),
        "exceptions": exceptions,
        "undivided": " ".join(sorted(_find_undivided(words))),
    }


def _find_undivided(words: Mapping[str, object]) -> set[str]:
    """Return the beginnings of words with which no word begins, and within which there is one."""
    return {
        beginning
        for word in words
        for beginning in (word[:end] for end in range(3, len(word)))
        if not any(beginning[:end] in words for end in range(2, len(beginning) + 1))
        and any(
            beginning[start:end] in words
            for start in range(1, len(beginning))
            for end in range(start + 2, len(beginning) + 1)
        )
    }


def write_table() -> None:
    """Write `TABLE_FILE`, in one step: it may be in use."""
    unfinished = TABLE_FILE.with_suffix(".part")
    unfinished.write_text(json.dumps(make_table(), ensure_ascii=False), encoding="utf-8")
    unfinished.replace(TABLE_FILE)
