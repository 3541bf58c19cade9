"""The job handlers, registered by import string and imported by the worker that runs them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from library_server.database.engine import Database
from library_server.jobs.queue import REGENERATE_IMAGES
from library_server.jobs.worker import Task
from library_server.lazy_imports import import_string
from storage_config.stores.base import ObjectStore

HANDLERS = {
    "rendition": "ingest_tools.derive.renditions:rendition_task",
    REGENERATE_IMAGES: "ingest_tools.derive.regenerate_images:regenerate_images_task",
    "ocr": "ingest_tools.derive.ocr:ocr_task",
    "transcript": "ingest_tools.derive.transcripts:transcript_task",
}


@dataclass(frozen=True)
class JobContext:
    """What a job handler works on: `scratch` is a folder for work in progress, `threads` are for each ffmpeg.

    `transcribe_command` is the setting `TIANYUAN_TRANSCRIBE_COMMAND`.
    """

    database: Database
    store: ObjectStore
    scratch: Path
    threads: int = 1
    transcribe_command: str | None = None


def load_handlers(context: JobContext) -> Mapping[str, Task]:
    """Return every task by its name, over one library. What a task needs is imported when it is first done."""
    return {name: _import_later(path, context) for name, path in HANDLERS.items()}


def _import_later(path: str, context: JobContext) -> Task:
    @cache
    def load() -> Task:
        return cast(Callable[[JobContext], Task], import_string(path))(context)

    return lambda job, progress: load()(job, progress)


def available_tasks(transcribe_command: str | None) -> frozenset[str]:
    """Return the tasks that can be queued here: OCR where it is installed, transcripts where a command is set."""
    names = {"rendition"}
    if importlib.util.find_spec("rapidocr") and importlib.util.find_spec("onnxruntime"):
        names.add("ocr")
    if transcribe_command:
        names.add("transcript")
    return frozenset(names)
