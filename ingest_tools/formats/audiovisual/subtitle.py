"""Subtitles (SubRip, SubStation Alpha, WebVTT, SAMI, TTML) and lyrics (LRC) to WebVTT and to passages by the second."""

from __future__ import annotations

import html
import re
import unicodedata
from pathlib import Path

import pysubs2

from ingest_tools.formats import text
from ingest_tools.formats.audiovisual import timed_text
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.text import to_storable
from library_server.catalogue.passages.serialization import Passage

LIMIT = 16 * 1024 * 1024
CUES_LIMIT = 50_000
_PICTURES = b"\x00\x00\x01\xba"  # of a DVD, in an MPEG program stream
# ASS draws shapes between \\p1 (any scale but 0) and \\p0 or the end of the line
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}.*?(?=\{[^{}]*\\p0[^{}]*\}|$)", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NAMED = {"chs": "zh-hans", "sc": "zh-hans", "gb": "zh-hans", "cht": "zh-hant", "tc": "zh-hant", "big5": "zh-hant",
            "chi": "zh", "zho": "zh", "cn": "zh", "chn": "zh", "tw": "zh-hant", "hk": "zh-hant",
            "简体": "zh-hans", "繁体": "zh-hant", "繁體": "zh-hant", "中文": "zh", "简中": "zh-hans",
            "英文": "en", "英语": "en", "英": "en"}  # fmt: skip
_SEVERAL = {"中英": ("zh", "en"), "双语": ("zh", "en"), "中英双语": ("zh", "en"), "简英": ("zh-hans", "en"),
            "繁英": ("zh-hant", "en")}  # fmt: skip
_NOT_LANGUAGES = frozenset(("sdh", "cc", "hi", "forced", "default", "full", "dubtitle", "signs"))


def read(path: Path, language: str | None = None, rate: float | None = None) -> pysubs2.SSAFile:
    """Return the cues of a subtitle file in any encoding we read, in the order of time; a language helps to find it.

    `rate` is that of the film in frames a second, for subtitles that count frames.
    Drawings, syllables and repetitions are left out. Raises `RejectedError`.
    """
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    data = path.read_bytes()
    if data.startswith(_PICTURES):
        raise RejectedError("unknown_format", "VobSub")
    content, _ = text.decode(data, language)
    try:
        cues = timed_text.parse(content, rate)
    except pysubs2.exceptions.Pysubs2Error as error:
        raise RejectedError("untimed") from error
    except Exception as error:  # pysubs2 reads eight formats, each of which fails in its own way on broken text
        raise RejectedError("damaged") from error
    cues.events = _without_effects(cues.events)
    for cue in cues.events:
        cue.text = _DRAWING.sub("", _remove_unclosed_braces(cue.text))
    shown = {(cue.start, cue.end, cue.plaintext): cue for cue in cues.events if cue.plaintext.strip()}
    cues.events = list(shown.values())  # a line with an outline of its own is written twice
    if not 0 < len(cues.events) <= CUES_LIMIT:
        raise RejectedError("empty_file" if not cues.events else "too_large")
    cues.sort()
    return cues


def to_vtt(path: Path, target: Path, language: str | None = None, rate: float | None = None) -> list[Passage]:
    """Write WebVTT of plain text (no styles, no positions) and give the cues as passages; see `read`."""
    cues = read(path, language, rate)
    lines = ["WEBVTT", ""]
    passages = []
    for cue in cues.events:
        words = to_storable(_ENTITY.sub(lambda entity: html.unescape(entity[0]), cue.plaintext)).replace("\xa0", " ")
        words = "\n".join(line.strip() for line in words.splitlines() if line.strip()).replace("-->", "→")
        if not words:
            continue
        shown = words.replace("&", "&amp;").replace("<", "&lt;")
        lines += [f"{_format_vtt_time(cue.start)} --> {_format_vtt_time(max(cue.end, cue.start + 1))}", shown, ""]
        passages.append(Passage("time", f"{cue.start / 1000:.3f}", _format_clock(cue.start), words.replace("\n", " ")))
    target.write_text("\n".join(lines), encoding="utf-8")
    return passages


def language_of(path: Path, stem: str) -> str | None:
    """Return the first of the languages of subtitles by their name."""
    return next(iter(languages_of(path, stem)), None)


def languages_of(path: Path, stem: str) -> tuple[str, ...]:
    """Return the languages between the film's name and the ending: `讲座.zh.srt` gives `zh`, `讲座.chs&eng.srt` two.

    What says whom the subtitles are for (`sdh`, `forced`) is passed over.
    """
    name, stem = (unicodedata.normalize("NFKC", text).casefold() for text in (path.name, stem))
    languages: dict[str, None] = {}
    for part in re.split(r"[.&+,_ \[\]()]+", name[len(stem) : -len(path.suffix)]):
        if part in _SEVERAL:
            languages |= dict.fromkeys(_SEVERAL[part])
        elif part in _NAMED:
            languages[_NAMED[part]] = None
        elif part not in _NOT_LANGUAGES and re.fullmatch(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}", part):
            languages[part] = None
    return tuple(languages)


def purpose_of(path: Path, stem: str) -> str:
    """`forced` for subtitles of what is said in another language, `sdh` for those who cannot hear; else empty."""
    name, stem = (unicodedata.normalize("NFKC", text).casefold() for text in (path.name, stem))
    words = frozenset(re.split(r"[.&+,_ \[\]()-]+", name[len(stem) : -len(path.suffix)]))
    return "forced" if "forced" in words else "sdh" if words & {"sdh", "cc", "hi"} else ""


def _without_effects(events: list[pysubs2.SSAEvent]) -> list[pysubs2.SSAEvent]:
    """Return the lines to read: karaoke programs keep a line as a comment and write its syllables as lines of their
    own.
    """
    if not any(cue.effect.strip().lower() == "karaoke" for cue in events):
        return [cue for cue in events if not cue.is_comment]
    for cue in events:
        if cue.effect.strip().lower() == "karaoke":
            cue.type = "Dialogue"
    return [cue for cue in events if not cue.is_comment and cue.effect.strip().lower() != "fx"]


def _remove_unclosed_braces(text: str) -> str:
    """Return text without the braces that nothing closes: pysubs2 looks for the end of each through all that
    follows.
    """
    closed, brace, rest = text.rpartition("}")
    return closed + brace + rest.replace("{", "")


def _format_vtt_time(milliseconds: int) -> str:
    seconds, rest = divmod(max(milliseconds, 0), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def _format_clock(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60:02d}:{seconds % 60:02d}"
