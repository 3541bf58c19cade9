"""Coordinates written as text in photos: never in a title, and not in the file that readers get."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.formats.photos import photo, photo_metadata
from ingest_tools.formats.photos.captions import Captions
from ingest_tools.formats.photos.location_metadata.coordinates.recognition import text_has_coordinates
from ingest_tools.formats.photos.location_metadata.public_copy import Location, write_public_copy
from tests.factories.located_photos import Tiff, app_exif, chunk, exif, jpeg, picture, png, segment

TELLING = [
    "Latitude: 27.830512 Longitude: 113.131123", "GPS 27.830512, 113.131123", "27.8338N,113.1340E",
    "N27.830512 E113.131123",
    "lat 27.830512 lon 113.131123", "纬度：27度49分49.84秒", "北纬27.83 东经113.13",
    "GPS Latitude: 27 deg 49' 49.84\" N",
    '{"lat":27.830512,"lng":113.131123}', '"gps":[27.830512,113.131123]', "geo:27.830512,113.131123", "27°49'49.84\"N",
    "https://maps.example/?q=27.830512,113.131123",
    "27.8291, 113.1520", "113.152 27.829", "27.8291，113.1520", "２７．８２９１，１１３．１５２０", 
    "+27.8291+113.1520/",
    "-33.8568/151.2153", "x=27.8291; y=113.1520", "51.5074 -0.1278",
]  # fmt: skip
SILENT = [
    "", "龙母庙会 1998年", "老街 27 号", "湘江大桥，长1.25公里", "f/2.8 1/250 ISO 100", "1978.05.01", "渡口（之3）",
    "合影 2.5 寸 x 3.5 寸",
    "比例 1:2.5", "第27届，113人", "经纬仪", "latte 3.50", "纬三路 27 号", "经一路12.5米",
    "1.25, 3.50", "0.3127, 0.3290", "272.8291, 313.1520", "1998.123, 1999.456",
]  # fmt: skip


@pytest.mark.parametrize("text", TELLING)
def test_a_text_that_tells_coordinates_is_no_title(text: str) -> None:
    assert text_has_coordinates(text)
    captions = photo_metadata.remove_coordinates(
        Captions(title=text, caption=text, place=text, rights=text, creators=[text], keywords=[text, "庙会"])
    )
    assert captions == Captions(keywords=["庙会"])


@pytest.mark.parametrize("text", SILENT)
def test_other_texts_are_kept(text: str) -> None:
    assert not text_has_coordinates(text)


def gif(comment: bytes) -> bytes:
    buffer = io.BytesIO()
    picture().convert("P").save(buffer, "GIF", comment=comment)
    return buffer.getvalue()


def exif_with_text(tag: int, text: bytes) -> bytes:
    tiff = Tiff()
    return jpeg(app_exif(tiff.done(tiff.directory([(tag, 2, len(text), text)]))))


PLACES: dict[str, Callable[[bytes], bytes]] = {
    "jpeg-comment": lambda text: jpeg(segment(0xFE, text)),
    "png-text": lambda text: png(chunk(b"tEXt", b"Comment\0" + text)),
    "gif-comment": gif,
    "description": lambda text: exif_with_text(0x010E, text),
    "copyright": lambda text: exif_with_text(0x8298, text),
}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", TELLING)
def test_a_text_that_tells_coordinates_leaves_the_copy(tmp_path: Path, text: str, place: str, encoding: str) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "copy.jpg"
    source.write_bytes(PLACES[place](text.encode(encoding)))
    location = write_public_copy(source, target)
    assert location != Location.ABSENT
    if location == Location.REMOVED:
        copy = target.read_bytes().replace(b"\0", b"")
        assert [number for number in (b"27.8", b"113.1", b"49.84", b"151.2") if number in copy] == []
        with Image.open(target) as picture:
            assert picture.size


@pytest.mark.parametrize("tag", [0x010E, 0x013B, 0x8298, 0x010F, 0x0110])
@pytest.mark.parametrize("text", TELLING)
def test_no_text_of_exif_tells_coordinates(tmp_path: Path, tag: int, text: str) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(exif_with_text(tag, text.encode()))
    description = photo.describe(source, tmp_path)
    assert (description.title, description.abstract, description.creators, description.rights) == (None, None, [], None)
    assert description.details.camera is None


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le"])
def test_a_removed_position_written_as_decimals_stops_the_copy(tmp_path: Path, encoding: str) -> None:
    located = tmp_path / "located.jpg"
    located.write_bytes(jpeg(app_exif(exif())))
    described = photo.describe(located, tmp_path)
    position = described.details.gps
    assert position is not None
    source, target = tmp_path / "a.jpg", tmp_path / "copy.jpg"
    words = f"taken at {position.latitude} by the river".encode(encoding)
    source.write_bytes(jpeg(app_exif(exif()), segment(0xFE, words)))
    assert write_public_copy(source, target) == Location.UNREMOVABLE
    assert not target.exists()
