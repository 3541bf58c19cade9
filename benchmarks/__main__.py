"""`python -m benchmarks NAME`: runs one promise, or says which there are."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = (
    "search_scale",
    "epub_ingest",
    "large_file",
    "whole_folder",
    "ranges",
    "viewers",
    "kills",
    "many_files",
    "ladder",
    "object_storage",
    "keeping",
    "fault_injection",
)


def main() -> None:
    """Run the benchmarks named on the command line; all of them where none is named."""
    chosen = sys.argv[1:] or list(NAMES)
    unknown = [name for name in chosen if name not in NAMES]
    if unknown:
        raise SystemExit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    for name in chosen:
        print(f"== {name}")
        import_module(f"benchmarks.{name}").run()


if __name__ == "__main__":
    main()
