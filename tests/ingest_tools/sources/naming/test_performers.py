"""Who sings, plays, reads and writes, as names and tags of recordings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats.audiovisual.tags.artists import creators_of_tags
from ingest_tools.pipeline.metadata.merge import build_draft
from ingest_tools.sources.filenames import parse_filename


def creators(path: str, description: Description | None = None) -> list[tuple[str, str]]:
    draft = build_draft(description or Description("audio", "", "audio"), Path(path), None).draft
    return [(creator.name, creator.role) for creator in draft.creators]


@pytest.mark.parametrize(
    ("path", "title", "stated"),
    [
        ("湘江船歌（演唱：何纪光）/01 洞庭鱼米乡.mp3", "洞庭鱼米乡", "何纪光 performer"),
        ("洞庭鱼米乡（何纪光演唱）.mp3", "洞庭鱼米乡", "何纪光 performer"),
        ("何纪光演唱 洞庭鱼米乡.mp3", "洞庭鱼米乡", "何纪光 performer"),
        ("何纪光演唱《洞庭鱼米乡》.mp3", "《洞庭鱼米乡》", "何纪光 performer"),
        ("洞庭鱼米乡 演唱：何纪光.mp3", "洞庭鱼米乡", "何纪光 performer"),
        ("洞庭鱼米乡 演唱 何纪光.mp3", "洞庭鱼米乡", "何纪光 performer"),
        ("何纪光 - 洞庭鱼米乡.mp3", "洞庭鱼米乡", "何纪光 performer"),
        ("何纪光 - 湘江船歌/01 洞庭鱼米乡.mp3", "洞庭鱼米乡", "何纪光 performer"),
        ("刘海砍樵（李谷一、姜昆 演唱）.mp3", "刘海砍樵", "李谷一 performer 姜昆 performer"),
        ("洞庭鱼米乡（何纪光 演唱）（白诚仁 作曲）.mp3", "洞庭鱼米乡", "何纪光 performer 白诚仁 composer"),
        ("洞庭鱼米乡（叶蔚林词 白诚仁曲 何纪光演唱）.mp3", "洞庭鱼米乡",
         "叶蔚林 lyricist 白诚仁 composer 何纪光 performer"),
        ("洞庭鱼米乡 作词：叶蔚林 作曲：白诚仁 演唱：何纪光.mp3", "洞庭鱼米乡",
         "叶蔚林 lyricist 白诚仁 composer 何纪光 performer"),
        ("浏阳河（古筝 演奏：王中山）.mp3", "浏阳河", "王中山 performer"),
        ("刘海砍樵（湖南花鼓戏剧院演出）.mp3", "刘海砍樵", "湖南花鼓戏剧院 performer"),
        ("平凡的世界（路遥著 李野墨演播）/001.mp3", "平凡的世界 001", "路遥 author 李野墨 narrator"),
        ("平凡的世界（作者：路遥）/第1集 李野墨播讲.mp3", "平凡的世界 第1集", "李野墨 narrator 路遥 author"),
        ("平凡的世界 李野墨播讲/001.mp3", "平凡的世界 001", "李野墨 narrator"),
        ("三湘旧事_播讲_李晓明.mp3", "三湘旧事", "李晓明 narrator"),
        ("荷塘月色 朗读 李念.mp3", "荷塘月色", "李念 narrator"),
        ("评书/单田芳 - 三侠五义/01.mp3", "三侠五义 01", "单田芳 narrator"),
        ("李谷一演唱/01 刘海砍樵.mp3", "刘海砍樵", "李谷一 performer"),
    ],
)  # fmt: skip
def test_names_of_recordings_say_who_did_what(path: str, title: str, stated: str) -> None:
    assert build_draft(Description("audio", "", "audio"), Path(path), None).draft.title == title
    words = stated.split()
    assert creators(path) == list(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize(
    "stem",
    [
        "民歌演唱", "民歌（现场演唱）", "花鼓戏 演唱方法", "演唱 方法", "合唱", "童声合唱 让我们荡起双桨", "钢琴演奏",
        "古筝独奏（钢琴伴奏）", "诗歌朗诵会", "怎样朗读 课文", "三湘旧事（播讲 128kbps）",
        "乡村大合唱（第二届）", "作曲法（上）", "李谷一独唱 音乐会实况 1985", "歌手（2024）", "青年歌手 大奖赛",
    ],
)  # fmt: skip
def test_titles_that_hold_such_words_name_nobody(stem: str) -> None:
    hints = parse_filename(Path(f"{stem}.mp3"), media=True)
    expected = (("李谷一", "performer"),) if "李谷一" in stem else ()
    assert hints.creators == expected
    if not expected:
        assert hints.title == stem


@pytest.mark.parametrize(
    ("tags", "stated"),
    [
        ({"artist": "何纪光", "lyricist": "叶蔚林", "composer": "白诚仁"},
         "何纪光 performer 叶蔚林 lyricist 白诚仁 composer"),
        ({"artist": "何纪光演唱"}, "何纪光 performer"), ({"artist": "何纪光（演唱）"}, "何纪光 performer"),
        ({"artist": "作曲：白诚仁 演唱：何纪光"}, "白诚仁 composer 何纪光 performer"),
        ({"artist": "白诚仁曲，何纪光唱"}, "白诚仁 composer 何纪光 performer"),
        ({"artist": "李野墨播讲"}, "李野墨 narrator"), ({"artist": "李野墨（演播）"}, "李野墨 narrator"),
        ({"artist": "路遥", "performer": "李野墨", "genre": "有声书"}, "路遥 author 李野墨 narrator"),
        ({"artist": "王中山", "conductor": "李心草"}, "王中山 performer 李心草 performer"),
        ({"artist": "草蜢（乐队）"}, "草蜢（乐队） performer"), ({"artist": "S.H.E"}, "S.H.E performer"),
    ],
)  # fmt: skip
def test_tags_of_recordings_say_who_did_what(tags: dict[str, str], stated: str) -> None:
    description = Description("audio", "", "audio", title="歌", creators=creators_of_tags(tags, ".mp3"))
    words = stated.split()
    assert creators("x.mp3", description) == list(zip(words[::2], words[1::2], strict=True))


def test_a_role_that_is_stated_stands_in_any_kind_of_record() -> None:
    description = Description("video", "", "lecture", title="戏", creators=[("导演：谭素芳", "performer")])
    draft = build_draft(description, Path("演唱会/戏.mp4"), "performance").draft
    assert [(creator.name, creator.role) for creator in draft.creators] == [("谭素芳", "director")]
