"""Pictures of drawing programs: PSD by its composite, TGA and PCX; what has no picture to show is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.photos import photo
from ingest_tools.rejections import RejectedError
from tests.factories.media.painted import psd, with_composite
from tests.factories.pictures import scene

GPS = {1: "N", 2: (28.0, 10.0, 30.0), 3: "E", 4: (112.0, 50.0, 30.0)}
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>秤铺海报</dc:title></rdf:Description>'
    "</rdf:RDF></x:xmpmeta>"
)


@pytest.mark.parametrize(
    ("name", "options"),
    [("图.tga", {}), ("图.tga", {"compression": "tga_rle"}), ("图.TGA", {}), ("图.pcx", {})],
)
def test_old_pictures_are_photos(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    path = tmp_path / name
    scene(1).save(path, **options)
    assert detect_format(path, path.suffix.lower()) == "photo"
    description = photo.describe(path, tmp_path)
    assert description.details.cover is not None
    assert (description.details.cover.width, description.details.cover.height) == (900, 600)
    assert description.media_type == f"image/x-{path.suffix.lower()[1:]}"


def test_the_composite_of_photoshop_is_shown_with_what_is_said_of_it(tmp_path: Path) -> None:
    path = tmp_path / "海报.psd"
    path.write_bytes(psd(scene(1), [with_composite(True), (1060, XMP.encode())]))
    assert detect_format(path) == "photo"
    description = photo.describe(path, tmp_path)
    assert (description.title, description.media_type) == ("秤铺海报", "image/vnd.adobe.photoshop")
    shown = Image.open(tmp_path / "1600.webp").convert("RGB").resize((9, 6))
    expected = scene(1).resize((9, 6))
    assert all(
        abs(a - b) < 30 for left, right in zip(shown.getdata(), expected.getdata(), strict=True)
        for a, b in zip(left, right, strict=True)
    )  # fmt: skip


def test_readers_get_a_picture_of_photoshop_without_its_place(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8825] = GPS
    path = tmp_path / "老桥.psd"
    path.write_bytes(psd(scene(1), [(1058, exif.tobytes().removeprefix(b"Exif\0\0"))]))
    description = photo.describe(path, tmp_path)
    assert description.librarians_only
    assert description.details.gps is not None
    public = (tmp_path / "public.psd").read_bytes()
    assert len(public) == path.stat().st_size
    with Image.open(tmp_path / "public.psd") as picture:
        assert picture.size == (900, 600)


@pytest.mark.parametrize(
    "data",
    [
        psd(scene(1), [with_composite(False)]), psd(scene(1), version=2), psd(scene(1), bits=16),
        b"gimp xcf v011\0" + bytes(100), b"CSFCHUNK" + bytes(100), b"Paint Shop Pro Image File\n\x1a" + bytes(100),
        b"RIFF\0\1\0\0CDRAvrsn" + bytes(100),
    ],
)  # fmt: skip
def test_what_has_no_picture_to_show_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "海报"
    path.write_bytes(data)
    with pytest.raises(RejectedError) as refusal:
        detect_format(path)
    assert refusal.value.code == "layered_picture"


def test_a_text_is_no_picture_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "说明.tga"
    path.write_text("一张旧图的说明，写在同名的文件里。\n" * 5, "utf-8")
    assert detect_format(path) == "text"
