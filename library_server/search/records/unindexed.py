"""The records that an index leaves out because they cannot be indexed, stored with its segments, with the reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from library_server.search.records.columns import write_atomic

FILE_NAME = "unindexed.json"


def read_unindexed(folder: Path) -> dict[str, str]:
    """Record ids and reasons; empty where nothing was left out, or where nobody can tell any more."""
    try:
        reasons = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {str(record_id): str(reason) for record_id, reason in reasons.items()} if isinstance(reasons, dict) else {}


def write_unindexed(folder: Path, unindexed: Mapping[str, str]) -> None:
    """Keep the records and reasons, in one step; without any, remove what was kept."""
    if unindexed:
        write_atomic(folder / FILE_NAME, json.dumps(dict(unindexed), ensure_ascii=True).encode())
    else:
        (folder / FILE_NAME).unlink(missing_ok=True)
