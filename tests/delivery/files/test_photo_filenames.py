"""The name of a photo's file is public, so a position in it is not taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from library_server.app import create_app
from library_server.catalogue.records import queries
from library_server.library import Library
from tests.factories.located_photos import app_exif, exif, jpeg
from tests.support.libraries import ingest
from tests.support.records import load_only_record


@pytest.mark.parametrize("has_gps", [True, False])
@pytest.mark.parametrize("name", ["27.8367,113.1339", "龙母庙 N27.83 E113.13", "8P4C+XX 株洲", "渡口 27°50.205'N"])
@pytest.mark.slow
def test_no_answer_gives_the_position_in_a_file_name(
    name: str, has_gps: bool, library: Library, tmp_path: Path
) -> None:
    (tmp_path / f"{name}.jpg").write_bytes(jpeg(app_exif(exif(gps=has_gps))))
    assert ingest(library, tmp_path / f"{name}.jpg").added == 1
    with library.database.reading() as session:
        (record_id,) = queries.published_ids(session, "", 10)
    client = create_app(library).test_client()
    record = client.get(f"/api/v1/records/{record_id}").get_json()
    answers = [client.get(asset["url"] + "?download") for asset in record["assets"] if asset["url"]]
    pages = [client.get(f"/records/{record_id}").text, str(record), *(str(response.headers) for response in answers)]
    assert any("%E7%85%A7%E7%89%87.jpg" in page for page in pages)
    for position in ("27.8", "27%", "27°", "113.13", "8P4C"):
        assert not any(position in page for page in pages)


def test_a_file_name_without_a_position_stays(library: Library, tmp_path: Path) -> None:
    (tmp_path / "渡口 27 号.jpg").write_bytes(jpeg())
    ingest(library, tmp_path / "渡口 27 号.jpg")
    record = load_only_record(library)
    assert record.original is not None
    assert (record.title, record.original.filename) == ("渡口 27 号", "渡口 27 号.jpg")
