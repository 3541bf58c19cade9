"""Build hook: browser libraries from `node_modules` into the package, CSS and JavaScript bundled, catalogues compiled,
the table of pinyin written.

Run by hatchling for a wheel, and by `make setup` as `python hatch_build.py`.
"""

from __future__ import annotations

import hashlib
import json
import runpy
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
STATIC = ROOT / "library_server/web/static"
VENDOR = STATIC / "vendor"
TRANSLATIONS = ROOT / "library_server/translations"
WANTED = {
    "construct-style-sheets-polyfill": ["LICENSE.md"],
    "core-js": ["LICENSE"],
    "fflate": ["LICENSE"],
    "foliate-js": ["LICENSE"],
    "hls.js": ["dist/hls.light.min.js", "LICENSE"],
    "pdfjs-dist": [
        "cmaps/*",
        "iccs/*",
        "standard_fonts/*",
        "wasm/*",
        "LICENSE",
    ],
}


def copy_browser_libraries() -> None:
    """Copy the files that the pages load; `node_modules` must hold what `package-lock.json` pins."""
    for package, patterns in WANTED.items():
        source, target = ROOT / "node_modules" / package, VENDOR / package
        if not source.is_dir():
            raise SystemExit(f"node_modules/{package} is missing: run `make setup`")
        copied = set()
        for pattern in patterns:
            for file in source.glob(pattern):
                if file.is_file():
                    place = target / file.relative_to(source)
                    if place.parts[-2] == "dist":
                        place = target / place.name
                    copied.add(place)
                    data = file.read_bytes()
                    if not place.is_file() or place.read_bytes() != data:
                        place.parent.mkdir(parents=True, exist_ok=True)
                        place.write_bytes(data)
        for place in target.rglob("*"):
            plain = place.with_suffix("") if place.suffix in {".br", ".gz"} else place
            if place.is_file() and plain not in copied:
                place.unlink()


def build_static_files() -> None:
    """Bundle and minify CSS and JavaScript with `scripts/build-static.mjs`, unless that was done already."""
    if not _is_static_build_current():
        try:
            subprocess.run([ROOT / "scripts/node", ROOT / "scripts/build-static.mjs"], cwd=ROOT, check=True)
        except (OSError, subprocess.CalledProcessError):
            raise SystemExit("the static files could not be built: run `make setup`") from None


def _is_static_build_current() -> bool:
    try:
        manifest = json.loads((STATIC / "dist/manifest.json").read_bytes())
        newest = max(script.stat().st_mtime for script in (ROOT / "scripts").glob("*.mjs"))
        built = newest <= (STATIC / "dist/manifest.json").stat().st_mtime
        return built and all(
            hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == checksum
            for entry in manifest.values()
            for name, checksum in (entry["sources"] | entry["libraries"]).items()
        )
    except FileNotFoundError:
        return False


def compile_catalogues() -> None:
    """Compile every `.po` beside itself, whole at once: a server or a test may load it meanwhile."""
    from babel.messages import mofile, pofile

    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        unfinished = source.with_suffix(".mo.new")
        with source.open("rb") as reading, unfinished.open("wb") as writing:
            mofile.write_mo(writing, pofile.read_po(reading))
        unfinished.replace(source.with_suffix(".mo"))


def write_pinyin_table() -> None:
    """Write the words and readings of pypinyin in the form in which they are loaded."""
    runpy.run_path(str(ROOT / "library_server/search/pinyin_table.py"))["write_table"]()


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:
    pass
else:

    class BrowserLibraries(BuildHookInterface):  # type: ignore[type-arg]
        """Puts what is not committed into the wheel."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Called by hatchling before the wheel is put together."""
            copy_browser_libraries()
            build_static_files()
            compile_catalogues()
            write_pinyin_table()


if __name__ == "__main__":
    copy_browser_libraries()
    build_static_files()
    compile_catalogues()
    write_pinyin_table()
