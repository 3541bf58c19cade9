"""Books in DjVu, made by DjVuLibre out of drawn pages."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.documents import djvu
from ingest_tools.passage_file import PASSAGES_FILE
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import Passage, parse_passages
from library_server.library import Library
from tests.factories.pictures import STORY, page
from tests.support.libraries import ingest, run_jobs
from tests.support.records import load_only_record

TEXTS = ["浏阳河弯过了几道弯", "", "湘江上的船工号子"]


def book(path: Path, texts: list[str], title: str = "老秤铺") -> Path:
    """Black bars on white, one page for each text, which is its text layer."""
    script = f'select\nset-meta\ntitle "{title}"\nauthor "周望水"\nyear "1959"\n.\n'
    pages = []
    for number, text in enumerate(texts, 1):
        drawn = Image.new("1", (300, 400), 1)
        ImageDraw.Draw(drawn).rectangle((30, 40 * number, 200, 40 * number + 20), fill=0)
        drawn.save(path.with_name(f"{number}.pbm"), "PPM")
        run(path, "cjb2", f"{number}.pbm", f"{number}.djvu")
        pages.append(f"{number}.djvu")
        if text:
            script += f'select {number}\nset-txt\n(page 0 0 300 400 "{text}")\n.\n'
    run(path, "djvm", "-c", path.name, *pages)
    path.with_name("script").write_text(script, "utf-8")
    run(path, "djvused", path.name, "-f", "script", "-s")
    for name in (*pages, "script", *(f"{number}.pbm" for number in range(1, len(texts) + 1))):
        path.with_name(name).unlink()
    return path


def run(path: Path, *command: str) -> None:
    subprocess.run(command, cwd=path.parent, check=True, capture_output=True)


def passages(folder: Path) -> list[Passage]:
    return list(parse_passages((folder / PASSAGES_FILE).read_bytes()))


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


@pytest.mark.slow
def test_a_book_has_pages_text_and_what_its_metadata_says(library: Library, disk: Path) -> None:
    book(disk / "book.djvu", TEXTS).rename(disk / "扫描.djvu")
    assert ingest(library, disk).rejections == []
    record = load_only_record(library)
    assert (record.title, record.creators, record.date_written) == ("老秤铺", ("周望水",), "1959")
    assert (record.extent, record.details.needs_ocr) == (3, False)
    [text] = record.assets_of("text")
    with library.store.open(text.key) as reading:
        passages_read = parse_passages(reading.read())
    assert [(passage.value, passage.text) for passage in passages_read] == [("1", TEXTS[0]), ("3", TEXTS[2])]
    [copy] = (asset for asset in record.assets_of("rendition") if asset.media_type == "application/pdf")
    with library.store.open(copy.key) as reading:
        assert len(pypdfium2.PdfDocument(reading.read())) == 3
    assert record.cover is not None


def test_a_page_that_is_cut_off_says_so_and_the_others_stay(tmp_path: Path) -> None:
    path = book(tmp_path / "book.djvu", [TEXTS[0], TEXTS[2], ""])
    path.write_bytes(path.read_bytes()[:-40])
    out = tmp_path / "out"
    out.mkdir()
    described = djvu.describe(path, out)
    assert described.extent == 3
    assert [passage.text for passage in passages(out)] == [TEXTS[0], TEXTS[2], djvu.MISSING]


def test_a_book_without_text_is_noted_for_ocr(tmp_path: Path) -> None:
    path = book(tmp_path / "book.djvu", [""], title="untitled")
    assert detect_format(path) == "djvu"
    assert djvu.describe(path, tmp_path).details.needs_ocr


@pytest.mark.parametrize("content", [b"AT&TFORM" + bytes(60), b"AT&TFORM\0\0\1\0DJVMDIRM"])
def test_a_broken_book_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.djvu").write_bytes(content)
    with pytest.raises(RejectedError) as refusal:
        djvu.describe(tmp_path / "a.djvu", tmp_path)
    assert refusal.value.code == "damaged"


def test_without_its_programs_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.djvu").write_bytes(b"AT&TFORM")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RejectedError) as refusal:
        djvu.describe(tmp_path / "a.djvu", tmp_path)
    assert (refusal.value.code, refusal.value.detail) == ("program_missing", djvu.PACKAGES)


def test_a_protected_book_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "a.djvu").write_bytes(b"SDJVFORM" + bytes(60))
    with pytest.raises(RejectedError) as refusal:
        detect_format(tmp_path / "a.djvu")
    assert refusal.value.code == "drm"


@pytest.mark.long
def test_a_scan_without_text_is_read_by_the_machine(library: Library, disk: Path) -> None:
    page([STORY[:20], STORY[20:]]).convert("1").save(disk / "1.pbm", "PPM")
    run(disk / "1.pbm", "cjb2", "-dpi", "110", "1.pbm", "扫描.djvu")
    (disk / "1.pbm").unlink()
    assert ingest(library, disk).added == 1
    run_jobs(library)
    record = load_only_record(library)
    [text] = record.assets_of("text")
    with library.store.open(text.key) as reading:
        [read] = parse_passages(reading.read())
    assert text.machine_made
    assert sum(character in read.text for character in STORY) > 0.9 * len(STORY)
    assert {asset.label for asset in record.assets_of("rendition")} == {"reading", "ocr", "first-page.webp"}
