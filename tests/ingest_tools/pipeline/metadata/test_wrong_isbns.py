"""An ISBN with a wrong check digit is no ISBN of the record: it is kept in a note."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from library_server.library import Library
from tests.factories.ebooks import drawn, fictionbook, zipped
from tests.factories.epubs import epub
from tests.factories.palm_books import mobi
from tests.support.libraries import ingest
from tests.support.records import load_records

WRONG, RIGHT = "978-7-5000-0001-4", "978-7-5000-0001-3"
TEXT = "江水从南边来，船歌向北边去。" * 30
Draw = Callable[[Path, str], None]


def draw_epub(folder: Path, isbn: str) -> None:
    pages = {"1.xhtml": f"<html><body><p>{TEXT}</p></body></html>"}
    epub(folder / "船歌.epub", "船歌", f"<dc:identifier>urn:isbn:{isbn}</dc:identifier>", pages)


def draw_unmarked_epub(folder: Path, isbn: str) -> None:
    pages = {"1.xhtml": f"<html><body><p>{TEXT}</p></body></html>"}
    epub(folder / "船歌.epub", "船歌", f"<dc:identifier>{isbn}</dc:identifier>", pages)


def draw_fictionbook(folder: Path, isbn: str) -> None:
    text = fictionbook(publish_info=f"<isbn>{isbn}</isbn>")
    (folder / "船歌.fb2").write_text(text, "utf-8")


def draw_mobi(folder: Path, isbn: str) -> None:
    body = f"<html><body><p>{TEXT}</p></body></html>".encode()
    (folder / "船歌.mobi").write_bytes(mobi(body, {104: isbn.encode()}, fields={}))


def draw_comic(folder: Path, isbn: str) -> None:
    info = f"<ComicInfo><Title>船歌</Title><GTIN>{isbn}</GTIN></ComicInfo>"
    zipped(folder / "船歌.cbz", {"1.jpg": drawn(), "ComicInfo.xml": info})


def draw_story(folder: Path, isbn: str) -> None:
    (folder / "船歌.md").write_text(f"---\n标题: 船歌\n类型: 图书\nisbn: {isbn}\n---\n{TEXT}\n", "utf-8")


@pytest.mark.parametrize("draw", [draw_epub, draw_unmarked_epub, draw_fictionbook, draw_mobi, draw_comic, draw_story])
@pytest.mark.slow
def test_it_is_noted(library: Library, tmp_path: Path, draw: Draw) -> None:
    for folder, isbn in (("甲", WRONG), ("乙", RIGHT)):
        (tmp_path / folder).mkdir()
        draw(tmp_path / folder, isbn)
    assert ingest(library, tmp_path / "甲").added == 1
    (record,) = load_records(library)
    assert record.isbns == ()
    assert record.details.statements.notes == (f"文件里写的 ISBN {WRONG} 校验位不对",)
    assert ingest(library, tmp_path / "乙").added == 1
    right = next(other for other in load_records(library) if other.id != record.id)
    assert (right.isbns, right.details.statements.notes) == (("9787500000013",), ())


def test_a_word_for_nothing_is_no_isbn(library: Library, tmp_path: Path) -> None:
    draw_story(tmp_path, "暂无")
    ingest(library, tmp_path / "船歌.md")
    (record,) = load_records(library)
    assert (record.isbns, record.details.statements.notes) == ((), ())
