"""Words found in a kept text: across lines and pieces, in whatever width, traditional or simplified."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library_server.catalogue.passages.fragments import PassageFragment
from library_server.reader import text_search
from library_server.reader.text_search import FoundPlaces, find_in_pieces


def find(words: str, *texts: str) -> FoundPlaces:
    pieces = [PassageFragment(index, str(index + 1), f"第 {index + 1} 页", text) for index, text in enumerate(texts)]
    return find_in_pieces(pieces, words)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("柑橘栽培", "讲柑橘\n栽培的书"), ("柑橘", "柑 橘"), ("ABC１", "ａｂｃ1"), ("abc 1", "ABC1"),
        ("汉字", "漢字"), ("漢字", "汉字"), ("“好”", "“好”"), ("ﬁre", "fire"),
    ],
)  # fmt: skip
def test_one_form_finds_the_others(words: str, text: str) -> None:
    [place] = find(words, "别的", text).places
    assert (place.value, place.label, place.count) == ("2", "第 2 页", 1)


def test_what_was_found_is_quoted_and_given_as_it_is_written() -> None:
    found = find("柑橘", "前面的字。柑\n橘好吃，柑橘好看。")
    [place] = found.places
    assert (place.count, place.before, place.match, place.after) == (2, "前面的字。", "柑 橘", "好吃，柑橘好看。")
    assert found.forms == ("柑\n橘", "柑橘")


def test_nothing_is_found_by_no_words() -> None:
    assert find("  \n", "有字").places == ()


@given(text=st.text("柑橘x", max_size=60), at=st.integers(0, 60))
def test_pieces_of_a_passage_have_as_many_places_as_the_whole(text: str, at: int) -> None:
    whole = find("柑橘", text).places
    halves = [PassageFragment(0, "1", "", text[:at]), PassageFragment(0, "1", "", text[at:])]
    parts = find_in_pieces(halves, "柑橘").places
    assert sum(place.count for place in parts) == sum(place.count for place in whole) == text.count("柑橘")


def test_a_passage_of_many_pieces_is_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_search, "PLACES_LIMIT", 2)
    pieces = [PassageFragment(number // 3, str(number // 3 + 1), "", "字") for number in range(9)]
    found = find_in_pieces(pieces, "字")
    assert [(place.value, place.count) for place in found.places] == [("1", 3), ("2", 3)]
    assert not found.is_complete


def test_a_search_ends_at_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_search, "PLACES_LIMIT", 3)
    found = find("字", *["字"] * 5)
    assert (len(found.places), found.is_complete) == (3, False)
    monkeypatch.setattr(text_search, "SECONDS", -1.0)
    assert not find("字", "字").is_complete
