"""Names with an apostrophe are one name, whichever sign was typed; a record is no pair with itself."""

from __future__ import annotations

import pytest

from library_server.catalogue.records import duplicates, fields
from library_server.library import Library
from library_server.search import analysis

NAMES = ["O'Brien", "O’Brien", "O‘Brien", "O＇Brien", "OʼBrien", "O′Brien", "OʻBrien"]


@pytest.mark.parametrize("name", NAMES)
def test_one_name_in_search_and_in_duplicates(name: str) -> None:
    values = {"kind": "book", "title": f"{name}'s Book", "creators": [(name, "author")]}
    plain = {"kind": "book", "title": "O'Brien's Book", "creators": [("O'Brien", "author")]}
    assert fields.match_key(values) == fields.match_key(plain)
    assert analysis.normalize(name) == "o'brien"
    assert analysis.query_tokens(name) == analysis.index_tokens("O'Brien")


def test_a_record_is_no_pair_with_itself(library: Library) -> None:
    with (
        library.database.writing() as session,
        pytest.raises(duplicates.PairRefused, match="same record"),
    ):
        duplicates.save_decision(session, "a", "a", duplicates.Decision.DISTINCT, "")
