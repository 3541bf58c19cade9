"""Every failure of the S3 SDK and its connections, said as one of ours with a sentence for an operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError

from storage_config.errors import (
    AccessDenied,
    BucketNotFound,
    ClockSkewed,
    InvalidCredentials,
    ObjectDamaged,
    ObjectNotFound,
    StorageError,
    StorageFailing,
    StorageFull,
    StorageUnreachable,
    WrongRegion,
)

_SAID: dict[type[StorageError], str] = {
    ObjectNotFound: "没有这个对象 no such object",
    BucketNotFound: "存储桶不存在：运行 tianyuan storage check --create "
    "the bucket is missing: run tianyuan storage check --create",
    InvalidCredentials: "存储服务不认这对密钥：检查 TIANYUAN_S3_ACCESS_KEY 和 TIANYUAN_S3_SECRET_KEY "
    "the server refuses the credentials: check TIANYUAN_S3_ACCESS_KEY and TIANYUAN_S3_SECRET_KEY",
    AccessDenied: "这对密钥没有这项权限 these credentials may not do this",
    ClockSkewed: "本机与存储服务的时钟相差太多：请校时 "
    "the clocks of this machine and the storage server differ too much: set them right",
    WrongRegion: "存储桶在另一个区域：检查 TIANYUAN_S3_REGION "
    "the bucket is in another region: check TIANYUAN_S3_REGION",
    StorageFull: "存储满了：请腾出空间后再试 the storage is full: make room and run the command again",
    ObjectDamaged: "传送途中内容变了，没有存入 bytes changed on the way and were not stored",
    StorageUnreachable: "存储服务没有应答，请稍后再试 the storage server does not answer: try again later",
    StorageFailing: "存储服务自己出了错，多半是它的磁盘满了或坏了：请看它的日志 "
    "the storage server fails, most likely since its disk is full or broken: see its log",
    StorageError: "存储服务报错 the storage server failed",
}
_CODES: dict[str, type[StorageError]] = {
    "NoSuchKey": ObjectNotFound,
    "NoSuchVersion": ObjectNotFound,
    "NoSuchBucket": BucketNotFound,
    "InvalidAccessKeyId": InvalidCredentials,
    "SignatureDoesNotMatch": InvalidCredentials,
    "InvalidToken": InvalidCredentials,
    "ExpiredToken": InvalidCredentials,
    "AccessDenied": AccessDenied,
    "AllAccessDisabled": AccessDenied,
    "MethodNotAllowed": AccessDenied,
    "RequestTimeTooSkewed": ClockSkewed,
    "AuthorizationHeaderMalformed": WrongRegion,
    "PermanentRedirect": WrongRegion,
    "InvalidRegion": WrongRegion,
    "XMinioStorageFull": StorageFull,
    "XMinioAdminBucketQuotaExceeded": StorageFull,
    "QuotaExceeded": StorageFull,
    "BadDigest": ObjectDamaged,
    "XAmzContentSHA256Mismatch": ObjectDamaged,
    "SlowDown": StorageUnreachable,
    "ServiceUnavailable": StorageUnreachable,
    "InternalError": StorageFailing,
    "RequestTimeout": StorageUnreachable,
}
_STATUS: dict[int, type[StorageError]] = {
    401: InvalidCredentials,
    403: AccessDenied,
    404: ObjectNotFound,
    500: StorageFailing,
    502: StorageUnreachable,
    503: StorageUnreachable,
    504: StorageUnreachable,
    507: StorageFull,
}


@contextmanager
def translate_errors(what: str) -> Iterator[None]:
    """Raises what the SDK raises inside as a `StorageError` that names `what` it was about (a key, a bucket)."""
    try:
        yield
    except (MinioException, HTTPError, ConnectionError, TimeoutError) as error:
        kind = _kind(error)
        raise kind(f"{_SAID[kind]}: {what}{_detail(error)}") from error


def _kind(error: Exception) -> type[StorageError]:
    if isinstance(error, S3Error):
        return _CODES.get(error.code or "", StorageError)
    if isinstance(error, ServerError):
        return _STATUS.get(error.status_code, StorageError)
    if isinstance(error, InvalidResponseError):
        return _STATUS.get(error._code, StorageError)
    return StorageError if isinstance(error, MinioException) else StorageUnreachable


def _detail(error: Exception) -> str:
    said = f"{error.code}: {error.message}" if isinstance(error, S3Error) else str(error)
    return f" ({said[:200]})"
