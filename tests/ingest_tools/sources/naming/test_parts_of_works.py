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
