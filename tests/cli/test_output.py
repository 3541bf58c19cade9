"""What commands print of files and lists from outside."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from library_server.cli import main, output
from library_server.cli.localization.figures import figure_line
from library_server.library import Library


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("盘/柑橘.txt", "盘/柑橘.txt"),
        ("\x1b]0;owned\x07x.svg", "\\x1b]0;owned\\x07x.svg"),
        ("a\n  b.txt", "a\\n  b.txt"),
        ("a\u202etxt.exe", "a\\u202etxt.exe"),
        ("a\x9bK\r", "a\\x9bK\\r"),
    ],
)
def test_names_of_files_change_nothing_in_a_terminal(name: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"sheet": name, "row": 2, "column": "书名", "value": name, "expected": "别的"}
    output.print_rejections([{"path": name, "code": "damaged", "reason": name, "problems": [problem]}])
    output.print_shortened([{"path": name, "fields": []}])
    printed = capsys.readouterr().out
    assert printed.count(shown) == 5
    assert len(printed.splitlines()) == 4


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("missing", 0, "缺的（missing）：0"),
        ("missing", (), "缺的（missing）：无"),
        ("agrees", True, "对得上（agrees）：是"),
        ("object_bytes", 17_429_338, "对象的大小（object_bytes）：17.4 MB"),
        ("refused", None, "没有删的原因（refused）：-"),
    ],
)
def test_figures_are_named_and_valued_in_words(
    name: str, value: object, line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    output.print_values({name: value}, as_json=False)
    assert capsys.readouterr().out == f"{line}\n"


def test_a_name_that_is_its_key_stands_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    output.print_values({"wrong_size": 0, "unnamed": 2}, as_json=False)
    assert capsys.readouterr().out == "wrong size: 0\nused by no record (unnamed): 2\n"


def test_times_of_figures_are_those_of_the_place() -> None:
    shown = figure_line("created_at", "2026-11-27T14:57:10.635+00:00").rpartition("：")[2]
    assert shown == f"{datetime(2026, 11, 27, 14, 57, tzinfo=UTC).astimezone():%Y-%m-%d %H:%M}"


def test_every_figure_that_commands_print_has_a_name(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    monkeypatch.setenv("LC_ALL", "C")
    index, storage = ("rebuild", "status", "verify"), ("check", "trim", "scrub", "sweep")
    for command in (*(f"index {name}" for name in index), *(f"storage {name}" for name in storage)):
        lines = CliRunner().invoke(main, command.split()).stdout.splitlines()
        assert lines, command
        assert not [line for line in lines if re.match("[a-z_]+:", line)], command


def test_a_name_is_printed_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    output.console.print("[:book:] a.epub", markup=False)
    assert ":book:" in capsys.readouterr().err
