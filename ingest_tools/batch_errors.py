"""Which errors concern a whole batch, and not the one entry that met them."""

from __future__ import annotations

import errno

from library_server.database.errors import explain_database_error
from storage_config.errors import NO_ROOM, StoreUnusable


def stops_batch(error: BaseException) -> bool:
    """Return whether an error concerns the whole batch: the store or the database is away or full, or we are being
    stopped.
    """
    if isinstance(error, StoreUnusable) or not isinstance(error, Exception):
        return True
    if isinstance(error, OSError):
        return error.errno in NO_ROOM or error.errno == errno.EROFS
    return explain_database_error(error) is not None
