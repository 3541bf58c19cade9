"""A program that unpacks an archive and is killed has not read all of it."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from ingest_tools.archives import members
from ingest_tools.rejections import RejectedError


def test_an_archive_whose_program_is_killed_is_not_taken_for_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = tmp_path / "unpacked.tar"
    with tarfile.open(unpacked, "w") as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = 3
        archive.addfile(entry, BytesIO(b"abc"))
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ncat {unpacked}\nkill -9 $$\n")
    program.chmod(0o700)
    monkeypatch.setattr(members, "find_program", lambda name: str(program))
    source = tmp_path / "pack.cab"
    source.write_bytes(b"MSCF" + bytes(100))
    read = members.read_members(source, source.name, tmp_path)
    assert next(read).name == b"a.txt"
    with pytest.raises(RejectedError, match="damaged"):
        next(read)
