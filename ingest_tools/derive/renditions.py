"""The task `rendition`: the ladder of a film, its sound, its seek pictures and the subtitles inside it.

Finished rungs are stored one by one; work in progress lies in a folder named after the original, so that a job that
died goes on after the last finished rung and does not encode again what ffmpeg had completed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ingest_tools.derive import encoding, ladder
from ingest_tools.derive.encoding import Encoding
from ingest_tools.derive.job_inputs import fetch_original, job_error, load_record, refuse_replaced
from ingest_tools.derived_files import store_derived
from ingest_tools.description import Derived
from ingest_tools.formats.audiovisual import media, streams, subtitle
from ingest_tools.formats.audiovisual.subtitles.names import languages_of_track
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import RecordDetails, SubtitleTrack
from library_server.catalogue.dto import RecordView
from library_server.catalogue.records import commands
from library_server.jobs.queue import JobView
from library_server.jobs.registry import JobContext
from library_server.jobs.worker import Task

FINISHED, KEPT = "finished", "kept-"
SEEK_PICTURES = 360


def rendition_task(context: JobContext) -> Task:
    """Return the task `rendition` over a library."""
    database, store, scratch = context.database, context.store, context.scratch
    threads = context.threads

    def run(job: JobView, progress: Callable[[float], None]) -> None:
        record, original = load_record(job, database)
        folder = scratch / f"renditions-{original.sha256}"
        folder.mkdir(exist_ok=True)
        source = store.local_path(original.key) or fetch_original(store, original, folder)
        task = _plan_encoding(record, source, threads)
        if not (folder / FINISHED).exists():
            task = _encode(task, folder, progress)
            (folder / FINISHED).touch()
        for second_link in folder.glob(f"{KEPT}*"):
            second_link.rename(folder / second_link.name.removeprefix(KEPT))
        for derived in _list_outputs(task, folder, has_text=bool(record.assets_of("text"))):
            if not (folder / derived.file).exists():
                continue  # stored before the job died
            second_link = folder / f"{KEPT}{derived.file}"  # the store takes the file away before its row is committed
            second_link.hardlink_to(folder / derived.file)
            new = store_derived(store, record.id, folder, derived)
            store.flush()
            with database.writing() as session:
                refuse_replaced(session, record.id, original, folder)
                commands.replace_asset(session, record.id, new)
            second_link.unlink()
        with database.writing() as session:
            refuse_replaced(session, record.id, original, folder)
            commands.update_details(session, record.id, RecordDetails(media=task.media))
        shutil.rmtree(folder, ignore_errors=True)

    return run


def _plan_encoding(record: RecordView, source: Path, threads: int) -> Encoding:
    """Return what is still to be made of a record; what it has already is left out."""
    try:
        probed = media.probe(source)
    except RejectedError as refusal:
        raise job_error(refusal.code, str(refusal)) from refusal
    technical = streams.read_media(probed)
    has = {asset.label for asset in record.assets_of("rendition")}
    plays = streams.is_playable(probed)
    rungs = [rung for rung in ladder.choose_rungs(technical, plays=plays) if rung.name not in has]
    seconds = (record.duration_ms or 0) // 1000
    return Encoding(
        source, technical, rungs, record.duration_ms or 0, every=max(2, -(-seconds // SEEK_PICTURES)), threads=threads,
        sound="audio" not in has, sprite="sprites" not in has,
    )  # fmt: skip


def _encode(task: Encoding, folder: Path, progress: Callable[[float], None]) -> Encoding:
    for left in folder.iterdir():
        if left != task.source:
            left.unlink()
    if not (task.rungs or task.sound or task.sprite):
        return task
    gain = encoding.measure_gain(task.source, task.media, task.duration_ms)
    task = replace(task, gain=gain)
    encoding.encode(task, folder, progress)
    return task


def _list_outputs(task: Encoding, folder: Path, *, has_text: bool) -> Iterator[Derived]:
    """Yield the files to store, sound first: with it and the source a film can be heard level at once."""
    if task.sound and task.tracks:
        yield Derived("rendition", "audio", "audio/mp4", "audio.m4a")
    for rung in reversed(task.rungs):
        yield Derived("rendition", rung.name, "video/mp4", f"{rung.name}.mp4")
    sheets = sorted(folder.glob("sprite-*.jpg"))
    for sheet in sheets:
        yield Derived("rendition", sheet.name, "image/jpeg", sheet.name)
    if sheets:
        cues = encoding.sprite_cues(len(sheets), task.media.seek_picture_size, task.every, task.duration_ms)
        (folder / "sprites.vtt").write_text(cues, encoding="utf-8")
        yield Derived("rendition", "sprites", "text/vtt", "sprites.vtt")
    yield from _convert_subtitles(task.media.subtitles, folder, has_text=has_text)


def _convert_subtitles(inside: Sequence[SubtitleTrack], folder: Path, *, has_text: bool) -> Iterator[Derived]:
    """Subtitles from inside the film, made plain; those that turn out empty or broken are passed over."""
    for number, track in enumerate(inside):
        raw = folder / f"subtitle-{track.index}.vtt"
        if not raw.exists():
            continue
        plain = folder / f"plain-{track.index}.vtt"
        try:
            cues = subtitle.to_vtt(raw, plain)
        except RejectedError:
            continue
        languages = languages_of_track(track.language, track.title)
        label = f"{'+'.join(languages)}-{track.index}" + (f".{track.purpose}" if track.purpose else "")
        yield Derived("subtitle", label, "text/vtt", plain.name, languages[0])
        if number == 0 and not has_text:
            yield write_passages(cues, folder)
