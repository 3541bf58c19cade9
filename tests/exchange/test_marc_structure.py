"""Records whose structure is not that of the standard, and values that other libraries write into their fields."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymarc import Record

from library_server.exchange.bibliographic import Bibliographic, shown_title
from library_server.exchange.marc import marc_files
from tests.factories.marc_records import field

FIELD_END, RECORD_END = b"\x1e", b"\x1d"


def build_record(
    *fields: tuple[str, bytes], leader: bytes = b"00000nam0 2200000   450 ", place: str = "{:05d}"
) -> bytes:
    """A record of these fields in ISO 2709, with any leader and any form of the places in its directory."""
    directory, body = b"", b""
    for tag, data in fields:
        length = min(len(data) + 1, 9999)
        directory += f"{tag}{length:04d}{place.format(len(body))}".encode()
        body += data + FIELD_END
    return leader + directory + FIELD_END + body + RECORD_END


def subfields(indicators: str, *parts: str) -> bytes:
    return "".join([indicators, *(f"\x1f{part}" for part in parts)]).encode()


TITLE = ("200", subfields("1 ", "a渡口的灯"))
AUTHOR = ("701", subfields(" 0", "a周立"))


def read_one(tmp_path: Path, data: bytes) -> Bibliographic:
    (tmp_path / "a.mrc").write_bytes(data)
    assert marc_files.is_marc(data)
    [result] = marc_files.read_file(tmp_path / "a.mrc")
    assert result.record is not None, result.error
    return marc_files.describe(result.record)


@pytest.mark.parametrize(
    "title",
    [
        subfields("", "a渡口的灯"), subfields("1", "a渡口的灯"), "1 渡口的灯".encode(), "渡口的灯".encode(),
        subfields("1 ", "a渡口", "的灯"), subfields("1 ", "a渡口", " 的灯"), subfields("1 ", "a渡口的灯", ""),
    ],
)  # fmt: skip
def test_signs_before_a_subfield_that_are_missing_or_too_many(title: bytes, tmp_path: Path) -> None:
    described = read_one(tmp_path, build_record(("200", title), AUTHOR))
    assert (described.title, [agent.name for agent in described.agents]) == ("渡口的灯", ["周立"])


@pytest.mark.parametrize("leader", [b"00000nam0 2200000   450 ", b"00000nam a2200000   4500"])
@pytest.mark.parametrize("spare", [b"1", b"12", b"00000"])
def test_digits_behind_the_directory_are_left_out(leader: bytes, spare: bytes, tmp_path: Path) -> None:
    damaged = build_record(TITLE, AUTHOR, leader=leader).replace(FIELD_END, spare + FIELD_END, 1)
    assert read_one(tmp_path, damaged).title == "渡口的灯"


@pytest.mark.parametrize(
    "leader",
    [b"00000nam0 22000\xef\xbf\xbd   450 ", b"00000nam0 2200000  450 ", b"00000nam0 2200000    450  "],
)
def test_a_leader_of_another_length(leader: bytes, tmp_path: Path) -> None:
    assert read_one(tmp_path, build_record(TITLE, AUTHOR, leader=leader)).title == "渡口的灯"


def test_a_directory_of_nothing_but_digits_harms_no_other_record(tmp_path: Path) -> None:
    digits = b"00000nam0 22000000   xxx" + b"0" * 900_000 + b"x" + FIELD_END + RECORD_END
    (tmp_path / "a.mrc").write_bytes(digits + build_record(TITLE, AUTHOR))
    damaged, healthy = marc_files.read_file(tmp_path / "a.mrc")
    assert damaged.error is not None
    assert damaged.error.code == "marc_damaged"
    assert healthy.record is not None


def test_a_record_of_more_than_99999_bytes_with_six_digits_for_a_place(tmp_path: Path) -> None:
    notes = [("300", subfields("  ", f"a{'附注' * 1400}"))] * 14
    data = build_record(TITLE, *notes, AUTHOR)
    assert len(data) > 99_999
    described = read_one(tmp_path, data)
    assert (described.title, [agent.name for agent in described.agents]) == ("渡口的灯", ["周立"])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_field_that_was_cut_within_a_character_costs_only_that(encoding: str, tmp_path: Path) -> None:
    abstract = "柑橘从山上运到河边，装船下洞庭湖去了".encode(encoding)[:-1]
    data = build_record(
        ("200", b"1 \x1fa" + "渡口的灯".encode(encoding)), ("330", b"  \x1fa" + abstract),
        ("701", b" 0\x1fa" + "周立".encode(encoding)),
    )  # fmt: skip
    described = read_one(tmp_path, data)
    assert (described.title, [agent.name for agent in described.agents]) == ("渡口的灯", ["周立"])
    assert described.abstract.startswith("柑橘从山上运到河边")


def test_words_that_are_not_sorted_by_in_iso_5426(tmp_path: Path) -> None:
    assert read_one(tmp_path, build_record(("200", b"1 \x1fa\x88Les \x89\xc2ecoles"))).title == "Les écoles"


@pytest.mark.parametrize(
    ("leader", "is_bibliographic"),
    [("00000nam0 2200000   450 ", True), ("00000dam0 2200000   450 ", False), ("00000nx   2200000   45  ", False),
     ("00000nz  a2200000n  4500", False), ("00000ny  a2200000n  4500", False)],
)  # fmt: skip
def test_authorities_holdings_and_deleted_records_are_no_works(leader: str, is_bibliographic: bool) -> None:
    assert marc_files.is_bibliographic(Record(leader=leader)) is is_bibliographic


def test_a_field_of_marcxml_without_a_tag_harms_no_other(tmp_path: Path) -> None:
    data = (
        '<record xmlns="http://www.loc.gov/MARC21/slim"><leader/><datafield tag="1234"><subfield code="a">x</subfield>'
        '</datafield><datafield tag="245"><subfield code="a">渡口</subfield><subfield>的灯</subfield></datafield>'
        "</record>"
    )
    assert read_one(tmp_path, data.encode()).title == "渡口的灯"


def describe(*fields: tuple[str, str, str], family: str = "200") -> Bibliographic:
    """What a record says that has these fields besides a title."""
    record = Record()
    title = [] if any(tag == family for tag, *_ in fields) else [(family, "1 ", "$a渡口的灯")]
    for tag, indicators, pairs in (*title, *fields):
        record.add_field(field(tag, indicators, *pairs.split("$")[1:]))
    return marc_files.describe(record)


@pytest.mark.parametrize(
    ("family", "pairs", "title"),
    [
        ("200", "$a渡口$h第一部$i灯$h上册$i火", "渡口．第一部，灯．上册，火"),
        ("200", "$a渡口$h第一部$h上册", "渡口．第一部．上册"),
        ("200", "$a渡口$i灯$h上册", "渡口．灯．上册"),
        ("245", "$aFerry.$nPart 2,$pThe river.$nVolume 3 /", "Ferry．Part 2，The river．Volume 3"),
    ],
)
def test_parts_of_several_levels(family: str, pairs: str, title: str) -> None:
    assert shown_title(describe((family, "1 ", pairs), family=family)) == title


@pytest.mark.parametrize(
    ("fields", "titles"),
    [
        ([("512", "1 ", "$a甲"), ("516", "1 ", "$a乙"), ("540", "1 ", "$a丙")], ["甲", "乙", "丙"]),
        ([("200", "1 ", "$a渡口的灯"), ("200", "1 ", "$6a01$7ba$aDu kou de deng")], ["Du kou de deng"]),
    ],
)  # fmt: skip
def test_variant_titles_of_cnmarc(fields: list[tuple[str, str, str]], titles: list[str]) -> None:
    assert describe(*fields).variant_titles == titles


def test_variant_titles_of_marc21() -> None:
    fields = [("246", "3 ", "$aA"), ("240", "10", "$aB.$lEnglish"), ("740", "0 ", "$aC"), ("130", " 0", "$aD.")]
    assert describe(*fields, family="245").variant_titles == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("field_of_imprint", "imprint"),
    [
        (("210", "  ", "$a长沙$c甲社$a上海$c乙社$d1998"), ("长沙；上海", "甲社；乙社", "1998")),
        (("210", "  ", "$a[出版地不详]$c[出版者不详]$d1998"), ("", "", "1998")),
        (("210", "  ", "$a[长沙$c甲社]$d1998"), ("长沙", "甲社", "1998")),
        (("260", "  ", "$a[S.l. :$bs.n.],$c1998"), ("", "", "1998")),
        (("264", " 1", "$a[Place not identified] :$b[publisher not identified],$c[1998]"), ("", "", "1998")),
        (("264", " 4", "$c©1998"), ("", "", "1998")),
        (("264", " 2", "$aLiyu :$bFerry Books,$c1998"), ("Liyu", "Ferry Books", "1998")),
    ],
)  # fmt: skip
def test_imprints(field_of_imprint: tuple[str, str, str], imprint: tuple[str, str, str]) -> None:
    described = describe(field_of_imprint, family="200" if field_of_imprint[0] == "210" else "245")
    assert (described.place, described.publisher, described.date) == imprint


def test_a_statement_of_publication_comes_before_one_of_copyright() -> None:
    fields = [("264", " 4", "$c©1997"), ("264", " 2", "$b丙社"), ("264", " 1", "$b甲社$c1998")]
    described = describe(*fields, family="245")
    assert (described.publisher, described.date) == ("甲社", "1998")


@pytest.mark.parametrize(
    ("fields", "isbns"),
    [
        ([("010", "  ", "$a978-7-101-00304-8 (精装) : CNY45.00")], [("978-7-101-00304-8", "精装", "CNY45.00")]),
        ([("010", "  ", "$aISBN7-02-000220-X$b平装")], [("7-02-000220-X", "平装", "")]),
        ([("010", "  ", "$a9787101003048$a9787020002207")], [("9787101003048", "", ""), ("9787020002207", "", "")]),
        ([("010", "  ", "$b平装$dCNY1.20")], [("", "平装", "CNY1.20")]),
        ([("091", "  ", "$aCN10100.123$dCNY0.50")], [("", "", "CNY0.50")]),
    ],
)
def test_isbns_and_prices(fields: list[tuple[str, str, str]], isbns: list[tuple[str, str, str]]) -> None:
    described = describe(*fields)
    assert [(isbn.value, isbn.binding, isbn.price) for isbn in described.isbns] == isbns
    assert described.notes == (["统一书号 CN10100.123"] if fields[0][0] == "091" else [])


@pytest.mark.parametrize(
    ("family", "tag", "code"), [("200", "101", "chieng"), ("245", "041", "chieng"), ("200", "101", "CHI")]
)
def test_codes_of_languages_that_stand_together(family: str, tag: str, code: str) -> None:
    assert describe((tag, "1 ", f"$a{code}"), family=family).language.lower() == "chi"


def test_a_numeral_belongs_to_a_name() -> None:
    described = describe(("100", "0 ", "$aJohn Paul$bII,$cPope,$d1920-2005."), family="245")
    assert [agent.name for agent in described.agents] == ["John Paul II"]


@pytest.mark.parametrize(
    ("family", "item"),
    [("245", ("952", "  ", "$aT$b天元$oI247/12$pT1")), ("200", ("995", "  ", "$b天元$kI247/12$fT1"))],
)
def test_items_of_koha_are_copies(family: str, item: tuple[str, str, str]) -> None:
    [holding] = describe(item, family=family).holdings
    assert (holding.place, holding.shelf_mark, holding.copies, holding.barcodes) == ("天元", "I247/12", 1, ["T1"])


@pytest.mark.parametrize(
    ("fields", "series", "whole"),
    [
        ([("410", " 0", "$12001 $a天元丛书$v8")], [["天元丛书", "8"]], []),
        ([("225", "2 ", "$a甲丛书"), ("410", " 0", "$12001 $a天元丛书$v8")], [["甲丛书", ""]], []),
        ([("462", " 0", "$12001 $a中集$v3")], [], ["中集", "3"]),
    ],
)
def test_links_to_series_and_wholes(
    fields: list[tuple[str, str, str]], series: list[list[str]], whole: list[str]
) -> None:
    described = describe(*fields)
    assert (described.series, described.whole) == (series, whole)


def test_a_record_without_its_terminator_takes_no_other_with_it(tmp_path: Path) -> None:
    first, second, third = (build_record(("200", subfields("1 ", f"a第{number}本"))) for number in "一二三")
    (tmp_path / "a.mrc").write_bytes(first[:-1] + second + third)
    results = list(marc_files.read_file(tmp_path / "a.mrc"))
    titles = [marc_files.describe(result.record).title for result in results if result.record is not None]
    assert titles == ["第一本", "第二本", "第三本"]


def test_what_stands_before_the_first_record_is_left_out(tmp_path: Path) -> None:
    data = b"Content-Type: application/marc\r\n\r\n" + build_record(TITLE)
    assert read_one(tmp_path, data).title == "渡口的灯"


def test_a_dynasty_is_no_part_of_a_name() -> None:
    described = describe(("701", " 0", "$a（清）曹雪芹$4著"), ("711", "02", "$a（香港）三联书店$4编"))
    assert [agent.name for agent in described.agents] == ["曹雪芹", "（香港）三联书店"]
