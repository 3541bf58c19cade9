"""What the public fetches of a photo does not tell where it was taken; `located_photos` draws the inputs."""

from __future__ import annotations

import functools
import hashlib
import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ingest_tools.formats import pictures
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.photos.location_metadata.public_copy import Location, write_public_copy
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
    video,
    webp,
    xmp,
)

POSITION = located_photos.rationals("<", located_photos.LATITUDE)
EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"


def extended(parts: int = 3) -> list[bytes]:
    """Extended XMP whose coordinate is split between two segments."""
    text = xmp("<dc:x>" + "天" * 30 + "</dc:x>").partition(b"?>")[2]
    name = hashlib.md5(text).hexdigest().upper().encode()
    cut = text.index(b"27,49") + 3
    pieces = [(0, text[:cut]), (cut, text[cut:])]
    note = f'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmpNote="{name.decode()}"/>'.encode()
    heads = [EXTENSION + name + struct.pack(">II", len(text), at) + piece for at, piece in pieces]
    return [app_xmp(note), *(segment(0xE1, head) for head in reversed(heads))]


def thumbnail() -> bytes:
    return jpeg(app_exif(exif(">")))


def left_behind(order: str) -> bytes:
    """Exif of a program that only removed the pointer to the GPS directory."""
    tiff = Tiff(order)
    tiff.gps()
    return tiff.done(tiff.directory([(0x0112, 3, 1, tiff.number(1, 2))]))


def irb(number: int, data: bytes) -> bytes:
    block = b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + bytes(len(data) % 2)
    return segment(0xED, b"Photoshop 3.0\0" + block)


def gif(packet: bytes) -> bytes:
    buffer = io.BytesIO()
    located_photos.picture().convert("P").save(buffer, "GIF")
    data = buffer.getvalue()
    trailer = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    return data[:-1] + b"\x21\xff\x0bXMP DataXMP" + packet + trailer + b"\x3b"


def geotiff(order: str) -> bytes:
    """A TIFF of one strip with XMP, GPS, and the tie point of a map."""
    tiff, pixels = Tiff(order), located_photos.picture().tobytes()
    tie = struct.pack(f"{order}6d", 0, 0, 0, 113.1458917, 27.8250333, 0)
    strip, gps_at, packet = tiff.append(pixels), tiff.gps(), xmp()
    return tiff.done(tiff.directory([
        (256, 3, 1, tiff.number(96, 2)), (257, 3, 1, tiff.number(64, 2)), (258, 3, 3, tiff.number(8, 2) * 3),
        (259, 3, 1, tiff.number(1, 2)), (262, 3, 1, tiff.number(2, 2)), (273, 4, 1, strip),
        (277, 3, 1, tiff.number(3, 2)), (278, 3, 1, tiff.number(64, 2)), (279, 4, 1, len(pixels)),
        (700, 1, len(packet), packet), (0x8825, 4, 1, gps_at), (33922, 12, 6, tie),
    ]))  # fmt: skip


def profile(kind: bytes, name: str, data: bytes, **lines: Any) -> bytes:
    """A PNG with a raw profile in a chunk of text."""
    text = raw_profile(name, data, **lines)
    body = {b"tEXt": b"\0" + text, b"zTXt": b"\0\0" + zlib.compress(text), b"iTXt": b"\0\1\0\0\0" + zlib.compress(text)}
    return png(chunk(kind, b"Raw profile type " + name.encode() + body[kind]))


LINES: dict[str, dict[str, Any]] = {"crlf": {"newline": "\r\n"}, "cr": {"newline": "\r"}, "short": {"width": 8},
                                    "odd-lines": {"width": 7}, "odd-length": {"digits_after": "a"}}  # fmt: skip
DATA = {"exif": b"Exif\0\0" + exif(), "APP1": b"Exif\0\0" + exif(">"), "xmp": xmp(),
        "iptc": b"8BIM\x04\x04\0\0\0\0\0\x16\x1c\x02\x78\0\x11" + b"27.8291, 113.1520"}  # fmt: skip
