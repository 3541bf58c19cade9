"""Halves of lectures and chapters, and folders of chapters and of kinds of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.sources.filenames import parse_filename


@pytest.mark.parametrize(
    ("path", "title", "course", "number"),
    [
        ("柑橘种植课/第01讲 选地（上集）.mp4", "选地（上集）", "柑橘种植课", 1),
        ("柑橘种植课/第01讲 选地（下集）.mp4", "选地（下集）", "柑橘种植课", 1),
        ("柑橘种植课/01 选地（上）.mp4", "选地（上）", "柑橘种植课", 1),
        ("课程/第02讲 选地（上）.mp4", "选地（上）", None, 2),
        ("农业气象学/第一章/01 概论.mp4", "概论", "农业气象学", 101),
        ("农业气象学/第二章 气候/01 概论.mp3", "概论", "农业气象学", 201),
        ("农业气象学/第3单元：水/02 蒸发.mp4", "蒸发", "农业气象学", 302),
        ("农业气象学/第二章/第三节/01 概论.mp4", "概论", "农业气象学", 20301),
        ("讲座/第一讲 京剧的脸谱/01 生.mp4", "生", "第一讲 京剧的脸谱", 1),
        ("聊斋志异/聊斋志异 第1回（上）.mp3", "聊斋志异 第1回（上）", "聊斋志异", 1),
        ("聊斋志异/第1回（下）.mp3", "聊斋志异 第1回（下）", "聊斋志异", 1),
        ("聊斋志异/第1集（下）.mp4", "聊斋志异 第1集（下）", "聊斋志异", 1),
        ("西游记/001上.mp3", "西游记 001上", "西游记", 1),
        ("西游记/西游记001下.mp3", "西游记001下", "西游记", 1),
        ("有声/Track 01.mp3", "Track 01", None, 1),
        ("有声书/001.mp3", "001", None, 1),
        ("有声/三国演义/Track 01.mp3", "三国演义 01", "三国演义", 1),
    ],
)
def test_parts_are_those_of_the_work_above_them(path: str, title: str, course: str | None, number: int) -> None:
    hints = parse_filename(Path("/盘/资料") / path, media=True)
    assert (hints.title, hints.course, hints.number) == (title, course, number)


@pytest.mark.parametrize(
    ("path", "title", "course", "number"),
    [
        ("株洲县志/上.txt", "株洲县志 上", "株洲县志", 1),
        ("株洲县志/下.pdf", "株洲县志 下", "株洲县志", 3),
        ("株洲县志/上册.epub", "株洲县志 上册", "株洲县志", 1),
        ("醴陵文史/卷十二.txt", "醴陵文史 卷十二", "醴陵文史", 12),
        ("醴陵文史/第三辑.pdf", "醴陵文史 第三辑", "醴陵文史", 3),
        ("醴陵文史/Vol.2.pdf", "醴陵文史 Vol.2", "醴陵文史", 2),
        ("水浒/第八章.txt", "第八章", None, None),
        ("水浒/（二）.txt", "水浒 （二）", "水浒", 2),
        ("醴陵文史/卷二/下.txt", "醴陵文史 卷二 下", "醴陵文史", 203),
        ("图书/上.txt", "上", None, None),
        ("新建文件夹/卷一.txt", "卷一", None, None),
        ("株洲县志/第一册 水稻.txt", "第一册 水稻", None, None),
        ("株洲县志/上海.txt", "上海", None, None),
    ],
)
def test_a_book_called_by_its_part_alone(path: str, title: str, course: str | None, number: int | None) -> None:
    hints = parse_filename(Path("/盘/资料") / path)
    assert (hints.title, hints.course, hints.number) == (title, course, number)
    assert hints.course_folder == (Path("/盘/资料") / course if course else None)


@pytest.mark.parametrize(
    ("path", "title", "course", "number", "creator"),
    [
        ("大八义/大八义012回.mp3", "大八义012回", "大八义", 12, None),
        ("大八义/012回 下山.mp3", "下山", "大八义", 12, None),
        ("大八义/012回家.mp3", "回家", "大八义", 12, None),
        ("岳飞传/刘兰芳-岳飞传07.mp3", "岳飞传07", "岳飞传", 7, "刘兰芳"),
        ("岳飞传/007岳飞传[刘兰芳].mp3", "岳飞传 007", "岳飞传", 7, "刘兰芳"),
        ("岳飞传（刘兰芳）/岳飞传_007.mp3", "岳飞传 007", "岳飞传", 7, "刘兰芳"),
        ("岳飞传（高清）/岳飞传_007.mp3", "岳飞传 007", "岳飞传", 7, None),
        ("山歌（安化县）/01 茶.mp3", "茶", "山歌（安化县）", 1, None),
        ("山歌/01 茶（高腔）.mp3", "茶（高腔）", "山歌", 1, None),
        ("岳飞传 刘兰芳 100回/岳飞传第7回.mp3", "岳飞传第7回", "岳飞传", 7, "刘兰芳"),
        ("岳飞传 全100回/岳飞传第7回.mp3", "岳飞传第7回", "岳飞传", 7, None),
        ("济公/济公（三）.mp3", "济公（三）", "济公", 3, None),
        ("济公/济公006-010.mp3", "济公006-010", "济公", 6, None),
        ("济公/011-015.mp3", "济公 011-015", "济公", 11, None),
        ("济公/济公第16-20回.mp3", "济公第16-20回", "济公", 16, None),
        ("济公/2-05.mp3", "济公 2-05", "济公", 205, None),
        ("济公/济公-B/03.mp3", "济公 203", "济公", 203, None),
        ("济公/济公（下）/03.mp3", "济公 303", "济公", 303, None),
        ("济公/济公2/03.mp3", "济公2 03", "济公2", 3, None),
        ("湘江号子/A3 拉纤.mp3", "拉纤", "湘江号子", 103, None),
        ("湘江号子/B1.mp3", "湘江号子 B1", "湘江号子", 201, None),
        ("音乐/B1 拉纤.mp3", "B1 拉纤", None, None, None),
    ],
)
def test_names_of_recordings_of_a_work(
    path: str, title: str, course: str | None, number: int | None, creator: str | None
) -> None:
    hints = parse_filename(Path("/盘/评书") / path, media=True)
    assert (hints.title, hints.course, hints.number, hints.creator) == (title, course, number, creator)
