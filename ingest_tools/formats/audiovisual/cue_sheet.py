"""CUE sheets: the tracks of a recording by their times, as programs that copy discs write them, and as people do.

A sheet may name one file with many tracks or many files with one each. A track belongs to the file in which its
`INDEX 01` lies: it is begun in the file before where the pause before it (`INDEX 00`) was kept at the end of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PureWindowsPath

from ingest_tools.description import Description
from ingest_tools.formats import text
from ingest_tools.formats.audiovisual import chapters
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import Chapter
from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.text import fold_name, normalize

LIMIT = 1 << 20
_FRAMES = 75  # in a second of a compact disc
_LINE = re.compile(r"(?P<command>[A-Za-z]+)[ \t\u3000]+(?P<value>\S.*)")
_QUOTED = re.compile(r"[\"“”＂](?P<value>.*)[\"“”＂]|[\"“”＂](?P<open>.*)")  # a title may have quotes in it
_LINE_END = re.compile(r"\r\n?|\n")  # no other separator of Unicode ends a line: titles hold some
_FILE_TYPE = re.compile(r"[ \t]+(?:WAVE|WAV|MP3|AIFF|FLAC|APE|M4A|M4B|MP4|AAC|OGG|BINARY|MOTOROLA)$", re.IGNORECASE)
_INDEX = re.compile(r"(?P<number>\d{1,2})[ \t]+(?P<time>\d{1,4}(?::\d{1,4}){1,3})(?!\d)")
_TRACK = re.compile(r"(?P<number>\d{1,4})(?:[ \t]+(?P<type>\S+))?")
_DATE = re.compile(r"DATE[ \t]+[\"“]?(?P<date>\d{4}(?:[-./]\d{1,2}){0,2})", re.IGNORECASE)


@dataclass
class CueTrack:
    """A track: its number, title, performer, and where it begins in its file, in milliseconds."""

    number: int
    title: str = ""
    performer: str = ""
    start_ms: int | None = None
    is_sound: bool = True


@dataclass
class CueFile:
    """A file that a sheet names, and the tracks in it."""

    name: str
    tracks: list[CueTrack] = field(default_factory=list)


@dataclass
class CueSheet:
    """A sheet: title, performer and date of the whole, and its files; those without a track are left out."""

    title: str = ""
    performer: str = ""
    date: str = ""
    files: list[CueFile] = field(default_factory=list)

    def file_of(self, path: PurePath) -> CueFile | None:
        """Return the part of the sheet that is about a file: it is named so, but for its ending, or is the only one."""
        for candidate in self.files:
            if matches(candidate.name, path):
                return candidate
        return self.files[0] if len(self.files) == 1 else None


def is_name_of(name: str, path: PurePath) -> bool:
    """Return whether a name in a sheet is that of a file, but for its folder and letter case."""
    return fold_name(PureWindowsPath(name.strip()).name) == fold_name(path.name)


def matches(name: str, path: PurePath) -> bool:
    """Return whether a name in a sheet means a file, wherever it lay once, and in whatever format and letter case."""
    return is_name_of(name, path) or fold_name(PureWindowsPath(name.strip()).stem) == fold_name(path.stem)


def read(path: Path) -> CueSheet:
    """Return the sheet in a file. Raises `RejectedError` where it has no track of sound with a time."""
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    sheet = parse(text.decode(path.read_bytes())[0])
    if not sheet.files:
        raise RejectedError("bad_cue")
    return sheet


def describe(sheet: CueSheet, recording: Path, description: Description) -> Description:
    """Return a description of a recording with the chapters of a sheet, and what its own tags do not say.

    Of several files with one track each, a track is the recording, and the sheet the album that it is in.
    """
    file = sheet.file_of(recording)
    if file is None:
        raise RejectedError("bad_cue")
    tracks = [track for track in file.tracks if track.start_ms is not None]
    own = tracks[0] if len(sheet.files) > 1 and len(tracks) == 1 else None
    listed = [Chapter(track.start_ms or 0, _chapter_title(track, sheet)) for track in tracks]
    in_order = chapters.arrange_chapters(listed, description.duration_ms or 0)
    performer = (own.performer if own else "") or sheet.performer
    return replace(
        description,
        title=description.title or (own.title if own else sheet.title) or None,
        series=description.series or (sheet.title if own else None) or None,
        part_number=description.part_number if own is None else description.part_number or own.number,
        creators=description.creators or ([(performer, "performer")] if performer else []),
        date=description.date or sheet.date or None,
        details=replace(description.details, chapters=in_order or description.details.chapters),
    )


def _chapter_title(track: CueTrack, sheet: CueSheet) -> str:
    is_other = track.performer and track.performer != sheet.performer
    return f"{track.title} · {track.performer}" if is_other and track.title else track.title or track.performer


def parse(content: str) -> CueSheet:
    """Return the sheet in a text; lines that are not understood are left out."""
    sheet, track = CueSheet(), None
    for line in _LINE_END.split(content.replace("\ufeff", "")):
        match = _LINE.match(line.strip())
        if match is None:
            continue
        command, value = match["command"].upper(), match["value"].strip()
        if command == "FILE":
            sheet.files.append(CueFile(_file_name(value)))
        elif command == "TRACK":
            track = _parse_track(value)
        elif command == "INDEX" and track is not None:
            _place_track(sheet, track, value)
        elif command == "REM" and (date := _DATE.match(value)):
            sheet.date = sheet.date or date["date"]
        elif command in {"TITLE", "PERFORMER"}:
            setattr(track if track is not None else sheet, command.lower(), _unquote(value))
    for file in sheet.files:
        file.tracks = [track for track in file.tracks if track.is_sound]
    sheet.files = _merge_sections(file for file in sheet.files if file.tracks)
    return sheet


def _parse_track(value: str) -> CueTrack | None:
    match = _TRACK.match(value)
    if match is None:
        return None
    return CueTrack(int(match["number"]), is_sound=(match["type"] or "AUDIO").upper() == "AUDIO")


def _place_track(sheet: CueSheet, track: CueTrack, value: str) -> None:
    """Put a track at its `INDEX 01`; one that has only an `INDEX 00` stays there."""
    match = _INDEX.match(value)
    if match is None or not sheet.files or int(match["number"]) > 1:
        return
    if track.start_ms is not None:
        if int(match["number"]) == 0:
            return
        for file in sheet.files:
            file.tracks = [listed for listed in file.tracks if listed is not track]
    track.start_ms = _parse_milliseconds(match["time"])
    sheet.files[-1].tracks.append(track)


def _parse_milliseconds(time: str) -> int:
    """`MM:SS:FF` with frames; some write hours before, or leave the frames out."""
    parts = [int(part) for part in time.split(":")]
    if len(parts) == 2:
        parts.append(0)
    hours, minutes, seconds, frames = [0, *parts][-4:]
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + round(frames * 1000 / _FRAMES)


def _merge_sections(files: Iterable[CueFile]) -> list[CueFile]:
    """Files with the tracks of all sections that have the same name."""
    by_name: dict[str, CueFile] = {}
    for file in files:
        by_name.setdefault(fold_name(file.name), CueFile(file.name)).tracks.extend(file.tracks)
    return list(by_name.values())


def _file_name(value: str) -> str:
    quoted = _QUOTED.match(value)
    return (quoted["value"] or quoted["open"] or "").strip() if quoted else _FILE_TYPE.sub("", value).strip()


def _unquote(value: str) -> str:
    quoted = _QUOTED.match(value)
    text = value if quoted is None else quoted["value"] if quoted["value"] is not None else quoted["open"]
    return normalize(decode_references(text.replace('\\"', '"')))
