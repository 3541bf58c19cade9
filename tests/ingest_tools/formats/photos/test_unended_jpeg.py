"""JPEG photos whose last bytes were not copied: as every viewer shows them, where the picture is whole."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ingest_tools.formats.photos import photo
from ingest_tools.rejections import RejectedError
from tests.factories.pictures import scene


def jpeg(*, quality: int = 75, progressive: bool = False, side: int = 400) -> bytes:
    data = io.BytesIO()
    scene(7).resize((side, side)).convert("RGB").save(data, "JPEG", quality=quality, progressive=progressive)
    return data.getvalue()


@pytest.mark.parametrize("quality", [30, 75, 95])
@pytest.mark.parametrize("side", [64, 400, 403])
@pytest.mark.parametrize("lost", [1, 2, 3, 20])
@pytest.mark.parametrize("zeros", [0, 700])
def test_a_photo_without_its_last_bytes_comes_in(
    tmp_path: Path, quality: int, side: int, lost: int, zeros: int
) -> None:
    path = tmp_path / "渡口.jpg"
    path.write_bytes(jpeg(quality=quality, side=side)[:-lost] + bytes(zeros))
    description = photo.describe(path, tmp_path)
    cover = description.details.cover
    assert cover is not None
    assert (cover.width, cover.height) == (side, side)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.8])
def test_a_photo_that_was_cut_is_refused(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "渡口.jpg"
    whole = jpeg()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(RejectedError, match="damaged"):
        photo.describe(path, tmp_path)


def test_a_progressive_photo_that_was_cut_is_refused(tmp_path: Path) -> None:
    """Its whole area is there, without its details."""
    path = tmp_path / "渡口.jpg"
    whole = jpeg(progressive=True)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RejectedError, match="damaged"):
        photo.describe(path, tmp_path)
