"""Series and host items of MARC records, as they are read, shown, found and given back."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pymarc import Record

from library_server.app import create_app
from library_server.catalogue.records.source_records import Source
from library_server.exchange.bibliographic import Bibliographic
from library_server.exchange.export import Exported, marc_record
from library_server.exchange.marc import cnmarc, marc21, marc_files
from library_server.library import Library
from library_server.search import service
from library_server.search.results import SearchQuery
from tests.factories.marc_records import field, iso_2709
from tests.support.libraries import ingest
from tests.support.records import load_only_record

Fields = list[tuple[str, str, str]]


def make_record(*fields: tuple[str, str, str], family: str = "245", leader: str = "nam ") -> Record:
    """A record with a title and these fields; `leader` are its positions 5 to 8."""
    record = Record(leader=f"00000{leader} 22000000  4500")
    for tag, indicators, pairs in ((family, "1 ", "$a渡口的灯"), *fields):
        record.add_field(field(tag, indicators, *pairs.split("$")[1:]))
    return record


def describe(*fields: tuple[str, str, str], family: str = "245", leader: str = "nam ") -> Bibliographic:
    return marc_files.describe(make_record(*fields, family=family, leader=leader))


@pytest.mark.parametrize(
    ("fields", "series"),
    [
        ([("830", " 0", "$aPenguin classics ;$vno. 8.")], [["Penguin classics", "no. 8"]]),
        ([("440", " 0", "$a天元丛书.$n第二辑,$p人物 ;$v8")], [["天元丛书．第二辑．人物", "8"]]),
        ([("440", " 0", "$aJanua linguarum.$pSeries maior,$x0075-3114 ;$v100")],
         [["Janua linguarum. Series maior", "100"]]),
        ([("800", "1 ", "$a金庸,$d1924-2018.$t金庸作品集 ;$v3")], [["金庸作品集", "3"]]),
        ([("800", "1 ", "$a金庸,$d1924-2018.")], []),
        ([("810", "2 ", "$a天元区.$b文化馆.$t乡土丛书 ;$v2")], [["乡土丛书", "2"]]),
        ([("490", "1 ", "$aPenguin classics"), ("830", " 0", "$aPenguin Classics (London, England) ;$v8.")],
         [["Penguin classics", "8"]]),
        ([("490", "1 ", "$aOccasional papers ;$v8"), ("830", " 0", "$aTianyuan papers ;$v8.")],
         [["Occasional papers", "8"]]),
        ([("490", "0 ", "$a甲丛书 ;$v8"), ("830", " 0", "$a乙丛书 ;$v9")], [["甲丛书", "8"], ["乙丛书", "9"]]),
        ([("490", "1 ", "$aDepartment publication ;$v7846.$aService series ;$v128")],
         [["Department publication", "7846."], ["Service series", "128"]]),
        ([("490", "0 ", "$aPapers. Series C ;$vno. 3 =$aTravaux. Série C ;$vno 3")], [["Papers. Series C", "no. 3"]]),
        ([("490", "0 ", "$aAnnual census =$aRecensement annuel")], [["Annual census", ""]]),
    ],
)  # fmt: skip
def test_series_of_marc21(fields: Fields, series: list[list[str]]) -> None:
    assert describe(*fields).series == series


@pytest.mark.parametrize(
    ("fields", "series"),
    [
        ([("225", "2 ", "$a天元丛书"), ("410", " 0", "$12001 $a天元丛书$v8")], [["天元丛书", "8"]]),
        ([("410", " 0", "$t天元丛书$v8")], [["天元丛书", "8"]]),
        ([("410", " 0", "$1001012000123$1700 0$a周立$12001 $a天元丛书$v8")], [["天元丛书", "8"]]),
    ],
)
def test_series_of_unimarc(fields: Fields, series: list[list[str]]) -> None:
    assert describe(*fields, family="200").series == series


@pytest.mark.parametrize(
    ("fields", "leader", "whole", "is_component_part"),
    [
        ([("773", "0 ", "$t人民文学.$g1986年第1期，第3-5页")], "nam ", ["人民文学", "1986年第1期，第3-5页"], True),
        ([("773", "0 ", "$tNature.$dLondon.$gVol. 24, pt. B no. 9 (Sept. 1993), p. 235-48$x0028-0836")], "naa ",
         ["Nature", "Vol. 24, pt. B no. 9 (Sept. 1993), p. 235-48"], True),
        ([("773", "0 ", "$7p1am$aDesio, Ardito, 1897-$tGeographical features.$dMilano, 1991")], "naa ",
         ["Geographical features", "", "Desio, Ardito, 1897-"], True),
        ([("773", "0 ", "$sWorks. Selections.$q96:4<23")], "nab ", ["Works. Selections", "96:4<23"], True),
        ([("773", "0 ", "$a天元文艺$w(TYQ)12")], "naa ", ["天元文艺"], True),
        ([("773", "0 ", "$tSpringer eBooks")], "nam ", ["Springer eBooks"], False),
        ([("773", "08", "$iEnthalten in$tNature$g521(2015), 7553")], "nam ", ["Nature", "521(2015), 7553"], True),
        ([("773", "18", "$gyear:2015$gpages:436-444"), ("773", "08", "$tNature")], "naa ", ["Nature"], True),
        ([("773", "0 ", "$t甲集$gp. 3"), ("773", "0 ", "$t乙集$gp. 9")], "naa ",
         ["甲集", "p. 3", "", "乙集，p. 9"], True),
        ([("773", "0 ", "$w(TYQ)12")], "naa ", [], False),
    ],
)  # fmt: skip
def test_hosts_of_marc21(fields: Fields, leader: str, whole: list[str], *, is_component_part: bool) -> None:
    described = describe(*fields, leader=leader)
    assert (described.whole, described.is_component_part) == (whole, is_component_part)


@pytest.mark.parametrize(
    ("fields", "leader", "whole", "is_component_part"),
    [
        ([("461", " 0", "$12001 $a中国通史$v3")], "nam2", ["中国通史", "3"], False),
        ([("461", " 0", "$12001 $a中国通史$f白寿彝$v3"), ("462", " 0", "$12001 $a隋唐史$v上册")], "nam2",
         ["中国通史", "3", "白寿彝", "隋唐史，上册"], False),
        ([("461", " 0", "$1001012000123$1700 0$a白寿彝$12001 $a中国通史$h第三卷$v3")], "nam2",
         ["中国通史", "第三卷，3", "白寿彝"], False),
        ([("461", " 0", "$a白寿彝$t中国通史$v3")], "nam2", ["中国通史", "3", "白寿彝"], False),
        ([("461", " 0", "$12001 $a人民文学$v1986年第1期，第3-5页")], "nam0",
         ["人民文学", "1986年第1期，第3-5页"], True),
        ([("463", " 0", "$12001 $a乡土散文选")], "naa2", ["乡土散文选"], True),
        ([("463", " 0", "$12001 $a上册"), ("463", " 0", "$12001 $a下册")], "nam1", [], False),
    ],
)  # fmt: skip
def test_hosts_of_unimarc(fields: Fields, leader: str, whole: list[str], *, is_component_part: bool) -> None:
    described = describe(*fields, family="200", leader=leader)
    assert (described.whole, described.is_component_part) == (whole, is_component_part)


ARTICLE = make_record(
    ("490", "1 ", "$a天元丛书 ;$x1234-5679 ;$v8"), ("830", " 0", "$a天元丛书 ;$v8"),
    ("773", "0 ", "$7nnas$t人民文学.$d北京$g1986年第1期，第3-5页$x0258-8218"), leader="naa ",
)  # fmt: skip


def test_a_host_item_is_shown_and_found(library: Library, tmp_path: Path) -> None:
    volume = make_record(("461", " 0", "$12001 $a中国通史$f白寿彝$v3"), family="200", leader="nam2")
    (tmp_path / "a.mrc").write_bytes(iso_2709(ARTICLE) + iso_2709(volume))
    assert ingest(library, tmp_path / "a.mrc").added == 2
    library.indexer.rebuild()
    client = create_app(library).test_client()
    for words, label, text in (
        ("人民文学", "载于", "人民文学，1986年第1期，第3-5页"),
        ("白寿彝 通史", "所属整套", "中国通史 / 白寿彝，3"),
    ):
        [record_id] = service.search(library.index, SearchQuery(words)).ids
        page = client.get(f"/records/{record_id}").text
        shown = re.search(rf"<dt>{label}</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
        assert shown
        assert re.sub(r"<[^>]*>|^\s+|\s+$", "", shown[1]) == text


@pytest.mark.parametrize(
    ("series", "written"),
    [
        ("天元丛书 8", ["=490  1\\$a天元丛书 ;$x1234-5679 ;$v8", "=830  \\0$a天元丛书 ;$v8"]),
        ("新丛书", ["=490  0\\$a新丛书"]),
        ("", []),
    ],
)
def test_fields_of_series_and_hosts_go_out_as_they_came(
    library: Library, tmp_path: Path, series: str, written: list[str]
) -> None:
    (tmp_path / "a.mrc").write_bytes(iso_2709(ARTICLE))
    ingest(library, tmp_path / "a.mrc")
    record = load_only_record(library)
    assert record.series == "天元丛书 8"
    source = Source("marc21", ARTICLE.as_json())
    made = marc_record(Exported(replace(record, series=series), source), "marc21")
    assert [str(made_field) for made_field in made.get_fields("490", "830")] == written
    assert [*map(str, made.get_fields("773"))] == [*map(str, ARTICLE.get_fields("773"))]
    assert str(made.leader)[5:8] == "naa"


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("marc21", [("490", "0 ", "$a甲丛书 ;$v8"), ("830", " 0", "$a乙丛书 ;$v9")]),
        ("cnmarc", [("225", "2 ", "$a甲丛书"), ("410", " 0", "$12001 $a乙丛书$v8")]),
        ("cnmarc", [("410", " 0", "$12001 $a乙丛书$v8")]),
    ],
)
@pytest.mark.parametrize("left", [0, 1])
def test_a_series_that_was_deleted_does_not_come_back(form: str, fields: Fields, left: int) -> None:
    written = cnmarc if form == "cnmarc" else marc21
    source = make_record(*fields, family="200" if form == "cnmarc" else "245")
    described = written.read(source)
    edited = replace(described, series=described.series[:left])
    given_back = written.read(marc_files.with_source(written.write(edited), form, source))
    assert given_back.series == edited.series
