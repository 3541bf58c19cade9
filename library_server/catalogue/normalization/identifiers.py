"""Ids of our own, and identifiers of the book trade checked and normalised."""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections.abc import Sequence
from functools import lru_cache

from library_server.catalogue.normalization.text import fold_punctuation

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS, _STEP_BITS = 32, 20
ID_LENGTH = 16
_BOOKLAND = re.compile(r"97[89](?:[ -]?\d){10}")  # the numbers of goods that are books
LONGEST_ISBN = 64  # as written, with `ISBN`, hyphens and spaces
_making = threading.Lock()
# ids are no secrets; asking the system every time would hand the interpreter to another thread
_chance = random.Random()  # noqa: S311
os.register_at_fork(after_in_child=_chance.seed)
_last = 0


def new_id() -> str:
    """Return a new opaque id of 16 characters: 48 bits of time in milliseconds, then 32 random bits.

    Ids sort by the time of their making, in one process even within a millisecond, so that "newest first" needs no
    other column.
    """
    global _last
    with _making:
        value = (time.time_ns() // 1_000_000) << _RANDOM_BITS | _chance.getrandbits(_RANDOM_BITS)
        if value >> _RANDOM_BITS <= _last >> _RANDOM_BITS:
            value = _last + 1 + _chance.getrandbits(_STEP_BITS)
        _last = value
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(75, -1, -5))


def is_own_id(text: str) -> bool:
    """Return whether a text has the form of an id that `new_id` makes."""
    return len(text) == ID_LENGTH and set(text) <= set(_CROCKFORD)


@lru_cache(maxsize=4096)  # asked for again where a row is looked up, compared and written
def normalize_isbn(text: str) -> str | None:
    """ISBN-13 digits of a valid ISBN-10 or ISBN-13 however written; None where the check digit fails."""
    if len(text) > LONGEST_ISBN:
        return None
    from stdnum import isbn as stdnum_isbn  # takes 15 ms, with TLS and more that no ISBN needs
    from stdnum.exceptions import ValidationError

    try:
        return (
            str(stdnum_isbn.to_isbn13(stdnum_isbn.validate(fold_punctuation(text)))).replace("-", "").replace(" ", "")
        )
    except ValidationError:
        return None


def choose_isbn(numbers: Sequence[str]) -> str | None:
    """Return the first number with a right check digit, else the first, as written; None where there is none."""
    return next((number for number in numbers if normalize_isbn(number)), next(iter(numbers), None))


def has_form_of_isbn13(text: str) -> bool:
    """Return whether a text is written as an ISBN-13, whatever its check digit."""
    return _BOOKLAND.fullmatch(text) is not None
