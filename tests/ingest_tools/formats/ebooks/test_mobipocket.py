"""Mobipocket, Kindle and PalmDOC books: compression, encodings, metadata, covers, locks and damage."""

from __future__ import annotations

import struct
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.description import Description
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.ebooks.mobipocket import book as mobipocket
from ingest_tools.formats.ebooks.mobipocket.compression import unpack_palmdoc
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.ebooks import drawn
from tests.factories.palm_books import ENCODING, LANGUAGE, VERSION, mobi, pack_palmdoc, palm_database

TEXT = (
    "<html><head><title>t</title></head><body><h2>第一章 渡口</h2><p>江边的芭蕉绿了，船 away 走了。</p>"
    "<mbp:pagebreak/><h2>第二章 上滩</h2><p>船工喊着号子。</p></body></html>"
)
CHAPTERS = [
    ("第一章 渡口", "第一章 渡口\n江边的芭蕉绿了，船 away 走了。"),
    ("第二章 上滩", "第二章 上滩\n船工喊着号子。"),
]


def describe_book(data: bytes, tmp_path: Path, name: str = "b.mobi") -> Description:
    path = tmp_path / name
    path.write_bytes(data)
    assert detect_format(path) == "mobi"
    (tmp_path / "out").mkdir()
    return mobipocket.describe(path, tmp_path / "out")


def chapters(description: Description, tmp_path: Path) -> list[tuple[str, str]]:
    [text] = [derived for derived in description.derived if derived.role == "text"]
    return [(passage.label, passage.text) for passage in parse_passages((tmp_path / "out" / text.file).read_bytes())]


@pytest.mark.parametrize("compression", [1, 2, 17480])
@pytest.mark.parametrize("trailing", [False, True])
def test_text_is_unpacked(compression: int, trailing: bool, tmp_path: Path) -> None:
    data = mobi(TEXT.encode(), compression=compression, trailing=trailing)
    assert chapters(describe_book(data, tmp_path), tmp_path) == CHAPTERS


def test_a_character_across_two_records_is_whole(tmp_path: Path) -> None:
    text = TEXT.replace("船工", "山" * 3000 + "船工")
    assert "山" * 3000 in chapters(describe_book(mobi(text.encode(), compression=2), tmp_path), tmp_path)[1][1]


def test_phrases_of_the_dictionary_may_be_packed_themselves(tmp_path: Path) -> None:
    text = b"<html><body><p>" + b"\x01" + b"</p></body></html>"
    [(_, body)] = chapters(describe_book(mobi(text, compression=17480), tmp_path), tmp_path)
    assert body == "OK"


@given(st.binary(max_size=300))
def test_packing_and_unpacking_gives_the_same(text: bytes) -> None:
    assert unpack_palmdoc(pack_palmdoc(text)) == text


@given(st.binary(max_size=300))
def test_unpacking_anything_ends(data: bytes) -> None:
    with suppress(RejectedError):
        assert len(unpack_palmdoc(data)) <= 10 * len(data)


@pytest.mark.parametrize(("encoding", "written"), [(65001, "utf-8"), (1252, "gbk"), (1252, "utf-8")])
def test_chinese_whatever_encoding_is_stated(encoding: int, written: str, tmp_path: Path) -> None:
    data = mobi(
        TEXT.encode(written),
        {503: "故乡的路".encode(written), 100: "鲁迅".encode(written)},
        fields={ENCODING: encoding},
    )
    description = describe_book(data, tmp_path)
    assert (description.title, description.creators) == ("故乡的路", [("鲁迅", "author")])
    assert chapters(description, tmp_path) == CHAPTERS


def test_western_text_in_code_page_1252(tmp_path: Path) -> None:
    text = "<html><body><p>L’été à Genève, où naît l’œuvre “fée”.</p></body></html>"
    [(_, body)] = chapters(describe_book(mobi(text.encode("cp1252"), fields={ENCODING: 1252}), tmp_path), tmp_path)
    assert body == "L’été à Genève, où naît l’œuvre “fée”."


@pytest.mark.parametrize(
    ("exth", "expected"),
    [
        ({103: "故乡 &amp; 路".encode()}, {"abstract": "故乡 & 路"}),
        ({100: ["鲁迅".encode(), "老舍; 巴金".encode()]},
         {"creators": [("鲁迅", "author"), ("老舍", "author"), ("巴金", "author")]}),
        ({101: "文学社".encode(), 109: "公有领域".encode()}, {"publisher": "文学社", "rights": "公有领域"}),
        ({104: b"9787020002207"}, {"isbn": "9787020002207"}),
        ({104: [b"12345", b"978-7-02-000220-7"]}, {"isbn": "978-7-02-000220-7"}),
        ({104: "urn:isbn:9787020002207（平装）".encode()}, {"isbn": "9787020002207"}),
        ({106: b"1921-05-01T00:00:00+00:00"}, {"date": "1921-05-01"}),
        ({106: b"0101-01-01T00:00:00+00:00"}, {"date": None}),
        ({106: b"2009-12-31T16:00:00+00:00"}, {"date": "2010-01-01"}),
        ({524: b"zh"}, {"language": "zh"}),
        ({524: b"und"}, {"language": "zh"}),
        ({103: "<p>一个<b>故事</b></p>".encode()}, {"abstract": "一个故事"}),
        ({105: ["小说;短篇".encode(), "小说".encode()]}, {"subjects": ["小说", "短篇"]}),
        ({}, {"title": "全名", "creators": []}),
    ],
)  # fmt: skip
def test_metadata(exth: dict[int, bytes | list[bytes]], expected: dict[str, object], tmp_path: Path) -> None:
    description = describe_book(mobi(TEXT.encode(), exth, title="全名".encode()), tmp_path)
    assert {name: getattr(description, name) for name in expected} == expected


