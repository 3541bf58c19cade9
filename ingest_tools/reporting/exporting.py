"""The catalogue, or a part of it, as CNMARC, MARC 21, MARCXML, Dublin Core, CSV or BibTeX, record by record.

What came in as MARC goes out with the fields that have no place in the catalogue, as they came.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from pymarc import Record, record_to_xml

from ingest_tools.exchange import cnmarc, marc21, marc_files
from ingest_tools.exchange.bibliographic import WORD_OF_ROLE, Bibliographic, from_record, series_said, shown_title
from ingest_tools.reporting.workbooks import HEADINGS
from ingest_tools.sources.rows import ACCESS_OF, KIND_OF
from library_server.catalogue.dates import read_date
from library_server.catalogue.source_records import Source
from library_server.catalogue.views import RecordView

_NAME_OF_KIND = {kind: word for word, kind in reversed(KIND_OF.items())}
_NAME_OF_ACCESS = {"public": "公开", "members": "读者证", "premises": "馆内"}
assert set(_NAME_OF_ACCESS.values()) <= set(ACCESS_OF)


@dataclass(frozen=True)
class Exported:
    """A record to be exported, its source where it came as MARC, and the titles of its collections."""

    record: RecordView
    source: Source | None = None
    collections: tuple[str, ...] = ()


def export(records: Iterable[Exported], form: str) -> Iterator[bytes]:
    """The bytes of an export. `form` is one of `FORMATS`."""
    return FORMATS[form](records)


def marc_record(one: Exported, form: str) -> Record:
    """The MARC record of one record, `form` cnmarc or marc21."""
    described = from_record(one.record)
    described.control_number = described.control_number or one.record.id
    made = cnmarc.write(described) if form == "cnmarc" else marc21.write(described)
    if one.source is not None and one.source.format == form:
        return marc_files.with_source(made, form, marc_files.from_json(one.source.body))
    return made


def _cnmarc(records: Iterable[Exported]) -> Iterator[bytes]:
    for one in records:
        raw = marc_record(one, "cnmarc").as_marc()
        yield raw[:9] + b" " + raw[10:]  # undefined in UNIMARC; field 100 says that this is Unicode


def _marc21(records: Iterable[Exported]) -> Iterator[bytes]:
    for one in records:
        yield marc_record(one, "marc21").as_marc()


def _marcxml(records: Iterable[Exported]) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
    for one in records:
        form = one.source.format if one.source else "marc21"
        yield record_to_xml(marc_record(one, form)) + b"\n"
    yield b"</collection>\n"


def _dublin_core(records: Iterable[Exported]) -> Iterator[bytes]:
    """OAI Dublin Core, one element a record (DCMI Metadata Terms; oai_dc schema 2.0)."""
    yield (b'<?xml version="1.0" encoding="UTF-8"?>\n<records xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
           b' xmlns:dc="http://purl.org/dc/elements/1.1/">\n')  # fmt: skip
    for one in records:
        lines = [f"<oai_dc:dc id={quoteattr(one.record.id)}>"]
        lines += [f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in dublin_core(one.record)]
        yield ("\n".join([*lines, "</oai_dc:dc>"]) + "\n").encode()
    yield b"</records>\n"


def dublin_core(record: RecordView) -> Iterator[tuple[str, str]]:
    """The Dublin Core elements of a record."""
    said = from_record(record)
    types = {"book": "Text", "audio": "Sound", "photo": "StillImage", "story": "Text", "person": "Text"}
    yield "title", record.title
    yield from (("title", title) for title in record.other_titles)
    for credit in record.credits:
        yield ("creator" if credit == record.credits[0] else "contributor"), credit.name
    pairs = (
        ("publisher", record.publisher), ("date", record.date_written), ("language", record.language),
        ("description", record.abstract), ("relation", record.series), ("coverage", record.place_covered),
        ("coverage", record.time_covered), ("rights", record.rights), ("format", said.pages or None),
        ("type", types.get(record.kind, "MovingImage")),
    )  # fmt: skip
    yield from ((name, value) for name, value in pairs if value)
    yield from (("subject", term) for term in (*record.subjects, *([record.clc] if record.clc else [])))
    yield from (("identifier", f"urn:isbn:{isbn}") for isbn in record.isbns)


def _csv(records: Iterable[Exported]) -> Iterator[bytes]:
    """The columns of our own empty list, so that an export can be edited and given back; a row a holding."""
    names = [name for name, _ in HEADINGS]
    yield b"\xef\xbb\xbf" + _csv_line(names)
    for one in records:
        for row in _rows(one):
            yield _csv_line([row.get(name, "") for name in names])


def _rows(one: Exported) -> Iterator[dict[str, str]]:
    said = from_record(one.record)
    row = {
        "书名": shown_title(said), "作者": _agents(said), "出版社": said.publisher, "出版日期": said.date,
        "ISBN": "；".join(isbn.value for isbn in said.isbns if isbn.value), "分类号": "；".join(said.clc),
        "主题词": "；".join(topic.term for topic in said.topics), "内容简介": said.abstract,
        "丛书名": series_said(said.series),
        "语种": said.language, "定价": next((isbn.price for isbn in said.isbns if isbn.price), ""),
        "时长": _clock(said.duration_ms), "类型": _NAME_OF_KIND[said.kind], "专题": "；".join(one.collections),
        "拍摄地点": said.place_covered, "使用范围": _NAME_OF_ACCESS[said.access], "版权": said.rights,
        "备注": "；".join(said.notes),
    }  # fmt: skip
    if not said.holdings:
        yield row
    for held in said.holdings:
        yield row | {"册数": str(held.copies), "馆藏地": held.place, "索书号": held.shelf_mark}


def _agents(said: Bibliographic) -> str:
    return "；".join(f"{agent.name} {agent.relator or WORD_OF_ROLE[agent.role]}" for agent in said.agents)


def _csv_line(values: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_plain(value) for value in values])
    return line.getvalue().encode()


def _plain(value: str) -> str:
    """What a spreadsheet program would take for a formula gets an apostrophe, which our own reading takes off."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@"} else value


def _clock(milliseconds: int | None) -> str:
    if not milliseconds:
        return ""
    seconds = milliseconds // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _bibtex(records: Iterable[Exported]) -> Iterator[bytes]:
    """BibTeX entries in UTF-8: `@book` for books, `@misc` for all else."""
    for one in records:
        record = one.record
        year = read_date(record.date_written).year if record.date_written else None
        said = {
            "title": record.title, "author": " and ".join(c.name for c in record.credits if c.role != "editor"),
            "editor": " and ".join(c.name for c in record.credits if c.role == "editor"), "publisher": record.publisher,
            "address": record.place, "year": str(year) if year else record.date_written, "series": record.series,
            "isbn": ", ".join(record.isbns), "language": record.language, "keywords": ", ".join(record.subjects),
            "abstract": record.abstract,
        }  # fmt: skip
        lines = [f"  {name} = {{{_tex(value)}}}," for name, value in said.items() if value]
        kind = "book" if record.kind == "book" else "misc"
        yield ("\n".join([f"@{kind}{{{record.id},", *lines, "}", ""]) + "\n").encode()


def _tex(text: str) -> str:
    return re.sub(r"([#$%&_{}])", r"\\\1", text.replace("\\", r"\textbackslash "))


FORMATS: dict[str, Callable[[Iterable[Exported]], Iterator[bytes]]] = {
    "cnmarc": _cnmarc,
    "marc21": _marc21,
    "marcxml": _marcxml,
    "dc": _dublin_core,
    "csv": _csv,
    "bibtex": _bibtex,
}
