"""What is written inside photos by Windows, cameras and archives, in whatever field and encoding."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from ingest_tools.formats.photos import photo_metadata
from ingest_tools.formats.photos.captions import Captions, read_day

_NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
)
_XP = {"title": 0x9C9B, "comment": 0x9C9C, "author": 0x9C9D, "keywords": 0x9C9E, "subject": 0x9C9F}


def read(path: Path) -> Captions:
    with Image.open(path) as picture:
        return photo_metadata.read(picture, picture.getexif())


def read_exif(folder: Path, tags: dict[int, Any], comment: bytes | None = None) -> Captions:
    exif = Image.Exif()
    for tag, value in tags.items():
        exif[tag] = value
    if comment is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    Image.new("RGB", (40, 40)).save(folder / "a.jpg", exif=exif)
    return read(folder / "a.jpg")


def read_xmp(folder: Path, attributes: str, elements: str = "", encoding: str = "utf-8") -> Captions:
    document = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {_NAMESPACES} {attributes}>{elements}</rdf:Description></rdf:RDF></x:xmpmeta>'
    )
    Image.new("RGB", (40, 40)).save(folder / "a.jpg", xmp=document.encode(encoding))
    return read(folder / "a.jpg")


def read_iptc(folder: Path, *fields: tuple[int, bytes]) -> Captions:
    body = b"".join(b"\x1c\x02" + bytes([tag]) + struct.pack(">H", len(value)) + value for tag, value in fields)
    block = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(body)) + body + b"\0" * (len(body) % 2)
    segment = b"Photoshop 3.0\0" + block
    plain = io.BytesIO()
    Image.new("RGB", (40, 40)).save(plain, "JPEG")
    data = plain.getvalue()
    (folder / "a.jpg").write_bytes(data[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + data[2:])
    return read(folder / "a.jpg")


def test_fields_of_windows_are_read(tmp_path: Path) -> None:
    values = {"title": "湘江渡口", "comment": "渡口的老照片", "author": "刘建国;王五", "keywords": "渡口；湘江"}
    tags = {_XP[name]: f"{value}\0".encode("utf-16-le") for name, value in values.items()}
    assert read_exif(tmp_path, tags) == Captions("湘江渡口", "渡口的老照片", ["刘建国", "王五"], ["渡口", "湘江"])


def test_the_subject_is_the_title_where_windows_has_no_other(tmp_path: Path) -> None:
    assert read_exif(tmp_path, {_XP["subject"]: "渡口\0".encode("utf-16-le")}).title == "渡口"


def test_a_field_of_windows_in_one_byte_a_character_is_read(tmp_path: Path) -> None:
    assert read_exif(tmp_path, {_XP["title"]: b"Old ferry"}).title == "Old ferry"


@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + "湘江渡口的照片".encode("utf-16-le"), b"UNICODE\0" + "湘江渡口的照片".encode("utf-16-be"),
        b"UNICODE\0" + "湘江渡口的照片".encode("utf-16"), b"ASCII\0\0\0" + "湘江渡口的照片".encode("gbk"),
        bytes(8) + "湘江渡口的照片".encode() + bytes(5),
    ],
)  # fmt: skip
def test_a_chinese_comment_is_the_caption(comment: bytes, tmp_path: Path) -> None:
    assert read_exif(tmp_path, {}, comment).caption == "湘江渡口的照片"


@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\0\0\0oppo_1056", b"ASCII\0\0\0filter: 0; fileterIntensity: 0.0;", bytes(64),
        bytes(8) + bytes(range(1, 60)),
        b'ASCII\0\0\0{"AlgoModelVersion":"x"}', b"UNICODE\0" + b"METADATA-START", b"UNICODE", b"UNICODE\0\xff",
        "ASCII\0\0\0{滤镜: 复古}".encode(),
    ],
)  # fmt: skip
def test_settings_of_a_telephone_are_no_caption(comment: bytes, tmp_path: Path) -> None:
    assert read_exif(tmp_path, {}, comment) == Captions()


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "big5", "utf-8-sig"])
def test_encodings_of_iptc(encoding: str, tmp_path: Path) -> None:
    title = "臺灣老照片說明" if encoding == "big5" else "湘江渡口老照片"
    assert read_iptc(tmp_path, (5, title.encode(encoding))).title == title


def test_accents_in_iptc_are_kept(tmp_path: Path) -> None:
    captions = read_iptc(tmp_path, (5, "Été à Paris".encode("latin-1")), (80, "René Müller".encode("latin-1")))
    assert (captions.title, captions.creators) == ("Été à Paris", ["René Müller"])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("title", ["栗雨老街", "湘江渡口，1998年", "老街（东口）"])
def test_iptc_in_utf16_without_a_mark(tmp_path: Path, title: str, encoding: str) -> None:
    assert read_iptc(tmp_path, (5, title.encode(encoding))).title == title


@pytest.mark.parametrize("data", [b"\x01\x02", b"\x17\x68\xe8", b"\0\0\0"])
def test_what_is_no_text_in_iptc_gives_no_signs(tmp_path: Path, data: bytes) -> None:
    assert read_iptc(tmp_path, (5, data)).title == ""


def test_a_title_of_iptc_that_is_cut_within_a_character_keeps_the_others(tmp_path: Path) -> None:
    assert read_iptc(tmp_path, (5, "湘江渡口老照片".encode("gbk")[:-1])).title.startswith("湘江渡口老照")


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
def test_encodings_of_xmp(encoding: str, tmp_path: Path) -> None:
    title = "<dc:title><rdf:Alt><rdf:li>湘江渡口</rdf:li></rdf:Alt></dc:title>"
    assert read_xmp(tmp_path, "", title, encoding).title == "湘江渡口"


def test_the_chinese_of_several_titles_is_taken(tmp_path: Path) -> None:
    titles = '<rdf:li xml:lang="x-default">Ferry</rdf:li><rdf:li xml:lang="zh-CN">渡口</rdf:li>'
    assert read_xmp(tmp_path, "", f"<dc:title><rdf:Alt>{titles}</rdf:Alt></dc:title>").title == "渡口"


def test_names_and_words_in_one_value_are_divided(tmp_path: Path) -> None:
    names = "<dc:creator><rdf:Seq><rdf:li>刘建国；王五</rdf:li></rdf:Seq></dc:creator>"
    words = "<dc:subject><rdf:Bag><rdf:li>渡口; 湘江</rdf:li><rdf:li>渡口</rdf:li></rdf:Bag></dc:subject>"
    captions = read_xmp(tmp_path, "", names + words)
    assert (captions.creators, captions.keywords) == (["刘建国", "王五"], ["渡口", "湘江"])


@pytest.mark.parametrize(
    ("attribute", "date"),
    [
        ('photoshop:DateCreated="2009-06"', "2009-06"), ('photoshop:DateCreated="2009"', "2009"),
        ('exif:DateTimeOriginal="2009-06-01T10:00:00"', "2009-06-01"), ('xmp:CreateDate="2009-06-01"', "2009-06-01"),
        ('photoshop:DateCreated="1978" xmp:CreateDate="2009-06-01"', "1978"),
    ],
)  # fmt: skip
def test_dates_of_xmp(attribute: str, date: str, tmp_path: Path) -> None:
    assert read_xmp(tmp_path, attribute).date == date


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2009:06:01 10:00:00", "2009-06-01"), ("2009/06/01 10:00", "2009-06-01"), ("2009: 6: 1 10:00", "2009-06-01"),
        ("20090601", "2009-06-01"), ("2009:06:31 00:00:00", "2009-06"), ("2009:13:01 00:00:00", "2009"),
        ("20090000", "2009"), ("0000:00:00 00:00:00", None), ("    :  :     :  :  ", None), ("2009-13", "2009"),
    ],
)  # fmt: skip
def test_days_that_no_calendar_has_are_none(written: str, day: str | None) -> None:
    assert read_day(written) == day
