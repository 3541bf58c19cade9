"""Audiobooks of many files: one record of the whole, with its files in their order."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.sources.filenames import parse_filename
from library_server.app import create_app
from library_server.catalogue.records import queries
from library_server.library import Library
from tests.factories.recordings import recording
from tests.support.libraries import ingest
from tests.support.records import records_by_title


@pytest.mark.parametrize(
    ("path", "number", "course"),
    [
        ("三国演义/001.mp3", 1, "三国演义"),
        ("三国演义/三国演义 002.mp3", 2, "三国演义"),
        ("三国演义（单田芳）/三国演义第012集.mp3", 12, "三国演义"),
        ("三国演义/三国演义-120.m4a", 120, "三国演义"),
        ("三国演义/Track03.mp3", 3, "三国演义"),
        ("三国演义/004.amr", 4, "三国演义"),
        ("三国演义/第005回.aiff", 5, "三国演义"),
        ("三国演义/第2回 桃园.mp3", 2, "三国演义"),
        ("三国演义/第十回.mp3", 10, "三国演义"),
        ("三国演义/CD2/05.mp3", 205, "三国演义"),
        ("三国演义/卷二/05.mp3", 205, "三国演义"),
        ("三国演义/第三部/05.mp3", 305, "三国演义"),
        ("三国演义/Vol.2/05.mp3", 205, "三国演义"),
        ("三国演义/B面/05.mp3", 205, "三国演义"),
        ("三国演义/Side A/05.mp3", 105, "三国演义"),
        ("三国演义/磁带12/05.mp3", 1205, "三国演义"),
        ("三国演义/CD2 赤壁/05.mp3", 205, "三国演义"),
        ("三国演义 CD2/05.mp3", 205, "三国演义"),
        ("三国演义（Disc 2）/05.mp3", 205, "三国演义"),
        ("三国演义/2-05 桃园.mp3", 205, "三国演义"),
        ("三国演义/2-05.mp3", 205, "三国演义"),
        ("三国演义/12桃园结义.mp3", 12, "三国演义"),
        ("三国演义/第12回桃园结义.mp3", 12, "三国演义"),
        ("三国演义/第一百零二回.mp3", 102, "三国演义"),
        ("三国演义/三国演义第12回 桃园.mp3", 12, "三国演义"),
        ("三国演义/三国演义_012_桃园.mp3", 12, "三国演义"),
        ("三国演义/12月的戏.mp3", None, None),
        ("三国演义/20年.mp3", None, None),
        ("讲座/2-05 桃园.mp4", 2, None),
        ("三国演义/别的书 3.mp3", None, None),
        ("三国演义/序.mp3", None, None),
        ("录像/00012.mts", None, None),
        ("录像/001.mp4", None, None),
        ("音频/001.mp3", 1, None),
        ("data/001.mp3", 1, None),
        ("录音/002.mp3", 2, None),
        ("New Folder (2)/003.mp3", 3, None),
    ],
)
def test_numbers_in_names_of_recordings(path: str, number: int | None, course: str | None) -> None:
    hints = parse_filename(Path("/盘") / path, media=True)
    assert (hints.number, hints.course) == (number, course)


@pytest.mark.parametrize(
    ("folder", "course", "creator"),
    [
        ("三湘旧事（播讲 李晓明）", "三湘旧事", "李晓明"),
        ("三湘旧事(播讲：李晓明)", "三湘旧事", "李晓明"),
        ("三湘旧事 [李晓明演播]", "三湘旧事", "李晓明"),
        ("三湘旧事（上部）", "三湘旧事（上部）", None),
        ("三湘旧事（播讲 128kbps）", "三湘旧事（播讲 128kbps）", None),
    ],
)
def test_the_folder_of_a_work_may_say_who_reads_it(folder: str, course: str, creator: str | None) -> None:
    hints = parse_filename(Path("/盘/有声书") / folder / "三湘旧事 第003集.mp3", media=True)
    assert (hints.course, hints.number) == (course, 3)
    assert hints.creators == (((creator, "narrator"),) if creator else ())


@pytest.mark.slow
def test_an_audiobook_is_one_record_with_its_files_in_order(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "三国演义"
    folder.mkdir()
    for number, title in ((10, "第十回"), (2, "第二回"), (1, "第一回")):
        recording(folder / f"第{number}回.mp3", 2, "-metadata", f"title={title} 讲的事", pitch=300 + number)
    ingest(library, folder)
    assert {"第一回 讲的事", "第二回 讲的事", "第十回 讲的事"} < set(records_by_title(library))
    whole = records_by_title(library)["三国演义"]
    with library.database.reading() as session:
        parts = [part.title for part in queries.list_parts(session, whole.id)]
    assert parts == ["第一回 讲的事", "第二回 讲的事", "第十回 讲的事"]
    shown = create_app(library).test_client().get(f"/records/{whole.id}").text
    assert shown.index("第二回 讲的事") < shown.index("第十回 讲的事")


@pytest.mark.parametrize(
    ("singers", "creators"), [(("甲", "甲"), ("甲",)), (("甲", "乙"), ()), (("甲", None), ()), ((None, "甲"), ())]
)
@pytest.mark.slow
def test_a_work_is_by_whom_all_its_parts_are_by(
    library: Library, tmp_path: Path, singers: tuple[str | None, ...], creators: tuple[str, ...]
) -> None:
    folder = tmp_path / "老歌合集"
    folder.mkdir()
    for number, singer in enumerate(singers, 1):
        tags = ("-metadata", f"artist=刘玉{singer}") if singer else ()
        recording(folder / f"0{number} 船歌{number}.mp3", 1, *tags, pitch=300 + number)
    ingest(library, folder)
    whole = records_by_title(library)["老歌合集"]
    assert whole.creators == tuple(f"刘玉{name}" for name in creators)
