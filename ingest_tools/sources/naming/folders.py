"""What the names of folders say: a disc of a work, how files are stored, nothing at all."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from ingest_tools.formats.placeholders import number_of_machine_name
from ingest_tools.passed_on import without_markers
from ingest_tools.sources.naming.encoded_names import decode_name
from library_server.catalogue.normalization.numerals import read_numeral
from library_server.catalogue.parts.numbers import PART_NUMBERS
from library_server.lazy_patterns import lazy_pattern

_DISC_WORD = r"(?:cd|dvd|vcd|dis[ck]|tape|cassette|光盘|碟片?|盘|磁带|录音带)"
_CN_DIGITS = "[0-9一二三四五六七八九十百零〇]{1,5}"
_DISC_FOLDER = lazy_pattern(
    rf"^(?:{_DISC_WORD}[\s_.-]*(?P<number>\d{{1,2}})(?:[\s_.:-]+\S.{{0,60}})?"
    rf"|(?:vol(?:ume)?|part|卷|册|部|集|辑|盒)[\s_.-]*(?P<volume>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})"
    rf"|第(?P<ordinal>{_CN_DIGITS})(?:部分|[碟盘带盒卷册部集辑])"
    rf"|第(?P<chapter>{_CN_DIGITS})(?:单元|[章篇讲节课])(?P<title>[\s_.:：、-]+\S.{{0,60}})?|side[\s_-]?(?P<side>[ab])|(?P<face>[ab])面"
    r"|(?P<part>[上中下])[集部册卷]?)$",
    re.IGNORECASE,
)
# `三国演义 CD1` next to `三国演义 CD2`
_NAMED_DISC = lazy_pattern(
    rf"^(?P<work>.{{1,100}}?)[\s_.(\[【-]+{_DISC_WORD}[\s_.-]*(?P<number>\d{{1,2}})[)\]】]?$", re.IGNORECASE
)
# what says of a title which part it is, and is none itself: `（上）`, `下集`, `后篇`, `（二）`
_PART_ALONE = lazy_pattern(
    r"[(（\[【]?\s*(?:(?P<letter>[上中下]|[前后後](?=[集部篇半]|\s*[)）\]】]))[集部篇半]?|(?P<numeral>[一二三四五六七八九十]{1,3}))"
    r"\s*[)）\]】]?"
)
_BEHIND_PARENT = lazy_pattern(r"[\s_.\-(\[·]+(?:(?P<letter>[a-h])|(?P<number>\d{1,2}))[)\]]?")
_SIDE_NUMBERS = {"a": 1, "b": 2}
MOST_DISCS = 9_999  # chapters with their sections
_UNIT = 100
# folders that say how a work is stored, not what it is: `三国演义/MP3/001.mp3`, `花鼓戏/视频 (1080p)/01 开台.mp4`
_FORMAT_NAME = lazy_pattern(
    r"(?:(?:mp[34]|m4[ab]|wma|wav|flac|ape|aac|ogg|opus|amr|avi|mkv|mov|mpe?g|rmvb?|wmv|flv|vob|dat"
    r"|音频|视频|录音|声音|音像|影音|audios?|videos?|sounds?|media|\d{2,4}(?:kbps|k|p)|[超高标]清|无损)"
    r"(?:文件夹?|格式|版)?)+"
)
_SEPARATORS = lazy_pattern(r"[\s_.\-+&()\[\]【】]+")
GENERIC = lazy_pattern(
    r"^(?:视频|音频|讲座|课程|电影|图书|照片|资料|音乐|歌曲|录音|有声(?:书|读物|小说|资料)?|听书|评书|广播剧|数据|文件|未整理|新建文件夹.*|video|audio(?:s|books?)?|lectures?|books?|files?"
    r"|(?:[a-z]|usb|移动)?[硬磁]?盘|新加卷.*|本地磁盘.*|下载|桌面|备份|usb\d*|disk\d*|sd[a-z]\d*|data|downloads?|desktop"
    r"|backups?|home|mnt|media|te?mp|music|songs?|sounds?|recordings?|samples?|tests?|documents?|new folder.*"
    r"|mp3|mp4|wav|flac|相册|相片|图片|(?:手机|数码|我的)?(?:相机|照片|图片|视频|音乐|文档)|相机胶卷|手机"
    r"|截图|截屏|微信(?:图片|文件|保存)?|weixin|wechat"
    r"|qq(?:图片|文件|recv)?|导入|导出|扫描[件仪]?|camera(?: roll)?|pictures?|photos?|images?|img|screenshots?"
    r"|scans?|recorder|ebooks?|电子书|小说|文本|文章|课件|合集|其他|杂项|待整理|新增|来源"
    r"|电视剧|连续剧|剧集|动画片?|动漫|纪录片|综艺|影视|录像|摄像|tv(?: ?shows?| ?series)?|series|movies?|films?|anime"
    r"|source|src|in(?:box|put)|out(?:put)?|uploads?|import|export)$",
    re.IGNORECASE,
)
# folders of a card that a camera wrote to (DCF 2.0, 3.2)
_CARD_FOLDER = lazy_pattern(
    r"dcim|\d{3}(?:[A-Z_]{5}|_\d{4}|[A-Z0-9_]{5})|private|avchd|bdmv|stream|m4root|clip", re.IGNORECASE
)


def disc_number(name: str) -> int | None:
    """Return the number of the disc that a folder of this name holds; None where it is no folder for a disc."""
    disc = _match_disc(name)
    if disc is None:
        return None
    if part := disc["part"]:
        return PART_NUMBERS[part]
    if side := disc["side"] or disc["face"]:
        return _SIDE_NUMBERS[side.lower()]
    return read_numeral(disc["number"] or disc["volume"] or disc["ordinal"] or disc["chapter"])


def number_of_part(text: str) -> int | None:
    """Return which part of a work a text says, where it says nothing else: 3 for `下集`, 2 for `（二）`."""
    match = _PART_ALONE.fullmatch(text)
    if match is None:
        return None
    return PART_NUMBERS[match["letter"]] if match["letter"] else read_numeral(match["numeral"])


def number_of_volume(name: str) -> int | None:
    """Return which part of a work a name says, `上`, `卷一`, `第二册`, and nothing else; no chapter is one, nor a
    numeral alone, by which people tell any files apart.
    """
    if read_numeral(name.strip()) is not None:
        return None
    disc = _match_disc(name)
    if disc is None or not (disc["volume"] or disc["ordinal"] or disc["part"]):
        return number_of_part(name)
    return disc_number(name)


def _match_disc(name: str) -> re.Match[str] | None:
    return _DISC_FOLDER.match(unicodedata.normalize("NFKC", decode_name(name)).strip())


def _is_lecture_by_itself(folder: Path) -> bool:
    """Return whether a folder for a part has a title of its own, and nothing above it says what it is a part of."""
    disc = _match_disc(folder.name)
    return disc is not None and disc["title"] is not None and GENERIC.match(folder.parent.name) is not None


def course_folder(path: Path) -> tuple[Path, int | None]:
    """Return the folder that a course or work is named after, and the number of the disc where the file lies in a
    folder for one disc; of section 3 of chapter 2, 203. One that is called by the work and the disc stands for that of
    the work.
    """
    folder, disc, unit = path.parent, None, 1
    while unit <= _UNIT:
        number = None if _is_lecture_by_itself(folder) else disc_number(folder.name)
        if number is None and not _is_named_by_format(folder.name):
            break
        folder = folder.parent
        if number is not None:
            disc, unit = (disc or 0) + number * unit, unit * _UNIT
    if disc is None and (letter := _number_behind_parent(folder)) is not None:
        return folder.parent, letter
    named = _NAMED_DISC.match(unicodedata.normalize("NFKC", decode_name(folder.name))) if disc is None else None
    return (folder.with_name(named["work"]), int(named["number"])) if named else (folder, disc)


def _number_behind_parent(folder: Path) -> int | None:
    """Return which part of a work a folder holds that is called by the folder above it and a letter or number:
    `包公案/包公案-A`.
    """
    names = (folder.name, folder.parent.name)
    name, work = (unicodedata.normalize("NFKC", decode_name(part)).casefold() for part in names)
    if not work or GENERIC.match(work) or not name.startswith(work):
        return None
    behind = _BEHIND_PARENT.fullmatch(name[len(work) :])
    if behind is None:
        return number_of_volume(name[len(work) :].strip(" _-.·"))
    return ord(behind["letter"]) - ord("a") + 1 if behind["letter"] else int(behind["number"])


def _is_named_by_format(name: str) -> bool:
    folded = unicodedata.normalize("NFKC", decode_name(name)).casefold()
    return _FORMAT_NAME.fullmatch(_SEPARATORS.sub("", folded)) is not None


def naming_folder(path: Path) -> str | None:
    """Return the name of the folder that a file lies in, where it says what is in it."""
    folder = path.parent
    while _CARD_FOLDER.fullmatch(folder.name) or _is_named_by_format(folder.name):
        folder = folder.parent
    name = without_markers(re.sub(r"[\s\u3000]+", " ", unicodedata.normalize("NFC", decode_name(folder.name))).strip())
    return None if not name or GENERIC.match(name) or number_of_machine_name(name, digits=True) else name
