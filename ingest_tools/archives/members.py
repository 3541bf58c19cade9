"""The members of a pack as streams: of ZIP and TAR by Python, of all others by `bsdtar` (libarchive), which rewrites
them as TAR and writes no files. Packs with too many members are refused before any is unpacked, where that can be seen.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import posixpath
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

from ingest_tools.archives import rar, zip_methods
from ingest_tools.archives.zip_names import MEMBERS_LIMIT, LenientFile, raw_name, too_many_members
from ingest_tools.rejections import RejectedError
from library_server.processes.converters import find_program, open_converter
from library_server.processes.limits import ResourceLimits

PACKAGES = "libarchive: libarchive-tools"
SECONDS = 3600
LIMITS = ResourceLimits(memory_bytes=2 << 30, output_bytes=1 << 20)
_ENCRYPTED = 1  # bit 0 of the general purpose flag (APPNOTE 4.4.4)
_UNIX, _LINK, _KIND = 3, 0o120000, 0o170000  # the upper half of a member's external attributes (st_mode)
_DOS_FOLDER = 0x10
_SEVEN_ZIP, _CABINET = b"7z\xbc\xaf\x27\x1c", b"MSCF"
_NAMELESS = "without pathname"
_LOCKED = ("encrypt", "passphrase", "password", "crypto")
_COMPRESSED: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_BROKEN = (tarfile.TarError, EOFError, OSError, lzma.LZMAError, zlib.error, ValueError)


@dataclass(frozen=True)
class Member:
    """A member that is no folder: its name as bytes, its time (seconds since 1970, 0 if unknown), and its content or
    why it is refused. Where one that is `alone` is damaged, those after it can be read. One that is a `link` has the
    content of the member of that name, wherever it stands.
    """

    name: bytes
    modified: float
    opened: Callable[[], AbstractContextManager[IO[bytes]]] | None
    refused: str = ""
    alone: bool = False
    detail: str = ""
    link: bytes = b""


def read_members(path: Path, name: str, folder: Path, *, joined: bool = False) -> Generator[Member]:
    """Return every member in the order of the archive, each to be read before the next. `name` is what the file is
    called, and in `folder` files are kept for a while. An archive of several volumes is read where these were
    `joined`.

    What reading one raises is thrown into this, which knows what it means. Raises `RejectedError` where the archive,
    or what is left of it, cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PK"):
        return _of_zip(path, folder)
    if head[257:262] == b"ustar":
        return _of_tar(path)
    opener = next((opener for magic, opener in _COMPRESSED.items() if head.startswith(magic)), None)
    return _of_compressed(path, name, opener) if opener else _by_program(path, joined=joined)


