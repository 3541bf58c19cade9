"""Every ffmpeg and ffprobe call is built in one module, and what it opens can lead nowhere else."""

from __future__ import annotations

import ast
import os
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_tools.derive import encoding, transcripts
from ingest_tools.formats.audiovisual import media
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import Media
from library_server.delivery.video import hls
from library_server.library import Library
from library_server.processes.ffmpeg import (
    DEMUXERS,
    MediaInput,
    ffmpeg_command,
    ffprobe_command,
    generator_command,
    open_media,
    output_command,
)
from tests.factories.pictures import ffmpeg, film
from tests.support.libraries import ingest
from tests.support.records import records_by_title

ROOT = Path(__file__).parents[2]
BUILDER = ROOT / "library_server/processes/ffmpeg.py"
READ_ELSEWHERE = frozenset(("hls", "concat", "dash", "image2", "sdp", "lavfi", "vobsub", "rtsp", "imf", "applehttp",
                            "concatf", "webm_dash_manifest", "tee", "tedcaptions"))  # fmt: skip


def calls(tree: ast.AST) -> Iterator[str]:
    """What in a module starts ffmpeg, or could: its name at the head of a string, and the library ffmpeg-python."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree)
                  if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "ffmpeg" for alias in node.names):
            yield f"line {node.lineno}: import ffmpeg"
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ffmpeg":
            yield f"line {node.lineno}: from ffmpeg import"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            word = next(iter(node.value.split()), "")
            if Path(word).name in {"ffmpeg", "ffprobe", "ffplay"}:
                yield f"line {node.lineno}: {node.value!r}"


@pytest.mark.slow
def test_no_other_module_calls_ffmpeg() -> None:
    other_calls = {
        f"{path.relative_to(ROOT)} {call}"
        for package in ("storage_config", "library_server", "ingest_tools")
        for path in (ROOT / package).rglob("*.py")
        if path != BUILDER
        for call in calls(ast.parse(path.read_text("utf-8")))
    }
    assert other_calls == set()
    known = """import ffmpeg\nfrom ffmpeg import probe\nrun(["/usr/bin/ffprobe", x])\nshell("ffmpeg -i a b c")"""
    assert len(list(calls(ast.parse(known)))) == 4


def test_every_input_carries_both_whitelists(tmp_path: Path) -> None:
    request = encoding.Encoding(tmp_path / "a.mp4", Media(video="h264", width=16, height=9), [], 1000)
    source = hls.RemuxSource("https://s3.example/a?sign=b", "a", 1000, has_video=True, sound=f"file:{tmp_path}/b")
    commands = [encoding.build_command(request, tmp_path), hls._build_command(source, tmp_path),
                ffprobe_command(MediaInput.of_file(tmp_path / "a"))]  # fmt: skip
    for command in commands:
        for at in (at for at, word in enumerate(command) if word == "-i"):
            before = command[max(0, at - 30) : at]
            protocols = before[len(before) - before[::-1].index("-protocol_whitelist")]
            assert protocols == ("https,tls,tcp" if command[at + 1].startswith("https:") else "file")
            formats = before[len(before) - before[::-1].index("-format_whitelist")]
            assert set(formats.split(",")) == set(DEMUXERS)
    assert not READ_ELSEWHERE & set(DEMUXERS)


@pytest.mark.parametrize("address", ["/etc/passwd", "concat:a|b", "subfile:,,start,0,end,9,,:/etc/passwd", "data:x",
                                     "-y", "tee:a", "ftp://a", "%d.jpg", "pipe:0"])  # fmt: skip
def test_an_address_is_a_file_or_the_web(address: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        ffmpeg_command([MediaInput(address)], ["-f", "null", "-"], output_bytes=1)


@pytest.mark.parametrize("argument", ["-i", "-protocol_whitelist", "-format_whitelist", "-enable_drefs"])
def test_nobody_opens_another_input_or_widens_the_lists(argument: str) -> None:
    with pytest.raises(ValueError, match="set only in this module"):
        ffmpeg_command([MediaInput("file:/a")], [argument, "x"], output_bytes=1)
    with pytest.raises(ValueError, match="set only in this module"):
        ffprobe_command(MediaInput("file:/a", (argument, "x")))


def test_options_of_streams_are_checked_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="input options"):
        open_media(MediaInput("file:/a", ("-ss", "3")))
    for name in ("i", "protocol_whitelist", "format_whitelist", "enable_drefs"):
        with pytest.raises(ValueError, match="set only in this module"):
            output_command(
                [open_media(MediaInput("file:/a"))],
                tmp_path / "a",
                output_bytes=1,
                seconds=1,
                **{name: "x"},
            )


@pytest.mark.slow
def test_a_command_of_streams_ends_by_itself(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)  # nothing is written into it
    command = output_command([open_media(MediaInput.of_file(fifo))], tmp_path / "a.ts", output_bytes=1 << 20, seconds=1)
    assert subprocess.run(command, capture_output=True, timeout=30, check=False).returncode in {-9, 137}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A recording that lies elsewhere on this machine and must not come in."""
    folder = tmp_path / "别处"
    folder.mkdir()
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=777:d=2", "-metadata", "title=TOPSECRET", str(folder / "密.mp3"))
    return folder / "密.mp3"


