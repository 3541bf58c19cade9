"""Web archives (MHT) and books of pages in a ZIP (HTMLZ)."""

from __future__ import annotations

import base64
import quopri
import re
import zipfile
from collections.abc import Sequence
from email.header import Header
from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.ebooks.html import htmlz, mht
from ingest_tools.formats.ebooks.html.order import PageLinks, reading_order
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.ebooks import drawn, zipped

TEXT = "江边的芭蕉绿了，船工喊着号子上滩。" * 30
PICTURE = drawn(form="PNG")
LONG = "http://example.org/" + "a" * 50
LOCATION = "http://example.org/book/1.htm"
Part = tuple[str, str, bytes]  # content type, location, content


def page(body: str, head: str = "<title>故乡的路</title>") -> str:
    return f"<html><head>{head}</head><body>{body}</body></html>"


def archive(parts: Sequence[Part], *, start: str = "", quoted: bool = True, newline: bytes = b"\r\n") -> bytes:
    """A web archive, as browsers write it; a location that begins with `<` is an identifier."""
    lines = [
        b"From: <Saved by Windows Internet Explorer 8>", b"Subject: " + Header("故乡", "utf-8").encode().encode(),
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/related;\r\n\ttype="text/html";' + f'{start}\r\n\tboundary="==next"'.encode(),
        b"", b"This is a multi-part message in MIME format.", b"",
    ]  # fmt: skip
    for kind, location, content in parts:
        name = f"Content-ID: {location}" if location.startswith("<") else f"Content-Location: {location}"
        is_quoted = quoted and kind.startswith("text/")
        encoded = quopri.encodestring(content) if is_quoted else base64.encodebytes(content)
        encoding = b"quoted-printable" if is_quoted else b"base64"
        lines += [b"--==next", f"Content-Type: {kind}".encode(), b"Content-Transfer-Encoding: " + encoding,
                  name.encode(), b"", encoded]  # fmt: skip
    return newline.join([*lines, b"--==next--", b""])


def describe_book(path: Path, data: bytes, tmp_path: Path) -> Description:
    path.write_bytes(data)
    assert detect_format(path) == "mht"
    (tmp_path / "out").mkdir()
    return mht.describe(path, tmp_path / "out")


def labels(description: Description, tmp_path: Path) -> list[str]:
    [text] = [derived for derived in description.derived if derived.role == "text"]
    return [passage.label for passage in parse_passages((tmp_path / "out" / text.file).read_bytes())]


def bound_pictures(tmp_path: Path) -> list[bytes]:
    with zipfile.ZipFile(tmp_path / "out/reading.epub") as copy:
        return [copy.read(name) for name in copy.namelist() if name.startswith("pictures/")]


@pytest.mark.parametrize(
    ("kind", "encoding", "head"),
    [
        ('text/html;\r\n\tcharset="gb2312"', "gbk", ""),
        ('text/html; charset="gb2312"', "gbk", "<meta charset='utf-8'>"),
        ("text/html", "utf-8", "<meta charset='gb2312'>"),
        ('text/html; charset="big5"', "big5", ""),
        ('text/html; charset="unknown-8bit"', "gbk", "<meta charset='gb2312'>"),
        ('text/html; charset="utf-16"', "utf-16", ""),
        ("application/xhtml+xml", "utf-8", ""),
    ],
)
def test_encodings(kind: str, encoding: str, head: str, tmp_path: Path) -> None:
    text = page(f"<h1>故乡的路</h1><p>{TEXT}</p>", f"{head}<title>故乡的路</title>")
    if encoding == "big5":
        text = text.replace("乡", "鄉").replace("边", "邊").replace("绿", "綠").replace("号", "號").replace("滩", "灘")
    data = text.encode(encoding, "ignore")
    description = describe_book(tmp_path / "b.mht", archive([(kind, LOCATION, data)]), tmp_path)
    assert description.title in {"故乡的路", "故鄉的路"}


