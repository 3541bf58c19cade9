"""The same book in several formats is one record with several files, or is offered as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from library_server.app import create_app
from library_server.catalogue.records import duplicates, revisions
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.jobs.merge_records import merge_records
from library_server.library import Library
from tests.factories.office_documents import write_docx
from tests.support.libraries import ingest
from tests.support.records import records_by_id


def put_docx(path: Path, title: str = "湘江船歌") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_docx(path, ("Title", title), ("", "江水从南边来，船歌向北边去。" * 20))
    return path


def put_text(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("江水从南边来，船歌向北边去。\n" * 30, "utf-8")
    return path


@pytest.mark.parametrize("is_one_run", [True, False])
def test_files_of_one_name_are_one_record(library: Library, tmp_path: Path, is_one_run: bool) -> None:
    folder = put_docx(tmp_path / "盘" / "湘江船歌.docx").parent
    if not is_one_run:
        assert ingest(library, folder).added == 1
    put_text(folder / "湘江船歌.txt")
    report = ingest(library, folder)
    assert (report.added, report.joined, report.rejected) == (int(is_one_run), 1, 0)
    (record,) = records_by_id(library).values()
    assert record.original is not None
    assert record.original.filename == "湘江船歌.docx"
    assert [asset.filename for asset in record.other_formats] == ["湘江船歌.txt"]
    page = create_app(library).test_client().get(f"/records/{record.id}").get_data(as_text=True)
    assert "别的格式" in page
    assert "湘江船歌.txt" in page
    again = ingest(library, folder)
    assert (again.added, again.joined, again.unchanged, again.changed) == (0, 0, 2, 0)
    (folder / "湘江船歌.txt").touch()
    assert ingest(library, folder).unchanged == 2
    assert next(iter(records_by_id(library).values())).original == record.original


def test_another_book_under_the_name_of_a_joined_format_is_a_record_of_its_own(
    library: Library, tmp_path: Path
) -> None:
    path = put_docx(tmp_path / "盘" / "湘江船歌.docx")
    put_text(path.with_suffix(".txt"))
    ingest(library, path.parent)
    put_docx(path, "柑橘栽培")
    report = ingest(library, path.parent)
    assert (report.added, report.joined, report.unchanged) == (1, 0, 1)
    assert {record.title for record in records_by_id(library).values()} == {"湘江船歌", "柑橘栽培"}


def test_formats_of_other_folders_are_offered_and_merged(library: Library, tmp_path: Path) -> None:
    report = ingest(library, put_docx(tmp_path / "甲" / "湘江船歌.docx"), put_text(tmp_path / "乙" / "湘江船歌.txt"))
    assert (report.added, report.likely) == (2, 1)
    with library.database.reading() as session:
        (pair,) = duplicates.list_pairs(session)
    assert pair.reason == "format"
    with library.database.writing() as session:
        merge_records(session, pair.first_id, pair.second_id, Actor("desk"))
    (record,) = records_by_id(library).values()
    assert len(record.other_formats) == 1
    assert ingest(library, put_text(tmp_path / "丙" / "别的书.txt")).likely == 0


def separate(library: Library, kept_id: str) -> None:
    """Undo the joining of the two formats of a record."""
    with library.database.writing() as session:
        gone_id = next(
            revision.changes["gone"]
            for revision in revisions.list_revisions(session, kept_id)
            if revision.action == "merged"
        )
        assert merging.unmerge(session, gone_id, Actor("desk")) == kept_id


def test_joined_formats_can_be_separated(library: Library, tmp_path: Path) -> None:
    folder = put_docx(tmp_path / "盘" / "湘江船歌.docx").parent
    put_text(folder / "湘江船歌.txt")
    report = ingest(library, folder)
    (kept_id,) = records_by_id(library)
    separate(library, kept_id)
    assert len(records_by_id(library)) == 2
    assert report.joined == 1


COPIES = (
    "副本 船歌", "副本船歌 (2)", "船歌 - 副本 (2)", "船歌 (1)", "Copy of 船歌", "船歌 copy 2", "复件 (2) 船歌",
    "a", "船歌_备份",
)  # fmt: skip


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("is_later", [False, True])
@pytest.mark.slow
def test_a_copy_of_a_format_does_not_part_the_others(
    library: Library, tmp_path: Path, copy: str, is_later: bool
) -> None:
    folder = tmp_path / "盘"
    first = put_docx(folder / "船歌.docx", "湘江船歌")
    (folder / f"{copy}.docx").write_bytes(first.read_bytes())
    if is_later:
        assert ingest(library, folder).added == 1
    put_text(folder / "船歌.txt")
    (folder / f"{copy}.txt").write_bytes((folder / "船歌.txt").read_bytes())
    report = ingest(library, folder)
    assert report.rejected == 0
    (record,) = records_by_id(library).values()
    assert record.original is not None
    assert len(record.other_formats) == 1
    again = ingest(library, folder)
    assert (again.added, again.joined, again.changed) == (0, 0, 0)


def test_a_name_with_the_mark_of_a_copy_is_titled_without_it(library: Library, tmp_path: Path) -> None:
    for number, name in enumerate(("船歌 - 副本", "副本 渔谣", "Copy of Boats", "永乐大典副本", "副本", "渡口 (2)")):
        (tmp_path / f"{name}.txt").write_text(f"{number}江水从南边来。\n" * 30, "utf-8")
    ingest(library, tmp_path)
    titles = {record.title for record in records_by_id(library).values()}
    assert titles == {"船歌", "渔谣", "Boats", "永乐大典副本", "副本", "渡口 (2)"}


def test_formats_that_were_separated_stay_so(library: Library, tmp_path: Path) -> None:
    path = put_docx(tmp_path / "盘" / "湘江船歌.docx")
    put_text(path.with_suffix(".txt"))
    ingest(library, path.parent)
    (kept_id,) = records_by_id(library)
    separate(library, kept_id)
    assert len(records_by_id(library)) == 2
    (path.parent / "副本.docx").write_bytes(path.read_bytes())
    (path.parent / "副本.txt").write_bytes(path.with_suffix(".txt").read_bytes())
    path.touch()
    ingest(library, path.parent)
    assert len(records_by_id(library)) == 2
