"""Subtitles (SubRip, SubStation Alpha, WebVTT) to WebVTT, and to passages by the second."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pysubs2

from ingest_tools.formats import text
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.text import to_storable
from library_server.catalogue.passages.serialization import Passage

SUFFIXES = (".srt", ".ass", ".ssa", ".vtt")
LIMIT = 16 * 1024 * 1024
CUES_LIMIT = 50_000
# ASS draws shapes between \\p1 (any scale but 0) and \\p0 or the end of the line
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}.*?(?=\{[^{}]*\\p0[^{}]*\}|$)", re.DOTALL)
_CHINESE = {"chs": "zh-hans", "sc": "zh-hans", "gb": "zh-hans", "cht": "zh-hant", "tc": "zh-hant", "big5": "zh-hant",
            "chi": "zh", "zho": "zh", "cn": "zh", "chn": "zh", "tw": "zh-hant", "hk": "zh-hant",
            "简体": "zh-hans", "繁体": "zh-hant", "繁體": "zh-hant", "中文": "zh", "简中": "zh-hans"}  # fmt: skip
_NOT_LANGUAGES = frozenset(("sdh", "cc", "hi", "forced", "default", "full", "dubtitle", "signs"))


def read(path: Path, language: str | None = None) -> pysubs2.SSAFile:
    """The cues of a subtitle file in any encoding we read, in the order of time; a language helps to find it.

    Drawings are left out. Raises `RejectedError`.
    """
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    content, _ = text.decode(path.read_bytes(), language)
    try:
        # pysubs2 knows SubStation by its styles, which some files leave out
        cues = pysubs2.SSAFile.from_string(content, "ass" if "[Events]" in content else None)
    except Exception as error:  # pysubs2 reads eight formats, each of which fails in its own way on broken text
        raise RejectedError("damaged", str(error)) from error
    for cue in cues.events:
        cue.text = _DRAWING.sub("", _closed(cue.text))
    cues.events = [cue for cue in cues.events if not cue.is_comment and cue.plaintext.strip()]
    if not 0 < len(cues.events) <= CUES_LIMIT:
        raise RejectedError("empty_file" if not cues.events else "too_large")
    cues.sort()
    return cues


def to_vtt(path: Path, target: Path, language: str | None = None) -> list[Passage]:
    """Write WebVTT of plain text (no styles, no positions) and give the cues as passages."""
    cues = read(path, language)
    lines = ["WEBVTT", ""]
    passages = []
    for cue in cues.events:
        words = to_storable(cue.plaintext).strip().replace("-->", "→")
        shown = words.replace("&", "&amp;").replace("<", "&lt;").replace("\n\n", "\n")
        lines += [f"{_stamp(cue.start)} --> {_stamp(max(cue.end, cue.start + 1))}", shown, ""]
        passages.append(Passage("time", f"{cue.start / 1000:.3f}", _clock(cue.start), words.replace("\n", " ")))
    target.write_text("\n".join(lines), encoding="utf-8")
    return passages


def language_of(path: Path, stem: str) -> str | None:
    """The language between the film's name and the ending: `讲座.zh.srt` gives `zh`, `讲座.chs&eng.srt` `zh-hans`.

    What says whom the subtitles are for (`sdh`, `forced`) is passed over.
    """
    middle = unicodedata.normalize("NFC", path.name)[len(unicodedata.normalize("NFC", stem)) : -len(path.suffix)]
    for part in re.split(r"[.&+,_ \[\]()]+", middle.lower()):
        if part in _CHINESE:
            return _CHINESE[part]
        if part not in _NOT_LANGUAGES and re.fullmatch(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}", part):
            return part
    return None


def _closed(text: str) -> str:
    """Text without the braces that nothing closes: pysubs2 looks for the end of each through all that follows."""
    closed, brace, rest = text.rpartition("}")
    return closed + brace + rest.replace("{", "")


def _stamp(milliseconds: int) -> str:
    seconds, rest = divmod(max(milliseconds, 0), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def _clock(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60:02d}:{seconds % 60:02d}"
