"""Links, pipes, devices and the library's own folder as sources: nothing outside of what was given is read."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from ingest_tools.parser_pool import Parser
from ingest_tools.rejections import REASONS, RejectedError
from ingest_tools.sources.lists.unread_lists import lists_put_aside
from ingest_tools.sources.source_files import SourceRoots
from library_server.cli import main
from library_server.library import Library
from tests.factories.pictures import film
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest, rejection_codes
from tests.support.records import records_by_title
from tests.support.stores import content

SECRET = "只给馆里看的一句话，谁也不该读到它"
MRC = b"00092nam a2200037   450 200002100000\x1e1 \x1fa" + "密记录".encode() + b"\x1ffx\x1e\x1d"


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "外"
    folder.mkdir()
    (folder / "密.txt").write_text(SECRET, "utf-8")
    (folder / "密.srt").write_text(f"1\n00:00:00,000 --> 00:00:02,000\n{SECRET}\n", "utf-8")
    (folder / "密.csv").write_text(f"书名,作者\n{SECRET},某人\n", "utf-8")
    (folder / "密.mrc").write_bytes(MRC)
    Image.new("RGB", (300, 400), "red").save(folder / "密.jpg")
    return folder


def everything(library: Library) -> bytes:
    """All that the library stores or says, to look for what should not be in it."""
    descriptions = json.dumps([str(view) for view in records_by_title(library).values()], ensure_ascii=False).encode()
    return descriptions + b"".join(content(library.store, stored.key) for stored in library.store.list())


@pytest.mark.parametrize("name", ["密.txt", "密.csv", "密.mrc", "密.jpg"])
@pytest.mark.parametrize("absolute", [True, False])
def test_a_link_that_leads_outside_is_refused(
    library: Library, disk: Path, outside: Path, name: str, absolute: bool
) -> None:
    (disk / f"书{Path(name).suffix}").symlink_to(outside / name if absolute else Path("../外") / name)
    (disk / "好.txt").write_text("好书", "utf-8")
    report = ingest(library, disk)
    waiting = {"好.txt": "list_refused"} if name == "密.csv" else {}  # the list might describe it
    assert rejection_codes(report) == {f"书{Path(name).suffix}": "link_outside", **waiting}
    assert report.rejections[0]["reason"].startswith(REASONS["link_outside"])
    assert set(records_by_title(library)) == (set() if waiting else {"好"})
    assert SECRET.encode() not in everything(library)


def test_the_key_of_the_library_is_no_book(library: Library, disk: Path, tmp_path: Path) -> None:
    key = library.settings.signing_key()
    (disk / "钥匙.txt").symlink_to(library.settings.home / "secret_key")
    home = library.settings.home
    assert rejection_codes(ingest(library, disk)) == {"钥匙.txt": "link_outside"}
    named = ingest(library, home / "secret_key", disk / "钥匙.txt", protected=(home,))
    assert rejection_codes(named) == {"secret_key": "inside_library", "钥匙.txt": "inside_library"}
    assert rejection_codes(ingest(library, home, protected=(home,))) == {"home": "inside_library"}
    assert rejection_codes(ingest(library, home / "scratch", protected=(home,))) == {"scratch": "inside_library"}
    whole = ingest(library, tmp_path, protected=(home,))
    assert rejection_codes(whole)["home"] == "inside_library"
    assert not [name for name in rejection_codes(whole) if name in {"library.db", "secret_key"}]
    assert key.encode() not in everything(library)


@pytest.mark.slow
def test_the_command_protects_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(tmp_path / "home"))
    CliRunner().invoke(main, ["batches"])
    (tmp_path / "home/list.csv").write_text("书名\n船歌\n", "utf-8")
    result = CliRunner().invoke(main, ["ingest", str(tmp_path / "home"), "--json"])
    report = json.loads(result.stdout)
    assert [row["code"] for row in report["rejections"]] == ["inside_library"]
    again = CliRunner().invoke(main, ["retry", report["batch"], "--json"])
    assert [row["code"] for row in json.loads(again.stdout)["rejections"]] == ["inside_library"]


@pytest.mark.slow
def test_sidecars_that_are_links_are_refused_by_themselves(library: Library, disk: Path, outside: Path) -> None:
    film(disk / "片.mp4", seconds=1, size="160x90")
    (disk / "片.srt").symlink_to(outside / "密.srt")
    (disk / "片.jpg").symlink_to(outside / "密.jpg")
    os.mkfifo(disk / "片.zh.srt")
    report = ingest(library, disk)
    assert rejection_codes(report) == {"片.srt": "link_outside", "片.jpg": "link_outside", "片.zh.srt": "not_a_file"}
    assert records_by_title(library)["片"].assets_of("subtitle") == ()
    assert SECRET.encode() not in everything(library)
    alone = ingest(library, disk / "片.mp4")
    assert (alone.unchanged, rejection_codes(alone)) == (1, rejection_codes(report))


def test_rows_name_no_file_outside(library: Library, disk: Path, outside: Path) -> None:
    (disk / "链.txt").symlink_to(outside / "密.txt")
    workbook(
        disk / "表.xlsx", ["书名", "文件"], ["甲", "链.txt"], ["乙", "../外/密.txt"], ["丙", str(outside / "密.txt")]
    )
    report = ingest(library, disk)
    assert {row["code"] for row in report.rejections} == {"file_outside", "file_missing", "link_outside"}
    assert SECRET.encode() not in everything(library)


@pytest.mark.slow
def test_links_within_the_source_work(library: Library, disk: Path) -> None:
    (disk / "里").mkdir()
    (disk / "里/真.txt").write_text("真的一本", "utf-8")
    (disk / "相对.md").symlink_to("里/真.txt")
    (disk / "绝对.md").symlink_to(disk / "里/真.txt")
    workbook(disk / "里/表.xlsx", ["书名", "作者"], ["船歌", "周望水"])
    (disk / "表.xlsx").symlink_to("里/表.xlsx")
    report = ingest(library, disk)
    assert report.rejected == 0, report.rejections
    assert {"船歌"} < set(records_by_title(library))


@pytest.mark.slow
def test_what_the_librarian_names_may_be_a_link(library: Library, disk: Path, outside: Path, tmp_path: Path) -> None:
    (tmp_path / "书架").symlink_to(outside)
    (disk / "单本.txt").symlink_to(outside / "密.txt")
    report = ingest(library, tmp_path / "书架", disk / "单本.txt")
    assert report.rejected == 1  # the subtitle in the folder has no film
    assert SECRET in records_by_title(library)


def test_links_to_folders_are_not_followed(library: Library, disk: Path, outside: Path) -> None:
    (disk / "目录.xml").symlink_to(outside)
    (disk / "真.xml").mkdir()
    (disk / "真.xml/书.txt").write_text("书", "utf-8")
    report = ingest(library, disk)
    assert (report.seen, set(records_by_title(library))) == (1, {"书"})


@pytest.mark.parametrize("suffix", [".xml", ".mrc", ".iso", ".xlsx", ".csv", ".txt", ".mp4", ".epub", ".srt", ".jpg"])
def test_nothing_waits_for_a_pipe(library: Library, disk: Path, suffix: str) -> None:
    os.mkfifo(disk / f"管{suffix}")
    report = ingest(library, disk)
    assert rejection_codes(report) == {f"管{suffix}": "not_a_file"}
    assert rejection_codes(ingest(library, disk / f"管{suffix}")) == {f"管{suffix}": "not_a_file"}
    manifest = ingest(library, disk, manifest=disk / f"管{suffix}")
    assert rejection_codes(manifest) == {f"管{suffix}": "not_a_file"}


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".mrc"])
@pytest.mark.parametrize("kind", ["pipe", "broken link", "socket", "folder"])
def test_what_is_no_file_is_no_list_and_holds_nothing_back(
    library: Library, disk: Path, suffix: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(disk)
    path = Path(f"表{suffix}")
    (disk / "好.txt").write_text("好书", "utf-8")
    with socket.socket(socket.AF_UNIX) as listening:
        make: dict[str, Callable[[], object]] = {
            "pipe": lambda: os.mkfifo(path),
            "broken link": lambda: path.symlink_to(disk / "没有"),
            "socket": lambda: listening.bind(str(path)),
            "folder": path.mkdir,
        }
        make[kind]()
        report = ingest(library, disk)
    expected = {} if kind == "folder" else {path.name: "not_a_file"}
    assert (rejection_codes(report), set(records_by_title(library))) == (expected, {"好"})


def test_what_is_no_file_is_no_list_that_was_put_aside(disk: Path) -> None:
    (disk / "退回").mkdir()
    os.mkfifo(disk / "退回/管.csv")
    (disk / "断.csv").symlink_to(disk / "没有")
    assert list(lists_put_aside(disk, (), SourceRoots.from_sources([disk]))) == []


@pytest.mark.parametrize("suffix", [".xml", ".csv", ".txt"])
def test_devices_and_sockets(library: Library, disk: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (disk / f"零{suffix}").symlink_to("/dev/zero")
    monkeypatch.chdir(disk)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"座{suffix}")
        assert rejection_codes(ingest(library, disk)) == {f"零{suffix}": "link_outside", f"座{suffix}": "not_a_file"}
        assert rejection_codes(ingest(library, disk / f"零{suffix}")) == {f"零{suffix}": "not_a_file"}


@pytest.mark.parametrize("suffix", [".txt", ".mp4", ".csv", ".xml", ".pdf"])
def test_a_file_of_nothing_but_size(library: Library, disk: Path, suffix: str) -> None:
    with (disk / f"空{suffix}").open("wb") as writing:
        writing.write(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" if suffix == ".mp4" else b"%PDF-1.4 \n")
        writing.truncate(1 << 40)
    (disk / "好.txt").write_text("好书", "utf-8")
    report = ingest(library, disk)
    waiting = {"好.txt": "list_refused"} if suffix == ".csv" else {}  # the list might describe it
    assert rejection_codes(report) == {f"空{suffix}": "too_large", **waiting}
    assert report.added == 1 - len(waiting)


def test_a_name_that_is_exchanged_after_the_check(
    library: Library, disk: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between describing and storing, and between checking and describing, the name is made a link."""
    path = disk / "书.txt"

    def swap() -> None:
        path.unlink(missing_ok=True)
        path.symlink_to(outside / "密.txt")

    described = Parser.describe

    def swapping(self: Parser, *args: object, **options: object) -> object:
        swap()
        return described(self, *args, **options)  # type: ignore[arg-type]

    path.write_text("原来的一本", "utf-8")
    monkeypatch.setattr(Parser, "describe", swapping)
    report = ingest(library, disk)
    assert report.added == 1
    assert SECRET.encode() not in everything(library)
    assert "原来的一本".encode() in everything(library)


