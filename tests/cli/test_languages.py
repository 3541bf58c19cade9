"""The language of the command line: `--lang`, then the environment, then Chinese; one language at a time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from library_server.catalogue.assets import fixity
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import EntryState
from library_server.cli import main
from library_server.cli.localization.language import current_language, language_of_environment
from tests.support.libraries import open_library_at

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PATHS = re.compile(r"\S*/\S*")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("TIANYUAN_HOME", str(home))
    return home


@pytest.fixture
def bad_sources(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "empty.pdf").touch()
    (folder / "page.html").write_text("<html><body>x</body></html>")
    (folder / "broken.epub").write_bytes(b"PK\x03\x04" + bytes(64))
    (folder / "list.csv").write_text("书名,ISBN\n甲书,123\n", encoding="utf-8")
    return folder


def run(language: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--lang", language, *arguments])


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "zh"),
        ({"LANG": "C"}, "zh"),
        ({"LANG": "POSIX"}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB"}, "en"),
        ({"LANG": "en_US", "LC_MESSAGES": "en_US", "LC_ALL": "C"}, "zh"),
        ({"LANG": "en_US", "LC_ALL": ""}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "zh"),
    ],
)
def test_the_first_variable_that_is_set_decides(environment: dict[str, str], language: str) -> None:
    assert language_of_environment(environment) == language


def test_the_option_wins_over_the_environment_and_ends_with_its_command(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert "没有这个批次" in run("zh", "batches", "none").output
    assert "no such batch" in CliRunner().invoke(main, ["batches", "none"]).output
    assert current_language() == "en"
    assert run("tlh", "batches").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        ([], "收进来", "Take in files"),
        (["storage"], "查坏", "fixity"),
        (["storage", "check"], "建缺的桶", "Make buckets that are missing"),
        (["storage", "scrub"], "把原件重读一遍", "Read every original again"),
        (["same"], "拆出来", "Undo the merge"),
        (["same", "merge"], "并入", "Make GONE a part of KEPT"),
    ],
)
def test_help_is_in_one_language(arguments: list[str], chinese: str, english: str) -> None:
    in_chinese, in_english = (run(language, *arguments, "--help").output for language in ("zh", "en"))
    assert chinese in in_chinese
    assert english not in in_chinese
    assert english in in_english
    assert CHINESE.search(in_english) is None


@pytest.mark.slow
def test_an_ingest_reports_in_one_language(home: Path, bad_sources: Path) -> None:
    chinese, english = (run(language, "ingest", str(bad_sources)) for language in ("zh", "en"))
    assert chinese.exit_code == english.exit_code == 3
    for sentence in (
        "看到 4，入库 0",
        "文件是空的：请从原处重新复制。\n",
        "网页不能入库",
        "应该是：10 位或 13 位的 ISBN",
    ):
        assert sentence in chinese.output
    assert "copy it again" not in chinese.output
    for sentence in (
        "4 seen, 0 added",
        "The file is empty: copy it again",
        "Web pages are not",
        "expected: an ISBN of",
    ):
        assert sentence in english.output
    assert set(CHINESE.findall(PATHS.sub("", english.output))) == set()


@pytest.mark.slow
def test_json_has_the_same_codes_in_either_language(home: Path, bad_sources: Path) -> None:
    chinese, english = (
        json.loads(run(language, "ingest", "--json", str(bad_sources)).stdout) for language in ("zh", "en")
    )
    assert chinese.keys() == english.keys()

    def codes(report: dict[str, Any]) -> list[tuple[str, str]]:
        return sorted((entry["path"], entry["code"]) for entry in report["rejections"])

    assert codes(chinese) == codes(english)
    assert {entry["code"] for entry in english["rejections"]} >= {"empty_file", "web_page", "bad_cells"}
    assert not any(CHINESE.search(entry["reason"]) for entry in english["rejections"])
    assert all(CHINESE.search(entry["reason"]) for entry in chinese["rejections"])


@pytest.mark.slow
def test_a_stored_batch_is_told_in_the_language_of_who_asks(home: Path, bad_sources: Path, tmp_path: Path) -> None:
    run("zh", "ingest", str(bad_sources))
    batch = json.loads(run("zh", "batches", "--json").stdout)["batches"][0]["batch"]
    assert "网页不能入库" in run("zh", "batches", batch).output
    english = run("en", "batches", batch).output
    assert "Web pages are not taken in" in english
    assert set(CHINESE.findall(PATHS.sub("", english))) == set()
    for language, reason, expected in (
        ("zh", "网页不能入库", "10 位或 13 位的 ISBN"),
        ("en", "Web pages are not", "an ISBN of 10 or 13 digits"),
    ):
        workbook = tmp_path / f"{language}.xlsx"
        run(language, "batches", batch, "--xlsx", str(workbook))
        book = load_workbook(workbook)
        assert any(reason in str(row[2].value) for row in book["未收的文件"].iter_rows())
        assert expected in str(book["改好再交"]["B2"].comment.text)


@pytest.mark.parametrize(("language", "reason"), [("zh", "文件是空的"), ("en", "The file is empty")])
@pytest.mark.long
def test_the_reasons_beside_a_watched_file_are_in_the_language_of_the_command(
    language: str, reason: str, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "empty.pdf").touch()
    arguments = ["--lang", language, "ingest", "--watch", str(folder), "--settle", "0.1"]
    watching = subprocess.Popen([sys.executable, "-m", "library_server.cli", *arguments], stderr=subprocess.DEVNULL)
    reasons = folder / "未入库/原因.txt"
    try:
        while watching.poll() is None and not (reasons.exists() and reasons.stat().st_size):
            time.sleep(0.1)
    finally:
        watching.terminate()
    assert watching.wait() == 0
    assert reason in reasons.read_text(encoding="utf-8-sig")


def test_messages_of_earlier_versions_stay_readable(home: Path) -> None:
    library = open_library_at(home)
    old = "文件已损坏，读不完整：请换一份。 The file is damaged: find another copy. (bad (inner) part)"
    with library.database.writing() as session:
        batch = repository.open_batch(session, ["/in"], {})
        entry = repository.EntryView("/in/a", "", 0, EntryState.REJECTED, "damaged", old)
        cell = {"sheet": "表", "row": "2", "column": "ISBN", "value": "1", "expected": "改成 ISBN"}
        repository.add_entries(session, batch, [entry, replace(entry, path="/in/b", reason=None, problems=[cell])])
    for language in ("zh", "en"):
        output = run(language, "batches", batch).output
        assert old in output
        assert "改成 ISBN" in output


@pytest.mark.parametrize(
    ("variables", "arguments", "chinese", "english"),
    [
        ({"TIANYUAN_NONSENSE": "1"}, ["batches"], "不认识的设置", "unknown setting: TIANYUAN_NONSENSE"),
        ({"TIANYUAN_DISK_RESERVE": "200%"}, ["batches"], "200%：最多 100%", "DISK_RESERVE: 200%: at most 100%"),
        ({"TIANYUAN_SECRET_KEY": "brief"}, ["batches"], "只有 5 字节", "it has 5 bytes"),
        ({"TIANYUAN_DATABASE_URL": "mysql://h/d"}, ["batches"], "不能用 mysql", "mysql is not supported"),
        ({"TIANYUAN_STORAGE": "tape"}, ["batches"], "设置不对：TIANYUAN_STORAGE", "bad setting: TIANYUAN_STORAGE"),
        (
            {"TIANYUAN_STORAGE": "s3", "TIANYUAN_S3_ENDPOINT": "127.0.0.1:1", "TIANYUAN_S3_ACCESS_KEY": "a",
             "TIANYUAN_S3_SECRET_KEY": "b", "TIANYUAN_S3_SECURE": "false"},
            ["storage", "check", "--light"], "存储服务没有应答", "the storage server does not answer",
        ),
        ({}, ["storage", "copy", "--from", "s3", "--to", "s3"], "是同一个存储", "are the same store"),
        ({}, ["storage", "copy", "--from", "filesystem", "--to", "s3"], "没有设存储服务", "the S3 server is not set"),
        ({}, ["storage", "history", "none"], "没有这条记录", "no such record"),
        ({}, ["storage", "scrub", "--budget", "soon"], "要写一个数和单位", "a number and one of s, m, h"),
        ({}, ["storage", "sweep", "--restore", "--delete"], "只能用一个", "use only one of"),
        ({}, ["same", "apart", "a", "b"], "没有这一对", "no such pair"),
        ({}, ["same", "unmerge", "a"], "没有并入别的记录", "not merged into another"),
        ({}, ["history", "a"], "没有这条记录", "no such record"),
        ({}, ["batches", "--forecast"], "没有在等的活", "No work is waiting"),
        ({}, ["machine"], "没有等着看的", "Nothing is waiting"),
        ({}, ["machine", "queue"], "在排队", "Queued: 0 for text recognition"),
        ({}, ["storage", "usage"], "承诺: 3 TB", "Promised: 3 TB"),
        ({}, ["ingest"], "给出文件或文件夹", "give files or folders"),
        ({}, ["ingest", "--undo", "none"], "没有这个批次", "no such batch"),
        ({}, ["export", "--format", "bibtex"], "导出 0 条", "Exported 0 records"),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_commands_and_their_errors(
    variables: dict[str, str], arguments: list[str], chinese: str, english: str, home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    in_chinese, in_english = run("zh", *arguments), run("en", *arguments)
    assert in_chinese.exit_code == in_english.exit_code
    assert chinese in in_chinese.output
    assert english not in in_chinese.output
    assert english in in_english.output
    assert CHINESE.search(in_english.output) is None


def test_a_plan_and_its_picture(tmp_path: Path) -> None:
    for language, words, drawn in (
        ("zh", "重建一块盘", "方块是盘"),
        ("en", "rebuild of a drive", "Squares are drives"),
    ):
        picture = tmp_path / f"{language}.svg"
        arguments = ["storage", "plan", "--nodes", "4", "--drives", "4", "--drive-size", "4TB", "--svg", str(picture)]
        result = run(language, *arguments)
        assert words in result.output
        assert drawn in picture.read_text(encoding="utf-8")
        if language == "en":
            assert CHINESE.search(result.output + picture.read_text(encoding="utf-8")) is None
    chosen = run("en", "storage", "plan", "--usable", "30TB").output
    assert "nodes lost" in chosen
    assert CHINESE.search(chosen) is None
    assert (
        "no layout of up to 16 nodes" in run("en", "storage", "plan", "--usable", "900PB", "--drive-size", "1TB").output
    )


@pytest.mark.slow
def test_findings_of_a_scrub_are_stored_without_a_language(home: Path, tmp_path: Path) -> None:
    book = tmp_path / "柑橘.txt"
    book.write_text("第一章 选地\n\n先抓一把土，握紧了再松开。\n", encoding="utf-8")
    assert run("zh", "ingest", str(book)).exit_code == 0
    library = open_library_at(home)
    original = next(path for path in (home / "objects" / "originals").rglob("*") if path.is_file())
    original.chmod(0o600)
    original.write_bytes(original.read_bytes() + b"x")
    assert run("zh", "storage", "scrub").exit_code == 3
    with library.database.reading() as session:
        stored = fixity.damaged_originals(session)[0].detail
    assert json.loads(stored)[0]["code"] == "length_differs"
    assert CHINESE.search(stored) is None
    details = [
        json.loads(run(language, "storage", "scrub", "--json").stdout)["unsound"][0]["detail"]
        for language in ("zh", "en")
    ]
    assert re.fullmatch(r"长度 \d+ 字节，应是 \d+", details[0])
    assert re.fullmatch(r"\d+ bytes, not \d+", details[1])
