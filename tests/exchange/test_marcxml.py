"""MARCXML as systems export it: other namespaces and encodings, and records that are not well-formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from library_server.exchange.marc import marc_files

_SLIM = 'xmlns="http://www.loc.gov/MARC21/slim"'


def record_of(title: str, prefix: str = "") -> str:
    start, end = (f"<{prefix}", f"</{prefix}")
    return (
        f"{start}record>{start}leader>00000nam0 2200000   450 {end}leader>"
        f'{start}datafield tag="200" ind1="1" ind2=" ">{start}subfield code="a">{title}{end}subfield>{end}datafield>'
        f"{end}record>"
    )


def read_titles(path: Path, data: bytes) -> list[str]:
    path.write_bytes(data)
    assert marc_files.is_marc(data[:32_768])
    results = list(marc_files.read_file(path))
    assert [result.number for result in results] == list(range(1, len(results) + 1))
    return [
        marc_files.describe(result.record).title
        if result.record is not None
        else str(result.error and result.error.code)
        for result in results
    ]


@pytest.mark.parametrize(
    "document",
    [
        f"<collection {_SLIM}>{record_of('柑橘')}</collection>",
        f'<marc:collection xmlns:marc="http://www.loc.gov/MARC21/slim">{record_of("柑橘", "marc:")}</marc:collection>',
        f"<collection>{record_of('柑橘')}</collection>",
        record_of("柑橘"),
        f'<collection xmlns="info:lc/xmlns/marcxchange-v1">{record_of("柑橘")}</collection>',
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header status="deleted"/></record>'
        f"<record><header/><metadata>{record_of('柑橘', 'm:')}</metadata></record></ListRecords></OAI-PMH>",
        f'<collection {_SLIM} xmlns:xsi="http://x"><!-- a --><record xsi:type="b">{record_of("柑橘")[8:]}</collection>',
    ],
)
def test_records_in_any_namespace_are_read(document: str, tmp_path: Path) -> None:
    assert read_titles(tmp_path / "a.xml", f'<?xml version="1.0"?>\n{document}'.encode()) == ["柑橘"]


@pytest.mark.parametrize("stated", ["", ' encoding="UTF-8"', ' encoding="gb2312"', ' encoding="x-unknown"'])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-8-sig"])
def test_a_wrongly_stated_encoding_garbles_nothing(encoding: str, stated: str, tmp_path: Path) -> None:
    titles = ["柑橘栽培与管理", "朱镕基与湖南的花鼓戏"]
    body = "".join(map(record_of, titles))
    document = f'<?xml version="1.0"{stated}?>\n<collection {_SLIM}>{body}</collection>'
    assert read_titles(tmp_path / "a.xml", document.encode(encoding)) == titles


@pytest.mark.parametrize(
    ("broken", "title"),
    [
        ("柑\x01橘", "柑橘"), ("A & B", "A & B"), ("R&amp;D", "R&D"), ("甲&nbsp;乙", "甲 乙"), ("&#26580;", "柔"),
        ("柑&#1;橘", "柑橘"), ("<![CDATA[A & B]]>", "A & B"), ("A &amp;amp; B", "A & B"), ("a < b", "marc_damaged"),
        ("<i>甲</i>", "甲"), ("<i>甲</b>", "marc_damaged"),
    ],
)  # fmt: skip
def test_a_record_that_is_not_well_formed_harms_no_other(broken: str, title: str, tmp_path: Path) -> None:
    document = f"<collection {_SLIM}>{record_of('前')}{record_of(broken)}{record_of('后')}</collection>"
    assert read_titles(tmp_path / "a.xml", document.encode()) == ["前", title, "后"]


def test_records_before_a_truncation_are_read(tmp_path: Path) -> None:
    document = f"<collection {_SLIM}>{record_of('前')}{record_of('后')[:100]}"
    assert read_titles(tmp_path / "a.xml", document.encode()) == ["前", "marc_cut"]


def test_entities_of_a_document_type_are_not_resolved(tmp_path: Path) -> None:
    document = (
        '<!DOCTYPE collection [<!ENTITY secret SYSTEM "file:///etc/hostname"><!ENTITY a "aaaa">]>'
        f"<collection {_SLIM}>{record_of('甲&secret;&a;')}</collection>"
    )
    assert read_titles(tmp_path / "a.xml", document.encode()) == ["甲&secret;&a;"]


def test_other_xml_is_no_marc() -> None:
    assert not marc_files.is_marc(b'<?xml version="1.0"?><records><record><title>x</title></record></records>')
