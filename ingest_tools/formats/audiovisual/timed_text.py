"""Timed text as people and programs write it, loosely, in the form that pysubs2 reads."""

from __future__ import annotations

import re
from itertools import pairwise

import pysubs2

from ingest_tools.formats.audiovisual.subtitles import frame_subtitles, ttml

_COLON = r" ?[:：] ?"  # translating machines put spaces into times
_SECONDS = r"\d{1,2}(?: ?[.,，．:：] ?\d{1,3})?"
_TIME = rf"-?(?:\d{{1,3}}{_COLON})?\d{{1,2}}{_COLON}{_SECONDS}"
_TIMING = re.compile(rf"(?<![\d:：])({_TIME})[ \t]{{0,20}}(?:[-–—−=] ?){{1,4}}[>＞][ \t]{{0,20}}({_TIME})(?!\d)")
# of SubViewer and of YouTube
_PAIR = re.compile(r"^(\d{1,2}:\d{1,2}:\d{1,2}\.\d{1,3}),(\d{1,2}:\d{1,2}:\d{1,2}\.\d{1,3})[ \t\r]*$", re.MULTILINE)
_LINE_BREAK = re.compile(r"\[br\]", re.IGNORECASE)
_LYRIC_TIME = r"[ \t]{0,9}(\d{1,3})[:：](\d{1,2})(?:[.:：．,，](\d{1,3}))?(?:[.．,，](\d{1,3}))?[ \t]{0,9}"
_LYRIC = re.compile(rf"[ \t]{{0,20}}[\[［【]{_LYRIC_TIME}[\]］】]")
_WORD_TIME = re.compile(rf"<{_LYRIC_TIME}>|[\[［【]{_LYRIC_TIME}[\]］】]")
_CUE_TIME = re.compile(r"<(?:\d{2,4}:)?\d{2}:\d{2}\.\d{3}>")  # of the word that follows (WebVTT, 4.2.2)
_READING = re.compile(r"<r([tp])\b[^>]{0,100}>[^<]{0,200}</r\1>")  # above the characters of `<ruby>`
_SUBSTATION_NAMES = re.compile(
    r"^[ \t]*(\[(?:script info|events|v4\+? styles|fonts|graphics)\]|(?:format|style|dialogue|comment|title):)",
    re.IGNORECASE | re.MULTILINE,
)
_FORMAT = re.compile(r"^[ \t]*Format:(.*)$", re.MULTILINE)
_EVENT = re.compile(r"^[ \t]*((?:Dialogue|Comment):)(.*)$", re.MULTILINE)
_COLUMNS = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
_DEFAULTS = {"layer": "0", "style": "Default", "marginl": "0", "marginr": "0", "marginv": "0"}
_EVENTS = re.compile(r"^[ \t]*\[events\]", re.IGNORECASE | re.MULTILINE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_NO_CUES = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_NEXT_PARAGRAPH = re.compile(r"(?<!<br>)(<p\b)", re.IGNORECASE)
_OFFSET = re.compile(r"^\[offset:[ \t]{0,9}([+-]?\d{1,7})[ \t]{0,9}\]", re.IGNORECASE | re.MULTILINE)
_SYNC = re.compile(r"<sync\b([^<>]{0,200})>", re.IGNORECASE)
_SYNC_START = re.compile(r"""\bstart[ ]{0,9}=[ ]{0,9}["']?(\d{1,9})""", re.IGNORECASE)
_LAST_LYRIC_MS = 5_000


def parse(content: str, rate: float | None = None) -> pysubs2.SSAFile:
    """Return the cues of text in any form of subtitles or lyrics. Raises what pysubs2 raises, which differs by form.

    `rate` is that of the film in frames a second, for forms that count frames.
    """
    content = content.replace("\ufeff", "")  # files that were joined have marks in the middle, too
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    if _EVENTS.search(content):  # pysubs2 knows SubStation by its styles, which some files leave out
        named = _SUBSTATION_NAMES.sub(_substation_name, content)
        return pysubs2.SSAFile.from_string(_in_usual_order(named), "ass")
    if ttml.is_ttml(content):
        return ttml.parse(content)
    if content.lstrip().startswith("WEBVTT"):
        return pysubs2.SSAFile.from_string(_plain_web_vtt(content), "vtt")
    if sync := _SYNC.search(content):
        return pysubs2.SSAFile.from_string(_plain_sami(content[sync.start() :]), "sami")
    subrip, timings = _TIMING.subn(_plain_timing, content)
    if timings:
        return pysubs2.SSAFile.from_string(subrip, "srt")
    if (counted := frame_subtitles.parse(content, rate)) is not None:
        return counted
    subviewer, timings = _PAIR.subn(_plain_pair, content)
    if timings:
        return pysubs2.SSAFile.from_string(_LINE_BREAK.sub("\n", subviewer), "srt")
    lyrics = _parse_lyrics(content)
    return lyrics if lyrics.events else pysubs2.SSAFile.from_string(content)


def _substation_name(name: re.Match[str]) -> str:
    """Return the name of a section or line in the letter case that pysubs2 expects."""
    return name[1].title() if name[1].startswith("[") else name[1].capitalize()


def _in_usual_order(content: str) -> str:
    """Return SubStation Alpha with the columns of its lines as pysubs2 expects them, whatever `Format:` says."""
    before, events, lines = content.partition("[Events]")
    form = _FORMAT.search(lines)
    columns = [name.strip().lower() for name in form[1].split(",")] if form else []
    if len(columns) < 3 or columns == _COLUMNS or columns[-1] != "text" or not {"start", "end"} <= set(columns):
        return content

    def arrange(line: re.Match[str]) -> str:
        written = dict(zip(columns, line[2].split(",", len(columns) - 1), strict=False))
        return line[1] + " " + ",".join(written.get(name, _DEFAULTS.get(name, "")).strip() for name in _COLUMNS)

    return before + events + _FORMAT.sub("Format: " + ", ".join(_COLUMNS), _EVENT.sub(arrange, lines), count=1)


def _plain_web_vtt(content: str) -> str:
    """Return the cues of WebVTT without their names, comments, styles, and the times of single words.

    pysubs2 takes the name of a cue for words of the one before.
    """
    head, *blocks = _BLANK_LINES.split(content.strip())
    cues = [head.split("\n")[0]]
    for block in blocks if "-->" not in head else (head, *blocks):
        name, arrow, rest = block.partition("-->")
        if arrow and not _NO_CUES.match(block):
            cues.append(name.rpartition("\n")[2] + arrow + _CUE_TIME.sub("", _READING.sub("", rest)))
    return "\n\n".join(cues) + "\n"


def _plain_sami(content: str) -> str:
    """Return the lines of SAMI with plain times, and a break before each language but the first."""
    pieces = _SYNC.split(content)
    starts = [f"<sync{attributes}>" for attributes in pieces[1::2]]
    bodies = [_separate_paragraphs(body) for body in pieces[2::2]]
    return "".join(_SYNC.sub(_plain_sync, start) + body for start, body in zip(starts, bodies, strict=True))


def _separate_paragraphs(body: str) -> str:
    first, *others = _NEXT_PARAGRAPH.split(body)
    head = first + "".join(others[:2])
    return head + "".join(f"<br>{part}" if at % 2 == 0 else part for at, part in enumerate(others[2:]))


def _plain_sync(sync: re.Match[str]) -> str:
    """Return the tag with its time alone; nothing where it has none that can be read."""
    start = _SYNC_START.search(sync[1])
    return f"<SYNC Start={start[1]}>" if start else ""


def _plain_timing(timing: re.Match[str]) -> str:
    return f"{_subrip_time(timing[1])} --> {_subrip_time(timing[2])}"


def _plain_pair(pair: re.Match[str]) -> str:
    return f"{_subrip_time(pair[1])} --> {_subrip_time(pair[2])}"


def _subrip_time(written: str) -> str:
    """`HH:MM:SS,mmm` of a time without hours or fraction, with a full stop or with full-width signs."""
    if written.startswith("-"):  # before the film begins
        return "00:00:00,000"
    *before, last = re.split(r"[.,，．:：]", written.replace(" ", ""))
    has_fraction = re.search(r"[.,，．]", written) is not None or len(before) == 3
    fraction = last if has_fraction else "0"
    parts = before if has_fraction else [*before, last]
    hours, minutes, seconds = (["0"] * 3 + parts)[-3:]
    return f"{min(int(hours), 99):02d}:{int(minutes):02d}:{int(seconds):02d},{fraction.ljust(3, '0')}"


def _parse_lyrics(content: str) -> pysubs2.SSAFile:
    """Return the lines of an LRC file, each until the next begins; a line that is sung again has several times."""
    offset = _OFFSET.search(content)
    earlier = int(offset[1]) if offset else 0
    sung: list[tuple[int, str]] = []
    for line in content.split("\n"):  # a title may hold other separators
        times, at = [], 0
        while stamp := _LYRIC.match(line, at):
            times.append(max(_to_milliseconds(stamp) - earlier, 0))
            at = stamp.end()
        words = _WORD_TIME.sub("", line[at:]).strip()
        sung += [(start, words) for start in times]
    sung.sort(key=lambda pair: pair[0])
    starts = sorted({start for start, _ in sung})
    following = dict(pairwise(starts))
    cues = pysubs2.SSAFile()
    for start, words in sung:
        cue = pysubs2.SSAEvent(start, following.get(start, start + _LAST_LYRIC_MS))
        cue.plaintext = words
        cues.append(cue)
    return cues


def _to_milliseconds(stamp: re.Match[str]) -> int:
    """`mm:ss`, `mm:ss.ff`, `mm:ss:ff` or, with a fraction after three numbers, `hh:mm:ss.ff`."""
    *parts, fraction = stamp.groups()[:4]
    if fraction is None:
        minutes, seconds, fraction = parts
        hours = "0"
    else:
        hours, minutes, seconds = parts
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))
