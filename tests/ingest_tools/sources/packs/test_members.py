"""Members of packs: names in every code page, links and paths that lead out, passwords, damage and limits."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import struct
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from ingest_tools.archives import extraction, rar
from ingest_tools.archives import members as pack_members
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.packs import unpack_worker
from ingest_tools.sources.packs.names import UNPACKED_FOLDER, as_folders, is_pack_name, outer_file
from tests.factories.packs import ENCRYPTED, UTF8_NAME, rar_of, raw_zip, unicode_path, zip_of

NAMES = {
    "gb18030": ["讲座/第一讲 老秤铺.txt", "照片/栗雨老街.txt"],
    "big5": ["講座/第一講 老秤鋪.txt", "功夫許蓋.txt"],
    "cp932": ["資料/はじめての図書館.txt", "ソフトの表.txt"],
    "utf-8": ["讲座/第一讲 老秤铺.txt", "ソフト.txt"],
}


def unpacked(pack: Path, name: str | None = None) -> tuple[dict[str, bytes], list[Any]]:
    """The files of a pack by their names, and what was refused."""
    folder = pack.parent / "unpacked"
    folder.mkdir()
    refused = list(unpack_worker.unpack(pack, name or pack.name, folder))
    tree = folder / UNPACKED_FOLDER
    return {str(path.relative_to(tree)): path.read_bytes() for path in tree.rglob("*") if path.is_file()}, refused


@pytest.mark.parametrize("encoding", NAMES)
@pytest.mark.parametrize("flags", [0, UTF8_NAME])
def test_names_are_read_whatever_their_code_page_and_flag(tmp_path: Path, encoding: str, flags: int) -> None:
    names = NAMES[encoding]
    pack = raw_zip(tmp_path / "a.zip", {name.encode(encoding): b"text" for name in names}, flags=flags)
    files, refused = unpacked(pack)
    assert (sorted(files), refused) == (sorted(names), [])


def test_a_name_in_utf_8_beside_another_is_believed(tmp_path: Path) -> None:
    raw = b"?????.txt"
    pack = raw_zip(tmp_path / "a.zip", {raw: b"text"}, extra=unicode_path("株洲志.txt", raw))
    assert list(unpacked(pack)[0]) == ["株洲志.txt"]


def test_folders_of_windows_are_folders(tmp_path: Path) -> None:
    pack = raw_zip(tmp_path / "a.zip", {"资料\\第一章\\a.txt".encode("gbk"): b"text"})
    assert list(unpacked(pack)[0]) == ["资料/第一章/a.txt"]


@pytest.mark.parametrize("name", ["../a.txt", "b/../../a.txt", "/etc/a.txt", "C:\\a.txt", "..\\a.txt", "a/" * 40 + "b"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    pack = raw_zip(tmp_path / "a.zip", {name.encode(): b"evil", b"good.txt": b"good"})
    files, refused = unpacked(pack)
    assert files == {"good.txt": b"good"}
    assert [member["code"] for member in refused] == ["unsafe_member"]
    assert "/" not in refused[0]["name"]


def test_of_members_with_one_name_each_is_taken_or_refused(tmp_path: Path) -> None:
    named = [
        ("a.txt", b"one"), ("a.txt", b"two"), ("a (2).txt", b"2"), ("a.txt", b"one"), ("a.txt", b"four"),
        ("b", b"file"), ("b/c.txt", b"in"), ("d/e", b"in"), ("d", b"file"),
    ]  # fmt: skip
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, content in named:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    files, refused = unpacked(tmp_path / "a.tar")
    assert files == {"a.txt": b"one", "a (2).txt": b"2", "b": b"file", "d/e": b"in"}
    assert [(member["name"], member["code"]) for member in refused] == [
        ("a (3).txt", "same_name"), ("a (4).txt", "same_name"), ("b/c.txt", "same_name"), ("d", "same_name"),
    ]  # fmt: skip


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    long = f"{'县' * 100}.txt"
    pack = raw_zip(tmp_path / "a.zip", {long.encode("gbk"): b"text", b"good.txt": b"good"})
    files, refused = unpacked(pack)
    assert (list(files), [(member["name"], member["code"]) for member in refused]) == (
        ["good.txt"],
        [(long, "name_too_long")],
    )


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    pack = raw_zip(tmp_path / "a.zip", {b"link.txt": b"/etc/passwd"}, attributes=0o120777 << 16)
    assert unpacked(pack) == ({}, [{"name": "link.txt", "code": "unsafe_member", "detail": ""}])


def tar_of_links(path: Path, mode: Literal["w", "w:gz"], links: Sequence[tuple[bytes, str, str]]) -> Path:
    """A TAR with `a/good.txt` between the first of the links (type, name, target) and the others."""
    with tarfile.open(path, mode) as archive:
        for number, (kind, name, target) in enumerate(links):
            if number == min(1, len(links) - 1):
                member = tarfile.TarInfo("a/good.txt")
                member.size = 4
                archive.addfile(member, io.BytesIO(b"good"))
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
    return path


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize(
    "link",
    [
        (tarfile.LNKTYPE, "b.txt", "a/good.txt"), (tarfile.LNKTYPE, "b.txt", "./a/good.txt"),
        (tarfile.SYMTYPE, "b.txt", "a/good.txt"), (tarfile.SYMTYPE, "c/b.txt", "../a/good.txt"),
    ],
)  # fmt: skip
def test_links_within_a_tar_have_the_content_of_what_they_lead_to(
    tmp_path: Path, link: tuple[bytes, str, str], mode: Literal["w", "w:gz"]
) -> None:
    further = (tarfile.SYMTYPE, "again.txt", link[1])
    for links in ([link], [further, link]):
        shutil.rmtree(tmp_path / "unpacked", ignore_errors=True)
        files, refused = unpacked(tar_of_links(tmp_path / "a.tar", mode, links))
        assert files == {"a/good.txt": b"good"} | {name: b"good" for _, name, _ in links}
        assert refused == []


@pytest.mark.parametrize(
    "link",
    [
        (tarfile.SYMTYPE, "b.txt", "../a/good.txt"), (tarfile.SYMTYPE, "c/b.txt", "../../x.txt"),
        (tarfile.LNKTYPE, "b.txt", "../a/good.txt"), (tarfile.SYMTYPE, "b.txt", "missing.txt"),
        (tarfile.SYMTYPE, "b.txt", "b.txt"), (tarfile.SYMTYPE, "b.txt", "a"), (tarfile.SYMTYPE, "b.txt", ".."),
    ],
)  # fmt: skip
def test_links_to_nothing_or_out_of_a_tar_are_refused(tmp_path: Path, link: tuple[bytes, str, str]) -> None:
    files, refused = unpacked(tar_of_links(tmp_path / "a.tar", "w", [link]))
    assert files == {"a/good.txt": b"good"}
    assert [(member["name"], member["code"]) for member in refused] == [(link[1], "unsafe_member")]


def test_links_count_as_what_they_lead_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "ALWAYS_BYTES", 30)
    monkeypatch.setattr(extraction, "RATIO_LIMIT", 0)
    links = [(tarfile.LNKTYPE, f"{number}.txt", "a/good.txt") for number in range(9)]
    pack = tar_of_links(tmp_path / "a.tar", "w", [links[0], (tarfile.LNKTYPE, "x", "a/good.txt"), *links[1:]])
    with pytest.raises(RejectedError) as refusal:
        extraction.extract(pack, "a.tar", tmp_path)
    assert refusal.value.code == "too_large"


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
        member = tarfile.TarInfo("link/good.txt")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"good"))
    files, refused = unpacked(tmp_path / "a.tar")
    assert files == {"link/good.txt": b"good"}
    assert [member_refused["code"] for member_refused in refused] == ["unsafe_member"]


@pytest.mark.parametrize(
    ("mode", "name"), [("w", "a.tar"), ("w:gz", "a.tar.gz"), ("w:gz", "a.tgz"), ("w:bz2", "a.tbz"), ("w:xz", "a.txz")]
)
def test_a_tar_is_read_with_its_times(tmp_path: Path, mode: str, name: str) -> None:
    with tarfile.open(tmp_path / name, mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("书/老秤铺.txt")
        member.size, member.mtime = 4, 1_000_000_000
        archive.addfile(member, io.BytesIO(b"good"))
    assert unpacked(tmp_path / name) == ({"书/老秤铺.txt": b"good"}, [])
    [file] = (path for path in (tmp_path / "unpacked").rglob("*.txt"))
    assert file.stat().st_mtime == 1_000_000_000


def test_one_compressed_file_is_called_as_its_pack(tmp_path: Path) -> None:
    (tmp_path / "县志.txt.gz").write_bytes(gzip.compress(b"text"))
    assert unpacked(tmp_path / "县志.txt.gz") == ({"县志.txt": b"text"}, [])


@pytest.mark.slow
def test_7z_and_rar_are_read_by_bsdtar(tmp_path: Path) -> None:
    (tmp_path / "老秤铺.txt").write_bytes(b"text")
    command = ["bsdtar", "-c", "-f", "a.7z", "--format=7zip", "老秤铺.txt"]
    subprocess.run(command, cwd=tmp_path, check=True, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    assert unpacked(tmp_path / "a.7z") == ({"老秤铺.txt": b"text"}, [])
    (tmp_path / "unpacked").rename(tmp_path / "before")
    assert unpacked(rar_of(tmp_path / "a.rar", {"a/b.txt": b"good"})) == ({"a/b.txt": b"good"}, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"), [("光盘.iso", ("--format=iso9660",)), ("a.tar.zst", ("--zstd",)), ("a.tzst", ("--zstd",))]
)
def test_images_of_discs_and_zstandard_are_read_by_bsdtar(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    (tmp_path / "书").mkdir()
    (tmp_path / "书/老秤铺的一天.txt").write_bytes(b"text")
    command = ["bsdtar", "-c", "-f", name, *options, "书"]
    subprocess.run(command, cwd=tmp_path, check=True, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    assert unpacked(tmp_path / name) == ({"书/老秤铺的一天.txt": b"text"}, [])


def test_a_rar_with_a_password_is_encrypted(tmp_path: Path) -> None:
    assert refusal_of(rar_of(tmp_path / "a.rar", {"b.txt": b"good"}, encrypted=True)) == "encrypted"


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        (b"\0\0\0\0\x04\x04\x00\x00\x00", "encrypted"),  # the header of locked headers
        (b"\0\0\0\0\x03\x01\x00\x00" + b"\0\0\0\0\x06\x02\x01\x03\x02\x01\x00", "encrypted"),  # a locked file
        (b"\0\0\0\0\x03\x01\x00\x01", "archive_volumes"),  # a volume
    ],
)
def test_a_rar_of_version_5_says_what_it_is(tmp_path: Path, blocks: bytes, code: str) -> None:
    (tmp_path / "a.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + blocks)
    assert refusal_of(tmp_path / "a.rar") == code


def test_a_large_file_of_version_4_is_passed_over_whole(tmp_path: Path) -> None:
    def file_block(flags: int, size: int) -> bytes:
        return struct.pack("<HBHHI21xII", 0, 0x74, 0x8000 | flags, 40, size & 0xFFFFFFFF, size >> 32, 0)

    size = (5 << 30) + 7
    with (tmp_path / "a.rar").open("wb") as file:  # with a hole in it, so that it takes no space
        file.write(b"Rar!\x1a\x07\x00" + file_block(0x100, size))
        file.seek(size, os.SEEK_CUR)
        file.write(file_block(0x04, 0))
    with pytest.raises(RejectedError) as refusal:
        rar.check(tmp_path / "a.rar")
    assert refusal.value.code == "encrypted"


def test_without_its_program_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_members, "find_program", lambda _: None)
    assert refusal_of(rar_of(tmp_path / "a.rar", {"b.txt": b"good"})) == "program_missing"


def refusal_of(pack: Path) -> str:
    with pytest.raises(RejectedError) as refusal:
        unpacked(pack)
    return refusal.value.code


def test_a_zip_with_a_password_is_encrypted(tmp_path: Path) -> None:
    assert refusal_of(raw_zip(tmp_path / "a.zip", {b"a.txt": b"x", b"b.txt": b"x"}, flags=ENCRYPTED)) == "encrypted"


def test_only_the_members_with_a_password_are_encrypted(tmp_path: Path) -> None:
    pack = zip_of(tmp_path / "a.zip", {"a.txt": "good", "b.txt": "locked"})
    data = bytearray(pack.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(signature) + offset] |= ENCRYPTED
    pack.write_bytes(data)
    files, refused = unpacked(pack)
    assert files == {"a.txt": b"good"}
    assert [(member["name"], member["code"]) for member in refused] == [("b.txt", "encrypted")]


def test_a_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    pack = zip_of(tmp_path / "a.zip", {"a.txt": "first" * 100, "b.txt": "second"})
    data = bytearray(pack.read_bytes())
    data[data.index(b"a.txt") + 5] ^= 0xFF
    pack.write_bytes(data)
    files, refused = unpacked(pack)
    assert files == {"b.txt": b"second"}
    assert [(member["name"], member["code"]) for member in refused] == [("a.txt", "damaged")]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_what_comes_before_the_cut_is_kept(tmp_path: Path, mode: str) -> None:
    import random

    noise = random.Random(3).randbytes(60_000)
    path = tmp_path / "a.tar"
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name in ("a.bin", "b.bin"):
            member = tarfile.TarInfo(name)
            member.size = len(noise)
            archive.addfile(member, io.BytesIO(noise))
    path.write_bytes(path.read_bytes()[:90_000])
    files, refused = unpacked(path, "a.tar")
    assert files == {"a.bin": noise}
    assert refused[-1]["name"] == ""
    assert refused[-1]["code"] == "truncated"


@pytest.mark.parametrize("head", [b"PK\x05\x06", b"\x1f\x8b\x08", b"BZh9", b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c"])
def test_a_broken_pack_is_damaged(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(head + bytes(range(1, 200)))
    assert refusal_of(tmp_path / "a.zip") in {"damaged", "truncated"}


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "ALWAYS_BYTES", 100_000)
    assert refusal_of(zip_of(tmp_path / "a.zip", {"a.txt": b"0" * 5_000_000})) == "too_large"


def test_too_many_members_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "MEMBERS_LIMIT", 3)
    assert refusal_of(zip_of(tmp_path / "a.zip", {f"{number}.txt": "x" for number in range(5)})) == "too_large"


@pytest.mark.parametrize("member", ["META-INF/container.xml", "word/document.xml", "ppt/presentation.xml"])
def test_a_document_is_no_pack(tmp_path: Path, member: str) -> None:
    pack = zip_of(tmp_path / "a.zip", {member: "x"})
    assert list(unpack_worker.unpack(pack, "a.zip", tmp_path)) == [{"document": True}]


def test_volumes_and_other_names_are_no_packs() -> None:
    names = {"a.zip": True, "A.RAR": True, "a.tar.gz": True, "a.part2.rar": False, "a.zip.001": False, "a.epub": False}
    assert {name: is_pack_name(Path(name)) for name in names} == names


def test_paths_of_members_name_the_pack_and_its_folders() -> None:
    member = "/盘/资料.zip!/讲座/里.rar!/第一讲.mp4"
    assert outer_file(member) == "/盘/资料.zip"
    assert outer_file("/盘/a.txt") == "/盘/a.txt"
    assert as_folders(Path(member)) == Path("/盘/资料/讲座/里/第一讲.mp4")
