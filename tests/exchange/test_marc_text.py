"""MARC records as lines of text: MARCMaker and MarcEdit, Chinese systems, Aleph; and texts that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from library_server.exchange.marc import marc_files
from library_server.exchange.marc.serializations.marc_mnemonics import read_mnemonics
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.records import load_records

MARCEDIT = r"""=LDR  00985nam a2200289 i 4500
=001  123456
=008  970403s1996\\\\cc\a\\\\\\\\\\000\0\chi\d
=020  \\$a9787020002207 :$c{dollar}25.00
=245  10$aOranges of {acute}Emile, {lcub}caf{eacute}{rcub} & &#x67D1;橘 /$cby Chen Shoutian.
=260  \\$aBeijing :$bPress,$c1996.
=700  1\$aCao, Xueqin,$eauthor.

=LDR  00985nam a2200289 i 4500
=001  123457
=245  10$aA second title that MARCMaker has
 wrapped /$cby Li.
"""
CHINESE = """LDR   00985nam0 2200289   450 
001   0100012345
010    $a7-02-000220-X$dCNY59.70
100    $a19970403d1996    em y0chiy50      ea
101 0  $achi
200 1  $a柑橘栽培$9gan ju zai pei$f陈守田著
210    $a长沙$c湖南科技出版社$d1996
330    $a本书讲柑橘怎么种，
       也讲怎么卖。
701  0 $a陈守田$4著

