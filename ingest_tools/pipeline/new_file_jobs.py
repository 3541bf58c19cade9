"""Queues the jobs that a new file needs: renditions, OCR, a transcript, pictures that were put off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.merge import PreparedDraft
from ingest_tools.pipeline.results import NewFile, NewVersion
from library_server.catalogue.enums import Kind
from library_server.catalogue.records.commands import NewAsset
from library_server.jobs import queue

_PRIORITY = {queue.REGENERATE_IMAGES: 10, "transcript": queue.WHEN_IDLE, "ocr": queue.WHEN_IDLE - 1}


def enqueue_jobs(session: Session, results: Iterable[NewFile | NewVersion], tasks: Collection[str]) -> None:
    """Queue what files need of `tasks`, the kinds of job that this library does, and pictures that were put off."""
    queue.enqueue_many(session, [job for result in results for job in _list_jobs(result, tasks)])


def _list_jobs(result: NewFile | NewVersion, tasks: Collection[str]) -> Iterator[queue.NewJob]:
    description = result.description
    seconds = (description.duration_ms or 0) / 1000
    needs = {
        "rendition": (_needs_renditions(description), seconds),
        "ocr": (_needs_ocr(description, result.prepared_draft), float(description.extent or 1)),
        "transcript": (_needs_transcript(description, result.derived), seconds),
        queue.REGENERATE_IMAGES: (description.pictures_put_off, 1.0),
    }
    for task, (is_needed, amount) in needs.items():
        if is_needed and (task in tasks or task == queue.REGENERATE_IMAGES):
            yield queue.NewJob(task, result.record_id, _PRIORITY.get(task, 0), amount)


def _needs_renditions(description: Description) -> bool:
    return description.format == "video" or (description.format == "audio" and not description.details.plays)


def _needs_ocr(description: Description, prepared_draft: PreparedDraft) -> bool:
    """Return whether a file is a scan, a photo that looks like a page, or a picture that the librarian calls a book."""
    is_page = description.format == "photo" and prepared_draft.draft.kind == Kind.BOOK
    return is_page or bool(description.details.needs_ocr)


def _needs_transcript(description: Description, derived: Sequence[NewAsset]) -> bool:
    media = description.details.media
    has_text = any(asset.role == "subtitle" for asset in derived) or bool(media.subtitles)
    return description.format in {"video", "audio"} and bool(media.audio) and not has_text
