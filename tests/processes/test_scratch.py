"""Folders of killed processes go with the next start; those in use stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from library_server.processes import scratch

HOLD = """
import sys
from pathlib import Path
from library_server.processes.scratch import scratch_directory
with scratch_directory(Path(sys.argv[1])) as folder:
    (Path(folder) / "a").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_process_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True, env=environment) as holder:  # fmt: skip
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().strip())
        (tmp_path / "tmp-file").touch()
        (tmp_path / "tmplink").symlink_to(tmp_path)
        monkeypatch.setattr(scratch, "_NEW_SECONDS", 0.0)
        assert scratch.remove_abandoned(tmp_path) == 0
        assert folder.exists()
        holder.kill()
        holder.wait()
        assert folder.exists()
        monkeypatch.setattr(scratch, "_NEW_SECONDS", 60.0)
        assert scratch.remove_abandoned(tmp_path) == 0  # it might have been made just now
        monkeypatch.setattr(scratch, "_NEW_SECONDS", 0.0)
        assert scratch.remove_abandoned(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tmp-file", "tmplink"]
