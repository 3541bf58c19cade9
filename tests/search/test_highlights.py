"""Which characters of a text are marked, and which piece of a long one is shown."""

from __future__ import annotations

import pytest

from library_server.search.highlights import Fragment, make_snippet, mark_matches


def pieces(fragments: tuple[Fragment, ...]) -> list[tuple[str, bool]]:
    return [(fragment.text, fragment.marked) for fragment in fragments]


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("柑橘栽培", "橘", [("柑", False), ("橘", True), ("栽培", False)]),
        ("柑橘柑橘", "柑橘", [("柑橘柑橘", True)]),
        ("橘柑橘", "柑橘", [("橘", False), ("柑橘", True)]),
        ("柑柑柑", "柑柑", [("柑柑柑", True)]),
        ("果園ＡＢ", "果园 ab", [("果園ＡＢ", True)]),
        ("Growing citrus", "CITRUS", [("Growing ", False), ("citrus", True)]),
        ("柑橘", "水稻", [("柑橘", False)]),
        ("柑橘", "", [("柑橘", False)]),
        ("", "柑橘", []),
    ],
)
def test_matches_are_marked(text: str, words: str, marked: list[tuple[str, bool]]) -> None:
    assert pieces(mark_matches(text, words)) == marked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("一" * 30 + "果园" + "二" * 99, [("……" + "一" * 24, False), ("果园", True), ("二" * 64 + "……", False)]),
        ("一" * 24 + "果园" + "二" * 64, [("一" * 24, False), ("果园", True), ("二" * 64, False)]),
        ("果园" + "二" * 88, [("果园", True), ("二" * 88, False)]),
        ("果园" + "二" * 89, [("果园", True), ("二" * 88 + "……", False)]),
        ("一" * 4998 + "果园", [("……" + "一" * 24, False), ("果园", True)]),
        ("一" * 4999 + "果园", []),
    ],
)
def test_a_snippet_stands_around_the_first_match(text: str, shown: list[tuple[str, bool]]) -> None:
    assert pieces(make_snippet(text, "果园")) == shown
