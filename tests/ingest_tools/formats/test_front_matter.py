"""Front matter that cannot be read: the rejection names the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats import story
from ingest_tools.rejections import RejectedError


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("标题: 甲\n作者：乙\n日期: 1998", "作者：乙"),
        ("标题：甲\n作者: 乙", "标题：甲"),
        ("标题: 甲\n作者: [乙", "作者: [乙"),
        ("标题: 甲: 乙", "标题: 甲: 乙"),
        ("只有一句话", "只有一句话"),
    ],
)
def test_a_line_that_is_written_wrongly_is_named(tmp_path: Path, front: str, line: str) -> None:
    (tmp_path / "甲.md").write_text(f"---\n{front}\n---\n正文\n", "utf-8")
    with pytest.raises(RejectedError) as refused:
        story.describe(tmp_path / "甲.md", tmp_path)
    assert (refused.value.code, refused.value.detail) == ("bad_front_matter", line)
