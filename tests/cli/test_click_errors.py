"""What Click and Pydantic say of wrong options and settings is in the language of the command."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from library_server.cli import COMMANDS, main


@pytest.mark.parametrize(
    ("arguments", "chinese"),
    [
        (["ingest", "--kind", "绘本", "x"], "没有 绘本，可以写 "),
        (["ingest", "--nonsense"], "没有这个选项：--nonsense"),
        (["nonsense"], "没有这个命令：nonsense"),
        (["same", "--limit", "0"], "不在范围"),
        (["same", "merge"], "缺少参数"),
    ],
)
def test_errors_of_options_are_translated(arguments: list[str], chinese: str) -> None:
    result = CliRunner(env={"LANG": "zh_CN.UTF-8"}).invoke(main, arguments)
    assert result.exit_code == 2
    assert chinese in result.stderr
    assert "错误：" in result.stderr
    assert not re.search("Error|Usage|Try", result.stderr)
    for words, language in (["--lang", "en", *arguments], "zh_CN.UTF-8"), (arguments, "en_GB.UTF-8"):
        english = CliRunner(env={"LANG": language}).invoke(main, words)
        assert "Error: " in english.stderr
        assert english.stderr.isascii() or "绘本" in english.stderr


def test_a_parity_that_is_no_decimal_number_is_a_wrong_option() -> None:
    result = CliRunner().invoke(main, ["storage", "plan", "--nodes", "4", "--parity", "²"])
    assert result.exit_code == 2
    assert "²" in result.stderr


def test_the_help_of_every_command_is_translated() -> None:
    for name in ("", *COMMANDS):
        result = CliRunner(env={"LANG": "zh_CN.UTF-8"}).invoke(main, [*name.split(), "--help"])
        assert result.exit_code == 0
        assert result.stdout.startswith("用法：")
        assert not re.search("Usage|Options:|Commands:|Show this|default:", result.stdout)


@pytest.mark.parametrize(
    ("name", "value", "chinese"),
    [
        ("TIANYUAN_STORAGE", "ftp", "只能是 'filesystem', 's3'"),
        ("TIANYUAN_S3_SECURE", "也许", "应该是 true 或 false"),
        ("TIANYUAN_REPLICA", "u盘", "写法不对"),
    ],
)
def test_faults_of_settings_are_translated(name: str, value: str, chinese: str) -> None:
    result = CliRunner(env={"LANG": "zh_CN.UTF-8", name: value}).invoke(main, ["batches"])
    assert result.exit_code == 1
    assert chinese in result.stderr
    assert name in result.stderr
    assert "should" not in result.stderr
