"""Reads an object of an S3 store as a seekable file: one ranged request, repeated from where it broke off."""

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
    """An object of `size` bytes, read from `start`; `response` is the server's, which ends at byte `end`.

    `opener(start, length)` sends another request, after a seek or where a response broke off.
    """

    def __init__(self, key: str, size: int, opener: Opener, *, response: Any, start: int, end: int) -> None:
        super().__init__()
        self._key = key
        self._size = size
        self._opener = opener
        self._response = response
        self._position = start
        self._end = end

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move without a request; the next read requests from there."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        if base + offset != self._position:
            self._release()
            self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as the response goes. Raises `ObjectDamaged` where the server has fewer bytes."""
        until = self._end if self._position < self._end else self._size
        view = memoryview(buffer)[: max(0, until - self._position)]
        filled = 0
        attempts = 0
        while filled < len(view):
            try:
                piece = self._read(len(view) - filled)
            except (HTTPError, OSError) as error:
                self._release()
                attempts += 1
                if attempts == ATTEMPTS:
                    with translate_errors(self._key):
                        raise error
                continue
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._position += len(piece)
        return filled

    def close(self) -> None:
        """Give the connection back."""
        self._release()
        super().close()

    def _read(self, count: int) -> bytes:
        if self._response is not None and self._position == self._end:
            self._release()
        if self._response is None:
            self._end = self._end if self._position < self._end else self._size
            with translate_errors(self._key):
                self._response = self._opener(self._position, self._end - self._position)
        piece: bytes = self._response.read(count)
        if not piece:
            raise ObjectDamaged("object_too_short", what=self._key)
        return piece

    def _release(self) -> None:
        """Give the connection of the response back; where it was not read to its end, close it."""
        response, self._response = self._response, None
        if response is None:
            return
        if self._position < self._end:
            response.close()
        response.release_conn()
