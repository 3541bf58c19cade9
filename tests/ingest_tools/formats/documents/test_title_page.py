"""Title and authors as the first page of a PDF prints them."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from ingest_tools.description import Description
from ingest_tools.parser_worker import InputFile, describe

BODY = [(11, f"第{number}行正文，讲柑橘怎样栽培，怎样施肥。") for number in range(12)]


def describe_pdf(tmp_path: Path, lines: list[tuple[int, str]], **metadata: str) -> Description:
    path = tmp_path / "文件.pdf"
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page = canvas.Canvas(str(path))
    for name, value in metadata.items():
        getattr(page, f"set{name.capitalize()}")(value)
    height = 780
    for size, words in lines:
        page.setFont("STSong-Light" if not words.isascii() else "Helvetica", size)
        page.drawString(60, height, words)
        height -= size * 2
    page.save()
    out = tmp_path / "out"
    out.mkdir()
    return describe(InputFile(path, path), out, [], covers=False)


@pytest.mark.parametrize("metadata", ["", "untitled", "Microsoft Word - 讲稿.doc", "PowerPoint 演示文稿"])
@pytest.mark.parametrize(
    ("head", "title", "authors"),
    [
        ([(26, "柑橘栽培手记"), (14, "陈守田 著")], "柑橘栽培手记", ["陈守田"]),
        ([(12, "天元农业 第三期"), (26, "柑橘栽培"), (26, "实用手册"), (13, "陈守田，李月娥")],
         "柑橘栽培实用手册", ["陈守田", "李月娥"]),
        ([(24, "论 语"), (14, "作者：孔子及弟子")], "论语", ["孔子及弟子"]),
        ([(22, "Growing Citrus in Cold Hills"), (13, "Jane Miller, Tom Reed and Ann Lee")],
         "Growing Citrus in Cold Hills", ["Jane Miller", "Tom Reed", "Ann Lee"]),
        ([(22, "Growing Citrus"), (22, "in Cold Hills")], "Growing Citrus in Cold Hills", []),
        ([(26, "柑橘栽培手记"), (14, "修订版")], "柑橘栽培手记", []),
        ([(26, "序言的写法"), (14, "陈守田 著")], "序言的写法", ["陈守田"]),
        ([(26, "柑橘栽培手记"), *BODY[:3], (14, "陈守田 著")], "柑橘栽培手记", ["陈守田"]),
        ([(26, "柑橘栽培手记"), *BODY[:4], (14, "陈守田 著")], "柑橘栽培手记", []),
    ],
)  # fmt: skip
def test_printed_title_and_authors(
    tmp_path: Path, metadata: str, head: list[tuple[int, str]], title: str, authors: list[str]
) -> None:
    description = describe_pdf(tmp_path, head + BODY, title=metadata, author="lenovo")
    assert (description.title, [name for name, _ in description.creators]) == (title, authors)


def test_a_title_may_be_the_last_line(tmp_path: Path) -> None:
    assert describe_pdf(tmp_path, [(16, "天元区农业局柑橘栽培资料"), (24, "柑橘栽培手记")]).title == "柑橘栽培手记"


@pytest.mark.parametrize(
    "head", [[], [(26, "目录")], [(26, "第一章 选地")], [(26, "2021")], [(12, "柑橘")], [(26, "——")]]
)
def test_a_page_without_a_sensible_title_gives_none(tmp_path: Path, head: list[tuple[int, str]]) -> None:
    assert describe_pdf(tmp_path, head + BODY).title is None


def test_large_type_at_the_foot_is_no_title(tmp_path: Path) -> None:
    lines = [*BODY, *BODY, *BODY[:4], (26, "湘江出版社")]
    assert describe_pdf(tmp_path, lines).title is None


def test_metadata_that_people_wrote_wins(tmp_path: Path) -> None:
    description = describe_pdf(
        tmp_path, [(26, "柑橘栽培"), (14, "李月娥 著"), *BODY], title="果园手记", author="陈守田"
    )
    assert (description.title, description.creators) == ("果园手记", [("陈守田", "author")])


def test_a_page_may_have_little_but_its_title(tmp_path: Path) -> None:
    described = describe_pdf(tmp_path, [(32, "果树修剪图解"), (18, "张三 编著")])
    assert (described.title, described.creators) == ("果树修剪图解", [("张三", "author")])


def test_an_official_document_is_called_by_what_it_is_about(tmp_path: Path) -> None:
    head = [(36, "栗雨区人民政府文件"), (14, "栗政发〔2012〕8号"), (20, "关于加强农家书屋管理工作的"), (20, "通知")]
    assert describe_pdf(tmp_path, head + BODY).title == "关于加强农家书屋管理工作的通知"


def test_a_letterhead_without_a_title_below_stays(tmp_path: Path) -> None:
    assert describe_pdf(tmp_path, [(36, "栗雨区人民政府文件"), *BODY]).title == "栗雨区人民政府文件"
