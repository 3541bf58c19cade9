"""All pages of the desk, on one blueprint."""

from __future__ import annotations

from library_server.desk import batches, originals, same, storage
from library_server.desk.door import blueprint

__all__ = ["batches", "blueprint", "originals", "same", "storage"]
