"""The watch folder: what has stopped growing is taken and put where people see it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest_tools.outcomes import Report
from ingest_tools.watching import Watch
from library_server.library import Library
from tests.conftest import take_in
from tests.ingest.test_lists import by_title, workbook


@pytest.fixture
def watch(library: Library, tmp_path: Path) -> Watch:
    folder = tmp_path / "收书"
    folder.mkdir()

    def take(paths: Sequence[Path]) -> Report:
        return take_in(library, *paths)

    return Watch(folder, take, settle=10)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_what_has_stopped_growing_is_taken_and_put_away(library: Library, watch: Watch) -> None:
    folder = watch.folder
    (folder / "新书").mkdir()
    (folder / "新书/船歌.txt").write_text("正文", "utf-8")
    (folder / "空.txt").touch()
    (folder / "半截.mp4.part").write_bytes(b"x")
    assert watch.round(100) is None
    with (folder / "新书/船歌.txt").open("a", encoding="utf-8") as growing:
        growing.write("还在写")
    os.utime(folder / "新书/船歌.txt", (1, 1))
    report = watch.round(111)  # the empty file has settled, the other has not
    assert report is not None
    assert (report.added, report.rejected) == (0, 1)
    report = watch.round(122)
    assert report is not None
    assert report.added == 1
    assert names(folder) == {"已入库/新书/船歌.txt", "未入库/空.txt", "未入库/原因.txt", "半截.mp4.part"}
    assert not (folder / "新书").exists()
    reason = (folder / "未入库/原因.txt").read_text("utf-8-sig")
    assert "空.txt" in reason
    assert "empty_file" in reason
    assert set(by_title(library)) == {"船歌"}
    assert watch.round(200) is None


def test_names_that_are_taken_get_a_number(watch: Watch) -> None:
    for at, text in enumerate(("一", "二"), 1):
        (watch.folder / "书.txt").write_text(f"书名：{text}\n\n{text}", "utf-8")
        watch.round(at * 100)
        watch.round(at * 100 + 11)
    assert names(watch.folder) == {"已入库/书.txt", "已入库/书 (2).txt"}


def test_a_list_waits_for_the_files_beside_it(library: Library, watch: Watch) -> None:
    workbook(watch.folder / "表.xlsx", ["书名", "文件"], ["船歌", "a.txt"], ["没有", "b.txt"])
    watch.round(100)
    (watch.folder / "a.txt").write_text("正文", "utf-8")
    assert watch.round(111) is None
    report = watch.round(123)
    assert report is not None
    assert (report.added, report.joined, report.rejected) == (1, 1, 1)
    assert names(watch.folder) == {"未入库/表.xlsx", "未入库/原因.txt", "已入库/a.txt"}
    assert "清单!3：" in (watch.folder / "未入库/原因.txt").read_text("utf-8-sig")


def test_a_drive_that_is_away_is_waited_for(watch: Watch) -> None:
    away = watch.folder.rename(watch.folder.with_name("拔掉了"))
    watch.every, watch.settle = 0.02, 0.0
    stopping = threading.Event()
    running = threading.Thread(target=watch.run, args=(stopping,))
    running.start()
    time.sleep(0.1)
    (away / "书.txt").write_text("正文", "utf-8")
    away.rename(watch.folder)
    for _ in range(200):
        if (watch.folder / "已入库/书.txt").exists():
            break
        time.sleep(0.05)
    stopping.set()
    running.join()
    assert names(watch.folder) == {"已入库/书.txt"}


def test_the_command_watches_until_it_is_told_to_stop(tmp_path: Path) -> None:
    folder = tmp_path / "收书"
    folder.mkdir()
    command = [sys.executable, "-m", "library_server.cli", "ingest", "--watch", str(folder), "--settle", "0.2"]
    child = subprocess.Popen(command, env={**os.environ, "TIANYUAN_HOME": str(tmp_path / "home")},
                             stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        (folder / "书.txt").write_text("正文", "utf-8")
        for _ in range(400):
            if (folder / "已入库/书.txt").exists():
                break
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGTERM)
    assert child.wait(20) == 0
    assert names(folder) == {"已入库/书.txt"}
