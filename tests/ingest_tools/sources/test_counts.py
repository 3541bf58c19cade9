"""Numbers of copies as people write them."""

from __future__ import annotations

import pytest

from ingest_tools.sources.lists import cells
from ingest_tools.sources.lists.cells import InvalidCell


@pytest.mark.parametrize(
    ("cell", "copies"),
    [
        ("一", 1), ("两册", 2), ("3册", 3), ("叁", 3), ("叁册", 3), ("３ 本", 3), (3.0, 3), ("3.0", 3), ("十二", 12),
        ("拾贰册", 12), ("一百二十本", 120), ("壹佰零伍", 105), ("共5册", 5),
        ("俩本", 2), ("零", 0), ("一套", 1), ("〇", 0),
        ("两百", 200), ("廿", 20), ("卅二册", 32),
    ],
)  # fmt: skip
def test_counts(cell: object, copies: int) -> None:
    assert cells.read_copies(cell) == copies


@pytest.mark.parametrize("cell", ["许多", "", "册", "3-5", "二十十", "1234567", "-3", "三点五", "3.5", "五千本"])
def test_what_is_no_count(cell: object) -> None:
    with pytest.raises(InvalidCell):
        cells.read_copies(cell)
