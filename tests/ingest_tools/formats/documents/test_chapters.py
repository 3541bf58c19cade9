"""Chapters of plain text, and its lines."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from ingest_tools.formats import text
from library_server.catalogue.passages.serialization import Passage, parse_passages

SENTENCE = "湘江两岸的渡口，天没亮就有人等船，船工把缆绳解开，水面上全是雾，对岸的灯一盏一盏地灭了。"
CN = "零一二三四五六七八九"


def chinese(number: int) -> str:
    tens, ones = divmod(number % 100, 10)
    hundreds = f"{CN[number // 100]}百" if number >= 100 else ""
    middle = f"{CN[tens]}十" if tens else ("零" if hundreds and ones else "")
    return hundreds + middle + (CN[ones] if ones else "")


@pytest.mark.parametrize(
    "form", ["正文 第{n}章 渡口", "正文　第{c}章 渡口", "Chapter {n}", "CHAPTER {n}: The Ferry", "第{c}回 渡口",
             "第 {n} 节", "第{n}集", "第{c}篇 渡口", "卷{c} 渡口",
             "{c}、渡口", "{n}. 渡口", "{n}、渡口", "{c}", "{n}", "Part {n}"],
)  # fmt: skip
def test_chapters_by_their_headings(form: str) -> None:
    content = "\n".join(form.format(n=n, c=chinese(n)) + "\n" + SENTENCE * 20 for n in range(1, 121))
    chapters = text.split_chapters(content)
    assert len(chapters) == 120
    assert chapters[99].text == SENTENCE * 20


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(["工具：", "1. 锄头", "2. 铁锹", "3. 水桶", SENTENCE * 30]),
        "\n".join(f"1. 锄头\n{SENTENCE * 5}\n2. 铁锹\n{SENTENCE * 5}" for _ in range(5)),
        "\n".join(["七、锄头", SENTENCE * 5, "三、铁锹", SENTENCE * 5, "九、水桶", SENTENCE * 5]),
        "第一回见到他的时候，天还没亮，\n" + SENTENCE * 10,
    ],
)
def test_lists_and_sentences_are_no_chapters(content: str) -> None:
    assert [chapter.label for chapter in text.split_chapters(content)] == ["正文"]


def passages(tmp_path: Path, content: str) -> list[Passage]:
    (tmp_path / "书.txt").write_text(content, "utf-8")
    (derived,) = text.describe(tmp_path / "书.txt", tmp_path).derived
    return parse_passages((tmp_path / derived.file).read_bytes())


def wrapped(paragraph: str, width: int) -> str:
    return "\n".join(paragraph[at : at + width] for at in range(0, len(paragraph), width))


def test_wrapped_lines_are_joined(tmp_path: Path) -> None:
    paragraphs = [f"{number}" + SENTENCE.replace("。", "，") * 6 + "完。" for number in range(5)]
    content = "第一章 渡口\n" + "\n".join(wrapped(paragraph, 35) for paragraph in paragraphs)
    (chapter,) = passages(tmp_path, content)
    assert (chapter.label, chapter.text.split("\n")) == ("第一章 渡口", paragraphs)


def test_wrapped_english_is_joined_with_spaces(tmp_path: Path) -> None:
    paragraphs = ["The ferry left before dawn and almost nobody was there. It came back at noon. " * 4 + "End."] * 4
    (chapter,) = passages(tmp_path, "\n\n".join(textwrap.fill(paragraph, 70) for paragraph in paragraphs))
    assert [line for line in chapter.text.split("\n") if line] == paragraphs


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(["床前明月光，", "疑是地上霜。", "举头望明月，", "低头思故乡。"] * 5),
        "\n".join([SENTENCE] * 12),
        "\n".join(SENTENCE[: 10 + number * 3] for number in range(10)),
    ],
)
def test_verses_and_lists_are_not_joined(tmp_path: Path, content: str) -> None:
    (chapter,) = passages(tmp_path, content)
    assert chapter.text == content
