"""Builds every ffmpeg and ffprobe command of the library.

ffmpeg opens more than media: a playlist (HLS, DASH, concat, SDP) names other files, a pattern (`%d.jpg`) names many,
and protocols such as `concat:` and `subfile:` combine them. An upload that is one of these would make ffmpeg read any
file of this machine. So every input carries a whitelist of demuxers, which are containers that hold their own streams,
and of protocols: only files for a file, only the connection itself for a signed address. References inside a container
(QuickTime `dref`) stay closed, which is ffmpeg's default: `enable_drefs` and `use_absolute_path` are never set.

A test walks the syntax tree of all packages and fails on any other call of ffmpeg or ffprobe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from library_server.processes.limits import ResourceLimits, limit_command

DEMUXERS = (
    "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "flv", "mpegts", "mpeg", "mpegvideo", "asf",
    "rm", "mxf", "dv", "mp3", "ogg", "flac", "wav", "w64", "aac", "aiff", "caf", "au", "ape", "amr", "ac3", "eac3",
    "dts", "wv", "tta", "mpc", "mpc8", "dsf", "iff",
)  # fmt: skip
NETWORK_SECONDS = 60
PROBE_OUTPUT_BYTES = 4 << 20  # a thousand chapters with their tags take 400 KB
NOT_ALLOWED = "not on whitelist"
_FORBIDDEN = frozenset({"-i", "-protocol_whitelist", "-format_whitelist", "-enable_drefs", "-use_absolute_path"})


@dataclass(frozen=True)
class MediaInput:
    """One input: `address` is `file:` and a path, or a signed http or https address.

    `options` are input options such as `("-ss", "3.5")`.
    """

    address: str
    options: tuple[str, ...] = ()

    @classmethod
    def of_file(cls, path: Path, *options: str) -> MediaInput:
        """Return a file of this machine, whatever characters its name has."""
        return cls(f"file:{path}", options)


def ffmpeg_command(
    inputs: Sequence[MediaInput], arguments: Sequence[str], *, output_bytes: int, niceness: int = 0
) -> list[str]:
    """Return an ffmpeg command over untrusted media; `arguments` are what follows the inputs. At most `output_bytes`
    a file.

    Raises `ValueError` for an address that is not allowed and for arguments that would open another input.
    """
    _check(arguments)
    input_arguments = [argument for media in inputs for argument in _input_arguments(media)]
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-y", *input_arguments, *arguments]
    return limit_command(command, ResourceLimits(output_bytes=output_bytes, niceness=niceness))


def open_media(media: MediaInput) -> Any:
    """Return an input as a stream of ffmpeg-python, of which parts are taken (`stream["v:0"]`) for `output_command`.

    Raises `ValueError` for an address that is not allowed and for input options, which have no place here.
    """
    if media.options:
        raise ValueError(f"input options are for ffmpeg_command: {media.options}")
    return ffmpeg.input(media.address, **_input_options(media.address))


def output_command(
    streams: Sequence[Any], target: Path, *, output_bytes: int, seconds: int, **options: str | int
) -> list[str]:
    """Return an ffmpeg command that writes streams of `open_media` to one output. At most `output_bytes` a file.

    It ends by itself after so many `seconds`, also where the process that started it has died: `timeout` (coreutils)
    starts ffmpeg in its own process group. Raises `ValueError` for options that would open another input.
    """
    _check([f"-{name}" for name in options])
    output = ffmpeg.output(*streams, str(target), **options).global_args("-nostdin", "-hide_banner")
    command: list[str] = output.compile(overwrite_output=True)
    timed = ["timeout", "--signal=KILL", str(seconds), *command]
    return limit_command(timed, ResourceLimits(output_bytes=output_bytes))


def ffprobe_command(
    media: MediaInput, arguments: Sequence[str] = ("-show_format", "-show_streams"), *, raw_texts: bool = False
) -> list[str]:
    """Return an ffprobe command over untrusted media that prints JSON. Raises `ValueError` as `ffmpeg_command` does.

    With `raw_texts` the bytes of texts that are not UTF-8 are printed as they are; else each is U+FFFD.
    """
    _check(arguments)
    form = "json=sv=ignore" if raw_texts else "json"
    command = ["ffprobe", "-v", "error", "-hide_banner", *arguments, "-of", form, *_input_arguments(media)]
    return limit_command(command, ResourceLimits(output_bytes=PROBE_OUTPUT_BYTES))


def generator_command(arguments: Sequence[str]) -> list[str]:
    """Return an ffmpeg command that makes media out of nothing (`lavfi`) or of our own files; never for what came from
    outside, since its inputs have no whitelists.
    """
    return ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments]


def file_pattern(folder: Path, pattern: str) -> str:
    """Return a numbered output such as `%05d.ts` in a folder whose own name may contain a percent sign."""
    return f"{str(folder).replace('%', '%%')}/{pattern}"


def _input_arguments(media: MediaInput) -> list[str]:
    _check(media.options)
    settings = _input_options(media.address).items()
    options = [argument for name, value in settings for argument in (f"-{name}", str(value))]
    return [*options, *media.options, "-i", media.address]


def _input_options(address: str) -> dict[str, str | int]:
    return {**_protocol_options(address), "format_whitelist": ",".join(DEMUXERS)}


def _protocol_options(address: str) -> dict[str, str | int]:
    if address.startswith("file:"):
        return {"protocol_whitelist": "file"}
    # a signed address is requested again where the connection breaks off
    reconnecting = {"reconnect": 1, "reconnect_streamed": 1, "reconnect_on_network_error": 1, "reconnect_delay_max": 30,
             "rw_timeout": NETWORK_SECONDS * 1_000_000}  # fmt: skip
    if address.startswith("https:"):
        return {"protocol_whitelist": "https,tls,tcp", "tls_verify": 1, **reconnecting}
    if address.startswith("http:"):
        return {"protocol_whitelist": "http,tcp", **reconnecting}
    raise ValueError(f"neither a file nor a web address: {address[:40]!r}")


def _check(arguments: Sequence[str]) -> None:
    if forbidden := _FORBIDDEN.intersection(arguments):
        raise ValueError(f"inputs and whitelists are set only in this module: {sorted(forbidden)}")
