"""Errors of the S3 SDK and of its connections, translated into those of `storage_config.errors`."""

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
    """Raise the errors of the SDK in this block as a `StorageError`; `what` is the key or bucket of the request."""
    try:
        yield
    except (MinioException, HTTPError, ConnectionError, TimeoutError) as error:
        kind = _classify(error)
        reason = "changed_on_the_way" if kind is ObjectDamaged else None
        raise kind(reason, what=what, detail=_format_detail(error)) from error


def _classify(error: Exception) -> type[StorageError]:
    if isinstance(error, S3Error):
        return _CODES.get(error.code or "", StorageError)
    if isinstance(error, ServerError):
        return _STATUS.get(error.status_code, StorageError)
    if isinstance(error, InvalidResponseError):
        return _STATUS.get(error._code, StorageError)
    return StorageError if isinstance(error, MinioException) else StorageUnreachable


def _format_detail(error: Exception) -> str:
    detail = f"{error.code}: {error.message}" if isinstance(error, S3Error) else str(error)
    return detail[:200]
