"""Names of files that were read in another encoding, or written in characters that any system keeps."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from ingest_tools.sources.filenames import parse_filename
from ingest_tools.sources.naming.encoded_names import decode_name

NAME = "茶山姐妹"


@pytest.mark.parametrize(
    "written",
    [
        NAME.encode("gb18030").decode("cp1252"),
        NAME.encode().decode("latin-1"),
        NAME.encode("utf-8").decode("gb18030"),
        quote(NAME),
        quote(NAME.encode("gb18030")),
        "".join(f"#U{ord(character):04x}" for character in NAME),
    ],
)
def test_names_are_read_as_they_were_meant(written: str) -> None:
    assert decode_name(written) == NAME
    assert parse_filename(Path(f"/盘/资料/{written}.txt")).title == NAME


@pytest.mark.parametrize(
    "name",
    ["渡口旧事", "联通", "café", "100%", "a%20b", "50%高粱", "#U", "#Useful", "Ünal", "娓娓道来", "船歌″", "ガイド"],
)
def test_other_names_stay(name: str) -> None:
    assert decode_name(name) == name
