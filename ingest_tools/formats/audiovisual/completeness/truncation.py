"""Whether a film or recording is there to its end: what its container promises against the bytes of the file.

A copy that stopped half way plays from the start and states its whole length. Only headers are read: the sizes of
boxes (ISO/IEC 14496-12, 4.2), of the segment (RFC 8794, 8.1), of RIFF and FORM chunks, of an ASF file (its
specification, 3.2), of the frames of MP3 (Xing, VBRI), the last tag of FLV and the last frame of FLAC (RFC 9639, 9.1).
A container that was written while it was recorded promises nothing. Where a file ends in zeros, as one that a program
set aside before it was filled, its last seconds are decoded.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, Literal

from ingest_tools.formats.audiovisual.completeness.flac_frames import flac_seconds
from ingest_tools.formats.audiovisual.tags import id3v2
from ingest_tools.rejections import RejectedError
from library_server.processes.ffmpeg import MediaInput, ffmpeg_command

_TOLERANCE: Final = 1024  # bytes that may be missing: some cameras count their last box wrongly
_HEAD: Final = 8192
_LONGEST_TAIL: Final = 4 << 20
_ZEROS: Final = 4096
_VIDEO_CD = b"CDXA"  # the length in this wrapper is that of a whole track, or any
_MOST_BOXES: Final = 100_000  # of a film of ten hours that was written in fragments of a second
_UNKNOWN_SIZES: Final = range(0x7FFF_0000, 1 << 32)  # what programs write that do not know a size yet
_ASF_PROPERTIES: Final = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_SEGMENT: Final = b"\x18\x53\x80\x67"
_FLV_TAG_TYPES: Final = frozenset((8, 9, 18))  # sound, picture, script data
_SECONDS_SHORT, _SHARE_SHORT = 0.5, 0.01
_EDITED_SHARE: Final = 0.02  # of an MP3 whose ends were cut off by a program that left its count of bytes
_DECODED_SECONDS: Final = 3
_DECODING_SECONDS: Final = 60


def check_completeness(path: Path, duration_ms: int) -> None:
    """Raise `RejectedError` where the end of a file is missing, or holds nothing but zeros."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
        promised = _promised_bytes(file, head, size)
        if promised > size + _TOLERANCE:
            raise RejectedError("truncated", f"{size} / {promised} bytes")
        seconds = _present_seconds(file, head, size)
        promised_seconds = duration_ms / 1000
        if seconds is not None and promised_seconds - seconds > max(_SECONDS_SHORT, promised_seconds * _SHARE_SHORT):
            raise RejectedError("truncated", f"{seconds:.0f} / {promised_seconds:.0f} s")
        file.seek(max(0, size - _ZEROS))
        ends_in_zeros = size > _ZEROS and not file.read().strip(b"\0")
    if ends_in_zeros and not _end_decodes(path):
        raise RejectedError("truncated", "… 00 00 00")


def _promised_bytes(file: BinaryIO, head: bytes, size: int) -> int:
    """Return how long the container says that the file is; 0 where it does not."""
    readers: tuple[tuple[bool, Callable[[], int]], ...] = (
        (head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}, lambda: _end_of_boxes(file, size)),
        (head.startswith(b"\x1a\x45\xdf\xa3"), lambda: _end_of_segment(head)),
        (head.startswith(b"RIFF") and head[8:12] != _VIDEO_CD, lambda: _end_of_riff(file, size)),
        (head.startswith(b"FORM"), lambda: _end_of_chunk(head[4:8], "big")),
        (_ASF_PROPERTIES in head, lambda: _size_of_asf(head)),
        (True, lambda: _size_of_mp3(file, head, size)),
    )
    return next(read for applies, read in readers if applies)()


def _end_of_boxes(file: BinaryIO, size: int) -> int:
    """Return where the last media data ends; what programs append behind it is not counted.

    0 for a file of more boxes than are read.
    """
    at = end = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > size:
            return end
        file.seek(at)
        box = file.read(16)
        length, kind = int.from_bytes(box[:4], "big"), box[4:8]
        if length == 1:
            length = int.from_bytes(box[8:16], "big")
        if length < 8:
            return end
        at += length
        if kind == b"mdat":
            end = at
    return 0


