"""Errors of child processes, each with a stable code."""

from __future__ import annotations

from enum import StrEnum


class FailureCode(StrEnum):
    """Why a child gave no result. A worker may answer with further codes of its own, see `ReportedError`."""

    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    CRASHED = "parser_crashed"
    OUT_OF_MEMORY = "out_of_memory"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"


class ReportedError(Exception):
    """Base of errors that a worker reports to its parent as they are, by `code` and `detail`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class ChildFailed(Exception):
    """Base of what goes wrong with a child process; `code` is stable."""

    code: str = FailureCode.CRASHED.value  # a plain str: database drivers have their own ways with enums


class ChildTimedOut(ChildFailed):
    """The child did not take a request or gave no answer in time."""

    code = FailureCode.TOO_SLOW.value


class MessageTooLarge(ChildFailed):
    """A line is longer than `messages.LINE_LIMIT`."""

    code = FailureCode.TOO_LARGE.value


class ChildCrashed(ChildFailed):
    """The child ended without an answer, or what it sent is not a message."""

    code = FailureCode.CRASHED.value


class WorkerFailed(ChildFailed):
    """The worker itself answered that it failed; `errno` is set where the operating system reported an error."""

    def __init__(self, code: str, detail: str = "", errno: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errno = errno