PROFILES: dict[str, Callable[[Path], bytes]] = {
    f"{kind.decode()}-{name}-{how}": functools.partial(lambda kind, name, how, _: profile(
        kind, name, DATA[name], **LINES[how]), kind, name, how)
    for kind in (b"tEXt", b"zTXt", b"iTXt") for name in DATA for how in LINES
}  # fmt: skip
REMOVABLE: dict[str, Callable[[Path], bytes]] = {
    "exif-little-endian": lambda _: jpeg(app_exif(exif("<"))),
    "exif-big-endian": lambda _: jpeg(app_exif(exif(">"))),
    "exif-twice": lambda _: jpeg(app_exif(exif("<")), app_exif(exif(">"))),
    "exif-behind-other-segments": lambda _: jpeg(segment(0xFE, b"x" * 999), app_xmp(xmp(coordinates=False)),
                                                 app_exif(exif())),
    "exif-between-segments": lambda _: jpeg(app_exif(exif()), b"garbage" + exif(">")[:4] + located_photos.rationals(
        ">", located_photos.LATITUDE)),
    "thumbnail-with-its-own": lambda _: jpeg(app_exif(exif("<", gps=False, thumbnail=thumbnail()))),
    "pointer-removed-by-another-program": lambda _: jpeg(app_exif(left_behind("<"))),
    "pointer-removed-big-endian": lambda _: jpeg(app_exif(left_behind(">"))),
    "maker-note": lambda _: jpeg(app_exif(exif(maker_note=b"Nikon\0" + bytes(20) + b"27.8250333 Zhuzhou"))),
    "maker-note-alone": lambda _: jpeg(app_exif(exif(gps=False, maker_note=b"Maker\0" + left_behind("<")))),
    "comment": lambda _: jpeg(segment(0xFE, b'{"latitude": 27.8250333, "longitude": 113.1458917}')),
    "description-of-mapillary": lambda _: jpeg(app_exif(exif_with_text(
        b'{"MAPLongitude":113.1458917,"MAPLatitude":27.8250333}'))),
    "comment-in-utf-16": lambda _: jpeg(app_exif(exif_with_text("latitude=27.8250333".encode("utf-16-le")))),
    "xmp": lambda _: jpeg(app_xmp(xmp())),
    "xmp-in-utf-16": lambda _: jpeg(app_xmp(xmp().decode().encode("utf-16-le"))),
    "xmp-broken": lambda _: jpeg(app_xmp(xmp().replace(b"</rdf:Description>", b""))),
    "xmp-of-geo-vocabulary": lambda _: jpeg(app_xmp(xmp(
        '<g:lat xmlns:g="http://www.w3.org/2003/01/geo/wgs84_pos#">27.8250333</g:lat>', coordinates=False))),
    "xmp-default-namespace": lambda _: jpeg(app_xmp(xmp(
        '<GPSLatitude xmlns="http://ns.adobe.com/exif/1.0/">27,49.502N</GPSLatitude>', coordinates=False))),
    "xmp-nested": lambda _: jpeg(app_xmp(xmp(
        '<i:LocationCreated xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><rdf:Bag><rdf:li exif:GPSLatitude='
        '"27,49.502N" i:City="株洲"/></rdf:Bag></i:LocationCreated>', coordinates=False))),
    "xmp-extended": lambda _: jpeg(*extended()),
    "photoshop-exif": lambda _: jpeg(irb(0x0422, exif(">"))),
    "photoshop-xmp": lambda _: jpeg(irb(0x0424, xmp())),
    "c2pa": lambda _: jpeg(segment(0xEB, b"JP\0\1jumb\xa1oexif:GPSLatitudej27,49.502N")),
    "gopro": lambda _: jpeg(app_exif(exif()), segment(0xE6, b"GoPro\0" + POSITION)),
    "second-picture": lambda _: jpeg(trailer=bytes(16) + jpeg(app_exif(exif(">")))),
    "motion-photo": lambda _: jpeg(app_exif(exif()), trailer=video()),
    "motion-photo-alone": lambda _: jpeg(trailer=b"MotionPhoto_Data" + video() + b"SEFT"),
    "second-picture-and-motion": lambda _: jpeg(trailer=jpeg(app_exif(exif("<"))) + video()),
    "png-exif": lambda _: png(chunk(b"eXIf", exif(">"))),
    "png-exif-with-head": lambda _: png(chunk(b"eXIf", b"Exif\0\0" + exif())),
    "png-profile-exif": lambda _: png(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(
        raw_profile("exif", b"Exif\0\0" + exif())))),
    "png-profile-app1": lambda _: png(chunk(b"tEXt", b"Raw profile type APP1\0" + raw_profile(
        "generic profile", b"Exif\0\0" + exif(">")))),
    "png-profile-xmp": lambda _: png(chunk(b"iTXt", b"Raw profile type xmp\0\1\0\0\0" + zlib.compress(
        raw_profile("xmp", xmp())))),
    **PROFILES,
    "png-xmp": lambda _: png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp())),
    "png-xmp-compressed": lambda _: png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp()))),
    "png-text-of-imagemagick": lambda _: png(chunk(b"tEXt", b"exif:GPSLatitude\x0027/1, 49/1, 3012/100")),
    "png-text-packed": lambda _: png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"latitude: 27.8250333"))),
    "png-unknown-chunk": lambda _: png(chunk(b"caBX", b"jumb exif:GPSLatitude 27,49.502N")),
    "png-trailer": lambda _: png(trailer=jpeg(app_exif(exif()))),
    "webp": lambda _: webp(exif=b"Exif\0\0" + exif(">"), xmp=xmp()),
    "webp-without-head": lambda _: webp((b"EXIF", exif())),
    "webp-trailer": lambda _: webp((b"EXIF", exif())) + video(),
    "gif-xmp": lambda _: gif(xmp()),
    "tiff-little-endian": lambda _: geotiff("<"),
    "tiff-big-endian": lambda _: geotiff(">"),
    "heic": lambda folder: located_photos.heic(folder, exif("<"), xmp()),
    "heic-big-endian": lambda folder: located_photos.heic(folder, exif(">")),
    "avif": lambda _: located_photos.avif(1, exif()),
    "avif-sequence": lambda _: located_photos.avif(3, exif()),
    "avif-sequence-big-endian": lambda _: located_photos.avif(3, exif(">")),
    "webp-unknown-chunk": lambda _: webp((b"XYZW", b"27.8250333, 113.1458917")),
    "jpeg-with-video-of-unknown-boxes": lambda _: jpeg(trailer=video().replace(b"\xa9xyz", b"wxyz").replace(
        b"ISO6709", b"unknown")),
    "heic-motion-photo": lambda folder: located_photos.heic(folder, exif(gps=False)) + box(b"mpvd", video()),
}  # fmt: skip


