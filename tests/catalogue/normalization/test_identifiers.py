"""Ids of our own: their form, their order, and the time in them; how long an ISBN may be as it is written."""

from __future__ import annotations

import time

import pytest

from library_server.catalogue.normalization.identifiers import is_own_id, new_id, normalize_isbn

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def milliseconds_of(own_id: str) -> int:
    number = 0
    for character in own_id:
        number = number * 32 + DIGITS.index(character)
    return number >> 32


def test_an_id_holds_the_time_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    new = new_id()
    assert is_own_id(new)
    assert 0 <= milliseconds_of(new) - before < 60_000


def test_ids_of_one_millisecond_and_of_a_clock_that_goes_back_ascend(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    ids = []
    for moment in (now, now - 3_600_000_000_000):
        monkeypatch.setattr(time, "time_ns", lambda moment=moment: moment)
        ids += [new_id() for _ in range(500)]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize(
    "text", ["", "0" * 15, "0" * 17, "0" * 15 + "i", "0" * 15 + "l", "0" * 15 + "o", "0" * 15 + "u", "A" + "0" * 15]
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_own_id(text)


def test_an_isbn_may_have_64_characters() -> None:
    assert normalize_isbn("978-0-306-40615-7" + " " * 47) == "9780306406157"
    assert normalize_isbn("978-0-306-40615-7" + " " * 48) is None
