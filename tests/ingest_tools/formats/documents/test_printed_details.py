"""What stands around the title on a first page: marks of notes, smaller lines, names, bodies and dates."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from ingest_tools.formats.language import detect_language
from ingest_tools.formats.pdf.printed_names import read_creators, read_date
from tests.ingest_tools.formats.documents.test_title_page import BODY, describe_pdf


@pytest.mark.parametrize("mark", ["1", "*", "2", "12"])
def test_a_raised_mark_is_no_part_of_a_title_or_name(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "注.pdf"
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page = canvas.Canvas(str(path))
    for size, words, height in ((26, "柑橘栽培手记", 780), (14, "陈守田", 730)):
        page.setFont("STSong-Light", size)
        page.drawString(60, height, words)
        page.setFont("Helvetica", size * 0.6)
        page.drawString(60 + size * len(words), height + size * 0.5, mark)
    page.setFont("STSong-Light", 11)
    for number, (_, words) in enumerate(BODY):
        page.drawString(60, 680 - number * 20, words)
    page.save()
    from ingest_tools.formats import pdf

    (tmp_path / "out").mkdir()
    description = pdf.describe(path, tmp_path / "out", covers=False)
    assert (description.title, description.creators) == ("柑橘栽培手记", [("陈守田", "author")])


def test_a_word_that_is_smaller_and_raised_is_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "name.pdf"
    page = canvas.Canvas(str(path))
    for size, words, left, height in ((26, "Growing Citrus", 60, 780), (14, "Ann", 60, 730), (9, "Leeward", 90, 736)):
        page.setFont("Helvetica", size)
        page.drawString(left, height, words)
    for number in range(8):
        page.drawString(60, 680 - number * 20, "Citrus needs sun, water and a hill that the frost leaves alone.")
    page.save()
    from ingest_tools.formats import pdf

    (tmp_path / "out").mkdir()
    assert pdf.describe(path, tmp_path / "out", covers=False).creators == [("Ann Leeward", "author")]


@pytest.mark.parametrize(
    ("head", "metadata", "title", "authors"),
    [
        ([(20, "Growing Citrus:"), (24, "a manual for hills"), (13, "Ann Lee")], {},
         "Growing Citrus: a manual for hills", ["Ann Lee"]),
        ([(24, "Growing Citrus v 1.20"), (13, "Ann Lee")], {}, "Growing Citrus", ["Ann Lee"]),
        ([(24, "CITRUS FAQ 问答集"), (13, "陈守田")], {"title": "Citrus FAQ", "author": "Chen Shoutian"},
         "Citrus FAQ 问答集", ["陈守田"]),
        ([(24, "柑橘栽培手记"), (13, "陈守田，李月娥，王小山")], {"title": "柑橘栽培手记", "author": "李月娥"},
         "柑橘栽培手记", ["陈守田", "李月娥", "王小山"]),
        ([(24, "柑橘报告"), (13, "陈守田")], {"title": "violet柑橘报告", "author": "陈守田, [5pt]chen@example.org"},
         "柑橘报告", ["陈守田"]),
        ([(24, "LATEX 与 XƎTEX 入门"), (13, "陈守田")], {}, "LaTeX 与 XeTeX 入门", ["陈守田"]),
        ([(24, "LATEX GLOVES"), (13, "Ann Lee")], {}, "LATEX GLOVES", ["Ann Lee"]),
        ([(24, "柑橘栽培手记")], {"title": "柑橘栽培手记", "author": "shoutian"}, "柑橘栽培手记", []),
        ([(24, "1 Growing Citrus"), (13, "Ann Lee")], {}, None, []),
        ([(24, "Example Document")], {"title": "PDF Example Document"}, "PDF Example Document", []),
        ([(24, "一份不太长的介绍"), (13, "英文作者：Tobias Reed"), (13, "Ann Lee, Jane Miller and Tom Reed")],
         {"title": "The Short Introduction"}, "一份不太长的介绍",
         ["Tobias Reed", "Ann Lee", "Jane Miller", "Tom Reed"]),
    ],
)  # fmt: skip
def test_metadata_and_print_are_put_together(
    tmp_path: Path, head: list[tuple[int, str]], metadata: dict[str, str], title: str | None, authors: list[str]
) -> None:
    description = describe_pdf(tmp_path, head + BODY, **metadata)
    assert (description.title, [name for name, _ in description.creators]) == (title, authors)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["2020 年 3 月", "Karl Reed 编写"], ["Karl Reed"]),
        (["Version 0.4 beta (89)", "陈守田 (chen@example.org)"], ["陈守田"]),
        (["湖南大学", "陈守田"], ["陈守田"]),
        (["Faculty of Agriculture", "Ann Lee"], ["Ann Lee"]),
        (["简介", "讲怎样栽培柑橘的书。"], []),
        (["老街一段"], []),
        (["脚注1", "注的话"], []),
    ],
)
def test_bodies_headings_and_dates_are_no_authors(lines: list[str], names: list[str]) -> None:
    assert [name for name, _ in read_creators(lines)] == names


@pytest.mark.parametrize(
    ("lines", "creators"),
    [
        (["Karl Reed 编写"], [("Karl Reed", "editor")]),
        (["陈守田、李月娥 主编"], [("陈守田", "editor"), ("李月娥", "editor")]),
        (["翻译：陈守田（chen@example.org） 2009 年 7 月 6 日"], [("陈守田", "translator")]),
        (["作者：Ann Lee", "译者：陈守田"], [("Ann Lee", "author"), ("陈守田", "translator")]),
        (["Ann Lee 著", "陈守田 译", "湖南大学"], [("Ann Lee", "author"), ("陈守田", "translator")]),
        (["摄影：陈守田"], [("陈守田", "photographer")]),
    ],
)
def test_printed_names_have_the_role_that_is_said(lines: list[str], creators: list[tuple[str, str]]) -> None:
    assert read_creators(lines) == creators


@pytest.mark.parametrize(
    ("line", "role"),
    [("翻译：陈守田 2009 年 7 月 6 日", "translator"), ("陈守田 主编", "editor"), ("陈守田", "author")],
)
def test_a_name_of_the_metadata_has_the_role_that_is_printed(tmp_path: Path, line: str, role: str) -> None:
    head = [(24, "柑橘栽培手册"), (12, "第二版"), *BODY[:5], (12, line)]
    description = describe_pdf(tmp_path, head + BODY, title="柑橘栽培手册节译本", author="陈守田")
    assert description.creators == [("陈守田", role)]


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("翻译：陈守田（chen@example.org） 2009 年 7 月 6 日", "2009-07-06"), ("陈守田 著 2016", "2016"),
        ("种柑橘 2016", None),
        ("2009 年 7 月 6 日", "2009-07-06"), ("2021.05.06", "2021-05-06"), ("2022/07/14 v2.5.10∗", "2022-07-14"),
        ("1.1.2 (2019/01/29)", "2019-01-29"), ("2007 年 1 月 30 日 Rev. 82", "2007-01-30"), ("2020 年 3 月", "2020-03"),
        ("2016", "2016"), ("2099-01-01", None), ("印于 2016 年春", None), ("2016 种柑橘", None),
        ("May 15, 2019", "2019-05-15"), ("15 March 2019", "2019-03-15"), ("Sept. 2019", "2019-09"),
        ("2019 年 2 月 29 日", "2019-02"), ("Maybe 2019", None),
    ],
)  # fmt: skip
def test_a_line_that_is_a_date_gives_it(line: str, date: str | None) -> None:
    assert read_date([line]) == date


CODE = r"\newcommand \zhnumber \begin{document} \setCJKmainfont xeCJK fontspec l3keys2e \ExplSyntaxOn "
CHINESE = "本宏包提供把数字排成汉字的命令，用法写在下面的例子里。"


def test_chinese_among_code_is_chinese() -> None:
    assert detect_language([(CODE * 3 + CHINESE) * 10]) == "zh"


def test_english_that_quotes_chinese_is_english() -> None:
    english = "The command that is used for this is not the one of the other package, and it was in the book. "
    assert detect_language([(english * 4 + CHINESE) * 10]) == "en"