def _of_zip(path: Path, folder: Path) -> Generator[Member]:
    with LenientFile(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise RejectedError("damaged", str(error)) from error
        with archive:
            members = [member for member in archive.infolist() if not _is_folder(member)]
            if members and all(member.flag_bits & _ENCRYPTED for member in members):
                raise RejectedError("encrypted")
            for member in members:
                yield _zip_member(archive, member, path, folder)


def _is_folder(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is a folder, by its name or as Windows says it (FILE_ATTRIBUTE_DIRECTORY)."""
    is_marked = bool(member.external_attr & _DOS_FOLDER) and member.file_size == 0
    return member.orig_filename.endswith("/") or is_marked


def _zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, folder: Path) -> Member:
    refused, detail = "", ""
    if member.flag_bits & _ENCRYPTED:
        refused = "encrypted"
    elif member.create_system == _UNIX and (member.external_attr >> 16) & _KIND == _LINK:
        refused = "unsafe_member"
    elif not zip_methods.is_known(member) and not zip_methods.has_program(member):
        refused, detail = "archive_method", zip_methods.method_name(member)
    opened: Callable[[], AbstractContextManager[IO[bytes]]] = partial(archive.open, member)
    if not zip_methods.is_known(member):
        opened = partial(zip_methods.open_member, path, member, folder)
    return Member(raw_name(member), _time_of(member), None if refused else opened, refused, alone=True, detail=detail)


def _time_of(member: zipfile.ZipInfo) -> float:
    import calendar

    try:
        return float(calendar.timegm((*member.date_time, 0, 0, 0)))
    except (ValueError, OverflowError):
        return 0.0


def _of_tar(path: Path) -> Generator[Member]:
    with suppress(*_BROKEN), tarfile.open(path, "r:") as archive:
        for number, _ in enumerate(archive, 1):
            if number > MEMBERS_LIMIT:
                raise too_many_members()
    try:
        with tarfile.open(path, "r:") as archive:
            yield from _tar_members(archive)
    except _BROKEN as error:
        raise RejectedError("truncated", str(error)) from error


def _of_compressed(path: Path, name: str, opener: Callable[..., Any]) -> Generator[Member]:
    """Yield the members of a compressed TAR, or the one compressed file under the archive's name without its suffix."""
    try:
        with path.open("rb") as file, opener(file) as stream:
            is_tar = stream.read(512)[257:262] == b"ustar"
            stream.seek(0)
            if not is_tar:
                yield Member(Path(name).stem.encode("utf-8", "surrogateescape"), 0.0, lambda: nullcontext(stream))
                return
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                yield from _tar_members(archive)
    except _BROKEN as error:
        raise RejectedError("truncated", str(error)) from error


def _by_program(path: Path, *, joined: bool) -> Generator[Member]:
    rar.check(path, joined=joined)
    program = find_program("bsdtar")
    if program is None:
        raise RejectedError("program_missing", PACKAGES)
    _refuse_long_list(path, program)
    with tempfile.TemporaryDirectory() as home, _archive_source(path) as (name, stdin):
        command = [program, "-c", "-f", "-", "--format=pax", f"@{name}"]
        failure: Exception | None = None
        with open_converter(command, SECONDS, LIMITS, Path(home), stdin) as converter:
            try:
                with tarfile.open(fileobj=converter.stdout, mode="r|") as archive:
                    yield from _tar_members(archive)
                converter.finish()
            except _BROKEN as error:
                failure = error
    if any(word in converter.message.lower() for word in _LOCKED):
        raise RejectedError("encrypted")
    if _NAMELESS in converter.message:  # libarchive does not name a RAR's member that is called as the one before
        raise RejectedError("damaged", "members of one name")
    if failure or converter.status:  # negative where a signal ended it
        raise RejectedError("damaged", converter.message.split("\n")[0][-200:] or str(failure or ""))


@contextmanager
def _archive_source(path: Path) -> Iterator[tuple[str, IO[bytes] | int]]:
    """What `bsdtar` is told to read, and its standard input: a pipe, but for formats that are read from their end.

    In a file that it can seek in, libarchive takes a stored ZIP among the last members for the whole archive.
    """
    with path.open("rb", buffering=0) as file:  # whose position the program shares
        if file.read(len(_SEVEN_ZIP)).startswith((_SEVEN_ZIP, _CABINET)):
            yield str(path), subprocess.DEVNULL
            return
        file.seek(0)
        feeder = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        assert feeder.stdout is not None
        try:
            yield "-", feeder.stdout
        finally:
            feeder.kill()
            feeder.stdout.close()
            feeder.wait()


def _refuse_long_list(path: Path, program: str) -> None:
    """Raise `RejectedError` for a 7z with too many members, which it lists in one place.

    One that is damaged is refused where it is unpacked.
    """
    with path.open("rb") as file:
        if not file.read(len(_SEVEN_ZIP)).startswith(_SEVEN_ZIP):
            return
    with tempfile.TemporaryDirectory() as home:
        command = [program, "-t", "-f", str(path)]
        with open_converter(command, SECONDS, LIMITS, Path(home)) as converter:
            if sum(1 for _ in islice(converter.stdout, MEMBERS_LIMIT + 1)) > MEMBERS_LIMIT:
                raise too_many_members()


def _tar_members(archive: tarfile.TarFile) -> Generator[Member]:
    for member in archive:
        name = member.name.encode("utf-8", "surrogateescape")
        if member.isfile():
            yield Member(name, float(member.mtime), partial(_open_content, archive, member))
        elif not member.isdir():
            link = _name_of_linked(member)
            yield Member(name, float(member.mtime), None, "" if link else "unsafe_member", link=link)


def _name_of_linked(member: tarfile.TarInfo) -> bytes:
    """Return the name of the member that a link leads to; empty for a link out of the archive, a pipe or a device.

    A symbolic link is relative to the folder of its member, a hard link names a member.
    """
    if not (member.islnk() or member.issym()) or member.linkname.startswith("/"):
        return b""
    name = posixpath.join(posixpath.dirname(member.name), member.linkname) if member.issym() else member.linkname
    name = posixpath.normpath(name)
    return b"" if name in {".", ".."} or name.startswith("../") else name.encode("utf-8", "surrogateescape")


def _open_content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    assert content is not None
    return content
