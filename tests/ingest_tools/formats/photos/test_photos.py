"""Photos as telephones, scanners and archives give them."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from ingest_tools.formats import pictures
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.photos import photo
from ingest_tools.rejections import RejectedError
from library_server.library import Library
from tests.factories.located_photos import exif, needles
from tests.factories.pictures import scene
from tests.support.libraries import ingest
from tests.support.records import load_only_record

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 photoshop:City="株洲" photoshop:DateCreated="1978-05-01T08:00:00">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">最后一家秤铺</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li>谭师傅在门口挂出第一杆自己做的秤。</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>谭素芳</rdf:li></rdf:Seq></dc:creator>
<dc:subject><rdf:Bag><rdf:li>老街</rdf:li><rdf:li>手艺</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def iptc(**datasets: bytes) -> bytes:
    """An APP13 segment with IPTC-IIM datasets."""
    tags = {"caption": 120, "byline": 80, "keyword": 25, "city": 90, "title": 5}
    body = b"".join(
        b"\x1c\x02" + bytes([tags[name]]) + struct.pack(">H", len(text)) + text for name, text in datasets.items()
    )
    block = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(body)) + body + (b"\0" if len(body) % 2 else b"")
    segment = b"Photoshop 3.0\0" + block
    return b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment


def test_xmp_is_read(library: Library, tmp_path: Path) -> None:
    Image.linear_gradient("L").save(tmp_path / "a.jpg", xmp=XMP.encode())
    ingest(library, tmp_path / "a.jpg")
    record = load_only_record(library)
    assert (record.title, record.abstract) == ("最后一家秤铺", "谭师傅在门口挂出第一杆自己做的秤。")
    assert (record.creators, record.subjects) == (("谭素芳",), ("老街", "手艺"))
    assert (record.place_covered, record.date_written) == ("株洲", "1978-05-01")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_iptc_is_read(library: Library, tmp_path: Path, encoding: str) -> None:
    plain = io.BytesIO()
    Image.linear_gradient("L").save(plain, "JPEG")
    data = plain.getvalue()
    segment = iptc(title="渡口".encode(encoding), caption="一九七八年的渡口".encode(encoding),
    byline="李月娥".encode(encoding),
                   keyword="湘江".encode(encoding), city="株洲".encode(encoding))  # fmt: skip
    (tmp_path / "a.jpg").write_bytes(data[:2] + segment + data[2:])
    ingest(library, tmp_path / "a.jpg")
    record = load_only_record(library)
    assert (record.title, record.abstract, record.creators, record.subjects, record.place_covered) == (
        "渡口", "一九七八年的渡口", ("李月娥",), ("湘江",), "株洲")  # fmt: skip


def test_orientation_and_profile_are_honoured(tmp_path: Path) -> None:
    flat = Image.new("RGB", (600, 300), (200, 30, 30))
    ImageDraw.Draw(flat).rectangle((0, 0, 100, 300), fill="white")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    flat.save(tmp_path / "a.jpg", exif=exif, icc_profile=b"not a profile", quality=95)
    sizes, facts = pictures.make_sizes(tmp_path / "a.jpg", tmp_path)
    assert (facts.cover.width, facts.cover.height) == (300, 600)
    with Image.open(tmp_path / sizes[0].file) as upright:
        top = upright.convert("RGB").getpixel((upright.width // 2, 10))
    assert isinstance(top, tuple)
    assert min(top) > 220


def profile_with_red_and_blue_swapped() -> bytes:
    """The sRGB profile under another name, its first and last primaries exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * struct.unpack(">I", data[128:132])[0], 12):
        swapped = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(bytes(data[at : at + 4]))
        if swapped:
            data[at : at + 4] = swapped
    return bytes(data).replace("sRGB".encode("utf-16-be"), "tRGB".encode("utf-16-be"))


def test_another_profile_becomes_srgb(tmp_path: Path) -> None:
    red = Image.new("RGB", (64, 64), (255, 0, 0))
    red.save(tmp_path / "a.png", icc_profile=profile_with_red_and_blue_swapped())
    _, facts = pictures.make_sizes(tmp_path / "a.png", tmp_path)
    assert facts.cover.color.endswith("f" + facts.cover.color[-1])
    assert facts.cover.color[1:3] < "40"


@pytest.mark.parametrize("shape", [(8000, 6000), (24_000, 2_000)])
@pytest.mark.slow
def test_large_and_panorama_photos(library: Library, tmp_path: Path, shape: tuple[int, int]) -> None:
    Image.linear_gradient("L").resize(shape).convert("RGB").save(tmp_path / "大.jpg", quality=60)
    report = ingest(library, tmp_path / "大.jpg")
    assert report.added == 1, report.rejections
    cover = load_only_record(library).cover
    assert cover is not None
    assert (cover.width, cover.height) == shape


