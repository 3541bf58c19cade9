"""`ingest --covers-later`: covers that are left to the queue are those that ingest would have made."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from library_server.catalogue.models import Job
from library_server.jobs import queue
from library_server.library import Library
from tests.factories.ebooks import drawn
from tests.factories.epubs import epub
from tests.support.libraries import ingest, run_jobs
from tests.support.records import records_by_title

PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>江边的芭蕉</p>{}</body></html>'


def book(path: Path, title: str, *, has_cover: bool = True) -> None:
    path.parent.mkdir(exist_ok=True)
    pictures = {"front.png": drawn("blue", form="PNG")} if has_cover else {}
    shown = '<img src="front.png"/>' if has_cover else ""
    members: dict[str, bytes | str] = {"1.xhtml": PAGE.format(shown), **pictures}
    epub(path, title, '<meta name="cover" content="i1"/>' if has_cover else "", members)


def colour_of(library: Library, title: str) -> str:
    cover = records_by_title(library)[title].details.cover
    assert cover is not None
    return cover.color


def files_put_off(library: Library) -> set[str]:
    titles = {record.id: title for title, record in records_by_title(library).items()}
    with library.database.reading() as session:
        jobs = session.scalars(select(Job).where(Job.task == queue.REGENERATE_IMAGES))
        return {titles[job.record_id] for job in jobs if job.record_id}


@pytest.mark.parametrize("covers", [True, False])
def test_a_picture_of_the_folder_takes_the_place_of_a_cover_only_where_there_is_none(
    covers: bool, library: Library, tmp_path: Path
) -> None:
    book(tmp_path / "甲" / "有.epub", "有封面")
    (tmp_path / "甲" / "cover.jpg").write_bytes(drawn("red"))
    book(tmp_path / "乙" / "无.epub", "无封面", has_cover=False)
    (tmp_path / "乙" / "cover.jpg").write_bytes(drawn("red"))
    ingest(library, tmp_path, covers=covers)
    assert not files_put_off(library)
    assert colour_of(library, "有封面") == "#0000ff"
    assert colour_of(library, "无封面") == "#fe0000"


def test_only_files_whose_covers_are_put_off_wait_in_the_queue(library: Library, tmp_path: Path) -> None:
    book(tmp_path / "书.epub", "书")
    (tmp_path / "门口.jpg").write_bytes(drawn())
    (tmp_path / "话.txt").write_text("江边的芭蕉绿了。" * 40, "utf-8")
    ingest(library, tmp_path, covers=False)
    assert files_put_off(library) == {"书"}
    run_jobs(library)
    assert colour_of(library, "书") == "#0000ff"
