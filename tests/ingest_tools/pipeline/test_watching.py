"""The watch folder: files that have stopped growing are ingested and moved to the folder of their outcome."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ingest_tools.pipeline import watch_folder
from ingest_tools.pipeline.results import IngestReport
from ingest_tools.pipeline.watch_folder import RETRY_SECONDS, WatchFolder
from ingest_tools.sources import directories
from library_server.library import Library
from tests.factories.pictures import scene
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.records import records_by_title


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_files_that_have_stopped_growing_are_taken_and_moved(library: Library, watch: WatchFolder) -> None:
    folder = watch.folder
    (folder / "新书").mkdir()
    (folder / "新书/船歌.txt").write_text("正文", "utf-8")
    (folder / "空.txt").touch()
    (folder / "半截.mp4.part").write_bytes(b"x")
    assert watch.scan(100) is None
    with (folder / "新书/船歌.txt").open("a", encoding="utf-8") as growing:
        growing.write("还在写")
    os.utime(folder / "新书/船歌.txt", (1, 1))
    report = watch.scan(111)  # only the empty file has stopped growing
    assert report is not None
    assert (report.added, report.rejected) == (0, 1)
    report = watch.scan(122)
    assert report is not None
    assert report.added == 1
    assert names(folder) == {"已入库/新书/船歌.txt", "未入库/空.txt", "未入库/原因.txt", "半截.mp4.part"}
    assert not (folder / "新书").exists()
    reason = (folder / "未入库/原因.txt").read_text("utf-8-sig")
    assert "空.txt" in reason
    assert "empty_file" in reason
    assert set(records_by_title(library)) == {"船歌"}
    assert watch.scan(200) is None


def test_names_that_are_taken_get_a_number(watch: WatchFolder) -> None:
    for at, text in enumerate(("一", "二"), 1):
        (watch.folder / "书.txt").write_text(f"书名：{text}\n\n{text}", "utf-8")
        watch.scan(at * 100)
        watch.scan(at * 100 + 11)
    assert names(watch.folder) == {"已入库/书.txt", "已入库/书 (2).txt"}


@pytest.mark.slow
def test_a_list_waits_for_the_files_beside_it(library: Library, watch: WatchFolder) -> None:
    workbook(watch.folder / "表.xlsx", ["书名", "文件"], ["船歌", "a.txt"], ["没有", "b.txt"])
    watch.scan(100)
    (watch.folder / "a.txt").write_text("正文", "utf-8")
    assert watch.scan(111) is None
    report = watch.scan(123)
    assert report is not None
    assert (report.added, report.joined, report.rejected) == (1, 1, 1)
    assert names(watch.folder) == {"未入库/表.xlsx", "未入库/原因.txt", "已入库/a.txt"}
    assert "清单!3：" in (watch.folder / "未入库/原因.txt").read_text("utf-8-sig")


@pytest.mark.slow
def test_the_reason_names_the_batch_and_each_cell_of_a_refused_row(watch: WatchFolder) -> None:
    workbook(watch.folder / "表.xlsx", ["书名", "ISBN", "册数"], ["船歌", "9787500000014", "许多\n未入库"])
    watch.scan(100)
    report = watch.scan(111)
    assert report is not None
    first, *lines = (watch.folder / "未入库/原因.txt").read_text("utf-8-sig").splitlines()
    assert first.endswith(f"  批次 {report.batch}  表.xlsx")
    assert lines == [
        "    清单!2：表里有看不懂的格子：照着说明改好，再把表交来，只收改好的行。（bad_cells）",
        "      清单 第 2 行“ISBN”写着“9787500000014”，应该是：10 位或 13 位的 ISBN，校验位要对",
        "      清单 第 2 行“册数”写着“许多\\n未入库”，应该是：册数，一个整数",
        f"    要改的行和没收的文件：tianyuan batches {report.batch} --xlsx 改好再交.xlsx",
    ]


def test_a_drive_that_is_not_mounted_is_waited_for(watch: WatchFolder) -> None:
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


@pytest.mark.long
def test_the_command_watches_until_it_is_told_to_stop(tmp_path: Path) -> None:
    folder = tmp_path / "收书"
    folder.mkdir()
    command = [sys.executable, "-m", "library_server.cli", "ingest", "--watch", str(folder), "--settle", "0.2"]
    child = subprocess.Popen(command, env={**os.environ, "TIANYUAN_HOME": str(tmp_path / "home")},
                             stderr=subprocess.DEVNULL)  # fmt: skip
    (tmp_path / "外.txt").write_text("不要收我", "utf-8")
    try:
        (folder / "链.txt").symlink_to(tmp_path / "外.txt")
        (folder / "书.txt").write_text("正文", "utf-8")
        for _ in range(400):
            if (folder / "已入库/书.txt").exists() and (folder / "未入库/链.txt").is_symlink():
                break
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGTERM)
    assert child.wait(20) == 0
    assert names(folder) == {"已入库/书.txt", "未入库/链.txt", "未入库/原因.txt"}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "别处"
    folder.mkdir()
    (folder / "要紧.txt").write_text("不要动我", "utf-8")
    return folder


def settle(watch: WatchFolder, at: float = 100) -> IngestReport | None:
    """Scan twice, with the time between both that a file must stay unchanged."""
    watch.scan(at)
    return watch.scan(at + 11)


@pytest.mark.parametrize("planted", ["link", "dangling"])
@pytest.mark.parametrize("name", ["已入库", "未入库"])
def test_a_planted_folder_is_not_used(
    watch: WatchFolder, outside: Path, name: str, planted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(watch_folder.log, "warning", lambda event, **_: logged.append(event))
    (watch.folder / name).symlink_to(outside if planted == "link" else outside / "没有")
    (watch.folder / "好.txt").write_text("好书", "utf-8")
    (watch.folder / "空.txt").touch()
    settle(watch)
    assert names(outside) == {"要紧.txt"}
    assert (outside / "要紧.txt").read_text("utf-8") == "不要动我"
    stays = "好.txt" if name == "已入库" else "空.txt"
    assert (watch.folder / stays).exists()
    assert settle(watch, 200) is None  # the file stays where it is and is not taken a second time
    (watch.folder / "新.txt").write_text("又一本", "utf-8")
    report = settle(watch, 300)
    assert report is not None
    assert report.seen == 1
    assert logged == ["cannot_put_away"]  # this is reported once, though the second book cannot be moved either


def test_a_folder_planted_deeper(watch: WatchFolder, outside: Path) -> None:
    (watch.folder / "新书").mkdir()
    (watch.folder / "新书/好.txt").write_text("好书", "utf-8")
    (watch.folder / "已入库").mkdir()
    (watch.folder / "已入库/新书").symlink_to(outside)
    settle(watch)
    assert names(outside) == {"要紧.txt"}
    assert (watch.folder / "新书/好.txt").exists()


@pytest.mark.parametrize("planted", ["symlink", "hard link", "pipe", "dangling"])
def test_planted_reasons_are_not_written(watch: WatchFolder, outside: Path, planted: str) -> None:
    reasons = watch.folder / "未入库/原因.txt"
    reasons.parent.mkdir()
    if planted == "pipe":
        os.mkfifo(reasons)
    elif planted == "hard link":
        reasons.hardlink_to(outside / "要紧.txt")
    else:
        reasons.symlink_to(outside / ("要紧.txt" if planted == "symlink" else "新.txt"))
    (watch.folder / "空.txt").touch()
    settle(watch)
    assert (watch.folder / "未入库/空.txt").exists()
    assert names(outside) == {"要紧.txt"}
    assert (outside / "要紧.txt").read_text("utf-8") == "不要动我"


def test_a_link_is_moved_as_a_link(library: Library, watch: WatchFolder, outside: Path) -> None:
    (watch.folder / "链.txt").symlink_to(outside / "要紧.txt")
    (watch.folder / "断.txt").symlink_to(outside / "没有.txt")
    os.mkfifo(watch.folder / "管.xml")
    report = settle(watch)
    assert report is not None
    assert {Path(row["path"]).name: row["code"] for row in report.rejections} == {
        "链.txt": "link_outside", "断.txt": "not_a_file", "管.xml": "not_a_file"}  # fmt: skip
    assert (watch.folder / "未入库/链.txt").is_symlink()
    assert names(outside) == {"要紧.txt"}
    assert records_by_title(library) == {}


def test_a_name_that_is_taken_by_a_link_gets_a_number(watch: WatchFolder, outside: Path) -> None:
    (watch.folder / "已入库").mkdir()
    (watch.folder / "已入库/书.txt").symlink_to(outside / "新.txt")
    (watch.folder / "书.txt").write_text("好书", "utf-8")
    settle(watch)
    assert (watch.folder / "已入库/书 (2).txt").read_text("utf-8") == "好书"
    assert names(outside) == {"要紧.txt"}


def test_folders_that_are_exchanged_for_links_all_the_time(tmp_path: Path, outside: Path) -> None:
    """A thread makes `已入库` a link and a folder again while files are moved: nothing lands elsewhere."""
    root = tmp_path / "收书"
    root.mkdir()
    target, stopping = root / "已入库", threading.Event()

    def exchange() -> None:
        for number in itertools.count():
            if stopping.is_set():
                return
            with suppress(OSError):
                target.mkdir(exist_ok=True)
                target.rename(root / f"真{number}")
                target.symlink_to(outside)
                target.unlink()

    thread = threading.Thread(target=exchange)
    thread.start()
    moved = 0
    try:
        for number in range(500):
            (root / f"{number}.txt").write_text("x", "utf-8")
            with suppress(OSError):
                directories.move_file(root, Path(f"{number}.txt"), Path(f"已入库/{number}.txt"))
                moved += 1
    finally:
        stopping.set()
        thread.join()
    assert moved
    assert names(outside) == {"要紧.txt"}


def test_empty_folders_go_and_links_to_folders_stay(tmp_path: Path, outside: Path) -> None:
    root = tmp_path / "收书"
    (root / "空/里").mkdir(parents=True)
    (root / "已入库/空").mkdir(parents=True)
    (outside / "空").mkdir()
    (root / "链").symlink_to(outside)
    directories.remove_empty_directories(root, frozenset({"已入库"}))
    assert sorted(path.name for path in root.iterdir()) == ["已入库", "链"]
    assert (root / "已入库/空").is_dir()
    assert (outside / "空").is_dir()


def test_a_file_goes_to_another_disk_that_is_mounted_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "收书"
    root.mkdir()
    (root / "书.txt").write_text("好书", "utf-8")

    def other_disk(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr("ingest_tools.sources.directories.os.rename", other_disk)
    assert directories.move_file(root, Path("书.txt"), Path("已入库/书.txt")) == Path("已入库/书.txt")
    assert names(root) == {"已入库/书.txt"}
    assert (root / "已入库/书.txt").read_text("utf-8") == "好书"


def test_rejections_beyond_the_limit_of_the_report_are_no_success(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "新书"
    folder.mkdir()
    for name in ("坏.pdf", "另一个.pdf"):
        (folder / name).write_bytes(b"%PDF-1.4 broken " + name.encode())

    def take(paths: Sequence[Path]) -> IngestReport:
        report = ingest(library, *paths)
        report.rejections.clear()  # as if thousands of rejections had come before this one
        return report

    watch = WatchFolder(folder, take, settle=0)
    watch.scan(0)
    watch.scan(1)
    assert names(folder) == {"未入库/坏.pdf", "未入库/另一个.pdf", "未入库/原因.txt"}
    reasons = (folder / "未入库/原因.txt").read_text("utf-8")
    assert reasons.count("（damaged）") == 2


def test_a_file_that_is_written_again_while_it_is_taken_is_taken_again(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "新书"
    folder.mkdir()
    (folder / "船歌.txt").write_text("书名：船歌\n\n正文", "utf-8")
    later_titles = ["渡口"]

    def take(paths: Sequence[Path]) -> IngestReport:
        report = ingest(library, *paths)
        while later_titles:
            (folder / "船歌.txt").write_text(f"书名：{later_titles.pop()}\n\n新写的正文", "utf-8")
        return report

    watch = WatchFolder(folder, take)
    settle(watch)
    assert names(folder) == {"船歌.txt"}
    for now in (200, 211):
        watch.scan(now)
    assert names(folder) == {"已入库/船歌.txt"}
    assert set(records_by_title(library)) == {"船歌", "渡口"}


def test_a_folder_that_cannot_be_listed_stops_nothing_else(library: Library, watch: WatchFolder) -> None:
    working_folder = os.open(".", os.O_RDONLY)
    os.chdir(watch.folder)
    try:
        for _ in range(18):  # deeper than the kernel takes as one path
            os.mkdir("深" * 80)
            os.chdir("深" * 80)
    finally:
        os.fchdir(working_folder)
        os.close(working_folder)
    (watch.folder / "好.txt").write_text("谁都可以看的正文", "utf-8")
    report = settle(watch)
    assert report is not None
    assert report.added == 1
    assert names(watch.folder) == {"已入库/好.txt"}


def test_sidecars_are_not_taken_without_their_file(library: Library, watch: WatchFolder) -> None:
    (watch.folder / "船歌.txt").write_text("正文", "utf-8")
    (watch.folder / "说明.nfo").write_text("a release", "utf-8")
    scene(1).save(watch.folder / "cover.jpg")
    scene(2).save(watch.folder / "船歌.jpg")
    watch.scan(100)
    report = watch.scan(200)
    assert report is not None
    assert (report.added, report.rejected) == (1, 0)
    assert set(records_by_title(library)) == {"船歌"}
    assert names(watch.folder) == {f"已入库/{name}" for name in ("船歌.txt", "船歌.jpg", "cover.jpg", "说明.nfo")}


def test_an_ingest_that_fails_is_tried_again_after_a_while(library: Library, tmp_path: Path) -> None:
    calls: list[int] = []

    def take(paths: Sequence[Path]) -> IngestReport:
        calls.append(len(paths))
        if len(calls) == 1:
            raise OSError(errno.ENOSPC, "no space left")
        return ingest(library, *paths)

    folder = tmp_path / "新书"
    folder.mkdir()
    (folder / "好.txt").write_text("谁都可以看的正文", "utf-8")
    watch = WatchFolder(folder, take, settle=0)
    with capture_logs() as logs:
        for now in (100, 101, 102, 101 + RETRY_SECONDS):
            watch.scan(now)
    assert calls == [1, 1]
    assert [entry["event"] for entry in logs] == ["watch_ingest_failed"]
    assert names(folder) == {"已入库/好.txt"}
