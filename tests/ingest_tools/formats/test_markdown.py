"""Headings of Markdown: which lines are some, what they are called, and the title that the first gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats import story
from ingest_tools.formats.markdown import find_headings, read_label, read_title


def labels(content: str) -> list[str]:
    return [heading.label for heading in find_headings(content)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("# 老街\n## 渡口 ##\n### 秤铺\n#### 更小", ["老街", "渡口", "秤铺"]),
        ("老街\n===\n\n渡口\n---\n", ["老街", "渡口"]),
        ("## C# 入门\n#没有空格\n    # 缩进的代码", ["C# 入门"]),
        ("# 老街\n```sh\n# 注释\n```\n# 后面", ["老街", "后面"]),
        ("~~~~\n# 注释\n~~~\n# 还在里面\n~~~~\n# 外面", ["外面"]),
        ("```\n# 没有收住", []),
        ("第一章 渡口\n\n第二章 老街\n船", ["第一章 渡口", "第二章 老街"]),
        ("第一章 渡口\n---\n船", ["第一章 渡口"]),
        ("船\n第二章 老街", ["第二章 老街"]),
        ("# \n#", []),
    ],
)
def test_lines_that_are_headings(content: str, expected: list[str]) -> None:
    assert labels(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        "天没亮，秤铺开了门。\n---\n",
        "- 一项\n---\n",
        "| 甲 |\n---\n",
        "> 引文\n---\n",
        "两行\n的段\n---\n",
        "\n---\n",
        "图\n- \n",
    ],
)
def test_lines_above_a_rule_are_no_headings(content: str) -> None:
    assert labels(content) == []


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        ("[老街志](http://x.cn/a) {#top}", "老街志"),
        ("**老街** *志* `码` __下__", "老街 志 码 下"),
        (r"老街\_志 \*上\*", "老街_志 *上*"),
        ("![门](a.png)老街 ##", "门老街"),
        ("snake_case_name 2*3*4", "snake_case_name 234"),
        ("《老街》[一]", "《老街》[一]"),
    ],
)
def test_names_of_headings_have_no_marks(heading: str, label: str) -> None:
    assert read_label(heading) == label


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("\n# [老街志](x)\n船", "老街志"),
        ("老街志\n====\n船", "老街志"),
        ("## 渡口\n船", None),
        ("渡口\n---\n船", None),
        ("船\n\n# 老街志", None),
        ("船", None),
    ],
)
def test_the_first_heading_is_the_title(content: str, title: str | None) -> None:
    assert read_title(content) == title


def test_tags_of_front_matter_are_subjects(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes("---\r\ntitle: 秤铺\r\ntags: [老街, 手艺]\r\n---\r\n正文".encode("gbk"))
    assert story.describe(tmp_path / "a.md", tmp_path).subjects == ["老街", "手艺"]


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        ("<!--\n# 草稿\n-->\n# 老街", ["老街"]),
        ("<!-- # 草稿 -->\n# 老街", ["老街"]),
        ("# 老街\n<!-- 一\n\n## 草稿\n二 --> 三\n## 渡口", ["老街", "渡口"]),
        ("# 老街\n```\n<!--\n```\n# 渡口", ["老街", "渡口"]),
    ],
)
def test_comments_have_no_headings(content: str, labels: list[str]) -> None:
    assert [heading.label for heading in find_headings(content)] == labels
