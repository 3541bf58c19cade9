"""Values that came with the label of their field."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.merge import build_draft
from ingest_tools.sources.lists.rows import read_row
from library_server.exchange.agents import read_agents


@pytest.mark.parametrize(
    ("statement", "name", "role"),
    [
        ("作者：孔子及弟子", "孔子及弟子", "author"),
        ("作 者: 陈守田", "陈守田", "author"),
        ("【作者】：陈守田", "陈守田", "author"),
        ("译者：林语", "林语", "translator"),
        ("主编：谭素芳", "谭素芳", "editor"),
        ("文/陈守田", "陈守田", "author"),
        ("Author: Ada Lovelace", "Ada Lovelace", "author"),
        ("作者不详堂", "作者不详堂", "author"),
    ],
)
def test_labels_of_creators(statement: str, name: str, role: str) -> None:
    draft = build_draft(Description("pdf", "", "book", creators=[(statement, "author")]), Path("a.pdf"), None).draft
    assert [(creator.name, creator.role) for creator in draft.creators] == [(name, role)]
    assert "/" in statement or [(agent.name, agent.role) for agent in read_agents(statement)] == [(name, role)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("（汉）司马迁撰；（南朝宋）裴骃集解", [("司马迁", "撰"), ("裴骃", "集解")]),
        ("杨伯峻译注", [("杨伯峻", "译注")]),
        ("郭璞注；邢昺疏", [("郭璞", "注"), ("邢昺", "疏")]),
        ("（明）胡应麟 辑", [("胡应麟", "辑")]),
        ("张三改编，李四绘画", [("张三", "改编"), ("李四", "绘画")]),
        ("张三主编；李四副主编", [("张三", "主编"), ("李四", "副主编")]),
        ("王五口述；赵六整理", [("王五", "口述"), ("赵六", "整理")]),
        ("欧阳修", [("欧阳修", "")]),
        ("李正义；王注", [("李正义", ""), ("王注", "")]),
    ],
)
def test_words_for_what_people_did_are_no_part_of_their_names(statement: str, expected: list[tuple[str, str]]) -> None:
    assert [(agent.name, agent.relator) for agent in read_agents(statement)] == expected


def test_labels_of_other_fields() -> None:
    description = Description(
        "epub", "", "book", title="书名：论语", publisher="出版社：湘江出版社", abstract="内容简介: 语录。",
        subjects=["关键词：儒家", "礼"],
    )  # fmt: skip
    draft = build_draft(description, Path("a.epub"), None).draft
    assert (draft.title, draft.publisher, draft.abstract) == ("论语", "湘江出版社", "语录。")
    assert draft.subjects == ("儒家", "礼")


def test_labels_in_cells() -> None:
    row = read_row({"title": "书名：论语", "creators": "作者：孔子；译者：林语", "publisher": "出版社：湘江出版社"})
    assert (row.described.title, row.described.publisher) == ("论语", "湘江出版社")
    assert [(agent.name, agent.role) for agent in row.described.agents] == [("孔子", "author"), ("林语", "translator")]


def test_a_label_without_a_value_is_no_value() -> None:
    description = Description("pdf", "", "book", title="标题：", creators=[("作者：", "author")])
    draft = build_draft(description, Path("柑橘.pdf"), None).draft
    assert (draft.title, draft.creators) == ("柑橘", ())


@pytest.mark.parametrize(
    ("statement", "creators"),
    [
        ("鲁迅;周作人", [("鲁迅", "author"), ("周作人", "author")]),
        ("鲁迅, 周作人", [("鲁迅", "author"), ("周作人", "author")]),
        ("[美]海明威著", [("海明威", "author")]),
        ("（英）狄更斯 著；宋兆霖 译", [("狄更斯", "author"), ("宋兆霖", "translator")]),
        ("吴承恩 原著", [("吴承恩", "author")]),
        ("老舍 著，丁聪 插图", [("老舍", "author"), ("丁聪", "contributor")]),
        ("陈守田主编", [("陈守田", "editor")]),
        ("池田大作", [("池田大作", "author")]),
        ("青木 修", [("青木 修", "author")]),
        ("J.K.罗琳", [("J.K.罗琳", "author")]),
        ("Knuth, Donald E.", [("Knuth, Donald E.", "author")]),
        ("Smith, John; Doe, Jane", [("Smith, John", "author"), ("Doe, Jane", "author")]),
        ("Ada Lovelace, Charles Babbage", [("Ada Lovelace", "author"), ("Charles Babbage", "author")]),
        ("Ada Lovelace and Charles Babbage", [("Ada Lovelace", "author"), ("Charles Babbage", "author")]),
        ("Department of Trade and Industry", [("Department of Trade and Industry", "author")]),
        ("Wiley, Inc.", [("Wiley, Inc.", "author")]),
    ],
)
def test_names_in_one_value_are_told_apart(statement: str, creators: list[tuple[str, str]]) -> None:
    draft = build_draft(Description("epub", "", "book", creators=[(statement, "author")]), Path("a.epub"), None).draft
    assert [(creator.name, creator.role) for creator in draft.creators] == creators


@pytest.mark.parametrize(
    ("statement", "subjects"),
    [
        ("园艺;柑橘; 栽培", ["园艺", "柑橘", "栽培"]),
        ("主题词：老街、手艺", ["老街", "手艺"]),
        ("水利,湖南", ["水利", "湖南"]),
        ("Hunan Sheng, China -- History", ["Hunan Sheng, China -- History"]),
        ("柑橘；柑橘；", ["柑橘"]),
    ],
)
def test_subjects_in_one_value_are_told_apart(statement: str, subjects: list[str]) -> None:
    draft = build_draft(Description("epub", "", "book", subjects=[statement]), Path("a.epub"), None).draft
    assert list(draft.subjects) == subjects


def test_names_of_bands_are_not_divided() -> None:
    description = Description("audio", "", "audio", creators=[("Ada & Charles, Ltd", "performer")])
    draft = build_draft(description, Path("a.mp3"), None).draft
    assert [creator.name for creator in draft.creators] == ["Ada & Charles, Ltd"]


@pytest.mark.parametrize(("stem", "date"), [("1965 渡口", "1965"), ("IMG_20190501_101112", "1978-05-01")])
def test_a_date_that_people_wrote_comes_before_that_of_a_telephone(stem: str, date: str) -> None:
    description = Description("photo", "image/jpeg", "photo", date="1978-05-01")
    assert build_draft(description, Path(f"{stem}.jpg"), None).draft.date == date


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("栗雨文艺 2019年第3期.pdf", "栗雨文艺 2019年第3期"),
        ("栗雨文艺总第12期.pdf", "栗雨文艺总第12期"),
        ("栗雨文艺2019年3月号.pdf", "栗雨文艺2019年3月号"),
        ("栗雨文艺 扫描.pdf", "栗雨文艺"),
        ("3.pdf", "栗雨文艺"),
    ],
)
def test_the_name_of_a_file_adds_the_issue_of_a_periodical(name: str, title: str) -> None:
    assert build_draft(Description("pdf", "", "book", title="栗雨文艺"), Path(name), None).draft.title == title


@pytest.mark.parametrize("subjects", [["园艺;S666.1"], ["S666.1", "园艺"], ["园艺", "中图分类号：S666.1"]])
def test_a_class_number_among_the_subjects_of_a_file_is_its_class(subjects: list[str]) -> None:
    draft = build_draft(Description("docx", "", "book", subjects=subjects), Path("a.docx"), None).draft
    assert (draft.clc, draft.subjects) == ("S666.1", ("园艺",))
