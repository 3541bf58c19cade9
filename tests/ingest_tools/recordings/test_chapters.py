"""Chapters of recordings: those inside a file, and those of the CUE sheet next to it."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import pytest

from ingest_tools.formats.audiovisual import cue_sheet
from ingest_tools.formats.audiovisual.chapters import chapters_of_probe
from library_server.app import create_app
from library_server.catalogue.dto import RecordView
from library_server.library import Library
from tests.factories.pictures import film
from tests.factories.recordings import recording, sheet, with_chapters
from tests.support.libraries import ingest
from tests.support.records import load_only_record, records_by_title

TWO = (("第一回 桃园", "00:00:00"), ("第二回 督邮", "00:05:37"))


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


def chapters(record: RecordView) -> list[tuple[int, str]]:
    return [(chapter.start_ms, chapter.title) for chapter in record.details.chapters]


@pytest.mark.parametrize("name", ["书.m4b", "书.m4a", "书.mka", "书.mp3", "书.opus"])
@pytest.mark.slow
def test_chapters_inside_a_recording(library: Library, disk: Path, name: str) -> None:
    with_chapters(disk / name, [(0, 4000, "第一章 选地"), (4000, 12000, "第二章 施肥")])
    assert ingest(library, disk).added == 1
    assert chapters(load_only_record(library)) == [(0, "第一章 选地"), (4000, "第二章 施肥")]


@pytest.mark.slow
def test_chapters_inside_a_film(library: Library, disk: Path) -> None:
    with_chapters(disk / "片.mkv", [(0, 6000, "上"), (6000, 12000, "下")])
    film(disk / "戏.mp4")
    ingest(library, disk)
    assert sorted(len(record.details.chapters) for record in records_by_title(library).values()) == [0, 2]


def probed(*chapters: tuple[str, str, str | None]) -> dict[str, object]:
    return {
        "chapters": [
            {"start_time": start, "end_time": end, "tags": {} if title is None else {"title": title}}
            for start, end, title in chapters
        ]
    }


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        # parts of a divided book keep the chapters of the other parts, with no length
        ([("0", "0", "五"), ("0", "50", "六"), ("50", "100", "七"), ("100", "100", "八")], [(0, "六"), (50_000, "七")]),
        ([("50", "100", "后"), ("0", "50", "前")], [(0, "前"), (50_000, "后")]),
        ([("0", "50", None), ("50", "100", "")], [(0, ""), (50_000, "")]),
        ([("0", "100", "全书")], []),
        ([("0", "50", "一"), ("50", "100", "二"), ("200", "300", "过了末尾")], [(0, "一"), (50_000, "二")]),
        ([("N/A", "1", "坏"), ("0", "50", "一"), ("50", "100", "二")], [(0, "一"), (50_000, "二")]),
        ([("0", "50", "µÚÒ»ÕÂ"), ("50", "100", "二")], [(0, "第一章"), (50_000, "二")]),
        ([("0", "40", "一"), ("40", "100", "二"), ("40", "100", "二")], [(0, "一"), (40_000, "二")]),
    ],
)
def test_chapters_as_programs_write_them(
    listed: list[tuple[str, str, str | None]], expected: list[tuple[int, str]]
) -> None:
    assert [tuple(chapter) for chapter in chapters_of_probe(probed(*listed), 100_000)] == expected


SHEETS = {
    "utf-8": sheet(*TWO).encode(),
    "a byte order mark": codecs.BOM_UTF8 + sheet(*TWO).encode(),
    "gbk": sheet(*TWO).encode("gbk"),
    "utf-16": sheet(*TWO).encode("utf-16"),
    "big5": sheet(("第一回 桃園", "00:00:00"), ("第二回 督郵", "00:05:37")).encode("big5"),
    "another ending": sheet(*TWO, file="唱片.ape").encode(),
    "a path of Windows": sheet(*TWO, file="D:\\音乐\\唱片.wav").encode(),
    "a path of Linux": sheet(*TWO, file="/home/a/唱片.WAV").encode(),
    "a file that is not there": sheet(*TWO, file="CDImage.wav").encode(),
    "no quotation marks": sheet(*TWO).replace('"', "").encode(),
    "quotation marks of Chinese": sheet(*TWO).replace('"', "”").encode(),
    "lower case": sheet(*TWO).replace("TRACK", "track").replace("INDEX", "index").replace("TITLE", "Title").encode(),
    "an unknown type": sheet(*TWO).replace("WAVE", "FLAC").encode(),
    "a pause": sheet(*TWO).replace("    INDEX 01 00:05:37", "    INDEX 00 00:04:00\n    INDEX 01 00:05:37").encode(),
    "bad lines": b"\x00\n%%%\nREM\nTRACK\nINDEX xx\nTITLE\n" + sheet(*TWO).encode(),
    "hours": sheet(("第一回 桃园", "0:00:00:00"), ("第二回 督邮", "00:00:05:37")).encode(),
    "lone carriage returns": sheet(*TWO).replace("\r\n", "\r").encode(),
    "more tracks than the file is long": sheet(*TWO, ("第三回", "98:59:74")).encode(),
}


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.slow
def test_a_cue_sheet_gives_chapters(library: Library, disk: Path, kind: str) -> None:
    recording(disk / "唱片.flac")
    (disk / "唱片.cue").write_bytes(SHEETS[kind])
    report = ingest(library, disk)
    assert (report.added, report.joined, report.rejections) == (1, 1, [])
    first, second = ("第一回 桃園", "第二回 督郵") if kind == "big5" else ("第一回 桃园", "第二回 督邮")
    assert chapters(load_only_record(library)) == [(0, first), (5493, second)]


@pytest.mark.slow
def test_a_sheet_says_what_the_tags_do_not(library: Library, disk: Path) -> None:
    recording(disk / "唱片.flac")
    head = 'PERFORMER "梅兰芳"\nTITLE "贵妃醉酒"\nREM DATE 1955'
    (disk / "唱片.flac.cue").write_text(sheet(*TWO, head=head), "utf-8")
    ingest(library, disk)
    record = load_only_record(library)
    assert (record.title, record.creators, record.date_written) == ("贵妃醉酒", ("梅兰芳",), "1955")


@pytest.mark.slow
def test_a_sheet_of_several_files(library: Library, disk: Path) -> None:
    for name, pitch in (("01.wav", 300), ("02.wav", 500)):
        recording(disk / name, pitch=pitch)
    # as EAC writes it: the pause of the second track is at the end of the first file
    (disk / "专辑.cue").write_text(
        'PERFORMER "甲"\nTITLE "专辑"\n'
        'FILE "01.WAV" WAVE\n TRACK 01 AUDIO\n  TITLE "前"\n  PERFORMER "乙"\n  INDEX 01 00:00:00\n'
        ' TRACK 02 AUDIO\n  TITLE "后"\n  INDEX 00 00:10:00\n'
        'FILE "02.WAV" WAVE\n  INDEX 01 00:00:00\n',
        "utf-8",
    )
    report = ingest(library, disk)
    assert (report.seen, report.added, report.joined) == (3, 2, 1)
    described = {
        record.title: (record.creators, record.series, record.part_number, chapters(record))
        for record in records_by_title(library).values()
        if not record.details.course
    }
    assert described == {"前": (("乙",), "专辑", 1, []), "后": (("甲",), "专辑", 2, [])}
    assert ingest(library, disk).unchanged == 3


@pytest.mark.slow
def test_chapters_of_each_file_of_a_sheet(library: Library, disk: Path) -> None:
    for name, pitch in (("上.mp3", 300), ("下.mp3", 500)):
        recording(disk / name, pitch=pitch)
    parts = [sheet((f"{name}一", "00:00:00"), (f"{name}二", "00:06:00"), file=f"{name}.mp3") for name in "上下"]
    (disk / "书.cue").write_text("".join(parts), "utf-8")
    ingest(library, disk)
    assert {title: chapters(record) for title, record in records_by_title(library).items()} == {
        "上": [(0, "上一"), (6000, "上二")],
        "下": [(0, "下一"), (6000, "下二")],
    }


@pytest.mark.parametrize("data", [b"", b"nothing of this kind", b"\x00\x01\x02" * 99, b'FILE "a.wav" WAVE\n'])
@pytest.mark.slow
def test_a_broken_sheet_is_reported_by_itself(library: Library, disk: Path, data: bytes) -> None:
    recording(disk / "唱片.flac")
    (disk / "唱片.cue").write_bytes(data)
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 1)
    assert [Path(entry["path"]).name for entry in report.rejections] == ["唱片.cue"]
    assert chapters(load_only_record(library)) == []


def test_a_sheet_without_a_recording_is_no_record(library: Library, disk: Path) -> None:
    (disk / "游戏.cue").write_text('FILE "游戏.bin" BINARY\n TRACK 01 MODE1/2352\n  INDEX 01 00:00:00\n', "utf-8")
    (disk / "书.txt").write_text("第一章 选地\n柑橘喜温暖。\n", "utf-8")
    report = ingest(library, disk)
    assert (report.seen, report.added) == (1, 1)
    assert ingest(library, disk / "游戏.cue").seen == 0


@pytest.mark.slow
def test_a_sheet_that_comes_later_joins(library: Library, disk: Path) -> None:
    recording(disk / "唱片.flac")
    ingest(library, disk)
    (disk / "唱片.cue").write_text(sheet(*TWO), "utf-8")
    report = ingest(library, disk)
    assert (report.added, report.joined, report.unchanged) == (0, 2, 0)
    assert len(chapters(load_only_record(library))) == 2


@pytest.mark.slow
def test_a_sheet_in_the_tags(library: Library, disk: Path) -> None:
    recording(disk / "唱片.flac", 12, "-metadata", f"cuesheet={sheet(*TWO)}")
    ingest(library, disk)
    assert len(chapters(load_only_record(library))) == 2


def test_other_performers_are_named() -> None:
    parsed = cue_sheet.parse(
        'PERFORMER "甲"\nFILE a.wav WAVE\nTRACK 1 AUDIO\nTITLE 一\nPERFORMER 乙\nINDEX 1 0:0:0\n'
        "TRACK 2 AUDIO\nTITLE 二\nPERFORMER 甲\nINDEX 1 120:00:81\n"
    )
    tracks = [(track.number, track.title, track.performer, track.start_ms) for track in parsed.files[0].tracks]
    assert tracks == [(1, "一", "乙", 0), (2, "二", "甲", 7_201_080)]


@pytest.mark.slow
def test_readers_jump_to_a_chapter(library: Library, disk: Path) -> None:
    with_chapters(disk / "书.m4b", [(0, 4500, "第一章 <选地>"), (4500, 12000, "")])
    ingest(library, disk)
    record = load_only_record(library)
    client = create_app(library).test_client()
    for page in (f"/records/{record.id}", f"/watch/{record.id}"):
        shown = client.get(page).text
        assert "第一章 &lt;选地&gt;" in shown
        assert "第 2 章" in shown
        assert f'href="/watch/{record.id}?t=4.5"' in shown
    played = client.get(f"/watch/{record.id}?t=4.5").text
    assert re.search(r'<audio[^>]*\bsrc="[^"]*#t=4\.5"', played)
    for bad in ("nan", "-1", "1e9", "x", "inf"):
        assert "#t=" not in client.get(f"/watch/{record.id}?t={bad}").text


@pytest.mark.slow
def test_a_recording_without_chapters_has_no_list(library: Library, disk: Path) -> None:
    recording(disk / "书.mp3")
    ingest(library, disk)
    assert 'id="chapters"' not in create_app(library).test_client().get(f"/watch/{load_only_record(library).id}").text


@pytest.mark.slow
def test_chapters_beyond_the_end_are_left_out_and_add_no_time(library: Library, disk: Path) -> None:
    beyond = [(0, 2000, "第一章"), (2000, 4000, "第二章"), (60_000, 90_000, "第三章")]
    with_chapters(disk / "书.m4b", beyond, 6)
    assert ingest(library, disk).added == 1
    record = load_only_record(library)
    assert chapters(record) == [(0, "第一章"), (2000, "第二章")]
    assert record.duration_ms == 6000
