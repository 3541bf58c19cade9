"""Folders of pages in HTML: which are one book, and what becomes of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest_tools.sources.folder import walk
from library_server.catalogue.passages.serialization import parse_passages
from library_server.library import Library
from tests.factories.ebooks import drawn
from tests.support.libraries import ingest
from tests.support.records import records_by_title
from tests.support.stores import content

TEXT = "江边的芭蕉绿了，船工喊着号子上滩。" * 30
PICTURE = drawn(form="PNG")


def page(body: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def chapter(label: str, after: str = "") -> bytes:
    return page(f"<h2>{label}</h2><p>{TEXT}</p>{after}", f"<title>{label}</title>")


def contents(*names: str) -> str:
    return "".join(f"<li><a href='{name}'>{label_of(name)}</a></li>" for name in names)


def label_of(name: str) -> str:
    return f"回目 {Path(name).stem}"


INDEX = page(f"<h1>故乡的路</h1><ul>{contents('2.html', '1.html', '10.html')}</ul>", "<title>故乡的路</title>")
BOOK: dict[str, bytes] = {
    "index.html": INDEX, "1.html": chapter("一"), "2.html": chapter("二", "<img src='images/a.png'>"),
    "10.html": chapter("十"), "images/a.png": PICTURE, "style.css": b"p {}",
}  # fmt: skip


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return tmp_path / "盘"


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def parts(disk: Path) -> list[list[str]]:
    """The parts of each work, and the names of what is by itself."""
    return [
        [path.relative_to(candidate.path.parent).as_posix() for path in candidate.parts] or [candidate.path.name]
        for candidate in walk([disk])
    ]


def chapters(library: Library, title: str) -> list[str]:
    [text] = records_by_title(library)[title].assets_of("text")
    return [passage.label for passage in parse_passages(content(library.store, text.key))]


def test_a_folder_of_pages_is_one_book(disk: Path) -> None:
    put(disk / "故乡", BOOK | {"Thumbs.db": b"x"})
    assert parts(disk) == [["index.html", "1.html", "2.html", "10.html", "images/a.png", "style.css"]]
    assert [candidate.named.name for candidate in walk([disk])] == ["故乡.htmlz"]


@pytest.mark.parametrize(
    "files",
    [
        {"INDEX.HTM": page(contents("text/1.htm")), "text/1.htm": chapter("一"), "text/2.htm": chapter("二")},
        {"index.html": page("<frameset><frame src=left.html><frame src='1.html'></frameset>"),
         "left.html": page(contents("1.html", "2.html")), "1.html": chapter("一"), "2.html": chapter("二")},
        {"目录.html": page(contents("第一章.html", "第二章.html")), "第一章.html": chapter("一"),
         "第二章.html": chapter("二")},
        {"index.html": page(contents("%B5%DA%D2%BB.html")), "第一.html": chapter("一"), "第二.html": chapter("二")},
        {f"{number:03}.html": chapter(str(number)) for number in range(1, 7)},
        {f"第{number}章.htm": chapter(str(number)) for number in range(1, 7)},
    ],
)  # fmt: skip
def test_books_as_they_are_found(files: dict[str, bytes], disk: Path) -> None:
    put(disk / "故乡", files)
    assert [len(work) for work in parts(disk)] == [len(files)]


@pytest.mark.parametrize(
    "files",
    [
        {"index.html": INDEX, "1.html": chapter("一")},
        {name: data for name, data in BOOK.items() if name != "index.html"},
        BOOK | {"讲座.mp3": b"x"},
        BOOK | {"另一本/index.html": INDEX},
        BOOK | {"资料/a.pdf": b"x"},
        {"index.html": page(contents("a.html", "b.html")), **{f"{name}.html": page("<img src=1.jpg>") for name in "ab"},
         "1.jpg": PICTURE},
        {"index.html": page("没有目录"), "1.html": chapter("一"), "2.html": chapter("二")},
    ],
)  # fmt: skip
def test_what_is_no_book(files: dict[str, bytes], disk: Path) -> None:
    put(disk / "故乡", files)
    assert not any(candidate.parts and candidate.path.parent.name == "故乡" for candidate in walk([disk]))


def test_a_word_beside_the_book_is_a_file_of_its_own(disk: Path) -> None:
    put(disk / "故乡", BOOK | {"说明.txt": b"x"})
    assert parts(disk)[1:] == [["说明.txt"]]


@pytest.mark.slow
def test_its_chapters_are_in_the_order_of_the_contents(library: Library, disk: Path) -> None:
    put(disk / "故乡", BOOK | {"cover.png": PICTURE})
    report = ingest(library, disk)
    assert (report.added, report.joined, report.rejections) == (1, 6, [])
    record = records_by_title(library)["故乡的路"]
    assert (record.extent, record.details.format) == (3, "html")
    assert chapters(library, "故乡的路") == ["回目 2", "回目 1", "回目 10"]
    assert record.original is not None
    assert record.original.filename == "故乡.htmlz"
    assert record.reading_copy is not None
    stored = disk / "stored.zip"
    stored.write_bytes(content(library.store, record.original.key))
    with zipfile.ZipFile(stored) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == BOOK | {"cover.png": PICTURE}
    stored.write_bytes(content(library.store, record.reading_copy.key))
    with zipfile.ZipFile(stored) as copy:
        assert [copy.read(name) for name in copy.namelist() if name.startswith("pictures/")] == [PICTURE]
    stored.unlink()
    assert ingest(library, disk).unchanged == 7


@pytest.mark.slow
def test_a_page_that_may_not_be_opened_is_reported_by_itself(library: Library, disk: Path, tmp_path: Path) -> None:
    put(disk / "故乡", BOOK)
    (tmp_path / "secret.html").write_bytes(chapter("秘密"))
    (disk / "故乡/2.html").unlink()
    (disk / "故乡/2.html").symlink_to(tmp_path / "secret.html")
    report = ingest(library, disk)
    assert [(Path(row["path"]).name, row["code"]) for row in report.rejections] == [("2.html", "link_outside")]
    assert chapters(library, "故乡的路") == ["回目 1", "回目 10"]


@pytest.mark.slow
def test_the_first_page_may_restrict_the_book(library: Library, disk: Path) -> None:
    listing = page(f"<h1>故乡的路</h1><p>使用范围：馆内</p>{contents('2.html', '1.html', '10.html')}")
    put(disk / "故乡", BOOK | {"index.html": listing})
    ingest(library, disk)
    assert [str(record.access) for record in records_by_title(library).values()] == ["premises"]


@pytest.mark.slow
def test_a_list_that_names_a_page_keeps_the_pages_apart(library: Library, disk: Path) -> None:
    put(disk / "故乡", BOOK)
    (disk / "目录.csv").write_text("文件,题名,使用范围\n故乡/2.html,内部,馆内\n", "utf-8")
    ingest(library, disk)
    assert {title: str(record.access) for title, record in records_by_title(library).items()}["内部"] == "premises"
    assert "故乡的路" not in records_by_title(library)


EPUB = {
    "mimetype": b"application/epub+zip",
    "META-INF/container.xml": b'<container><rootfiles><rootfile full-path="OPS/book.opf" '
    b'media-type="application/oebps-package+xml"/></rootfiles></container>',
    "OPS/book.opf": '<package><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>渡口旧事</dc:title></metadata>'
    '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/>'
    "</spine></package>".encode(),
    "OPS/a.xhtml": chapter("一"),
    "OPS/images/10.png": PICTURE,
    "OPS/images/9.png": PICTURE,
}  # fmt: skip


@pytest.mark.parametrize(("folder", "name"), [("渡口.epub", "渡口.epub"), ("渡口", "渡口.epub")])
def test_an_unpacked_epub_is_one_book(disk: Path, folder: str, name: str) -> None:
    put(disk / folder, EPUB | {"OPS/.DS_Store": b"x"})
    [candidate] = walk([disk])
    assert [path.relative_to(disk / folder).as_posix() for path in candidate.parts] == [
        "mimetype", "META-INF/container.xml", "OPS/a.xhtml", "OPS/book.opf", "OPS/images/9.png", "OPS/images/10.png",
    ]  # fmt: skip
    assert candidate.named == disk / name


@pytest.mark.parametrize("missing", ["mimetype", "META-INF/container.xml"])
def test_a_folder_without_the_marks_of_an_epub_is_none(disk: Path, missing: str) -> None:
    put(disk / "渡口", {name: data for name, data in EPUB.items() if name != missing})
    assert all(len(candidate.parts) < len(EPUB) - 1 for candidate in walk([disk]))


@pytest.mark.slow
def test_an_unpacked_epub_is_packed_and_read(library: Library, disk: Path) -> None:
    put(disk / "渡口.epub", EPUB)
    assert ingest(library, disk).rejected == 0
    record = records_by_title(library)["渡口旧事"]
    assert (record.details.format, chapters(library, "渡口旧事")) == ("epub", ["一"])
    assert record.original is not None
    with zipfile.ZipFile(io.BytesIO(content(library.store, record.original.key))) as book:
        assert book.namelist()[0] == "mimetype"
    assert ingest(library, disk).unchanged == len(EPUB)
