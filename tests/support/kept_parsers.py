"""Parsers whose children go on to the next test: starting one costs as much as reading a hundred files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from ingest_tools.parser_pool import Parser

_kept: list[KeptParser] = []


class KeptParser(Parser):
    """A parser that an ingest ends with leaves open."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.close()


@contextmanager
def borrowed_parsers(count: int) -> Iterator[list[KeptParser]]:
    """Parsers for one ingest. They are closed where it fails: its threads may still use them."""
    parsers = [_kept.pop() if _kept else KeptParser() for _ in range(count)]
    try:
        yield parsers
    except BaseException:
        for parser in parsers:
            parser.close()
        raise
    _kept.extend(parsers)


def close_parsers() -> None:
    """Let the children end."""
    while _kept:
        _kept.pop().close()
