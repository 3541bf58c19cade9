"""Checksums of a file before it is sent: the SHA-256 that names it and the MD5s that confirm the upload.

Not every server checks the SHA-256 that a signature carries (SeaweedFS 4.48 stores a body that differs);
every one checks Content-MD5 and answers with an ETag made of MD5s. Both sums are taken in one pass of two
threads, so that what the server confirms is exactly what the SHA-256 was taken of.
"""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage_config.errors import ObjectDamaged

PART = 16 << 20
MOST_PARTS = 10_000
BUFFER = 1 << 18


@dataclass(frozen=True)
class FileChecksums:
    """SHA-256 in lower-case hex, bytes, and the MD5 of each part of `part_size` bytes (at least one)."""

    sha256: str
    size: int
    part_size: int
    md5s: tuple[bytes, ...]

    @property
    def multipart(self) -> bool:
        """Whether it is sent as a multipart upload."""
        return len(self.md5s) > 1

    @property
    def etag(self) -> str:
        """The ETag of these bytes on AWS S3 and on servers that compute it in the same way."""
        if not self.multipart:
            return self.md5s[0].hex()
        return f"{hashlib.md5(b''.join(self.md5s), usedforsecurity=False).hexdigest()}-{len(self.md5s)}"

    def content_md5(self, part: int) -> str:
        """Return the header Content-MD5 of a part, counted from 0."""
        return base64.b64encode(self.md5s[part]).decode()


def checksum_bytes(data: bytes | memoryview) -> FileChecksums:
    """Return the checksums of bytes in memory, sent in one request."""
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    return FileChecksums(hashlib.sha256(data).hexdigest(), len(data), max(len(data), 1), (md5,))


def checksum_file(path: Path) -> FileChecksums:
    """Return the checksums of a file. Raises `OSError`, or `ObjectDamaged` where the file becomes shorter meanwhile."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        return _ChecksumPass(descriptor, size, max(PART, -(-size // MOST_PARTS)), str(path)).run()
    finally:
        os.close(descriptor)


class _ChecksumPass:
    """One pass over an open file: one thread computes the SHA-256, then both the MD5s of the remaining parts."""

    def __init__(self, descriptor: int, size: int, part_size: int, name: str) -> None:
        self._descriptor = descriptor
        self._size = size
        self._part_size = part_size
        self._name = name
        self._md5s = [b""] * max(1, -(-size // part_size))
        self._remaining = iter(range(len(self._md5s)))
        self._lock = threading.Lock()
        self._errors: list[BaseException] = []

    def run(self) -> FileChecksums:
        second_thread = threading.Thread(target=self._run_second_thread, daemon=True)
        second_thread.start()
        try:
            whole = hashlib.sha256()
            for piece in self._read_pieces(0, self._size):
                whole.update(piece)
            self._sum_parts()
        finally:
            second_thread.join()
        for error in self._errors:
            raise error
        return FileChecksums(whole.hexdigest(), self._size, self._part_size, tuple(self._md5s))

    def _run_second_thread(self) -> None:
        try:
            self._sum_parts()
        except (OSError, ObjectDamaged) as error:
            self._errors.append(error)

    def _sum_parts(self) -> None:
        while (part := self._next_part()) is not None:
            md5 = hashlib.md5(usedforsecurity=False)
            start = part * self._part_size
            for piece in self._read_pieces(start, min(self._size, start + self._part_size)):
                md5.update(piece)
            self._md5s[part] = md5.digest()

    def _next_part(self) -> int | None:
        with self._lock:
            return next(self._remaining, None)

    def _read_pieces(self, start: int, end: int) -> Iterator[memoryview]:
        view = memoryview(bytearray(BUFFER))
        while start < end:
            count = os.preadv(self._descriptor, [view[: min(BUFFER, end - start)]], start)
            if not count:
                raise ObjectDamaged("source_became_shorter", what=self._name)
            yield view[:count]
            start += count
