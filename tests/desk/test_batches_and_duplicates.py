"""The librarians' pages about what came in: on the desk only, and only by its own forms."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient

from library_server.app import create_app
from library_server.catalogue.records import duplicates
from library_server.catalogue.records.duplicates import Decision
from library_server.desk import batches
from library_server.library import Library
from tests.support.libraries import ingest


@pytest.fixture(autouse=True)
def _from_the_desk(desk: FlaskClient) -> None:
    """Requests come from a page of the desk, as those of its forms do."""
    desk.environ_base["HTTP_REFERER"] = "http://localhost/desk/"


def twins(library: Library, tmp_path: Path) -> tuple[str, str]:
    """Two records that may be the same."""
    for name in ("一", "二"):
        (tmp_path / f"{name}.txt").write_text(f"书名：船歌\n作者：周望水\n\n{name}", "utf-8")
        ingest(library, tmp_path / f"{name}.txt")
    with library.database.reading() as session:
        (pair,) = duplicates.list_pairs(session)
    return pair.first_id, pair.second_id


def test_an_empty_desk_says_what_to_do(desk: FlaskClient) -> None:
    assert "tianyuan ingest" in desk.get("/desk/batches").text
    assert "没有要看的" in desk.get("/desk/same").text
    assert desk.get("/desk/batches/0000000000000000").status_code == 404
    assert desk.get("/desk/batches/0000000000000000.xlsx").status_code == 404


def test_batches_are_shown_a_page_at_a_time(
    library: Library, desk: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAGE", 2)
    ids = []
    for number in range(3):
        (tmp_path / f"{number}.bin").write_bytes(bytes([0, number, 255]) * 50)
        ids.append(ingest(library, tmp_path / f"{number}.bin").batch)
    first = desk.get("/desk/batches").text
    assert [batch_id in first for batch_id in ids] == [False, True, True]
    assert f"?before={ids[1]}" in first
    assert "UTC" not in first, "times are those of the place"
    second = desk.get(f"/desk/batches?before={ids[1]}").text
    assert [f"/desk/batches/{batch_id}" in second for batch_id in ids] == [True, False, False]


def test_a_batch_with_many_refusals_lists_the_first_and_gives_all(
    library: Library, desk: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "SHOWN", 2)
    disk = tmp_path / "盘"
    disk.mkdir()
    for number in range(4):
        (disk / f"<b>{number}.svg").write_text(f"<svg>{number}</svg>", "utf-8")
    report = ingest(library, disk)
    page = desk.get(f"/desk/batches/{report.batch}").text
    assert page.count("vector_picture") == 2
    assert "这里列出前 2 处" in page
    assert "<b>" not in page
    response = desk.get(f"/desk/batches/{report.batch}.xlsx")
    (tmp_path / "表.xlsx").write_bytes(response.data)
    assert openpyxl.load_workbook(tmp_path / "表.xlsx")["未收的文件"].max_row == 5


def test_pairs_are_merged_and_separated_and_a_second_attempt_is_refused(
    library: Library, desk: FlaskClient, tmp_path: Path
) -> None:
    first_id, second_id = twins(library, tmp_path)
    response = desk.post("/desk/same/merge", data={"kept": first_id, "gone": second_id})
    assert (response.status_code, response.location) == (303, "/desk/same")
    late = desk.post("/desk/same/merge", data={"kept": second_id, "gone": first_id})
    assert late.status_code == 409
    assert "只有两条都在公开的记录才能合并" in late.text
    assert desk.post("/desk/same/unmerge", data={"gone": second_id}).status_code == 303
    assert desk.post("/desk/same/unmerge", data={"gone": second_id}).status_code == 409
    assert desk.post("/desk/same/apart", data={"one": first_id, "other": second_id}).status_code == 303
    assert desk.post("/desk/same/apart", data={"one": first_id, "other": "0000000000000000"}).status_code == 409
    assert desk.post("/desk/same/apart").status_code == 400
    with library.database.reading() as session:
        pair = duplicates.find_pair(session, first_id, second_id)
    assert pair is not None
    assert pair.state == Decision.DISTINCT


def test_forms_of_others_are_refused(library: Library, desk: FlaskClient, tmp_path: Path) -> None:
    first_id, second_id = twins(library, tmp_path)
    form = {"kept": first_id, "gone": second_id}
    assert create_app(library).test_client().post("/desk/same/merge", data=form).status_code == 403
    for origin in ("http://example.org", "null"):
        assert desk.post("/desk/same/merge", data=form, headers={"Origin": origin}).status_code == 403
    with library.database.reading() as session:
        assert duplicates.count_open_pairs(session) == 1
    assert desk.post("/desk/same/merge", data=form, headers={"Origin": "http://localhost"}).status_code == 303


@pytest.mark.slow
def test_refusals_are_explained_in_the_language_of_the_page(
    desk: FlaskClient, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/empty.pdf").touch()
    (tmp_path / "in/list.csv").write_text("书名,ISBN\n甲书,123\n", encoding="utf-8")
    batch = ingest(library, tmp_path / "in").batch
    address = f"/desk/batches/{batch}"
    for language, reason, expected in (
        ("zh", "文件是空的：请从原处重新复制。", "10 位或 13 位的 ISBN，校验位要对"),
        ("en", "The file is empty: copy it again from where it came.", "an ISBN of 10 or 13 digits"),
    ):
        desk.set_cookie("lang", language)
        page = desk.get(address).text
        assert reason in page
        assert expected in page
        (tmp_path / "list.xlsx").write_bytes(desk.get(f"{address}.xlsx").data)
        book = openpyxl.load_workbook(tmp_path / "list.xlsx")
        assert book["未收的文件"]["C2"].value == reason
        assert expected in str(book["改好再交"]["B2"].comment.text)


def test_many_refused_rows_leave_room_for_refused_files(
    desk: FlaskClient, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/表.csv").write_text("书名,ISBN\n" + "甲书,123\n" * 3, encoding="utf-8")
    (tmp_path / "in/空.pdf").touch()
    monkeypatch.setattr("library_server.desk.batches.SHOWN", 2)
    batch = ingest(library, tmp_path / "in").batch
    page = desk.get(f"/desk/batches/{batch}").text
    assert "空.pdf" in page
    assert page.count("甲书") + page.count(">123<") == 2


@pytest.mark.slow
def test_a_merge_that_cannot_be_done_says_why_in_the_language_of_the_page(
    desk: FlaskClient, library: Library, tmp_path: Path
) -> None:
    first_id, second_id = twins(library, tmp_path)
    assert desk.post("/desk/same/merge", data={"kept": first_id, "gone": second_id}).status_code == 303
    desk.set_cookie("lang", "en")
    late = desk.post("/desk/same/merge", data={"kept": first_id, "gone": second_id})
    assert late.status_code == 409
    assert "only two published records can be merged" in late.text
