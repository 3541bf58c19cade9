"""Pictures with a location in every place where one was seen to survive, drawn and packed by the tests themselves."""

from __future__ import annotations

import io
import struct
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

LATITUDE, LONGITUDE = ((27, 1), (49, 1), (3012, 100)), ((113, 1), (8, 1), (4521, 100))
TEXTS = ("27.8250333", "113.1458917", "27,49.502N", "113,8.7535E")


def picture() -> Image.Image:
    """A small photo with structure, so that changed pixels are seen."""
    return Image.linear_gradient("L").resize((96, 64)).convert("RGB").rotate(30)


def rationals(order: str, numbers: Sequence[tuple[int, int]]) -> bytes:
    return b"".join(struct.pack(f"{order}II", *number) for number in numbers)


def needles() -> list[bytes]:
    """The coordinates as bytes, in both orders and as text."""
    packed = [rationals(order, numbers) for order in "<>" for numbers in (LATITUDE, LONGITUDE)]
    return [*packed, *(text.encode() for text in TEXTS)]


class Tiff:
    """Packs TIFF directories. Values of an entry: bytes, or a function of the place that gives an offset."""

    def __init__(self, order: str = "<", base: int = 0) -> None:
        self.order = order
        self.data = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))

    def number(self, value: int, size: int) -> bytes:
        return value.to_bytes(size, "little" if self.order == "<" else "big")

    def append(self, raw: bytes) -> int:
        at = len(self.data)
        self.data += raw + bytes(len(raw) % 2)
        return at

    def directory(self, entries: Sequence[tuple[int, int, int, bytes | int]], following: int = 0) -> int:
        """Append a directory of (tag, type, count, value or offset); returns its offset."""
        rows = b""
        for tag, kind, count, value in entries:
            if isinstance(value, bytes):
                value = value.ljust(4, b"\0") if len(value) <= 4 else self.number(self.append(value), 4)
            else:
                value = self.number(value, 4)
            rows += self.number(tag, 2) + self.number(kind, 2) + self.number(count, 4) + value
        return self.append(self.number(len(entries), 2) + rows + self.number(following, 4))

    def gps(self) -> int:
        return self.directory([
            (0, 1, 4, b"\2\3\0\0"), (1, 2, 2, b"N\0"), (2, 5, 3, rationals(self.order, LATITUDE)), (3, 2, 2, b"E\0"),
            (4, 5, 3, rationals(self.order, LONGITUDE)), (5, 1, 1, b"\0"),
            (6, 5, 1, rationals(self.order, [(51234, 1000)])), (0x1B, 7, 15, b"ASCII\0\0\0NETWORK"),
        ])  # fmt: skip

    def done(self, first: int) -> bytes:
        self.data[4:8] = self.number(first, 4)
        return bytes(self.data)


def exif(order: str = "<", *, thumbnail: bytes = b"", maker_note: bytes = b"", gps: bool = True) -> bytes:
    """Exif with camera, orientation, date, GPS and, if wanted, a maker note and a thumbnail; without its head."""
    tiff = Tiff(order)
    inner: list[tuple[int, int, int, bytes | int]] = [(0x9003, 2, 20, b"1998:05:01 08:00:00\0")]
    if maker_note:
        inner.append((0x927C, 7, len(maker_note), maker_note))
    exif_at = tiff.directory(inner)
    gps_at = tiff.gps() if gps else 0
    second = 0
    if thumbnail:
        at = tiff.append(thumbnail)
        second = tiff.directory([(0x0201, 4, 1, at), (0x0202, 4, 1, len(thumbnail))])
    first: list[tuple[int, int, int, bytes | int]] = [
        (0x010F, 2, 8, b"Tianyuan"), (0x0112, 3, 1, tiff.number(1, 2)), (0x8769, 4, 1, exif_at)]  # fmt: skip
    if gps:
        first.append((0x8825, 4, 1, gps_at))
    return tiff.done(tiff.directory(first, second))


def xmp(extra: str = "", *, coordinates: bool = True) -> bytes:
    """An XMP packet with a caption, a town and, if wanted, coordinates in both notations."""
    attributes = 'exif:GPSLatitude="27,49.502N" drone-dji:GpsLongtitude="113.1458917"' if coordinates else ""
    element = "<exif:GPSLongitude>113,8.7535E</exif:GPSLongitude>" if coordinates else ""
    return f"""<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 photoshop:City="株洲" {attributes}>{element}{extra}
<dc:description><rdf:Alt><rdf:li>老街 with a GPS in the hand</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>""".encode()


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def jpeg(*segments: bytes, trailer: bytes = b"", **options: Any) -> bytes:
    """A JPEG with these segments at its beginning and bytes behind its end."""
    buffer = io.BytesIO()
    picture().save(buffer, "JPEG", quality=88, **options)
    data = buffer.getvalue()
    return data[:2] + b"".join(segments) + data[2:] + trailer


def app_exif(data: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + data)


def app_xmp(data: bytes) -> bytes:
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + data)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes, trailer: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    picture().save(buffer, "PNG")
    data = buffer.getvalue()
    return data[:33] + b"".join(chunks) + data[33:] + trailer  # behind IHDR


def raw_profile(name: str, data: bytes, *, newline: str = "\n", width: int = 72, digits_after: str = "") -> bytes:
    """As ImageMagick writes it, or with other lines and further digits."""
    digits = data.hex() + digits_after
    lines = newline.join(digits[at : at + width] for at in range(0, len(digits), width))
    return f"{newline}{name}{newline}{len(data):8}{newline}{lines}{newline}".encode()


def avif(frames: int, exif_data: bytes = b"") -> bytes:
    """An AVIF of libavif; more than one frame make it an image sequence."""
    buffer = io.BytesIO()
    pictures = [picture().rotate(90 * number) for number in range(frames)]
    options: dict[str, Any] = {"exif": b"Exif\0\0" + exif_data} if exif_data else {}
    pictures[0].save(buffer, "AVIF", save_all=frames > 1, append_images=pictures[1:], **options)
    return buffer.getvalue()


def webp(*chunks: tuple[bytes, bytes], **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture().save(buffer, "WEBP", lossless=True, **options)
    data = buffer.getvalue() + b"".join(
        kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2) for kind, body in chunks
    )
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def heic(folder: Path, exif_data: bytes, xmp_data: bytes = b"") -> bytes:
    """A HEIC of heif-enc, which takes Exif and XMP over from a JPEG."""
    segments = [app_exif(exif_data), *([app_xmp(xmp_data)] if xmp_data else [])]
    (folder / "source.jpg").write_bytes(jpeg(*segments))
    command = ["heif-enc", "-q", "60", str(folder / "source.jpg"), "-o", str(folder / "made.heic")]
    subprocess.run(command, check=True, capture_output=True)
    return (folder / "made.heic").read_bytes()


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def video() -> bytes:
    """The boxes of a short video that say where it was taken, twice."""
    iso = b"+27.8250333+113.1458917/"
    xyz = box(b"\xa9xyz", struct.pack(">HH", len(iso), 0x15C7) + iso)
    keys = box(b"keys", bytes(8) + box(b"mdta", b"com.apple.quicktime.location.ISO6709"))
    return box(b"ftyp", b"mp42\0\0\0\0mp42") + box(b"mdat", bytes(500)) + box(b"moov", box(b"udta", xyz) + keys)
