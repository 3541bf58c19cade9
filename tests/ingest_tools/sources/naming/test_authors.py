"""Authors in names of books, lecturers and days in names of recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.sources.filenames import parse_filename
from library_server.exchange.agents import read_creators


@pytest.mark.parametrize(
    ("stem", "title", "creator"),
    [
        ("水乡旧事 作者：柳青青", "水乡旧事", "柳青青"),
        ("水乡旧事（作者：柳青青）", "水乡旧事", "柳青青"),
        ("水乡旧事4（柳青青 著）", "水乡旧事4", "柳青青"),
        ("水乡旧事 [柳青青编著]", "水乡旧事", "柳青青"),
        ("[柳青青]水乡旧事3", "水乡旧事3", "柳青青"),
        ("水乡旧事 by 陈水生", "水乡旧事", "陈水生"),
        ("《水乡旧事》作者：柳青青", "水乡旧事", "柳青青"),
    ],
)
def test_authors_that_names_state(stem: str, title: str, creator: str) -> None:
    hints = parse_filename(Path(f"/盘/小说/{stem}.txt"))
    assert (hints.title, hints.creator) == (title, creator)


@pytest.mark.parametrize(
    "stem",
    [
        "[武侠]水乡旧事", "[计算机]入门", "[古典文学]水乡旧事", "[时间简史]读后", "Stand by Me", "Step by Step Guide",
        "水乡旧事（名著）", "水乡旧事（修订 著）",
    ],
)  # fmt: skip
def test_other_words_are_no_authors(stem: str) -> None:
    hints = parse_filename(Path(f"/盘/小说/{stem}.txt"))
    assert (hints.title, hints.creator) == (stem, None)


@pytest.mark.parametrize(
    ("name", "title", "date", "creator"),
    [
        ("20180312_乡村振兴_李教授.mp3", "乡村振兴 李教授", "2018-03-12", None),
        ("20180314_文艺汇演.mp4", "文艺汇演", "2018-03-14", None),
        ("20180314 柑橘栽培（主讲人：王立新）.mp4", "柑橘栽培", "2018-03-14", "王立新"),
        ("柑橘栽培（主讲人：王立新）.mp4", "柑橘栽培", None, "王立新"),
        ("柑橘栽培（王立新主讲）.mp3", "柑橘栽培", None, "王立新"),
        ("20181399_文艺汇演.mp4", "20181399 文艺汇演", None, None),
    ],
)
def test_days_and_lecturers_in_names_of_recordings(
    name: str, title: str, date: str | None, creator: str | None
) -> None:
    hints = parse_filename(Path("/盘/录像") / name, media=True)
    assert (hints.title, hints.date) == (title, date)
    assert hints.creators == (((creator, "lecturer"),) if creator else ())


def test_a_lecture_with_a_day_keeps_its_course() -> None:
    hints = parse_filename(Path("/盘/柑橘种植课/20180312_第02讲 选地（主讲：王立新）.mp4"), media=True)
    assert (hints.title, hints.date, hints.creators) == ("选地", "2018-03-12", (("王立新", "lecturer"),))
    assert (hints.course, hints.number) == ("柑橘种植课", 2)


@pytest.mark.parametrize(
    ("stem", "title", "creator"),
    [
        ("《柑橘栽培》李建国编著", "柑橘栽培", "李建国"),
        ("《柑橘栽培》李建国主编", "柑橘栽培", "李建国"),
        ("《柑橘栽培》李建国编", "柑橘栽培", "李建国"),
        ("山里的春天 - 未知作者", "山里的春天", None),
        ("山里的春天（佚名）", "山里的春天（佚名）", None),
        ("种茶技术_百度文库", "种茶技术", None),
    ],
)
def test_words_for_roles_and_nobody(stem: str, title: str, creator: str | None) -> None:
    hints = parse_filename(Path(f"/盘/资料/{stem}.epub"))
    assert (hints.title, hints.creator) == (title, creator)


def test_several_names_and_labels_in_one_value() -> None:
    assert read_creators("李建国 & 王小明", "author") == [("李建国", "author"), ("王小明", "author")]
    assert read_creators("绘图：李建国", "author") == [("李建国", "contributor")]
