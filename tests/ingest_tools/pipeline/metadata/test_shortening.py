"""What is too long for its field is shortened, and the batch says so to the librarian."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from library_server.catalogue.batches import repository
from library_server.catalogue.bounds import LIMITS, Shortening, bound_text
from library_server.cli import main
from library_server.library import Library
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.records import records_by_title

LONG = "柑橘栽培" * 300


@pytest.fixture
def taken(library: Library, tmp_path: Path) -> str:
    """A batch with a story whose title has 1,200 characters, and one in order."""
    disk = tmp_path / "盘"
    disk.mkdir()
    (disk / "长.md").write_text(f"---\ntitle: {LONG}\nsubjects: [{','.join(map(str, range(300)))}]\n---\n正文", "utf-8")
    (disk / "好.md").write_text("---\ntitle: 好故事\n---\n正文", "utf-8")
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (2, 0)
    (cut,) = report.shortened
    assert cut["path"].endswith("长.md")
    return report.batch


def test_a_long_title_is_shortened_and_kept_whole_in_the_notes(library: Library, taken: str) -> None:
    (view,) = [view for title, view in records_by_title(library).items() if title != "好故事"]
    assert len(view.title) == LIMITS["title"]
    assert view.title.endswith("……")
    assert view.details.statements.notes == (f"题名全文：{LONG}",)
    assert len(view.subjects) == 100


def test_the_entry_names_fields_and_lengths(library: Library, taken: str) -> None:
    with library.database.reading() as session:
        (entry,) = repository.list_shortened(session, taken)
        assert repository.list_entries(session, taken)[0].problems is None or entry.path.endswith("长.md")
    assert entry.problems == [{"field": "title", "length": "1200", "kept": "500"},
                              {"field": "subjects", "length": "300", "kept": "100"}]  # fmt: skip


def test_the_command_line_lists_what_was_shortened(
    library: Library, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    output = CliRunner().invoke(main, ["batches", taken]).stdout
    assert "题名太长：原有 1200，留下 500" in output
    (cut,) = json.loads(CliRunner().invoke(main, ["batches", taken, "--json"]).stdout)["shortened"]
    assert cut["fields"][0]["length"] == "1200"


def test_the_desk_lists_what_was_shortened(library: Library, desk: FlaskClient, taken: str) -> None:
    page = desk.get(f"/desk/batches/{taken}").text
    assert "题名：原有 1200，留下 500" in page


@pytest.mark.slow
def test_a_row_said_again_with_a_long_title_changes_nothing(library: Library, tmp_path: Path) -> None:
    path = workbook(tmp_path / "表.xlsx", ["书名", "作者", "出版社"], [LONG, "张三", "甲"])
    assert ingest(library, path).added == 1
    workbook(path, ["书名", "作者", "出版社"], [LONG, "张三", "甲"], [LONG + "二", "张三", "甲"])
    assert ingest(library, path).rejected == 0


def test_a_folder_that_is_not_utf8_does_not_break_the_page_of_its_batch(
    library: Library, desk: FlaskClient, tmp_path: Path
) -> None:
    disk = tmp_path / "\udcb8盘"
    disk.mkdir()
    (disk / "好.txt").write_text("好好的一本书", "utf-8")
    batch = ingest(library, disk).batch
    assert desk.get(f"/desk/batches/{batch}").status_code == 200
    assert desk.get("/desk/batches").status_code == 200


@pytest.mark.parametrize("spaces", [100, 20_000])
def test_white_space_hides_no_loss(spaces: int) -> None:
    cut: list[Shortening] = []
    bounded = bound_text("title", "头" + " " * spaces + "尾" * 600, cut)
    assert bounded is not None
    assert bounded.startswith("头 尾")
    assert bounded.endswith("……")
    assert [shortening.field for shortening in cut] == ["title"]
    assert bound_text("title", "头" + " " * spaces, cut) == "头"
    assert len(cut) == 1
