"""The catalogue, or a part of it, as CNMARC, MARC 21, MARCXML, Dublin Core, CSV or BibTeX, record by record.

What came in as MARC goes out with the fields that have no place in the catalogue, as they came.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape

from pymarc import Record, record_to_xml

from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.normalization.dates import parse_date
from library_server.catalogue.normalization.text import normalize
from library_server.catalogue.records.source_records import Source
from library_server.exchange.access_statements import NAME_OF, own_note
from library_server.exchange.agents import role_word
from library_server.exchange.bibliographic import Bibliographic, build_holdings, format_series, from_record, shown_title
from library_server.exchange.characters import on_one_line, without_forbidden
from library_server.exchange.headings import TEMPLATE_COLUMNS
from library_server.exchange.list_values import KIND_OF
from library_server.exchange.marc import cnmarc, marc21, marc_files
from library_server.exchange.marc.iso2709 import clean_record, fit_record
from library_server.exchange.marc.serializations import marc_json
from library_server.exchange.record_names import add_file_names, add_names
from library_server.exchange.spreadsheet_cells import CELL_LIMIT, csv_text, utf16_length

_NAME_OF_KIND = {kind: word for word, kind in reversed(KIND_OF.items())}


@dataclass(frozen=True)
class Exported:
    """A record to be exported, its source where it came as MARC, and the titles of its collections.

    `version` is the number of its last revision, None where that is not exported.
    """

    record: RecordView
    source: Source | None = None
    collections: tuple[str, ...] = ()
    version: int | None = None


@dataclass(frozen=True)
class Shortened:
    """A record that the format has no room for as it is, and what was shortened: tags of fields, or columns."""

    record_id: str
    parts: tuple[str, ...]


Tell = Callable[[Shortened], object]


def export(records: Iterable[Exported], form: str, tell: Tell = lambda _: None) -> Iterator[bytes]:
    """Return the bytes of an export. `form` is one of `FORMATS`; `tell` is called for each record that is shortened."""
    return FORMATS[form](records, tell)


def marc_record(exported: Exported, form: str) -> Record:
    """Return the MARC record of one record, `form` cnmarc or marc21."""
    described = from_record(exported.record)
    described.control_number = described.control_number or exported.record.id
    made = cnmarc.write(described) if form == "cnmarc" else marc21.write(described)
    if exported.source is not None and exported.source.format == form:
        made = marc_files.with_source(made, form, marc_json.from_json(exported.source.body))
    made = add_names(made, form, exported.record.id, exported.version)
    return add_file_names(made, file_names(exported.record))


def file_names(record: RecordView) -> list[str]:
    """Return the names of the files of a record, the one that readers get first; earlier versions are left out."""
    files = [*([record.original] if record.original else []), *record.other_formats]
    return list(dict.fromkeys(name for asset in files if (name := normalize(asset.filename or ""))))


def _write_cnmarc(records: Iterable[Exported], tell: Tell) -> Iterator[bytes]:
    for record in records:
        raw = _write_iso2709(record, "cnmarc", tell)
        yield raw[:9] + b" " + raw[10:]  # undefined in UNIMARC; field 100 says that this is Unicode


def _write_marc21(records: Iterable[Exported], tell: Tell) -> Iterator[bytes]:
    for record in records:
        yield _write_iso2709(record, "marc21", tell)


def _write_iso2709(exported: Exported, form: str, tell: Tell) -> bytes:
    made = fit_record(marc_record(exported, form), form)
    if made.cut:
        tell(Shortened(exported.record.id, made.cut))
    return bytes(made.record.as_marc())


def _write_marcxml(records: Iterable[Exported], _: Tell) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
    for record in records:
        form = record.source.format if record.source else "marc21"
        yield record_to_xml(clean_record(marc_record(record, form))) + b"\n"
    yield b"</collection>\n"


def _dublin_core(records: Iterable[Exported], _: Tell) -> Iterator[bytes]:
    """OAI Dublin Core, one element a record (DCMI Metadata Terms; oai_dc schema 2.0)."""
    yield (b'<?xml version="1.0" encoding="UTF-8"?>\n<records xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
           b' xmlns:dc="http://purl.org/dc/elements/1.1/">\n')  # fmt: skip
    for record in records:
        lines = [f'<oai_dc:dc id="{escape(record.record.id)}">']
        lines += [f"<dc:{name}>{escape(without_forbidden(value), quote=False)}</dc:{name}>"
                  for name, value in dublin_core(record.record)]  # fmt: skip
        yield ("\n".join([*lines, "</oai_dc:dc>"]) + "\n").encode()
    yield b"</records>\n"


def dublin_core(record: RecordView) -> Iterator[tuple[str, str]]:
    """Yield the Dublin Core elements of a record."""
    described = from_record(record)
    types = {"book": "Text", "audio": "Sound", "photo": "StillImage", "story": "Text", "person": "Text"}
    yield "title", record.title
    yield from (("title", title) for title in record.other_titles)
    for credit in record.credits:
        yield ("creator" if credit == record.credits[0] else "contributor"), credit.name
    pairs = (
        ("publisher", record.publisher), ("date", record.date_written), ("language", record.language),
        ("description", record.abstract), ("relation", record.series),
        ("relation", "，".join(filter(None, described.whole[:2]))), ("coverage", record.place_covered),
        ("coverage", record.time_covered), ("rights", record.rights), ("format", described.pages or None),
        ("type", types.get(record.kind, "MovingImage")),
    )  # fmt: skip
    yield from ((name, value) for name, value in pairs if value)
    if record.access != Access.PUBLIC:
        yield "rights", own_note(record.access)
    yield from (("subject", term) for term in (*record.subjects, *([record.clc] if record.clc else [])))
    yield from (("identifier", f"urn:isbn:{isbn}") for isbn in record.isbns)


def _write_csv(records: Iterable[Exported], tell: Tell) -> Iterator[bytes]:
    """Yield the lines of a CSV with the columns of our template, so that it can be edited and read again; one line for
    each holding.
    """
    names = [name for name, _ in TEMPLATE_COLUMNS]
    yield b"\xef\xbb\xbf" + _csv_line(names)
    for record in records:
        for row in csv_rows(record):
            if long := tuple(name for name, value in row.items() if utf16_length(value) > CELL_LIMIT):
                tell(Shortened(record.record.id, long))
            yield _csv_line([row.get(name, "") for name in names])


def csv_rows(exported: Exported) -> Iterator[dict[str, str]]:
    """Yield the rows of a record, one for each of its holdings, by heading; empty cells may be left out."""
    described = from_record(exported.record)
    row = {
        "书名": shown_title(described), "作者": _format_agents(described),
        "出版社": described.publisher, "拍摄时间" if described.kind == Kind.PHOTO else "出版日期": described.date,
        "ISBN": "；".join(isbn.value for isbn in described.isbns if isbn.value), "分类号": "；".join(described.clc),
        "主题词": "；".join(topic.term for topic in described.topics), "内容简介": described.abstract,
        "丛书名": format_series(described.series),
        "语种": described.language, "定价": next((isbn.price for isbn in described.isbns if isbn.price), ""),
        "文件": "；".join(file_names(exported.record)), "时长": _format_clock(described.duration_ms),
        "类型": _NAME_OF_KIND[described.kind],
        "专题": "；".join(exported.collections),
        "拍摄地点": described.place_covered, "使用范围": NAME_OF[described.access], "版权": described.rights,
        "备注": "；".join(described.notes), "记录号": exported.record.id,
        "记录版本": "" if exported.version is None else str(exported.version),
    }  # fmt: skip
    held_at = build_holdings(described)
    if not held_at:
        yield row
    for holding in held_at:
        yield row | {"册数": str(holding.copies), "馆藏地": holding.place, "索书号": holding.shelf_mark or ""}


def _format_agents(described: Bibliographic) -> str:
    return "；".join(f"{agent.name} {role_word(agent, described.kind)}" for agent in described.agents)


def _csv_line(values: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow([csv_text(value) for value in values])
    return line.getvalue().encode()


def _format_clock(milliseconds: int | None) -> str:
    if not milliseconds:
        return ""
    seconds = milliseconds // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _write_bibtex(records: Iterable[Exported], _: Tell) -> Iterator[bytes]:
    """BibTeX entries in UTF-8: `@book` for books, `@misc` for all else."""
    for exported in records:
        record = exported.record
        year = parse_date(record.date_written).year if record.date_written else None
        described = {
            "title": record.title, "author": _format_names(c.name for c in record.credits if c.role != "editor"),
            "editor": _format_names(c.name for c in record.credits if c.role == "editor"),
            "publisher": record.publisher, "address": record.place,
            "year": str(year) if year else record.date_written, "series": record.series,
            "isbn": ", ".join(record.isbns), "language": record.language, "keywords": ", ".join(record.subjects),
            "abstract": record.abstract, "note": own_note(record.access) if record.access != Access.PUBLIC else "",
        }  # fmt: skip
        marked = {
            name: value if name in {"author", "editor"} else _escape_tex(value)
            for name, value in described.items()
            if value
        }
        lines = [f"  {name} = {{{value}}}," for name, value in marked.items()]
        kind = "book" if record.kind == "book" else "misc"
        yield ("\n".join([f"@{kind}{{{record.id},", *lines, "}", ""]) + "\n").encode()


def _format_names(names: Iterable[str]) -> str:
    """Return names as BibTeX divides them; one that has the word `and` in it is held together by braces."""
    marked = [_escape_tex(name) for name in names]
    return " and ".join(f"{{{name}}}" if " and " in f" {name.lower()} " else name for name in marked)


_TEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{character: f"\\{character}" for character in "#$%&_"},
}  # fmt: skip


def _escape_tex(text: str) -> str:
    """Return text in a BibTeX field. BibTeX counts braces even behind a backslash, so that they are written by name."""
    return "".join(_TEX.get(character, character) for character in on_one_line(text))


FORMATS: dict[str, Callable[[Iterable[Exported], Tell], Iterator[bytes]]] = {
    "cnmarc": _write_cnmarc,
    "marc21": _write_marc21,
    "marcxml": _write_marcxml,
    "dc": _dublin_core,
    "csv": _write_csv,
    "bibtex": _write_bibtex,
}
