"""The picture of a film or recording: the cover inside it, else a frame that shows something."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from ingest_tools.description import Derived
from ingest_tools.formats import pictures
from ingest_tools.formats.audiovisual.streams import is_attached
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage
from library_server.processes.ffmpeg import MediaInput, ffmpeg_command

POSTER_SECONDS = 60
POSTER_BYTES = 256 << 20
LATEST_POSTER = 300  # seconds into a film, of the first frame that is tried
_POSTER_PARTS = (0.1, 0.3, 0.5)  # of the time of a film, at which its frames are tried
_Poster = tuple[list[Derived], CoverImage | None]


def make_poster(path: Path, out: Path, duration_ms: int, probed: dict[str, Any], picture: int | None) -> _Poster:
    """Return the sizes of the cover inside, the front before any other; else of a frame a tenth into the film.

    A film whose frame there is of one colour, black say, has a later one, if any shows something. `picture` is the
    number of the stream of moving pictures, None for a recording.
    """
    for number in _find_covers(probed, is_recording=picture is None):
        made = _make_sizes(path, out, f"0:v:{number}", (), smallest=pictures.SMALLEST_COVER)
        if made is not None:
            return made[0]
    poster: _Poster = ([], None)
    if picture is None:
        return poster
    for part in _POSTER_PARTS:
        seek = ("-ss", f"{min(duration_ms * part / 1000, LATEST_POSTER * part * 10):.3f}")
        made = _make_sizes(path, out, f"0:v:{picture}", seek, smallest=1)
        if made is None:
            break
        poster, is_blank = made
        if not is_blank:
            return poster
    if poster[1] is None:  # nothing can be sought in the film: its first frame
        made = _make_sizes(path, out, f"0:v:{picture}", (), smallest=1)
    return poster if poster[1] is not None or made is None else made[0]


def _find_covers(probed: dict[str, Any], *, is_recording: bool) -> list[int]:
    """Return the numbers of the pictures attached, the front cover first; of a recording, of any picture."""
    videos = [stream for stream in probed.get("streams", []) if stream.get("codec_type") == "video"]
    attached = [number for number, stream in enumerate(videos) if is_attached(stream)]
    numbers = attached or (list(range(len(videos))) if is_recording else [])
    return sorted(numbers, key=lambda number: _rank(videos[number]))


def _rank(stream: dict[str, Any]) -> int:
    """Front covers first, what nothing is said of next, then backs, icons and leaflets (ID3v2.4, 4.14)."""
    tags = {key.lower(): str(value).lower() for key, value in stream.get("tags", {}).items()}
    if tags.get("comment") == "cover (front)" or tags.get("filename", "").startswith(("cover.", "cover_land.")):
        return 0
    return 2 if tags.get("comment", "other") != "other" else 1


def _make_sizes(
    path: Path, out: Path, stream: str, seek: tuple[str, ...], *, smallest: int
) -> tuple[_Poster, bool] | None:
    """Return the sizes of one picture of a stream, and whether it is of one colour; None where none can be had."""
    frame = out / "cover.source"
    try:
        _extract_frame(path, frame, stream, seek)
        sizes, facts = pictures.make_sizes(frame, out, smallest=smallest)
        return (sizes, facts.cover), pictures.is_blank(frame)
    except (subprocess.SubprocessError, RejectedError, OSError):
        return None
    finally:
        frame.unlink(missing_ok=True)


def _extract_frame(path: Path, frame: Path, stream: str, seek: tuple[str, ...]) -> None:
    """Write one picture of a stream. Raises `subprocess.SubprocessError` and `OSError`."""
    arguments = ["-map", stream, "-frames:v", "1", "-f", "image2", "-update", "1",
                 "-c:v", "png", "-loglevel", "error", "-threads", "1", str(frame)]  # fmt: skip
    command = ffmpeg_command([MediaInput.of_file(path, *seek)], arguments, output_bytes=POSTER_BYTES)
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=POSTER_SECONDS, check=True)
