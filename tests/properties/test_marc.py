"""MARC from outside: any bytes are records or bad records, and every record that was read is described and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymarc import Field, Indicators, Record, Subfield

from ingest_tools.rejections import REASONS
from ingest_tools.sources.lists.manifest_worker import read_items
from library_server.catalogue.bounds import bound_draft
from library_server.exchange.bibliographic import Bibliographic, build_holdings, to_draft
from library_server.exchange.marc import marc_files
from library_server.exchange.marc.serializations import marc_json
from tests.properties.strategies import clean_texts, texts

pytestmark = pytest.mark.property
one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
tags = st.sampled_from(
    [
        "001",
        "005",
        "008",
        "010",
        "020",
        "100",
        "101",
        "200",
        "210",
        "225",
        "245",
        "264",
        "300",
        "461",
        "490",
        "600",
        "604",
        "606",
        "690",
        "701",
        "712",
        "801",
        "852",
        "856",
        "905",
    ]
)
codes = st.sampled_from("abcdefghijklnopstuvxyz0123456789")
subfields = st.lists(st.builds(Subfield, codes, texts), max_size=5)
fields = st.builds(
    lambda tag, pair, parts, data: Field(tag, data=data) if tag < "010" else Field(tag, Indicators(*pair), parts),
    tags,
    st.tuples(st.sampled_from(" 0123"), st.sampled_from(" 0123")),
    subfields,
    texts,
)
xml_text = clean_texts.map(
    lambda text: "".join(
        character for character in text if character.isprintable() and character not in "<>&\ufffe\uffff"
    )
)
elements = st.builds(
    lambda name, attributes, inner: f"<{name} {attributes}>{inner}</{name}>",
    st.sampled_from(["controlfield", "datafield", "leader", "other"]),
    st.sampled_from(
        ['tag="200" ind1="1" ind2=" "', 'tag="²"', 'tag="1"', 'tag="001"', "", 'tag="99999"', 'tag="245" ind1="ab"']
    ),
    st.lists(
        xml_text | xml_text.map(lambda text: f'<subfield code="a">{text}</subfield>') | st.just("<subfield/>"),
        max_size=3,
    ).map("".join),
)


@given(st.lists(fields, max_size=12))
@pytest.mark.slow
def test_any_record_is_described_and_becomes_a_draft(given_fields: list[Field]) -> None:
    record = Record()
    record.add_field(*given_fields)
    described = marc_files.describe(record)
    draft, _ = bound_draft(to_draft(described))
    assert draft.title
    assert all(holding.copies >= 0 for holding in build_holdings(described))
    Bibliographic.from_json(json.loads(json.dumps(described.to_json())))
    assert isinstance(marc_json.from_json(marc_json.to_json(record)), Record)


def _kept(path: Path) -> list[dict[str, Any]]:
    try:
        records = list(read_items(path, path.stem))
    except Exception as error:
        if getattr(error, "code", "") not in REASONS:
            raise
        return []
    assert all(item.get("refused", "bad_cells") in REASONS for item in records)
    assert not [item for item in records if item.get("refused") == "internal"]
    return records


@one_folder
@given(data=st.binary(max_size=400))
def test_any_bytes_behind_a_leader(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "某.mrc"
    path.write_bytes(b"00100nam0 2200037   450 200001000000" + b"\x1e" + data + b"\x1d00026nam" + data)
    assert marc_files.is_marc(path.read_bytes())
    _kept(path)


@one_folder
@given(records=st.lists(st.lists(elements, max_size=5).map("".join), min_size=1, max_size=3))
@pytest.mark.slow
def test_any_marcxml(tmp_path: Path, records: list[str]) -> None:
    path = tmp_path / "某.xml"
    body = "".join(f"<record>{record}</record>" for record in records)
    path.write_text(f'<collection xmlns="http://www.loc.gov/MARC21/slim">{body}</collection>', "utf-8")
    assert len(_kept(path)) == len(records)


@one_folder
@given(
    content=st.lists(st.lists(clean_texts, max_size=4), max_size=5),
    separator=st.sampled_from([",", "\t", ";", ',"', "\x00"]),
)
@pytest.mark.slow
def test_any_csv(tmp_path: Path, content: list[list[str]], separator: str) -> None:
    path = tmp_path / "表.csv"
    lines = [separator.join(row) for row in content]
    path.write_text("\n".join(["书名,作者,出版日期,册数", *lines]), "utf-8")
    _kept(path)


@one_folder
@given(
    lines=st.lists(
        st.one_of(
            clean_texts,
            st.sampled_from(
                ["", "=LDR  1", "001 1", "200 1 $a题名", "=245  10$aT{acute}", "000000001 2001  L $$a题", " 续"]
            ),
        ),
        max_size=8,
    )
)
def test_any_lines_behind_a_record_in_text(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "某.txt"
    first = "001 1\n010   $a7-02-000220-X\n200 1 $a题名\n\n001 2\n200 1 $a题名\n"
    path.write_text(first + "\n".join(lines), "utf-8")
    assert marc_files.is_marc(path.read_bytes()[:32_768])
    assert len(_kept(path)) >= 2
