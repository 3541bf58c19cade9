"""Answers of SRU and OAI-PMH as files: around MARCXML and Dublin Core, with prefixes and without, or with no record."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import pytest

from ingest_tools.rejections import RejectedError
from ingest_tools.sources.lists import manifest, manifest_worker
from ingest_tools.sources.source_files import SourceRoots
from library_server.exchange.marc.serializations import marcxml

SRU = 'xmlns="http://www.loc.gov/zing/srw/"'
OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def marc(title: str, prefix: str = "") -> str:
    start, end, name = f"<{prefix}", f"</{prefix}", f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    return (
        f'{start}record {name}="http://www.loc.gov/MARC21/slim">{start}leader>00000nam a2200000   4500{end}leader>'
        f'{start}datafield tag="245" ind1="1" ind2=" ">{start}subfield code="a">{title}{end}subfield>{end}datafield>'
        f"{end}record>"
    )


def core(title: str, more: str = "") -> str:
    name = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    return f"<oai_dc:dc {name} {DC}><dc:title>{title}</dc:title>{more}</oai_dc:dc>"


def plain_core(title: str) -> str:
    return f'<dc xmlns="info:srw/schema/1/dc-v1.1"><title>{title}</title></dc>'


def sru(*records: str, prefix: str = "") -> str:
    p, name = (f"{prefix}:", f"xmlns:{prefix}") if prefix else ("", "xmlns")
    items = "".join(
        f"<{p}record><{p}recordSchema>x</{p}recordSchema><{p}recordData>{record}</{p}recordData>"
        f"<{p}recordPosition>1</{p}recordPosition></{p}record>"
        for record in records
    )
    return (
        f'<?xml version="1.0"?>\n<?xml-stylesheet href="a.xsl"?>\n<{p}searchRetrieveResponse {name}="http://www.loc.gov/zing/srw/">'
        f"<{p}version>1.1</{p}version><{p}numberOfRecords>{len(records)}</{p}numberOfRecords>"
        f"<{p}records>{items}</{p}records></{p}searchRetrieveResponse>"
    )


def oai(*records: str) -> str:
    items = "".join(
        f"<record><header><identifier>oai:x:{number}</identifier></header><metadata>{record}</metadata></record>"
        for number, record in enumerate(records)
    )
    deleted = '<record><header status="deleted"><identifier>oai:x:9</identifier></header></record>'
    return f'<?xml version="1.0"?><OAI-PMH {OAI}><ListRecords>{items}{deleted}</ListRecords></OAI-PMH>'


def read(folder: Path, document: str | bytes) -> list[dict[str, Any]]:
    path = folder / "answer.xml"
    path.write_bytes(document if isinstance(document, bytes) else document.encode())
    assert manifest.is_manifest(path, SourceRoots((folder,)))
    return list(manifest_worker.read_items(path, "answer"))


def titles(items: list[dict[str, Any]]) -> list[str]:
    assert [item["number"] for item in items] == list(range(1, len(items) + 1))
    return [item["described"]["title"] if "described" in item else item["refused"] for item in items]


@pytest.mark.parametrize(
    "document",
    [
        sru(marc("柑橘"), marc("渡口")), sru(marc("柑橘", "marc:"), marc("渡口", "marc:"), prefix="zs"),
        oai(marc("柑橘"), marc("渡口", "m:")),
        sru(core("柑橘"), core("渡口")), sru(core("柑橘"), core("渡口"), prefix="zs"),
        sru(plain_core("柑橘"), plain_core("渡口")), oai(core("柑橘"), core("渡口")),
        sru(escape(marc("柑橘")), escape(marc("渡口", "marc:")), prefix="srw"),
        sru(escape(core("柑橘")), escape(plain_core("渡口"))),
        sru(f"<![CDATA[{core('柑橘')}]]>", f"<![CDATA[{core('渡口')}]]>"),
    ],
)  # fmt: skip
def test_records_of_answers_are_read_as_a_list(document: str, tmp_path: Path) -> None:
    assert titles(read(tmp_path, document)) == ["柑橘", "渡口"]


def test_records_that_were_packed_as_strings_are_read_across_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marcxml, "_PIECE", 97)
    names = [f"柑橘 A &amp; B {number}" for number in range(9)]
    assert titles(read(tmp_path, sru(*map(escape, map(marc, names))))) == [name.replace("&amp;", "&") for name in names]


def test_dublin_core_is_described(tmp_path: Path) -> None:
    more = (
        "<dc:title>Citrus</dc:title><dc:creator>王立新</dc:creator><dc:creator>（清）陈守田</dc:creator>"
        "<dc:contributor>柳青青 译</dc:contributor><dc:publisher>中国农业出版社</dc:publisher><dc:date>2003</dc:date>"
        "<dc:identifier>urn:isbn:7-109-08000-2</dc:identifier><dc:identifier>http://example.org/1</dc:identifier>"
        "<dc:subject>园艺；柑橘</dc:subject><dc:description>怎样栽培</dc:description><dc:language>chi</dc:language>"
        "<dc:type>Text</dc:type><dc:format>238页</dc:format><dc:rights>使用范围：馆内</dc:rights>"
    )
    [item] = read(tmp_path, oai(core("柑橘栽培", more)))
    described = item["described"]
    assert (described["title"], described["variant_titles"], described["date"]) == ("柑橘栽培", ["Citrus"], "2003")
    assert [(agent["name"], agent["role"]) for agent in described["agents"]] == [
        ("王立新", "author"), ("陈守田", "author"), ("柳青青", "translator"),
    ]  # fmt: skip
    assert [topic["term"] for topic in described["topics"]] == ["园艺", "柑橘"]
    assert (described["pages"], described["access"]) == ("238页", "premises")
    assert described["urls"] == ["http://example.org/1"]


def test_a_record_without_a_title_harms_no_other(tmp_path: Path) -> None:
    untitled = f'<oai_dc:dc xmlns:oai_dc="x" {DC}><dc:creator>王立新</dc:creator></oai_dc:dc>'
    assert titles(read(tmp_path, oai(untitled, core("渡口")))) == ["untitled", "渡口"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (sru(), ""),
        (f"<OAI-PMH {OAI}><error code='noRecordsMatch'>nothing there</error></OAI-PMH>",
         "noRecordsMatch nothing there"),
        (f"<searchRetrieveResponse {SRU}><diagnostics><diagnostic xmlns='http://www.loc.gov/zing/srw/diagnostic/'>"
         "<uri>info:srw/diagnostic/1/10</uri><message>Query syntax error</message></diagnostic></diagnostics>"
         "</searchRetrieveResponse>", "Query syntax error"),
        ("<z:OAI-PMH xmlns:z='http://www.openarchives.org/OAI/2.0/'><z:Identify/></z:OAI-PMH>", ""),
    ],
)  # fmt: skip
def test_an_answer_without_records_is_refused_by_name(document: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as refused:
        read(tmp_path, document)
    assert (refused.value.code, refused.value.detail) == ("no_records", said)


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("<resumptionToken completeListSize='1200' cursor='0'>a/b=1</resumptionToken>", "completeListSize 1200"),
        ("<oai:resumptionToken xmlns:oai='http://www.openarchives.org/OAI/2.0/'> x</oai:resumptionToken>", ""),
        ("<resumptionToken completeListSize='2' cursor='1'/>", None),
        ("<resumptionToken cursor='1'></resumptionToken>", None),
        ("<resumptionToken>\n</resumptionToken>", None),
    ],
)
def test_a_part_of_a_list_is_told(token: str, told: str | None, tmp_path: Path) -> None:
    items = read(tmp_path, oai(core("渡口")).replace("</ListRecords>", f"{token}</ListRecords>"))
    assert [(item["number"], item["detail"]) for item in items[1:]] == ([] if told is None else [(2, told)])
    assert all(item["refused"] == "partial_answer" for item in items[1:])
