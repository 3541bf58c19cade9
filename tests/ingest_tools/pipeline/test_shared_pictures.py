"""A picture that is a sidecar of a restricted file and also a photo: no copy publishes what another restricts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import JobState
from library_server.catalogue.models import Job
from library_server.catalogue.records import commands, revisions
from library_server.catalogue.records.revisions import Actor
from library_server.jobs.merge_records import merge_records
from library_server.library import Library
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.records import access_by_title, records_by_title

BY = Actor("desk")


def story(folder: Path, access: str = "", *, title: str = "外婆", colour: str = "red") -> Path:
    """A folder with a story and the picture beside it."""
    folder.mkdir(exist_ok=True)
    stated = f"使用范围: {access}\n" if access else ""
    (folder / f"{title}.md").write_text(f"---\n标题: {title}\n{stated}---\n{folder.name}的正文\n", "utf-8")
    Image.new("RGB", (300, 400), colour).save(folder / f"{title}.jpg")
    return folder


def photo(folder: Path, colour: str = "red") -> Path:
    """A folder with the same picture by itself."""
    folder.mkdir(exist_ok=True)
    Image.new("RGB", (300, 400), colour).save(folder / "门口.jpg")
    return folder


def pictures(record: RecordView) -> set[str]:
    return {asset.label for asset in record.assets if asset.role in {"cover", "thumbnail", "rendition"}}


@pytest.mark.parametrize("order", ["story first", "photo first", "one batch"])
def test_a_copy_that_states_nothing_is_as_restricted_as_the_story(order: str, library: Library, tmp_path: Path) -> None:
    sources = [story(tmp_path / "a", "馆内"), photo(tmp_path / "b")]
    if order == "one batch":
        ingest(library, *sources)
    else:
        for source in sources if order == "story first" else reversed(sources):
            ingest(library, source)
    assert access_by_title(library) == {"外婆": "premises", "门口": "premises"}


def test_the_strictest_of_several_stories_counts(library: Library, tmp_path: Path) -> None:
    ingest(library, story(tmp_path / "a", title="一"), story(tmp_path / "b", "读者证", title="二"))
    ingest(library, photo(tmp_path / "c"))
    assert access_by_title(library) == {"一": "public", "二": "members", "门口": "members"}
    assert pictures(records_by_title(library)["一"]), "a story that states nothing keeps its own cover"


@pytest.mark.parametrize("is_later", [False, True])
@pytest.mark.slow
def test_the_row_of_a_copy_decides(is_later: bool, library: Library, tmp_path: Path) -> None:
    ingest(library, story(tmp_path / "a", "馆内"))
    folder = photo(tmp_path / "b")
    if is_later:
        ingest(library, folder)
        assert access_by_title(library)["门口"] == "premises"
    workbook(folder / "清单.xlsx", ["书名", "文件", "使用范围"], ["门口", "门口.jpg", "公开"])
    ingest(library, folder)
    assert access_by_title(library) == {"外婆": "premises", "门口": "public"}
    (tmp_path / "a" / "外婆.md").write_text("---\n标题: 外婆\n使用范围: 馆内\n---\n新的正文\n", "utf-8")
    ingest(library, tmp_path / "a")
    assert access_by_title(library)["门口"] == "public"


def test_undoing_a_batch_restores_the_access_it_restricted(library: Library, tmp_path: Path) -> None:
    ingest(library, photo(tmp_path / "b"))
    batch = ingest(library, story(tmp_path / "a", "馆内")).batch
    with library.database.writing() as session:
        revisions.revert_changes(session, batch, BY)
    assert access_by_title(library) == {"门口": "public"}


@pytest.mark.parametrize("is_undone", [False, True])
def test_the_picture_of_a_withdrawn_story_does_not_come_back_by_itself(
    is_undone: bool, library: Library, tmp_path: Path
) -> None:
    batch = ingest(library, story(tmp_path / "a", "读者证")).batch
    (record,) = records_by_title(library).values()
    with library.database.writing() as session:
        if is_undone:
            revisions.revert_changes(session, batch, BY)
        else:
            commands.withdraw(session, record.id, "本人要求")
    ingest(library, photo(tmp_path / "b"))
    assert access_by_title(library) == ({"门口": "members"} if is_undone else {})


@pytest.mark.parametrize("order", ["story first", "photo first", "one batch", "list later"])
@pytest.mark.slow
def test_a_story_gives_up_a_cover_that_a_row_restricts(order: str, library: Library, tmp_path: Path) -> None:
    story_folder, photo_folder = story(tmp_path / "a"), photo(tmp_path / "b")
    if order == "list later":
        ingest(library, story_folder, photo_folder)
    workbook(photo_folder / "清单.xlsx", ["书名", "文件", "使用范围"], ["门口", "门口.jpg", "馆内"])
    if order == "one batch":
        ingest(library, story_folder, photo_folder)
    else:
        for source in (photo_folder, story_folder) if order == "photo first" else (story_folder, photo_folder):
            ingest(library, source)
    records = records_by_title(library)
    assert access_by_title(library) == {"外婆": "public", "门口": "premises"}
    assert pictures(records["外婆"]) == set()
    assert records["外婆"].details.cover is None
    assert pictures(records["门口"]), "the picture itself is kept with its own sizes"
    with library.database.reading() as session:
        waiting = session.scalars(select(Job.task).where(Job.record_id == records["外婆"].id)).all()
        assert session.scalars(select(Job.id).where(Job.state == JobState.QUEUED)).all()
    assert "again" in waiting


@pytest.mark.parametrize("word", ["馆内", "看心情"])
@pytest.mark.parametrize("is_listed", [False, True])
@pytest.mark.slow
def test_a_picture_with_a_row_of_its_own_that_restricts_it_is_no_cover(
    word: str, is_listed: bool, library: Library, tmp_path: Path
) -> None:
    folder = story(tmp_path / "a")
    Image.new("RGB", (300, 400), "blue").save(folder / "外婆.png")
    rows = [["外婆", "外婆.md", None]] if is_listed else []
    workbook(folder / "清单.xlsx", ["书名", "文件", "使用范围"], *rows, ["门口", "外婆.jpg", word])
    report = ingest(library, folder)
    records = records_by_title(library)
    is_refused = word == "看心情"
    assert report.rejected == (2 if is_refused else 0), report.rejections
    assert access_by_title(library) == {"外婆": "public"} | ({} if is_refused else {"门口": "premises"})
    cover = records["外婆"].details.cover
    assert cover is not None
    assert cover.color.startswith("#0000f"), "the next picture is the cover"
    assert {asset.filename for asset in records["外婆"].assets_of("original")} == {"外婆.md", "外婆.png"}
    assert report.seen == len(rows) + 4


@pytest.mark.slow
def test_a_withdrawn_photo_is_not_the_cover_of_a_story(library: Library, tmp_path: Path) -> None:
    ingest(library, photo(tmp_path / "a"))
    with library.database.writing() as session:
        commands.withdraw(session, records_by_title(library)["门口"].id, "家属要求")
    ingest(library, story(tmp_path / "b"))
    outcome = records_by_title(library)["外婆"]
    assert pictures(outcome) == set()
    assert outcome.details.cover is None


@pytest.mark.parametrize("is_photo", [True, False])
@pytest.mark.slow
def test_a_withdrawn_record_does_not_come_back_with_a_changed_file(
    is_photo: bool, library: Library, tmp_path: Path
) -> None:
    folder = photo(tmp_path / "a") if is_photo else story(tmp_path / "a")
    title = "门口" if is_photo else "外婆"
    ingest(library, folder)
    with library.database.writing() as session:
        commands.withdraw(session, records_by_title(library)[title].id, "家属要求")
    if is_photo:
        tags = Image.Exif()
        tags[0x013B] = "某人"
        Image.new("RGB", (300, 400), "red").save(folder / "门口.jpg", exif=tags)
    else:
        (folder / "外婆.md").write_text("---\n标题: 外婆\n---\n改过的正文\n", "utf-8")
    report = ingest(library, folder)
    assert (report.added, {row["code"] for row in report.rejections}) == (0, {"record_withdrawn"})
    assert title not in records_by_title(library)


@pytest.mark.slow
def test_a_merge_that_restricts_a_story_restricts_its_picture(library: Library, tmp_path: Path) -> None:
    other = story(tmp_path / "c", "馆内", title="二", colour="blue")
    ingest(library, story(tmp_path / "a", title="一"), photo(tmp_path / "b"), other)
    assert access_by_title(library)["门口"] == "public"
    with library.database.writing() as session:
        merge_records(session, records_by_title(library)["一"].id, records_by_title(library)["二"].id, BY)
    assert access_by_title(library) == {"一": "premises", "门口": "premises"}
