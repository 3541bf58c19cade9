"""Build hook: browser libraries from `node_modules` into the package, gettext catalogues compiled.

Run by hatchling for a wheel, and by `make setup` as `python hatch_build.py`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
VENDOR = ROOT / "library_server/web/static/vendor"
TRANSLATIONS = ROOT / "library_server/web/translations"
WANTED = {
    "foliate-js": ["*.js", "vendor/*", "ui/*", "LICENSE"],
    "hls.js": ["dist/hls.light.min.js", "LICENSE"],
    "pdfjs-dist": [
        "legacy/build/pdf.min.mjs",
        "legacy/build/pdf.worker.min.mjs",
        "cmaps/*",
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
        shutil.rmtree(target, ignore_errors=True)
        for pattern in patterns:
            for file in source.glob(pattern):
                if file.is_file():
                    place = target / file.relative_to(source)
                    if place.parts[-2] == "dist":
                        place = target / place.name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, place)


def compile_catalogues() -> None:
    """Compile every `.po` beside itself."""
    from babel.messages import mofile, pofile

    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as reading, source.with_suffix(".mo").open("wb") as writing:
            mofile.write_mo(writing, pofile.read_po(reading))


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
            compile_catalogues()


if __name__ == "__main__":
    copy_browser_libraries()
    compile_catalogues()
