"""What a camera or media centre keeps with a film is no record; the same names without a film are."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.sources.folder import walk
from library_server.library import Library
from tests.support.libraries import ingest


def taken(folder: Path, *names: str) -> set[str]:
    """The files that become records, of files with these names."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return {str(candidate.path.relative_to(folder)) for candidate in walk([folder])}


@pytest.mark.parametrize(
    ("film", "extra"),
    [
        ("GOPR0001.MP4", "GOPR0001.LRV"), ("GX010002.MP4", "GL010002.LRV"), ("DJI_0001.MP4", "DJI_0001.LRF"),
        ("渡口 (1998).mkv", "渡口 预告.mp4"), ("渡口 (1998).mkv", "渡口-trailer.mp4"),
        ("渡口.1998.1080p.BluRay.x264.mkv", "渡口（预告片）.mp4"), ("渡口.mkv", "渡口 (1998)-trailer.mp4"),
        ("渡口 (1998) [1080p].mkv", "渡口.1998.预告.mp4"),
        ("渡口.mkv", "渡口-trailer.mp4"), ("渡口.mkv", "渡口-预告片.mp4"),
        ("渡口.mkv", "渡口-sample.mkv"),
        ("渡口.mkv", "sample.mkv"), ("渡口.mkv", "trailer.mp4"), ("渡口.mkv", "xyz-dukou-sample.mkv"),
        ("渡口.mkv", "Sample/渡口-sample.mkv"), ("渡口.mkv", "extras/拍摄.mp4"), ("渡口.mkv", "theme.mp3"),
        ("渡口.mkv", "渡口-behindthescenes.mp4"), ("GOPR0001.MP4", "GOPR0001.THM"),
        ("M4ROOT/CLIP/C0001.MP4", "M4ROOT/SUB/C0001S03.MP4"),
    ],
)  # fmt: skip
def test_what_belongs_to_a_film_is_no_record(tmp_path: Path, film: str, extra: str) -> None:
    assert taken(tmp_path, film, extra) == {film}


@pytest.mark.parametrize(
    "names",
    [
        ("GOPR0001.LRV",), ("sample.mkv",), ("渡口-trailer.mp4",), ("extras/拍摄.mp4",), ("渡口.mkv", "花絮/访谈.mp4"),
        ("渡口.mkv", "老桥.mkv", "free sample.mkv"), ("第一讲.mp4", "第一讲-interview.mp4"), ("theme.mp3", "歌.mp3"),
        ("老桥 (1998).mkv", "渡口 预告.mp4"),
    ],
)  # fmt: skip
def test_what_belongs_to_no_film_is_a_record(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert taken(tmp_path, *names) == set(names)


def test_skipped_files_are_named_in_the_report(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    names = ("渡口.txt", "trailers/a/预告.mp4", "extras/拍摄.mp4", "渡口 预告.mp4", "老桥/sample.mkv", "老桥/老桥.mkv")
    for name in ("渡口 (1998).mkv", *names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("渡口的秋天，柑橘从山上运到河边。" * 20)
    (folder / "清单.csv").write_text("题名,文件\n拍摄记,extras/拍摄.mp4\n", "utf-8")
    report = ingest(library, folder)
    skipped = {str(Path(file["path"]).relative_to(folder)) for file in report.skipped}
    assert skipped == {"trailers/a/预告.mp4", "渡口 预告.mp4", "老桥/sample.mkv"}
    assert {file["code"] for file in report.skipped} == {"film_extra"}
    assert all("预告" in file["reason"] for file in report.skipped)
    assert len(report.to_json()["skipped"]) == 3
