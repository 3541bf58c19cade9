"""MARC-in-JSON: one record, an array, one a line, and records that are damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest_tools.sources.lists import manifest
from ingest_tools.sources.source_files import SourceRoots
from library_server.exchange.marc import marc_files
from library_server.exchange.marc.serializations import marc_json


def record_of(title: str, indent: int | None = None) -> str:
    title_field = {"200": {"ind1": "1", "ind2": " ", "subfields": [{"a": title}, {"f": "王立新著"}]}}
    value = {"leader": "00000nam0 2200000   450 ", "fields": [{"001": "T1"}, title_field]}
    return json.dumps(value, ensure_ascii=False, indent=indent)


def read_titles(path: Path, text: str) -> list[str]:
    path.write_text(text, "utf-8")
    assert manifest.is_manifest(path, SourceRoots((path.parent,)))
    results = list(marc_files.read_file(path))
    assert [result.number for result in results] == list(range(1, len(results) + 1))
    return [
        marc_files.describe(result.record).title if result.record else str(result.error and result.error.code)
        for result in results
    ]


TWO = [record_of("柑橘"), record_of("渡口")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", f"[{','.join(TWO)}]"), ("a.json", f"\ufeff[\n{record_of('柑橘', 2)},\n{record_of('渡口', 2)}\n]"),
        ("a.jsonl", "\n".join(TWO)), ("a.ndjson", "\r\n".join(TWO) + "\r\n"), ("a.json", "".join(TWO)),
        ("a.json", f'{{"records": [{",".join(TWO)}], "total": 2}}'),
    ],
)  # fmt: skip
def test_records_in_any_arrangement_are_read(name: str, text: str, tmp_path: Path) -> None:
    assert read_titles(tmp_path / name, text) == ["柑橘", "渡口"]


def test_one_record_alone_is_read(tmp_path: Path) -> None:
    assert read_titles(tmp_path / "a.json", record_of("柑橘", 4)) == ["柑橘"]


@pytest.mark.parametrize(
    ("damaged", "title"),
    [
        ('{"leader": "00000nam0 2200000   450 ", "fields": 3}', "marc_damaged"),
        ('{"leader": "00000nam0 2200000   450 ", "fields": [3, {"x": "y"}, {"200": {"subfields": [{"a": "甲"}]}}]}',
         "甲"),
        (record_of("甲")[:60], "marc_damaged"), (record_of('"{\\'), '"{\\'), (record_of("a")[:-1], "marc_damaged"),
        ('{"leader": null, "fields": [{"200": {"subfields": [{"a": null}, 4, {"a": "甲"}]}}]}', "甲"),
    ],
)  # fmt: skip
def test_a_damaged_record_harms_no_other(damaged: str, title: str, tmp_path: Path) -> None:
    assert read_titles(tmp_path / "a.jsonl", f"{record_of('前')}\n{damaged}\n{record_of('后')}") == ["前", title, "后"]


def test_records_before_a_truncation_are_read(tmp_path: Path) -> None:
    assert read_titles(tmp_path / "a.json", f"[{record_of('前')},{record_of('后')[:70]}") == ["前", "marc_cut"]


def test_records_are_read_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marc_json, "_PIECE", 97)
    titles = [f"柑橘 {number}" for number in range(20)]
    assert read_titles(tmp_path / "a.json", f"[{', '.join(map(record_of, titles))}]") == titles


@pytest.mark.parametrize(
    "text",
    ['{"leader": "王"}', '{"title": "柑橘.jpg", "photoTakenTime": {"timestamp": "1"}}', "[1, 2]", "{}",
     '{"fields": [{"a": 1}]}'],
)  # fmt: skip
def test_other_json_is_no_list(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text, "utf-8")
    assert not manifest.is_manifest(tmp_path / "a.json", SourceRoots((tmp_path,)))
