"""Sends bytes to an S3 server and returns when the server has confirmed that it holds exactly these.

Each piece goes out with Content-MD5, which the server checks before it stores; the ETag it answers with must
be the one that the checksums predict. Until the upload is completed nothing is visible; one that fails is
aborted, and the parts that a killed process leaves are removed by a lifecycle rule of the bucket.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from minio.datatypes import Part
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from storage_config.errors import ObjectDamaged
from storage_config.s3.checksums import FileChecksums, checksum_bytes
from storage_config.s3.client import S3Client
from storage_config.s3.errors import translate_errors

PARALLEL_PARTS = 2
ATTEMPTS = 3
_TYPE = {"Content-Type": "application/octet-stream"}


def upload_bytes(client: S3Client, bucket: str, name: str, data: memoryview, sums: FileChecksums, *, new: bool) -> str:
    """Put bytes in one request; returns the ETag. `new` raises `S3Error` PreconditionFailed if the key exists."""
    headers = {**_TYPE, "Content-MD5": sums.content_md5(0), **({"If-None-Match": "*"} if new else {})}
    return client.send(bucket, name, data, headers)


def try_upload(client: S3Client, bucket: str, name: str, data: bytes) -> None:
    """Send bytes as the part of an upload, and abort it."""
    upload = client.get_minio()._create_multipart_upload(bucket, name, dict(_TYPE))
    try:
        headers = {"Content-MD5": checksum_bytes(memoryview(data)).content_md5(0)}
        client.send(bucket, name, memoryview(data), headers, {"partNumber": "1", "uploadId": upload})
    finally:
        with suppress(MinioException, HTTPError):
            client.get_minio()._abort_multipart_upload(bucket, name, upload)


def upload_parts(client: S3Client, bucket: str, name: str, source: Path, sums: FileChecksums) -> str:
    """Put a file in parallel parts; returns the ETag of the whole."""
    descriptor = os.open(source, os.O_RDONLY)
    try:
        upload = client.get_minio()._create_multipart_upload(bucket, name, dict(_TYPE))
        try:
            parts = _Parts(client, bucket, name, upload, descriptor, sums).send()
            return _complete(client, bucket, name, upload, parts)
        except BaseException:
            with suppress(MinioException, HTTPError):
                client.get_minio()._abort_multipart_upload(bucket, name, upload)
            raise
    finally:
        os.close(descriptor)


class _Parts:
    """The parts of one upload; each thread reads and sends with one buffer."""

    def __init__(
        self, client: S3Client, bucket: str, name: str, upload: str, descriptor: int, sums: FileChecksums
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._name = name
        self._upload = upload
        self._descriptor = descriptor
        self._sums = sums
        self._thread_local = threading.local()
        self._stopped = threading.Event()

    def send(self) -> list[Part]:
        """Send all parts; returns them in order. The first failure stops the others."""
        with ThreadPoolExecutor(PARALLEL_PARTS) as pool:
            sending = [pool.submit(self._send, part) for part in range(len(self._sums.md5s))]
            try:
                done, _ = wait(sending, return_when=FIRST_EXCEPTION)
            finally:
                self._stopped.set()
                pool.shutdown(wait=True, cancel_futures=True)
            for part in done:
                part.result()
            return [part.result() for part in sending]

    def _send(self, part: int) -> Part:
        headers = {"Content-MD5": self._sums.content_md5(part)}
        query = {"partNumber": str(part + 1), "uploadId": self._upload}
        for attempt in range(ATTEMPTS):
            if self._stopped.is_set():
                break
            try:
                with translate_errors(self._name):
                    return Part(part + 1, self._client.send(self._bucket, self._name, self._read(part), headers, query))
            except ObjectDamaged:
                if attempt + 1 == ATTEMPTS:
                    raise
        raise ObjectDamaged("sending_stopped", what=self._name)

    def _read(self, part: int) -> memoryview:
        if not hasattr(self._thread_local, "buffer"):
            self._thread_local.buffer = bytearray(self._sums.part_size)
        start = part * self._sums.part_size
        view = memoryview(self._thread_local.buffer)[: min(self._sums.part_size, self._sums.size - start)]
        filled = 0
        while filled < len(view):
            count = os.preadv(self._descriptor, [view[filled:]], start + filled)
            if not count:
                raise ObjectDamaged("source_became_shorter", what=self._name)
            filled += count
        return view


def _complete(client: S3Client, bucket: str, name: str, upload: str, parts: list[Part]) -> str:
    """Complete the upload; where its response was lost and the request repeated, the ETag is that of the object."""
    try:
        etag = client.get_minio()._complete_multipart_upload(bucket, name, upload, parts).etag
    except S3Error as error:
        if error.code != "NoSuchUpload":
            raise
        etag = client.get_minio().stat_object(bucket, name).etag
    return (etag or "").strip('"').lower()
