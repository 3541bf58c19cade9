"""Folder conventions that librarians already use, read as metadata where a file has none of its own.

Documented for librarians in `docs/librarians/naming.md`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from ingest_tools.formats.audiovisual import SOUND_SUFFIXES
from ingest_tools.formats.placeholders import number_of_machine_name
from ingest_tools.passed_on import without_inner_markers, without_markers
from ingest_tools.sources.naming import films, photo_names
from ingest_tools.sources.naming.authors import split_author
from ingest_tools.sources.naming.copies import without_copy_mark
from ingest_tools.sources.naming.encoded_names import decode_name
from ingest_tools.sources.naming.folders import (
    GENERIC,
    MOST_DISCS,
    course_folder,
    naming_folder,
    number_of_part,
)
from ingest_tools.sources.naming.part_numbers import (
    LESSON,
    PLAIN_NUMBER,
    SIDE_TRACK,
    first_of_range,
    plain_number,
    without_course,
)
from ingest_tools.sources.naming.performers import Person, split_narrator, split_people
from ingest_tools.sources.naming.volumes import read_volume
from library_server.catalogue.normalization.dates import parse_date, read_compact_date
from library_server.catalogue.normalization.labels import creator_without_label
from library_server.catalogue.normalization.numerals import read_numeral
from library_server.catalogue.normalization.personal_names import is_chinese_person, is_name
from library_server.catalogue.parts.numbers import NUMBERS_PER_DISC, number_in_season, number_of_special
from library_server.exchange.agents import without_role_of_book
from library_server.exchange.corporate_names import LARGE_BODY
from library_server.lazy_patterns import lazy_pattern

_DATED = lazy_pattern(
    r"^(?P<date>约?\d{4}(?:[-.年]\d{1,2}(?:[-.月]\d{1,2}日?)?)?(?:年代|年[春夏秋冬]?季?|月)?|民[国國][^\s_]{1,5}年"
    r"|[一二][〇零○◯OＯ一二三四五六七八九]{3}年(?:[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}日)?)?"
    r"|[明清]?(?:万历|崇祯|康熙|雍正|乾隆|嘉庆|道光|咸丰|同治|光绪|光緒|宣统|宣統)[^\s_]{1,4}年)[\s_\-]+(?P<rest>.+)$"
)
# `20190501 插秧`, and `IMG_20190501_101112` of a telephone, which has the time behind it and no title
_DIGITS_OF_DATE = r"(?P<digits>\d{8})"
_COMPACT_DATE = lazy_pattern(rf"{_DIGITS_OF_DATE}[\s_\-]+(?P<rest>\D.*)")
_CAMERA_DATE = lazy_pattern(rf"(?:img|pxl|mvimg|pano|burst)[_-]?{_DIGITS_OF_DATE}[_-]?\d{{6}}.*", re.IGNORECASE)
_DAY = lazy_pattern(r"\d{4}-\d\d-\d\d")
_NUMBERED = lazy_pattern(r"^(?P<number>\d{1,3})[\s._\-、]+(?P<rest>.+)$")
# `01桃园结义`, but not `20年`, `100首` or `12月`
_CLOSE_NUMBER = lazy_pattern(
    r"^(?P<number>\d{2,3})(?P<rest>[《“【\u4e00-\u9fff](?<![年月日号个首届世天分秒周岁万亿点元路米度人位名条例种])"
    r"(?<![讲课集回期章节话話段](?=$|[\s._\-])).*)$"
)
# `03（上）`
_NUMBER_OF_HALF = lazy_pattern(r"(?P<number>\d{1,3})(?P<rest>\s?[(（\[【]\s?[上中下前后後][集部篇半]?\s?[)）\]】])")
# `2-05 桃园` of players and rippers
_ON_DISC = lazy_pattern(r"^(?:(?:cd|dis[ck]|d)\s?)?(?P<disc>\d{1,2})-(?P<track>\d{2,3})(?=$|[\s._\-、])", re.IGNORECASE)
# `01_05`, `1.3`, `1-1`: the same, or chapter and section, where nothing else is in the name
_ON_DISC_ALONE = lazy_pattern(r"(?P<disc>\d{1,2})[-_.](?P<track>\d{1,3})")
_DASHED = lazy_pattern(r"^(?P<creator>[^-—–]{1,40}?)\s+[-—–]\s+(?P<title>.+)$")
_UNDERSCORED = lazy_pattern(r"^(?P<title>[^_]{1,120})_(?P<creator>[^_\d][^_]{0,30})$")
_YEAR_IN_BRACKETS = lazy_pattern(r"([(（][12]\d{3}[)）])(?=[\u4e00-\u9fff])")  # `刘三姐(1960)黄婉秋主演`
_BOOKED = lazy_pattern(r"^《(?P<title>.+?)》\s*(?P<creator>.{0,40})$")
# the first that is found says the kind: a lecture about an opera is a lecture, a filmed opera a film
_KIND_WORDS = {
    "lecture": lazy_pattern(
        r"讲座|讲课|授课|讲堂|公开课|课程|教程|培训|第[0-9一二三四五六七八九十百]{1,5}[讲课]"
        r"|(?<![上下])课(?![本桌间外余题文代])|lecture"
    ),
    "film": lazy_pattern(r"电影|影片|故事片|纪录片|动画片|科教片|电视剧|连续剧|(?<![a-z])(?:film|movie)"),
    "performance": lazy_pattern(
        r"(?<![游儿马把嬉调博])戏(?![水说言耍弄台院迷称])|[京昆越豫粤川评湘祁徽汉楚赣沪吕晋闽锡淮桂]剧|昆曲|秦腔|二人转|曲艺|相声"
        r"|快板|弹词|演出|晚会|汇演|音乐会|独唱|合唱|舞蹈|performance"
    ),
    "audio": lazy_pattern(r"有声|音频|录音|听书|评书|audio"),
}


@dataclass(frozen=True)
class NameHints:
    """What a path says: title, creator, date as written, number within a course, the course, the kind.

    `creators` are those whose role is stated, `creator` one of whom nothing else is said. `course_folder` is the folder
    that the course is named after; parts on disc 2 are numbered from 201. A date that is `by_camera` was written by a
    telephone.
    """

    title: str
    creator: str | None = None
    date: str | None = None
    number: int | None = None
    course: str | None = None
    kind: str | None = None
    course_folder: Path | None = None
    by_camera: bool = False
    creators: tuple[Person, ...] = ()


def parse_filename(path: Path, *, media: bool = False, photo: bool = False) -> NameHints:
    """Read the conventions from a file's name and, for video and audio (`media`), from its folders.

    In the name of a photo `_` is written by the camera, and no photographer stands after it. A file that is called as a
    device calls them has the name of its folder, and its number, for a title.
    """
    stem = without_copy_mark(_read_stem(path))
    hints = _parse_stem(path, without_markers(stem), media=media, photo=photo)
    if not media and not photo and (volume := read_volume(path, stem)):
        return replace(hints, title=volume.title, number=volume.number, course=volume.work, course_folder=volume.folder)
    stem = split_people(stem)[0] if media else stem
    number = number_of_machine_name(stem, digits=photo or hints.course is not None)
    if hints.number is not None and hints.number > NUMBERS_PER_DISC and number is not None:
        special = number_of_special(hints.number)
        number = str(hints.number) if special is None else f"特别篇第{special}集"
    elif hints.course is not None and (number is None or first_of_range(stem, is_bare=True)):
        lesson = LESSON.fullmatch(stem)
        is_lesson = lesson is not None and not (lesson["rest"] or lesson["title"])
        is_track = number or (hints.number and (_ON_DISC_ALONE.fullmatch(stem) or SIDE_TRACK.fullmatch(stem)))
        number = stem if is_lesson or is_track else None
    taken = _DAY.match(number or "") if media or photo else None
    if taken and hints.date is None and parse_date(taken[0]).edtf:
        hints = replace(hints, date=taken[0], by_camera=True)
    folder = hints.course or naming_folder(path) if number is not None else None
    return replace(hints, title=f"{folder} {number}") if folder else hints


def _read_stem(path: Path) -> str:
    stem = unicodedata.normalize("NFC", decode_name(path.stem)).strip().removesuffix(".fb2")  # of `.fb2.zip`
    return re.sub(r"[\s\u3000]+", " ", stem)


def _parse_stem(path: Path, stem: str, *, media: bool, photo: bool) -> NameHints:
    if photo and (photo_name := photo_names.read(stem)) != photo_names.PhotoName(stem):
        title = _clean_title(photo_name.title)
        if photo_name.date is None:
            return replace(
                _parse_stem(path, photo_name.title, media=False, photo=True), creator=photo_name.photographer
            )
        return NameHints(title, photo_name.photographer, photo_name.date)
    if (dated := _DATED.match(stem)) and parse_date(dated["date"]).edtf:
        if not any(map(str.isalpha, dated["rest"])):  # the time, of a telephone
            return NameHints(_clean_title(stem), date=dated["date"], kind=_guess_kind(path), by_camera=True)
        return NameHints(_clean_title(dated["rest"]), date=dated["date"], kind=_guess_kind(path))
    compact = _COMPACT_DATE.fullmatch(stem) or (_CAMERA_DATE.fullmatch(stem) if photo else None)
    date = read_compact_date(compact["digits"]) if compact else None
    compact = compact if date else None
    if media:
        bare, people = split_people(_YEAR_IN_BRACKETS.sub(r"\1 ", compact["rest"] if compact else stem))
        hints = _media_name(path, bare) if path.suffix.lower() in SOUND_SUFFIXES else _film_name(path, bare)
        roles = {role for _, role in people}
        people = (*people, *(person for person in hints.creators if person[1] not in roles))
        return replace(hints, date=date if compact else hints.date, creators=people)
    if compact:
        rest = compact.groupdict().get("rest")
        return NameHints(_clean_title(rest or stem), date=date, by_camera=rest is None)
    if not photo and (stated := split_author(stem)):
        return NameHints(_clean_title(stated[0].strip("《》")), creator=_without_role(stated[1]))
    if booked := _BOOKED.match(stem):
        return NameHints(booked["title"].strip(), creator=_without_role(booked["creator"]) or None)
    for pattern in (_DASHED,) if photo else (_DASHED, _UNDERSCORED):
        match = pattern.match(stem)
        if match and is_name(match["creator"].strip(), one_word=pattern is _DASHED):
            return NameHints(match["title"].strip(), creator=_without_role(match["creator"]))
    return NameHints(_clean_title(stem))


def _without_role(creator: str) -> str:
    return without_role_of_book(creator_without_label(creator.strip())[0])


def _media_name(path: Path, stem: str) -> NameHints:
    folder, disc = course_folder(path)
    course, people, creator = _read_course(unicodedata.normalize("NFC", decode_name(folder.name)))
    is_sound = path.suffix.lower() in SOUND_SUFFIXES
    if is_sound and not GENERIC.match(course):
        stem, narrator = split_narrator(stem, course)
        creator = creator or narrator
    named = without_course(stem, course)
    if is_sound and (on_disc := _ON_DISC.match(named) or _ON_DISC_ALONE.fullmatch(named)):
        disc, named = int(on_disc["disc"]), named[on_disc.start("track") :]
    elif is_sound and not GENERIC.match(course) and (side := SIDE_TRACK.match(named)):
        disc, named = ord(side["side"]) - ord("A") + 1, named[side.start("track") :]
    number, rest = _read_number(stem, named, course, is_sound=is_sound)
    if number is not None and disc is not None and disc <= MOST_DISCS:
        number += disc * NUMBERS_PER_DISC
    belongs = number is not None and course and not GENERIC.match(course)
    if number_of_part(rest):
        rest = f"{course} {stem}" if belongs and named == stem else stem
    elif belongs and rest != stem and rest.strip("《》").casefold() == course.casefold():  # `001呼家将`
        rest = f"{course} {stem[: -len(rest)].rstrip(' ._-、')}"
    dashed = _DASHED.match(rest)
    if dashed and dashed["creator"].casefold() in folder.name.casefold():
        rest = dashed["title"]
    elif dashed and not re.search(r"\d", dashed["creator"]):
        creator, rest = dashed["creator"], dashed["title"]
        if LARGE_BODY.search(rest) and not LARGE_BODY.search(creator):  # `刘海砍樵 - 湖南花鼓戏剧院`
            creator, rest = rest, creator
    hints = NameHints(_clean_title(rest), creator, None, number, kind=_guess_kind(path), creators=people)
    return replace(hints, course=course, course_folder=folder) if belongs else hints


def _read_course(name: str) -> tuple[str, tuple[Person, ...], str | None]:
    """Return the name of the folder of a work without its people, these with their roles, and one without a role."""
    course, people = split_people(without_markers(name))
    if people:
        return course, people, None
    if (dashed := _DASHED.match(course)) and is_chinese_person(dashed["creator"]):
        return dashed["title"], (), dashed["creator"]
    bare, narrator = split_narrator(course, "")
    return bare, (), narrator


def _read_number(stem: str, named: str, course: str, *, is_sound: bool) -> tuple[int | None, str]:
    """Return the number of a part, and what is left of its name; `named` is the name without that of the work."""
    numbered = _NUMBERED.match(named) or _CLOSE_NUMBER.match(named) or _NUMBER_OF_HALF.fullmatch(named)
    if is_sound and (first := first_of_range(named, is_bare=named == stem)) is not None:
        return first, stem
    number, rest = (read_numeral(numbered["number"]), numbered["rest"]) if numbered else (None, stem)
    if lesson := LESSON.match(rest if numbered else named):
        number = number if number is not None else read_numeral(lesson["number"] or lesson["digits"])
        rest = lesson["rest"] or lesson["title"] or rest
    if number is None and is_sound:
        number = plain_number(stem if named == stem else named, course)
    if number is None and not GENERIC.match(course):
        number = number_of_part(named)
    return number, rest


def _film_name(path: Path, stem: str) -> NameHints:
    """Return what the name of a film says, and the names of its folders; see `number_in_season`."""
    folder, season = films.season_folder(path.parent)
    film, whole = films.read(stem), films.read(without_inner_markers(_read_stem(path)))
    if film.year is None and whole.year is not None:  # before marks at the end, which a release is known by
        film = whole
    hints = replace(_media_name(folder / f"{stem}{path.suffix}", film.title or stem), date=film.year)
    course = unicodedata.normalize("NFC", decode_name(course_folder(folder / path.name)[0].name))
    number = hints.number if film.episode is None else film.episode
    if number is None and film.part is None:
        number = _film_number(stem, course, folder)
    season = film.season if film.season is not None else season
    number = number_in_season(season, number) if number is not None else None
    if film.part is not None and number is None:
        return replace(hints, number=film.part, course=film.series, course_folder=path.parent / film.series)
    if film.series and film.part is None and not _is_same_work(film.series, course):
        course, folder = film.series, folder / film.series
    else:
        folder = course_folder(folder / path.name)[0]
    if number is None or not course or GENERIC.match(course):
        return replace(hints, number=number)
    title = hints.title
    if film.episode is not None and (not film.title or number_of_part(film.title)):
        title = _episode_title(course, season, film.episode, film.last_episode) + film.title
    creator, people = (None, ()) if film.episode is not None else (hints.creator, hints.creators)
    hints = replace(hints, creator=creator, creators=people, course_folder=folder)
    return replace(hints, title=title, number=number, course=course)


def _episode_title(course: str, season: int | None, episode: int, last: int | None) -> str:
    """Return a title for an episode, or several up to the `last`, that has none; those of season 0 are specials."""
    numbers = str(episode) if last is None else f"{episode}-{last}"
    if season == 0:
        return f"{course} 特别篇第{numbers}集"
    return f"{course} 第{season}季第{numbers}集" if season is not None and season > 1 else f"{course} 第{numbers}集"


def _film_number(stem: str, course: str, folder: Path) -> int | None:
    """Return the number of a film whose name has nothing else in it but that of its folder: `大宅门01`, `01`."""
    plain = PLAIN_NUMBER.fullmatch(stem)
    if plain is None or len(plain["number"]) > 3 or naming_folder(folder / "01") is None:
        return None
    return read_numeral(plain["number"]) if plain["name"].strip("《》 ").casefold() in {"", course.casefold()} else None


def _is_same_work(series: str, course: str) -> bool:
    first, second = ("".join(name.casefold().split()) for name in (series, course))
    return bool(second) and (first in second or second in first)


def _guess_kind(path: Path) -> str | None:
    """Return the kind that words in the nearest folder that has any say, else those in the name of the file."""
    for name in (*reversed(path.parent.parts[-3:]), unicodedata.normalize("NFC", decode_name(path.stem))):
        for kind, words in _KIND_WORDS.items():
            if words.search(name.lower()):
                return kind
    return None


def _clean_title(text: str) -> str:
    return text.replace("_", " ").strip() or "无题"
