"""What websites and those who pass files on write into titles, and machine-made names of new documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats.placeholders import without_placeholders
from ingest_tools.pipeline.metadata.merge import build_draft


@pytest.mark.parametrize(
    "title",
    ["www.dy2018.com", "阳光电影www.ygdy8.com", "阳光电影 www.ygdy8.com", "http://www.dy2018.com/", "dy2018.com"],
)
def test_a_website_is_no_title(title: str) -> None:
    description = without_placeholders(Description("video", "", "film", title=title, series=title, publisher=title))
    assert (description.title, description.series, description.publisher) == (None, None, None)
    draft = build_draft(description, Path("/盘/电影/渡江侦察记.1954.DVDRip.x264.mkv"), None).draft
    assert (draft.title, draft.date) == ("渡江侦察记", "1954")


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("阳光电影www.ygdy8.com.南海风云", "南海风云"),
        ("水乡旧事（精校版）", "水乡旧事"),
        ("水乡旧事【精排】", "水乡旧事"),
        ("水乡旧事 (Z-Library)", "水乡旧事"),
        ("水乡旧事 (z-lib.org)", "水乡旧事"),
        ("水乡旧事 (z-library.sk, 1lib.sk, z-lib.sk)", "水乡旧事"),
        ("家常菜300例.epub", "家常菜300例"),
        ("Jeeves and Co.", "Jeeves and Co."),
        ("高清摄影入门", "高清摄影入门"),
        ("水乡旧事（修订版）", "水乡旧事（修订版）"),
        ("Dr. Amazon.com and the Web", "Dr. Amazon.com and the Web"),
    ],
)
def test_titles_lose_what_was_added_to_them(title: str, bare: str) -> None:
    assert without_placeholders(Description("epub", "", "book", title=title)).title == bare


@pytest.mark.parametrize("title", ["讲稿.doc", "index.html", "book.epub"])
def test_names_of_files_are_no_titles(title: str) -> None:
    assert without_placeholders(Description("pdf", "", "book", title=title)).title is None


def test_the_publisher_that_is_no_website_stays() -> None:
    description = Description("epub", "", "book", publisher="湖南人民出版社")
    assert without_placeholders(description).publisher == "湖南人民出版社"
