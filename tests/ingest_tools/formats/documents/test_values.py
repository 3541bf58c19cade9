"""Values of any format: entities that are left in them, years that nobody meant, and titles of one character."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from ingest_tools.description import Description
from ingest_tools.formats.access_levels import access_of_xml
from ingest_tools.formats.pdf import title_page
from ingest_tools.formats.placeholders import without_references
from ingest_tools.parser_worker import InputFile, describe
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.lists import cells
from ingest_tools.sources.lists.cells import InvalidCell
from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.dates import is_credible, local_day
from library_server.catalogue.normalization.text import normalize
from library_server.exchange.headings import columns_of
from tests.factories.ebooks import fictionbook

TODAY = date(2026, 6, 1)
LINES = "<p>高老太爷坐在堂屋里，等着孙子们回来。</p>" * 40


def describe_file(path: Path, *joined: Path) -> Description:
    out = path.parent / "out"
    out.mkdir()
    return describe(InputFile(path, path), out, [InputFile(sidecar, sidecar) for sidecar in joined], covers=False)


def page(path: Path, title: str, head: str = "") -> Path:
    path.write_text(
        f"<html><head><title>{title}</title>{head}</head><body><h1>第一章</h1>{LINES}</body></html>", "utf-8"
    )
    return path


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("甲 &amp; 乙", "甲 & 乙"),
        ("甲&nbsp;乙", "甲 乙"),
        ("甲&nbsp 乙", "甲  乙"),
        ("&lt;红&gt;&#23478;&#x5BB6;", "<红>家家"),
        ("&amp;amp;", "&amp;"),
        ("A &b; C", "A &b; C"),
        ("AT&T 与 R&D", "AT&T 与 R&D"),
        ("x&copyright", "x&copyright"),
        ("&#0;&#xD800;&#9999999;", "&#0;&#xD800;&#9999999;"),
        ("caf&eacute;", "café"),
    ],
)
def test_references_are_decoded_once(text: str, decoded: str) -> None:
    assert decode_references(text) == decoded


def test_all_texts_of_a_description_are_decoded() -> None:
    described = Description(
        format="epub", media_type="", kind="book", title="甲 &amp; 乙", creators=[("丙&nbsp;丁", "author")],
        subjects=["&lt;戏&gt;"], publisher="&b; 社",
    )  # fmt: skip
    decoded = without_references(described)
    assert (decoded.title, decoded.creators, decoded.subjects, decoded.publisher) == (
        "甲 & 乙", [("丙 丁", "author")], ["<戏>"], "&b; 社",
    )  # fmt: skip


def test_entities_in_files(tmp_path: Path) -> None:
    assert describe_file(page(tmp_path / "a.html", "甲 &amp;amp; 乙 &b; 丙")).title == "甲 & 乙 &b; 丙"


@pytest.mark.parametrize(
    "written",
    ["1998", "199805", "1998-05-01", "2027", "民国二十三年", "约1935年", "-0500", "公元前500年", "八十年代", "清末",
     "1984/1990"],
)  # fmt: skip
def test_dates_that_may_be_meant(written: str) -> None:
    assert is_credible(written, TODAY)


@pytest.mark.parametrize(
    "written", ["99999", "-99999", "9999", "2099", "2028-01-01", "Y99999", "Y-99999", "0000-00-00", "0", "+99999",
                "199899", "123456789"]
)  # fmt: skip
def test_dates_that_nobody_means(written: str) -> None:
    assert not is_credible(written, TODAY)


@pytest.mark.parametrize("written", ["99999", "2999", "-99999"])
def test_a_list_says_that_a_year_is_wrong(written: str) -> None:
    with pytest.raises(InvalidCell):
        cells.read_date(written)


@pytest.mark.parametrize("year", ["99999", "-99999", "2999"])
def test_a_year_that_nobody_means_is_left_out(tmp_path: Path, year: str) -> None:
    (tmp_path / "a.md").write_text(f"---\ntitle: 渡口\ndate: '{year}'\n---\n\n江边的芭蕉绿了。\n", "utf-8")
    assert describe_file(tmp_path / "a.md").date is None


@pytest.mark.parametrize("title", ["家", "無", "Ⅴ", "Q", "9", "\U00031350"])
@pytest.mark.parametrize("suffix", [".html", ".md", ".fb2", ".txt"])
def test_titles_of_one_character(tmp_path: Path, title: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".html":
        page(path, title)
    elif suffix == ".fb2":
        path.write_text(fictionbook(f"<book-title>{title}</book-title>"), "utf-8")
    else:
        head = f"---\ntitle: '{title}'\n---\n" if suffix == ".md" else f"书名：{title}\n"
        path.write_text(f"{head}\n江边的芭蕉绿了。\n", "utf-8")
    described = describe_file(path)
    assert normalize(described.title or "") == title


def test_characters_that_python_does_not_know_stay_in_names() -> None:
    assert normalize("\U00031350\U0002ebf0\u200b\ufffe家") == "\U00031350\U0002ebf0家"


@pytest.mark.parametrize(
    "row", [["文件/三国演义.epub"], ["题名/家.epub", "作者"], ["文件/a.pdf", "1998"], ["a/书名.txt", "title/b.mp3"]]
)
def test_a_row_of_files_is_no_heading(row: list[str]) -> None:
    assert columns_of(row) is None


def test_very_many_sections_are_bound_in_fewer_chapters(tmp_path: Path) -> None:
    sections = "".join(
        f"<section><title><p>{number}</p></title><p>江边{number}。</p></section>" for number in range(12_001)
    )
    path = tmp_path / "a.fb2"
    path.write_text(fictionbook(bodies=f"<body>{sections}</body>"), "utf-8")
    described = describe_file(path)
    text = gzip.decompress((tmp_path / "out" / described.derived[0].file).read_bytes()).decode()
    assert described.extent == 4001
    assert all(f"江边{number}。" in text for number in (0, 1, 2, 5000, 12_000))


@pytest.mark.parametrize("prop", ["property='og:site_name'", "name='application-name'"])
def test_the_name_of_the_site_is_no_part_of_the_title(tmp_path: Path, prop: str) -> None:
    path = page(tmp_path / "a.html", "乡土 - 某网", f"<meta {prop} content='某网'/>")
    assert describe_file(path).title == "乡土"


def test_what_pages_of_a_folder_end_in_is_their_site(tmp_path: Path) -> None:
    for number, title in enumerate(("乡土_某网", "渡口_某网", "第三章_某网", "老街 - 别处")):
        page(tmp_path / f"p{number}.html", title)
    titles = []
    for number in range(4):
        titles.append(describe_file(tmp_path / f"p{number}.html").title)
        (tmp_path / "out").rename(tmp_path / f"out{number}")
    assert titles == ["乡土", "渡口", "第三章_某网", "老街 - 别处"]


def test_a_statement_of_access_that_is_not_understood_says_where_it_stands() -> None:
    package = etree.fromstring("<package><meta property='dcterms:accessRights'>看情况吧</meta></package>")
    with pytest.raises(RejectedError) as refusal:
        access_of_xml([("OEBPS/book.opf", package)])
    assert refusal.value.detail == "OEBPS/book.opf, dcterms:accessRights: 看情况吧"


@pytest.mark.parametrize(("text", "is_alone"), [("家", True), ("Q", False), ("家春", False)])
def test_one_character_on_a_title_page_is_a_title(text: str, is_alone: bool) -> None:
    lines = [title_page._Line(text), title_page._Line("巴金 著"), title_page._Line("人民文学出版社")]
    assert title_page._is_alone(text, lines) is is_alone
    assert not title_page._is_alone(text, [*lines, title_page._Line("高老太爷坐在堂屋里。" * 20)])


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2009-12-31T16:00:00+00:00", "2010-01-01"),
        ("2012-02-28T16:00:00Z", "2012-02-29"),
        ("2011-06-30T22:00:00.000000+00:00", "2011-07-01"),
        ("2010-01-01T05:00:00+00:00", "2010-01-01"),
        ("2010-01-01T00:00:00+08:00", "2010-01-01"),
        ("2010-01-01T16:20:31+00:00", "2010-01-01"),
        ("2010-01-01T16:00:00+08:00", "2010-01-01"),
        ("9999-12-31T16:00:00Z", "9999-12-31"),
        ("2010-02-31T16:00:00Z", "2010-02-31"),
        ("1998", "1998"),
    ],
)
def test_midnight_of_another_time_zone_is_the_next_day(written: str, day: str) -> None:
    assert local_day(written) == day
