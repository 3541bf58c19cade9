"""Zip archives from outside (EPUB, DOCX), with bounds on what may be read out of them."""

from __future__ import annotations

import posixpath
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ingest_tools.archives.zip_names import LenientFile
from ingest_tools.formats import markup
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.encodings import decode_text

MEMBERS_LIMIT = 20_000
MEMBER_LIMIT = 64 * 1024 * 1024
TOTAL_LIMIT = 2 * 1024 * 1024 * 1024
_ENCRYPTED = 1  # bit 0 of the general purpose flag (APPNOTE 4.4.4)
_UTF8_NAME = 0x800  # bit 11 of the general purpose flag (APPNOTE 4.4.4): the name is UTF-8


class Archive:
    """An opened archive; members are read whole into memory, never written to a path of their own."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = _open_zip(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
            raise RejectedError("damaged", str(error)) from error
        members = self._zip.infolist()
        if len(members) > MEMBERS_LIMIT or sum(member.file_size for member in members) > TOTAL_LIMIT:
            raise RejectedError("too_large")
        self.names = {member.filename for member in members}
        self._shown = _shown_names(members)
        self._by_key: dict[str, str] = {}
        for member in members:
            for form in _name_forms(member):
                self._by_key.setdefault(_fold_name(form), member.filename)
                self._by_key.setdefault(_fold_name(unquote(form)), member.filename)

    def find(self, name: str) -> str | None:
        """Return the member that a reference means.

        References and names differ by percent-encoding, case, backslashes, Unicode normal form, a leading slash, and
        by the code page of a name that is not marked as UTF-8.
        """
        for form in (name, unquote(name)):
            if form in self.names:
                return form
        return self._by_key.get(_fold_name(unquote(name))) or self._by_key.get(_fold_name(name))

    def shown_name(self, name: str) -> str:
        """Return the name of a member as people read it, whatever its code page."""
        return self._shown[name]

    def read(self, name: str) -> bytes:
        """Return the bytes of a member. Raises `RejectedError` where it is missing, encrypted, too large or damaged."""
        try:
            if self._zip.getinfo(name).flag_bits & _ENCRYPTED:
                raise RejectedError("encrypted", name)
            with self._zip.open(name) as member:
                data = member.read(MEMBER_LIMIT + 1)
        except RejectedError:
            raise
        except Exception as error:  # zipfile, zlib and lzma each raise types of their own on corrupt data
            raise RejectedError("damaged", f"{name}: {error}") from error
        if len(data) > MEMBER_LIMIT:
            raise RejectedError("too_large", name)
        return data

    def parse_xml(self, name: str) -> Any:
        """Return a member parsed as XML: no network, no DTD. Raises `RejectedError` where it is damaged."""
        tree = markup.parse_xml(self.read(name))
        if tree is None:
            raise RejectedError("damaged", name)
        return tree


def _open_zip(path: Path) -> zipfile.ZipFile:
    """Open an archive, also one that calls names UTF-8 which are in another code page."""
    try:
        return zipfile.ZipFile(path)
    except UnicodeDecodeError:
        return _LenientZip(path)


class _LenientZip(zipfile.ZipFile):
    """An archive read by `LenientFile`, which ends with it."""

    def __init__(self, path: Path) -> None:
        self._file = LenientFile(path)
        try:
            super().__init__(self._file)
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the archive and its file."""
        super().close()
        self._file.close()


def _name_forms(member: zipfile.ZipInfo) -> Iterator[str]:
    yield member.filename
    raw = _get_unmarked_name(member)
    if raw is None:
        return
    for encoding in ("utf-8", "gb18030"):
        try:
            yield raw.decode(encoding)
        except UnicodeDecodeError:
            continue


def _shown_names(members: Sequence[zipfile.ZipInfo]) -> dict[str, str]:
    """Return the names of members as people read them: those that are not marked as UTF-8 are all in one encoding."""
    shown = {member.filename: member.filename for member in members}
    unmarked = {member.filename: raw for member in members if (raw := _get_unmarked_name(member)) is not None}
    decoded = decode_text(b"\n".join(unmarked.values())) if unmarked else None
    if decoded is None:
        return shown
    return shown | {name: raw.decode(decoded.encoding, "replace") for name, raw in unmarked.items()}


def _get_unmarked_name(member: zipfile.ZipInfo) -> bytes | None:
    """Return the bytes of a name that is not marked as UTF-8, where it is not ASCII."""
    if member.flag_bits & _UTF8_NAME or member.filename.isascii():
        return None
    try:
        return member.filename.encode("cp437")
    except UnicodeEncodeError:
        return None


def _fold_name(name: str) -> str:
    path = posixpath.normpath(name.replace("\\", "/")).lstrip("/")
    return unicodedata.normalize("NFC", path).casefold()
