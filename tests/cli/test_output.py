"""What commands print of files and lists from outside."""

from __future__ import annotations

import pytest

from library_server.cli import output


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
