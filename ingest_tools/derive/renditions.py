"""Renditions: what does not play as it is becomes H.264 and AAC in MP4, by ffmpeg in a killable child."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import ffmpeg

from ingest_tools.bounded import bounded, last_words
from ingest_tools.derive.originals import as_file, wanted_by
from ingest_tools.description import Derived
from ingest_tools.pipeline import store_derived
from library_server.catalogue import editing
from library_server.database import Database
from library_server.jobs.queue import JobView
from library_server.jobs.worker import JobFailed, Task
from storage_config.object_store import ObjectStore

WIDEST = 1280
SECONDS_A_SECOND = 20
LEAST_SECONDS = 300
LEAST_OUTPUT_BYTES, OUTPUT_BYTES_A_SECOND = 1 << 30, 2_000_000
REPORT_SECONDS = 2.0


def rendition_task(database: Database, store: ObjectStore, scratch: Path) -> Task:
    """The task `rendition`: makes one MP4 of a record's original and gives it to the record."""

    def run(job: JobView, progress: Callable[[float], None]) -> None:
        record, original = wanted_by(job, database)
        has_video = bool(record.details.get("media", {}).get("video"))
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            source = store.local_path(original.key) or as_file(store, original, Path(folder))
            made = "rendition.mp4" if has_video else "rendition.m4a"
            _encode(source, Path(folder) / made, record.duration_ms or 0, has_video, progress)
            media_type = "video/mp4" if has_video else "audio/mp4"
            new = store_derived(store, record.id, Path(folder), Derived("rendition", "720p", media_type, made))
        store.settle()
        with database.writing() as session:
            editing.replace_asset(session, record.id, new)

    return run


def _encode(source: Path, target: Path, duration_ms: int, has_video: bool, progress: Callable[[float], None]) -> None:
    stream = ffmpeg.input(f"file:{source}", protocol_whitelist="file,crypto,data")
    common = {"movflags": "+faststart", "loglevel": "error", "progress": "pipe:1", "nostats": None}
    if has_video:
        picture = f"scale='min({WIDEST},iw)':-2,format=yuv420p"
        command = ffmpeg.output(
            stream["v:0"], stream["a:0?"], str(target), vf=picture, vcodec="libx264", preset="veryfast", crf=24,
            force_key_frames="expr:gte(t,n_forced*6)", acodec="aac", ac=2, audio_bitrate="96k", **common,
        )  # fmt: skip
    else:
        command = ffmpeg.output(stream["a:0"], str(target), acodec="aac", audio_bitrate="96k", **common)
    most = max(LEAST_OUTPUT_BYTES, duration_ms // 1000 * OUTPUT_BYTES_A_SECOND)
    errors = target.with_suffix(".errors")  # a file: a pipe that nobody reads would fill up and stop ffmpeg
    with errors.open("wb") as saying:
        child = subprocess.Popen(
            bounded(command.compile(overwrite_output=True), output_bytes=most, niceness=10),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=saying,
            start_new_session=True,
        )
    limit = max(LEAST_SECONDS, duration_ms / 1000 * SECONDS_A_SECOND)
    killer = threading.Timer(limit, child.kill)
    killer.start()
    try:
        _follow(child, duration_ms, progress)
        child.wait()
    finally:
        killer.cancel()
        child.kill()
    said = last_words(errors)
    if child.returncode != 0 or not target.exists():
        raise JobFailed(f"转换失败 conversion failed: {said[-300:]}")


def _follow(child: subprocess.Popen[bytes], duration_ms: int, progress: Callable[[float], None]) -> None:
    assert child.stdout is not None
    said = 0.0
    for line in child.stdout:
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        if name == "out_time_us" and value.isdigit() and time.monotonic() - said > REPORT_SECONDS:
            said = time.monotonic()
            progress(min(0.99, int(value) / 1000 / max(duration_ms, 1)))