@pytest.mark.parametrize(
    ("location", "reference", "picture"),
    [
        (LOCATION, "a.png", "http://example.org/book/a.png"),
        (LOCATION, "../p/%E5%9B%BE.png", "http://example.org/p/图.png"),
        (LOCATION, "http://example.org/p.png?size=2", "http://example.org/p.png?size=2"),
        ("file:///C:/123/doc.htm", "doc.files/image001.png", "file:///C:/123/doc.files/image001.png"),
        ("file://C:\\123\\doc.htm", "screenshot_0001.png", "screenshot_0001.png"),
        (LOCATION, "cid:a.png@mhtml.blink", "<a.png@mhtml.blink>"),
        (LOCATION, f"{LONG}{'b' * 50}.png", f"{LONG}\r\n {'b' * 50}.png"),
    ],
)  # fmt: skip
def test_pictures_by_their_locations(location: str, reference: str, picture: str, tmp_path: Path) -> None:
    text = page(f"<p>{TEXT}</p><img src='{reference}'>").encode()
    parts = [("text/html; charset=utf-8", location, text), ("image/png", picture, PICTURE)]
    describe_book(tmp_path / "b.mhtml", archive(parts), tmp_path)
    assert bound_pictures(tmp_path) == [PICTURE]


def test_a_page_with_a_base(tmp_path: Path) -> None:
    text = page(f"<p>{TEXT}</p><img src='a.png'>", "<base href='http://example.org/other/'>").encode()
    parts = [("text/html", LOCATION, text), ("image/png", "http://example.org/other/a.png", PICTURE)]
    describe_book(tmp_path / "b.mht", archive(parts), tmp_path)
    assert bound_pictures(tmp_path) == [PICTURE]


@pytest.mark.parametrize("reference", ["http://[a", "//[", "cid:", "a\\b", "#", "javascript:x()"])
def test_references_that_mean_nothing(reference: str, tmp_path: Path) -> None:
    text = page(f"<p>{TEXT}</p><img src='{reference}'><a href='{reference}'>x</a>", f"<base href='{reference}'>")
    describe_book(tmp_path / "b.mht", archive([("text/html", "http://[x", text.encode())]), tmp_path)
    assert bound_pictures(tmp_path) == []


def test_pages_in_frames_are_chapters(tmp_path: Path) -> None:
    frames = page("<frameset><frame src='left.htm'><frame src='1.htm'></frameset>")
    listing = page("<a href='1.htm'>第一章 渡口</a><a href='2.htm'>第二章 上滩</a><a href='1.htm'>上一页</a>")
    chapters = [page(f"<p>{TEXT}</p><a href='{number % 2 + 1}.htm'>下一页</a>") for number in (1, 2)]
    pages = {"2.htm": chapters[1], "left.htm": listing, "1.htm": chapters[0], "index.htm": frames}
    parts = [("text/html", f"http://example.org/{name}", text.encode()) for name, text in pages.items()]
    parts[-1] = ("text/html", "<first@x>", parts[-1][2].replace(b"src='", b"src='http://example.org/"))
    data = archive(parts, start=' start="<first@x>";')
    description = describe_book(tmp_path / "b.mht", data, tmp_path)
    assert labels(description, tmp_path) == ["第一章 渡口", "第二章 上滩"]
    with zipfile.ZipFile(tmp_path / "out/reading.epub") as copy:
        assert b'href="chapter2.xhtml"' in copy.read("chapter1.xhtml")


def test_one_page_is_divided_by_its_headings(tmp_path: Path) -> None:
    text = page(f"<h2>第一章</h2><p>{TEXT}</p><h2>第二章</h2><p>{TEXT}</p>").encode()
    description = describe_book(tmp_path / "b.mht", archive([("text/html", LOCATION, text)], newline=b"\n"), tmp_path)
    assert (labels(description, tmp_path), description.media_type) == (["第一章", "第二章"], "multipart/related")


