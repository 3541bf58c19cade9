"""Zip archives from outside (EPUB, DOCX), with bounds on what may be read out of them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from ingest_tools.rejections import RejectedError

MEMBERS_LIMIT = 20_000
MEMBER_LIMIT = 64 * 1024 * 1024
TOTAL_LIMIT = 2 * 1024 * 1024 * 1024


class Archive:
    """An opened archive; members are read whole into memory, never written to a path of their own."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
            raise RejectedError("damaged", str(error)) from error
        members = self._zip.infolist()
        if len(members) > MEMBERS_LIMIT or sum(one.file_size for one in members) > TOTAL_LIMIT:
            raise RejectedError("too_large")
        self.names = {one.filename for one in members}

    def read(self, name: str) -> bytes:
        """The bytes of a member. Raises `RejectedError` where it is missing, too large or damaged."""
        try:
            with self._zip.open(name) as member:
                data = member.read(MEMBER_LIMIT + 1)
        except Exception as error:  # zipfile, zlib and lzma each raise types of their own on corrupt data
            raise RejectedError("damaged", f"{name}: {error}") from error
        if len(data) > MEMBER_LIMIT:
            raise RejectedError("too_large", name)
        return data

    def xml(self, name: str) -> Any:
        """A member parsed as XML: no entities, no network, no DTD."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
        try:
            tree = etree.fromstring(self.read(name), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise RejectedError("damaged", f"{name}: {error}") from error
        if tree is None:
            raise RejectedError("damaged", name)
        return tree
