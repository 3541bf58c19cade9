"""The child process that reads a list or a MARC file: `python -m ingest_tools.sources.lists.manifest_worker FILE NAME`.

It streams one result for each row or record, in order. `manifest` starts it and kills it; the protocol is that of
`library_server.processes`. FILE is where the open file can be read, NAME its name without suffix: the sheet of a CSV.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path, PureWindowsPath

from pymarc import Record

from ingest_tools.rejections import INTERNAL, RejectedError
from ingest_tools.sources.lists import spreadsheet
from ingest_tools.sources.lists.cells import cell_text
from ingest_tools.sources.lists.first_rows import FirstRows
from ingest_tools.sources.lists.rows import read_row
from ingest_tools.sources.locator import RowLocator
from library_server.catalogue.normalization.text import fold_name
from library_server.exchange import protocol_answers
from library_server.exchange.marc import marc_files
from library_server.exchange.marc.serializations import marc_json
from library_server.exchange.returned_rows import is_returned, row_content
from library_server.processes.limits import ResourceLimits
from library_server.processes.messages import JsonObject
from library_server.processes.worker import stream_results

LIMITS = ResourceLimits(memory_bytes=3 << 30)
RUN_LIMIT = 1000
MENTIONED_LIMIT, MENTIONED_AT_ONCE, CELL_LIMIT = 200_000, 200, 4096
_SEPARATORS = re.compile(r"[,，;；|、\t\r\n]")
_PASSED_OVER = frozenset(("date", "taken"))  # fields without which the rest of a row may be taken as it is
_NO_COLUMN = "书名"  # the title is the only field that is required although the list has no column for it


def read_items(path: Path, name: str) -> Iterator[JsonObject]:
    """Each row of a list or record of a MARC file as JSON values, see `manifest.manifest_row`."""
    with path.open("rb") as file:
        head = file.read(32_768)
    if not head.strip(b"\x00\r\n\t "):
        raise RejectedError("empty_file")
    if protocol_answers.is_answer(head):
        is_marc = protocol_answers.holds_marc(path)
        yield from _with_missing_rest(path, _read_marc(path) if is_marc else _read_answer(path))
    else:
        yield from _read_marc(path) if marc_files.is_marc(head) else _read_list(path, name)


def _read_list(path: Path, name: str) -> Iterator[JsonObject]:
    mentioned: set[str] = set()
    try:
        yield from _read_rows(path, name, mentioned)
    except RejectedError as refusal:
        if refusal.code == "no_headings":
            yield from _send_mentioned(mentioned)
        raise
    if mentioned:
        yield from _send_mentioned(mentioned)


def _send_mentioned(names: set[str]) -> Iterator[JsonObject]:
    """Yield the names that cells which were not read as rows may give to files, folded, some at a time."""
    yield {"mentioned": []}
    waiting = iter(names)
    while some := list(islice(waiting, MENTIONED_AT_ONCE)):
        yield {"mentioned": some}


def _names_in(cell: str) -> Iterator[str]:
    """Yield the names of files that a cell may hold: as a whole, and between separators."""
    for text in {cell, *_SEPARATORS.split(cell)} if len(cell) <= CELL_LIMIT else ():
        yield fold_name(PureWindowsPath(text.strip().strip('"“”')).name)


def _read_rows(path: Path, name: str, mentioned: set[str]) -> Iterator[JsonObject]:
    """Yield the rows; what a row that is not read may name is added to `mentioned`."""
    first_rows = FirstRows()
    previous, run = b"", 0
    for row in spreadsheet.read(path, name):
        if isinstance(row, spreadsheet.UnreadRow):
            mentioned.update(name for text in row.texts for name in _names_in(text))
            if len(mentioned) > MENTIONED_LIMIT:
                raise RejectedError("too_large", f"> {MENTIONED_LIMIT} cells that are in no row")
            continue
        locator = str(RowLocator(row.number, row.sheet))
        digest = _digest(row_content(row.shown) if is_returned(row.shown) else row.shown)
        previous, run = digest, run + 1 if digest == previous else 1
        if run > RUN_LIMIT:
            raise RejectedError(
                "too_large", f"{locator}: the same row more than {RUN_LIMIT} times, filled down to the end?"
            )
        item = {"sheet": row.sheet, "number": row.number, "fingerprint": f"row-{digest.hex()}", **_row_fields(row)}
        number, sheet = first_rows.first_of(digest, row.number, row.sheet)
        if "refused" not in item and (number, sheet) != (row.number, row.sheet):
            item |= {"refused": "repeated_row", "detail": str(RowLocator(number, sheet))}
        yield item


def _digest(cells: Mapping[str, str] | Sequence[tuple[str, str]]) -> bytes:
    return hashlib.sha256(json.dumps(cells, ensure_ascii=False, sort_keys=True).encode()).digest()[:24]


def _row_fields(row: spreadsheet.SheetRow) -> JsonObject:
    """Return what a row describes, and the cells that could not be read."""
    result = read_row(row.given)
    is_taken = not (result.failure or row.expected or {problem["field"] for problem in result.problems} - _PASSED_OVER)
    unread, result.problems = (result.problems, []) if is_taken else ([], result.problems)
    if row.expected:
        field, cell = next(iter(row.given.items()), ("title", ""))
        result.problems.insert(0, {"field": field, "value": cell_text(cell)[:200], "expected": row.expected})
    fields: JsonObject = {
        "file": result.file, "course": result.course, "origin": result.origin, "given": row.shown,
        "described": result.described.to_json(),
    }  # fmt: skip
    if row.unread:
        fields["unread"] = list(row.unread)
    if result.problems:
        fields |= {"refused": INTERNAL, "detail": result.failure} if result.failure else {"refused": "bad_cells"}
        fields["problems"] = _located(row, result.problems)
    if unread:
        fields["unread_cells"] = _located(row, unread)
    return fields


def _located(row: spreadsheet.SheetRow, problems: Iterable[Mapping[str, str]]) -> list[JsonObject]:
    return [
        {**RowLocator(row.number, row.sheet).to_json(), "column": row.columns.get(problem["field"], _NO_COLUMN),
         "value": problem["value"], "expected": problem["expected"]}
        for problem in problems
    ]  # fmt: skip


def _read_marc(path: Path) -> Iterator[JsonObject]:
    for result in marc_files.read_file(path):
        digest = hashlib.sha256(result.raw).hexdigest()[:48]
        item: JsonObject = {"number": result.number, "fingerprint": f"marc-{digest}"}
        if result.record is None:
            assert result.error is not None
            yield item | {"refused": result.error.code, "detail": str(result.error)}
            continue
        try:
            yield item | _marc_fields(result.record)
        except Exception as error:  # a bug of the library rejects this record alone
            yield item | {"refused": INTERNAL, "detail": type(error).__name__}


def _read_answer(path: Path) -> Iterator[JsonObject]:
    """Yield the records in Dublin Core of an answer of SRU or OAI-PMH. Raises `RejectedError` where it has none."""
    answer = protocol_answers.Answer()
    number = 0
    for record in protocol_answers.read_dublin_core(path, answer):
        number = record.number
        item: JsonObject = {"number": number, "fingerprint": f"dc-{hashlib.sha256(record.raw).hexdigest()[:48]}"}
        yield item | ({"described": record.described.to_json()} if record.described.title else {"refused": "untitled"})
    if not number:
        raise RejectedError("no_records", "；".join(filter(None, answer.diagnostics)))


def _with_missing_rest(path: Path, items: Iterable[JsonObject]) -> Iterator[JsonObject]:
    """Yield the records of an answer and, where it is a part of a list, one that says that the rest is not there."""
    number = 0
    for item in items:
        number = item["number"]
        yield item
    rest = protocol_answers.find_missing_rest(path)
    if rest is not None:
        yield {"number": number + 1, "fingerprint": f"rest-{number}", "refused": "partial_answer", "detail": rest}


def _marc_fields(record: Record) -> JsonObject:
    if not marc_files.is_bibliographic(record):
        return {"refused": "marc_other"}
    described = marc_files.describe(record)
    if not described.title:
        return {"refused": "marc_untitled"}
    source = {"format": marc_files.detect_dialect(record), "body": marc_json.to_json(record)}
    return {"described": described.to_json(), "source": source}


def shorten(item: JsonObject) -> JsonObject:
    """Return an item without its contents: one that is too large is rejected itself, not the list with it.

    Its file and access stay: the file waits for the row.
    """
    identifying: JsonObject = {name: item[name] for name in ("sheet", "number", "fingerprint", "file") if name in item}
    described: JsonObject = item.get("described", {})
    return {**identifying, "refused": "too_large", "described": {"access": described.get("access", "")}}


def main() -> None:
    """Send all items of the file that is named by the arguments."""
    path, name = Path(sys.argv[1]), sys.argv[2]
    stream_results(lambda: read_items(path, name), LIMITS, shorten=shorten)


if __name__ == "__main__":
    main()
