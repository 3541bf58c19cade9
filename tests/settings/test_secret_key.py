"""The key that signs grants is whole, long enough, and the same for every process; or the start stops and says why."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from library_server import secret_key
from library_server.settings import Settings, read_settings
from library_server.translations.rendering import render
from storage_config.errors import InvalidSettings

KEY = "correct horse battery staple 0123456789"
PROCESSES = 16


@pytest.mark.parametrize(
    "key",
    ["", "   \n", "short", "x" * 31, "\x00" * 64, "a" * 64, "ab" * 40, KEY + "\x07", "\udcff" * 40, "钥" * 10],
    ids=["empty", "blank", "short", "31 bytes", "NUL", "one letter", "two letters", "bell", "not UTF-8", "10 hanzi"],
)
def test_a_weak_key_in_the_settings_stops_the_start(key: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="TIANYUAN_SECRET_KEY") as refused:
        read_settings(home=str(tmp_path), secret_key=key)
    assert len(key) < 4 or key not in str(refused.value)


@pytest.mark.parametrize(
    "weak_key",
    [b"", b"\n", b"short", b"x" * 31, b"\x00" * 43, b"\xff\xfe" * 30, ("k" * 200).encode("utf-16")],
    ids=["zero bytes", "a line end", "short", "31 bytes", "NUL", "not UTF-8", "UTF-16"],
)
def test_a_weak_key_in_the_home_is_refused_and_left_as_it_is(weak_key: bytes, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_bytes(weak_key)
    with pytest.raises(InvalidSettings, match="secret_key") as refused:
        read_settings(home=str(tmp_path)).signing_key()
    assert "备份" in render(refused.value.message, str)
    assert (tmp_path / "secret_key").read_bytes() == weak_key


def test_white_space_around_a_key_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(f"\ufeff {KEY}\r\n", encoding="utf-8")
    assert read_settings(home=str(tmp_path)).signing_key() == KEY
    assert read_settings(home=str(tmp_path), secret_key=f"\n{KEY} ").signing_key() == KEY


def test_a_key_may_be_written_in_any_script(tmp_path: Path) -> None:
    key = "天元图书馆的密钥要够长才算数"
    assert read_settings(home=str(tmp_path), secret_key=key).signing_key() == key
    (tmp_path / "secret_key").write_text(key, encoding="utf-8")
    assert read_settings(home=str(tmp_path)).signing_key() == key


def test_a_key_file_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for name, make in (("folder", Path.mkdir), ("pipe", os.mkfifo), ("link", lambda path: path.symlink_to("nowhere"))):
        home = tmp_path / name
        home.mkdir()
        make(home / "secret_key")
        with pytest.raises(InvalidSettings, match="secret_key"):
            Settings(home=home).signing_key()


def test_a_disk_that_is_full_leaves_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings(home=str(tmp_path))
    real = os.write

    def full(handle: int, data: bytes) -> int:
        if handle > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="space"):
        settings.signing_key()
    monkeypatch.setattr(os, "write", real)
    assert list(tmp_path.iterdir()) == []
    assert len(settings.signing_key()) >= 32


FULL_DISK = """
set -e
mount -t tmpfs -o size=4k tmpfs {home}
head -c 4096 /dev/zero > {home}/ballast
! {python} -c "{program}"
test ! -e {home}/secret_key
rm {home}/ballast
{python} -c "{program}"
"""
PRINT_KEY = "from library_server.settings import Settings; print(Settings(home='{home}').signing_key())"


@pytest.mark.slow
def test_a_disk_that_is_really_full_leaves_no_key(tmp_path: Path) -> None:
    script = FULL_DISK.format(home=tmp_path, python=sys.executable, program=PRINT_KEY.format(home=tmp_path))
    inside = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "bash", "-c", script]
    result = subprocess.run(inside, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.strip()) >= 32


def test_a_crash_between_writing_and_linking_leaves_nothing_that_is_taken_for_a_key(tmp_path: Path) -> None:
    program = (
        "import os; from library_server import secret_key; from library_server.settings import Settings\n"
        "secret_key.publish_if_absent = lambda *_: os._exit(9)\n"
        f"Settings(home='{tmp_path}').signing_key()"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    left = [path.name for path in tmp_path.iterdir()]
    assert len(left) == 1
    assert left != ["secret_key"]
    assert len(Settings(home=tmp_path).signing_key()) >= 32


def test_without_hard_links_a_key_is_made_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    key = Settings(home=tmp_path).signing_key()
    (tmp_path / "secret_key").rename(tmp_path / "first")
    (tmp_path / "secret_key").write_text(KEY, encoding="utf-8")
    secret_key._create(tmp_path / "secret_key")  # as a second process sees it
    assert Settings(home=tmp_path).signing_key() == KEY != key


@pytest.mark.long
def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    waiting = "import sys; from library_server.settings import Settings; sys.stdin.read(); "
    program = f"{waiting}print(Settings(home='{tmp_path}').signing_key())"
    with ExitStack() as closing:
        children = [
            closing.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(PROCESSES)
        ]
        for child in children:  # every process has imported its modules before the last one is released
            assert child.stdin is not None
            child.stdin.close()
        keys = {child.stdout.read().strip() for child in children if child.stdout}
        assert [child.wait() for child in children] == [0] * PROCESSES
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
