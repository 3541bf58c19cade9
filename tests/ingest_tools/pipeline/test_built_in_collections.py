"""The collections of 天元印象 keep their titles and slugs, whatever a story or an operator names first."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from library_server.catalogue.records import queries
from library_server.library import Library
from tests.support.libraries import ingest

BUILT_IN = {"stories": "天元故事", "people": "天元人物", "photos": "天元照片"}


def collections(library: Library) -> dict[str, tuple[str, bool, int]]:
    with library.database.reading() as session:
        return {
            collection.slug: (collection.title, collection.impression, collection.size)
            for collection in queries.list_collections(session)
        }


@pytest.mark.parametrize("name", [*BUILT_IN, *BUILT_IN.values()])
def test_a_story_that_names_a_built_in_collection_first_makes_it_as_built_in(
    name: str, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "渡口.md").write_text(f"---\n标题: 渡口\n专题: {name}\n---\n正文\n", "utf-8")
    ingest(library, tmp_path / "渡口.md")
    slug = next(slug for slug, title in BUILT_IN.items() if name in {slug, title})
    assert collections(library) == {built_in: (BUILT_IN[built_in], True, 1) for built_in in {slug, "stories"}}
    Image.new("RGB", (300, 400), "red").save(tmp_path / "江边.jpg")
    ingest(library, tmp_path / "江边.jpg")
    assert collections(library)["photos"] == ("天元照片", True, 2 if slug == "photos" else 1)


def test_another_name_whose_slug_is_reserved_is_a_collection_of_its_own(library: Library, tmp_path: Path) -> None:
    (tmp_path / "渡口.md").write_text("---\n标题: 渡口\n专题: Photos\n---\n正文\n", "utf-8")
    Image.new("RGB", (300, 400), "red").save(tmp_path / "江边.jpg")
    ingest(library, tmp_path / "渡口.md")
    ingest(library, tmp_path / "江边.jpg")
    existing = collections(library)
    assert existing["photos"] == ("天元照片", True, 1)
    (own,) = [values for slug, values in existing.items() if slug not in BUILT_IN]
    assert own == ("Photos", False, 1)