def test_names_that_are_exchanged_all_the_time(tmp_path: Path, disk: Path, outside: Path) -> None:
    """A thread exchanges a file for a link as fast as it can: whatever is opened is never the file outside."""
    roots, path = SourceRoots.from_sources([disk]), disk / "书.txt"
    stopping = threading.Event()

    def exchange() -> None:
        real, link = disk / "真", disk / "链"
        while not stopping.is_set():
            real.write_text("里面的", "utf-8")
            os.replace(real, path)
            link.symlink_to(outside / "密.txt")
            os.replace(link, path)

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        texts = [_read(roots, path) for _ in range(3000)]
    finally:
        stopping.set()
        thread.join()
    assert "link_outside" in texts
    assert "里面的" in texts
    assert SECRET not in texts


def _read(roots: SourceRoots, path: Path) -> str:
    try:
        with roots.open(path) as file:
            return file.address.read_text("utf-8")
    except RejectedError as refusal:
        return refusal.code
    except FileNotFoundError:
        return ""


def test_a_folder_exchanged_for_a_link(disk: Path, outside: Path) -> None:
    (disk / "里").mkdir()
    (disk / "里/密.txt").write_text("里面的", "utf-8")
    roots = SourceRoots.from_sources([disk])
    assert roots.stat(disk / "里/密.txt").st_size
    (disk / "里").rename(disk / "走了")
    (disk / "里").symlink_to(outside)
    with pytest.raises(RejectedError) as refused:
        roots.open(disk / "里/密.txt")
    assert refused.value.code == "link_outside"
    (disk / "盘").symlink_to(disk)  # the root itself stays what it was when it was named
    moved = disk.rename(disk.with_name("搬了"))
    disk.symlink_to(outside)
    with pytest.raises(RejectedError):
        roots.open(disk / "密.txt")
    assert moved.is_dir()


