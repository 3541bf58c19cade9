"""What programs keep about photos next to them, days that clocks and programs left out, and photos with a film."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.formats.photos import photo
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.records import records_by_title

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    ' xmp:CreateDate="1998-05-01T10:00:00"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt>'
    "</dc:title><dc:creator><rdf:Seq><rdf:li>谭素芳</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def picture(path: Path, colour: str = "red", **options: object) -> Path:
    Image.new("RGB", (64, 48), colour).save(path, **options)  # type: ignore[arg-type]
    return path


def test_xmp_next_to_a_photo_describes_it_and_is_no_record(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    for name, colour in (("DSC_0012.jpg", "red"), ("DSC_0013.jpg", "green"), ("DSC_0014.jpg", "blue")):
        picture(disk / name, colour)
    (disk / "DSC_0012.xmp").write_text(XMP.format("渡口"), "utf-8")
    (disk / "DSC_0013.jpg.xmp").write_text(XMP.format("学堂"), "utf-8")
    (disk / "DSC_9999.xmp").write_text(XMP.format("没有照片"), "utf-8")
    report = ingest(library, disk)
    assert report.rejections == []
    records = records_by_title(library)
    assert len(records) == 3
    assert {"渡口", "学堂"} <= records.keys()
    assert list(records["渡口"].creators) == ["谭素芳"]
    assert records["渡口"].date_written == "1998-05-01"
    assert ingest(library, disk).unchanged == 5


@pytest.mark.parametrize(
    ("times", "day"),
    [
        ({0x9003: "0000:00:00 00:00:00", 0x132: "2019:05:01 10:00:00"}, "2019-05-01"),
        ({0x9004: "2008:08:08 20:00:00"}, "2008-08-08"),
        ({0x9003: "    :  :     :  :  ", 0x9004: "2008:08:08 20:00:00"}, "2008-08-08"),
        ({0x9003: "1970:01:01 00:00:00"}, None), ({0x9003: "2000:01:01 00:00:00"}, None),
        ({0x9003: "2000:01:01 10:00:00"}, "2000-01-01"),
    ],
)  # fmt: skip
def test_the_first_time_that_says_a_day(times: dict[int, str], day: str | None, tmp_path: Path) -> None:
    exif = Image.Exif()
    for tag, time in times.items():
        (exif if tag == 0x132 else exif.get_ifd(0x8769))[tag] = time
    assert photo.describe(picture(tmp_path / "a.jpg", exif=exif), tmp_path).date == day


def test_zeros_are_no_place(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)})
    assert photo.describe(picture(tmp_path / "a.jpg", exif=exif), tmp_path).details.gps is None
