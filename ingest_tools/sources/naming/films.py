"""Names of films and episodes as media centres, recorders and those who pass films on write them.

`乡村爱情.S02E01.1080p.WEB-DL.H264`, `[黑猫警长][01][1080P][简体]`, `渡江侦察记 (1954)`, `小兵张嘎 CD1`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from library_server.catalogue.normalization.numerals import read_numeral
from library_server.catalogue.parts.numbers import PART_NUMBERS
from library_server.lazy_patterns import lazy_pattern

_NUMERAL = "[0-9〇零一二三四五六七八九十百]{1,5}"
_EPISODE = lazy_pattern(
    r"(?<![a-z0-9])(?:s(?P<season>\d{1,2})[\s._-]{0,2}ep?(?P<episode>\d{1,4})|(?P<season_x>\d{1,2})x(?P<episode_x>\d\d)"
    r"|(?:(?:sp|ova|oad)(?=[\s._]?\d\d)|特别篇|番外篇?|花絮)[\s._-]?(?P<special>\d{1,2})"
    r"|(?:ep[\s._]?|episode[\s._]?|e(?=\d\d))(?P<only>\d{1,4}))(?:-?e?p?(?P<last>\d{1,4}))?(?![a-z0-9])"
    rf"|(?:第(?P<season_cn>{_NUMERAL})季[\s._-]{{0,2}})?"
    rf"第(?P<episode_cn>{_NUMERAL})(?:\s?[-~—–至、]\s?第?(?P<last_cn>{_NUMERAL}))?[集话話](?![\u4e00-\u9fff])",
    re.IGNORECASE,
)
_BY_DASH = lazy_pattern(r"(?P<series>.{2,80}?)\s+-\s+(?P<only>\d{2,4})(?:v\d)?(?:\s+end)?(?=$|\s)", re.IGNORECASE)
# what says how a film is encoded; a name with one of these was written by those who pass films on
_STRONG = (
    r"\d{3,4}[pi]|[48]k|uhd|blu-?ray|bd-?rip|br-?rip|bd-?remux|remux|web-?dl|web-?rip|hdtv(?:rip)?|dvd-?rip|dvdscr"
    r"|hd-?rip|tv-?rip|x26[45]|h\.?26[45]|hevc|avc|xvid|divx"
)
_WEAK = (
    r"hdr(?:10)?\+?|dv|bd|hd|web|dvd\d?|vcd|ts|cam|flv|wmv|rm|mpe?g|mov|m4v|3gp|vob|f4v|\d{1,2}-?bit|ma10p|aac(?:[25]\.[01])?|ac3|e?ac-?3|ddp?(?:[257]\.[01])?"
    r"|dts(?:-?hd|-?ma|-?x)*|true-?hd|flac|atmos|mp[34]|mkv|avi|rmvb|repack|proper|complete|gb|big5|jap?|chs|cht|v\d"
    r"|(?:[国粤英日韩中法]{1,3}(?:双?语|双字|字幕?))+(?:无字|[中双]字)?|无字(?:幕)?|双语|双字|中字|[简繁](?:体|中|体中字|日双语|英双语)"
    r"|高清|超清|蓝光|标清|完整版|手机版|全\d{1,3}[集话]|\d{1,3}[集话]全|\d{3,4}x\d{3,4}|end|fin|完|完结|已完结|大结局|[\da-f]{8}"
)
_STRONG_WORD = lazy_pattern(rf"(?:{_STRONG})(?:-[\w@]{{1,20}})?", re.IGNORECASE)
_WORD = lazy_pattern(rf"(?:{_STRONG}|{_WEAK})(?:-[\w@]{{1,20}})?", re.IGNORECASE)
# what no title ends with, by itself
_PLAIN_MARK = lazy_pattern(
    r"(?:[国粤英](?:双?语|双字|字幕?))+(?:无字|[中双]字)?|[中双]字|高清|超清|蓝光|标清|完整版|手机版|rmvb?|flv|wmv|avi|mkv|mpe?g|f4v",
    re.IGNORECASE,
)
_GROUP = lazy_pattern(r".*(?:字幕[组社組]|压制组?|制作组?|raws?|subs?|studio|fansub|论坛|首发)", re.IGNORECASE)
_BRACKET = lazy_pattern(r"[\[【(（]([^\[\]【】()（）]{1,80})[\]】)）]")
_ALL_BRACKETS = lazy_pattern(r"(?:\s*[\[【][^\[\]【】]{1,80}[\]】]){2,}\s*")
_YEAR = lazy_pattern(r"1[89]\d\d|20\d\d")
_PART = lazy_pattern(
    r"(?P<work>.{2,80}?)(?:[\s._-]+[(（]?(?:(?:cd|dis[ck]|dvd|part|pt)[\s._-]?(?P<number>\d)|(?P<part>[上中下])[集部]?)"
    r"|\s*[(（](?P<bracketed>[上中下前后後]|[一二三四五六七八九十]{1,3})[集部篇]?(?=[)）])|\s*(?P<close>[上中下前后後])[集部篇])[)）]?",
    re.IGNORECASE,
)
_SEASON = lazy_pattern(
    rf"(?:(?P<work>.{{1,80}}?)[\s._-]*)?(?:第(?P<cn>{_NUMERAL})季|(?:season|(?<![a-z])s)[\s._-]?(?P<number>\d{{1,2}}))",
    re.IGNORECASE,
)
_CODEC = lazy_pattern(r"[a-z]{1,2}\.?26[45]|hevc|avc|xvid|divx|remux", re.IGNORECASE)  # by itself, of a lesson about it
_NUMBER = lazy_pattern(r"\d{1,4}")
_EDGES = " -_.·"


@dataclass(frozen=True)
class FilmName:
    """What the name of a film says; `title` is empty where it has none but that of the series."""

    title: str
    series: str = ""
    season: int | None = None
    episode: int | None = None
    part: int | None = None
    year: str | None = None
    last_episode: int | None = None


def read(stem: str) -> FilmName:
    """Return what a name without its suffix says; a name in no form of these is a title as it stands."""
    if _ALL_BRACKETS.fullmatch(stem):
        return _read_brackets([inner.strip() for inner in _BRACKET.findall(stem)])
    bare, year, number = _without_brackets(stem)
    if (match := _EPISODE.search(bare)) and (match["season_x"] is None or match.start()):
        series, _ = _cut(bare[: match.start()])
        title, later_year = _cut(bare[match.end() :])
        last = match["last"] or match["last_cn"]
        last_episode = read_numeral(last) if last else None
        return FilmName(title, series, *_numbers(match), year=year or later_year, last_episode=last_episode)
    if match := _BY_DASH.match(bare):
        return FilmName(_cut(bare[match.end() :])[0], match["series"].strip(), None, int(match["only"]), year=year)
    title, stated_year = _cut(bare)
    if number is not None and title:
        return FilmName("", title, None, number, year=year or stated_year)
    part = _PART.fullmatch(title)
    if part and not _NUMBER.fullmatch(part["work"]):  # `03（上）` is half of an episode
        letter = part["part"] or part["bracketed"] or part["close"]
        order = (PART_NUMBERS.get(letter) or read_numeral(letter)) if letter else int(part["number"])
        return FilmName(title, part["work"].strip(_EDGES), part=order, year=year or stated_year)
    return FilmName(title or stem, year=year or stated_year)


def season_folder(folder: Path) -> tuple[Path, int | None]:
    """Return the folder of the whole series, and the number of the season that a folder of this name holds."""
    name = unicodedata.normalize("NFKC", folder.name).strip()
    if name.casefold() in {"specials", "特别篇"}:
        return folder.parent, 0
    match = _SEASON.fullmatch(name)
    number = read_numeral(match["cn"] or match["number"]) if match else None
    if match is None or number is None:
        return folder, None
    return (folder.with_name(match["work"]) if match["work"] else folder.parent), number


def _numbers(match: re.Match[str]) -> tuple[int | None, int | None]:
    if match["special"]:
        return 0, read_numeral(match["special"])
    season = match["season"] or match["season_x"] or match["season_cn"]
    episode = match["episode"] or match["episode_x"] or match["only"] or match["episode_cn"]
    return read_numeral(season) if season else None, read_numeral(episode)


def _read_brackets(items: list[str]) -> FilmName:
    """`[某字幕组][黑猫警长][01][1080P][简体]`: the group, the series, maybe in two languages, the episode."""
    words = [item for item in items if not _is_marks(item)]
    years = [item for item in words if _is_year(item)]
    numbers = [item for item in words if re.fullmatch(r"\d{1,3}(?:v\d)?", item)]
    titles = [item for item in words if item not in years and item not in numbers and not _GROUP.fullmatch(item)]
    titles.sort(key=lambda item: not re.search("[\u4e00-\u9fff]", item))
    title = titles[0] if titles else items[0]
    year = years[0] if years else None
    if numbers:
        return FilmName("", title, None, int(numbers[0].split("v")[0]), year=year)
    return FilmName(title, year=year)


def _without_brackets(stem: str) -> tuple[str, str | None, int | None]:
    """Return a name without the brackets that hold marks or a group, and the year and number that stand in some."""
    year: list[str] = []
    number: list[int] = []

    def keep(bracket: re.Match[str]) -> str:
        inner = bracket[1].strip()
        if _is_year(inner) and bracket.start() and stem[bracket.end() : bracket.end() + 1] in {"", " ", ".", "[", "【"}:
            year.append(inner)
        elif re.fullmatch(r"\d{1,3}", inner) and bracket[0][0] in "[【" and bracket.start():
            number.append(int(inner))
        elif not _is_marks(inner) and not (_GROUP.fullmatch(inner) and not bracket.start()):
            return bracket[0]
        return " "

    bare = re.sub(r"\s+", " ", _BRACKET.sub(keep, stem)).strip(_EDGES)
    return bare or stem, year[0] if year else None, number[0] if number else None


def _cut(text: str) -> tuple[str, str | None]:
    """Return what stands before the marks of a release, and its year; without a strong mark, the whole."""
    words = [word for word in re.split(r"[\s._]+", text.strip(_EDGES)) if word not in {"", "-"}]
    marks = [at for at, word in enumerate(words) if _WORD.fullmatch(word)]
    is_release = any(_STRONG_WORD.fullmatch(word) for word in words) or _is_plain_release(words, marks)
    if not is_release or (len(marks) == 1 < len(words) and _CODEC.fullmatch(words[marks[0]])):
        if len(marks) == len(words):
            return "", None
        return text.strip(_EDGES), None
    end, year = marks[0], None
    if end > 1 and _is_year(words[end - 1]):
        end, year = end - 1, words[end - 1]
    return " ".join(words[:end]).strip(_EDGES), year


def _is_plain_release(words: list[str], marks: list[int]) -> bool:
    """Return whether words end in marks that are not strong, and these can be nothing else: behind the year, or one of
    those that no title ends with.
    """
    if not marks or marks[0] == 0:
        return False
    is_dated = marks[0] > 1 and _is_year(words[marks[0] - 1])
    are_last = marks == list(range(marks[0], len(words)))
    return is_dated or (are_last and all(_PLAIN_MARK.fullmatch(words[at]) for at in marks))


def _is_marks(text: str) -> bool:
    words = [word for word in re.split(r"[\s._,&+、/]+|(?<=[a-z])-(?=\d)", text, flags=re.IGNORECASE) if word]
    return bool(words) and all(_WORD.fullmatch(word) for word in words)


def _is_year(text: str) -> bool:
    return _YEAR.fullmatch(text) is not None and int(text) <= datetime.now(UTC).year + 1
