"""Listings of the command line for people: in the language of the command, with no names of the program."""

from __future__ import annotations

import json
import re
import time
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from library_server.cli import main
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.records import load_only_record


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


def test_batches_are_dated_in_the_time_of_the_place(batch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started = datetime.fromisoformat(json.loads(run("zh", "batches", "--json"))["batches"][0]["started"])
    assert started.utcoffset() == timedelta()
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert run("zh", "batches").split("  ")[1] == f"{started.astimezone():%Y-%m-%d %H:%M}"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.usefixtures("batch")
def test_a_reason_leaves_out_the_words_of_a_parser(library: Library, tmp_path: Path) -> None:
    source = tmp_path / "坏书"
    source.mkdir()
    with zipfile.ZipFile(source / "坏书.epub", "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("正文.xhtml", "船在夜里靠岸。" * 100)
    with (source / "坏书.epub").open("r+b") as file:
        file.truncate(600)
    batch_id = ingest(library, source).batch
    assert re.search("[a-z]{4}", run("zh", "batches", batch_id).split("damaged:")[1]) is None
    [rejection] = json.loads(run("zh", "batches", batch_id, "--json"))["rejections"]
    assert rejection["reason"] == "文件已损坏，读不完整：请换一份。"
    assert rejection["detail"]


def test_history_says_what_was_turned_back(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    (tmp_path / "旧题名甲.txt").write_text("书名：旧题名甲\n\n船在夜里靠岸。", "utf-8")
    ingest(library, tmp_path / "旧题名甲.txt")
    record_id = load_only_record(library).id
    table = tmp_path / "改.csv"
    table.write_text(f"书名,记录号\n旧题名乙,{record_id}\n", "utf-8")
    batch_id = ingest(library, table).batch
    run("zh", "ingest", "--undo", batch_id)
    assert "题名：旧题名乙 → 旧题名甲" in run("zh", "history", record_id).splitlines()[-1]


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


@pytest.mark.usefixtures("batch")
def test_usage_names_kinds_and_what_is_stored() -> None:
    lines = run("zh", "storage", "usage").splitlines()
    assert ["图书", "原件", "1"] in [line.split()[:3] for line in lines]
    assert not [line for line in lines if re.search("original|book", line)]