def id3(behind: bytes) -> bytes:
    return b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"TIT2\0\0\0\0\0\0" + behind


def hls_text(secret: Path) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode()


def concat_text(secret: Path) -> bytes:
    return f"ffconcat version 1.0\nfile '{secret}'\n".encode()


def dash_text(secret: Path) -> bytes:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-main:'
        '2011" type="static" mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="audio/mp4">'
        f'<Representation id="1" bandwidth="1"><BaseURL>file://{secret}</BaseURL></Representation></AdaptationSet></Period></MPD>'
    ).encode()


def sdp_text(secret: Path) -> bytes:
    return b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n"


def asx_text(secret: Path) -> bytes:
    return f'<asx version="3.0"><entry><ref href="file://{secret}"/></entry></asx>'.encode()


def smil_text(secret: Path) -> bytes:
    return f'<smil><body><audio src="file://{secret}"/></body></smil>'.encode()


TEXTS = {"hls": hls_text, "concat": concat_text, "dash": dash_text, "sdp": sdp_text, "asx": asx_text, "smil": smil_text}


@pytest.mark.parametrize("tagged", [False, True], ids=["plain", "id3"])
@pytest.mark.parametrize("suffix", [".mp3", ".mp4", ".m3u8", ".txt"])
@pytest.mark.parametrize("kind", sorted(TEXTS))
@pytest.mark.slow
def test_a_playlist_brings_in_nothing(
    library: Library, tmp_path: Path, secret: Path, kind: str, suffix: str, tagged: bool
) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    text = TEXTS[kind](secret)
    (disk / f"{kind}{suffix}").write_bytes(id3(text) if tagged else text)
    report = ingest(library, disk)
    assert [row["code"] for row in report.rejections] == ["playlist"], report.rejections
    assert records_by_title(library) == {}
    assert stored(library) == []


def stored(library: Library) -> list[str]:
    return [stored_object.key for stored_object in library.store.list()]


@pytest.mark.parametrize("kind", sorted(TEXTS))
@pytest.mark.parametrize("head", [b"", b"ID3\x04\x00\x00\x00\x00\x00\x00", b"ID3\x03\0\0\0\0\0\0ID3\x04\0\0\0\0\0\0"])
@pytest.mark.long
def test_ffmpeg_itself_opens_no_playlist(tmp_path: Path, secret: Path, kind: str, head: bytes) -> None:
    """Whatever recognition lets through, the whitelists hold: no ffmpeg command reads the file that it names."""
    path = tmp_path / f"{kind}.mp3"
    path.write_bytes(head + TEXTS[kind](secret))
    with pytest.raises(RejectedError):
        media.probe(path)
    wav = tmp_path / "out.wav"
    for command in (
        ffmpeg_command([MediaInput.of_file(path)], ["-map", "0:a:0", str(wav)], output_bytes=1 << 20),
        hls._build_command(hls.RemuxSource(f"file:{path}", "a", 1000, has_video=False), tmp_path),
    ):
        result = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        assert result.returncode != 0
    assert not wav.exists()
    assert not list(tmp_path.glob("*.ts"))
    assert encoding.measure_gain(path, Media(audio="mp3"), 1000) == 0.0