def test_a_batch_of_a_watched_folder_is_retried_within_it(
    library: Library, disk: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch folder hands over its files one by one, and a link among them is not one that a librarian named."""
    (disk / "链.txt").symlink_to(outside / "密.txt")
    report = ingest(library, disk / "链.txt", inside=disk)
    assert rejection_codes(report) == {"链.txt": "link_outside"}
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    again = CliRunner().invoke(main, ["retry", report.batch, "--json"])
    assert [row["code"] for row in json.loads(again.stdout)["rejections"]] == ["link_outside"]
    assert records_by_title(library) == {}


@pytest.mark.slow
def test_a_row_that_names_what_no_disk_has(library: Library, disk: Path) -> None:
    workbook(disk / "表.xlsx", ["书名", "文件"], ["甲", "长" * 2000 + ".txt"], ["乙", "a/" * 3000], ["丙", ""])
    report = ingest(library, disk)
    assert (report.added, [row["code"] for row in report.rejections]) == (1, ["file_missing", "bad_cells"])


@pytest.mark.parametrize("make", [lambda p, o: p.symlink_to(o / "密.txt"), lambda p, o: p.hardlink_to(o / "密.txt")],
                         ids=["symlink", "hard link"])  # fmt: skip
def test_hard_links_cannot_be_recognised(
    library: Library, disk: Path, outside: Path, make: Callable[[Path, Path], None]
) -> None:
    """The handbook says so: a hard link is a file like any other, and whoever made it could read the file."""
    make(disk / "书.txt", outside)
    report = ingest(library, disk)
    assert (report.added, report.rejected) in {(0, 1), (1, 0)}
    assert report.rejected == (disk / "书.txt").is_symlink()


@pytest.mark.parametrize("looked_at", [0, 1])
def test_a_file_that_goes_while_it_is_looked_at_is_unreadable(
    library: Library, disk: Path, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    for name in ("去.txt", "留.txt"):
        (disk / name).write_text(f"{name}里的字", "utf-8")
    unpatched, looks = SourceRoots.stat, []

    def goes(roots: SourceRoots, path: Path) -> os.stat_result:
        if path.name == "去.txt":
            looks.append(path)
            if len(looks) > looked_at:
                path.unlink(missing_ok=True)
        return unpatched(roots, path)

    monkeypatch.setattr(SourceRoots, "stat", goes)
    report = ingest(library, disk)
    assert (report.added, rejection_codes(report)) == (1, {"去.txt": "unreadable"})
    assert len(looks) > looked_at
