from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from library_server.processes.limits import MEMORY_BYTES, ResourceLimits, limit_command, stderr_tail


def run(program: str, output_bytes: int = 1000) -> subprocess.CompletedProcess[bytes]:
    command = limit_command([sys.executable, "-c", program], ResourceLimits(output_bytes=output_bytes, niceness=5))
    return subprocess.run(command, capture_output=True, check=False)


def test_a_command_may_not_take_all_memory() -> None:
    result = run(f"bytearray({MEMORY_BYTES + 1})")
    assert result.returncode != 0
    assert b"MemoryError" in result.stderr


def test_a_command_may_not_fill_the_disk(tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert run(
        f"open({str(target)!r}, 'wb', 0).write(bytes(5000)); open({str(target)!r}, 'ab', 0).write(b'x')"
    ).returncode
    assert target.stat().st_size == 1000


def test_only_the_end_of_the_output_is_kept(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    errors.write_text("坏" * 5000 + "最后一句", "utf-8")
    assert stderr_tail(errors).endswith("最后一句")
    assert not errors.exists()
