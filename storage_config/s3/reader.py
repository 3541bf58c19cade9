"""Reads an object of an S3 store as a seekable file: one ranged request, said again where it broke off."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from urllib3.exceptions import HTTPError

from storage_config.errors import ObjectDamaged
from storage_config.s3.errors import translate_errors

ATTEMPTS = 4
Opener = Callable[[int, int], Any]


class S3Reader(io.RawIOBase):
    """An object of `size` bytes, read from `start`; `answer` is the server's, which ends at byte `end`.

    `opener(start, length)` asks again, after a seek or where the answer broke off.
    """

    def __init__(self, key: str, size: int, opener: Opener, *, answer: Any, start: int, end: int) -> None:
        super().__init__()
        self._key = key
        self._size = size
        self._opener = opener
        self._answer = answer
        self._position = start
        self._end = end

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move without asking the server; the next read asks from there."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        if base + offset != self._position:
            self._let_go()
            self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as the answer goes. Raises `ObjectDamaged` where the server has fewer bytes."""
        until = self._end if self._position < self._end else self._size
        view = memoryview(buffer)[: max(0, until - self._position)]
        filled = 0
        failed = 0
        while filled < len(view):
            try:
                piece = self._read(len(view) - filled)
            except (HTTPError, OSError) as error:
                self._let_go()
                failed += 1
                if failed == ATTEMPTS:
                    with translate_errors(self._key):
                        raise error
                continue
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._position += len(piece)
        return filled

    def close(self) -> None:
        """Give the connection back."""
        self._let_go()
        super().close()

    def _read(self, count: int) -> bytes:
        if self._answer is not None and self._position == self._end:
            self._let_go()
        if self._answer is None:
            self._end = self._end if self._position < self._end else self._size
            with translate_errors(self._key):
                self._answer = self._opener(self._position, self._end - self._position)
        piece: bytes = self._answer.read(count)
        if not piece:
            raise ObjectDamaged("object_too_short", what=self._key)
        return piece

    def _let_go(self) -> None:
        """An answer read to its end gives its connection back; one cut short closes it."""
        answer, self._answer = self._answer, None
        if answer is None:
            return
        if self._position < self._end:
            answer.close()
        answer.release_conn()
