"""Chapters of plain text, and its lines."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from ingest_tools.formats import text
from ingest_tools.rejections import RejectedError
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


def test_text_before_the_first_heading_is_a_chapter_of_its_own() -> None:
    content = f"渡口\n周望水\n\n第一章 雾\n{SENTENCE}\n\n第二章 灯\n{SENTENCE}完。\n"
    assert text.split_chapters(content) == [
        Passage("chapter", "1", "卷首", "渡口\n周望水"),
        Passage("chapter", "2", "第一章 雾", SENTENCE),
        Passage("chapter", "3", "第二章 灯", SENTENCE + "完。"),
    ]


def test_a_heading_without_text_is_a_chapter_of_its_heading() -> None:
    assert text.split_chapters("第一卷 河\n第一章　雾\n天没亮。") == [
        Passage("chapter", "1", "第一卷 河", "第一卷 河"),
        Passage("chapter", "2", "第一章 雾", "天没亮。"),
    ]


def test_one_heading_alone_begins_a_chapter() -> None:
    assert [chapter.label for chapter in text.split_chapters(f"{SENTENCE}\n附录\n{SENTENCE}")] == ["卷首", "附录"]


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("# 渡口", True),
        ("### 渡口", True),
        ("#### 渡口", False),
        ("#渡口", False),
        ("【正文】第三章 雾", True),
        ("  第三章 雾  ", True),
        ("第三章雾散了。", False),
        ("第三章 " + "雾" * 39, True),
        ("第三章 " + "雾" * 40, False),
        ("Chapter One: " + "a" * 78, True),
        ("Chapter One: " + "a" * 79, False),
        ("Chapter i", True),
        ("CHAPTER XIV. The Ferry", True),
        ("chapter one", True),
        ("CHAPTER SEVENTEEN", True),
        ("Chapter Twenty-One", True),
        ("Chapter Forty two", True),
        ("Book the First", True),
        ("Part Second: Fog", True),
        ("Part and parcel of a life on the river", False),
        ("Book shops stood along the quay", False),
        ("Chapter Onerous", False),
        ("Chapters", False),
        ("楔子", True),
        ("前言 写在前面", True),
        ("序曲", False),
        ("第１２章 雾", True),
        ("第廿三回 雾", True),
        ("第一○八回 雾", True),
        ("第叁章 雾", True),
        ("第 十 二 章 雾", True),
        ("第三話 雾", True),
        ("第三節", True),
        ("第三讲：雾", True),
        ("【第三章】雾", True),
        ("『第三章 雾』", True),
        ("☆、第三章 雾", True),
        ("=====第三章 雾=====", True),
        ("----------", False),
        ("《渡口》", False),
        ("番外", True),
        ("番外三 雾", True),
        ("番外的事不提了", False),
        ("終章", True),
        ("終章 雾散", True),
        ("後記", True),
        ("自序", True),
        ("序列", False),
        ("Prologue", True),
        ("EPILOGUE: Fog", True),
        ("Introductions were made", False),
        ("Preface to the second edition was lost", False),
        ("渡口第三章", False),
    ],
)
def test_which_lines_name_a_chapter(line: str, is_heading: bool) -> None:
    assert text.is_chapter_heading(line) is is_heading


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("【第三章】雾", "第三章 雾"),
        ("☆、第三章 雾", "第三章 雾"),
        ("=== 第三章 雾 ===", "第三章 雾"),
        ("【正文】第三章 雾", "正文 第三章 雾"),
        ("### 渡口", "渡口"),
    ],
)
def test_signs_around_a_heading_are_no_part_of_its_label(line: str, label: str) -> None:
    assert text.match_heading(line) == label


@pytest.mark.parametrize("form", ["（{}）", "({}) 雾", "{} 雾", "0{}\u3000雾"])
def test_series_of_other_numbers(form: str) -> None:
    content = "\n".join(f"{form.format(number)}\n{SENTENCE * 9}" for number in range(1, 5))
    assert len(text.split_chapters(content)) == 4


def numbered(numbers: list[int], body: str) -> str:
    return "\n".join(f"{number}. 渡口\n{body}" for number in numbers)


@pytest.mark.parametrize(
    ("numbers", "body", "count"),
    [
        ([1, 2], SENTENCE * 5, 1),
        ([1, 2, 3], SENTENCE * 5, 3),
        ([1, 2, 3], "雾" * 98, 3),
        ([1, 2, 3], "雾" * 97, 1),
        ([2, 3, 4], SENTENCE * 5, 1),
        ([0, 1, 2, 3, 4], SENTENCE * 5, 5),
        ([7, 1, 2, 3], SENTENCE * 5, 1),
    ],
)
def test_a_series_of_three_numbers_from_one_with_text_between_makes_chapters(
    numbers: list[int], body: str, count: int
) -> None:
    assert len(text.split_chapters(numbered(numbers, body))) == count


def test_lines_of_another_number_within_a_series_are_text() -> None:
    chapters = text.split_chapters(numbered([1, 2, 9, 3, 4], SENTENCE * 5))
    assert [chapter.label for chapter in chapters] == ["1. 渡口", "2. 渡口", "3. 渡口", "4. 渡口"]
    assert chapters[1].text == f"{SENTENCE * 5}\n9. 渡口\n{SENTENCE * 5}"


def test_a_series_is_taken_before_one_heading_alone() -> None:
    chapters = text.split_chapters("前言\n" + numbered([1, 2, 3], SENTENCE * 5))
    assert [chapter.label for chapter in chapters] == ["卷首", "1. 渡口", "2. 渡口", "3. 渡口"]


def test_a_text_without_headings_is_divided_between_lines_after_twenty_thousand_characters() -> None:
    line = "雾" * 10_000
    chapters = text.split_chapters("\n".join([line, line, "灯", line, line]))
    assert chapters == [
        Passage("chapter", "1", "第 1 部分", f"{line}\n{line}\n灯"),
        Passage("chapter", "2", "第 2 部分", f"{line}\n{line}"),
    ]


def test_more_headings_than_a_work_has_chapters_are_a_list() -> None:
    headings = [f"第{number}章 雾" for number in range(1, 5002)]
    assert len(text.split_chapters("\n".join(headings[:5000]))) == 5000
    assert text.split_chapters("\n".join(headings))[0].label == "第 1 部分"


@pytest.mark.parametrize(
    ("head", "title", "creators"),
    [
        ("书名：渡口\n作者：周望水", "渡口", [("周望水", "author")]),
        ("  题名: 渡口\n  编者 ： 周望水  \n", "渡口", [("周望水", "author")]),
        ("《渡口》\n著者：周望水", "渡口", [("周望水", "author")]),
        ("书名：渡口 作者：周望水", "渡口", [("周望水", "author")]),
        ("书名：《渡口》　作者：周望水　状态：完结", "渡口", [("周望水", "author")]),
        ("书名:渡口/作者:周望水", "渡口", [("周望水", "author")]),
        ("《渡口》作者：周望水", "渡口", [("周望水", "author")]),
        ("《渡口》（校对版全本）作者：周望水", "渡口", [("周望水", "author")]),
        ("《渡口》 周望水 著", "渡口", [("周望水", "author")]),
        ("【书名】渡口\n【作者】周望水", "渡口", [("周望水", "author")]),
        ("渡口\n作者：周望水\n译者：陈守田", "渡口", [("周望水", "author"), ("陈守田", "translator")]),
        ("Title: The Ferry\nAuthor: Ann Lee", "The Ferry", [("Ann Lee", "author")]),
        ("天没亮，江上起雾。\n作者：周望水", None, [("周望水", "author")]),
        ("《渡口》是一本好书", None, []),
        ("我说书名：渡口", None, []),
        ("# 渡口\n作者：周望水", None, [("周望水", "author")]),
        ("我读《渡口》\n作者", None, []),
        ("书名：\n作者：\n\n第一回 渡口\n船在夜里靠岸。", None, []),
        ("书名：渡口\r作者：周望水\r\r正文", "渡口", [("周望水", "author")]),
        ("书名：渡口\r\n作者：周望水\r\n\r\n正文", "渡口", [("周望水", "author")]),
    ],
)
def test_title_and_author_are_read_from_their_lines(
    tmp_path: Path, head: str, title: str | None, creators: list[tuple[str, str]]
) -> None:
    description = text.describe_text(head, "utf-8", tmp_path)
    assert (description.title, description.creators) == (title, creators)


def test_a_title_is_not_read_from_the_middle_of_a_work(tmp_path: Path) -> None:
    assert text.describe_text(SENTENCE * 1000 + "\n书名：渡口", "utf-8", tmp_path).title is None


def test_the_description_counts_characters_and_chapters(tmp_path: Path) -> None:
    description = text.describe_text("第一章\r\n雾\r\n第二章\r\n灯", "gb18030", tmp_path)
    assert (description.format, description.media_type, description.kind) == ("text", "text/plain", "book")
    assert (description.extent, description.details.characters, description.details.encoding) == (2, 11, "gb18030")
    assert text.describe_text(SENTENCE * 5, "utf-8", tmp_path).language == "zh"


def test_a_text_file_may_be_as_large_as_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "书.txt"
    path.write_bytes(b"ferry")
    monkeypatch.setattr(text, "LIMIT", 5)
    assert text.describe(path, tmp_path).details.characters == 5
    monkeypatch.setattr(text, "LIMIT", 4)
    with pytest.raises(RejectedError, match="too_large"):
        text.describe(path, tmp_path)


def test_a_text_of_a_megabyte_is_taken_and_one_of_more_than_64_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "书.txt"
    path.write_bytes(b"The ferry left before dawn.\n" * 40_000)
    assert text.describe(path, tmp_path).details.characters == 28 * 40_000
    with path.open("r+b") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(RejectedError, match="too_large"):
        text.describe(path, tmp_path)


@pytest.mark.parametrize(
    ("head", "is_text"),
    [
        (b"", True),
        (b"ferry\r\n\t\x0c\x1b[0m", True),
        (b"a" * 999 + b"\x00", True),
        (b"a" * 500 + b"\x00" + b"a" * 498, False),
        (b"a" * 998 + b"\x00" * 4096, True),
        ("渡口".encode("gbk") + b"\x1a", True),
        ("第一章 渡口\r\n".encode("utf-16-le"), True),
        ("第一章 渡口\r\n".encode("utf-16-be"), True),
        (bytes(range(256)) * 4, False),
        (b"\x00", False),
        (b"\xff\xfe\x00\x01\x00\x01", True),
        (b"\xfe\xff\x01\x00\x01\x00", True),
    ],
)
def test_bytes_with_few_control_characters_may_be_text(head: bytes, is_text: bool) -> None:
    assert text.looks_like_text(head) is is_text
