"""What tells a disk from another at the same place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.sources import disks


@pytest.fixture
def by_uuid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which udev keeps a link for each file system."""
    folder = tmp_path / "by-uuid"
    folder.mkdir()
    monkeypatch.setattr(disks, "_BY_UUID", folder)
    return folder


def test_a_link_that_goes_while_the_disk_is_looked_up_is_passed_over(
    by_uuid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (by_uuid / "1234-ABCD").symlink_to(tmp_path / "gone")
    monkeypatch.setattr(Path, "exists", lambda _: True)  # as when it is pulled out after it was seen
    assert disks.disk_of(tmp_path / "船歌.txt") == str(tmp_path.stat().st_ino)


def test_without_links_a_disk_is_told_by_its_folder(by_uuid: Path, tmp_path: Path) -> None:
    by_uuid.rmdir()
    assert disks.disk_of(tmp_path / "船歌.txt") == str(tmp_path.stat().st_ino)
