"""Equal rows of a list are found in little memory."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.sources.lists.first_rows import FirstRows

ROWS = 20_000


def digest_of(text: object) -> bytes:
    return hashlib.sha256(str(text).encode()).digest()


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["甲", "乙", None]))))
def test_the_first_of_equal_rows_is_found(rows: list[tuple[int, str | None]]) -> None:
    first_rows, expected = FirstRows(), dict[int, tuple[int, str | None]]()
    for number, (content, sheet) in enumerate(rows, 1):
        expected.setdefault(content, (number, sheet))
        assert first_rows.first_of(digest_of(content), number, sheet) == expected[content]


def test_many_rows_are_kept() -> None:
    first_rows = FirstRows()
    for number in range(1, ROWS + 1):
        assert first_rows.first_of(digest_of(number), number, "表") == (number, "表")
    for number in range(1, ROWS + 1):
        assert first_rows.first_of(digest_of(number), ROWS + number, "表") == (number, "表")
