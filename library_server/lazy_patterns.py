"""Regular expressions that are compiled when they are first used, as those of Django are.

Compiling what dates, names and labels may look like takes a tenth of a second, and a command uses few of the patterns.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, Generic, cast

_METHODS = ("match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")


def lazy_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern that is compiled when it is first used, and raises `re.error` then."""
    return cast(re.Pattern[AnyStr], LazyPattern(pattern, flags))


class LazyPattern(Generic[AnyStr]):
    """Has the methods of a compiled pattern from the first use on: a later call is as fast as one of `re.Pattern`."""

    def __init__(self, pattern: AnyStr, flags: int) -> None:
        self.pattern: AnyStr = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)
