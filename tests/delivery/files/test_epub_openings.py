"""What the first page of an EPUB needs, in one answer: the bytes of the file, and few of them."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from library_server.app import create_app
from library_server.delivery.files.epub_opening import LARGEST_DIRECTORY, MOST_BYTES, WHOLE, pack_opening
from tests.factories.epubs import epub
from tests.support.libraries import ingest, open_library_at

PAGE = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><link rel="stylesheet" href="a%20b.css"/></head>'
    "<body>{}</body></html>"
)
FILLING = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(20_000))


def book(path: Path, count: int = 30) -> bytes:
    """A book of many pages that take more than is given whole, with contents and a style sheet."""
    members: dict[str, bytes | str] = {
        f"{number}.xhtml": PAGE.format(f"第{number}章 {FILLING[number * 100 :][:2000]}")
        for number in range(1, count + 1)
    }
    members["nav.xhtml"] = '<nav><ol><li><a href="1.xhtml">目录</a></li></ol></nav>'
    members["a b.xhtml"] = ""
    epub(path, "长书", "", members, spine=[f"{number}.xhtml" for number in range(1, count + 1)])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("OPS/a b.css", "p{}" * 10)
    return path.read_bytes()


def parts_of(data: bytes) -> list[tuple[int, bytes]]:
    packed = pack_opening(lambda start, stop: data[start:stop], len(data))
    assert packed is not None
    plain = gzip.decompress(packed)
    assert struct.unpack_from(">Q", plain) == (len(data),)
    at, parts = 8, []
    while at < len(plain):
        start, length = struct.unpack_from(">QL", plain, at)
        parts.append((start, plain[at + 12 : at + 12 + length]))
        at += 12 + length
    assert all(data[start : start + len(part)] == part for start, part in parts)
    return parts


def members_in(data: bytes, parts: list[tuple[int, bytes]]) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            member.filename
            for member in archive.infolist()
            if any(start <= member.header_offset < start + len(part) for start, part in parts)
        }


FIRST = {"META-INF/container.xml", "OPS/book.opf", "OPS/1.xhtml", "OPS/nav.xhtml", "OPS/a b.css"}


def test_it_has_what_the_first_page_needs_and_little_else(tmp_path: Path) -> None:
    data = book(tmp_path / "book.epub")
    parts = parts_of(data)
    assert members_in(data, parts) == FIRST
    start, directory = parts[0]
    assert directory.startswith(b"PK\x01\x02")
    assert start + len(directory) == len(data)


def test_a_small_book_is_given_whole(tmp_path: Path) -> None:
    epub(tmp_path / "book.epub", "小书", "", {"1.xhtml": PAGE.format("正文")})
    data = (tmp_path / "book.epub").read_bytes()
    assert len(data) < WHOLE
    assert parts_of(data) == [(0, data)]


def test_a_page_that_is_not_in_the_line_of_reading_is_not_the_first(tmp_path: Path) -> None:
    data = book(tmp_path / "book.epub")
    opf = zipfile.ZipFile(io.BytesIO(data)).read("OPS/book.opf")
    changed = rewritten(
        data, {"OPS/book.opf": opf.replace(b'<itemref idref="i0"/>', b'<itemref linear="no" idref="i0"/>')}
    )
    assert members_in(changed, parts_of(changed)) == FIRST - {"OPS/1.xhtml"} | {"OPS/2.xhtml"}


def rewritten(data: bytes, members: dict[str, bytes], comment: bytes = b"") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, members.get(name, old.read(name)))
        new.comment = comment
    return written.getvalue()


def test_something_before_the_archive_and_a_comment_after_it_are_allowed(tmp_path: Path) -> None:
    data = b"#!/bin/sh\n" + rewritten(book(tmp_path / "book.epub"), {}, b"remark")
    assert members_in(data, parts_of(data)) == FIRST


def test_without_a_container_the_directory_is_given(tmp_path: Path) -> None:
    data = book(tmp_path / "book.epub").replace(b"META-INF/container.xml", b"META-INF/contained.xml")
    assert [start for start, _ in parts_of(data)] == [data.index(b"PK\x01\x02")]


def test_the_package_of_the_media_type_is_taken_among_several_renditions(tmp_path: Path) -> None:
    data = book(tmp_path / "book.epub")
    container = zipfile.ZipFile(io.BytesIO(data)).read("META-INF/container.xml")
    other = b'<rootfiles><rootfile full-path="OPS/2.xhtml" media-type="application/pdf"/><rootfile full-path="no.opf"'
    other += b' media-type="application/oebps-package+xml"/>'
    changed = rewritten(data, {"META-INF/container.xml": container.replace(b"<rootfiles>", other)})
    assert members_in(changed, parts_of(changed)) == FIRST


ZIP64_END = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 2**32 - 1, 2**32 - 1, 0)


@pytest.mark.parametrize(
    "data",
    [b"\0" * (WHOLE + 1), b"PK\x05\x06".rjust(WHOLE + 10), b"\0" * WHOLE + ZIP64_END],
    ids=["no archive", "cut short", "ZIP64"],
)
def test_what_cannot_be_read_has_none(data: bytes) -> None:
    assert pack_opening(lambda start, stop: data[start:stop], len(data)) is None


def test_of_a_file_made_to_take_much_little_is_read(tmp_path: Path) -> None:
    """Members that state a great size, tags that do not end, and more of them than any book has."""
    tags = b"<item " * 300_000 + b"<item id='i' href='1.xhtml'/>" * 60_000
    data = rewritten(book(tmp_path / "book.epub"), {"OPS/book.opf": tags, "OPS/1.xhtml": bytes(50_000_000)})
    read: list[int] = []

    def reader(start: int, stop: int) -> bytes:
        read.append(stop - start)
        return data[start:stop]

    packed = pack_opening(reader, len(data))
    assert packed is not None
    assert sum(read) <= WHOLE + LARGEST_DIRECTORY + MOST_BYTES
    assert len(packed) < 2 * MOST_BYTES


@pytest.fixture(scope="module")
def whole_book(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return book(tmp_path_factory.mktemp("whole") / "book.epub")


@given(st.data())
def test_damaged_files_raise_nothing(whole_book: bytes, data: st.DataObject) -> None:
    whole = bytearray(whole_book)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, 400) | st.integers(len(whole) - 4000, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    if pack_opening(lambda start, stop: bytes(whole[start:stop]), len(whole)) is not None:
        parts_of(bytes(whole))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    files = tmp_path_factory.mktemp("files")
    book(files / "长书.epub")
    (files / "文字.txt").write_text("书名：文字\n\n正文", "utf-8")
    library = open_library_at(tmp_path_factory.mktemp("library") / "home")
    report = ingest(library, files)
    assert report.rejected == 0, report.rejections
    library.indexer.catch_up()
    yield create_app(library).test_client()
    library.database.engine.dispose()


def find_record(client: FlaskClient, title: str) -> str:
    found = client.get(f"/api/v1/search?q={title}").get_json()
    return str(found["items"][0]["id"])


def original_of(client: FlaskClient, title: str) -> str:
    record = client.get(f"/api/v1/records/{find_record(client, title)}").get_json()
    return next(str(asset["url"]) for asset in record["assets"] if asset["role"] == "original")


def test_it_is_sent_as_the_file_is(client: FlaskClient) -> None:
    file = original_of(client, "长书")
    plain = client.get(f"{file}/opening")
    packed = client.get(f"{file}/opening", headers={"Accept-Encoding": "gzip"})
    assert (plain.status_code, packed.status_code, packed.headers["Content-Encoding"]) == (200, 200, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert plain.headers["Cache-Control"] == client.get(file).headers["Cache-Control"]
    known = client.get(f"{file}/opening", headers={"If-None-Match": packed.headers["ETag"]})
    assert (known.status_code, known.data) == (304, b"")


def test_other_files_have_none(client: FlaskClient) -> None:
    assert client.get(f"{original_of(client, '文字')}/opening").status_code == 404


def test_the_page_of_the_reader_asks_for_it_at_once(client: FlaskClient) -> None:
    opening = f"{original_of(client, '长书')}/opening"
    page = client.get(f"/read/{find_record(client, '长书')}").text
    assert f'<link rel="preload" as="fetch" href="{opening}" crossorigin fetchpriority="low">' in page
    assert f'data-opening="{opening}"' in page
