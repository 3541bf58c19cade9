"""Errors of storage, each with a stable code and parameters."""

from __future__ import annotations

import errno

from storage_config.messages import CodedError

NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT))


class StorageError(CodedError):
    """Base of every storage failure."""

    code = "storage_failed"


class ObjectNotFound(StorageError):
    """No object of that key is stored."""

    code = "object_missing"


class ObjectDamaged(StorageError):
    """Stored bytes differ from what was given, by size or SHA-256."""

    code = "object_damaged"


class StoreUnusable(StorageError):
    """The store as a whole cannot be used: the next object will fail too, and a later attempt may succeed."""

    code = "storage_unusable"


class StorageFull(StoreUnusable):
    """The disk or the quota has no room for the object."""

    code = "storage_full"


class StorageUnreachable(StoreUnusable):
    """The server did not answer, or not in time, or answered that it is busy; trying again later may help."""

    code = "storage_unreachable"


class StorageFailing(StoreUnusable):
    """The server reports an internal error: its disk may be full or broken (SeaweedFS reports no more than that)."""

    code = "storage_failing"


class InvalidCredentials(StoreUnusable):
    """The server does not know the access key, or the secret key is not its own."""

    code = "credentials_refused"


class AccessDenied(StoreUnusable):
    """The credentials are valid and lack the permission, as read-only ones may not write."""

    code = "access_refused"


class ClockSkewed(StoreUnusable):
    """The clocks of this machine and of the server differ by more than signatures allow (15 minutes)."""

    code = "clock_skewed"


class WrongRegion(StoreUnusable):
    """The bucket belongs to another region than the one that is set."""

    code = "wrong_region"


class BucketNotFound(StoreUnusable):
    """A bucket of the plan is not there."""

    code = "bucket_missing"


class InvalidKey(StorageError):
    """A key that could lead out of the store, or that `keys` does not make."""

    code = "bad_key"


class InvalidSettings(CodedError):
    """A setting is unknown or has a value that is not allowed. The message names both."""

    code = "bad_setting"
