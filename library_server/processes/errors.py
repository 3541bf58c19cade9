"""Errors of child processes."""

from __future__ import annotations


class ChildFailed(Exception):
    """A child process gave no usable answer; `code` is `too_slow`, `too_large` or `parser_crashed`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
