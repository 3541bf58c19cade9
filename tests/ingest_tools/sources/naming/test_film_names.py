"""Names of films, episodes and seasons as media centres and those who pass films on write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.sources.filenames import parse_filename


@pytest.mark.parametrize(
    ("path", "title", "course", "number"),
    [
        ("乡村爱情/Season 01/乡村爱情 - S01E02 - 象牙山.mp4", "象牙山", "乡村爱情", 2),
        ("乡村爱情/Season 02/乡村爱情.S02E01.1080p.WEB-DL.H264.AAC-CHDWEB.mkv", "乡村爱情 第2季第1集", "乡村爱情", 201),
        ("乡村爱情/第三季/第01集.mp4", "乡村爱情 第01集", "乡村爱情", 301),
        ("乡村爱情 第二季/第03集 相亲.mp4", "相亲", "乡村爱情", 203),
        ("Friends/S3/Friends.S03E05.Frozen.mkv", "Frozen", "Friends", 305),
        ("Friends/Friends 1x02.mkv", "Friends 第2集", "Friends", 2),
        ("乡村爱情/Specials/乡村爱情.S00E01.mkv", "乡村爱情 特别篇第1集", "乡村爱情", 1_000_001),
        ("乡村爱情/特别篇/02.mp4", "乡村爱情 特别篇第2集", "乡村爱情", 1_000_002),
        ("乡村爱情/S00E03.花絮.mp4", "花絮", "乡村爱情", 1_000_003),
        ("乡村爱情/SP04.mkv", "乡村爱情 特别篇第4集", "乡村爱情", 1_000_004),
        ("乡村爱情/乡村爱情 番外05.mp4", "乡村爱情 特别篇第5集", "乡村爱情", 1_000_005),
        ("电视剧/乡村爱情.S01E07.mkv", "乡村爱情 第7集", "乡村爱情", 7),
        ("大宅门/大宅门01.mp4", "大宅门01", "大宅门", 1),
        ("大宅门/02.mp4", "大宅门 02", "大宅门", 2),
        ("三国演义/三国演义.EP05.1080p.mkv", "三国演义 第5集", "三国演义", 5),
        ("水浒传/水浒传.43集全.第05集.mkv", "水浒传 第5集", "水浒传", 5),
        ("葫芦兄弟/葫芦兄弟 第05集（完）.mp4", "葫芦兄弟 第5集", "葫芦兄弟", 5),
        ("黑猫警长/[某字幕组][黑猫警长][01][1080P][简体].mp4", "黑猫警长 第1集", "黑猫警长", 1),
        ("黑猫警长/[某字幕组] 黑猫警长 - 02 [1080p][969786E2].mkv", "黑猫警长 第2集", "黑猫警长", 2),
        ("动漫/[YMDR][家有女友][Domestic na Kanojo][2019][02][1080p][AVC][JAP].mp4", "家有女友 第2集", "家有女友", 2),
        ("电影/小兵张嘎 CD2.avi", "小兵张嘎 CD2", "小兵张嘎", 2),
        ("电影/铁道游击队（上集）.mp4", "铁道游击队（上集）", "铁道游击队", 1),
        ("电影/平原游击队.下.mp4", "平原游击队.下", "平原游击队", 3),
        ("电影/平原游击队（二）.mp4", "平原游击队（二）", "平原游击队", 2),
        ("电影/平原游击队 后篇.mp4", "平原游击队 后篇", "平原游击队", 3),
        ("大宅门/上.mp4", "大宅门 上", "大宅门", 1),
        ("大宅门/下集.mp4", "大宅门 下集", "大宅门", 3),
        ("大宅门/大宅门 第01-02集.mp4", "大宅门 第1-2集", "大宅门", 1),
        ("大宅门/大宅门.S01E03-E04.mkv", "大宅门 第3-4集", "大宅门", 3),
        ("大宅门/03（下）.mp4", "大宅门 03（下）", "大宅门", 3),
        ("大宅门/第3集（中）.mp4", "大宅门 第3集（中）", "大宅门", 3),
    ],
)
def test_episodes_and_parts_belong_to_their_work(path: str, title: str, course: str, number: int) -> None:
    hints = parse_filename(Path("/盘") / path, media=True)
    assert (hints.title, hints.course, hints.number, hints.creator) == (title, course, number, None)


@pytest.mark.parametrize(
    ("stem", "title", "date"),
    [
        ("渡江侦察记 (1954)", "渡江侦察记", "1954"),
        ("地道战.1965.1080p.BluRay.x264.DTS-CHD", "地道战", "1965"),
        ("[地雷战][1962][国语无字][DVDRip]", "地雷战", "1962"),
        ("2012.2009.1080p.BluRay", "2012", "2009"),
        ("[某某影院www.example.com]地道战.1965.HD.国语中字", "地道战", "1965"),
        ("早春(Early.Spring).1963.国语.1024x576.某某电影.rmvb", "早春(Early Spring)", "1963"),
        ("冰山上的来客 标清.flv", "冰山上的来客", None),
        ("冰山上的来客_粤语中字", "冰山上的来客", None),
        ("高清水库.1965", "高清水库.1965", None),
        ("Blade Runner 2049 (2017)", "Blade Runner 2049", "2017"),
        ("1921", "1921", None),
        ("渡口.2019", "渡口.2019", None),
        ("渡口 - 480p", "渡口", None),
        ("Windows XP SP2", "Windows XP SP2", None),
        ("4x100 接力", "4x100 接力", None),
        ("山上", "山上", None),
        ("2008年奥运会开幕式", "2008年奥运会开幕式", None),
        ("How to use H264", "How to use H264", None),
    ],
)
def test_years_and_marks_of_releases(stem: str, title: str, date: str | None) -> None:
    hints = parse_filename(Path(f"/盘/电影/{stem}.mkv"), media=True)
    assert (hints.title, hints.date, hints.number, hints.creator) == (title, date, None, None)


@pytest.mark.parametrize(
    ("path", "title", "creator"),
    [
        ("三国演义/三国演义 - 桃园结义.mp4", "桃园结义", None),
        ("花鼓戏/刘海砍樵 - 湖南花鼓戏剧院.mp4", "刘海砍樵", "湖南花鼓戏剧院"),
        ("花鼓戏/湖南花鼓戏剧院 - 刘海砍樵.mp4", "刘海砍樵", "湖南花鼓戏剧院"),
        ("民歌/李晓明 - 浏阳河.mp3", "浏阳河", "李晓明"),
    ],
)
def test_who_stands_before_a_dash(path: str, title: str, creator: str | None) -> None:
    hints = parse_filename(Path("/盘") / path, media=True)
    assert (hints.title, hints.creator) == (title, creator)


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("VID_20190501_101112.mp4", "2019-05-01"), ("20190501_101112.mp4", "2019-05-01"),
        ("2019-05-01 10.11.12.mp4", "2019-05-01"), ("微信视频20190501101112.mp4", "2019-05-01"),
        ("wx_camera_1556677889000.mp4", "2019-05-01"), ("DJI_20240511164405_0094_D.MP4", "2024-05-11"),
        ("Screenrecorder-2019-05-01-10-11-12-123.mp4", "2019-05-01"), ("MOV00123.mp4", None),
        ("mmexport1556677889000.jpg", "2019-05-01"), ("IMG-20190501-WA0001.jpg", "2019-05-01"),
        ("Screenshot_2019-05-01-10-11-12.png", "2019-05-01"), ("1962年夏 晒谷.jpg", "1962年夏"),
    ],
)  # fmt: skip
def test_days_that_devices_write_into_names(name: str, date: str | None) -> None:
    path = Path("/盘/手机") / name
    is_photo = path.suffix in {".jpg", ".png"}
    assert parse_filename(path, media=not is_photo, photo=is_photo).date == date


def test_a_number_a_year_and_an_actor_in_one_name() -> None:
    hints = parse_filename(Path("/盘/电影/05-冰山上的来客(1963)梁音主演.mp4"), media=True)
    assert (hints.title, hints.date, hints.number) == ("冰山上的来客", "1963", 5)
    assert [(name, str(role)) for name, role in hints.creators] == [("梁音", "performer")]
