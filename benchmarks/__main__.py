"""`python -m benchmarks NAME`: runs one promise, or says which there are."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = (
    "search_scale",
    "home_page",
    "epub_ingest",
    "large_file",
    "whole_folder",
    "ranges",
    "viewers",
    "kills",
    "many_files",
    "catalogue_rows",
    "ladder",
    "object_storage",
    "keeping",
    "backups",
    "reading_engines",
    "lighthouse",
)
SOAK_NAMES = ("fault_injection",)


def main() -> None:
    """Run the benchmarks named on the command line; where none is named, all but those of `make soak`."""
    chosen = sys.argv[1:] or list(NAMES)
    known = (*NAMES, *SOAK_NAMES)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise SystemExit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(known)}")
    for name in chosen:
        print(f"== {name}")
        import_module(f"benchmarks.{name}").run()


if __name__ == "__main__":
    main()
