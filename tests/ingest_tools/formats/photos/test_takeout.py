"""What Google Takeout keeps about photos and films next to them: joined to them, whatever its name was cut to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.description import Description
from ingest_tools.formats.photos import takeout
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.folder import candidate_of, walk
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.details import Position
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.records import records_by_title

TAKEN = 894_006_000  # 1 May 1998, 07:00 UTC
PLACE = {"latitude": 28.175, "longitude": 112.841, "altitude": 90.0}
LONG = "一九九八年五月一日青山乡秤铺门前谭师傅和街坊们一起看新做的红木秤杆时拍下的照片第一张原片"


def written(**more: object) -> str:
    stated = {"title": "IMG_1.jpg", "description": "", "photoTakenTime": {"timestamp": str(TAKEN)}, "imageViews": "3"}
    return json.dumps({**stated, **more}, ensure_ascii=False)


def photo(path: Path, number: int = 0) -> Path:
    Image.new("RGB", (64, 48), (number * 40 % 256, 80, 120)).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "json_name"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"), ("IMG_1.JPG", "IMG_1.JPG.supplemental-metadata.json"),
        ("IMG_1.jpg", "IMG_1.jpg.suppl.json"), ("IMG_1.jpg", "IMG_1.jpg..json"), ("IMG_1.HEIC", "IMG_1.HEIC.json"),
        ("IMG_1(1).jpg", "IMG_1.jpg(1).json"), ("IMG_1(1).jpg", "IMG_1.jpg.supplemental-metadata(1).json"),
        ("VID_1.mp4", "VID_1.mp4.json"), ("MVI_1.WMV", "MVI_1.WMV.json"), ("00001.m2ts", "00001.m2ts.json"),
        (f"{LONG[:43]}.jpg", f"{LONG[:41]}.json"),
        (f"{LONG[:43]}(2).jpg", f"{LONG[:43]}.j(2).json"),
    ],
)  # fmt: skip
def test_a_file_of_takeout_goes_with_the_file_that_it_is_called_after(
    tmp_path: Path, name: str, json_name: str
) -> None:
    main, other = tmp_path / name, tmp_path / f"别的{Path(name).suffix}"
    for path in (main, other):
        path.write_bytes(b"content")
    (tmp_path / json_name).write_text(written(), "utf-8")
    joined = {candidate.path: candidate.sidecars for candidate in walk([tmp_path])}
    assert joined == {main: (tmp_path / json_name,), other: ()}
    assert candidate_of(main, SourceRoots.from_sources([tmp_path])).sidecars == (tmp_path / json_name,)


def test_an_edited_photo_has_the_file_of_the_first(tmp_path: Path) -> None:
    first, edited = photo(tmp_path / "IMG_1.jpg"), photo(tmp_path / "IMG_1-已修改.jpg")
    stated = tmp_path / "IMG_1.jpg.json"
    stated.write_text(written(), "utf-8")
    assert {candidate.path: candidate.sidecars for candidate in walk([tmp_path])} == {
        first: (stated,),
        edited: (stated,),
    }


def test_takeout_describes_its_photos_and_is_no_record(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "Google 相册"
    disk.mkdir()
    photo(disk / "秤铺.jpg", 1)
    photo(disk / "老桥.jpg", 2)
    people = [{"name": "谭素芳"}, {"name": "谭师傅"}]
    (disk / "秤铺.jpg.json").write_text(written(description="挂出第一杆秤", geoData=PLACE, people=people), "utf-8")
    (disk / "没有了.jpg.json").write_text(written(), "utf-8")
    (disk / "元数据.json").write_text('{"title": "秤铺相册"}', "utf-8")
    report = ingest(library, disk)
    assert report.rejections == []
    records = records_by_title(library)
    assert set(records) == {"秤铺", "老桥"}
    record = records["秤铺"]
    assert (record.abstract, record.date_written) == ("挂出第一杆秤", "1998-05-01")
    assert list(record.subjects) == ["谭素芳", "谭师傅"]
    assert record.details.gps is None  # readers and the interface get none


def test_a_place_is_kept_for_librarians(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(written(geoData={"latitude": 0.0, "longitude": 0.0}, geoDataExif=PLACE), "utf-8")
    described = takeout.describe(path, of_photo())
    assert described.details.gps == Position(latitude=28.175, longitude=112.841)
    assert not described.librarians_only  # the photo itself tells no place


def of_photo(date: str | None = None) -> Description:
    return Description("photo", "image/jpeg", "photo", date=date)


@pytest.mark.parametrize(
    ("own", "timestamp", "date"),
    [
        (None, str(TAKEN), "1998-05-01"), ("1998-05-02", str(TAKEN), "1998-05-02"),
        ("2016-03-04", str(TAKEN), "1998-05-01"), ("1976", str(TAKEN), "1976"), (None, "0", None),
        (None, "many", None), (None, "9" * 30, None), (None, "-1000000000", "1938-04-24"),
    ],
)  # fmt: skip
def test_a_day_that_somebody_corrected_is_believed(
    tmp_path: Path, own: str | None, timestamp: str, date: str | None
) -> None:
    path = tmp_path / "a.json"
    path.write_text(written(photoTakenTime={"timestamp": timestamp}), "utf-8")
    assert takeout.describe(path, of_photo(own)).date == date


def test_texts_that_tell_coordinates_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(written(description="秤铺在 28.17512, 112.84123", people=[{"name": "28.17512,112.84123"}]), "utf-8")
    described = takeout.describe(path, of_photo())
    assert (described.abstract, described.subjects) == (None, [])


@pytest.mark.parametrize("place", [{"latitude": 0.0, "longitude": 0.0}, {"latitude": 400, "longitude": 1}, [], {}])
def test_a_place_that_is_none_is_left_out(tmp_path: Path, place: object) -> None:
    path = tmp_path / "a.json"
    path.write_text(written(geoData=place, people=3, description=7, photoTakenTime=[]), "utf-8")
    assert takeout.describe(path, of_photo()).details.gps is None


@pytest.mark.parametrize("content", ['{"a": 1}', "[1, 2]", "{", "[" * 100_000, ""])
def test_other_json_is_data(tmp_path: Path, content: str) -> None:
    path = tmp_path / "IMG_1.jpg.json"
    path.write_text(content, "utf-8")
    with pytest.raises(RejectedError) as refusal:
        takeout.describe(path, of_photo())
    assert refusal.value.code == "data_file"
