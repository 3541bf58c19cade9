"""Texts of EXIF in the encodings that programs write them in, whatever the standard says of the tag."""

from __future__ import annotations

import pytest
from PIL import ExifTags, Image

from ingest_tools.formats.photos import exif_text

_DESCRIPTION, _ARTIST = ExifTags.Base.ImageDescription, ExifTags.Base.Artist
_TITLE, _AUTHOR = 0x9C9B, 0x9C9D


def read_tags(description: bytes, artist: bytes) -> tuple[str, str]:
    exif = Image.Exif()
    exif[_DESCRIPTION], exif[_ARTIST] = description.decode("latin-1"), artist.decode("latin-1")
    texts = exif_text.read_ascii(exif)
    return texts[_DESCRIPTION], texts[_ARTIST]


@pytest.mark.parametrize(
    ("encoding", "description", "artist"),
    [
        ("gbk", "渡口", "谭永红"), ("big5", "老街", "陳美"), ("big5", "漁港舊照", "許功蓋"),
        ("cp932", "東京の古い写真です", "田中太郎"), ("utf-8", "渡口", "谭永红"), ("latin-1", "Été à la plage", "José"),
    ],
)  # fmt: skip
def test_tags_of_one_photo_are_read_in_one_encoding(encoding: str, description: str, artist: str) -> None:
    assert read_tags(description.encode(encoding), artist.encode(encoding)) == (description, artist)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_tags_that_were_encoded_twice_are_read(encoding: str) -> None:
    texts = ("白石港清晨的集市，一九八五年摄于渡口", "王建国")
    twice = [text.encode(encoding).decode("latin-1").encode() for text in texts]
    assert read_tags(*twice) == texts


@pytest.mark.parametrize("encoding", ["utf-16-le", "gbk", "utf-8", "big5"])
@pytest.mark.parametrize(("title", "author"), [("榕树下的市集", "许文山"), ("老街", "陈美;李花")])
def test_fields_of_windows_are_read_in_the_encoding_they_are_in(title: str, author: str, encoding: str) -> None:
    if encoding == "big5":
        title, author = "榕樹下的舊市集", "許文山"
    exif = Image.Exif()
    exif[_TITLE], exif[_AUTHOR] = (text.encode(encoding) + b"\0\0" for text in (title, author))
    captions = exif_text.read(exif)
    assert (captions.title, ";".join(captions.creators)) == (title, author)


@pytest.mark.parametrize("text", ["한국의 바다", "Straße", "Ярмарка", "かな", "㙦水", "A"])
def test_other_scripts_in_fields_of_windows_stay(text: str) -> None:
    exif = Image.Exif()
    exif[_TITLE] = text.encode("utf-16-le") + b"\0\0"
    assert exif_text.read(exif).title == text
