"""Who may read a merged record: after its sources are ingested again, its file is revised, or a batch is undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from library_server.catalogue.batches.undo import undo_batch
from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import Access, AssetRole, Status
from library_server.catalogue.records import commands, queries, revisions
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.records import load_record, records_by_title

BY = Actor("desk")
HEAD = ["书名", "文件", "使用范围", "备注"]


class Shelf:
    """Two records of two batches, each from a list with its file: `kept` and `gone`."""

    def __init__(self, library: Library, disk: Path, kept_word: str, gone_word: str) -> None:
        self.library, self.disk = library, disk
        self.batches, self.ids = {}, {}
        for name, word in (("kept", kept_word), ("gone", gone_word)):
            (disk / name).mkdir()
            (disk / name / f"{name}.txt").write_text(f"{name}的正文", "utf-8")
            self.batches[name] = self.state(name, word)
            self.ids[name] = records_by_title(library)[name].id

    def state(self, name: str, word: str, remark: str = "1") -> str:
        workbook(self.disk / name / "清单.xlsx", HEAD, [name, f"{name}.txt", word, remark])
        report = ingest(self.library, self.disk / name)
        assert report.rejected == 0, report.rejections
        return report.batch

    def merge(self) -> None:
        with self.library.database.writing() as session:
            merging.merge(session, self.ids["kept"], self.ids["gone"], BY)

    def unmerge(self) -> None:
        with self.library.database.writing() as session:
            merging.unmerge(session, self.ids["gone"], BY)

    def undo(self, batch_id: str) -> None:
        with self.library.database.writing() as session:
            undo_batch(session, batch_id, BY)

    def record(self, name: str) -> RecordView:
        return load_record(self.library, self.ids[name])

    def files(self, name: str) -> set[str | None]:
        return {asset.filename for asset in self.record(name).assets_of("original")}


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "盘").mkdir()
    return tmp_path / "盘"


@pytest.mark.slow
def test_a_restriction_of_a_merged_record_holds_when_the_other_is_lifted(library: Library, disk: Path) -> None:
    shelf = Shelf(library, disk, "馆内", "读者证")
    shelf.merge()
    shelf.state("kept", "公开", "2")
    assert shelf.record("kept").access == "members"
    shelf.state("gone", "公开", "2")
    assert shelf.record("kept").access == "public", "each source lifts its own"


@pytest.mark.slow
def test_a_librarians_restriction_of_a_merged_record_holds(library: Library, disk: Path) -> None:
    shelf = Shelf(library, disk, "馆内", "")
    with library.database.writing() as session:
        revisions.revise(session, shelf.ids["gone"], {"access": "premises"}, BY)
    shelf.merge()
    shelf.state("kept", "公开", "2")
    assert shelf.record("kept").access == "premises"


@pytest.mark.parametrize("undone", ["kept", "gone"])
@pytest.mark.long
def test_an_undone_batch_takes_its_merged_record_along_and_leaves_the_other(
    undone: str, library: Library, disk: Path
) -> None:
    shelf = Shelf(library, disk, "公开", "馆内")
    shelf.merge()
    shelf.undo(shelf.batches[undone])
    other = "gone" if undone == "kept" else "kept"
    assert (shelf.record(undone).status, shelf.record(other).status) == (Status.WITHDRAWN, Status.PUBLISHED)
    assert {name: shelf.files(name) for name in shelf.ids} == {name: {f"{name}.txt"} for name in shelf.ids}
    assert {name: shelf.record(name).access for name in shelf.ids} == {"kept": "public", "gone": "premises"}


@pytest.mark.long
def test_the_files_of_a_record_come_back_through_two_merges(library: Library, disk: Path) -> None:
    shelf = Shelf(library, disk, "公开", "公开")
    (disk / "last.txt").write_text("last的正文", "utf-8")
    ingest(library, disk / "last.txt")
    shelf.ids["last"] = records_by_title(library)["last"].id
    shelf.merge()
    with library.database.writing() as session:
        merging.merge(session, shelf.ids["last"], shelf.ids["kept"], BY)
    shelf.undo(shelf.batches["gone"])
    assert shelf.files("gone") == {"gone.txt"}
    assert shelf.files("last") == {"last.txt", "kept.txt"}
    assert shelf.record("gone").status == Status.WITHDRAWN


@pytest.mark.long
def test_an_undo_that_restricts_a_merged_record_restricts_the_one_it_went_into(library: Library, disk: Path) -> None:
    shelf = Shelf(library, disk, "公开", "馆内")
    lifted = shelf.state("gone", "公开", "2")
    shelf.merge()
    assert shelf.record("kept").access == "public"
    shelf.undo(lifted)
    assert shelf.record("kept").access == "premises"


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.long
def test_a_restriction_since_a_merge_holds_for_both_records(by_hand: bool, library: Library, disk: Path) -> None:
    shelf = Shelf(library, disk, "公开", "公开")
    shelf.merge()
    if by_hand:
        with library.database.writing() as session:
            commands.set_access(session, shelf.ids["kept"], Access.PREMISES)
    else:
        shelf.state("gone", "馆内", "2")
    shelf.unmerge()
    assert {shelf.record(name).access for name in shelf.ids} == {"premises"}


@pytest.mark.long
def test_a_revised_file_of_a_merged_record_is_as_restricted_as_the_record_that_was_kept(
    library: Library, disk: Path
) -> None:
    shelf = Shelf(library, disk, "馆内", "")
    shelf.merge()
    (disk / "gone" / "gone.txt").write_text("gone改过的正文", "utf-8")
    (disk / "gone" / "清单.xlsx").unlink()
    ingest(library, disk / "gone")
    assert {record.access for record in records_by_title(library).values()} == {"premises"}


@pytest.mark.slow
def test_a_row_without_a_file_restricts_the_record_that_was_kept(library: Library, disk: Path) -> None:
    def take(word: str) -> None:
        workbook(disk / "清单.xlsx", ["书名", "作者", "使用范围"], ["渡口", "周望水", word])
        assert ingest(library, disk / "清单.xlsx").rejected == 0

    take("公开")
    gone_id = records_by_title(library)["渡口"].id
    (disk / "渡口足本.txt").write_text("正文", "utf-8")
    ingest(library, disk / "渡口足本.txt")
    kept_id = records_by_title(library)["渡口足本"].id
    with library.database.writing() as session:
        merging.merge(session, kept_id, gone_id, BY)
    take("馆内")
    assert {record.access for record in records_by_title(library).values()} == {"premises"}


@pytest.mark.slow
def test_derived_files_made_after_a_merge_go_back_with_their_original(library: Library, tmp_path: Path) -> None:
    workbook(tmp_path / "盘.xlsx", HEAD, ["讲座录像带", None, "公开", "1"], ["讲座", "讲座.txt", "馆内", "1"])
    (tmp_path / "讲座.txt").write_text("讲座的正文", "utf-8")
    assert ingest(library, tmp_path / "盘.xlsx").rejected == 0
    kept_id, gone_id = records_by_title(library)["讲座录像带"].id, records_by_title(library)["讲座"].id
    with library.database.writing() as session:
        merging.merge(session, kept_id, gone_id, BY)
        for role, label in ((AssetRole.RENDITION, "240p"), (AssetRole.TEXT, "")):
            asset = NewAsset(role=role, label=label, media_type="video/mp4", size=1, sha256="a" * 64, key=f"d/{role}")
            commands.replace_asset(session, kept_id, asset)
    with library.database.writing() as session:
        merging.unmerge(session, gone_id, BY)
    with library.database.reading() as session:
        ours, theirs = queries.find_record(session, kept_id), queries.find_record(session, gone_id)
    assert ours is not None
    assert ours.assets == ()
    assert theirs is not None
    assert {"240p", "讲座.txt"} <= {asset.label or asset.filename for asset in theirs.assets}


@pytest.mark.long
def test_a_restriction_after_two_merges_holds_for_unmerged_records(library: Library, tmp_path: Path) -> None:
    shelf = Shelf(library, tmp_path, "公开", "公开")
    shelf.merge()
    workbook(tmp_path / "再.xlsx", HEAD, ["再并", None, "公开", "1"])
    ingest(library, tmp_path / "再.xlsx")
    last = records_by_title(library)["再并"].id
    with library.database.writing() as session:
        merging.merge(session, last, shelf.ids["kept"], BY)
        revisions.revise(session, last, {"access": "premises"}, BY)
    shelf.unmerge()
    assert shelf.record("gone").access == Access.PREMISES