def test_the_attack_works_without_the_whitelists(tmp_path: Path, secret: Path) -> None:
    """So that the tests above cannot pass for another reason."""
    path = tmp_path / "hls.m3u8"
    path.write_bytes(hls_text(secret))
    wav = tmp_path / "out.wav"
    subprocess.run(generator_command(["-allowed_extensions", "ALL", "-i", str(path), str(wav)]), check=True)
    assert wav.stat().st_size > 100_000


@pytest.mark.parametrize("name", ["-i.mp3", "concat:a.mp3", "a%d.mp3", "subfile,,start,0,end,9,,:b.mp3", "http:x.mp3",
                                  "|cat.mp3", "pipe:0.mp3", "a;b'c\".mp3", "tee:x.mp3", "data:audio.mp3"])  # fmt: skip
@pytest.mark.slow
def test_names_that_ffmpeg_reads_as_commands(library: Library, tmp_path: Path, secret: Path, name: str) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    (disk / name).write_bytes(secret.read_bytes())
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 0), report.rejections
    assert media.probe(disk / name)["format"]["format_name"] == "mp3"


@pytest.mark.slow
def test_a_pattern_names_one_file(tmp_path: Path) -> None:
    """`%d.jpg` is what the image2 demuxer reads as many files."""
    film(tmp_path / "1.mp4", seconds=1)
    ffmpeg("-i", str(tmp_path / "1.mp4"), "-frames:v", "3", str(tmp_path / "%d.jpg"))
    with pytest.raises(RejectedError):
        media.probe(tmp_path / "%d.jpg")


def test_a_movie_that_refers_to_another_file(tmp_path: Path) -> None:
    """QuickTime keeps a track's data in another file by `dref` (`alis`, `url `): never opened."""
    whole = film(tmp_path / "片.mov", seconds=1, size="160x90", sound=False)
    data = whole.read_bytes()
    whole.rename(tmp_path / "在外.mov")
    at = data.index(b"dref")
    end = at - 4 + int.from_bytes(data[at - 4 : at], "big")
    body = b"file://" + str(tmp_path / "在外.mov").encode() + b"\0"
    entry = struct.pack(">I4sI", 12 + len(body), b"url ", 0) + body
    dref = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    (tmp_path / "引.mov").write_bytes(_grown(data[: at - 4], len(dref) - (end - at + 4)) + dref + data[end:])
    out = tmp_path / "frame.png"
    command = ffmpeg_command(
        [MediaInput.of_file(tmp_path / "引.mov")], ["-frames:v", "1", str(out)], output_bytes=1 << 24
    )
    assert "enable_drefs" not in " ".join(command)
    subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    help_text = subprocess.run(generator_command(["-h", "demuxer=mov"]), capture_output=True, text=True).stdout
    for option in ("enable_drefs", "use_absolute_path"):
        line = next(line for line in help_text.splitlines() if f"-{option}" in line)
        assert "default false" in line


def _grown(head: bytes, by: int) -> bytes:
    """The boxes around an inserted one, longer by so many bytes."""
    grown = bytearray(head)
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = head.index(name) - 4
        size = int.from_bytes(head[place : place + 4], "big") + by
        grown[place : place + 4] = size.to_bytes(4, "big")
    return bytes(grown)


def test_a_transcript_reads_no_playlist(tmp_path: Path, secret: Path) -> None:
    from library_server.jobs.worker import JobAttemptFailed

    path = tmp_path / "a.mp3"
    path.write_bytes(id3(hls_text(secret)))
    with pytest.raises(JobAttemptFailed):
        transcripts._to_wav(path, 0, tmp_path / "sound.wav", 1)
    assert not (tmp_path / "sound.wav").exists()
