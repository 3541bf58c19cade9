"""Metadata that cannot be read for certain, and coordinates without a name, never reach the copy that readers get."""

from __future__ import annotations

import io
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.formats import pictures
from ingest_tools.formats.photos import photo
from ingest_tools.formats.photos.location_metadata.public_copy import Location, write_public_copy
from ingest_tools.rejections import RejectedError
from tests.factories import located_photos
from tests.factories.located_photos import (
    Tiff,
    app_exif,
    app_xmp,
    box,
    chunk,
    exif,
    jpeg,
    png,
    raw_profile,
    segment,
    webp,
    xmp,
)

PAIR = "27.8291, 113.1520"
EXIF = b"Exif\0\0" + exif(">")
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda data: raw_profile("exif", data).replace(b"\n", b"\r\n"),
    "cr": lambda data: raw_profile("exif", data).replace(b"\n", b"\r"),
    "short-lines": lambda data: lines(data, 10),
    "odd-lines": lambda data: lines(data, 71),
    "odd-number-of-digits": lambda data: lines(data, 72)[:-1] + b"a\n",
    "spaces": lambda data: lines(data, 72).replace(b"\n", b" \n"),
    "wrong-length": lambda data: lines(data, 72).replace(f"{len(data):8}".encode(), b"       3"),
    "no-length": lambda data: data.hex().encode(),
    "not-hexadecimal": lambda data: lines(data, 72).replace(b"\n", b"\nz"),
}


def lines(data: bytes, width: int) -> bytes:
    digits = data.hex()
    cut = "\n".join(digits[at : at + width] for at in range(0, len(digits), width))
    return f"\nexif\n{len(data):8}\n{cut}\n".encode()


def text_chunk(kind: bytes, keyword: bytes, text: bytes) -> bytes:
    packed = {b"tEXt": b"\0" + text, b"zTXt": b"\0\0" + zlib.compress(text),
              b"iTXt": b"\0\1\0\0\0" + zlib.compress(text)}  # fmt: skip
    return chunk(kind, keyword + packed[kind])