LDR   00985nam0 2200289   450 
001   0100012346
200 1  $a花鼓戏音乐$f李月娥编
701  0 $a李月娥$4编
"""
ALEPH = """000000001 LDR   L ^^^^^nam2^22^^^^^^^450^
000000001 FMT   L BK
000000001 001   L 000000001
000000001 100   L $$a19970403d1996^^^^em^y0chiy50^^^^^^ea
000000001 2001  L $$a柑橘栽培$$f陈守田著
000000001 210   L $$a长沙$$c湖南科技出版社$$d1996
000000002 001   L 000000002
000000002 100   L $$a19970403d1997^^^^em^y0chiy50^^^^^^ea
000000002 2001  L $$a花鼓戏音乐$$f李月娥编
"""


def read_all(path: Path, data: bytes) -> list[marc_files.MarcReadResult]:
    path.write_bytes(data)
    assert marc_files.is_marc(data[:32_768])
    return list(marc_files.read_file(path))


def titles_of(path: Path, data: bytes) -> list[str]:
    return [
        marc_files.describe(result.record).title if result.record else str(result.error and result.error.code)
        for result in read_all(path, data)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("content", [CHINESE, ALEPH])
def test_records_of_chinese_systems_are_read_in_any_encoding(
    content: str, end: str, encoding: str, tmp_path: Path
) -> None:
    data = content.replace("\n", end).encode(encoding)
    assert titles_of(tmp_path / "a.txt", data) == ["柑橘栽培", "花鼓戏音乐"]


def test_a_field_on_two_lines_is_one_field(tmp_path: Path) -> None:
    first, _ = read_all(tmp_path / "a.txt", CHINESE.encode())
    assert first.record is not None
    described = marc_files.describe(first.record)
    assert described.abstract == "本书讲柑橘怎么种，也讲怎么卖。"
    assert (described.publisher, described.date) == ("湖南科技出版社", "1996")


def test_mnemonics_and_blanks_of_marcedit_are_read(tmp_path: Path) -> None:
    first, second = read_all(tmp_path / "a.mrk", MARCEDIT.encode())
    assert first.record is not None
    assert second.record is not None
    assert first.record["245"]["a"] == "Oranges of Émile, {café} & 柑橘 /"
    assert first.record["020"]["c"] == "$25.00"
    assert first.record["008"].data == "970403s1996    cc a          000 0 chi d"
    assert tuple(first.record["700"].indicators or ()) == ("1", " ")
    assert second.record["245"]["a"] == "A second title that MARCMaker has wrapped /"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{acute}e", "é"), ("{eacute}", "é"), ("{macr}{acute}o", "ṓ"), ("T{uml}{Oslash}", "TØ\u0308"),
        ("{llig}i{rlig}a", "i\ufe20a\ufe21"), ("{mllhring}Abd", "ʻAbd"), ("{bsol}{lsqb}{rsqb}", "\\[]"),
        ("L{lstrok}{Ostrok}", "LłØ"), ("{x} {未知} {unknownname}", "{x} {未知} {unknownname}"),
        ("&#x6E;&#xD800;", "&#xD800;"),
    ],
)  # fmt: skip
def test_mnemonics(written: str, read: str) -> None:
    assert read_mnemonics(written) == (read if "#" not in written else "n&#xD800;")


@pytest.mark.parametrize("sign", ["$", "|", "‡", "ǂ", "▼", "@", "$$"])
@pytest.mark.parametrize(
    "field",
    ["200 1 {}a柑橘{}f陈守田著", "2001 {}a柑橘{}f陈守田著", "200 1  {}a柑橘{}f陈守田著", "2001  {}a 柑橘 {}f 陈守田著"],
)
def test_signs_of_subfields_and_places_of_indicators_differ(field: str, sign: str, tmp_path: Path) -> None:
    lines = ["001 0001", "010   {}a978-7-5357-6289-4".replace("{}", sign), field.replace("{}", sign)]
    [result] = read_all(tmp_path / "a.txt", "\n".join(lines).encode())
    assert result.record is not None
    assert marc_files.describe(result.record).title == "柑橘"
    assert tuple(result.record["200"].indicators or ()) == ("1", " ")
    assert result.record["200"]["f"] == "陈守田著"


def test_leaders_without_a_tag_begin_records(tmp_path: Path) -> None:
    record = "00985nam a2200289 i 4500\n001 12{0}\n245 10 $a Title {0} / $c Li.\n260    $a Beijing : $b X, $c 1999.\n"
    assert titles_of(tmp_path / "a.txt", (record.format(1) + "\n" + record.format(2)).encode()) == [
        "Title 1",
        "Title 2",
    ]


def test_a_line_that_is_no_field_refuses_its_record_alone(tmp_path: Path) -> None:
    damaged = CHINESE.replace("200 1  $a花鼓戏音乐", "200 1  花鼓戏音乐")
    first, second = read_all(tmp_path / "a.txt", damaged.encode())
    assert first.record is not None
    assert second.error is not None
    assert (second.error.code, str(second.error)) == ("marc_damaged", "200 1  花鼓戏音乐$f李月娥编")


def test_prices_and_addresses_are_no_subfields(tmp_path: Path) -> None:
    lines = "001 1\n010 $a7-02-000220-X$d$25.00\n200 1 $a柑橘\n", "001 1\n200 1 @a柑橘\n856 4 @ua@lib.cn\n"
    [price], [address] = (read_all(tmp_path / "a.txt", text.encode()) for text in lines)
    assert price.record is not None
    assert price.record["010"]["d"] == "$25.00"
    assert address.record is not None
    assert address.record["856"]["u"] == "a@lib.cn"


@pytest.mark.parametrize(
    "text",
    [
        "MARC 怎么写\n\n" + CHINESE,
        "001 第一章\n200 年前，这里是一条街。\n245 人住在这里。\n",
        "001 0001\n010   $a7-02-000220-X\n200 1 $a柑橘\n245 人。\n",
        "第一章 柑橘\n",
        "1\n00:00:01,000 --> 00:00:02,000\n你好\n",
        "=LDR  00985nam\n=001  1\n",
        "=LDR  00985nam a2200289 i 4500\n=001  1\n=500  \\\\$aNo title\n",
        "",
    ],
)
def test_texts_are_no_records(text: str) -> None:
    assert not marc_files.is_marc(text.encode())


def test_files_of_text_become_records_and_texts_stay_books(library: Library, tmp_path: Path) -> None:
    source = tmp_path / "书目"
    source.mkdir()
    (source / "导出.txt").write_text(CHINESE, "gb18030")
    (source / "a.mrk").write_text(MARCEDIT, "utf-8")
    (source / "Timestamp.MRK").write_text("1\t455.2\t[2041]\t12,N\t28.1,Lat\n", "utf-8")
    (source / "文章.txt").write_text("第一章 选地\n\n" + "柑橘要种在向阳的地方。\n" * 20, "utf-8")
    report = ingest(library, source)
    assert [(Path(row["path"]).name, row["code"]) for row in report.rejections] == [("Timestamp.MRK", "data_file")]
    assert report.added == 5
    assert {"柑橘栽培", "花鼓戏音乐", "文章"} < {record.title for record in load_records(library)}
    assert ingest(library, source).added == 0
