"""The options of a batch of ingest."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

ALL_TASKS = frozenset({"rendition", "ocr"})


@dataclass(frozen=True)
class Options:
    """The options of one batch.

    `collection` (slug or name) and `kind` are for all of it, `manifest` is a list that describes the files, `only`
    the entries to take again, `tasks` the kinds of long work that this library can do. Without `covers`, pictures
    are left to the queue. `actor` is who runs it. `inside` is the only folder that links may lead to, where it is not
    the sources themselves; nothing is taken from the folders in `protected`, which are the library's own.
    """

    collection: str | None = None
    kind: str | None = None
    workers: int = field(default_factory=lambda: os.cpu_count() or 2)
    dry_run: bool = False
    manifest: Path | None = None
    only: frozenset[str] | None = None
    tasks: frozenset[str] = ALL_TASKS
    covers: bool = True
    actor: str = "ingest"
    inside: Path | None = None
    protected: tuple[Path, ...] = ()
