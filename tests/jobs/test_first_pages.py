"""PDFs that an earlier version took in get the picture of their first page and the sizes of their pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import delete, func, select

from library_server.catalogue.enums import FIRST_PAGE
from library_server.catalogue.models import Asset, Job, Record
from library_server.cli.background_work import run_periodic_tasks
from library_server.jobs.regeneration import queue_first_pages
from library_server.library import Library
from tests.support.libraries import ingest, run_jobs


@pytest.fixture
def older(library: Library, tmp_path: Path) -> Library:
    """A library with two PDFs and a text, whose PDFs are as an earlier version left them."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("甲", "乙"):
        page = Canvas(str(source / f"{name}.pdf"), pagesize=(300, 400))
        page.drawString(50, 200, f"page of {name}")
        page.showPage()
        page.save()
    (source / "文字.txt").write_text("书名：文字\n\n正文", "utf-8")
    assert ingest(library, source).rejected == 0
    run_jobs(library)
    with library.database.writing() as session:
        session.execute(delete(Asset).where(Asset.label == FIRST_PAGE))
        session.execute(delete(Job))
        for record in session.scalars(select(Record)):
            record.details = replace(record.details, page_sizes=())
    return library


def pictures(library: Library) -> int:
    with library.database.reading() as session:
        return session.scalar(select(func.count()).where(Asset.label == FIRST_PAGE)) or 0


@pytest.mark.slow
def test_they_are_made_by_the_worker(older: Library) -> None:
    assert pictures(older) == 0
    run_periodic_tasks(older)
    run_jobs(older)
    assert pictures(older) == 2
    with older.database.reading() as session:
        sizes = [record.details.page_sizes for record in session.scalars(select(Record))]
    assert [len(size) for size in sizes if size] == [1, 1]


@pytest.mark.slow
def test_each_is_queued_once_and_few_at_a_time(older: Library) -> None:
    counts = []
    for _ in range(3):
        with older.database.writing() as session:
            counts.append(queue_first_pages(session, 1))
    assert counts == [1, 1, 0]
    with older.database.writing() as session:
        for job in session.scalars(select(Job)):
            job.state = "failed"  # as where the page cannot be drawn
    with older.database.writing() as session:
        assert queue_first_pages(session, 10) == 0