@pytest.mark.slow
def test_photos_from_telephones(library: Library, tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((1200, 900)).convert("RGB").save(tmp_path / "source.png")
    command = ["heif-enc", "-q", "60", str(tmp_path / "source.png"), "-o", str(tmp_path / "IMG_0001.heic")]
    subprocess.run(command, check=True, capture_output=True)
    assert ingest(library, tmp_path / "IMG_0001.heic").added == 1
    assert load_only_record(library).cover is not None


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.cr2", b"II*\x00\x10\x00\x00\x00CR\x02\x00"), ("a.nef", b"MM\x00*\x00\x00\x00\x08"), ("a.dng",
        b"II*\x00\x08\x00\x00\x00"),
        ("a.raf", b"FUJIFILMCCD-RAW 0201"), ("a.cr3", b"\x00\x00\x00\x18ftypcrx \x00\x00"), ("a.rw2",
        b"IIU\x00\x08\x00"),
    ],
)  # fmt: skip
def test_raw_photos_are_refused_with_what_to_do(library: Library, tmp_path: Path, name: str, head: bytes) -> None:
    (tmp_path / name).write_bytes(head + bytes(2000))
    (row,) = ingest(library, tmp_path / name).rejections
    assert row["code"] == "raw_photo"
    assert "JPEG" in row["reason"]


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("JPEG2000", "image/jp2"),
        ("AVIF", "image/avif"),
    ],
)
def test_old_pictures_are_taken(library: Library, tmp_path: Path, form: str, media_type: str) -> None:
    scene(3).convert("RGB").save(tmp_path / "老街.dat", form)
    assert ingest(library, tmp_path / "老街.dat").added == 1
    record = load_only_record(library)
    assert record.original is not None
    assert record.original.media_type == media_type
    assert {asset.label for asset in record.assets if asset.role != "original"} == {"1600.webp", "480.jpg", "240.webp"}


def test_copies_of_a_photo_hash_alike_and_others_do_not() -> None:
    photo = scene(1)
    small = photo.resize((300, 200)).point(lambda value: min(255, value + 12))
    other = Image.linear_gradient("L").resize((900, 600))
    first, copy, far = (pictures.perceptual_hash(picture) for picture in (photo, small, other))
    assert (first ^ copy).bit_count() <= 6
    assert (first ^ far).bit_count() > 12


def test_a_code_stream_of_jpeg_2000_is_a_photo(tmp_path: Path) -> None:
    scene(3).convert("RGB").save(tmp_path / "a.j2k", "JPEG2000", no_jp2=True)
    assert detect_format(tmp_path / "a.j2k") == "photo"
    assert photo.describe(tmp_path / "a.j2k", tmp_path).media_type == "image/jp2"


def test_a_photo_of_two_pictures_shows_the_first(tmp_path: Path) -> None:
    pair = [Image.new("RGB", (320, 240), colour) for colour in ("#c04030", "#30c040")]
    pair[0].save(tmp_path / "a.mpo", "MPO", save_all=True, append_images=pair[1:])
    described = photo.describe(tmp_path / "a.mpo", tmp_path)
    assert described.media_type == "image/jpeg"  # every browser shows an MPO that is sent as JPEG
    assert described.details.cover is not None
    assert described.details.cover.color[1:3] > "a0"


@pytest.mark.parametrize("scale", [1.0, 255.0, 65535.0, 3e6])
def test_floating_point_keeps_its_greys(tmp_path: Path, scale: float) -> None:
    greys = np.tile(np.linspace(0, scale, 64, dtype=np.float32), (48, 1))
    Image.fromarray(greys).save(tmp_path / "a.tif")
    photo.describe(tmp_path / "a.tif", tmp_path)
    with Image.open(tmp_path / "480.jpg") as shown:
        row = np.asarray(shown.convert("L"))[20]
    assert row[1] < 20
    assert 100 < row[32] < 155
    assert row[62] > 235


def test_floating_point_with_gaps_is_taken(tmp_path: Path) -> None:
    greys = np.full((48, 64), np.nan, dtype=np.float32)
    greys[10:, 10:] = np.linspace(-500.0, 1500.0, 54)
    Image.fromarray(greys).save(tmp_path / "a.tif")
    assert photo.describe(tmp_path / "a.tif", tmp_path).format == "photo"


def test_a_place_in_jpeg_2000_is_for_librarians(tmp_path: Path) -> None:
    scene(3).convert("RGB").save(tmp_path / "a.jp2", "JPEG2000")
    body = b"JpgTiffExif->JP2" + exif()
    with (tmp_path / "a.jp2").open("ab") as file:
        file.write((len(body) + 8).to_bytes(4, "big") + b"uuid" + body)
    described = photo.describe(tmp_path / "a.jp2", tmp_path)
    assert described.librarians_only
    for derived in described.derived:
        assert not any(needle in (tmp_path / derived.file).read_bytes() for needle in needles())


def test_an_animation_without_the_order_of_its_frames_is_damaged(tmp_path: Path) -> None:
    path, frames = tmp_path / "a.png", [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    data = path.read_bytes()
    at = data.rindex(b"fcTL") - 4
    path.write_bytes(data[:at] + data[at + 38 :])  # its length, name, 26 bytes and checksum
    (tmp_path / "out").mkdir()
    with pytest.raises(RejectedError, match="damaged"):
        photo.describe(path, tmp_path / "out")