@pytest.mark.parametrize("name", ["b.mht", "b.txt", "b.html"])
def test_archives_are_known_by_their_headers(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(archive([("text/html", LOCATION, page(TEXT).encode())]))
    assert detect_format(path) == "mht"


def test_a_letter_is_no_web_archive(tmp_path: Path) -> None:
    path = tmp_path / "信.txt"
    path.write_bytes(
        b"From: a@example.org\nContent-Type: multipart/mixed; boundary=x\n\nContent-Type: multipart/related"
    )
    assert detect_format(path) == "text"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (archive([("image/png", LOCATION, PICTURE)]), "empty_file"),
        (archive([("text/html", LOCATION, page("<p>一段</p>").encode())]), "web_page"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n", "empty_file"),
    ],
)
def test_archives_that_are_refused(data: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as refused:
        describe_book(tmp_path / "b.mht", data, tmp_path)
    assert refused.value.code == code


def test_an_archive_that_states_no_boundary_is_divided_by_its_lines(tmp_path: Path) -> None:
    data = archive([("text/html", LOCATION, page(f"<h2>第一章</h2><p>{TEXT}</p>").encode())])
    assert b"boundary=" in data
    (tmp_path / "b.mht").write_bytes(re.sub(rb';\s*boundary="[^"]*"', b"", data))
    (tmp_path / "out").mkdir()
    assert labels(mht.describe(tmp_path / "b.mht", tmp_path / "out"), tmp_path) == ["第一章"]


def test_htmlz(tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {
        "index.html": page(f"<h2>第一章</h2><p>{TEXT}</p><img src='images/a.png'/>"), "images/a.png": PICTURE,
        "style.css": "p {}", "metadata.opf": "<package/>",
    }  # fmt: skip
    path = zipped(tmp_path / "b.htmlz", members)
    assert detect_format(path) == "htmlz"
    (tmp_path / "out").mkdir()
    description = htmlz.describe(path, tmp_path / "out")
    assert (description.title, labels(description, tmp_path)) == ("故乡的路", ["第一章"])
    assert bound_pictures(tmp_path) == [PICTURE]


def test_the_package_document_of_calibre_describes_its_pages(tmp_path: Path) -> None:
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>渡口旧事</dc:title><dc:creator>刘建国</dc:creator><dc:date>2009-12-31T16:00:00+00:00</dc:date>"
        "<dc:identifier>urn:isbn:9787101003048</dc:identifier><dc:subject>回忆</dc:subject>"
        '<meta name="calibre:series" content="老街"/><meta name="calibre:series_index" content="2.0"/></metadata>'
        '<guide><reference href="cover.jpg" type="cover" title="Cover"/></guide></package>'
    )
    members: dict[str, bytes | str] = {
        "index.html": page(f"<h2>第一章</h2><p>{TEXT}</p>"), "metadata.opf": package, "cover.jpg": drawn(),
    }  # fmt: skip
    (tmp_path / "out").mkdir()
    description = htmlz.describe(zipped(tmp_path / "b.htmlz", members), tmp_path / "out")
    assert (description.title, description.creators, description.date, description.isbn, description.subjects) == (
        "渡口旧事", [("刘建国", "author")], "2010-01-01", "9787101003048", ["回忆"],
    )  # fmt: skip
    assert (description.series, description.part_number) == ("老街", 2)
    assert "cover" in {derived.role for derived in description.derived}


@pytest.mark.parametrize(
    ("package", "title"),
    [
        ("not XML", "故乡的路"),
        ("<package><metadata><title>Unknown</title></metadata></package>", "故乡的路"),
    ],
)
def test_a_package_document_that_says_nothing_leaves_what_the_pages_say(
    package: str, title: str, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "b.htmlz", {"index.html": page(f"<p>{TEXT}</p>"), "metadata.opf": package})
    (tmp_path / "out").mkdir()
    assert htmlz.describe(path, tmp_path / "out").title == title


@pytest.mark.parametrize(
    ("links", "order"),
    [
        ({"i": ["2", "1"], "1": ["i", "2"], "2": ["i"]}, ["i", "2", "1"]),
        ({"i": ["1"], "1": ["i", "2"], "2": ["1", "3"], "3": []}, ["i", "1", "2", "3"]),
        ({"i": ["v1", "v2"], "v1": ["1", "2"], "v2": ["3"], "1": [], "2": [], "3": []},
         ["i", "v1", "1", "2", "v2", "3"]),
        ({"i": [], "10": [], "9": []}, ["i", "9", "10"]),
        ({"i": ["1", "gone"], "1": ["1"]}, ["i", "1"]),
    ],
)  # fmt: skip
def test_order_of_pages(links: dict[str, list[str]], order: list[str]) -> None:
    assert reading_order("i", {name: PageLinks(targets=tuple(targets)) for name, targets in links.items()}) == order
