"""Cells of lists that hold an error say nothing, and are no empty cells."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest_tools.rejections import RejectedError
from ingest_tools.sources.lists.workbooks import binary_workbook as reader
from library_server.library import Library
from tests.factories import binary_workbooks as binary
from tests.support.libraries import ingest
from tests.support.records import records_by_id

_URN = "urn:oasis:names:tc:opendocument:xmlns"
_HEAD = (
    f'<office:document-content xmlns:office="{_URN}:office:1.0" xmlns:table="{_URN}:table:1.0"'
    f' xmlns:text="{_URN}:text:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3">'
    '<office:body><office:spreadsheet><table:table table:name="表">'
)
_TAIL = "</table:table></office:spreadsheet></office:body></office:document-content>"
ERROR = '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
ERROR += 'calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
UNSAVED = '<table:table-cell table:formula="of:=B2"/>'


def put_ods(path: Path, *rows: tuple[str, ...]) -> Path:
    def cell(text: str) -> str:
        is_text = not text.startswith("<")
        return (
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
            if is_text
            else text
        )

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{_URN}:manifest:1.0"/>')
        archive.writestr("content.xml", _HEAD + lines + _TAIL)
    return path


@pytest.mark.parametrize("cell", [ERROR, UNSAVED])
def test_an_error_is_no_empty_access_level(library: Library, tmp_path: Path, cell: str) -> None:
    path = put_ods(
        tmp_path / "表.ods", ("书名", "作者", "使用范围"), ("船歌", "周望水", cell), ("柑橘", "陈守田", "公开")
    )
    report = ingest(library, path)
    assert [rejection["code"] for rejection in report.rejections] == ["bad_cells"]
    assert report.rejections[0]["problems"][0]["column"] == "使用范围"
    assert [record.title for record in records_by_id(library).values()] == ["柑橘"]


@pytest.mark.parametrize("cell", [binary.ERROR, binary.FORMULA_ERROR])
def test_an_error_in_an_old_workbook_is_no_empty_access_level(library: Library, tmp_path: Path, cell: str) -> None:
    rows = [
        ("书名", "作者", "使用范围"), ("船歌", "周望水", cell), ("柑橘", "陈守田", "公开"),
        ("秤铺", "谭素芳", f"{binary.FORMULA_TEXT}馆内"),
    ]  # fmt: skip
    path = binary.binary_workbook(tmp_path / "表.xls", {"说明": [("请填写",)], "表": rows})
    report = ingest(library, path)
    assert [rejection["code"] for rejection in report.rejections] == ["bad_cells"]
    assert report.rejections[0]["problems"][0]["column"] == "使用范围"
    assert {record.title: str(record.access) for record in records_by_id(library).values()} == {
        "柑橘": "public",
        "秤铺": "premises",
    }


def test_an_error_in_an_old_workbook_is_no_empty_file(library: Library, tmp_path: Path) -> None:
    rows = [("书名", "文件"), ("船歌", binary.ERROR), ("柑橘", "柑橘.txt")]
    binary.binary_workbook(tmp_path / "表.xls", {"表": rows})
    (tmp_path / "柑橘.txt").write_text("一篇文章", "utf-8")
    report = ingest(library, tmp_path / "表.xls")
    assert ([rejection["code"] for rejection in report.rejections], report.added) == (["bad_cells"], 1)


def test_an_old_workbook_that_was_cut_is_damaged(tmp_path: Path) -> None:
    path = binary.binary_workbook(tmp_path / "表.xls", {"表": [("书名", binary.ERROR)]})
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(RejectedError):
        reader.valueless_cells(path)
