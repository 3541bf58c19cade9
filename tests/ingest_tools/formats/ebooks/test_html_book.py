"""Books in HTML files: encodings, titles, chapters, pictures next to them, and pages that are no books."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from lxml import etree

from ingest_tools.description import Description
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.ebooks.html import page as html_page
from ingest_tools.formats.ebooks.html.body import plain_body
from ingest_tools.parser_worker import InputFile, describe
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.names import is_part_of
from library_server.catalogue.passages.serialization import parse_passages
from library_server.library import Library
from tests.factories.ebooks import drawn
from tests.support.libraries import ingest

BODY = "江边的芭蕉绿了，船工喊着号子上滩。" * 30
PAGE = "<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
TWO = f"<h1>故乡的路</h1><p>题记</p><h2>第一章</h2><p>{BODY}</p><h2>第二章</h2><p>船 & 号子</p>"


def describe_page(page: bytes, tmp_path: Path) -> Description:
    path = tmp_path / "书/b.html"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(page)
    assert detect_format(path) == "html"
    (tmp_path / "out").mkdir()
    return html_page.describe(path, tmp_path / "out", folder=path.parent)


def labels(description: Description, tmp_path: Path) -> list[str]:
    [text] = [derived for derived in description.derived if derived.role == "text"]
    return [passage.label for passage in parse_passages((tmp_path / "out" / text.file).read_bytes())]


@pytest.mark.parametrize("body", [TWO, f"<div><div>{TWO}</div></div>", f"<center>{TWO}"])
def test_chapters_begin_at_headings(body: str, tmp_path: Path) -> None:
    description = describe_page(PAGE.format(head="", body=body).encode(), tmp_path)
    assert labels(description, tmp_path) == ["故乡的路", "第一章", "第二章"]


@pytest.mark.parametrize(
    ("stated", "written"),
    [
        ("gb2312", "gbk"),
        ("utf-8", "utf-8"),
        ("gb2312", "utf-8"),
        ("utf-8", "gbk"),
        ("utf-8", "utf-16"),
    ],
)
def test_encodings(stated: str, written: str, tmp_path: Path) -> None:
    head = f"<meta http-equiv='Content-Type' content='text/html; charset={stated}'><title>故乡的路</title>"
    assert describe_page(PAGE.format(head=head, body=TWO).encode(written), tmp_path).title == "故乡的路"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<title>故乡的路_某某读书网</title>", {"title": "故乡的路"}),
        ("<title>文档1</title>", {"title": "故乡的路"}),
        ("<title>无标题文档</title>", {"title": "故乡的路"}),
        ("", {"title": "故乡的路"}),
        ("<title>故乡</title>", {"title": "故乡"}),
        ("<title>x</title><meta name='DC.title' content='故乡'>", {"title": "故乡"}),
        ("<meta name='author' content='鲁迅'><meta name='DC.date' content='1921'>",
         {"creators": [("鲁迅", "author")], "date": "1921"}),
        ("<meta name='description' content='一个 故事'>", {"abstract": "一个 故事", "language": "zh"}),
    ],
)  # fmt: skip
def test_metadata(head: str, expected: dict[str, object], tmp_path: Path) -> None:
    description = describe_page(PAGE.format(head=head, body=TWO).encode(), tmp_path)
    assert {name: getattr(description, name) for name in expected} == expected


def test_programs_are_left_out_and_pictures_in_the_folder_are_bound(tmp_path: Path) -> None:
    (tmp_path / "书/图 片").mkdir(parents=True)
    (tmp_path / "书/图 片/a.png").write_bytes(drawn(form="PNG"))
    (tmp_path / "secret.png").write_bytes(drawn("red", form="PNG"))
    (tmp_path / "书/link.png").symlink_to(tmp_path / "secret.png")
    references = ("图%20片/a.png", "../secret.png", "link.png", "none.png", "http://x/y.png")
    pictures = "".join(f"<img src='{reference}'>" for reference in references)
    body = f"<script>alert(1)</script>{TWO}<p onclick='x()'>{pictures}</p>"
    describe_page(PAGE.format(head="", body=body).encode(), tmp_path)
    with zipfile.ZipFile(tmp_path / "out/reading.epub") as copy:
        text = b"".join(copy.read(name) for name in copy.namelist() if name.endswith(".xhtml"))
        assert [name for name in copy.namelist() if name.startswith("pictures/")] == ["pictures/1.png"]
        assert copy.read("pictures/1.png") == drawn(form="PNG")
    assert text.count(b"<img") == 1
    assert b"alert" not in text
    assert b"onclick" not in text


@pytest.mark.parametrize(
    "body",
    ["<p>一段</p>", f"<ul><li><a href='http://x/'>{BODY}</a></li></ul>", f"<script>{BODY}</script>"],
)
def test_furniture_of_web_sites_is_refused(body: str, tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as refused:
        describe_page(PAGE.format(head="", body=body).encode(), tmp_path)
    assert refused.value.code == "web_page"


FOLDERS = [("书_files", True), ("书.files", True), ("书_文件", True), ("另_files", False), ("书", False)]


@pytest.mark.parametrize(("folder", "is_part"), FOLDERS)
def test_folders_of_saved_pages(folder: str, is_part: bool) -> None:
    assert is_part_of(folder, ["书.html"]) == is_part


@pytest.mark.slow
def test_a_saved_page_is_one_book(library: Library, tmp_path: Path) -> None:
    source = tmp_path / "网页"
    (source / "书_files").mkdir(parents=True)
    (source / "书_files/a.png").write_bytes(drawn(form="PNG"))
    (source / "书.html").write_text(PAGE.format(head="", body=f"{TWO}<img src='书_files/a.png'>"), "utf-8")
    report = ingest(library, source)
    assert (report.added, report.rejected) == (1, 0)


def test_hidden_text_of_word_is_no_text() -> None:
    root = etree.fromstring("<body>前<span style='display:none;mso-hide: all'>藏<b>起来</b></span>后</body>")
    assert plain_body(root, lambda image: None).xpath("string()") == "前后"


@pytest.mark.parametrize(
    "noise",
    [
        "<span style='display:none'>q8X</span>", "<font style='font-size:0px;color:#FFF'>q8X</font>",
        "<font class='jammer'>q8X</font>", "<i style='color:red; display: none !important'>q8X<b>kk</b></i>",
    ],
)  # fmt: skip
def test_letters_mixed_in_against_copying_are_no_text(noise: str) -> None:
    root = etree.fromstring(f"<body>渡{noise}口<span style='font-size:0.8em'>老街</span></body>")
    assert plain_body(root, lambda image: None).xpath("string()") == "渡口老街"


def test_a_part_that_a_program_shows_on_request_is_text() -> None:
    root = etree.fromstring("<body>前<div style='display:none'>展开的全文</div></body>")
    assert plain_body(root, lambda image: None).xpath("string()") == "前展开的全文"


@pytest.mark.parametrize(
    "frame",
    ["<form action='default.aspx'><div>{}</div></form>", "<textarea rows='9'>{}</textarea>", "<xmp>{}</xmp>"],
)
def test_a_text_in_a_form_is_read(frame: str, tmp_path: Path) -> None:
    description = describe_page(PAGE.format(head="<title>渡口</title>", body=frame.format(BODY)).encode(), tmp_path)
    [text] = [derived for derived in description.derived if derived.role == "text"]
    [passage] = parse_passages((tmp_path / "out" / text.file).read_bytes())
    assert passage.text == BODY


def test_a_page_under_the_name_of_a_document_may_be_short(tmp_path: Path) -> None:
    notice = PAGE.format(head="<title>通知</title>", body="<p>明天上午九点开会。</p>")
    (tmp_path / "通知.doc").write_bytes(notice.encode("gbk"))
    (tmp_path / "out").mkdir()
    source = InputFile(tmp_path / "通知.doc", tmp_path / "通知.doc")
    assert describe(source, tmp_path / "out", []).title == "通知"


def test_a_document_without_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE.format(head="<title>通知</title>", body="<p> </p>"))
    with pytest.raises(RejectedError):
        html_page.describe(tmp_path / "a.html", tmp_path, is_document=True)
