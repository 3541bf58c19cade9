"""A store on an S3 server, by the `minio` SDK: MinIO's forks, SeaweedFS, Ceph RGW, any that speaks S3.

A put is acknowledged when the server's ETag agrees with what was sent; where a server makes ETags of its own
kind, the object is read back and its SHA-256 compared. Until a multipart put is completed nothing is visible.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from minio.commonconfig import CopySource
from minio.error import S3Error

from storage_config.errors import ObjectDamaged, ObjectNotFound
from storage_config.fixity.throttling import UNLIMITED, RateLimiter
from storage_config.keys import LISTED, TRASH, original_key, validate_key
from storage_config.s3 import checksums
from storage_config.s3.checksums import PART, FileChecksums
from storage_config.s3.client import S3Client
from storage_config.s3.errors import translate_errors
from storage_config.s3.reader import S3Reader
from storage_config.s3.upload import try_upload, upload_bytes, upload_parts
from storage_config.settings import StorageSettings
from storage_config.stores.base import Digest, StoredObject

CHUNK = 1 << 20
CHECKED_FROM = 1 << 20
COMMAND_RETRIES, PAGE_RETRIES = 9, 2


class S3Store:
    """Objects in four buckets: `<prefix>-originals`, `-derivatives`, `-trash`, and `<prefix>-staging` for the rest.

    `patient` waits half a minute for a server that is away, as a command should; a page should not. `rate_limiter`
    limits the bytes a second that are put.
    """

    def __init__(
        self, settings: StorageSettings, *, patient: bool = True, rate_limiter: RateLimiter = UNLIMITED
    ) -> None:
        self._client = S3Client(settings, COMMAND_RETRIES if patient else PAGE_RETRIES, rate_limiter)
        self._prefix = settings.s3_bucket_prefix

    def put_original(self, source: Path, *, durable: bool = True) -> Digest:
        """Hash, then send; the key is the hash. See `ObjectStore.put_original`."""
        if source.stat().st_size <= PART:
            data = memoryview(source.read_bytes())
            sums = checksums.checksum_bytes(data)
            self._put_once(original_key(sums.sha256), data, sums)
        else:
            sums = checksums.checksum_file(source)
            key = original_key(sums.sha256)
            if not self._has(key, sums.size):
                self._put_file(key, source, sums)
        return Digest(sums.sha256, sums.size)

    def put_file(self, key: str, source: Path) -> StoredObject:
        """Send a file of ours and delete it here."""
        sums = checksums.checksum_file(source)
        if sums.multipart:
            self._put_file(key, source, sums)
        else:
            self._put(key, memoryview(source.read_bytes()), sums)
        source.unlink()
        return self.head_object(key)

    def put_bytes(self, key: str, data: bytes) -> StoredObject:
        """Store `data` under `key`."""
        self._put(key, memoryview(data), checksums.checksum_bytes(data))
        return self.head_object(key)

    def try_put(self, key: str, data: bytes) -> None:
        """Send a part of an upload that is never completed: that takes room in the bucket, and no right to delete."""
        bucket, name = self._bucket_and_name(key)
        with translate_errors(bucket):
            try_upload(self._client, bucket, name, data)

    def flush(self) -> None:
        """Nothing to do: an S3 server confirms a put when the object is durable."""

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """Request these bytes; see `ObjectStore.open`."""
        bucket, name = self._bucket_and_name(key)

        def opener(start: int, length: int) -> Any:
            return self._client.get_minio().get_object(bucket, name, offset=start, length=length)

        with translate_errors(key):
            try:
                response = opener(start, length or 0)
            except S3Error as error:
                if error.code != "InvalidRange":
                    raise
                response = None  # nothing is there from `start` on
        if response is None:
            size = end = self.head_object(key).size
        else:
            size, end = _size_and_end(response)
        reader = S3Reader(key, size, opener, response=response, start=start, end=end)
        return io.BufferedReader(reader, CHUNK)

    def head_object(self, key: str) -> StoredObject:
        """Size and time of the object."""
        bucket, name = self._bucket_and_name(key)
        with translate_errors(key):
            stored = self._client.get_minio().stat_object(bucket, name)
        return _stored_object(key, stored)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Pages of 1,000 names as the server gives them."""
        for folder in (*LISTED, TRASH):
            if prefix.startswith(folder) or (folder != TRASH and folder.startswith(prefix)):
                with translate_errors(prefix or self._bucket_name(folder)):
                    for stored in self._client.get_minio().list_objects(
                        self._bucket_name(folder), prefix=prefix[len(folder) :], recursive=True
                    ):
                        yield _stored_object(f"{folder}{stored.object_name}", stored)

    def copy(self, key: str, target: str) -> StoredObject:
        """Copy within the server."""
        (bucket, name), (target_bucket, target_name) = self._bucket_and_name(key), self._bucket_and_name(target)
        with translate_errors(key):
            self._client.get_minio().copy_object(target_bucket, target_name, CopySource(bucket, name))
        return self.head_object(target)

    def move(self, key: str, target: str) -> StoredObject:
        """Copy within the server, compare the lengths, then remove."""
        size = self.head_object(key).size
        copied = self.copy(key, target)
        if copied.size != size:
            raise ObjectDamaged("copy_length_differs", what=key)
        self.delete(key)
        return copied

    def delete(self, key: str) -> None:
        """Remove the object; where the bucket keeps versions, hide it."""
        bucket, name = self._bucket_and_name(key)
        with translate_errors(key):
            self._client.get_minio().remove_object(bucket, name)

    def clear_staging(self) -> int:
        """0: the server removes unfinished uploads by a rule of the bucket (`plan_buckets`)."""
        return 0

    def local_path(self, key: str) -> Path | None:
        """None: the bytes are not on this machine."""
        validate_key(key)
        return None

    def presigned_url(self, key: str, seconds: int, media_type: str, disposition: str | None = None) -> str | None:
        """Return a signed address on the S3 server."""
        bucket, name = self._bucket_and_name(key)
        headers = {"response-content-type": media_type}
        if disposition:
            headers["response-content-disposition"] = disposition
        with translate_errors(key):
            return self._client.get_minio().get_presigned_url(
                "GET", bucket, name, expires=timedelta(seconds=seconds), extra_query_params={**headers}
            )

    def _has(self, key: str, size: int) -> bool:
        try:
            return self.head_object(key).size == size
        except ObjectNotFound:
            return False

    def _put_once(self, key: str, data: memoryview, sums: FileChecksums) -> None:
        """Put under the hash of the bytes, unless they are stored; a small object is sent without asking first."""
        if len(data) < CHECKED_FROM:
            self._put(key, data, sums)
            return
        try:
            self._put(key, data, sums, new=True)
        except _KeyExists:
            if not self._has(key, sums.size):
                self._put(key, data, sums)

    def _put(self, key: str, data: memoryview, sums: FileChecksums, *, new: bool = False) -> None:
        bucket, name = self._bucket_and_name(key)
        with translate_errors(key):
            try:
                etag = upload_bytes(self._client, bucket, name, data, sums, new=new)
            except S3Error as error:
                if new and error.code == "PreconditionFailed":
                    raise _KeyExists from error
                raise
        self._confirm(key, etag, sums)

    def _put_file(self, key: str, source: Path, sums: FileChecksums) -> None:
        bucket, name = self._bucket_and_name(key)
        with translate_errors(key):
            etag = upload_parts(self._client, bucket, name, source, sums)
        self._confirm(key, etag, sums)

    def _confirm(self, key: str, etag: str, sums: FileChecksums) -> None:
        if etag == sums.etag:
            return
        with self.open(key) as stored:
            sha256 = hashlib.file_digest(stored, "sha256").hexdigest()  # type: ignore[arg-type]
        if sha256 != sums.sha256:
            self.delete(key)
            raise ObjectDamaged("stored_bytes_differ", what=key)

    def _bucket_and_name(self, key: str) -> tuple[str, str]:
        """Return the bucket of a key and the name in it."""
        validate_key(key)
        for folder in (*LISTED, TRASH):
            if key.startswith(folder):
                return self._bucket_name(folder), key[len(folder) :]
        return f"{self._prefix}-staging", key

    def _bucket_name(self, folder: str) -> str:
        return f"{self._prefix}-{folder.rstrip('/')}"


class _KeyExists(Exception):
    """The key exists already."""


def _stored_object(key: str, stored: Any) -> StoredObject:
    return StoredObject(key, stored.size or 0, stored.last_modified.timestamp() if stored.last_modified else 0.0)


def _size_and_end(response: Any) -> tuple[int, int]:
    """Return bytes of the whole object, and where this response ends, from its headers."""
    ranged = response.headers.get("content-range")  # bytes 0-99/1000
    if not ranged:
        size = int(response.headers["content-length"])
        return size, size
    span, _, size = ranged.removeprefix("bytes ").partition("/")
    return int(size), int(span.partition("-")[2]) + 1
