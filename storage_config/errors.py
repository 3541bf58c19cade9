"""What can go wrong with stored bytes, each with a stable code and a sentence for a librarian."""

from __future__ import annotations


class StorageError(Exception):
    """Base of every storage failure. `code` is stable; the message is for people."""

    code = "storage_failed"


class ObjectMissing(StorageError):
    """No object of that key is stored."""

    code = "object_missing"


class ObjectDamaged(StorageError):
    """Stored bytes differ from what was given, by size or SHA-256."""

    code = "object_damaged"


class StorageFull(StorageError):
    """The disk or the quota has no room for the object."""

    code = "storage_full"


class BadKey(StorageError):
    """A key that could leave the store, or that no rule of the layout makes."""

    code = "bad_key"


class BadSettings(Exception):
    """A setting is unknown or has a value that is not allowed. The message names both."""

    code = "bad_setting"
