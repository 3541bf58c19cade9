"""Tokens of search: one apostrophe and one hyphen however they are written, and words in any script."""

from __future__ import annotations

import pytest

from library_server.catalogue.normalization.identifiers import normalize_isbn
from library_server.catalogue.records.fields import match_key
from library_server.search.analysis import index_tokens, normalize, query_tokens
from library_server.search.highlights import mark_matches

APOSTROPHES = ["'", "\u2019", "\u2018", "\uff07", "\u02bc", "\u02bb", "\u02b9", "\u2032", "`", "\u00b4", "\u02bf"]
HYPHENS = ["-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\ufe58", "\ufe63", "\uff0d"]


def key(text: str) -> str | None:
    return match_key({"title": text, "creators": [(text, "author")]})


@pytest.mark.parametrize("sign", APOSTROPHES)
def test_apostrophes_are_one(sign: str) -> None:
    text = f"O{sign}Brien"
    assert normalize(text) == "o'brien"
    assert index_tokens(text) == query_tokens(text) == ["o", "brien"]
    assert key(text) == key("O'Brien") is not None
    pieces = [(fragment.text, fragment.marked) for fragment in mark_matches(text, "O'Brien")]
    assert pieces == [("O", True), (sign, False), ("Brien", True)]


@pytest.mark.parametrize("sign", HYPHENS)
def test_hyphens_are_one(sign: str) -> None:
    text = f"Jean{sign}Paul"
    assert normalize(text) == "jean-paul"
    assert index_tokens(text) == query_tokens(text) == ["jean", "paul"]
    assert key(text) == key("Jean-Paul") is not None
    assert normalize_isbn(sign.join(("978", "0", "306", "40615", "7"))) == "9780306406157"


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Война и мир", "война"), ("Ελληνικά ποιήματα", "ελληνικα"), ("נהר התפוזים", "התפוזים"),
        ("נָהָר הַתַּפּוּזִים", "נהר"), ("ئۇيغۇر خەلق ناخشىلىرى", "خەلق"), ("كِتَاب", "كتاب"), ("བོད་ཀྱི་ལོ་རྒྱུས", "ལོ"),
        ("ᠮᠣᠩᠭᠣᠯ ᠦᠭᠡ", "ᠮᠣᠩᠭᠣᠯ"), ("Łódź w fotografii", "łódź"), ("हिन्दी कहानी", "हिन्दी"), ("渡口 Ферри 的灯", "ферри"),
    ],
)  # fmt: skip
def test_a_word_in_any_script_is_filed_under_what_people_type(title: str, query: str) -> None:
    assert query_tokens(query)
    assert set(query_tokens(query)) <= set(index_tokens(title))


@pytest.mark.parametrize(
    ("text", "tokens"), [("Jazz 1998", ["jazz", "1998"]), ("柑橘 A", ["柑橘", "a"]), ("—！？", [])]
)
def test_tokens_of_chinese_and_english_stay(text: str, tokens: list[str]) -> None:
    assert query_tokens(text) == tokens
