"""One bad field, name or cell refuses one entry at most: the rest of the batch and the watch folder go on."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ingest_tools.pipeline.watch_folder import WatchFolder
from library_server.library import Library
from tests.factories.pictures import ffmpeg
from tests.support.libraries import ingest
from tests.support.records import records_by_title

DATES = [
    "1998年十一十二月",
    "民国二十十年",
    "Y" + "9" * 70,
    "Y99999",
    "Y-99999",
    "-9999999",
    "٣" * 5000,
    "9" * 5000,
    "፩፪፫፬",
    "①②③④年",
    "约" * 50_000,
    "1/" * 40,
    "0000",
    "-0220",
    "9999-99-99",
    "民国" + "9" * 60 + "年",
]


def story(path: Path, front: str) -> Path:
    path.write_text(f"---\n{front}\n---\n正文", "utf-8")
    return path


@pytest.mark.parametrize("date", DATES, ids=range(len(DATES)))
def test_any_date_of_a_story_is_taken(library: Library, tmp_path: Path, date: str) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    story(disk / "故事.md", f"title: 有日期\ndate: '{date[:300]}'")
    (disk / "好.txt").write_text("好好的一本书", "utf-8")
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (2, 0), report.rejections
    library.indexer.catch_up()
    assert library.indexer.verify().agrees


@pytest.mark.parametrize(
    "name",
    [
        "第二十十讲 嫁接.mp3.txt",
        "民国二十十年_旧事.txt",
        "约99999年 旧事.txt",
        "第一二三讲.txt",
        "第十十讲/第百百讲.txt",
    ],
)
def test_any_file_name_is_taken(library: Library, tmp_path: Path, name: str) -> None:
    path = tmp_path / "讲座" / name
    path.parent.mkdir(parents=True)
    path.write_text("正文", "utf-8")
    (tmp_path / "讲座/好.txt").write_text("好好的一本书", "utf-8")
    report = ingest(library, tmp_path / "讲座")
    assert (report.added, report.rejected) == (2, 0), report.rejections


@pytest.mark.parametrize("field", ["title", "author", "collection", "subjects", "abstract", "place", "rights", "isbn"])
def test_lone_surrogates_and_nul_in_front_matter_are_left_out(library: Library, tmp_path: Path, field: str) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    story(disk / "故事.md", f'{field}: "柑\\ud800\\u0000橘"')
    (disk / "好.txt").write_text("好好的一本书", "utf-8")
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (2, 0), report.rejections


def test_folders_whose_names_are_not_utf8_make_courses(library: Library, tmp_path: Path) -> None:
    course = tmp_path / "盘/\udcb8\udccc课"
    course.mkdir(parents=True)
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", str(tmp_path / "one.wav"))
    (tmp_path / "one.wav").rename(course / "01 嫁接.wav")
    report = ingest(library, tmp_path / "盘")
    assert (report.added, report.rejected) == (1, 0), report.rejections


CELLS = {
    "时长": ["9" * 20, "999999999999:00:00", "1e400", "٣٣", "9" * 5000, "²:00"],
    "册数": ["9" * 20, "²", "①"],
    "集数": ["፩", "①", "9" * 5000],
    "语种": [";;;", ";", "x-" + "a" * 40, "-" * 500],
    "出版日期": ["9" * 5000, "፩፪", "Y99999", "1998年十一十二月", "民国二十十年"],
    "ISBN": ["1e9999", "9" * 5000, "፩" * 13],
    "中图分类号": ["S" + "6" * 5000, ";;;"],
    "定价": ["9" * 5000, "-inf"],
    "馆藏地": ["\x00", "書" * 10_000],
    "索书号": ["S" * 5000],
    "作者": [";;;", "，" * 19_000, "著" * 19_000, "（" * 19_000],
    "书名": ["(" * 19_000, "\x00"],
    "专题": ["\x00", ";;;", "专" * 10_000, "a" * 5000],
    "文件": ["a" * 5000, "../" * 3000, "\x00"],
}  # fmt: skip


@pytest.mark.parametrize("heading", CELLS)
@pytest.mark.slow
def test_a_bad_cell_refuses_its_row_at_most(library: Library, tmp_path: Path, heading: str) -> None:
    columns = list(dict.fromkeys(["书名", heading, "出版社"]))
    rows = [{"书名": f"第{at}本", heading: cell, "出版社": "甲"} for at, cell in enumerate(CELLS[heading])]
    with (tmp_path / "表.csv").open("w", encoding="utf-8", newline="") as writing:
        table = csv.DictWriter(writing, columns)
        table.writeheader()
        for row in [*rows, {"书名": "好书", "出版社": "乙"}]:
            table.writerow(row)
    report = ingest(library, tmp_path / "表.csv")
    assert report.seen == len(rows) + 1
    assert "好书" in records_by_title(library)
    assert {row["code"] for row in report.rejections} <= {"bad_cells", "file_missing", "file_outside"}, (
        report.rejections
    )
    library.indexer.catch_up()
    assert library.indexer.verify().agrees


@pytest.mark.slow
def test_a_cell_larger_than_any_field_does_not_end_its_list(library: Library, tmp_path: Path) -> None:
    with (tmp_path / "表.csv").open("w", encoding="utf-8", newline="") as writing:
        table = csv.writer(writing)
        table.writerow(["书名", "出版社", "不认得的栏"])
        table.writerow(["大书", "出" * 2_000_000, ""])
        table.writerow(["有大栏", "甲", "栏" * 3_000_000])
        table.writerow(["好书", "乙", ""])
    report = ingest(library, tmp_path / "表.csv")
    assert (report.added, report.rejected) == (2, 1), report.rejections
    assert {"好书", "有大栏"} <= set(records_by_title(library))


def test_the_watch_folder_goes_on(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    for at, date in enumerate(DATES):
        story(disk / f"{at}.md", f"title: 第{at}篇\ndate: '{date[:300]}'\nauthor: \"\\ud800\"")
    watch = WatchFolder(disk, lambda paths: ingest(library, *paths), settle=0)
    watch.scan(1.0)
    report = watch.scan(2.0) or watch.scan(3.0)
    assert len(records_by_title(library)) == len(DATES), report and report.rejections
    assert not (disk / "未入库").exists()