def exif_with_text(text: bytes) -> bytes:
    """Exif with a text in its description and its user comment."""
    tiff = Tiff()
    inner = tiff.directory([(0x9286, 7, len(text) + 8, b"UNICODE\0" + text)])
    return tiff.done(tiff.directory([(0x010E, 2, len(text), text), (0x8769, 4, 1, inner)]))


def pixels(path: Path) -> bytes:
    with pictures.open_picture(path) as picture:
        return picture.convert("RGB").tobytes()


@pytest.mark.parametrize("name", REMOVABLE)
def test_a_location_is_removed_and_the_picture_stays(name: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(REMOVABLE[name](tmp_path))
    before = source.read_bytes()
    assert write_public_copy(source, target) == Location.REMOVED
    assert source.read_bytes() == before
    copy = target.read_bytes()
    wide = [text.encode("utf-16-le") for text in located_photos.TEXTS]
    assert [needle for needle in (*located_photos.needles(), *wide) if needle in copy] == []
    assert b"GPSLatitude=" not in copy
    assert pixels(target) == pixels(source)
    with pictures.open_picture(target) as picture:
        assert dict(picture.getexif().get_ifd(0x8825)) == {}
    assert write_public_copy(target, tmp_path / "again") == Location.ABSENT


@pytest.mark.parametrize("name", ["exif-little-endian", "exif-big-endian", "xmp", "xmp-nested", "xmp-extended", "webp",
                                  "tiff-little-endian", "heic", "gif-xmp", "png-exif", "png-profile-exif",
                                  "thumbnail-with-its-own"])  # fmt: skip
def test_a_copy_keeps_the_length_and_the_other_metadata_of_its_source(name: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(REMOVABLE[name](tmp_path))
    write_public_copy(source, target)
    before, after = source.read_bytes(), target.read_bytes()
    assert len(after) == len(before)
    for word in (b"Tianyuan", b"1998:05:01", "株洲".encode(), "老街".encode()):
        assert (word in after) == (word in before)


def test_the_rest_of_exif_is_read_as_before(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(jpeg(app_exif(exif(">", thumbnail=jpeg(), maker_note=b"Apple iOS\0" + bytes(40)))))
    assert write_public_copy(source, target) == Location.REMOVED
    with Image.open(source) as before, Image.open(target) as after:
        old, new = before.getexif(), after.getexif()
        assert {tag: value for tag, value in old.items() if tag != 0x8825} == dict(new.items())
        assert {**new.get_ifd(0x8769), 0x927C: old.get_ifd(0x8769)[0x927C]} == old.get_ifd(0x8769)
        assert old.get_ifd(-1)[0x0202] == new.get_ifd(-1)[0x0202]


def test_extended_xmp_gets_the_name_of_its_new_text(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(jpeg(*extended()))
    write_public_copy(source, target)
    data = target.read_bytes()
    names = {data[at + 35 : at + 67] for at in range(len(data)) if data.startswith(EXTENSION, at)}
    (name,) = names
    pieces = sorted((struct.unpack(">I", data[at + 71 : at + 75])[0], at) for at in range(len(data))
                    if data.startswith(EXTENSION, at))  # fmt: skip
    text = b""
    for _, at in pieces:
        text += data[at + 75 : at - 2 + struct.unpack(">H", data[at - 2 : at])[0]]
    assert hashlib.md5(text).hexdigest().upper().encode() == name
    assert b'xmpNote="' + name in data


def test_checksums_of_png_are_right(tmp_path: Path) -> None:
    for name in [input_name for input_name in REMOVABLE if input_name.startswith("png")]:
        (tmp_path / "source").write_bytes(REMOVABLE[name](tmp_path))
        assert write_public_copy(tmp_path / "source", tmp_path / "target") == Location.REMOVED
        data, at = (tmp_path / "target").read_bytes(), 8
        while at < len(data):
            size = struct.unpack(">I", data[at : at + 4])[0]
            body, mark = data[at + 4 : at + 8 + size], data[at + 8 + size : at + 12 + size]
            assert zlib.crc32(body) == struct.unpack(">I", mark)[0], (name, body[:4])
            at += 12 + size


WITHOUT: dict[str, Callable[[Path], bytes]] = {
    "nothing": lambda _: jpeg(),
    "exif": lambda _: jpeg(app_exif(exif(gps=False, maker_note=b"Apple iOS\0" + bytes(40), thumbnail=jpeg()))),
    "version-only": lambda _: jpeg(app_exif(version_only())),
    "caption": lambda _: jpeg(app_xmp(xmp(coordinates=False))),
    "unknown-segment": lambda _: jpeg(segment(0xE5, b"Samsung\0" + bytes(50))),
    "trailer": lambda _: jpeg(trailer=b"SEFH" + bytes(100) + b"SEFT"),
    "png": lambda _: png(chunk(b"tEXt", b"Software\0GIMP with latitude")),
    "webp": lambda _: webp(),
    "heic": lambda folder: located_photos.heic(folder, exif(gps=False)),
    "avif": lambda _: located_photos.avif(1, exif(gps=False)),
    "avif-sequence": lambda _: located_photos.avif(3, exif(gps=False)),
    "png-profile": lambda _: png(chunk(b"tEXt", b"Raw profile type exif\0" + raw_profile("exif", exif(gps=False)))),
    "colours": lambda _: jpeg(segment(0xFE, b"white 0.3127, 0.3290 red 0.6400, 0.3300")),
    "empty": lambda _: b"",
    "gif": lambda _: gif(xmp(coordinates=False)),
}


def version_only() -> bytes:
    """Cameras without a receiver write a GPS directory with its version alone."""
    tiff = Tiff(">")
    gps = tiff.directory([(0, 1, 4, b"\2\3\0\0")])
    return tiff.done(tiff.directory([(0x0112, 3, 1, tiff.number(1, 2)), (0x8825, 4, 1, gps)]))


@pytest.mark.parametrize("name", WITHOUT)
def test_pictures_without_a_location_get_no_copy(name: str, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(WITHOUT[name](tmp_path))
    assert write_public_copy(tmp_path / "source", tmp_path / "target") == Location.ABSENT
    assert not (tmp_path / "target").exists()


def outside(order: str = "<") -> bytes:
    """The latitude stands behind the end of the Exif segment."""
    directory_bytes = bytearray(exif(order))
    at = directory_bytes.index(located_photos.rationals(order, located_photos.LATITUDE))
    pointer = directory_bytes.index(struct.pack("<I", at))
    directory_bytes[pointer : pointer + 4] = struct.pack("<I", len(directory_bytes) + 40)
    return bytes(directory_bytes)


UNREMOVABLE: dict[str, Callable[[Path], bytes]] = {
    "value-outside-its-segment": lambda _: jpeg(app_exif(outside()), segment(0xFE, bytes(300))),
    "directory-of-nothing": lambda _: jpeg(segment(0xFE, left_behind("<")[8:])),
    "value-of-a-gigabyte": lambda _: jpeg(app_exif(huge())),
    "coordinate-repeated": lambda _: jpeg(app_exif(exif()), segment(0xE2, b"ICC_PROFILE\0\1\1"
                                          + located_photos.rationals("<", located_photos.LATITUDE))),
    "sequence": lambda folder: located_photos.heic(folder, exif(gps=False)) + video()[20:],
}  # fmt: skip


def huge() -> bytes:
    tiff = Tiff()
    gps = tiff.directory([(1, 2, 2, b"N\0"), (2, 5, 1_000_000_000, 8), (0x1B, 7, 100_000, 8)])
    return tiff.done(tiff.directory([(0x8825, 4, 1, gps)]))


@pytest.mark.parametrize("name", UNREMOVABLE)
def test_there_is_no_copy_where_removal_is_uncertain(name: str, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(UNREMOVABLE[name](tmp_path))
    assert write_public_copy(tmp_path / "source", tmp_path / "target") == Location.UNREMOVABLE
    assert not (tmp_path / "target").exists()


def looping() -> bytes:
    tiff = Tiff()
    gps = tiff.gps()
    first = tiff.directory([(0x014A, 4, 1, 8), (0x8769, 4, 1, 8), (0x8825, 4, 1, gps)], 8)
    data = bytearray(tiff.done(first))
    return bytes(data).replace(struct.pack("<I", 8), struct.pack("<I", first))


@pytest.mark.parametrize("make_exif", [
    looping, lambda: exif()[:-30], lambda: exif()[:40], lambda: b"II*\0\xff\xff\xff\xff",
    lambda: b"II*\0\x08\0\0\0\xff\xff", lambda: b"II*\0" * 5000, lambda: b"MM\0*\0\0\0\x08" * 4000,
])  # fmt: skip
def test_hostile_directories_end(make_exif: Callable[[], bytes], tmp_path: Path) -> None:
    for data in (
        jpeg(app_exif(make_exif())),
        png(chunk(b"eXIf", make_exif())),
        webp((b"EXIF", make_exif())),
        make_exif(),
    ):
        (tmp_path / "source").write_bytes(data)
        location = write_public_copy(tmp_path / "source", tmp_path / "target")
        if location == Location.REMOVED:
            assert not any(needle in (tmp_path / "target").read_bytes() for needle in located_photos.needles())


@pytest.mark.long
def test_damaged_pictures_never_raise_and_never_leak(tmp_path: Path) -> None:
    """Bytes changed, taken out and put in at random; a copy that is given must hold no coordinate."""
    chance = random.Random(14)
    # libheif may crash on damaged HEIC, which is why parsers run in child processes
    inputs = [REMOVABLE[name](tmp_path) for name in REMOVABLE if not name.startswith("heic")]
    source, target = tmp_path / "source", tmp_path / "target"
    for _ in range(400):
        data = bytearray(chance.choice(inputs))
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(1, 20)]
                case _:
                    data[at:at] = bytes(chance.randrange(1, 20))
            data = data or bytearray(b"\0")
        source.write_bytes(data)
        location = write_public_copy(source, target)
        if location == Location.REMOVED:
            copy = target.read_bytes()
            packed = [needle for needle in located_photos.needles()[:4] if needle in copy]
            assert packed == [], data


@pytest.mark.parametrize("frames", [1, 3])
def test_avif_is_a_photo_whatever_its_first_brand(frames: int, tmp_path: Path) -> None:
    data = located_photos.avif(frames, exif())
    for brand in (data[8:12], b"isom"):
        (tmp_path / "a.mp4").write_bytes(data[:8] + brand + data[12:])
        assert detect_format(tmp_path / "a.mp4") == "photo"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_locations_written_by_pillow_are_removed(form: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    written = Image.Exif()
    written[0x010E] = "老街"
    gps = {1: "N", 2: (27.0, 49.0, 30.12), 3: "E", 4: (113.0, 8.0, 45.21), 6: 51.2, 16: "T", 17: 90.5, 29: "1998:05:01"}
    written.get_ifd(0x8825).update(gps)
    written.get_ifd(0x8769)[0x9003] = "1998:05:01 08:00:00"
    loaded = Image.Exif()
    loaded.load(written.tobytes())  # TIFF is only written with directories that were read
    located_photos.picture().save(source, form, exif=loaded)
    assert write_public_copy(source, target) == Location.REMOVED
    with Image.open(source) as before, Image.open(target) as after:
        assert before.getexif().get_ifd(0x8825)
        assert after.getexif().get_ifd(0x8825) == {}
        assert after.getexif()[0x010E] == before.getexif()[0x010E]
        assert after.getexif().get_ifd(0x8769)[0x9003] == "1998:05:01 08:00:00"
        assert after.tobytes() == before.tobytes()
