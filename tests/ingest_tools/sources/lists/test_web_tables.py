"""Lists that web pages export as workbooks: tables of HTML, and XML Spreadsheet 2003."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ingest_tools.rejections import RejectedError
from ingest_tools.sources.lists import spreadsheet
from ingest_tools.sources.lists.rows import read_row
from ingest_tools.sources.lists.spreadsheet import SheetRow
from tests.factories.spreadsheets import workbook

_HEADINGS = "<tr><th>书名</th><th>作者</th><th>馆藏地</th></tr>"


def read(path: Path, data: bytes) -> list[dict[str, Any]]:
    path.write_bytes(data)
    return [row.given for row in spreadsheet.read(path, path.stem) if isinstance(row, SheetRow)]


def spreadsheet_2003(rows: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="清单"><Table>'
        f"{rows}</Table></Worksheet></Workbook>"
    ).encode()


def xml_row(*cells: str, attributes: str = "") -> str:
    return f"<Row{attributes}>{''.join(f'<Cell>{cell}</Cell>' for cell in cells)}</Row>"


def string(text: str) -> str:
    return f'<Data ss:Type="String">{text}</Data>'


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-16"])
def test_a_table_of_html_is_a_list(encoding: str, tmp_path: Path) -> None:
    page = (
        f'<html><head><meta charset="gb2312"><style>td {{ color: red }}</style></head><body><table>{_HEADINGS}'
        "<tr><td>柑橘&nbsp;栽培</td><td><b>甲</b>三</td><td>总馆<br>二楼</td></tr></table></body></html>"
    )
    assert read(tmp_path / "a.xls", page.encode(encoding)) == [
        {"title": "柑橘 栽培", "creators": "甲三", "held_at": "总馆\n二楼"}
    ]


def test_merged_cells_of_a_table_are_filled_downwards(tmp_path: Path) -> None:
    page = (
        f"<table><tr><td colspan='3'>藏书目录</td></tr>{_HEADINGS}"
        "<tr><td>甲书</td><td>甲</td><td rowspan='2'>总馆</td></tr><tr><td>乙书</td><td>乙</td></tr></table>"
    )
    assert [row["held_at"] for row in read(tmp_path / "a.xls", page.encode())] == ["总馆", "总馆"]


def test_a_table_within_a_cell_is_its_text(tmp_path: Path) -> None:
    page = f"<table>{_HEADINGS}<tr><td><table><tr><td>甲书</td></tr></table></td><td>甲</td></tr></table>"
    assert read(tmp_path / "a.xls", page.encode()) == [{"title": "甲书", "creators": "甲"}]


def test_a_span_that_is_too_wide_takes_no_memory(tmp_path: Path) -> None:
    page = f"<table>{_HEADINGS}<tr><td rowspan='999999' colspan='999999'>甲书</td></tr></table>"
    assert read(tmp_path / "a.xls", page.encode()) == [{"title": "甲书"}]


def test_a_spreadsheet_of_2003_is_a_list(tmp_path: Path) -> None:
    rows = (
        xml_row(string("书名"), string("作者"), string("出版日期"), string("册数"))
        + xml_row(string("柑橘"), string("甲"), '<Data ss:Type="DateTime">1998-05-12T00:00:00.000</Data>',
                  '<Data ss:Type="Number">3</Data>')
        + '<Row ss:Index="5"><Cell ss:Index="1"><Data ss:Type="String">水稻</Data></Cell><Cell ss:Index="4">'
        + '<Data ss:Type="Number">2</Data></Cell></Row>'
    )  # fmt: skip
    assert read(tmp_path / "a.xls", spreadsheet_2003(rows)) == [
        {"title": "柑橘", "creators": "甲", "date": dt.datetime(1998, 5, 12), "copies": 3.0},
        {"title": "水稻", "copies": 2.0},
    ]


def test_a_row_that_is_far_below_is_too_large(tmp_path: Path) -> None:
    rows = xml_row(string("书名"), string("作者")) + xml_row(string("甲"), attributes=' ss:Index="9999999"')
    with pytest.raises(RejectedError) as refused:
        read(tmp_path / "a.xls", spreadsheet_2003(rows))
    assert refused.value.code == "too_large"


def test_a_page_without_a_list_has_no_headings(tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as refused:
        read(tmp_path / "a.xls", b"<html><table><tr><td>1</td></tr></table></html>")
    assert refused.value.code == "no_headings"


@pytest.mark.parametrize(("cell", "date"), [(dt.datetime(1905, 6, 20), "1998"), (dt.date(1905, 6, 27), "2005"),
                                            (dt.datetime(1998, 5, 12), "1998-05-12"), (dt.time(0), "")])  # fmt: skip
def test_a_year_in_a_cell_that_shows_dates_is_a_year(cell: object, date: str) -> None:
    assert read_row({"title": "柑橘", "date": cell}).described.date == date


def test_the_day_of_an_old_photo_stays(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["照片名称", "拍摄时间"], ["老街", dt.datetime(1905, 6, 20)])
    row = next(row for row in spreadsheet.read(path, "a") if isinstance(row, SheetRow))
    assert read_row(row.given).described.date == "1905-06-20"


@pytest.mark.parametrize("attribute", ["x:num='9787101003048'", "sdval='9787101003048'"])
@pytest.mark.parametrize("shown", ["9.7871E+12", "########"])
def test_the_number_behind_a_shortened_one_is_read(attribute: str, shown: str, tmp_path: Path) -> None:
    cells = f"<td>柑橘<td {attribute}>{shown}<td x:num='35916'>1998年5月"
    page = f"<table><tr><th>书名<th>ISBN<th>出版日期</tr><tr>{cells}</tr></table>"
    assert read(tmp_path / "a.xls", page.encode()) == [{"title": "柑橘", "isbn": "9787101003048", "date": "1998年5月"}]
