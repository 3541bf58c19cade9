"""Starts modules of the library with its own interpreter: the same code, and nothing from the working directory.

Without `-P` Python looks for modules in the working directory first, which may be the drive with the files to be read:
a folder `library_server` there would be run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def module_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of the library; it needs `module_environment`."""
    return [sys.executable, "-P", "-m", module, *arguments]


def module_environment() -> dict[str, str]:
    """Return the environment of this process, by which a child imports the same code as it does."""
    if _ROOT.name in {"site-packages", "dist-packages"}:
        return dict(os.environ)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))}
