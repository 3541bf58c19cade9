"""Names that devices give to files, and what is added to names when files are passed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats.placeholders import number_of_machine_name
from ingest_tools.passed_on import without_markers
from ingest_tools.pipeline.metadata.merge import build_draft
from ingest_tools.sources.filenames import parse_filename


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("栗雨老街/DSC_0012.jpg", "栗雨老街 0012"),
        ("栗雨老街/_DSC1234.JPG", "栗雨老街 1234"),
        ("栗雨老街/IMG_E1234.jpg", "栗雨老街 1234"),
        ("栗雨老街/0012.jpg", "栗雨老街 0012"),
        ("栗雨老街/12.jpg", "栗雨老街 12"),
        ("栗雨老街/100_0012.jpg", "栗雨老街 100 0012"),
        ("栗雨老街/DCIM/100CANON/IMG_0012.JPG", "栗雨老街 0012"),
        ("栗雨老街/IMG_20190501_101112.jpg", "栗雨老街 2019-05-01 10:11:12"),
        ("栗雨老街/20190501_101112.jpg", "栗雨老街 2019-05-01 10:11:12"),
        ("栗雨老街/IMG-20190501-WA0001.jpg", "栗雨老街 2019-05-01"),
        ("栗雨老街/微信图片_20190501101112.jpg", "栗雨老街 2019-05-01 10:11:12"),
        ("栗雨老街/Screenshot_20190501-101112_com.tencent.mm.png", "栗雨老街 2019-05-01 10:11:12"),
        ("栗雨老街/照片 12.jpg", "栗雨老街 12"),
        ("DCIM/100CANON/IMG_0012.JPG", "IMG 0012"),
        ("照片/DSC_0012.jpg", "DSC 0012"),
        ("2019/DSC_0012.jpg", "DSC 0012"),
        ("新建文件夹 (2)/DSC_0012.jpg", "DSC 0012"),
        ("DSC_0012.jpg", "DSC 0012"),
        ("栗雨老街/DSC_Nikon.jpg", "DSC Nikon"),
        ("栗雨老街/bird_burst.jpg", "bird burst"),
        ("栗雨老街/1998-05 渡口.jpg", "渡口"),
    ],
)
def test_photos_that_a_camera_named_are_called_by_their_folder(path: str, title: str) -> None:
    assert parse_filename(Path(path), photo=True).title == title


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("湘江船歌/Track 03.mp3", "湘江船歌 03"),
        ("湘江船歌/AudioTrack 03.mp3", "湘江船歌 03"),
        ("湘江船歌/音轨 3.mp3", "湘江船歌 3"),
        ("湘江船歌/003.mp3", "湘江船歌 003"),
        ("湘江船歌/第003集.mp3", "湘江船歌 第003集"),
        ("湘江船歌/湘江船歌 003.mp3", "湘江船歌 003"),
        ("湘江船歌/CD2/Track 03.mp3", "湘江船歌 203"),
        ("湘江船歌/03 浏阳河.mp3", "浏阳河"),
        ("湘江船歌【无损】/Track 03.mp3", "湘江船歌 03"),
        ("湘江船歌/新录音 12.m4a", "湘江船歌 12"),
        ("渡口的灯/MVI_0001.avi", "渡口的灯 0001"),
        ("渡口的灯/VID_20190501_101112.mp4", "渡口的灯 2019-05-01 10:11:12"),
        ("音乐/Track 03.mp3", "Track 03"),
        ("Track 03.mp3", "Track 03"),
    ],
)
def test_tracks_are_called_by_their_folder(path: str, title: str) -> None:
    assert parse_filename(Path(path), media=True).title == title


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("栗雨村志/扫描件_0003.pdf", "栗雨村志 0003"),
        ("栗雨村志/未命名1.docx", "栗雨村志 1"),
        ("栗雨村志/001.txt", "栗雨村志 001"),
        ("奥威尔/1984.epub", "1984"),
        ("栗雨村志/第12章.txt", "第12章"),
        ("书/扫描件_0003.pdf", "书 0003"),
        ("电子书/扫描件_0003.pdf", "扫描件 0003"),
    ],
)
def test_documents_that_a_scanner_named_are_called_by_their_folder(path: str, title: str) -> None:
    assert parse_filename(Path(path)).title == title


def test_the_folder_of_a_photo_tells_readers_no_place() -> None:
    path = Path("28.228209, 112.938814/DSC_0012.jpg")
    assert build_draft(Description("photo", "", "photo"), path, None).draft.title == "照片"


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        ("三国演义【精校版】", "三国演义"), ("[高清]渡口", "渡口"), ("渡口(完结)", "渡口"), ("渡口（已完结）", "渡口"),
        ("三国演义全本", "三国演义"), ("红楼梦全本TXT下载", "红楼梦"), ("渡口 TXT下载", "渡口"),
        ("渡口[txt电子书下载]", "渡口"),
        ("柑橘栽培_高清", "柑橘栽培"), ("柑橘栽培（高清扫描版）", "柑橘栽培"), ("渡口 1080p", "渡口"),
        ("阳光电影www.ygdy8.com.渡口.BD.720p.国语中字", "渡口"), ("[电影天堂www.dy2018.com]渡口BD1080p中字", "渡口"),
        ("【某某论坛首发】渡口", "渡口"), ("渡口 www.example.com", "渡口"), ("三国(txt全集下载)", "三国"),
        ("(高清) 柑橘 [txt]", "柑橘"), ("渡口 精校版【完结】", "渡口"),
        ("渡口 (Z-Library)", "渡口"), ("渡口 (z-library.sk, 1lib.sk, z-lib.sk)", "渡口"), ("渡口 - Z-Library", "渡口"),
    ],
)  # fmt: skip
def test_what_was_added_when_a_file_was_passed_on_is_left_out(stem: str, title: str) -> None:
    assert without_markers(stem) == title
    assert parse_filename(Path(f"{stem}.txt")).title == title


@pytest.mark.parametrize(
    "stem",
    [
        "【精校版】", "[高清]", "全本", "www.example.com", "TXT下载", "完结", "高清", "txt", "鲁迅全集",
        "最新柑橘栽培", "完本感言", "高清摄影入门", "村志（修订版）", "村志（第2版）", "红与黑（全译本）", "柑橘（上）",
        "ASP.NET 入门", "Python.org 入门", "古籍 整理", "怎样读 PDF", "民歌（李月娥整理）",
        "中级工（电子）", "[法]司汤达",
    ],
)  # fmt: skip
def test_titles_of_such_words_stay(stem: str) -> None:
    assert without_markers(stem) == stem


@pytest.mark.parametrize(
    "stem", [f"【{'abcdefghij.com.cn' * 12}x】渡口", f"【{'www.a.com' * 25}x】渡口", f"【{'论坛首发' * 20}x】渡口"]
)
def test_names_full_of_addresses_are_read_at_once(stem: str) -> None:
    """Each address can be divided in many ways, and there are several in a pair of brackets."""
    assert without_markers(stem) == stem


def test_names_full_of_programs_are_read_at_once() -> None:
    assert number_of_machine_name("Screenshot_20190501-101112_com.tencent.mm") == "2019-05-01 10:11:12"
    assert number_of_machine_name(f"IMG_0012{'_com.tencent' * 20}!") is None


def test_the_name_of_an_author_between_markers_is_read() -> None:
    hints = parse_filename(Path("《三国演义》（校对版全本+番外）作者：罗贯中.txt"))
    assert (hints.title, hints.creator) == ("三国演义", "罗贯中")
