"""Listings of the command line for people: in the language of the command, with no names of the program."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from library_server.cli import main
from library_server.library import Library
from tests.support.libraries import ingest


@pytest.fixture
def batch(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A batch with a book that was added and an empty file that was refused."""
    source = tmp_path / "书"
    source.mkdir()
    (source / "渡口.txt").write_text("书名：渡口\n作者：李明\n\n船在夜里靠岸。", "utf-8")
    (source / "空.pdf").touch()
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    return ingest(library, source).batch


def run(language: str, *arguments: str) -> str:
    result = CliRunner().invoke(main, ["--lang", language, *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_batches_are_listed_in_the_words_of_the_report(batch: str) -> None:
    line = run("zh", "batches").splitlines()[0]
    assert line.startswith(batch)
    assert line.endswith("做完了  看到 2，入库 1，已有 0，并入 0，未收 1")
    assert run("en", "batches").splitlines()[0].endswith("2 seen, 1 added, 0 unchanged, 0 joined, 1 rejected")


@pytest.mark.usefixtures("batch")
def test_search_names_the_kinds() -> None:
    count, record = run("zh", "search", "渡口").splitlines()
    assert count == "找到 1 条"
    assert record.split()[1:] == ["图书", "渡口", "李明"]
    assert run("en", "search", "渡口").splitlines()[1].split()[1] == "Books"


def test_a_table_without_rows_is_told_to_have_one(library: Library, tmp_path: Path) -> None:
    (tmp_path / "空表").mkdir()
    table = tmp_path / "空表" / "书目.csv"
    table.write_text("书名,作者,出版社\n", "utf-8")
    [refusal] = ingest(library, table).rejections
    assert refusal["code"] == "no_headings"
    assert "标题下面至少填一行" in refusal["reason"]
