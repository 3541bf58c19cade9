"""What lies next to a file that is refused waits for it, and is not called damaged itself."""

from __future__ import annotations

from pathlib import Path

from library_server.library import Library
from tests.factories.ebooks import drawn
from tests.support.libraries import ingest


def test_what_goes_with_a_damaged_film_waits_for_it(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    (disk / "坏片.mp4").write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + b"\0\0\x10\0mdat" + bytes(999))
    (disk / "坏片.jpg").write_bytes(drawn())
    (disk / "坏片.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n渡口\n", "utf-8")
    (disk / "说明.nfo").write_text("制作组说明", "utf-8")
    report = ingest(library, disk)
    codes = {Path(row["path"]).name: row["code"] for row in report.rejections}
    assert codes == {"坏片.mp4": "truncated", "坏片.jpg": "main_refused", "坏片.srt": "main_refused"}
    assert all("坏片.mp4" in row["reason"] for row in report.rejections if row["code"] == "main_refused")
