"""Pictures of books that stand in their addresses."""

from __future__ import annotations

import base64
import random
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from ingest_tools.formats.ebooks.data_addresses import is_picture_address, read_picture
from ingest_tools.formats.ebooks.fictionbook import book as fictionbook
from ingest_tools.formats.ebooks.html import page
from tests.factories.ebooks import drawn

PICTURE = drawn("red")
ADDRESS = "data:image/jpeg;base64," + base64.b64encode(PICTURE).decode()
TEXT = "<p>" + "江边的芭蕉绿了，船走了。" * 40 + "</p>"


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        ADDRESS.rstrip("="),
        ADDRESS[:60] + "\n  " + ADDRESS[60:],
        ADDRESS.replace("data:image", "DATA:image"),
        "data:image/jpeg;base64," + quote(base64.b64encode(PICTURE).decode(), safe=""),
        "data:image/jpeg," + quote(PICTURE),
        "data:image/jpeg;name=a;base64," + base64.urlsafe_b64encode(PICTURE).decode(),
    ],
)
def test_the_bytes_of_an_address(address: str) -> None:
    assert is_picture_address(address)
    assert read_picture(address) == PICTURE


@pytest.mark.parametrize("address", ["data:image/png;base64,", "data:image/png;base64", "data:image/png,"])
def test_damaged_addresses(address: str) -> None:
    assert read_picture(address) is None


def test_an_address_of_something_else_is_no_picture() -> None:
    assert not is_picture_address("data:text/html;base64,aGk=")


def pictures_of(folder: Path) -> list[bytes]:
    with zipfile.ZipFile(folder / "reading.epub") as archive:
        return [archive.read(name) for name in archive.namelist() if name.startswith("pictures/")]


def test_pictures_inside_a_page_come_in_once(tmp_path: Path) -> None:
    large = PICTURE + random.Random(1).randbytes(3 << 20)
    other = "data:image/jpeg;base64," + base64.b64encode(large).decode()
    images = f'<img src="{ADDRESS}"><img src="{ADDRESS}"><img src="{other}"><img src="data:image/png;base64,x">'
    (tmp_path / "a.html").write_text(f"<html><body><h1>渡口</h1>{TEXT}{images}{TEXT}</body></html>", "utf-8")
    page.describe(tmp_path / "a.html", tmp_path)
    assert pictures_of(tmp_path) == [PICTURE, large]


def test_cover_and_pictures_of_fictionbook(tmp_path: Path) -> None:
    image = f'<image l:href="{ADDRESS}"/>'
    (tmp_path / "a.fb2").write_text(
        '<?xml version="1.0"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" '
        'xmlns:l="http://www.w3.org/1999/xlink"><description><title-info><book-title>渡口</book-title>'
        f"<coverpage>{image}</coverpage></title-info></description>"
        f"<body><section>{image}{TEXT}</section></body></FictionBook>",
        "utf-8",
    )
    description = fictionbook.describe(tmp_path / "a.fb2", tmp_path)
    assert description.details.cover is not None
    assert pictures_of(tmp_path) == [PICTURE]
