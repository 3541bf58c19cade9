"""The child process that reads a list or a MARC file: one JSON object a row or record out, in order.

Run as `python -m ingest_tools.sources.manifest_worker FILE NAME`; `listed` starts it, bounds it and kills it. FILE is
where the opened file can be read, NAME what it is called without its ending, which is the sheet of a CSV.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pymarc import Record

from ingest_tools.rejections import INTERNAL, RejectedError
from ingest_tools.sources import spreadsheet
from ingest_tools.sources.rows import read_row
from library_server.exchange import marc_files
from library_server.processes.jsonl import LINE_LIMIT

MEMORY_BYTES = 3 << 30
RUN_LIMIT = 1000
_NO_COLUMN = "书名"  # only the title is missed where the list has no column for it


def items(path: Path, name: str) -> Iterator[dict[str, Any]]:
    """Each row of a list or record of a MARC file as JSON values; see `listed.Listed`."""
    with path.open("rb") as reading:
        head = reading.read(32_768)
    if not head.strip(b"\x00\r\n\t "):
        raise RejectedError("empty_file")
    yield from _marc(path) if marc_files.is_marc(head) else _rows(path, name)


def _rows(path: Path, name: str) -> Iterator[dict[str, Any]]:
    seen: dict[str, str] = {}
    last, run = "", 0
    for row in spreadsheet.read(path, name):
        read = read_row(row.given)
        place = f"{row.sheet}!{row.number}"
        said = json.dumps(row.shown, ensure_ascii=False, sort_keys=True)
        known = hashlib.sha256(said.encode()).hexdigest()[:48]
        last, run = known, run + 1 if known == last else 1
        if run > RUN_LIMIT:
            raise RejectedError(
                "too_large", f"{place}: the same row more than {RUN_LIMIT} times, filled down to the end?"
            )
        item: dict[str, Any] = {
            "place": place, "fingerprint": f"row-{known}", "file": read.file, "course": read.course,
            "origin": read.origin, "given": row.shown, "described": read.described.to_json(),
        }  # fmt: skip
        if read.problems:
            item |= {"refused": INTERNAL, "detail": read.failure} if read.failure else {"refused": "bad_cells"}
            item["problems"] = [
                {"sheet": row.sheet, "row": str(row.number), "column": row.columns.get(one["field"], _NO_COLUMN),
                 "value": one["value"], "expected": one["expected"]}
                for one in read.problems
            ]  # fmt: skip
        elif known in seen:
            item |= {"refused": "repeated_row", "detail": seen[known]}
        seen.setdefault(known, place)
        yield item


def _marc(path: Path) -> Iterator[dict[str, Any]]:
    for found in marc_files.read_file(path):
        item: dict[str, Any] = {
            "place": str(found.number),
            "fingerprint": f"marc-{hashlib.sha256(found.raw).hexdigest()[:48]}",
        }
        if found.record is None:
            assert found.error is not None
            yield item | {"refused": found.error.code, "detail": str(found.error)}
            continue
        try:
            yield item | _described(found.record)
        except Exception as error:  # our own bug refuses this record; the file goes on
            yield item | {"refused": INTERNAL, "detail": type(error).__name__}


def _described(record: Record) -> dict[str, Any]:
    described = marc_files.describe(record)
    if not described.title:
        return {"refused": "marc_untitled"}
    source = {"format": marc_files.detect_dialect(record), "body": marc_files.to_json(record)}
    return {"described": described.to_json(), "source": source}


def _line(item: dict[str, Any]) -> str:
    """An item as a line; one longer than is ever read is refused itself, and not the list with it."""
    line = json.dumps(item)
    if len(line) < LINE_LIMIT:
        return line
    return json.dumps({"place": item["place"], "fingerprint": item["fingerprint"], "refused": "too_large"})


def main() -> None:
    """Bound this process, then say all items; the last line says how it ended."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    ended: dict[str, Any] = {"ended": None, "detail": ""}
    try:
        for item in items(Path(sys.argv[1]), sys.argv[2]):
            answers.write(_line(item) + "\n")
            answers.flush()
    except RejectedError as refusal:
        ended = {"ended": refusal.code, "detail": refusal.detail}
    except OSError as error:
        ended = {"ended": "unreadable", "detail": error.strerror or ""}
    except (MemoryError, RecursionError):
        ended = {"ended": "out_of_memory", "detail": ""}
    except Exception as error:  # a parser's own bug on hostile bytes refuses that file, never the batch
        ended = {"ended": "parser_crashed", "detail": f"{type(error).__name__}: {error}"}
    answers.write(json.dumps(ended) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
