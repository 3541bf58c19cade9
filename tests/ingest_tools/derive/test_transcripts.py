"""Recordings through the operator's speech-to-text command; a script stands in for the model."""

from __future__ import annotations

import json
import sys
import wave
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest_tools.derive.transcripts import transcript_task, words_of
from library_server.app import create_app
from library_server.catalogue.dto import RecordView
from library_server.catalogue.passages import serialization
from library_server.catalogue.records import queries
from library_server.cli import main
from library_server.jobs import queue
from library_server.jobs.registry import JobContext
from library_server.jobs.worker import Worker
from library_server.library import Library
from tests.factories.pictures import film
from tests.support.libraries import ingest, open_library_at
from tests.support.records import load_only_record, load_record

HEARS = """import sys, wave
wav, out, language = sys.argv[1:4]
with wave.open(wav) as sound:
    assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16000, 1, 2)
    seconds = sound.getnframes() / 16000
open(out + ".srt", "w").write(f"1\\n00:00:00,000 --> 00:00:02,000\\n大家好，这是{language}，共{seconds:.0f}秒\\n")
"""


@pytest.fixture
def record(library: Library, tmp_path: Path) -> RecordView:
    report = ingest(library, film(tmp_path / "讲座.mp4"), tasks=frozenset({"transcript"}))
    assert report.added == 1
    return load_only_record(library)


def run_transcript_job(library: Library, command: str | None) -> str | None:
    """Run the queued transcript job; returns the reason of its failure."""
    task = transcript_task(
        JobContext(library.database, library.store, library.settings.home / "scratch", transcribe_command=command)
    )
    worker = Worker(library.database, lambda: 0, {"transcript": task})
    with library.database.reading() as session:
        (record_id,) = queries.published_ids(session, "", 10)
    assert worker.run_one()
    with library.database.reading() as session:
        return next((job.reason for job in queue.list_for_record(session, record_id)), None)


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "听写 程序.py"
    path.write_text(text, "utf-8")
    return f"{sys.executable} '{path}' {{wav}} {{out}} {{language}}"


@pytest.mark.slow
def test_a_lecture_without_subtitles_is_heard_and_shown_as_machine_made(
    library: Library, record: RecordView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_transcript_job(library, script(tmp_path, HEARS)) is None
    heard = load_record(library, record.id)
    (subtitle,) = heard.assets_of("subtitle")
    assert subtitle.machine_made
    with library.store.open(heard.assets_of("text")[0].key) as reading:
        (cue,) = serialization.parse_passages(reading.read())
    assert cue.text == "大家好，这是zh，共4秒"
    client = create_app(library).test_client()
    assert "机器听写" in client.get(f"/watch/{record.id}").get_data(as_text=True)
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    report = json.loads(CliRunner().invoke(main, ["machine", "--json"]).stdout)
    assert [entry["record"] for entry in report["unconfirmed"]] == [record.id]
    result = CliRunner().invoke(main, ["machine", "confirm", record.id])
    assert result.exit_code == 0, result.output
    assert not load_record(library, record.id).assets_of("subtitle")[0].machine_made
    assert "机器听写" not in client.get(f"/watch/{record.id}").get_data(as_text=True)
    assert json.loads(CliRunner().invoke(main, ["machine", "--json"]).stdout)["unconfirmed"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import sys; sys.stderr.write('模型没有找到'); sys.exit(3)", "模型没有找到"),
        ("pass", ".srt"),
        ("import sys; open(sys.argv[2] + '.vtt', 'wb').write(bytes(range(256)) * 9)", "cannot be read"),
        ("x = bytearray(40 << 30)", "MemoryError"),
    ],
)
@pytest.mark.slow
def test_failures_of_the_command_are_reported(
    library: Library, record: RecordView, tmp_path: Path, text: str, expected: str
) -> None:
    assert expected in (run_transcript_job(library, script(tmp_path, text)) or "")
    assert load_record(library, record.id).assets_of("subtitle") == ()


@pytest.mark.slow
def test_without_a_command_nothing_is_queued(library: Library, tmp_path: Path) -> None:
    ingest(library, film(tmp_path / "a.mp4"))
    with library.database.reading() as session:
        (record_id,) = queries.published_ids(session, "", 9)
        assert {job.task for job in queue.list_for_record(session, record_id)} == {"rendition"}


@pytest.mark.slow
def test_a_command_that_names_no_sound_is_refused(library: Library, record: RecordView) -> None:
    assert "{wav}" in (run_transcript_job(library, "whisper") or "")
    with pytest.raises(ValueError, match="wav"):
        words_of("whisper -f sound", Path("a"), Path("b"), "zh")
    assert words_of("w -l {language} 'a b' {wav}", Path("/x y.wav"), Path("o"), "zh") == [
        "w",
        "-l",
        "zh",
        "a b",
        "/x y.wav",
    ]


@pytest.mark.slow
def test_recordings_without_a_transcript_can_be_queued_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TIANYUAN_TRANSCRIBE_COMMAND", "whisper {wav} {out}")
    library = open_library_at(tmp_path / "home")
    ingest(library, film(tmp_path / "a.mp4"))
    result = CliRunner().invoke(main, ["machine", "queue", "--json"])
    assert json.loads(result.stdout) == {"ocr": 0, "transcript": 1}
    with wave.open(str(tmp_path / "b.wav"), "wb") as silent:
        silent.setparams((1, 2, 16000, 0, "NONE", ""))
        silent.writeframes(bytes(32000))
    ingest(library, tmp_path / "b.wav")
    assert json.loads(CliRunner().invoke(main, ["machine", "queue", "--json"]).stdout) == {"ocr": 0, "transcript": 2}
    library.database.engine.dispose()
