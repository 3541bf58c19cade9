"""Subtitles, lyrics and CUE sheets of other programs than those that the formats were made for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats.audiovisual import cue_sheet, subtitle
from ingest_tools.rejections import RejectedError

_SUBRIP = "1\n00:00:01,000 --> 00:00:02,000\n今天讲柑橘\n\n2\n00:00:03,000 --> 00:00:04,000\n土壤要疏松\n"
_EVENTS = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
_LINE = "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,甲\n"


def read(folder: Path, content: str | bytes, name: str = "字幕.srt") -> list[tuple[float, str]]:
    source = folder / name
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    passages = subtitle.to_vtt(source, folder / "out.vtt")
    return [(float(passage.value), passage.text) for passage in passages]


@pytest.mark.parametrize(
    "stamps",
    [
        ("[00:01.50]", "[01:03.00]"), ("[00:01,50]", "[01:03,00]"), ("[ 00:01.50 ]", "[01:03.00]"),
        ("【00:01.50】", "【01:03】"), ("［00：01．50］", "［01：03］"), ("[00:00:01.50]", "[00:01:03.00]"),
        ("[00:01:50]", "[01:03:00]"),
    ],
)  # fmt: skip
def test_times_of_lyrics(stamps: tuple[str, str], tmp_path: Path) -> None:
    assert read(tmp_path, f"[ti:歌]\n{stamps[0]}甲\n{stamps[1]}乙\n", "歌.lrc") == [(1.5, "甲"), (63.0, "乙")]


def test_times_of_single_words_are_no_words(tmp_path: Path) -> None:
    lyrics = "[00:01.00]刘[00:01.20]海[00:01.50]砍樵[00:02.00]\n[00:03.00]<00:03.00>胡<00:03.20>大姐\n"
    assert read(tmp_path, lyrics, "歌.lrc") == [(1.0, "刘海砍樵"), (3.0, "胡大姐")]


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_line_ends_and_encodings(encoding: str, end: str, tmp_path: Path) -> None:
    data = _SUBRIP.replace("\n", end).encode(encoding)
    assert read(tmp_path, data) == [(1.0, "今天讲柑橘"), (3.0, "土壤要疏松")]


@pytest.mark.parametrize("encoding", ["big5", "gb18030"])
def test_traditional_lines(encoding: str, tmp_path: Path) -> None:
    lines = _SUBRIP.replace("讲", "講").replace("松", "鬆")
    assert read(tmp_path, lines.encode(encoding)) == [(1.0, "今天講柑橘"), (3.0, "土壤要疏鬆")]


def test_what_is_no_cue_of_web_vtt_is_no_subtitle(tmp_path: Path) -> None:
    content = (
        "WEBVTT - 讲座\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\nNOTE 注释\n00:00.000 --> 99:00.000\n\n"
        "STYLE\n::cue { color: red }\n\n第一句\n00:01.000 --> 00:02.000 align:start\n<v 老师>今天<c.y>讲</c></v>\n\n"
        "intro-2\n00:00:03.000 --> 00:00:04.000\n<00:00:03.500>柑橘&nbsp;&lt;好&gt;\n"
    )
    assert read(tmp_path, content, "讲座.vtt") == [(1.0, "今天讲"), (3.0, "柑橘 <好>")]


@pytest.mark.parametrize("lower", [True, False])
def test_names_of_substation_in_any_letter_case(lower: bool, tmp_path: Path) -> None:
    content = f"[Script Info]\nTitle: x\n[Events]\n{_EVENTS}{_LINE}"
    if lower:
        for name in ("[Script Info]", "[Events]", "Format:", "Dialogue:"):
            content = content.replace(name, name.lower())
    assert read(tmp_path, content, "讲座.ass") == [(1.0, "甲")]


def test_two_languages_of_sami_are_two_lines(tmp_path: Path) -> None:
    content = (
        "<SAMI><BODY><SYNC Start=1000><P Class=ZHCC>甲<P Class=ENCC>one"
        "<SYNC Start=2000><P Class=ZHCC>&nbsp;<P Class=ENCC>&nbsp;</BODY></SAMI>"
    )
    assert read(tmp_path, content, "讲座.smi") == [(1.0, "甲 one")]


def test_words_without_times_are_refused_by_name_and_without_words_of_a_parser(tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as refused:
        read(tmp_path, "刘海砍樵\n胡大姐你是我的妻\n", "歌.lrc")
    assert (refused.value.code, refused.value.detail) == ("untimed", "")


def sheet_of(title: str, track: str) -> str:
    return f'TITLE {title}\nFILE "x.wav" WAVE\n  TRACK 01 AUDIO\n    TITLE {track}\n    INDEX 01 00:00:00\n'


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ('"名曲 "十八相送" 全集"', '名曲 "十八相送" 全集'), ("“花鼓戏”", "花鼓戏"), ('"“花鼓戏”精选"', "“花鼓戏”精选"),
        ('"没有关上', "没有关上"), ("没有引号", "没有引号"), ('"甲&amp;乙"', "甲&乙"),
        ('"甲\x0b乙\u2028丙"', "甲 乙 丙"),
        ('"甲\\"乙\\""', '甲"乙"'), ('""', ""),
    ],
)  # fmt: skip
def test_titles_of_sheets(written: str, title: str) -> None:
    sheet = cue_sheet.parse(sheet_of(written, written))
    assert (sheet.title, [track.title for track in sheet.files[0].tracks]) == (title, [title])


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("花鼓戏精选", "gbk"), ("花鼓戲精選", "big5"), ("花鼓戲精選", "gbk"), ("さくら名曲集", "shift_jis"),
        ("Chansons françaises, été", "cp1252"), ("Русские народные песни", "cp1251"), ("花鼓戏精选", "utf-16-le"),
    ],
)  # fmt: skip
def test_encodings_of_sheets(title: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "书.cue"
    path.write_bytes(sheet_of(f'"{title}"', f'"{title}"').encode(encoding))
    assert cue_sheet.read(path).title == title


@pytest.mark.parametrize(
    ("timing", "start"),
    [
        ("00 : 00 : 01 , 000 --> 00 : 00 : 02 , 000", 1.0), ("00: 00: 01,500 --> 00: 00: 02,500", 1.5),
        ("100:00:01,000 --> 100:00:02,000", 356_401.0), ("-00:00:01,500 --> 00:00:01,000", 0.0),
    ],
)  # fmt: skip
def test_times_that_machines_and_shifts_of_time_leave(timing: str, start: float, tmp_path: Path) -> None:
    assert read(tmp_path, f"1\n{timing}\n甲\n") == [(start, "甲")]


def test_cues_without_a_length_are_shown_until_the_next(tmp_path: Path) -> None:
    times = ("00:00:01,000 --> 00:00:01,000", "00:00:03,000 --> 00:00:02,000", "00:00:20,000 --> 00:00:20,000")
    read(tmp_path, "".join(f"1\n{time}\n{time[:12]}\n\n" for time in times))
    assert [line for line in (tmp_path / "out.vtt").read_text("utf-8").splitlines() if "-->" in line] == [
        "00:00:01.000 --> 00:00:03.000", "00:00:03.000 --> 00:00:07.000", "00:00:20.000 --> 00:00:24.000"
    ]  # fmt: skip


def test_both_languages_of_sami_are_shown_as_long(tmp_path: Path) -> None:
    content = (
        "<SAMI><BODY>\n<SYNC Start=500><P Class=ZHCC>你好\n<SYNC Start=500><P Class=ENCC>Hello\n"
        "<SYNC Start=2000><P Class=ZHCC>&nbsp;\n<SYNC Start=2000><P Class=ENCC>&nbsp;\n</BODY></SAMI>"
    )
    assert read(tmp_path, content, "片.smi") == [(0.5, "你好"), (0.5, "Hello")]
    ends = [line.split(" --> ")[1] for line in (tmp_path / "out.vtt").read_text("utf-8").splitlines() if "-->" in line]
    assert ends[0] == ends[1] > "00:00:01.000"


@pytest.mark.parametrize(
    "columns", ["Start, End, Text", "Layer, Start, End, Style, Text", "Start, End, Effect, Style, Text"]
)
def test_columns_of_substation_alpha_in_any_order(columns: str, tmp_path: Path) -> None:
    values = {"Start": "0:00:01.00", "End": "0:00:02.00", "Text": "甲,乙", "Layer": "0", "Style": "D", "Effect": ""}
    line = ",".join(values[name] for name in columns.split(", "))
    content = f"[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: {columns}\nDialogue: {line}\n"
    assert read(tmp_path, content, "片.ass") == [(1.0, "甲,乙")]


def test_readings_above_characters_are_no_words(tmp_path: Path) -> None:
    content = "WEBVTT\n\n00:01.000 --> 00:02.000\n<ruby>汉<rp>(</rp><rt>hàn</rt><rp>)</rp></ruby>字\n"
    assert read(tmp_path, content, "片.vtt") == [(1.0, "汉字")]


def test_subtitles_whose_name_says_no_language_are_in_that_of_their_words(tmp_path: Path) -> None:
    source = tmp_path / "渡口.srt"
    lines = "The ferry is at the end of the road and it was not there for us to take with the others."
    for content, language in ((lines, "en"), ("船在路的尽头。", "zh"), (f"船在路的尽头。\n{lines[:20]}", "zh")):
        source.write_text(f"1\n00:00:01,000 --> 00:00:02,000\n{content}\n", "utf-8")
        described = subtitle.describe(source, source, "渡口", Description("video", "video/mp4", "film"), tmp_path)
        assert [made.language for made in described.derived if made.role == "subtitle"] == [language]
