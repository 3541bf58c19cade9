"""What the build of the static files wrote, and whether it is newer than the sources.

`scripts/build-static.mjs` bundles and minifies `static/*.css` and `static/*.js` into `static/dist` under names that
contain a hash, and writes `static/dist/manifest.json`. Where there is no build, or a source was edited since, the
sources are served as they are.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = "dist"
_HASHED = re.compile(r"dist/(?P<stem>.+)-[A-Z0-9]{8}(?P<suffix>\.\w+)\Z")


@dataclass(frozen=True)
class StaticBuild:
    """The built files of one folder of static files: `site.css` -> `dist/site-4Q3ZJ7WD.css`."""

    built: dict[str, str]

    def is_built(self, filename: str) -> bool:
        """Return whether a name is that of a built file, so that its content never changes."""
        return filename in self.built.values()

    def find_current(self, filename: str) -> str | None:
        """Return the built file for a source's name, or for the name that an earlier build gave it."""
        earlier = _HASHED.match(filename)
        return self.built.get(f"{earlier['stem']}{earlier['suffix']}" if earlier else filename)


def read_build(static: Path) -> StaticBuild:
    """Read the manifest below a folder of static files; entries with edited sources are left out."""
    try:
        manifest = json.loads((static / FOLDER / "manifest.json").read_bytes())
    except FileNotFoundError:
        return StaticBuild({})
    return StaticBuild(
        {
            name: f"{FOLDER}/{entry['file']}"
            for name, entry in manifest.items()
            if (static / FOLDER / entry["file"]).is_file() and _is_current(static, entry["sources"])
        }
    )


def _is_current(static: Path, sources: dict[str, str]) -> bool:
    try:
        return all(hashlib.sha256((static / name).read_bytes()).hexdigest() == mark for name, mark in sources.items())
    except FileNotFoundError:
        return False
