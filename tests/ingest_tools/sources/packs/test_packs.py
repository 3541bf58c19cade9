"""Packs are taken in as if they were folders."""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest_tools.pipeline.options import Options
from ingest_tools.pipeline.pipeline import Ingest
from ingest_tools.pipeline.results import IngestReport
from ingest_tools.pipeline.watch_folder import REASONS, WatchFolder
from ingest_tools.sources.folder import Candidate, walk
from ingest_tools.sources.packs.unpacking import Unpacker
from library_server.library import Library
from tests.factories.packs import rar_of, zip_of
from tests.support.libraries import ingest
from tests.support.records import records_by_title

pytestmark = pytest.mark.slow
STORY = "天没亮，秤铺就开了门。"


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


def codes(report: IngestReport, disk: Path) -> dict[str, str]:
    return {str(Path(row["path"]).relative_to(disk)): row["code"] for row in report.rejections}


def pack(path: Path, members: Mapping[str, str | bytes]) -> bytes:
    data = zip_of(path, members).read_bytes()
    path.unlink()
    return data


def test_members_come_in_under_their_own_names(library: Library, disk: Path) -> None:
    zip_of(disk / "资料.zip", {"讲座/老秤铺 - 周望水.txt": STORY, "空.txt": "", "__MACOSX/._a.txt": "x"})
    report = ingest(library, disk)
    assert (report.added, codes(report, disk)) == (1, {"资料.zip!/空.txt": "empty_file"})
    record = records_by_title(library)["周望水"]
    assert record.original is not None
    assert record.original.filename == "老秤铺 - 周望水.txt"
    assert ingest(library, disk).unchanged == 1


def test_a_row_in_a_pack_restricts_the_file_that_it_names(library: Library, disk: Path) -> None:
    zip_of(
        disk / "资料.zip",
        {"目录.csv": "文件,题名,使用范围\na.txt,老秤铺,馆内\n", "a.txt": STORY, "b.txt": "公开的另一篇。"},
    )
    report = ingest(library, disk)
    assert report.rejections == []
    assert {title: str(record.access) for title, record in records_by_title(library).items()} == {
        "老秤铺": "premises",
        "b": "public",
    }


def test_files_in_a_pack_wait_for_its_list(library: Library, disk: Path) -> None:
    zip_of(disk / "资料.zip", {"目录.xlsx": b"PK\x03\x04 broken", "a.txt": STORY})
    report = ingest(library, disk)
    assert report.added == 0
    assert codes(report, disk)["资料.zip!/a.txt"] == "list_refused"


def test_a_pack_waits_for_the_list_next_to_it(library: Library, disk: Path) -> None:
    (disk / "目录.xlsx").write_bytes(b"PK\x03\x04 broken")
    zip_of(disk / "资料.zip", {"a.txt": STORY})
    report = ingest(library, disk)
    assert report.added == 0
    assert codes(report, disk)["资料.zip"] == "list_refused"


def test_a_pack_that_a_row_names_is_not_opened_to_everybody(library: Library, disk: Path) -> None:
    (disk / "目录.csv").write_text("文件,题名,使用范围\n资料.zip,内部资料,馆内\n", "utf-8")
    zip_of(disk / "资料.zip", {"a.txt": STORY})
    report = ingest(library, disk)
    assert (report.added, records_by_title(library)) == (0, {})
    assert "archive" in codes(report, disk).values()


def test_a_pack_in_a_pack_is_a_folder_and_no_further(library: Library, disk: Path) -> None:
    third = pack(disk / "c.zip", {"c.txt": "第三层的一篇文章。"})
    second = pack(disk / "b.zip", {"b.txt": "第二层的一篇文章。", "c.zip": third})
    zip_of(disk / "a.zip", {"a.txt": STORY, "b.zip": second})
    report = ingest(library, disk)
    assert sorted(records_by_title(library)) == ["a", "b"]
    assert codes(report, disk) == {"a.zip!/b.zip!/c.zip": "archive"}


def test_a_document_called_zip_is_a_document(library: Library, disk: Path) -> None:
    body = '<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>一封信</w:t></w:r></w:p></w:body></w:document>'
    with zipfile.ZipFile(disk / "信.zip", "w") as archive:
        archive.writestr("word/document.xml", body)
    assert ingest(library, disk).rejections == []
    assert records_by_title(library)["信"].details.format == "docx"


def test_a_refused_member_is_taken_again_alone(library: Library, disk: Path) -> None:
    zip_of(disk / "资料.zip", {"a.txt": STORY, "b.txt": ""})
    [refused] = ingest(library, disk).rejections
    zip_of(disk / "资料.zip", {"a.txt": STORY + "又改了。", "b.txt": "现在有字了。"})
    again = ingest(library, disk, only=frozenset([refused["path"]]))
    assert (again.added, again.rejected) == (1, 0)
    assert sorted(records_by_title(library)) == ["a", "b"]


def test_a_pack_comes_when_its_program_is_there(library: Library, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rar_of(disk / "a.rar", {"story.txt": STORY.encode()})
    with monkeypatch.context() as without:
        without.setenv("PATH", str(disk))
        scratch = library.settings.home / "scratch"
        report = Ingest(library.database, library.store, scratch, Options(workers=1)).run([disk])
    [refused] = report.rejections
    assert (refused["code"], "libarchive-tools" in refused["reason"]) == ("program_missing", True)
    assert ingest(library, disk, only=frozenset([refused["path"]])).added == 1
    assert list(records_by_title(library)) == ["story"]


def test_a_dry_run_counts_the_members(library: Library, disk: Path) -> None:
    zip_of(disk / "资料.zip", {"a.txt": STORY, "b.txt": "", "../c.txt": "x"})
    report = ingest(library, disk, dry_run=True)
    assert (report.added, report.rejected, records_by_title(library)) == (1, 2, {})


def test_a_watched_pack_is_put_away_as_one_file(library: Library, watch: WatchFolder) -> None:
    zip_of(watch.folder / "好.zip", {"a.txt": STORY})
    zip_of(watch.folder / "坏.zip", {"b/c.txt": ""})
    watch.scan(0)
    watch.scan(100)
    assert sorted(str(path.relative_to(watch.folder)) for path in watch.folder.rglob("*.zip")) == [
        "已入库/好.zip",
        "未入库/坏.zip",
    ]
    assert "b/c.txt：" in (watch.folder / "未入库" / REASONS).read_text("utf-8-sig")
    assert list((library.settings.home / "scratch").iterdir()) == []


@pytest.mark.long
def test_unpacking_ends_with_the_batch(library: Library, disk: Path) -> None:
    path = zip_of(disk / "a.zip", {f"{number}.txt": "x" for number in range(30_000)})
    scratch = library.settings.home / "scratch"
    unpacker, results = Unpacker(scratch), []
    [candidate] = walk([path])
    thread = threading.Thread(target=lambda: results.append(unpacker.unpack(candidate)))
    thread.start()
    while not any(scratch.rglob("0")):
        time.sleep(0.01)
    unpacker.close()
    thread.join(60)
    [result] = results
    assert isinstance(result, Candidate)
    assert result.rejection in {"parser_crashed", "unreadable"}
    assert not any(scratch.iterdir())
