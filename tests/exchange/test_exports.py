"""Exports can be opened by other programs and run nothing there."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pymarc
import pytest
import python_calamine
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from pymarc import Field, Indicators, Record, Subfield
from sqlalchemy import update

from ingest_tools.sources.lists import cells
from library_server.catalogue import models
from library_server.catalogue.batches.repository import BatchView, EntryView
from library_server.catalogue.details import RecordDetails, Statements
from library_server.catalogue.dto import CreatorName, HoldingView, RecordView
from library_server.catalogue.enums import Access, BatchState, EntryState, Kind, Status
from library_server.catalogue.normalization.text import normalize
from library_server.catalogue.records.source_records import Source
from library_server.cli import main
from library_server.exchange.bibliographic import Bibliographic, HoldingStatement
from library_server.exchange.characters import without_forbidden
from library_server.exchange.export import FORMATS, Exported, Shortened, export
from library_server.exchange.marc import cnmarc, marc21, marc_files
from library_server.exchange.marc.iso2709 import FIELD_BYTES, RECORD_BYTES, clean_record, fit_record
from library_server.exchange.marc.serializations import marc_json
from library_server.exchange.spreadsheet_cells import CELL_LIMIT, csv_text, utf16_length
from library_server.exchange.workbooks import write_refused
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.lists import read_rows

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1+1", "＠SUM(1)", "  =1", '"=1', "'=1", "“=1",
    '=HYPERLINK("http://evil","点")', "-2+3+cmd|' /C calc'!A0", "x;=1+1", "+86 731 2860",
]  # fmt: skip
PLAIN = ["-5", "+5", "-5.25", "2019-03", "1:20:30", "湘江船歌", "a=b", "'", "''x", "’tis", "_x0041_b", "_x000D_"]
HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("=+-@＝＋－＠'’\"\t\r\n \x1d\x1e\x1f\x00\ud800\ufffe\uffff_x0041")),
    max_size=40,
)


def is_run(cell: str) -> bool:
    """Whether Excel or LibreOffice would run the cell when it opens a CSV."""
    return bool(re.match(r"[\t\r=+\-@＝＋－＠]", cell)) and not re.fullmatch(r"[+-]?\d+([.,]\d+)*%?", cell)


@pytest.mark.property
@settings(deadline=None)
@given(value=HOSTILE | st.sampled_from(FORMULAS + PLAIN))
@example(value="\r")
def test_no_cell_of_a_csv_is_a_formula_and_all_come_back(value: str) -> None:
    line = io.StringIO(newline="")
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow([csv_text(value)])
    (cell,) = next(csv.reader(io.StringIO(line.getvalue(), newline="")))
    assert not is_run(cell.lstrip(" \"'“") if cell[:1] != "'" else cell)
    assert cells.cell_text(cell) == without_forbidden(value).strip()


@pytest.mark.parametrize("value", ["-5", "+5", "-5.25", "12.5%", "2019-03", "1:20:30"])
def test_numbers_and_dates_stay_what_they_are(value: str) -> None:
    assert csv_text(value) == value


def entry(row: dict[str, str] | None, path: str = "表.xlsx#清单!2", reason: str = "不行") -> EntryView:
    problems = [{"column": name, "expected": expected} for name, expected in (row or {}).items()]
    return EntryView(path, "", 0, EntryState.REJECTED, "bad_cells", reason, None, given=row, problems=problems)


def batch() -> BatchView:
    return BatchView("b1", "=cmd|'x'!A0", ("/srv",), {}, BatchState.FINISHED, datetime.now(UTC), None, {})


def refused_workbook(path: Path, entries: Sequence[EntryView]) -> openpyxl.Workbook:
    write_refused(path, batch(), entries)
    return openpyxl.load_workbook(path)


def every_cell(book: openpyxl.Workbook) -> Iterator[object]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from (cell for cell in row if cell.value is not None)


@pytest.mark.property
@settings(deadline=None)
@given(values=st.lists(HOSTILE | st.sampled_from(FORMULAS + PLAIN), min_size=1, max_size=6), heading=HOSTILE)
@example(values=FORMULAS, heading="=1+1")
@example(values=PLAIN, heading="书名")
@pytest.mark.long
def test_no_cell_of_a_workbook_is_a_formula_and_all_come_back(
    values: list[str], heading: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("表") / "改.xlsx"
    rows = [entry({"书名": "船歌", heading or "空": value}, reason=value) for value in values]
    files = [entry(None, path=value or "空", reason=value) for value in values]
    for cell in every_cell(refused_workbook(path, [*rows, *files])):
        assert cell.data_type != "f"  # type: ignore[attr-defined]
    with python_calamine.CalamineWorkbook.from_path(path) as book:
        rows_read = [row for row in book.get_sheet_by_name("改好再交").iter_rows()][1:]
    at = 1 if heading not in {"书名", "问题", "代码", "原表位置"} else None
    if at is not None:
        assert [cells.cell_text(row[at]) for row in rows_read] == [without_forbidden(value).strip() for value in values]


def test_a_cell_that_is_too_long_is_shortened_and_reported(tmp_path: Path) -> None:
    book = refused_workbook(tmp_path / "a.xlsx", [entry({"书名": "长", "内容简介": "📚" * 40_000})])
    text = book["改好再交"].cell(2, 2).value
    assert isinstance(text, str)
    assert utf16_length(text) <= CELL_LIMIT
    assert text.startswith("📚")
    assert "共 40000 字" in text
    assert any("写短了" in str(cell.value) for cell in every_cell(book))  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_refused_rows_of_a_hostile_list_come_back_as_they_were(library: Library, tmp_path: Path) -> None:
    values = [value for value in FORMULAS + PLAIN if value.strip() == value and "\r" not in value]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for at, name in enumerate(("书名", "出版社", "ISBN"), 1):
        sheet.cell(1, at, name)
    for row, value in enumerate(values, 2):
        for at, text in enumerate((f"第{row}本", f"'{value}", "错的"), 1):
            cell = sheet.cell(row, at)
            cell.value, cell.data_type = text, "s"
    book.save(tmp_path / "表.xlsx")
    before = [row.cells for row in read_rows(tmp_path / "表.xlsx")]
    report = ingest(library, tmp_path / "表.xlsx")
    assert report.rejected == len(values)
    refused = [entry(row) for row in before]
    write_refused(tmp_path / "改.xlsx", batch(), refused)
    after = [row.cells for row in read_rows(tmp_path / "改.xlsx")]
    assert [(row or {})["出版社"] for row in after] == [(row or {})["出版社"] for row in before]


def record(text: str = "题", **changes: Any) -> RecordView:
    """A record with this text in every field that can hold it."""
    values: dict[str, Any] = {
        "id": "r1", "kind": Kind.BOOK, "title": text or "题", "creators": (text,), "year": None, "abstract": text,
        "clc": "S666", "part_number": None, "duration_ms": None, "access": Access.PUBLIC, "cover": None,
        "other_titles": (text,) if text else (), "credits": (CreatorName(text, "author"), CreatorName(text, "editor")),
        "publisher": text, "place": text, "date_written": "1998", "date_edtf": "1998", "date_earliest": None,
        "language": "zh", "isbns": (), "subjects": (text,) if text else (), "series": text, "place_covered": text,
        "time_covered": text, "rights": text, "downloadable": True, "status": Status.PUBLISHED,
        "withdrawn_reason": None, "extent": None,
        "details": RecordDetails(statements=Statements(notes=(text,), contents=(text,))),
        "added": datetime.now(UTC), "assets": (), "holdings": (HoldingView(text or "处", text, 1),),
    }  # fmt: skip
    return RecordView(**(values | changes))


def exports(records: Sequence[Exported], form: str) -> tuple[bytes, list[Shortened]]:
    shortened: list[Shortened] = []
    return b"".join(export(records, form, shortened.append)), shortened


def read_back(raw: bytes) -> list[Record]:
    """Read records with pymarc, which trusts the lengths in their leaders."""
    records = list(pymarc.MARCReader(io.BytesIO(raw), to_unicode=True, force_utf8=True))
    assert None not in records
    return [record_read for record_read in records if record_read is not None]


LONG = st.integers(0, 40_000).map(lambda count: "湘江两岸的人。" * (count // 7))


@pytest.mark.property
@settings(deadline=None)
@given(text=HOSTILE | LONG, form=st.sampled_from(["cnmarc", "marc21"]))
@example(text="山" * 40_000, form="cnmarc")
@example(text="山" * 40_000, form="marc21")
@example(text="书名：", form="cnmarc")
@example(text="湘江：一条河", form="cnmarc")
@example(text="湘江：一条河：上卷", form="marc21")
@example(text="：", form="marc21")
@pytest.mark.slow
def test_any_record_can_be_read_as_iso_2709(text: str, form: str) -> None:
    raw, shortened = exports([Exported(record(text)), Exported(record("后一条"))], form)
    long, after = read_back(raw)
    assert raw.count(b"\x1d") == 2
    assert all(len(part.as_marc("utf-8")) <= FIELD_BYTES for part in long.fields)
    assert int(raw[:5]) <= RECORD_BYTES
    read = cnmarc.read if form == "cnmarc" else marc21.read
    assert read(after).title == "后一条"
    title = long.get_fields("200", "245")[0].get_subfields("a", "e" if form == "cnmarc" else "b")
    assert normalize(without_forbidden(text))[:1000] in normalize("：".join(title))
    if len(text.encode("utf-8", "ignore")) < 3000:
        assert shortened == []
    if len(text.encode("utf-8", "ignore")) > FIELD_BYTES:
        assert [shortening.record_id for shortening in shortened] == ["r1"]


@pytest.mark.parametrize(("form", "tag"), [("cnmarc", "330"), ("marc21", "520")])
def test_a_long_abstract_is_divided_and_not_cut(form: str, tag: str, tmp_path: Path) -> None:
    text = "".join(f"第{number}天，江水从南边来。" for number in range(1000))
    raw, shortened = exports([Exported(record("船歌", abstract=text))], form)
    assert shortened == []
    (record_read,) = read_back(raw)
    parts = record_read.get_fields(tag)
    assert len(parts) == -(-len(text.encode()) // 9000)
    assert "".join(part["a"] for part in parts) == text
    assert all(part["a"].endswith("。") for part in parts)
    (tmp_path / "a.iso").write_bytes(raw)
    (ours,) = marc_files.read_file(tmp_path / "a.iso")
    assert ours.record is not None
    assert marc_files.describe(ours.record).abstract.replace("\n", "") == text


@pytest.mark.parametrize("family", [cnmarc, marc21])
def test_thousands_of_barcodes_keep_their_number_of_copies(family: Any) -> None:
    barcodes = [f"T{number:09d}" for number in range(3000)]
    form = family.__name__.rpartition(".")[2]
    written = family.write(Bibliographic(title="船歌", holdings=[HoldingStatement("三门镇", "S666/1", 3000, barcodes)]))
    marc_record = fit_record(written, form)
    assert marc_record.cut == ()
    (record_read,) = read_back(marc_record.record.as_marc())
    holdings = family.read(record_read).holdings
    assert sum(holding.copies for holding in holdings) == 3000
    assert [code for holding in holdings for code in holding.barcodes] == barcodes
    assert {(holding.place, holding.shelf_mark) for holding in holdings} == {("三门镇", "S666/1")}


@pytest.mark.slow
def test_the_command_reports_what_it_shortened(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "表.csv").write_text("书名,备注\n长,没事\n短,没事\n", "utf-8")
    ingest(library, tmp_path / "表.csv")
    with library.database.writing() as session:  # earlier versions stored rows without limits
        session.execute(update(models.Record).where(models.Record.title == "长").values(title="长" * 6000))
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    for form, count in (("cnmarc", 1), ("marc21", 1), ("marcxml", 0), ("csv", 0)):
        result = CliRunner().invoke(main, ["export", "--format", form, "--output", str(tmp_path / "出")])
        assert result.exit_code == 0
        assert result.stderr.count("写短了") == count, result.stderr


def source(leader: str = "00000nam0 2200000   450 ", *fields: Field) -> Source:
    marc_record = Record(leader=leader)
    marc_record.add_field(*fields)
    return Source("cnmarc", marc_json.to_json(marc_record))


ODD = st.text(st.one_of(st.characters(), st.sampled_from("\x1d\x1e\x1f\ud800 a9")), max_size=4)
FIELDS = st.lists(
    st.builds(
        lambda tag, indicators, subfields: Field(tag=tag, indicators=Indicators(*indicators), subfields=subfields),
        tag=st.integers(10, 999).map("{:03}".format) | st.sampled_from(["A10", "9\x1e9", "山", "1000", ""]),
        indicators=st.tuples(ODD, ODD),
        subfields=st.lists(st.builds(Subfield, code=ODD, value=HOSTILE | LONG), max_size=5),
    ),
    max_size=8,
)


@pytest.mark.property
@settings(deadline=None)
@given(fields=FIELDS, leader=st.text(max_size=30))
@pytest.mark.slow
def test_any_record_of_others_can_be_read_in_every_form(fields: list[Field], leader: str) -> None:
    marc_record = Record(leader=leader.ljust(24))
    marc_record.add_field(Field(tag="001", data="一\x1d号"), *fields)
    for family in ("cnmarc", "marc21"):
        result = fit_record(marc_record, family)
        raw = result.record.as_marc()
        assert raw.count(b"\x1d") == 1
        assert len(raw) == int(raw[:5]) <= RECORD_BYTES
        (record_read,) = read_back(raw)
        assert [field_read.tag for field_read in record_read.fields] == [
            field_read.tag for field_read in result.record.fields
        ]
    xml = pymarc.record_to_xml(clean_record(marc_record), namespace=True)
    assert etree.fromstring(xml) is not None


@pytest.mark.property
@settings(deadline=None)
@given(text=HOSTILE, form=st.sampled_from(["marcxml", "dc"]))
@example(text="\x00\x0b\x1d\x1e\x1f\ud800\ufffe\uffff]]>&<", form="marcxml")
@example(text="\x00\x0b\x1d\x1e\x1f\ud800\ufffe\uffff]]>&<", form="dc")
def test_any_record_is_well_formed_xml(text: str, form: str) -> None:
    exported = Exported(record(text), source("00000nam0 2200000   450 ", Field(
        tag="950", indicators=Indicators(" ", " "), subfields=[Subfield("a", text)])))  # fmt: skip
    raw, _ = exports([exported], form)
    root = etree.fromstring(raw)
    written = "".join(str(string) for string in root.itertext())
    assert "".join(without_forbidden(text).split()) in "".join(written.split())


def entries_of(text: str) -> list[tuple[str, dict[str, str]]]:
    """The entries of a BibTeX file. Braces are counted as BibTeX counts them, whatever stands before them."""
    entries, at = [], 0
    while (start := text.find("@", at)) >= 0:
        depth, end = 1, text.index("{", start)
        while depth:
            end += 1
            depth += {"{": 1, "}": -1}.get(text[end], 0)
        body = text[start : end + 1]
        entries.append((body.split("{", 1)[0], dict(re.findall(r"(?m)^  (\w+) = (\{.*\}),$", body))))
        at = end + 1
    return entries


@pytest.mark.property
@settings(deadline=None)
@given(text=HOSTILE | st.text(st.sampled_from("{}\\@,=\n ax"), max_size=20))
@example(text="a } , note = {x\n}\n@book{evil,")
def test_no_text_breaks_out_of_its_bibtex_field(text: str) -> None:
    raw, _ = exports([Exported(record(text)), Exported(record("后一条"))], "bibtex")
    entries = entries_of(raw.decode())
    assert [kind for kind, _ in entries] == ["@book", "@book"]
    assert entries[1][1]["title"] == "{后一条}"
    assert set(entries[0][1]) <= {"title", "author", "editor", "publisher", "address", "year", "series", "language",
                                "keywords", "abstract"}  # fmt: skip


@pytest.mark.property
@settings(deadline=None)
@given(text=HOSTILE, form=st.sampled_from(sorted(FORMATS)))
def test_every_form_writes_every_text(text: str, form: str) -> None:
    raw, _ = exports([Exported(record(text), collections=(text,))], form)
    assert raw
    if form == "csv":
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
        assert len(rows) == 2
        assert not any(is_run(cell) for cell in rows[1])


@pytest.mark.long
def test_a_record_of_a_hundred_thousand_subfields_is_written_in_time() -> None:
    many = [Subfield("a", "x" * 8) for _ in range(100_000)]
    marc_record = Record(leader=" " * 24)
    marc_record.add_field(
        *(Field(tag=tag, indicators=Indicators(" ", " "), subfields=many) for tag in ("300", "606", "905"))
    )
    for family in ("cnmarc", "marc21"):
        result = fit_record(marc_record, family)
        assert len(result.record.as_marc()) <= RECORD_BYTES
        assert result.cut


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--collection", "--batch", "--record"])
def test_an_export_of_an_unknown_name_is_refused(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, option: str
) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    output = tmp_path / "e.csv"
    result = CliRunner().invoke(main, ["export", "--format", "csv", "--output", str(output), option, "nosuch"])
    assert result.exit_code == 1
    assert "nosuch" in result.output
    assert not output.exists()
