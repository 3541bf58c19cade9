"""Names of owners and machines in files are on no page and in no answer of the API, feed or export."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from library_server.app import create_app
from library_server.catalogue.records import collection_sizes, queries
from library_server.exchange.export import FORMATS, Exported, export
from library_server.library import Library
from tests.factories.pictures import film, scene
from tests.support.libraries import ingest

FOLDER = "li-home-folder"
SECRETS: dict[int, str | bytes] = {
    ExifTags.Base.CameraOwnerName: "OWNER-li-xiaoming",
    ExifTags.Base.BodySerialNumber: "SERIAL-B-778899",
    ExifTags.Base.LensSerialNumber: "SERIAL-L-778899",
    ExifTags.Base.ImageUniqueID: "UNIQUE-778899",
    ExifTags.Base.MakerNote: b"MAKER-778899",
    ExifTags.Base.UserComment: b"ASCII\0\0\0COMMENT-778899",
}
COMPUTER = "HOSTCOMPUTER-li-laptop"


def _photo() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Canon", "EOS 80D"
    exif[ExifTags.Base.HostComputer] = COMPUTER
    exif[ExifTags.Base.Software] = "SOFTWARE-C:\\Users\\li"
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner.update(SECRETS)
    inner[ExifTags.Base.FocalLength] = IFDRational(50)
    buffer = io.BytesIO()
    scene(3).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "photo.jpg").write_bytes(_photo())
    (folder / "story.md").write_text("---\ntitle: 老街\n---\n\n从前有一条街。\n", "utf-8")
    (folder / "book.txt").write_text("老街上的一家店。\n" * 40, "utf-8")
    film(folder / "film.mp4", seconds=2, size="160x120")
    assert ingest(library, folder, collection="专题").rejected == 0
    library.indexer.catch_up()
    return library


def _answers(library: Library) -> Iterator[tuple[str, str]]:
    client = create_app(library).test_client()
    with library.database.reading() as session:
        ids = queries.published_ids(session, "", 100)
        assert collection_sizes.find_wrong_sizes(session) == {}
        slugs = [collection.slug for collection in queries.list_collections(session)]
    addresses = ["/", "/shelves", "/search", "/search?q=photo", "/iptv/playlist.m3u", "/api/v1/search", "/metrics",
                 *(f"/collections/{slug}" for slug in slugs)]  # fmt: skip
    for record_id in ids:
        addresses += [f"/{page}/{record_id}" for page in ("records", "read", "watch", "api/v1/records")]
        addresses += [f"/read/{record_id}?text=1", f"/covers/{record_id}.svg"]
    for address in addresses:
        response = client.get(address)
        yield address, response.text + str(response.headers)
    with library.database.reading() as session:
        views = [view for record_id in ids if (view := queries.find_record(session, record_id))]
    for form in FORMATS:
        yield form, b"".join(export([Exported(view) for view in views], form)).decode("utf-8", "replace")


def _texts() -> list[str]:
    return [value.decode().rpartition("\0")[2] if isinstance(value, bytes) else value for value in SECRETS.values()]


@pytest.mark.slow
def test_no_response_names_the_owner_or_the_machine(filled: Library, tmp_path: Path) -> None:
    private = [FOLDER, str(tmp_path), str(filled.settings.home), COMPUTER, "SOFTWARE-", "C:\\Users", *_texts()]
    camera_shown = 0
    for place, text in _answers(filled):
        camera_shown += "EOS 80D" in text
        assert [word for word in private if word in text] == [], place
    assert camera_shown, "the photo was read: its camera is shown"
