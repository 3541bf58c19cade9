"""Titles, authors and kinds in file names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.merge import build_draft
from ingest_tools.sources.filenames import parse_filename


@pytest.mark.parametrize(
    "stem", ["bird_burst", "SF424_page2", "IMG_20210304_HDR", "渡口_谭素芳", "DSC_0012", "DSC_Nikon", "老街_全景"]
)
def test_no_photographer_is_read_out_of_underscores(stem: str) -> None:
    draft = build_draft(Description("photo", "", "photo"), Path(f"{stem}.jpg"), None).draft
    assert (draft.title, draft.creators) == (stem.replace("_", " "), ())


@pytest.mark.parametrize(
    "stem",
    [
        "SF424_page2", "annual_report", "Annual Report_Final Version", "guide_v2", "柑橘栽培_修订版", "柑橘栽培_扫描",
        "柑橘栽培_上册", "柑橘栽培_最终稿", "柑橘栽培_高清", "柑橘栽培_第2版", "柑橘栽培_副本",
        "notes_draft", "Chapter 3 - Rice",
        "2019-Report - Rice", "第一章 - 总论",
    ],
)  # fmt: skip
def test_what_follows_an_underscore_is_an_author_only_where_it_is_a_name(stem: str) -> None:
    assert parse_filename(Path(f"{stem}.pdf")).creator is None


@pytest.mark.parametrize(
    ("stem", "title", "creator"),
    [
        ("柑橘栽培手记_陈守田", "柑橘栽培手记", "陈守田"),
        ("鲁滨逊漂流记_笛福", "鲁滨逊漂流记", "笛福"),
        ("村志_天元县文化馆", "村志", "天元县文化馆"),
        ("红与黑_[法]司汤达 著", "红与黑", "[法]司汤达"),
        ("村志_中国作家协会", "村志", "中国作家协会"),
        ("Emma_Jane Austen", "Emma", "Jane Austen"),
        ("Shakespeare - Hamlet", "Hamlet", "Shakespeare"),
    ],
)
def test_authors_after_the_title(stem: str, title: str, creator: str) -> None:
    hints = parse_filename(Path(f"{stem}.pdf"))
    assert (hints.title, hints.creator) == (title, creator)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("花鼓戏.mpg", "performance"),
        ("京剧 空城计.mpg", "performance"),
        ("刘海砍樵 湘剧选段.mp4", "performance"),
        ("春节联欢晚会.mp4", "performance"),
        ("故事片 渡口.avi", "film"),
        ("黄梅戏电影 天仙配.avi", "film"),
        ("柑橘栽培讲座.mp4", "lecture"),
        ("花鼓戏的历史讲座.mp4", "lecture"),
        ("第三讲 京剧的脸谱.mp4", "lecture"),
        ("讲座/京剧的脸谱.mp4", "lecture"),
        ("游戏厅.mp4", None),
        ("儿戏.mp4", None),
        ("课本发放.mp4", None),
        ("栗雨.mp4", None),
        ("游戏/栗雨.mp4", None),
    ],
)
def test_kinds_are_read_out_of_words_in_names(path: str, kind: str | None) -> None:
    assert parse_filename(Path(path), media=True).kind == kind


def test_a_stated_kind_wins_over_words_in_the_name() -> None:
    draft = build_draft(Description("video", "", "lecture"), Path("花鼓戏.mpg"), "film").draft
    assert draft.kind == "film"
    assert build_draft(Description("video", "", "lecture"), Path("花鼓戏.mpg"), None).draft.kind == "performance"
    assert build_draft(Description("audio", "", "audio"), Path("第3讲 施肥.mp3"), None).draft.kind == "lecture"


@pytest.mark.parametrize(
    ("path", "course", "number"),
    [
        ("三国演义/MP3/001.mp3", "三国演义", 1),
        ("三国演义/音频/01 桃园结义.mp3", "三国演义", 1),
        ("三国演义/MP3格式/128kbps/第二回.mp3", "三国演义", 2),
        ("三国演义/CD2/mp3/03 桃园.mp3", "三国演义", 203),
        ("三国演义/MP3/CD2/03 桃园.mp3", "三国演义", 203),
        ("三国演义/01-05.mp3", "三国演义", 105),
        ("三国演义/02-05 空城计.mp3", "三国演义", 205),
        ("三国演义/02_05.mp3", "三国演义", 205),
        ("三国演义/2-3.mp3", "三国演义", 203),
        ("三国演义/01.12.mp3", "三国演义", 112),
        ("花鼓戏/视频 (1080p)/01 开台.mp4", "花鼓戏", 1),
        ("柑橘种植课/高清MP4/02 施肥.mp4", "柑橘种植课", 2),
        ("MP3/001.mp3", None, 1),
        ("新加卷 (E:)/MP3/001.mp3", None, 1),
        ("sdb1/001.mp3", None, 1),
        ("移动硬盘/视频/01 开台.mp4", None, 1),
        ("资料/音频/01 开台.mp3", None, 1),
        ("声音的故事/01 开台.mp3", "声音的故事", 1),
    ],
)
def test_a_folder_named_after_a_format_names_no_course(path: str, course: str | None, number: int | None) -> None:
    hints = parse_filename(Path(path), media=True)
    assert (hints.course, hints.number) == (course, number)


@pytest.mark.parametrize(
    ("stem", "date", "title"),
    [
        ("民国廿三年 学堂", "民国廿三年", "学堂"),
        ("二○○八年 渡口", "二○○八年", "渡口"),
        ("一九七八年十二月 秤铺", "一九七八年十二月", "秤铺"),
        ("光绪三十年_村志", "光绪三十年", "村志"),
        ("清康熙甲辰年 县志", "清康熙甲辰年", "县志"),
    ],
)
def test_dates_in_chinese_before_a_title(stem: str, date: str, title: str) -> None:
    hints = parse_filename(Path(f"{stem}.jpg"), photo=True)
    assert (hints.date, hints.title) == (date, title)


@pytest.mark.parametrize("stem", ["一九四二年", "康熙王朝 上", "乾隆年间 县志", "二十四史 汉书"])
def test_titles_that_begin_like_a_date_have_none(stem: str) -> None:
    assert parse_filename(Path(f"{stem}.pdf")).date is None


@pytest.mark.parametrize(
    ("stem", "title", "date"),
    [
        ("20190501 插秧", "插秧", "2019-05-01"),
        ("20190501_插秧", "插秧", "2019-05-01"),
        ("IMG_20190501_101112", "IMG 20190501 101112", "2019-05-01"),
        ("PXL_20230910_153000123", "PXL 20230910 153000123", "2023-09-10"),
        ("IMG20190501101112", "IMG20190501101112", "2019-05-01"),
        ("20191350 插秧", "20191350 插秧", None),
        ("20190231 插秧", "20190231 插秧", None),
        ("20190501 20190502", "20190501 20190502", None),
        ("IMG_0123", "IMG 0123", None),
    ],
)
def test_dates_of_eight_digits_in_names_of_photos(stem: str, title: str, date: str | None) -> None:
    hints = parse_filename(Path(f"{stem}.jpg"), photo=True)
    assert (hints.title, hints.date) == (title, date)
