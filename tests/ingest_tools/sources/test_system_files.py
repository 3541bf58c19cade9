"""Files that systems and programs leave in folders are skipped without a report; others are taken."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.sources.discovery import discover
from ingest_tools.sources.import_request import ImportRequest

FILES = st.sampled_from([
    "desktop.ini", "Thumbs.db", "ehthumbs.db", "._书.txt", ".DS_Store", "~$书.docx", "书.mp4.part",
    "书.pdf.crdownload", "autorun.inf",
])  # fmt: skip
FOLDERS = st.sampled_from([
    "@eaDir", "$RECYCLE.BIN", "System Volume Information", "#recycle", "RECYCLER", "lost+found", "__MACOSX",
    ".Trash-1000",
])  # fmt: skip
CASES = st.sampled_from([str, str.lower, str.upper])


@given(st.lists(FILES, unique=True), st.lists(FOLDERS, unique=True), CASES, st.text("书柑橘ab", min_size=1, max_size=9))
def test_what_systems_leave_is_passed_over(files: list[str], folders: list[str], case: type[str], title: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        disk = Path(place) / "盘"
        for folder in (disk, *(disk / case(name) for name in folders)):
            folder.mkdir()
            for name in files:
                (folder / case(name)).write_bytes(b"\0\1\2")
            (folder / f"{title}.txt").write_text("第一章 选地\n", "utf-8")
            (folder / "清单.csv").write_text("书名,文件,使用范围\n删掉的,没有.txt,馆内\n", "utf-8")
        (disk / "清单.csv").unlink()
        candidates = list(discover(ImportRequest([disk])))
    assert [(candidate.path.name, candidate.rejection) for candidate in candidates] == [(f"{title}.txt", None)]
