"""MARC of both families, read from what other systems write, and given back."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymarc
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymarc import Field, Indicators, Leader, Record, Subfield

from library_server.catalogue.records import revisions, source_records
from library_server.catalogue.records.revisions import Actor
from library_server.cli import main
from library_server.exchange.agents import Agent
from library_server.exchange.bibliographic import Bibliographic, HoldingStatement, Isbn, Topic, from_record
from library_server.exchange.marc import cnmarc, marc21, marc_files
from library_server.library import Library
from tests.factories.marc_records import field, iso_2709
from tests.support.libraries import ingest
from tests.support.records import load_only_record


def chinese() -> Record:
    """A CNMARC record with every field that is mapped, and two that are not."""
    record = Record(leader="00000nam0 2200000   450 ")
    record.add_field(
        Field(tag="001", data="012000123456"),
        Field(tag="005", data="20200101000000.0"),
        field("010", "  ", "a978-7-5357-6289-4", "b平装", "dCNY12.50"),
        field("100", "  ", "a20200101d2019    em y0chiy50      ea"),
        field("101", "1 ", "achi", "cjpn"),
        field("102", "  ", "aCN", "b430000"),
        field(
            "200", "1 ", "a柑橘栽培", "9gan ju zai pei", "e南方果园手册", "h第2册", "i病虫害", "f陈守田著", "g李月娥译"
        ),
        field("205", "  ", "a修订版"),
        field("210", "  ", "a长沙", "c湖南科技出版社", "d2019"),
        field("215", "  ", "a236页", "c彩图", "d21cm", "e1光盘"),
        field("225", "2 ", "a农家书屋", "v第3种"),
        field("300", "  ", "a本书获奖"),
        field("327", "1 ", "a上编；下编"),
        field("330", "  ", "a讲柑橘怎么种。"),
        field("461", " 0", "12001 ", "a果树丛谈", "v第2卷"),
        field("510", "1 ", "aOrange growing"),
        field("517", "1 ", "a橘子手册"),
        field("600", " 0", "a陈守田", "f1948-", "x生平"),
        field("601", "02", "a柑橘研究所"),
        field("601", "12", "a柑橘研讨会", "e长沙"),
        field("602", "  ", "a陈氏家族"),
        field("604", "  ", "1700 0", "a周望水", "1500 0", "a湘江船歌"),
        field("605", "  ", "a齐民要术"),
        field("606", "0 ", "a柑橘", "x栽培技术", "y湖南", "z1949-", "j手册", "2CCT"),
        field("607", "  ", "a株洲"),
        field("608", "  ", "a工具书"),
        field("610", "0 ", "a果园"),
        field("690", "  ", "aS666", "v5"),
        field("701", " 0", "a陈守田", "f1948-", "4著"),
        field("702", " 0", "a李月娥", "4译"),
        field("712", "02", "a柑橘研究所", "4编"),
        field("801", " 0", "aCN", "bHNLIB", "c20200101"),
        field("856", "4 ", "uhttp://library.example/1"),
        field("905", "  ", "a三门镇农家书屋", "b0001", "b0002", "dS666", "e12", "fS666/12", "s2"),
        field("905", "  ", "a群丰镇", "fS666/12", "s1"),
        field("999", "  ", "a本馆自用"),
        field("830", " 0", "a不在目录里的字段"),
    )
    return record


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_cnmarc_comes_in_with_all_its_fields(library: Library, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.iso").write_bytes(iso_2709(chinese(), encoding))
    report = ingest(library, tmp_path / "a.iso")
    assert (report.added, report.rejected) == (1, 0), report.rejections
    record = load_only_record(library)
    assert record.title == "柑橘栽培．第2册，病虫害：南方果园手册"
    assert record.other_titles == ("Orange growing", "橘子手册")
    assert [(creator.name, creator.role) for creator in record.credits] == [
        ("陈守田", "author"),
        ("李月娥", "translator"),
        ("柑橘研究所", "editor"),
    ]
    assert (record.publisher, record.place, record.date_written, record.clc) == (
        "湖南科技出版社",
        "长沙",
        "2019",
        "S666",
    )
    assert record.isbns == ("9787535762894",)
    assert record.language == "zh"
    assert record.series == "农家书屋 第3种"
    assert set(record.subjects) == {
        "陈守田--生平",
        "柑橘研究所",
        "柑橘研讨会",
        "陈氏家族",
        "周望水--湘江船歌",
        "齐民要术",
        "柑橘--栽培技术--湖南--1949---手册",
        "株洲",
        "工具书",
        "果园",
    }

    assert [(holding.place, holding.shelf_mark, holding.copies) for holding in record.holdings] == [
        ("三门镇农家书屋", "S666/12", 2),
        ("群丰镇", "S666/12", 1),
    ]
    with library.database.reading() as session:
        source = source_records.load_source_records(session, [record.id]).get(record.id)
    assert source is not None
    assert source.format == "cnmarc"


def exported(library: Library, form: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    result = CliRunner().invoke(main, ["export", "--format", form])
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


def field_set(record: Record, leave_out: frozenset[str]) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    return {
        (
            marc_field.tag,
            (("", marc_field.data or ""),)
            if marc_field.control_field
            else tuple((s.code, s.value) for s in marc_field.subfields),
        )
        for marc_field in record.fields
        if marc_field.tag not in leave_out
    }


@pytest.mark.slow
@pytest.mark.parametrize(("form", "tag", "code"), [("cnmarc", "010", "a"), ("marc21", "020", "a")])
def test_an_isbn_with_a_wrong_check_digit_goes_out_as_it_came(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, tag: str, code: str
) -> None:
    title = "200" if form == "cnmarc" else "245"
    record = Record(leader="00000nam0 2200000   450 " if form == "cnmarc" else "00000nam a2200000 c 4500")
    for place, name, value in ((tag, code, "9787805200012"), (title, "a", "柑橘栽培")):
        record.add_field(Field(place, Indicators(" ", " "), [Subfield(name, value)]))
    (tmp_path / "a.iso").write_bytes(iso_2709(record, "utf-8"))
    assert ingest(library, tmp_path / "a.iso").added == 1
    (back,) = pymarc.MARCReader(exported(library, form, monkeypatch), force_utf8=True)
    assert back is not None
    assert back[tag][code] == "9787805200012"


def test_what_came_in_as_cnmarc_goes_out_again(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.iso").write_bytes(iso_2709(chinese(), "gb18030"))
    ingest(library, tmp_path / "a.iso")
    (back,) = pymarc.MARCReader(exported(library, "cnmarc", monkeypatch), force_utf8=True)
    assert back is not None
    left_out = frozenset({"005", "035", "100"})  # 035 names the record that was exported
    assert field_set(back, left_out) == field_set(chinese(), left_out)
    assert replace(cnmarc.read(back), record_names={}) == cnmarc.read(chinese())
    assert len(back["100"]["a"]) == 36


@pytest.mark.parametrize(("form", "title", "tag"), [("cnmarc", "200", "606"), ("cnmarc", "200", "610"),
                                                   ("marc21", "245", "650"), ("marc21", "245", "653")])  # fmt: skip
def test_a_class_number_as_a_subject_is_the_class_and_goes_out_as_it_came(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, title: str, tag: str
) -> None:
    record = Record(leader="00000nam0 2200000   450 " if form == "cnmarc" else "00000nam a2200000 c 4500")
    record.add_field(field(title, "  ", "a渡口"), *(field(tag, "  ", f"a{term}") for term in ("渡船", "I247.5")))
    (tmp_path / "a.mrc").write_bytes(iso_2709(record, "utf-8"))
    ingest(library, tmp_path / "a.mrc")
    stored = load_only_record(library)
    assert (stored.clc, stored.subjects) == ("I247.5", ("渡船",))
    (back,) = pymarc.MARCReader(exported(library, form, monkeypatch), force_utf8=True)
    assert back is not None
    assert [marc_field["a"] for marc_field in back.get_fields(tag)] == ["渡船", "I247.5"]


@pytest.mark.slow
def test_what_was_changed_in_the_catalogue_is_written_and_all_else_stays(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial = chinese()
    serial.leader = Leader("00000nas0 2200000   450 ")
    serial["100"]["a"] = "20200101d2019    em y0chiy0120    ea"
    (tmp_path / "a.iso").write_bytes(iso_2709(serial, "gb18030"))
    ingest(library, tmp_path / "a.iso")
    with library.database.writing() as session:
        revisions.revise(session, load_only_record(library).id, {"publisher": "另一家出版社"}, Actor("馆员"))
    (back,) = pymarc.MARCReader(exported(library, "cnmarc", monkeypatch), force_utf8=True)
    assert back is not None
    changed = frozenset({"005", "035", "100", "210"})
    assert field_set(back, changed) == field_set(serial, changed)
    assert [str(marc_field) for marc_field in back.get_fields("210")] == ["=210  \\\\$a长沙$c另一家出版社$d2019"]
    assert str(back.leader)[5:9] == "nas0"
    assert back["100"]["a"] == "20200101d2019    em y0chiy50      ea"  # exports are in Unicode


def test_what_came_in_as_marc21_goes_out_again(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = Record(leader="00000cas a2200000 i 4500")
    came.add_field(
        Field(tag="001", data="ocm00012345"),
        Field(tag="008", data="200101c20199999cc mr p  o    0   a0chi d"),
        field("020", "  ", "a9787535762894", "qpbk.", "z7535762890"),
        field("040", "  ", "aDLC", "beng", "erda", "dHNLIB"),
        field("084", "  ", "aS666", "2clc"),
        field("100", "1 ", "aChen, Shoutian,", "d1948-", "eauthor.", "4aut"),
        field("245", "10", "aOrange growing :", "ba handbook /", "cChen Shoutian."),
        field("264", " 1", "aChangsha :", "bHunan Science Press,", "c2019."),
        field("264", " 4", "c©2018"),
        field("300", "  ", "a236 pages :", "bcolour illustrations ;", "c21 cm"),
        field("650", " 0", "aOranges", "xGrowth", "zChina", "zHunan.", "0(uri)http://id.example/1"),
        field("655", " 7", "aHandbooks.", "2lcgft"),
        field("700", "1 ", "iEditor:", "aLi, Yue'e,", "eeditor.", "4edt"),
        field("856", "40", "uhttp://library.example/1", "zFull text"),
    )
    (tmp_path / "a.mrc").write_bytes(iso_2709(came))
    ingest(library, tmp_path / "a.mrc")
    (back,) = pymarc.MARCReader(exported(library, "marc21", monkeypatch))
    assert back is not None
    assert [str(marc_field) for marc_field in back.fields if marc_field.tag != "035"] == [
        str(marc_field) for marc_field in came.fields
    ]
    assert str(back.leader)[5:10] == "cas a"


def test_subject_headings_have_twins_in_marc21(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.iso").write_bytes(iso_2709(chinese()))
    ingest(library, tmp_path / "a.iso")
    (back,) = pymarc.MARCReader(exported(library, "marc21", monkeypatch))
    assert back is not None
    subjects = {str(marc_field) for marc_field in back.fields if marc_field.tag.startswith("6")}
    assert subjects == {
        "=600  14$a陈守田$x生平",
        "=600  34$a陈氏家族",
        "=600  14$a周望水$t湘江船歌",
        "=610  04$a柑橘研究所",
        "=611  24$a柑橘研讨会",
        "=630  04$a齐民要术",
        "=650  04$a柑橘$x栽培技术$z湖南$y1949-$v手册",
        "=651  04$a株洲",
        "=655  \\4$a工具书",
        "=653  \\\\$a果园",
    }


@pytest.mark.parametrize("form", ["marc21", "cnmarc", "marcxml"])
def test_a_description_survives_both_families(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    (tmp_path / "a.iso").write_bytes(iso_2709(chinese()))
    ingest(library, tmp_path / "a.iso")
    before = from_record(load_only_record(library))
    suffix = ".xml" if form == "marcxml" else ".mrc"
    (tmp_path / f"out{suffix}").write_bytes(exported(library, form, monkeypatch))
    (read,) = list(marc_files.read_file(tmp_path / f"out{suffix}"))
    assert read.record is not None
    after = marc_files.describe(read.record)
    for name in (
        "title",
        "other_title",
        "part_number",
        "part_name",
        "edition",
        "place",
        "publisher",
        "date",
        "pages",
        "illustrations",
        "size",
        "accompanying",
        "series",
        "notes",
        "contents",
        "abstract",
        "whole",
        "clc",
        "original_language",
        "urls",
        "parallel_titles",
        "variant_titles",
        "control_number",
    ):
        assert getattr(after, name) == getattr(before, name), name
    assert {(agent.name, agent.role, agent.corporate) for agent in after.agents} == {
        (agent.name, agent.role, agent.corporate) for agent in before.agents
    }
    assert {(topic.term, topic.kind) for topic in after.topics} == {(topic.term, topic.kind) for topic in before.topics}
    assert [(holding.place, holding.shelf_mark, holding.copies) for holding in after.holdings] == [
        (holding.place, holding.shelf_mark, holding.copies) for holding in before.holdings
    ]
    assert [(isbn.value.replace("-", ""), isbn.binding, isbn.price) for isbn in after.isbns] == [
        (isbn.value.replace("-", ""), isbn.binding, isbn.price) for isbn in before.isbns
    ]


WORDS = st.text(alphabet="柑橘栽培湘江船歌老街口述abcXYZ019", min_size=1, max_size=8)
TYPES = ["personal", "family", "corporate", "meeting", "title", "topical", "geographic", "form"]
TOPICS = (
    st.builds(Topic, term=WORDS, type=st.just("free"))
    | st.builds(Topic, term=WORDS, type=st.sampled_from(TYPES))
    | st.builds(Topic, term=st.tuples(WORDS, WORDS).map("--".join), type=st.just("name_title"))
    | st.builds(
        Topic,
        term=st.tuples(WORDS, WORDS, WORDS).map("--".join),
        type=st.sampled_from(TYPES),
        divided=st.sampled_from(["", "xy", "zj", "jx"]),
    )
)
DESCRIPTIONS = st.builds(
    Bibliographic,
    title=WORDS,
    kind=st.just("book"),
    other_title=st.lists(WORDS, max_size=2),
    edition=WORDS,
    place=WORDS,
    publisher=WORDS,
    date=st.sampled_from(["1998", "2019"]),
    pages=WORDS,
    notes=st.lists(WORDS, max_size=2),
    abstract=WORDS,
    agents=st.lists(
        st.builds(
            Agent,
            name=WORDS,
            role=st.sampled_from(["author", "editor", "translator"]),
            relator=st.just(""),
            corporate=st.booleans(),
        ),
        max_size=3,
        unique_by=lambda agent: agent.name,
    ),
    topics=st.lists(TOPICS, max_size=4, unique_by=lambda topic: topic.term),
    isbns=st.just([Isbn("9787535762894", "平装", "CNY3.00")]),
    clc=st.just(["S666"]),
    language=st.just("chi"),
    holdings=st.lists(
        st.builds(HoldingStatement, place=WORDS, shelf_mark=WORDS, copies=st.integers(1, 99)), max_size=2
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(book=DESCRIPTIONS, family=st.sampled_from([cnmarc, marc21]))
def test_any_description_is_read_as_it_was_written(book: Bibliographic, family: Any) -> None:
    raw = family.write(book).as_marc()
    back = family.read(marc_files._parse(raw.removesuffix(b"\x1d")))
    for name in (
        "title",
        "other_title",
        "edition",
        "place",
        "publisher",
        "date",
        "pages",
        "notes",
        "abstract",
        "clc",
        "language",
        "isbns",
    ):
        assert getattr(back, name) == getattr(book, name), name
    assert sorted((a.name, a.role, a.corporate) for a in back.agents) == sorted(
        (a.name, a.role, a.corporate) for a in book.agents
    )
    assert {(a.term, a.kind) for a in back.topics} == {(a.term, a.kind) for a in book.topics}
    assert [(a.place, a.shelf_mark, a.copies) for a in back.holdings] == [
        (a.place, a.shelf_mark, a.copies) for a in book.holdings
    ]


def test_wrong_leaders_and_truncated_records(library: Library, tmp_path: Path) -> None:
    good = iso_2709(chinese())
    liar = b"00042nam a2200999   450 " + good[24:]
    other = chinese()
    other["200"].subfields[0] = Subfield("a", "另一本")
    other["001"].data = "2"
    shifted = bytearray(iso_2709(other, "gb18030"))
    shifted[27:31] = b"9999"  # a length in the directory is wrong
    untitled = chinese()
    untitled.remove_fields("200")
    pieces = [liar, bytes(shifted), iso_2709(untitled), b"\r\n", b"garbage\x1d", good[:300]]
    (tmp_path / "混.mrc").write_bytes(b"".join(pieces))
    report = ingest(library, tmp_path / "混.mrc")
    assert report.added == 2, report.rejections
    assert {row["path"].rpartition("#")[2]: row["code"] for row in report.rejections} == {
        "3": "marc_untitled",
        "4": "marc_damaged",
        "5": "marc_cut",
    }


@pytest.mark.slow
def test_the_same_export_adds_nothing_and_a_corrected_one_changes_the_record(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    path.write_bytes(iso_2709(chinese()))
    ingest(library, path)
    assert ingest(library, path).unchanged == 1
    changed = chinese()
    changed["330"].subfields[0] = Subfield("a", "改过的提要。")
    path.write_bytes(iso_2709(changed))
    report = ingest(library, path)
    assert (report.added, report.joined) == (0, 1)
    assert load_only_record(library).abstract == "改过的提要。"


def test_marcxml_with_entities_and_an_external_one(library: Library, tmp_path: Path) -> None:
    xml = io.BytesIO()
    writer = pymarc.XMLWriter(xml)
    writer.write(chinese())
    writer.close(close_fh=False)
    text = xml.getvalue().decode()
    bomb = '<!DOCTYPE c [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
    text = text.replace("<collection", bomb + "<collection", 1).replace("修订版", "修订版&b;&x;")
    (tmp_path / "a.xml").write_text(text, "utf-8")
    report = ingest(library, tmp_path / "a.xml")
    assert report.added + report.rejected == 1
    if report.added:
        edition = load_only_record(library).details.statements.edition
        assert edition.startswith("修订版")
        assert "haha" not in edition
        assert Path("/etc/hostname").read_text().strip() not in edition


@pytest.mark.parametrize("form", ["dc", "csv", "bibtex"])
def test_other_formats(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    (tmp_path / "a.mrc").write_bytes(iso_2709(chinese()))
    ingest(library, tmp_path / "a.mrc")
    text = exported(library, form, monkeypatch).decode("utf-8-sig")
    for value in ("柑橘栽培", "陈守田", "湖南科技出版社", "9787535762894".removeprefix("978")):
        assert value in text.replace("-", "")


@pytest.mark.slow
def test_csv_goes_out_and_comes_in_again(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.mrc").write_bytes(iso_2709(chinese()))
    ingest(library, tmp_path / "a.mrc")
    (tmp_path / "出.csv").write_bytes(exported(library, "csv", monkeypatch))
    report = ingest(library, tmp_path / "出.csv")
    assert (report.added, report.rejected) == (0, 0), report
    record = load_only_record(library)
    assert [(holding.place, holding.copies) for holding in record.holdings] == [("三门镇农家书屋", 2), ("群丰镇", 1)]
