"""Scanned pages, drawn by the tests themselves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from ingest_tools.derive import ocr
from ingest_tools.derive.ocr_order import Line, reading_order
from ingest_tools.derive.ocr_page import FAILED_PAGE, OcrPage
from ingest_tools.formats.pictures import looks_like_document
from library_server.catalogue.details import OcrSummary
from library_server.catalogue.passages import serialization
from library_server.jobs import queue as jobs
from library_server.jobs.worker import JobAttemptFailed
from library_server.library import Library
from library_server.processes.errors import ChildCrashed, ChildTimedOut
from tests.factories.pictures import STORY, columns, page, scan
from tests.support.libraries import ingest, run_jobs
from tests.support.records import load_only_record
from tests.support.stores import content

TRADITIONAL = ["臺灣農業發展與柑橘種植歷史", "這個國家的書籍館藏", "學習雜誌與報紙"]
PROPORTION_RIGHT = 0.95


def alike(read: str, expected: str) -> float:
    """The share of characters that are right, in order."""
    import difflib

    return difflib.SequenceMatcher(None, read.replace("\n", ""), expected).ratio()


def run_all_jobs(library: Library) -> None:
    run_jobs(library)
    with library.database.reading() as session:
        assert jobs.count_unfinished(session) == 0


@pytest.mark.long
def test_a_scan_becomes_passages_and_a_pdf_that_can_be_searched(library: Library, tmp_path: Path) -> None:
    scan(tmp_path / "扫描.pdf", [page([STORY[:20], STORY[20:]]), page(TRADITIONAL), page([STORY[:16]], vertical=True)])
    assert ingest(library, tmp_path / "扫描.pdf").added == 1
    assert load_only_record(library).details.needs_ocr is True
    run_all_jobs(library)
    record = load_only_record(library)
    (text,) = record.assets_of("text")
    assert text.machine_made
    passages = serialization.parse_passages(content(library.store, text.key))
    assert [passage.value for passage in passages] == ["1", "2", "3"]
    for passage, expected in zip(passages, (STORY, "".join(TRADITIONAL), STORY[:16]), strict=True):
        assert alike(passage.text, expected) >= PROPORTION_RIGHT, passage.text
    assert record.details.ocr is not None
    assert record.details.ocr.pages == 3
    assert record.details.ocr.confidence > 0.9
    (searchable,) = (asset for asset in record.assets_of("rendition") if asset.label == "ocr")
    document = pypdfium2.PdfDocument(content(library.store, searchable.key))
    layer = document[0].get_textpage()
    assert alike(layer.get_text_range().replace("\r\n", ""), STORY) >= PROPORTION_RIGHT
    left, bottom, right, top = layer.get_charbox(0, loose=True)
    height = document[0].get_height()
    assert (left, height - top, right, height - bottom) == pytest.approx(
        (53, 53, 71, 71), abs=11
    )  # 110 dots at 150 an inch
    plain, unseen = (pypdfium2.PdfDocument(document_source)[0].render(scale=1).to_pil() for document_source in (
        tmp_path / "扫描.pdf", content(library.store, searchable.key)))  # fmt: skip
    assert plain.tobytes() == unseen.tobytes()  # the layer of text is invisible


@pytest.mark.long
def test_columns_and_vertical_lines_are_read_in_their_order(tmp_path: Path) -> None:
    left, right = ["栗雨老街口述", "秤铺渡口学堂", "天元人物故事"], ["湘江船歌词集", "柑橘栽培手记", "花鼓戏唱腔选"]
    pages = [columns(left, right), page(["歷史與傳說之書籍", "廣東農業發展報告"], vertical=True, size=44)]
    scan(tmp_path / "两栏.pdf", pages)
    pages_read = ocr.read_pages(tmp_path / "两栏.pdf", tmp_path / "kept", lambda _: None)
    assert [line.text for line in pages_read[0].lines] == [*left, *right]
    assert [line.text for line in pages_read[1].lines] == ["歷史與傳說之書籍", "廣東農業發展報告"]
    assert [page.vertical for page in pages_read] == [False, True]


@pytest.mark.long
def test_a_photo_of_a_page_is_read_and_a_photo_of_a_street_is_not(library: Library, tmp_path: Path) -> None:
    paper = page([STORY[:20]] * 12)
    assert looks_like_document(paper)
    assert not looks_like_document(Image.effect_noise((400, 300), 90).convert("RGB"))
    assert not looks_like_document(Image.linear_gradient("L").resize((400, 300)).convert("RGB"))
    paper.save(tmp_path / "族谱.jpg")
    ingest(library, tmp_path / "族谱.jpg")
    run_all_jobs(library)
    record = load_only_record(library)
    passages = serialization.parse_passages(content(library.store, record.assets_of("text")[0].key))
    assert alike(passages[0].text.split("\n")[0], STORY[:20]) >= PROPORTION_RIGHT


def test_pages_of_low_confidence_are_listed(tmp_path: Path) -> None:
    sure, unsure = (
        OcrPage(600, 800, vertical=False, lines=(Line(text * 20, confidence, 0, 0, 9, 9),))
        for text, confidence in [("好", 0.99), ("糊", 0.6)]
    )
    summary = ocr.summarize([sure, unsure, OcrPage(600, 800, vertical=False, lines=()), FAILED_PAGE])
    assert summary == OcrSummary(pages=4, confidence=0.795, unsure=(2, 4))


@pytest.mark.long
def test_reading_that_was_killed_resumes_at_the_next_page(tmp_path: Path) -> None:
    scan(tmp_path / "长.pdf", [page([f"第{number}页{STORY[:12]}"] * 14) for number in "一二三四五六"])
    progress_file = tmp_path / "kept.jsonl"
    code = (
        "import sys; from pathlib import Path; from ingest_tools.derive import ocr; "
        "ocr.read_pages(Path(sys.argv[1]), Path(sys.argv[2]), lambda _: None)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "长.pdf"), str(progress_file)])
    for _ in range(600):
        if progress_file.exists() and progress_file.read_text().count("\n") >= 2:
            break
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    before = progress_file.read_text().count("\n")
    assert 2 <= before < 6
    with progress_file.open("a") as cut:
        cut.write('{"width": 59')
    reported: list[int] = []
    pages_read = ocr.read_pages(tmp_path / "长.pdf", progress_file, reported.append)
    assert len(pages_read) == 6
    assert reported[0] == before + 1  # pages that were read are not read again
    assert [page.lines[0].text[1] for page in pages_read] == list("一二三四五六")
    assert len(progress_file.read_text().splitlines()) == 6
    assert json.loads(progress_file.read_text().splitlines()[-1])["lines"]


def test_a_page_that_kills_the_reader_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter([ChildCrashed(), ChildTimedOut(), None])

    def read_on(_source: Path, progress_file: Path, pages_read: list[OcrPage], _progress: object) -> None:
        if len(pages_read) == 1:
            ocr._save_page(progress_file, pages_read, OcrPage(600, 800, vertical=False, lines=()))
        if failure := next(failures):
            raise failure

    monkeypatch.setattr(ocr, "_read_on", read_on)
    pages_read = ocr.read_pages(tmp_path / "x", tmp_path / "kept", lambda _: None)
    assert [page.failed for page in pages_read] == [True, False]


@pytest.mark.parametrize("child", ["raw:silent", "raw:not_json", "stream:out_of_memory_at_once"])
def test_a_child_that_fails_before_any_page_ends_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, child: str
) -> None:
    """Where the engine does not run on this processor, every page used to fail in turn, without end."""
    monkeypatch.setattr(ocr, "WORKER", "tests.processes.children")
    with pytest.raises(JobAttemptFailed):
        ocr.read_pages(Path(child), tmp_path / "kept", lambda _: None)


def test_order_of_lines_of_one_row() -> None:
    lines = [Line("右", 1, 60, 10, 90, 20), Line("左", 1, 10, 11, 40, 21), Line("下", 1, 10, 40, 90, 50)]
    assert [line.text for line in reading_order(lines, 600)] == ["左", "右", "下"]
