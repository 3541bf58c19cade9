"""Numbers of copies as people write them."""

from __future__ import annotations

import pytest

from ingest_tools.sources.lists import quantities
from ingest_tools.sources.lists.cells import InvalidCell


@pytest.mark.parametrize(
    ("cell", "copies"),
    [
        ("一", 1), ("两册", 2), ("3册", 3), ("叁", 3), ("叁册", 3), ("３ 本", 3), (3.0, 3), ("3.0", 3), ("十二", 12),
        ("拾贰册", 12), ("一百二十本", 120), ("壹佰零伍", 105), ("共5册", 5),
        ("俩本", 2), ("零", 0), ("一套", 1), ("〇", 0),
        ("两百", 200), ("廿", 20), ("卅二册", 32),
        ("一千二百册", 1200), ("五千本", 5000), ("壹千贰佰", 1200), ("一万二千", 12_000), ("1万", 10_000),
        ("1,200", 1200), ("1，200册", 1200), ("贰册", 2), ("貳冊", 2), ("两函八册", 8), ("一函四册", 4), ("2册1函", 2),
        ("3套9册", 9),
        ("3册(函)", 3), ("3册（套）", 3), ("全二册", 2), ("上下册", 2), ("共3册(上中下)", 3),
        ("1册+1光盘", 1), ("5张光盘", 5), ("约3册", 3), ("3 copies", 3), ("2 vols.", 2), ("3册。", 3), ("2函", 2),
    ],
)  # fmt: skip
def test_counts(cell: object, copies: int) -> None:
    assert quantities.read_copies(cell) == copies


@pytest.mark.parametrize(
    "cell", ["许多", "", "册", "3-5", "二十十", "1234567", "-3", "三点五", "3.5", "第3册", "3册5册", "3+1", "12册/套"]
)
def test_what_is_no_count(cell: object) -> None:
    with pytest.raises(InvalidCell):
        quantities.read_copies(cell)
