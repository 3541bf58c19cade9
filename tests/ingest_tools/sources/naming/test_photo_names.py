"""When and by whom photos were taken, as it stands in their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.merge import build_draft
from ingest_tools.sources.filenames import parse_filename


@pytest.mark.parametrize(
    ("stem", "title", "date"),
    [
        ("栗雨老街（1985年）", "栗雨老街", "1985年"),
        ("栗雨老街 1985年", "栗雨老街", "1985年"),
        ("栗雨老街1985年", "栗雨老街", "1985年"),
        ("栗雨老街(1985)", "栗雨老街", "1985"),
        ("老桥(1976年8月)", "老桥", "1976年8月"),
        ("老桥（摄于1976年8月1日）", "老桥", "1976年8月1日"),
        ("老桥（1976年摄）", "老桥", "1976年"),
        ("老桥1976", "老桥", "1976"),
        ("老桥_1976-08-01", "老桥", "1976-08-01"),
        ("老桥 19760801", "老桥", "1976-08-01"),
        ("19760801老桥", "老桥", "1976-08-01"),
        ("1976.8.1老桥", "老桥", "1976.8.1"),
        ("1958年大炼钢铁", "1958年大炼钢铁", "1958年"),
        ("1958年夏大炼钢铁", "1958年夏大炼钢铁", "1958年夏"),
        ("80年代 供销社", "供销社", "80年代"),
        ("供销社（八十年代）", "供销社", "八十年代"),
        ("学堂（民国二十三年）", "学堂", "民国二十三年"),
        ("学堂旧址 摄于2003年5月", "学堂旧址", "2003年5月"),
        ("学堂旧址摄于2003年5月", "学堂旧址", "2003年5月"),
    ],
)
def test_dates_in_names_of_photos(stem: str, title: str, date: str) -> None:
    hints = parse_filename(Path(f"/盘/照片/{stem}.jpg"), photo=True)
    assert (hints.title, hints.date, hints.by_camera) == (title, date, False)


@pytest.mark.parametrize(
    "stem",
    [
        "老桥 1080", "老桥1080", "收据2000元", "中山路1920", "解放街1985号", "老桥建于1976年", "老街 1980-1985",
        "老桥（第2张）", "老桥（1）", "老桥（修复 1985年）", "1985年级合影", "老桥2999", "老桥（2999年）",
        "电话07311985",
        "老桥 19761332", "DSC 1985", "1985年", "SF1976", "王建国摄影展", "老桥（航空摄影）", "湘江 国家地理摄",
    ],
)  # fmt: skip
def test_other_numbers_and_words_stay_in_the_title(stem: str) -> None:
    hints = parse_filename(Path(f"/盘/照片/{stem}.jpg"), photo=True)
    assert (hints.title, hints.date, hints.creator) == (stem, None, None)


@pytest.mark.parametrize(
    ("stem", "title", "date", "creator"),
    [
        ("老桥 王建国摄", "老桥", None, "王建国"),
        ("老桥（王建国摄）", "老桥", None, "王建国"),
        ("老桥（王建国 摄）", "老桥", None, "王建国"),
        ("老桥（摄影：王建国）", "老桥", None, "王建国"),
        ("老桥（王建国摄于1985年）", "老桥", "1985年", "王建国"),
        ("老桥（1985年 王建国摄）", "老桥", "1985年", "王建国"),
        ("老桥 1985年 王建国摄", "老桥", "1985年", "王建国"),
        ("1985年 老桥（王建国摄）", "老桥", "1985年", "王建国"),
    ],
)
def test_photographers_in_names(stem: str, title: str, date: str | None, creator: str) -> None:
    hints = parse_filename(Path(f"/盘/照片/{stem}.jpg"), photo=True)
    assert (hints.title, hints.date, hints.creator) == (title, date, creator)


def test_when_a_photo_was_taken_is_believed_before_the_day_of_its_scan() -> None:
    description = Description("photo", "", "photo", date="2019-05-01")
    draft = build_draft(description, Path("学堂旧址 摄于2003年5月.jpg"), None).draft
    assert (draft.title, draft.date) == ("学堂旧址", "2003年5月")


@pytest.mark.parametrize(
    ("stem", "title", "date"),
    [
        ("DSC_0007 老渡口", "老渡口", None),
        ("微信图片_20210203101112_晒谷场", "晒谷场", "2021-02-03"),
        ("IMG_20210203_101112 晒谷场", "晒谷场", "2021-02-03"),
        ("mmexport1556677889000_晒谷场", "晒谷场", "2019-05-01"),
        ("民国35年县城", "民国35年县城", "民国35年"),
        ("民国三十五年县城", "民国三十五年县城", "民国三十五年"),
        ("桥头001 晒谷场", "桥头001 晒谷场", None),
    ],
)
def test_a_title_behind_the_name_that_a_camera_gave(stem: str, title: str, date: str | None) -> None:
    hints = parse_filename(Path(f"/盘/照片/{stem}.jpg"), photo=True)
    assert (hints.title, hints.date) == (title, date)
