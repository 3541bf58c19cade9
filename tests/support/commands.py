"""Commands run as an operator runs them, and commands that are killed at a given point."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from library_server.cli import main

_KILLED = """
import importlib, os, signal, sys
module, _, path = sys.argv[1].partition(":")
*owners, name = path.split(".")
owner = importlib.import_module(module)
for part in owners:
    owner = getattr(owner, part)
setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
from library_server.cli import main
main(sys.argv[2:])
"""


def tianyuan(home: Path, *words: str, **environment: str) -> Result:
    """Run a command over a home, in this process."""
    return CliRunner().invoke(main, list(words), env={"TIANYUAN_HOME": str(home), **environment})


def json_output(result: Result) -> dict[str, Any]:
    """The JSON that a command with `--json` printed."""
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert result.stdout, result.stderr
    values: dict[str, Any] = json.loads(result.stdout)
    return values


def refusal(result: Result) -> str:
    """The one sentence of a command that refused."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    sentence = result.stderr.strip()
    assert sentence.startswith("错误：")
    assert "\n" not in sentence
    return sentence


def run_killed_at(point: str, home: Path, *words: str) -> None:
    """Run a command that is killed (SIGKILL) where it would call `point`, as in `module:Class.method`."""
    command = [sys.executable, "-c", _KILLED, point, *words]
    result = subprocess.run(command, env={**os.environ, "TIANYUAN_HOME": str(home)}, capture_output=True, check=False)
    assert result.returncode == -signal.SIGKILL, result.stderr.decode()
