"""Converts a document to PDF or OpenDocument by LibreOffice, which runs as a separate program, where it is installed.

Each document has a profile of its own, in which macros do not run and links to other files are not followed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ingest_tools.rejections import RejectedError
from library_server.processes.converters import ConverterFailed, find_program, run_converter
from library_server.processes.errors import ChildTimedOut
from library_server.processes.limits import ResourceLimits

SECONDS = 100  # less than a parser has for any file, whatever its name
INPUT_LIMIT = 1 << 29
LIMITS = ResourceLimits(memory_bytes=3 << 30, output_bytes=1 << 30)
PACKAGES = "LibreOffice: libreoffice-writer libreoffice-impress libreoffice-calc"
_SCRIPTING, _UPDATE, _RECALCULATION = "Common/Security/Scripting", "{}/Content/Update", "Calc/Formula/Load"
# (path below org.openoffice.Office, property, value)
_SETTINGS = (
    (_SCRIPTING, "MacroSecurityLevel", "3"),  # very high
    (_SCRIPTING, "DisableMacrosExecution", "true"),
    (_SCRIPTING, "DisableActiveContent", "true"),
    (_SCRIPTING, "BlockUntrustedRefererLinks", "true"),
    (_UPDATE.format("Writer"), "Link", "2"),  # never
    (_UPDATE.format("Calc"), "Link", "2"),
    (_RECALCULATION, "OOXMLRecalcMode", "1"),  # never
    (_RECALCULATION, "ODFRecalcMode", "1"),
    ("Common/Misc", "FirstRun", "false"),
)


def convert(source: Path, suffix: str, target: Path, seconds: int = SECONDS) -> None:
    """Convert a document, whose kind the suffix tells, to that of the suffix of `target`, in so many seconds.

    Raises `RejectedError`, for the program missing as well.
    """
    program = find_program("soffice", "libreoffice")
    if program is None:
        raise RejectedError("program_missing", PACKAGES)
    if source.stat().st_size > INPUT_LIMIT:
        raise RejectedError("too_large")
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        folder, form = Path(work), target.suffix[1:]
        # a copy: it has the suffix, and a name that no program stumbles over
        shutil.copyfile(source, folder / f"document{suffix}")
        command = [program, f"-env:UserInstallation={_make_profile(folder).as_uri()}", "--headless", "--norestore",
                   "--nologo", "--nolockcheck", "--convert-to", form, "--outdir", work,
                   str(folder / f"document{suffix}")]  # fmt: skip
        try:
            run_converter(command, seconds, LIMITS, folder)
            (folder / f"document.{form}").rename(target)
        except ChildTimedOut as error:
            raise RejectedError("too_slow", "LibreOffice") from error
        except ConverterFailed as error:
            raise RejectedError("damaged", f"LibreOffice: {error}") from error
        except FileNotFoundError as error:  # it ends as if all were well
            raise RejectedError("damaged", "LibreOffice") from error


def _make_profile(folder: Path) -> Path:
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    items = "".join(
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>',
        "utf-8",
    )
    return profile
