"""Stories and people may be read by no more people than their front matter says."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest_tools.sample.books import write_epub
from ingest_tools.sample.builder import CONTENT
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.records import load_records


def story(folder: Path, front: str, *, name: str = "秤铺.md", body: str = "冬天。\n") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"---\n标题: 老秤铺\n{front}\n---\n{body}", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("front", "access"),
    [
        ("使用范围: 馆内", "premises"),
        ("access: premises", "premises"),
        ("Access : Members", "members"),
        ("权限: 仅限读者", "members"),
        ("开放范围: [馆内阅览]", "premises"),
        ("版权/使用范围: 局域网", "premises"),
        ("使用范围（谁能看）: 馆内", "premises"),
        ("使用范围: 公开", "public"),
        ("使用范围:", "public"),
        ("版权/使用范围: 公有领域", "public"),
        ("摘要: |\n  权限: 这个词的来历", "public"),
        ("摘要: >-\n  使用范围：这个词的来历\n使用范围: 馆内", "premises"),
        ("摘要: 一杆秤\n  使用范围：这个词的来历", "public"),
        ("摘要: |\n\n  一\n\n  access: 二\n作者: 乙", "public"),
    ],
)
def test_the_words_of_lists_are_read_in_front_matter(library: Library, tmp_path: Path, front: str, access: str) -> None:
    report = ingest(library, story(tmp_path / "盘", front))
    assert (report.added, report.rejected) == (1, 0), report.rejections
    assert [record.access for record in load_records(library)] == [access]


@pytest.mark.parametrize(
    "front",
    [
        "access: onsite",
        "使用范围: 仅供馆员",
        "权限: no",
        "版权/使用范围: 内部资料",
        "使用范围: [馆内, 公开]",
        "使用范围: {馆内: true}",
        "access: members\naccess: public",
        "使用范围: 馆内\naccess: public",
    ],
)
def test_unknown_and_contradicting_words_are_refused(library: Library, tmp_path: Path, front: str) -> None:
    report = ingest(library, story(tmp_path / "盘", front))
    assert (report.added, [row["code"] for row in report.rejections]) == (0, ["bad_access"])
    assert "读者证" in report.rejections[0]["reason"]


@pytest.mark.parametrize(
    ("text", "access"),
    [
        ("---\n标题: 甲\n使用范围: 馆内\n---", "premises"),
        ("\n\n---\n标题: 甲\n使用范围: 馆内\n---\n正文\n", "premises"),
        ("---\n标题: 甲\n使用范围: 馆内\n...\n正文\n", "premises"),
        ("---\n标题: 甲\n使用范围: 馆内\n\n正文，没有第二条线\n", None),
        (f"---\n标题: 甲\n摘要: {'长' * 21_000}\n使用范围: 馆内\n---\n正文\n", None),
        ("---\n分隔线，不是抬头\n\n正文里说到使用范围\n", "public"),
    ],
)
def test_front_matter_that_is_not_closed_as_usual(
    library: Library, tmp_path: Path, text: str, access: str | None
) -> None:
    (tmp_path / "甲.md").write_text(text, "utf-8")
    report = ingest(library, tmp_path / "甲.md")
    assert [record.access for record in load_records(library)] == ([access] if access else [])
    assert [row["code"] for row in report.rejections] == ([] if access else ["bad_access"])


def test_a_newer_version_of_a_story_is_read_as_the_first_was(library: Library, tmp_path: Path) -> None:
    versions = [("", "public"), ("使用范围: 馆内", "premises"), ("", "premises"), ("使用范围: 公开", "public")]
    for number, (front, access) in enumerate(versions):
        ingest(library, story(tmp_path / "盘", front, body=f"第 {number} 稿\n"))
        assert [record.access for record in load_records(library)] == [access]


def test_a_text_says_who_may_read_it_beside_its_title(library: Library, tmp_path: Path) -> None:
    (tmp_path / "甲.txt").write_text("书名：甲\n作者：乙\n使用范围：馆内\n\n正文\n", "utf-8")
    (tmp_path / "丙.txt").write_text("书名：丙\n使用范围：仅供馆员\n\n正文\n", "utf-8")
    (tmp_path / "丁.txt").write_text(
        "书名：丁\n权限：不是谁都有的东西\n访问权限：仅供管理员\n\n一本讲电脑的书\n", "utf-8"
    )
    report = ingest(library, *sorted(tmp_path.glob("*.txt")))
    assert {record.title: str(record.access) for record in load_records(library)} == {"甲": "premises", "丁": "public"}
    assert [row["code"] for row in report.rejections] == ["bad_access"]


@pytest.mark.parametrize(("words", "access"), [("馆内", "premises"), ("Open Access", "public"), ("仅供馆员", None)])
def test_an_epub_says_who_may_read_it(library: Library, tmp_path: Path, words: str, access: str | None) -> None:
    write_epub(next((CONTENT / "books").glob("*.md")), tmp_path / "书.epub")
    statement = f'<meta property="dcterms:accessRights">{words}</meta></metadata>'
    with zipfile.ZipFile(tmp_path / "书.epub") as book, zipfile.ZipFile(tmp_path / "另.epub", "w") as changed:
        for item in book.infolist():
            content = book.read(item)
            if item.filename.endswith(".opf"):
                content = content.replace(b"</metadata>", statement.encode())
            changed.writestr(item, content)
    report = ingest(library, tmp_path / "另.epub")
    assert [record.access for record in load_records(library)] == ([access] if access else []), report.rejections