@pytest.mark.parametrize(("language", "code"), [(0x0804, "zh"), (0x0409, "en"), (0x0419, "ru")])
def test_the_language_of_the_header(language: int, code: str, tmp_path: Path) -> None:
    assert describe_book(mobi(TEXT.encode(), fields={LANGUAGE: language}), tmp_path).language == code


def test_cover_and_pictures(tmp_path: Path) -> None:
    text = TEXT.replace("<p>船工", '<img recindex="00001" alt="渡"/><img recindex="9"/><p>船工')
    exth = {201: struct.pack(">I", 1)}
    description = describe_book(mobi(text.encode(), exth, pictures=[drawn(form="PNG"), drawn("red")]), tmp_path)
    assert any(derived.role == "cover" for derived in description.derived)
    with zipfile.ZipFile(tmp_path / "out/reading.epub") as copy:
        assert copy.read("pictures/1.png") == drawn(form="PNG")
        assert copy.read("chapter2.xhtml").count(b"<img") == 1


@pytest.mark.parametrize(("address", "has_cover"), [(b"kindle:embed:0002?mime=image/jpg", True), (b"x", False)])
def test_the_cover_of_kf8_is_named_by_its_address(address: bytes, has_cover: bool, tmp_path: Path) -> None:
    pictures = [drawn(size=(4, 4)), drawn("red")]
    description = describe_book(mobi(TEXT.encode(), {129: address}, pictures=pictures), tmp_path)
    assert any(derived.role == "cover" for derived in description.derived) is has_cover


def test_kf8_is_read_without_its_styles_and_has_no_copy(tmp_path: Path) -> None:
    page = "<html><head><title>t</title></head><body></body></html><h1>第{}章</h1><p>芭蕉{}</p>"
    pages = (page.format("一", "绿") + page.format("二", "红")).encode()
    data = bytearray(mobi(pages + b"p { color: red }", fields={VERSION: 8}))
    first = struct.unpack_from(">I", data, 78)[0]
    struct.pack_into(">I", data, first + 192, 2)
    flows = b"FDST" + struct.pack(">IIIIII", 12, 2, 0, len(pages), len(pages), len(pages) + 16)
    start = struct.unpack_from(">I", data, 86)[0]
    records = [bytes(data[first:start]), bytes(data[start:]), flows]
    description = describe_book(palm_database(records), tmp_path, "b.azw3")
    assert chapters(description, tmp_path) == [("第一章", "第一章\n芭蕉绿"), ("第二章", "第二章\n芭蕉红")]
    assert description.media_type == "application/vnd.amazon.mobi8-ebook"
    assert [derived.role for derived in description.derived] == ["text"]


def test_a_text_of_palmdoc(tmp_path: Path) -> None:
    text = "第一章\n" + "渡口" * 30 + "\n第二章\n" + "上滩" * 30
    packed = pack_palmdoc(text.encode("gbk"))
    head = struct.pack(">HHIHHI", 2, 0, len(text), 1, 4096, 0)
    description = describe_book(palm_database([head, packed], b"TEXtREAd"), tmp_path, "b.prc")
    assert [label for label, _ in chapters(description, tmp_path)] == ["第一章", "第二章"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (mobi(TEXT.encode(), encryption=2), "drm"),
        (mobi(TEXT.encode(), encryption=1), "drm"),
        (mobi(TEXT.encode(), compression=7), "damaged"),
        (mobi(b"<html></html>"), "empty_file"),
        (mobi(TEXT.encode())[:90], "truncated"),
        (mobi(TEXT.encode())[:200], "truncated"),
        (palm_database([b""]), "truncated"),
        (mobi(b"\xbf\xff" * 10, compression=2).replace(b"\x01\xbf\x01\xff", b"\xbf\xff\xbf\xff"), "damaged"),
    ],
)
def test_what_is_refused(data: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as refused:
        describe_book(data, tmp_path)
    assert refused.value.code == code


@pytest.mark.parametrize("head", [b"\xeaDRMION\xee", b"TPZ0"])
def test_locked_kindle_books_are_named(head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "b.azw"
    path.write_bytes(head + bytes(200))
    with pytest.raises(RejectedError) as refused:
        detect_format(path)
    assert refused.value.code == "drm"


@given(st.data())
def test_damage_anywhere_is_reported(data: st.DataObject) -> None:
    book = bytearray(mobi(TEXT.encode(), {503: b"t", 201: bytes(4)}, compression=17480, pictures=[b"x"]))
    for _ in range(data.draw(st.integers(1, 8))):
        book[data.draw(st.integers(0, len(book) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "b.mobi"
        path.write_bytes(book)
        with suppress(RejectedError):
            assert mobipocket.describe(path, Path(folder)).format == "mobi"
