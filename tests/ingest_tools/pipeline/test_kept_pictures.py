"""A picture beside a film or a text is its cover, and is kept as it came."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pi_heif
import pytest
from PIL import Image

from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.sources.folder import walk
from library_server.catalogue.dto import RecordView
from library_server.catalogue.records import revisions
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from storage_config.keys import original_key
from tests.factories.media.painted import psd
from tests.support.libraries import delete_unnamed_objects, ingest
from tests.support.records import records_by_title
from tests.support.stores import content


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    (folder / "外婆.md").write_text("---\n标题: 外婆的故事\n---\n正文\n", "utf-8")
    for suffix, colour in (("jpg", "red"), ("png", "blue")):
        Image.new("RGB", (300, 400), colour).save(folder / f"外婆.{suffix}")
    return folder


def save_picture(path: Path, form: str) -> None:
    with path.open("wb") as file:
        Image.new("RGB", (300, 400), "red").save(file, form)


def hashes_of_pictures(record: RecordView) -> dict[str, str]:
    return {str(asset.filename): asset.sha256 for asset in record.assets_of("original") if asset.label == "cover"}


def hashes(*paths: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_every_picture_beside_a_file_is_kept(library: Library, disk: Path) -> None:
    report = ingest(library, disk)
    assert (report.added, report.joined) == (1, 2), report.rejections[0]
    record = records_by_title(library)["外婆的故事"]
    assert hashes_of_pictures(record) == hashes(disk / "外婆.jpg", disk / "外婆.png")
    assert record.original is not None
    assert record.original.filename == "外婆.md"
    assert record.earlier == ()
    assert record.assets_of("cover")
    for path in disk.glob("外婆.[jp]*"):
        (sha256,) = hashes(path).values()
        assert content(library.store, original_key(sha256)) == path.read_bytes()
    assert all(asset.librarians_only for asset in record.assets if asset.label == "cover" and asset.role == "original")
    assert ingest(library, disk).unchanged == 3


@pytest.mark.parametrize("suffix", [*PICTURES, ".TIF", ".HeIC"])
def test_a_picture_of_every_format_goes_with_its_story(suffix: str, library: Library, tmp_path: Path) -> None:
    pi_heif.register_heif_opener()
    folder = tmp_path / "盘"
    folder.mkdir()
    (folder / "外婆.md").write_text("---\n标题: 外婆的故事\n使用范围: 馆内\n---\n正文\n", "utf-8")
    picture = folder / f"外婆{suffix}"
    is_written = PICTURES[suffix.lower()] not in {
        "image/heic",
        "image/heif",
        "image/avif",
    }  # these suffixes are read but never written
    if suffix == ".psd":  # Pillow writes none
        picture.write_bytes(psd(Image.new("RGB", (600, 800), "navy")))
    else:
        save_picture(picture, Image.registered_extensions()[suffix.lower()] if is_written else "JPEG")
    report = ingest(library, folder)
    assert (report.added, report.joined) == (1, 1), report.rejections
    (record,) = records_by_title(library).values()
    assert (record.access, set(hashes_of_pictures(record))) == ("premises", {picture.name})
    assert record.assets_of("cover")


def test_every_suffix_of_a_format_that_is_read_is_one_of_a_picture() -> None:
    pi_heif.register_heif_opener()
    formats = {"JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "HEIF", "AVIF"}
    suffixes = {suffix for suffix, name in Image.registered_extensions().items() if name in formats}
    assert suffixes <= PICTURES.keys()


@pytest.mark.parametrize("suffix", [".mpeg", ".m2ts", ".opus", ".3gp", ".wma"])
def test_a_picture_beside_any_recording_is_its_cover(suffix: str, tmp_path: Path) -> None:
    for name in (f"外婆{suffix}", "外婆.gif"):
        (tmp_path / name).write_bytes(b"x")
    (candidate,) = walk([tmp_path])
    assert [path.name for path in candidate.pictures] == ["外婆.gif"]


def test_a_picture_that_comes_again_by_itself_becomes_a_photo_and_stays_kept(library: Library, disk: Path) -> None:
    ingest(library, disk)
    (disk / "外婆.jpg").rename(disk / "外婆在门口.jpg")
    batch = ingest(library, disk).batch
    records = records_by_title(library)
    assert set(records) == {"外婆的故事", "外婆在门口"}
    assert records["外婆在门口"].kind == "photo"
    assert set(hashes_of_pictures(records["外婆的故事"])) == {"外婆.jpg", "外婆.png"}
    with library.database.writing() as session:
        revisions.revert_changes(session, batch, Actor("desk"))
    (story,) = records_by_title(library).values()
    assert set(hashes_of_pictures(story)) == {"外婆.jpg", "外婆.png"}
    assert delete_unnamed_objects(library) == 0


def test_pictures_stay_with_a_newer_version(library: Library, disk: Path) -> None:
    ingest(library, disk)
    (disk / "外婆.md").write_text("---\n标题: 外婆的故事\n---\n改过的正文\n", "utf-8")
    before = hashes(disk / "外婆.jpg", disk / "外婆.png")
    Image.new("RGB", (300, 400), "green").save(disk / "外婆.jpg")
    ingest(library, disk)
    record = records_by_title(library)["外婆的故事"]
    stored = {asset.sha256 for asset in record.assets_of("original") if asset.label == "cover"}
    assert stored == {*before.values(), *hashes(disk / "外婆.jpg").values()}
    assert [asset.filename for asset in record.earlier] == ["外婆.md"]
