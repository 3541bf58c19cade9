"""The task `ocr`: scanned pages to passages, and to a PDF that can be searched.

Pages are read one by one in a child process of low priority, and each is written to a file when it is done, so that a
job that died continues at the next page. A page that kills the child is skipped after a second attempt.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest_tools.derive.job_inputs import TRANSIENT, fetch_original, job_error, load_record, refuse_replaced
from ingest_tools.derive.ocr_page import FAILED_PAGE, OcrPage
from ingest_tools.derived_files import store_derived
from ingest_tools.description import Derived
from ingest_tools.passage_file import write_passages
from library_server.catalogue.details import OcrSummary, RecordDetails
from library_server.catalogue.enums import READING_COPY
from library_server.catalogue.passages.serialization import Passage
from library_server.catalogue.records import commands
from library_server.jobs.queue import JobView
from library_server.jobs.registry import JobContext
from library_server.jobs.worker import JobFailed, Task
from library_server.processes.child import ChildProcess
from library_server.processes.errors import ChildFailed

SECONDS_PER_PAGE = 180.0
LOW_CONFIDENCE = 0.85
ATTEMPTS_PER_PAGE = 2
LABEL = "ocr"
WORKER = "ingest_tools.derive.ocr_worker"


def ocr_task(context: JobContext) -> Task:
    """Return the task `ocr` over a library."""
    database, store, scratch = context.database, context.store, context.scratch

    def run(job: JobView, progress: Callable[[float], None]) -> None:
        record, original = load_record(job, database)
        folder = scratch / f"ocr-{original.sha256}"
        folder.mkdir(exist_ok=True)
        read = next((asset for asset in record.assets_of("rendition") if asset.label == READING_COPY), original)
        source = store.local_path(read.key) or fetch_original(store, read, folder)
        count = record.extent if read.media_type == "application/pdf" and record.extent else 1
        pages = read_pages(source, folder / "pages.jsonl", lambda done: progress(min(0.95, done / max(count, 1))))
        passages = [Passage("page", str(number), f"第 {number} 页", page.text)
                    for number, page in enumerate(pages, 1) if page.text]  # fmt: skip
        derived_files = [write_passages(passages, folder)]
        if read.media_type == "application/pdf" and passages:
            from ingest_tools.derive.text_layer import write_text_layer  # its library comes with the optional extra

            write_text_layer(source, pages, folder / "searchable.pdf")
            derived_files.append(Derived("rendition", LABEL, "application/pdf", "searchable.pdf"))
        assets = [store_derived(store, record.id, folder, derived) for derived in derived_files]
        store.flush()
        with database.writing() as session:
            refuse_replaced(session, record.id, original, folder)
            for asset in assets:
                commands.replace_asset(session, record.id, asset, machine_made=True)
            commands.update_details(session, record.id, RecordDetails(ocr=summarize(pages), needs_ocr=False))
            commands.enqueue_reindex(session, record.id)
        shutil.rmtree(folder, ignore_errors=True)

    return run


def read_pages(source: Path, pages_file: Path, progress: Callable[[int], None]) -> list[OcrPage]:
    """Return every page of a file; those in `pages_file` are not read again.

    Raises `JobFailed` where the file cannot be read, `JobAttemptFailed` where the engine cannot be started.
    """
    done = _read_before(pages_file)
    attempts: Counter[int] = Counter()
    while True:
        attempts[len(done)] += 1
        if attempts[len(done)] > ATTEMPTS_PER_PAGE:
            _save_page(pages_file, done, FAILED_PAGE)
        try:
            _read_on(source, pages_file, done, progress)
        except ChildFailed as failure:
            if failure.code not in TRANSIENT:
                raise JobFailed(failure.code) from failure
        else:
            return done


def summarize(pages: Sequence[OcrPage]) -> OcrSummary:
    """Pages read, mean confidence of all characters, and the pages to look at: unsure or not read at all."""
    weights = [(len(line.text), line.confidence) for page in pages for line in page.lines]
    total = sum(count for count, _ in weights)
    unsure = [number for number, page in enumerate(pages, 1) if page.failed or page.confidence < LOW_CONFIDENCE]
    mean = sum(count * confidence for count, confidence in weights) / total if total else 0.0
    return OcrSummary(pages=len(pages), confidence=round(mean, 3), unsure=tuple(unsure[:500]))


def _read_on(source: Path, pages_file: Path, done: list[OcrPage], progress: Callable[[int], None]) -> None:
    """Read the pages after those that are done. Raises `ChildFailed` where a page cannot be read.

    Raises `JobFailed` where the file cannot be opened, and `JobAttemptFailed` where the engine cannot be started:
    then every page would fail.
    """
    with ChildProcess(WORKER, str(source), str(len(done)), takes_requests=False) as child:
        results = child.read_results(SECONDS_PER_PAGE)
        try:
            next(results)  # the number of pages, sent when the file is open
        except ChildFailed as failure:
            raise job_error(failure.code, failure.code) from failure
        for page in results:
            _save_page(pages_file, done, OcrPage.from_json(page))
            progress(len(done))


def _read_before(pages_file: Path) -> list[OcrPage]:
    """Return the pages that an earlier job wrote; an incomplete last line is dropped."""
    if not pages_file.exists():
        return []
    pages = []
    for line in pages_file.read_text(encoding="utf-8").split("\n"):
        try:
            pages.append(OcrPage.from_json(json.loads(line)))
        except ValueError:
            break
    pages_file.write_text("".join(map(_json_line, pages)), encoding="utf-8")
    return pages


def _save_page(pages_file: Path, done: list[OcrPage], page: OcrPage) -> None:
    with pages_file.open("a", encoding="utf-8") as file:
        file.write(_json_line(page))
    done.append(page)


def _json_line(page: OcrPage) -> str:
    return json.dumps(page.to_json()) + "\n"