@pytest.mark.parametrize("chunk_kind", [b"tEXt", b"zTXt", b"iTXt"])
@pytest.mark.parametrize("profile", ["exif", "APP1", "xmp", "iptc", "8bim"])
@pytest.mark.parametrize("form", FORMS)
def test_a_raw_profile_in_any_form_is_removed(form: str, profile: str, chunk_kind: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    data = xmp() if profile == "xmp" else EXIF
    source.write_bytes(png(text_chunk(chunk_kind, f"Raw profile type {profile}".encode(), FORMS[form](data))))
    assert write_public_copy(source, target) == Location.REMOVED
    with Image.open(target) as picture:
        assert str(picture.info.get("Comment", "")).strip() == ""
        assert not any(str(key).startswith("Raw") for key in picture.info)
        assert dict(picture.getexif()) == {}


@pytest.mark.parametrize("filler", [b" ", b"\n", b"1", b"1 "])
@pytest.mark.parametrize("before", [b"", b"\nexif\n", b"\nexif\n       8\n"])
def test_a_long_raw_profile_is_read_in_little_time(before: bytes, filler: bytes, tmp_path: Path) -> None:
    text = before + filler * ((1 << 20) // len(filler)) + b"z"
    (tmp_path / "source").write_bytes(png(text_chunk(b"zTXt", b"Raw profile type exif", text)))
    started = time.monotonic()
    assert write_public_copy(tmp_path / "source", tmp_path / "target") == Location.REMOVED
    assert time.monotonic() - started < 10


def test_a_raw_profile_without_a_location_stays(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(
        png(text_chunk(b"zTXt", b"Raw profile type exif", raw_profile("exif", b"Exif\0\0" + exif(gps=False))))
    )
    assert write_public_copy(tmp_path / "source", tmp_path / "target") == Location.ABSENT


def test_digits_under_any_keyword_and_colour_profiles_are_read(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    digits = EXIF.hex().encode()
    for data in (
        text_chunk(b"tEXt", b"exif", digits),
        text_chunk(b"tEXt", b"e", b"f" + digits),
        chunk(b"iCCP", b"profile\0\0" + zlib.compress(EXIF)),
    ):
        source.write_bytes(png(data))
        assert write_public_copy(source, target) == Location.REMOVED


def exif_with(tag: int, kind: int, value: bytes, *, inner: bool = False) -> bytes:
    tiff = Tiff()
    entry: list[tuple[int, int, int, bytes | int]] = [(tag, kind, len(value), value)]
    below = tiff.directory(entry)
    return tiff.done(tiff.directory([(0x8769, 4, 1, below)]) if inner else below)


def iptc(text: bytes) -> bytes:
    record = b"\x1c\x02\x78" + struct.pack(">H", len(text)) + text
    block = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(record)) + record + bytes(len(record) % 2)
    return segment(0xED, b"Photoshop 3.0\0" + block)


def gif(comment: bytes) -> bytes:
    buffer = io.BytesIO()
    located_photos.picture().convert("P").save(buffer, "GIF", comment=comment)
    return buffer.getvalue()


UNNAMED = {
    "comment": jpeg(segment(0xFE, PAIR.encode())),
    "south-west": jpeg(segment(0xFE, b"-27.8291;-113.1520")),
    "longitude-first": jpeg(segment(0xFE, b"[113.1520,27.8291]")),
    "trailing-zero-left-out": jpeg(segment(0xFE, b"27.8291 113.152")),
    "letters": jpeg(segment(0xFE, b"27.8291N 113.1520E")),
    "letters-first": jpeg(segment(0xFE, b"N27.8291 E113.1520")),
    "words": jpeg(segment(0xFE, b"lat 27.8291 lon 113.1520")),
    "address": jpeg(segment(0xFE, b"https://maps.example/?z=17&c=27.8291,113.1520")),
    "minutes": jpeg(segment(0xFE, "27°49'44.76\"N 113°09'07.2\"E".encode())),
    "minutes-in-chinese": jpeg(segment(0xFE, "27度49分44秒".encode())),
    "minutes-in-gbk": jpeg(segment(0xFE, "27度49分44秒".encode("gb18030"))),
    "minutes-in-utf-16": jpeg(segment(0xFE, "27°49′44.76″".encode("utf-16-le"))),
    "fullwidth-comma": jpeg(segment(0xFE, "27.8291，113.1520".encode())),
    "utf-16": jpeg(segment(0xFE, PAIR.encode("utf-16-le"))),
    "utf-16-big-endian": jpeg(segment(0xFE, PAIR.encode("utf-16-be"))),
    "copyright": jpeg(app_exif(exif_with(0x8298, 2, PAIR.encode()))),
    "artist": jpeg(app_exif(exif_with(0x013B, 2, PAIR.encode()))),
    "user-comment": jpeg(app_exif(exif_with(0x9286, 7, b"UNICODE\0" + PAIR.encode("utf-16-le"), inner=True))),
    "windows-comment": jpeg(app_exif(exif_with(0x9C9C, 1, PAIR.encode("utf-16-le")))),
    "xmp": jpeg(app_xmp(xmp(f"<dc:title>{PAIR}</dc:title>", coordinates=False))),
    "iptc": jpeg(iptc(PAIR.encode())),
    "png": png(chunk(b"tEXt", b"Comment\0" + PAIR.encode())),
    "png-packed": png(text_chunk(b"zTXt", b"Comment", PAIR.encode())),
    "webp": webp((b"NOTE", PAIR.encode())),
    "gif": gif(PAIR.encode()),
}


@pytest.mark.parametrize("name", UNNAMED)
def test_a_pair_of_numbers_leaves_the_copy(name: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(UNNAMED[name])
    assert write_public_copy(source, target) == Location.REMOVED
    plain = target.read_bytes().replace(b"\0", b"")
    assert [
        needle for needle in (b"27.8", b"8291", b"1520", b"44.76", b"9\xe5\x88\x86", b"49\xb7\xd6") if needle in plain
    ] == []
    with pictures.open_picture(target) as after, pictures.open_picture(source) as before:
        assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()


@pytest.mark.parametrize("text", [
    "f/2.8 1/250 ISO 100", "2.5000 x 3.5000", "1978.05.01, 1998.05.01", "0.1234, 0.56789", "26°C 5'", "12.5 34.25",
    "192.168.1.1 10.0.0.1",
])  # fmt: skip
def test_other_numbers_are_no_location(text: str, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(jpeg(segment(0xFE, text.encode())))
    assert write_public_copy(tmp_path / "source", tmp_path / "target") == Location.ABSENT


@pytest.mark.slow
def test_pixels_are_not_taken_for_numbers(tmp_path: Path) -> None:
    import numpy as np

    noise = np.random.default_rng(14).integers(0, 256, (1500, 1500, 3), dtype=np.uint8)
    for form in ("TIFF", "BMP"):
        Image.fromarray(noise).save(tmp_path / "source", form)
        assert write_public_copy(tmp_path / "source", tmp_path / "target") == Location.ABSENT


def avif(*, animated: bool, **options: bytes) -> bytes:
    buffer = io.BytesIO()
    frames = [located_photos.picture().rotate(20)] if animated else []
    located_photos.picture().save(buffer, "AVIF", save_all=animated, append_images=frames, **options)
    data = bytearray(buffer.getvalue())
    data[8:12] = b"mif1"  # photos of phones have this brand
    return bytes(data)


def test_an_image_sequence_has_a_copy_without_its_location(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for options in ({"exif": EXIF}, {"xmp": xmp()}, {"exif": EXIF, "xmp": xmp()}):
        source.write_bytes(avif(animated=True, **options))
        assert write_public_copy(source, target) == Location.REMOVED
        assert EXIF not in target.read_bytes()
        assert b"27.8291" not in target.read_bytes()
    source.write_bytes(avif(animated=True).replace(b"pict", b"mett"))
    assert write_public_copy(source, target) == Location.UNREMOVABLE
    source.write_bytes(avif(animated=True))
    assert write_public_copy(source, target) == Location.ABSENT


def item_list(encoding: bytes, extents: int) -> bytes:
    """A `meta` box with one XMP item, of so many extents."""
    entry = box(b"infe", b"\2\0\0\0" + struct.pack(">HH", 1, 0) + b"mime\0application/rdf+xml\0" + encoding + b"\0")
    items = box(b"iinf", bytes(4) + struct.pack(">H", 1) + entry)
    places = b"".join(struct.pack(">II", 8, 4) for _ in range(extents))
    where = box(b"iloc", bytes(4) + b"\x44\0" + struct.pack(">HHHH", 1, 1, 0, extents) + places)
    return box(b"meta", bytes(4) + where + items)


@pytest.mark.parametrize(("encoding", "extents", "expected"), [
    (b"", 1, Location.ABSENT), (b"deflate", 1, Location.UNREMOVABLE), (b"", 2, Location.UNREMOVABLE),
])  # fmt: skip
def test_metadata_in_pieces_or_compressed_has_no_copy(
    encoding: bytes, extents: int, expected: Location, tmp_path: Path
) -> None:
    data = box(b"ftyp", b"heic\0\0\0\0heic") + item_list(encoding, extents) + box(b"mdat", bytes(20))
    (tmp_path / "source").write_bytes(data)
    assert write_public_copy(tmp_path / "source", tmp_path / "target") == expected


@pytest.mark.parametrize("version", [0, 1])
def test_item_lists_of_the_first_versions_have_no_copy(version: int, tmp_path: Path) -> None:
    listed = item_list(b"", 1).replace(b"infe\2", b"infe" + bytes([version]))
    data = box(b"ftyp", b"heic\0\0\0\0heic") + listed + box(b"mdat", bytes(20))
    (tmp_path / "source").write_bytes(data)
    assert write_public_copy(tmp_path / "source", tmp_path / "target") == Location.UNREMOVABLE


def test_a_picture_of_an_unknown_codec_is_refused_as_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(avif(animated=False))
    with pytest.raises(RejectedError) as refused:
        photo.describe(tmp_path / "a.heic", tmp_path)
    assert refused.value.code == "damaged"


def test_coordinates_that_the_limit_splits_are_found() -> None:
    for before in range(500 - len(PAIR), 500):
        text = ("a b " * 500)[: before - 1] + " " + PAIR
        assert photo._checked_text(text) == ""
    started = time.monotonic()
    photo._checked_text("1" * (8 << 20))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("tag", [0x010E, 0x010F, 0x0110, 0x013B, 0x8298])
def test_no_text_of_exif_tells_coordinates(tag: int, tmp_path: Path) -> None:
    for text in (PAIR, "GPS 27.8291", "27°49′44.76″N"):
        source = tmp_path / "a.jpg"
        source.write_bytes(jpeg(app_exif(exif_with(tag, 2, text.encode() + b"\0"))))
        described = photo.describe(source, tmp_path)
        public = (described.title, described.abstract, described.rights, described.creators, described.details)
        assert "27" not in repr(public).replace(repr(described.details.cover), "").replace(
            str(described.details.photo_hash), ""
        )


def test_creators_of_iptc_tell_no_coordinates(tmp_path: Path) -> None:
    record = b"\x1c\x02\x50" + struct.pack(">H", len(PAIR)) + PAIR.encode()
    block = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(record)) + record + bytes(len(record) % 2)
    (tmp_path / "a.jpg").write_bytes(jpeg(segment(0xED, b"Photoshop 3.0\0" + block)))
    assert photo.describe(tmp_path / "a.jpg", tmp_path).creators == []
