"""Every notation of a position is recognised, in strings and in bytes; honest numbers and codes are not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.formats.photos import photo
from ingest_tools.formats.photos.location_metadata.coordinates.encoded_text import (
    bytes_have_coordinates,
    find_coordinates_in_bytes,
)
from ingest_tools.formats.photos.location_metadata.coordinates.normalization import normalize_text
from ingest_tools.formats.photos.location_metadata.coordinates.notations import NOTATIONS, Notation
from ingest_tools.formats.photos.location_metadata.coordinates.recognition import find_coordinates, text_has_coordinates
from ingest_tools.formats.photos.location_metadata.public_copy import Location, write_public_copy
from tests.factories.located_photos import Tiff, app_exif, app_xmp, chunk, jpeg, png, segment, xmp

POSITIONS = [
    # decimal degrees
    "27.8367, 113.1339", "113.1339 27.8367", "27.8367,113.1339", "(27.8367; 113.1339)", "27.8367/113.1339",
    "27.8367_113.1339", "27.8367-113.1339", "-33.8568/151.2153", "+27.8291+113.1520/", "27.836N 113.134E",
    "N27.83 E113.13", "27.83°N, 113.13°E", "27.83° N", "E 113.1339, N 27.8367", "27.8N, 113.1E", "113.13°E",
    "北纬27.83 东经113.13", "东经：113.1", "经纬度：113.13,27.83", "北緯27.8367度", "纬度 27.83", "27.83（纬度）",
    "27,8367; 113,1339", "27,8367 113,1339", "-33,8568 / 151,2153", "lat 27,8367", "lat: 27.8",
    "Latitude=27.8367", "MAPLatitude:27.83", "photoLat: 27.83", "mlat=27.83&mlon=113.13", "GPS 27.830512",
    "Position: 27.83, 113.13", "坐标（113.13，27.83）", '"coordinates":[113.13,27.83]', '{"x":113.13,"y":27.83}',
    "{'y': 27.8367, 'x': 113.1339}", '{"x": -0.1278, "y": 51.5074}', "POINT(113.13 27.83)",
    "POINT Z (113.1339 27.8367 40)", "geo:27.8,113.1", "geo:27.8367,113.1339;u=35",
    "<a>27.8367</a><b>113.1339</b>", "width 27.8367 height 113.1339",
    # degrees, minutes and seconds
    "27°50.205'N 113°8.04'E", "27° 50.205' N", "27°50′12.33″", "27º50'12\"N", "27˚50'12\"N", "27°50'",
    "27°50.205", "27 50 12.33 N, 113 08 02 E", "N 27 50 12, E 113 08 02", "27-50-12N 113-08-02E",
    "27:50:12 N 113:08:02 E", "N27 50.205 E113 8.04", "N 27° 50.205 E 113° 08.040", "27 50.205'N, 113 8.04'E",
    "27 50'N 113 8'E", "27d50'12.33\"N", "27 deg 50' 12.33\" N", "27 degrees 50 minutes 12 seconds north",
    "27度50分12秒", "北纬二十七度五十分", "东经一百一十三点一三", "27,49.502N", "27,49,30N 113,8,45E",
    "$GPGGA,092750.000,2750.205,N,11308.040,E,1,8,1.03,61.7,M",
    "$GPRMC,123519,A,2750.205,N,11308.040,E,022.4,084.4", "275012N 1130802E", "+2750.205+11308.040/",
    "exif:GPSLatitude 27/1, 49/1, 3012/100",
    # whole numbers
    '{"latitudeE7": 278367000, "longitudeE7": 1131339000}', "latE7=278367000", '"lon_e6": 113133900',
    '"latitude": 278367000',
    # codes and grids
    "8P4C+XX Zhuzhou", "8P4C+XX 株洲", "7PP2R4PM+MV", "7pp2r4pm+mv", "plus code: GPFC+XX", "7PP2R4PM+MV2",
    "49R 0710123 3081456", "49R 710000 3081000", "49R 710123mE 3081456mN", "49 R 710123 3081456",
    "UTM 49R E:710123 N:3081456", "49RGL1012381456", "49R GL 10123 81456", "49RGL 101 814", "MGRS: 49RGL1081",
    "geohash: wtmkq0d", '"geohash":"wtmkqbc"', "geohash wtmk5q", "geo_hash=wtmkq0d1", "///filled.count.soap",
    "what3words: filled.count.soap", "w3w.co/filled.count.soap", "///过河.木桥.老街",
    # addresses of maps
    "https://www.google.com/maps/@27.83,113.13,15z", "https://maps.google.com/?q=27.83,113.13",
    "https://maps.google.com/?q=27.83%2C113.13", "https://maps.google.com/?ll=27%2E83,113%2E13",
    "https://www.google.com/maps/place/x/data=!3d27.8367!4d113.1339",
    "https://www.openstreetmap.org/#map=16/27.83/113.13",
    "https://uri.amap.com/marker?position=113.13,27.83&name=a",
    "https://uri.amap.com/marker?position=113.13%2C27.83",
    "http://api.map.baidu.com/marker?location=27.83,113.13", "https://map.baidu.com/@12594000,3225000,17z",
    "https://maps.app.goo.gl/Ab3dEf9hJk", "https://osm.org/go/5yh8q--", "https://surl.amap.com/4Xyz1aB",
    # spellings
    "２７．８３６７，１１３．１３３９", "北纬２７．８３ 东经１１３．１３", "27.8367\u200b, 113.1339",
    "27.8367&#44;113.1339",
    "27?50'12.33\"N 113?8'2\"E", "27.8367, 113.13", "北纬27度32分60.0秒",
    "&#50;&#55;.8367, 113.1339", "%32%37%2E8367%2C%31%31%33%2E1339", "27.8367%252C113.1339",
    "\u0662\u0667.8367 113.1339", "27\\u002e8367, 113\\u002e1339", "−27.8367, −113.1339",
    "27.8367\u00a0113.1339", "27&deg;50&prime;12&Prime;N",
]  # fmt: skip
HONEST = [
    # dates and times
    "", "1998-05-01", "1998.05.01, 1998.06.01", "1998年5月1日", "2019-05-01 10:30:15", "10:30:15 EST",
    "08:30-17:30", "1998:05:01 08:00:00", "19980501", "20190501103015", "2019-05-01T10:30:15+08:00",
    "10时30分15秒", "二十五度", "00:12.345 --> 00:23.456", "12.345s, 23.456s",
    # numbers of books, articles and telephones
    "ISBN 978-7-5438-1234-5", "9787543812345", "ISSN 1000-1234", "10.3969/j.issn.1000-1234.2019.01.001",
    "doi:10.1016/j.cub.2019.04.012", "CN 43-1234/G2", "0731-28201234", "+86-731-28201234", "13873312345",
    "+86 138 7331 2345", "K296.43/123.456", "G127.643 G130.256", "TP311.138", "湘B12345", "430202199805011234",
    "邮编 412000",
    # sizes, ratios, prices, versions
    "1920x1080", "1920×1080 像素", "2.5000 x 3.5000", "12.345 x 23.456 cm", "6.5寸 x 8.5寸", "1.85:1", "2.350:1",
    "1:25000", "¥27.50, ¥113.00", "27.50, 113.00", "1,234; 5,678", "1,234,567", "人民币 1.25万元",
    "长12.345米，宽23.456米", "v2.10.3", "Version 10.15.7", "192.168.1.1 10.0.0.1", "Adobe Photoshop 24.1.2",
    "iOS 16.3.1", "GPS Version 2.30", "f/2.8 1/250 ISO 100", "24-70mm f/2.8", "24.000 70.000",
    "EF24-105mm f/4L IS USM", "26.5°C", "26°C 5'", "北纬30度", "0.3127, 0.3290", "1.000 0.000 0.000",
    '{"x":0.5123,"y":0.4231}', '{"x": 640, "y": 480}', "x=12.5, y=7.25", "100% 98.5%",
    # words and codes
    "第27章 第113节", "第3卷第12期", "老街 27 号", "经一路12.55米", "曾经 3.25 元", "经过 12.50 公里",
    "纬三路 27 号", "经纬仪",
    "latte 3.50", "a platinum 12.50", "long 12.50 m", "GPFC+XX", "G7X2 + MC", "C++17", "HELP+WE", "CCTV+HD 北京",
    "5G+4K", "2345+67", "geohash", "geohash system", "wtmkq0d", "geography", "file:///home.page.html",
    "see www.example.com", "https://example.com/a/12.5/3.html", "filled.count.soap", "e.g. one.two.three",
    "48KHZ 192000", "20KHZ 2000", "12AB3456", "SHA1 8b1a9953c4611296a827abf8c47804d7",
    "xmp.did:F77F1174072068118083", "4K60 HDR10+", "NSEW", "N 5 号机", "E 区 12 栋", "POINT 5",
    "position: relative", "location 3", "37度5分钟", "f2.8,1/125s", "5.5 kN, 3.2 kN", "Nikon D850 12,5 V; 3,2 A",
    "https://mp.weixin.qq.com/s?__biz=MzA3MjE2&mid=2650&idx=1", "100.00 GB / 250.50 GB", "2 3/4 x 4 1/2 in.",
    "A4 210 x 297", "Map of Hunan, 1:200000", "http://ns.adobe.com/exif/1.0/", "1st 2nd 3rd", "12,345.67",
    "3.14159",
]  # fmt: skip


@pytest.mark.parametrize("text", POSITIONS)
def test_a_position_is_recognised_in_text_and_bytes(text: str) -> None:
    assert text_has_coordinates(text)
    assert text_has_coordinates(f"龙母庙会，{text}。1998年摄")
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        assert bytes_have_coordinates(f"老街 {text} 渡口".encode(encoding, "replace")), encoding


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_text_stays(text: str) -> None:
    assert [text[start:stop] for start, stop in find_coordinates(text)] == []
    assert not text_has_coordinates(f"龙母庙会，{text}。1998年摄")
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        assert not bytes_have_coordinates(f"老街 {text} 渡口".encode(encoding)), encoding


def test_the_tables_are_long_enough() -> None:
    assert len(set(POSITIONS)) >= 60
    assert len(set(HONEST)) >= 60


@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda notation: notation.name)
def test_every_notation_is_in_the_table(notation: Notation) -> None:
    assert any(list(notation.find(normalize_text(text).text)) for text in POSITIONS)


PLACES: dict[str, Callable[[bytes], bytes]] = {
    "comment": lambda text: jpeg(segment(0xFE, text)),
    "description": lambda text: jpeg(app_exif(exif_with_text(text))),
    "iptc": lambda text: jpeg(segment(0xED, iptc(text))),
    "xmp": lambda text: jpeg(app_xmp(xmp(f"<dc:title>{escape(text.decode())}</dc:title>", coordinates=False))),
    "png": lambda text: png(chunk(b"tEXt", b"Comment\0" + text)),
    "png-packed": lambda text: png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(text))),
    "png-xmp": lambda text: png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(
        f"<dc:title>{escape(text.decode())}</dc:title>", coordinates=False))),
}  # fmt: skip


def exif_with_text(text: bytes) -> bytes:
    tiff = Tiff()
    return tiff.done(tiff.directory([(0x010E, 2, len(text), text)]))


def iptc(text: bytes) -> bytes:
    record = b"\x1c\x02\x78" + struct.pack(">H", len(text)) + text
    return b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(record)) + record + bytes(len(record) % 2)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.long
def test_no_place_of_a_picture_keeps_a_position(place: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for text in POSITIONS:
        source.write_bytes(PLACES[place](f"老街 {text} 渡口".encode()))
        assert write_public_copy(source, target) == Location.REMOVED, text
        assert not bytes_have_coordinates(target.read_bytes()), text
        description = photo.describe(source, tmp_path)
        assert not text_has_coordinates(f"{description.title} {description.abstract}"), text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.slow
def test_an_honest_text_makes_no_copy(place: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for text in filter(None, HONEST):
        source.write_bytes(PLACES[place](f"老街 {text} 渡口".encode()))
        assert write_public_copy(source, target) == Location.ABSENT, text


@pytest.mark.parametrize("text", ["27.<!---->8367, 113.<!-- a -->1339", "27.8<![CDATA[367, 113.13]]>39"])
def test_xml_comments_and_cdata_hide_no_position(text: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(jpeg(app_xmp(xmp(f"<dc:title>{text}</dc:title>", coordinates=False))))
    assert write_public_copy(source, target) == Location.REMOVED
    assert b"8367" not in target.read_bytes()


def sexagesimal(value: float, form: str) -> str:
    degrees, minutes = int(value), value % 1 * 60
    return form.format(value=value, d=degrees, m=minutes, i=int(minutes), s=min(59.99, minutes % 1 * 60))


def plus_code(latitude: float, longitude: float) -> str:
    """An Open Location Code of ten digits (github.com/google/open-location-code)."""
    digits, code = "23456789CFGHJMPQRVWX", ""
    north, east = int((latitude + 90) * 8000), int((longitude + 180) * 8000)
    for _ in range(5):
        code = digits[north % 20] + digits[east % 20] + code
        north, east = north // 20, east // 20
    return f"{code[:8]}+{code[8:]}"


def geohash(latitude: float, longitude: float) -> str:
    bits, ranges = "", [[-180.0, 180.0], [-90.0, 90.0]]
    for number in range(40):
        value, limits = (longitude, latitude)[number % 2], ranges[number % 2]
        middle = sum(limits) / 2
        bits += "1" if value >= middle else "0"
        limits[value < middle] = middle
    return "".join("0123456789bcdefghjkmnpqrstuvwxyz"[int(bits[at : at + 5], 2)] for at in range(0, 40, 5))


def nmea(latitude: float, longitude: float) -> str:
    both = f"{sexagesimal(abs(latitude), '{d:02}{m:06.3f}')},{'NS'[latitude < 0]},"
    return f"$GPGGA,092750.000,{both}{sexagesimal(abs(longitude), '{d:03}{m:06.3f}')},{'EW'[longitude < 0]},1,8"


def compass(form: str) -> Callable[[float, float], str]:
    return lambda latitude, longitude: (
        f"{sexagesimal(abs(latitude), form)}{'NS'[latitude < 0]}, {sexagesimal(abs(longitude), form)}"
        f"{'EW'[longitude < 0]}"
    )


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)


WRITERS: dict[str, Callable[[float, float], str]] = {
    "decimal": lambda latitude, longitude: f"{latitude:.5f}, {longitude:.5f}",
    "longitude first": lambda latitude, longitude: f"{longitude:.4f} {latitude:.4f}",
    "decimal commas": lambda latitude, longitude: f"{latitude:.4f}; {longitude:.4f}".replace(".", ","),
    "full width": lambda latitude, longitude: full_width(f"{latitude:.4f},{longitude:.4f}"),
    "hemispheres": compass("{value:.2f}"),
    "minutes": compass("{d}°{m:.3f}'"),
    "seconds": compass("{d}°{i}'{s:.2f}\""),
    "plain": compass("{d} {i:02} {s:05.2f} "),
    "Chinese": lambda latitude, longitude: sexagesimal(abs(latitude), "北纬{d}度{i}分{s:.1f}秒"),
    "NMEA": nmea,
    "ISO 6709": lambda latitude, longitude: f"{latitude:+08.4f}{longitude:+09.4f}/",
    "JSON": lambda latitude, longitude: f'{{"lat":{latitude:.3f},"lng":{longitude:.3f}}}',
    "E7": lambda latitude, longitude: f'{{"latitudeE7":{latitude * 1e7:.0f},"longitudeE7":{longitude * 1e7:.0f}}}',
    "x and y": lambda latitude, longitude: f'{{"x":{longitude:.4f},"y":{latitude:.4f}}}',
    "geo address": lambda latitude, longitude: f"geo:{latitude:.3f},{longitude:.3f}",
    "well-known text": lambda latitude, longitude: f"POINT({longitude:.4f} {latitude:.4f})",
    "address": lambda latitude, longitude: "https://a.example/?q=" + quote(f"{longitude:.4f},{latitude:.4f}"),
    "plus code": plus_code,
    "geohash": lambda latitude, longitude: f"geohash: {geohash(latitude, longitude)}",
    "UTM": lambda latitude, longitude: f"49N {500_000 + longitude * 1000:.0f} {(latitude + 90) * 50_000:07.0f}",
    "MGRS": lambda latitude, longitude: f"49RGL{abs(latitude) * 1000:05.0f}{abs(longitude) * 500:05.0f}",
}  # fmt: skip
WORDS = st.text(st.sampled_from("天元老街渡口庙会摄于的、，。！《》（） \n"), max_size=40)
FRACTIONS = st.integers(2_000, 94_000).map(lambda number: number / 100_000)  # no rounding makes a whole number
LATITUDES = st.builds(lambda degrees, fraction, sign: sign * (degrees + fraction), st.integers(1, 83), FRACTIONS,
                      st.sampled_from((1, -1)))  # fmt: skip
LONGITUDES = st.builds(lambda degrees, fraction, sign: sign * (degrees + fraction), st.integers(2, 178), FRACTIONS,
                       st.sampled_from((1, -1)))  # fmt: skip


@given(st.sampled_from(sorted(WRITERS)), LATITUDES, LONGITUDES, WORDS, WORDS,
       st.sampled_from(["utf-8", "gb18030", "utf-16-le", "utf-16-be"]), st.binary(max_size=64))  # fmt: skip
@pytest.mark.slow
def test_a_position_in_any_notation_and_surroundings_goes(
    notation: str, latitude: float, longitude: float, before: str, after: str, encoding: str, binary: bytes
) -> None:
    text = f"{before} {WRITERS[notation](latitude, longitude)} {after}"
    assert text_has_coordinates(text)
    raw = bytearray(binary + bytes(2) + text.encode(encoding) + bytes(2) + binary)
    assert bytes_have_coordinates(bytes(raw))
    for start, stop in list(find_coordinates_in_bytes(bytes(raw))):
        raw[start:stop] = bytes(byte and 0x20 for byte in raw[start:stop])
    assert not bytes_have_coordinates(bytes(raw))


@given(st.text(st.sampled_from("天元abcdefgxyz.,;:+-/°'\"%25&#;NSEW 度分\u200b１１"), max_size=80))
def test_ranges_lead_back_to_the_original_text(text: str) -> None:
    normalized = normalize_text(text)
    starts = normalized.starts or list(range(len(text) + 1))
    assert starts == sorted(starts)
    assert (len(starts), starts[-1]) == (len(normalized.text) + 1, len(text))
    for at in range(len(normalized.text)):
        first, last = normalized.original_range(at, at + 1)
        assert normalized.text[at] in normalize_text(text[first:last]).text
