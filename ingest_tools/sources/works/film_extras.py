"""Files that become no record and go with none, since they belong to a film next to them: reports name them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest_tools.rejections import FILM_EXTRA, FILM_EXTRA_REASON
from ingest_tools.sources.folder import str_path
from ingest_tools.sources.main_files import is_film, without_extras_folders
from ingest_tools.sources.names import is_system_file, is_system_folder
from ingest_tools.sources.naming.extras import find_extras
from ingest_tools.sources.source_files import SourceRoots


def list_skipped_files(sources: Sequence[Path], roots: SourceRoots) -> Iterator[Path]:
    """Yield the trailers, samples and extras of films below the sources, those in folders for them too."""
    for source in sources:
        for place, folders, names in os.walk(source):
            if roots.is_protected(Path(place)):
                folders.clear()
                continue
            folders[:] = sorted(name for name in folders if not is_system_folder(name))
            files = [Path(place) / name for name in sorted(names) if not is_system_file(name)]
            kept = without_extras_folders(Path(place), folders, names)
            films = [path for path in files if is_film(path)]
            yield from sorted(set(find_extras(films, files))) if films else ()
            for name in folders:
                if name not in kept:
                    yield from _list_files(Path(place) / name)
            folders[:] = kept


def describe_skipped(paths: Sequence[Path]) -> list[dict[str, str]]:
    """Return such files under the keys of reports."""
    return [{"path": str_path(path), "code": FILM_EXTRA, "reason": FILM_EXTRA_REASON} for path in paths]


def _list_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_system_folder(name))
        yield from (Path(place) / name for name in sorted(names) if not is_system_file(name))
