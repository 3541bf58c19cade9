"""Members of a ZIP in compressions that Python does not know, and packs with too many members."""

from __future__ import annotations

import io
import lzma
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from ingest_tools.archives import members, rar, zip_names
from ingest_tools.archives.extraction import _Extraction
from ingest_tools.formats.detection import detect_format
from ingest_tools.rejections import RejectedError
from tests.factories.packs import deflate64_run, rar_of, zip_of, zip_of_method
from tests.ingest_tools.sources.packs.test_members import refusal_of, unpacked

RUN = b"a" * 60_001
XZ = b"the old scales" * 50


@pytest.mark.slow
def test_other_compressions_are_read_by_programs(tmp_path: Path) -> None:
    pack = zip_of_method(
        tmp_path / "a.zip",
        {
            "书/长.txt": (9, deflate64_run("a", 60_000), RUN),
            "b.txt": (0, b"stored", b"stored"),
            "c.txt": (95, lzma.compress(XZ), XZ),
        },
    )
    assert unpacked(pack) == ({"书/长.txt": RUN, "b.txt": b"stored", "c.txt": XZ}, [])


@pytest.mark.slow
def test_a_damaged_member_in_another_compression_leaves_the_others(tmp_path: Path) -> None:
    pack = zip_of_method(
        tmp_path / "a.zip",
        {"a.txt": (9, b"\xff\xff\xff", RUN), "b.txt": (0, b"stored", b"stored"), "c.txt": (97, b"wvpk", b"x")},
    )
    files, refused = unpacked(pack)
    assert files == {"b.txt": b"stored"}
    assert [(item["name"], item["code"]) for item in refused] == [("a.txt", "damaged"), ("c.txt", "archive_method")]


def test_without_the_program_the_compression_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    pack = zip_of_method(tmp_path / "a.zip", {"a.txt": (9, deflate64_run("a", 60_000), RUN), "b.txt": (99, b"?", b"?")})
    files, refused = unpacked(pack)
    assert (files, [(item["code"], item["detail"]) for item in refused]) == (
        {},
        [("archive_method", "Deflate64: unzip"), ("archive_method", "99")],
    )


def pack_of(path: Path, count: int) -> Path:
    """A pack of so many small members, in the format that its suffix names."""
    names = [f"{number}.txt" for number in range(count)]
    if path.suffix == ".rar":
        return rar_of(path, dict.fromkeys(names, b"x"))
    if path.suffix == ".zip":
        return zip_of(path, dict.fromkeys(names, "x"))
    if path.suffix == ".tar":
        with tarfile.open(path, "w") as archive:
            for name in names:
                archive.addfile(tarfile.TarInfo(name), io.BytesIO())
        return path
    for name in names:
        (path.parent / name).write_text("x")
    subprocess.run(["bsdtar", "-c", "-f", path.name, "--format=7zip", *names], cwd=path.parent, check=True)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".zip", ".tar", ".rar", ".7z"])
def test_too_many_members_are_refused_before_any_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    for module in (zip_names, members, rar):
        monkeypatch.setattr(module, "MEMBERS_LIMIT", 20)
    pack = pack_of(tmp_path / f"a{suffix}", 21)

    def write(*_: object) -> None:
        raise AssertionError("a member was written")

    monkeypatch.setattr(_Extraction, "_write", write)
    assert refusal_of(pack) == "too_large"


def test_a_long_directory_of_a_zip_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_names, "MEMBERS_LIMIT", 20)
    monkeypatch.setattr(zipfile, "ZipInfo", None)  # no member is looked at
    pack = tmp_path / "a.zip"
    pack.write_bytes(_EMPTY_ENTRIES)
    with pytest.raises(RejectedError, match="too_large"):
        detect_format(pack)


_ENTRY = b"PK\x01\x02" + bytes(42)
_EMPTY_ENTRIES = b"PK\x03\x04" + bytes(26) + _ENTRY * 30 + (
    b"PK\x05\x06" + bytes(4) + (30).to_bytes(2, "little") * 2 + (30 * 46).to_bytes(4, "little")
    + (30).to_bytes(4, "little") + bytes(2)
)  # fmt: skip
