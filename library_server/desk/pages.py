"""All pages of the desk, on one blueprint."""

from __future__ import annotations

from library_server.desk import batches, duplicates, originals, records, storage
from library_server.desk.blueprint import blueprint

__all__ = ["batches", "blueprint", "duplicates", "originals", "records", "storage"]
