"""The child process that reads foreign bytes: one JSON request a line in, one JSON answer a line out.

Run as `python -m ingest_tools.parser_worker`; `parsing` starts it, bounds it and kills it.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ingest_tools.description import Derived, Description
from ingest_tools.formats import pictures
from ingest_tools.formats.detection import detect_format
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError

MEMORY_BYTES = 3 << 30
FILE_BYTES = 1 << 30
_COVERED = ("epub", "pdf", "media")
_MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True)
class InputFile:
    """A file: where it is opened, and what it is called."""

    opened: Path
    named: Path


def describe(source: InputFile, out: Path, joined: Sequence[InputFile], *, covers: bool = True) -> Description:
    """Recognise a file and describe it, with the subtitles and the cover that lie beside it.

    Without `covers`, pictures that take long and can wait are not made: those of books and films.
    """
    suffix = source.named.suffix.lower()
    found = detect_format(source.opened, suffix)
    if found == "text" and suffix in _MARKDOWN:
        found = "story"
    reader: Any = import_module(f"ingest_tools.formats.{found}")  # a child reads few formats, and waits for no other's
    more = {"covers": covers} if found in _COVERED else {}
    described: Description = reader.describe(source.opened, out, **more)
    for beside in joined:
        _join(described, source, beside, out)
    return described


def _join(described: Description, source: InputFile, beside: InputFile, out: Path) -> None:
    from ingest_tools.formats import subtitle

    if beside.named.suffix.lower() in subtitle.SUFFIXES:
        language = subtitle.language_of(beside.named, source.named.stem) or "zh"
        file = f"subtitle-{len(described.derived)}.vtt"
        cues = subtitle.to_vtt(beside.opened, out / file)
        described.derived.append(Derived("subtitle", language, "text/vtt", file, language))
        if not any(one.role == "text" for one in described.derived):
            described.derived.append(write_passages(cues, out))
        return
    made, size = pictures.make_sizes(beside.opened, out, screen=described.kind in {"story", "person"})
    described.derived = [one for one in described.derived if one.role not in {"cover", "thumbnail"}] + made
    described.details["cover"] = {name: size[name] for name in ("width", "height", "color")}


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    source, *joined = [
        InputFile(Path(opened), Path(named)) for opened, named in (request["source"], *request["joined"])
    ]
    try:
        out = Path(request["out"])
        found = describe(source, out, joined, covers=request["covers"])
        for one in found.derived:
            with (out / one.file).open("rb") as reading:
                one.sha256 = hashlib.file_digest(reading, "sha256").hexdigest()
        return {"description": found.to_json()}
    except RejectedError as refusal:
        return {"refused": refusal.code, "detail": refusal.detail}
    except OSError as error:  # of the disk where the system says so; else of a library that met broken bytes
        detail = error.strerror or str(error)
        return {"refused": "unreadable" if error.errno else "damaged", "detail": detail, "errno": error.errno}
    except (MemoryError, RecursionError):
        return {"refused": "out_of_memory", "detail": ""}
    except Exception as error:  # a parser's own bug on hostile bytes refuses that file, never the batch
        return {"refused": "parser_crashed", "detail": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Bound this process, then answer until the parent closes the pipe."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