def _end_of_segment(head: bytes) -> int:
    at = head.find(_SEGMENT)
    if at < 0 or at + 12 > len(head) or not head[at + 4]:
        return 0
    width = 9 - head[at + 4].bit_length()
    value = int.from_bytes(head[at + 4 : at + 4 + width], "big") & ((1 << (7 * width)) - 1)
    is_unknown = value == (1 << (7 * width)) - 1
    return 0 if is_unknown else at + 4 + width + value


def _end_of_riff(file: BinaryIO, size: int) -> int:
    """Return where the last RIFF chunk ends: an AVI of more than 1 GB has several. 0 for more chunks than are read."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > size:
            return at
        file.seek(at)
        chunk = file.read(8)
        end = _end_of_chunk(chunk[4:], "little") if chunk.startswith(b"RIFF") else 0
        if not end:
            return at
        at += end
    return 0


def _end_of_chunk(length: bytes, order: Literal["big", "little"]) -> int:
    value = int.from_bytes(length, order)
    return 0 if not value or value in _UNKNOWN_SIZES else 8 + value


def _size_of_asf(head: bytes) -> int:
    at = head.index(_ASF_PROPERTIES)
    is_live = bool(int.from_bytes(head[at + 88 : at + 92], "little") & 1)
    return 0 if is_live else int.from_bytes(head[at + 40 : at + 48], "little")


def _size_of_mp3(file: BinaryIO, head: bytes, size: int) -> int:
    """Return where the frames end that an MP3 counts, or nothing where no more than what editing leaves is missing."""
    if start := id3v2.tag_size(head):
        file.seek(start)
        head = file.read(_HEAD)
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    for mark, offset in ((b"Xing", 8), (b"Info", 8), (b"VBRI", 10)):
        at = head.find(mark, 0, 200)
        if at < 0:
            continue
        flags = int.from_bytes(head[at + 4 : at + 8], "big") if offset == 8 else 2
        offset += 4 if offset == 8 and flags & 1 else 0
        counted = int.from_bytes(head[at + offset : at + offset + 4], "big") if flags & 2 else 0
        return start + counted if start + counted - size > counted * _EDITED_SHARE else 0
    return 0


def _present_seconds(file: BinaryIO, head: bytes, size: int) -> float | None:
    """Return the time that the last frame of a file has, of the containers that promise no bytes."""
    if head.startswith(b"FLV"):
        file.seek(max(0, size - _LONGEST_TAIL))
        return _last_tag_seconds(file.read())
    return flac_seconds(file, head, size) if head.startswith(b"fLaC") else None


def _last_tag_seconds(tail: bytes) -> float | None:
    """Return the time of the last tag of FLV: before it stands the length of the one before, which must be right."""
    at = len(tail)
    while (at := tail.rfind(b"\0\0\0", 0, at)) >= 0:
        start = at - 8  # type, 3 bytes of length, 4 of time, then the number of the stream, 0
        if start < 4 or tail[start] not in _FLV_TAG_TYPES:
            at += 2
            continue
        length = int.from_bytes(tail[start - 4 : start], "big")
        before = start - 4 - length
        if (
            before >= 0
            and tail[before] in _FLV_TAG_TYPES
            and int.from_bytes(tail[before + 1 : before + 4], "big") + 11 == length
        ):
            return int.from_bytes(bytes((tail[start + 7], *tail[start + 4 : start + 7])), "big") / 1000
        at += 2
    return None


def _end_decodes(path: Path) -> bool:
    """Return whether anything of the last seconds can be decoded, or that cannot be judged in time."""
    arguments = ["-map", "0:v:0?", "-map", "0:a:0?", "-loglevel", "error", "-progress", "pipe:1", "-f", "null", "-"]
    end = MediaInput.of_file(path, "-sseof", f"-{_DECODED_SECONDS}")
    command = ffmpeg_command([end], arguments, output_bytes=1 << 20)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # errors of a damaged film have no limit
            timeout=_DECODING_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    times = [line.partition(b"=")[2] for line in done.stdout.splitlines() if line.startswith(b"out_time_us=")]
    return any(time.isdigit() and int(time) > 0 for time in times)
