"""Heads of Markdown as other programs write them: Hugo in TOML, Pandoc and Quarto."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats import story
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import parse_passages

BODY = "# 第一章 选地\n\n柑橘要种在向阳的地方。\n"


def describe(folder: Path, content: str) -> Description:
    path = folder / "文.md"
    path.write_text(content, "utf-8")
    return story.describe(path, folder)


def words(folder: Path, description: Description) -> str:
    [text] = description.derived
    return "\n".join(passage.text for passage in parse_passages((folder / text.file).read_bytes()))


def test_toml_is_read(tmp_path: Path) -> None:
    front = (
        '+++\ntitle = "柑橘栽培"\nauthor = "陈守田"\ndate = 2019-05-01T10:11:12+08:00\ntags = ["柑橘", "园艺"]\n'
        '[params]\nlayout = "post"\n+++\n'
    )
    described = describe(tmp_path, front + BODY)
    assert (described.title, described.creators, described.date) == ("柑橘栽培", [("陈守田", "author")], "2019-05-01")
    assert described.subjects == ["柑橘", "园艺"]
    assert "+++" not in words(tmp_path, described)


def test_several_authors_of_toml(tmp_path: Path) -> None:
    described = describe(tmp_path, '+++\ntitle = "甲"\nauthors = ["陈守田", "李月娥"]\n+++\n' + BODY)
    assert [name for name, _ in described.creators] == ["陈守田", "李月娥"]


@pytest.mark.parametrize("front", ["+++\n不是 TOML\n+++\n", "+++\na = [[[\n+++\n", "+++\ntitle = '甲'\n"])
def test_what_is_no_toml_stays_text(tmp_path: Path, front: str) -> None:
    described = describe(tmp_path, front + BODY)
    assert described.kind == "book"
    assert "+++" in words(tmp_path, described)


@pytest.mark.parametrize(
    "stated", ['"使用范围" = "馆内"', 'access = "staff"', 'params.access = "staff"', 'a = [{access = "x"}]']
)
def test_access_in_toml_is_refused(tmp_path: Path, stated: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        describe(tmp_path, f'+++\ntitle = "甲"\n{stated}\n+++\n{BODY}')
    assert refusal.value.code == "bad_access"


@pytest.mark.parametrize(
    ("block", "title", "authors", "date"),
    [
        ("% 柑橘*栽培*\n% 陈守田; 李月娥\n% 1998年5月\n\n", "柑橘栽培", ["陈守田", "李月娥"], "1998年5月"),
        ("% 柑橘栽培\n  手册\n% 陈守田\n  李月娥\n\n", "柑橘栽培 手册", ["陈守田", "李月娥"], None),
        ("% 柑橘栽培\n\n", "柑橘栽培", [], None),
        ("%\n% 陈守田\n\n", None, ["陈守田"], None),
        ("% 柑橘栽培\n%\n% 1998\n\n", "柑橘栽培", [], "1998"),
    ],
)
def test_title_blocks_of_pandoc(tmp_path: Path, block: str, title: str, authors: list[str], date: str | None) -> None:
    described = describe(tmp_path, block + "正文在这里。\n\n" + BODY)
    assert (described.kind, described.title, described.date) == ("book", title, date)
    assert [name for name, _ in described.creators] == authors
    assert "%" not in words(tmp_path, described)


def test_access_in_a_title_block_holds(tmp_path: Path) -> None:
    assert describe(tmp_path, "% 柑橘栽培\n% 使用范围：馆内\n\n" + BODY).access == "premises"


def test_only_a_title_block_is_the_text(tmp_path: Path) -> None:
    assert "柑橘" in words(tmp_path, describe(tmp_path, "% 柑橘\n% 陈守田\n"))


@pytest.mark.parametrize(
    "authors",
    [
        "author: [陈守田, 李月娥]", "author:\n- name: 陈守田\n  affiliation: 县文化馆\n- name: 李月娥",
        "authors: 陈守田；李月娥", "author:\n- 陈守田\n- name: 李月娥\n  orcid: 0000",
    ],
)  # fmt: skip
def test_authors_of_yaml(tmp_path: Path, authors: str) -> None:
    described = describe(tmp_path, f"---\ntitle: 甲\n{authors}\ndate: 2019-05-01T10:11:12\nlang: zh-CN\n---\n{BODY}")
    assert [name for name, _ in described.creators] == ["陈守田", "李月娥"]
    assert (described.date, described.language) == ("2019-05-01", "zh-CN")
