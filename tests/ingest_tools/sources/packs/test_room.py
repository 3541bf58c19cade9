"""Packs that the disk has no room to unpack."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest_tools.archives import extraction, volumes
from ingest_tools.rejections import RejectedError


def test_a_pack_is_refused_for_the_disk_not_for_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = tmp_path / "故事.zip"
    with zipfile.ZipFile(pack, "w") as archive:
        archive.writestr("渡口.txt", "字" * 1000)
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(extraction, "measure_room", lambda folder: 2000)
    with pytest.raises(RejectedError, match="no_room"):
        extraction.extract(pack, pack.name, folder)


def test_volumes_are_refused_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [tmp_path / "故事.zip.001", tmp_path / "故事.zip.002"]
    for part in parts:
        part.write_bytes(bytes(1000))
    monkeypatch.setattr(volumes, "measure_room", lambda folder: 1500)
    with pytest.raises(RejectedError, match="no_room"):
        volumes.join_volumes(parts, tmp_path / "joined")
