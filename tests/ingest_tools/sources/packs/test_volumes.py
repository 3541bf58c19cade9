"""Packs of several volumes are read as one where all of them are there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest_tools.sources.packs.names import UNPACKED_FOLDER
from ingest_tools.sources.packs.unpack_worker import unpack
from ingest_tools.sources.refused_sets import find_sets
from ingest_tools.sources.source_files import SourceRoots
from library_server.library import Library
from tests.factories.packs import rar5_volumes_of, rar_volumes_of, zip_of
from tests.ingest_tools.sources.packs.test_packs import STORY, codes
from tests.support.libraries import ingest
from tests.support.records import records_by_title

TEXT = "天没亮，秤铺就开了门。" * 400


def cut(path: Path, pieces: int) -> list[Path]:
    data = path.read_bytes()
    size = -(-len(data) // pieces)
    volumes = [path.with_name(f"{path.name}.{number + 1:03d}") for number in range(pieces)]
    for number, volume in enumerate(volumes):
        volume.write_bytes(data[number * size : (number + 1) * size])
    path.unlink()
    return volumes


def seven_zip(folder: Path) -> Path:
    (folder / "story.txt").write_text(TEXT, "utf-8")
    subprocess.run(["bsdtar", "-c", "-f", "a.7z", "--format=7zip", "story.txt"], cwd=folder, check=True)
    (folder / "story.txt").unlink()
    return folder / "a.7z"


@pytest.mark.parametrize(
    ("names", "joined"),
    [
        (["a.part1.rar", "a.part2.rar", "a.part3.rar"], True),
        (["a.part01.rar", "a.part02.rar"], True),
        (["a.part1.rar", "a.part3.rar"], False),
        (["a.part2.rar", "a.part3.rar"], False),
        (["a.part1.rar"], False),
        (["a.rar", "a.r00", "a.r01"], True),
        (["a.rar", "a.r01"], False),
        (["a.zip", "a.z01"], False),
        (["a.zip", "a.z01", "a.z02"], False),
        (["a.7z.001", "a.7z.002"], True),
        (["a.zip.001", "a.zip.002"], True),
        (["a.7z.002", "a.7z.003"], False),
    ],
)
def test_volumes_without_a_gap_may_be_joined(tmp_path: Path, names: list[str], joined: bool) -> None:
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.touch()
    [volume_set] = find_sets(tmp_path, paths, SourceRoots.from_sources([tmp_path]))
    assert [path.name for path in volume_set.volumes] == (names if joined else [])


@pytest.mark.slow
@pytest.mark.parametrize("names", [["a.part1.rar", "a.part2.rar", "a.part3.rar"], ["a.rar", "a.r00", "a.r01", "a.r02"]])
def test_a_rar_goes_on_in_its_volumes(tmp_path: Path, names: list[str]) -> None:
    first, *further = rar_volumes_of(tmp_path, "b/story.txt", TEXT.encode(), names)
    folder = tmp_path / "unpacked"
    folder.mkdir()
    assert list(unpack(first, first.name, folder, further)) == []
    assert (folder / UNPACKED_FOLDER / "b/story.txt").read_text("utf-8") == TEXT


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (["a.part1.rar", "a.part3.rar"], "a.part2.rar"),
        (["a.part02.rar", "a.part05.rar"], "a.part01.rar, a.part03.rar, a.part04.rar"),
        (["a.part1.rar"], "a.part2.rar"),
        (["a.rar", "a.r01"], "a.r00"),
        (["a.7z.002"], "a.7z.001"),
        (["a.zip", "a.z01", "a.z03"], "a.z02"),
        (
            ["a.part01.rar", "a.part09.rar"],
            "a.part02.rar, a.part03.rar, a.part04.rar, a.part05.rar, a.part06.rar, …",
        ),
    ],
)
def test_missing_volumes_are_named(tmp_path: Path, names: list[str], missing: str) -> None:
    paths = [tmp_path / name for name in names]
    [volume_set] = find_sets(tmp_path, paths, SourceRoots.from_sources([tmp_path]))
    assert (volume_set.refusal.code, volume_set.refusal.detail) == ("volume_missing", missing)


@pytest.mark.slow
def test_volumes_of_version_5_come_in_as_one_pack(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    rar5_volumes_of(disk, "故事.txt", TEXT.encode(), ["a.part1.rar", "a.part2.rar", "a.part3.rar"])
    report = ingest(library, disk)
    assert (report.added, codes(report, disk), list(records_by_title(library))) == (1, {}, ["故事"])


@pytest.mark.slow
@pytest.mark.parametrize("draw", [rar_volumes_of, rar5_volumes_of])
@pytest.mark.parametrize(
    ("names", "missing"),
    [(["a.part1.rar", "a.part2.rar", "a.part3.rar"], "a.part3.rar"), (["a.rar", "a.r00", "a.r01"], "a.r01")],
)
def test_a_missing_last_volume_is_named(
    library: Library, tmp_path: Path, draw: Callable[..., list[Path]], names: list[str], missing: str
) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    draw(disk, "story.txt", TEXT.encode(), names)[-1].unlink()
    report = ingest(library, disk)
    assert codes(report, disk) == {names[0]: "volume_missing"}
    assert missing in report.rejections[0]["reason"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["7z", "zip", "rar"])
def test_volumes_come_in_as_one_pack(library: Library, tmp_path: Path, kind: str) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    if kind == "rar":
        rar_volumes_of(disk, "story.txt", TEXT.encode(), ["a.part1.rar", "a.part2.rar"])
    else:
        cut(seven_zip(disk) if kind == "7z" else zip_of(disk / "a.zip", {"story.txt": TEXT}), 3)
    report = ingest(library, disk)
    assert (report.added, codes(report, disk), list(records_by_title(library))) == (1, {}, ["story"])
    assert ingest(library, disk).unchanged == 1


@pytest.mark.slow
def test_volumes_with_a_gap_are_refused_once(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    cut(zip_of(disk / "a.zip", {"story.txt": STORY}), 3)[1].unlink()
    report = ingest(library, disk)
    assert (report.seen, codes(report, disk)) == (1, {"a.zip.001": "volume_missing"})
    assert "a.zip.002" in report.rejections[0]["reason"]


@pytest.mark.slow
def test_a_refused_member_of_volumes_is_taken_again(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    cut(zip_of(disk / "a.zip", {"a.txt": STORY, "b.txt": ""}), 2)
    [refused] = ingest(library, disk).rejections
    assert refused["path"].endswith("a.zip.001!/b.txt")
    cut(zip_of(disk / "a.zip", {"a.txt": STORY, "b.txt": "现在有字了。"}), 2)
    again = ingest(library, disk, only=frozenset([refused["path"]]))
    assert (again.added, again.rejected) == (1, 0)
