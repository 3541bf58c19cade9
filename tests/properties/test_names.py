"""Names of files and folders, collections and rows: any name is read, however odd."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.formats.audiovisual.subtitles.names import languages_of
from ingest_tools.pipeline.placement import slug_and_title
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.filenames import parse_filename
from ingest_tools.sources.folder import str_path
from ingest_tools.sources.lists.manifest import find_file
from library_server.catalogue.batches.repository import entry_path
from tests.properties.strategies import texts

pytestmark = pytest.mark.property
names = texts.map(lambda text: text.replace("/", "").replace("\0", "")[:200] or "名")
on_disk = names.map(lambda name: name.encode("utf-8", "replace").decode())


@given(st.lists(names, min_size=1, max_size=3), st.booleans())
def test_any_name_is_read(parts: list[str], media: bool) -> None:
    hints = parse_filename(Path(*parts), media=media)
    assert hints.title
    assert hints.number is None or 0 <= hints.number < 10**9


@given(texts)
def test_any_collection_has_a_slug_and_any_place_a_path(name: str) -> None:
    slug, _ = slug_and_title(name)
    assert len(slug) <= 64
    path = entry_path(name)
    assert path == entry_path(path)
    assert path.encode() or not name.strip("\0")


@given(on_disk, on_disk)
def test_any_path_is_written_as_text(folder: str, name: str) -> None:
    assert str_path(Path(folder, name)).encode()
    assert all(languages_of(Path(name), name[:3]))


@given(texts)
def test_a_row_names_a_file_or_is_refused(named: str) -> None:
    try:
        assert find_file(named, [Path("/nonexistent")])
    except RejectedError as refusal:
        if refusal.code not in {"file_missing", "file_outside"}:
            raise
    except OSError:  # the name is longer than a file name can be; discovery rejects it as missing
        if len(named) < 80:
            raise
