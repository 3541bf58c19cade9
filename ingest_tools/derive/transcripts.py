"""The task `transcript`: a recording through the operator's speech-to-text command, to subtitles and passages.

The command is split as a shell does, without a shell; `{wav}` is 16 kHz mono, `{out}` the path of the result without
its ending, `{language}` two letters. What it writes as `.srt` or `.vtt` in the folder of
`{out}` or `{wav}` is taken, and shown
as machine-made until a librarian confirms it.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from ingest_tools.derive.job_inputs import fetch_original, load_record, refuse_replaced
from ingest_tools.derived_files import store_derived
from ingest_tools.description import Derived
from ingest_tools.formats.audiovisual import subtitle
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.records import commands
from library_server.jobs.queue import JobView
from library_server.jobs.registry import JobContext
from library_server.jobs.worker import JobAttemptFailed, JobFailed, Task
from library_server.processes.child import kill_group, wait_for_exit
from library_server.processes.ffmpeg import MediaInput, ffmpeg_command
from library_server.processes.limits import ResourceLimits, limit_command, stderr_tail
from library_server.processes.scratch import scratch_directory

SECONDS_A_SECOND, LEAST_SECONDS = 20, 300
MEMORY_BYTES = 16 << 30
WAV_BYTES_A_SECOND = 32_000
_ENDINGS = (".srt", ".vtt")


def transcript_task(context: JobContext) -> Task:
    """Return the task `transcript` over a library."""
    database, store, scratch = context.database, context.store, context.scratch
    command = context.transcribe_command

    def run(job: JobView, progress: Callable[[float], None]) -> None:
        if not command:
            raise JobFailed("TIANYUAN_TRANSCRIBE_COMMAND is not set")
        record, original = load_record(job, database)
        if record.assets_of("subtitle"):
            return
        language = (record.language or "zh").split("-")[0]
        with scratch_directory(scratch) as name:
            folder = Path(name)
            source = store.local_path(original.key) or fetch_original(store, original, folder)
            seconds = max(1, (record.duration_ms or 0) // 1000)
            _to_wav(source, record.details.media.audio_index(0), folder / "sound.wav", seconds)
            progress(0.1)
            heard = _transcribe(command, folder, language, seconds)
            progress(0.9)
            try:
                cues = subtitle.to_vtt(heard, folder / "machine.vtt")
            except RejectedError as refusal:
                raise JobAttemptFailed(f"the transcript cannot be read: {refusal}") from refusal
            made = [Derived("subtitle", language, "text/vtt", "machine.vtt", language)]
            if not record.assets_of("text"):
                made.append(write_passages(cues, folder))
            stored = [store_derived(store, record.id, folder, derived) for derived in made]
        store.flush()
        with database.writing() as session:
            refuse_replaced(session, record.id, original)
            for new in stored:
                commands.replace_asset(session, record.id, new, machine_made=True)
            commands.enqueue_reindex(session, record.id)

    return run


def words_of(command: str, wav: Path, out: Path, language: str) -> list[str]:
    """Return the command as a list of words, its places filled in. Raises `ValueError` where it names no `{wav}`."""
    words = shlex.split(command)
    if not any("{wav}" in word for word in words):
        raise ValueError("the command must name {wav}")
    filled = {"{wav}": str(wav), "{out}": str(out), "{language}": language}
    for place, value in filled.items():
        words = [word.replace(place, value) for word in words]
    return words


def _to_wav(source: Path, sound: int, target: Path, seconds: int) -> None:
    form = ("-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le")
    arguments = ["-loglevel", "error", "-map", f"0:a:{sound}", *form, str(target)]
    most = (seconds + 60) * WAV_BYTES_A_SECOND * 2
    command = ffmpeg_command([MediaInput.of_file(source)], arguments, output_bytes=most, niceness=10)
    _run(command, target, seconds)


def _transcribe(command: str, folder: Path, language: str, seconds: int) -> Path:
    wav, out = folder / "sound.wav", folder / "heard"
    try:
        words = words_of(command, wav, out, language)
    except ValueError as error:
        raise JobFailed(f"TIANYUAN_TRANSCRIBE_COMMAND: {error}") from error
    _run(limit_command(words, ResourceLimits(MEMORY_BYTES, output_bytes=1 << 28, niceness=15)), out, seconds)
    written = (folder / f"{name}{ending}" for name in (out.name, wav.stem, wav.name) for ending in _ENDINGS)
    for path in written:
        if path.is_file():
            return path
    raise JobAttemptFailed("the command wrote no .srt or .vtt")


def _run(command: list[str], target: Path, seconds: int) -> None:
    errors = target.with_suffix(".errors")
    with errors.open("wb") as saying:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=saying,
                                 start_new_session=True, cwd=target.parent)  # fmt: skip
        try:
            if not wait_for_exit(child, max(LEAST_SECONDS, seconds * SECONDS_A_SECOND)):
                raise JobAttemptFailed("transcribing took too long and was stopped")
        finally:
            kill_group(child)
    tail = stderr_tail(errors)
    if child.returncode != 0:
        raise JobAttemptFailed(f"transcribing failed: {tail[-300:]}")
