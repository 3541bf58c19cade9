"""Plain text, Markdown, front matter and subtitles: a description or a refusal, in time that grows with the length."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest_tools.formats import detection, story, text
from ingest_tools.formats.audiovisual import subtitle
from ingest_tools.pipeline.metadata.merge import build_draft, within_bounds
from ingest_tools.rejections import REASONS, RejectedError
from library_server.catalogue.passages.serialization import parse_passages as read_passages
from tests.properties.strategies import clean_texts, texts

pytestmark = pytest.mark.property
one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
keys = st.sampled_from([*story._KEYS, "别的", "!!bool x"])
yaml_values = (
    texts.map(repr)
    | texts
    | st.sampled_from(
        [
            "!!int ''",
            "!!bool x",
            "!!timestamp x",
            "!!binary é",
            "0x" + "f" * 5000,
            "2001-99-99",
            "[a, {b: c}]",
            "9" * 5000,
            "1:99:99",
            ".inf",
            "~",
        ]
    )
)
fronts = st.lists(st.tuples(keys, yaml_values), max_size=6).map(
    lambda pairs: "\n".join(f"{key}: {value}" for key, value in pairs)
)
cues = st.lists(
    st.sampled_from(
        [
            "1\n",
            "00:00:01,000 --> 00:00:02,000\n",
            "WEBVTT\n\n",
            "[Events]\n",
            "Dialogue: 0,",
            "{1}{25}",
            "[Script Info]\n",
            '{"info": ',
            "<tt>",
            "<SAMI>",
            "[1][2]",
            "00:00:01:",
        ]
    )
    | clean_texts,
    max_size=12,
).map("".join)


def readable(reader: Callable[[], Any]) -> Any:
    """What a reader gives, or None where it refuses with a reason that people are told."""
    try:
        return reader()
    except RejectedError as refusal:
        if refusal.code not in REASONS or refusal.code == "internal":
            raise
    return None


@given(texts | fronts)
def test_any_front_matter_is_read_or_refused(source: str) -> None:
    metadata = readable(lambda: story._parse_front_matter(source))
    assert metadata is None or all(isinstance(value, str | list) for value in metadata.values())


@one_folder
@given(front=fronts, body=clean_texts)
def test_any_story_becomes_a_draft_within_bounds(tmp_path: Path, front: str, body: str) -> None:
    path = tmp_path / "故事.md"
    path.write_text(f"---\n{front}\n---\n{body}", "utf-8", errors="replace")
    described = readable(lambda: story.describe(path, tmp_path))
    if described is not None:
        prepared_draft = within_bounds(build_draft(described, path, None))
        assert prepared_draft.draft.title
        assert within_bounds(prepared_draft).draft == prepared_draft.draft
        assert read_passages((tmp_path / "text.json.gz").read_bytes())


@one_folder
@given(
    data=st.binary(max_size=300)
    | clean_texts.map(str.encode)
    | texts.map(lambda content: content.encode("gb18030", "replace"))
)
def test_any_bytes_are_recognised_and_read_as_text_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "书.txt"
    path.write_bytes(data)
    readable(lambda: detection.detect_format(path, path.suffix))
    readable(lambda: text.describe(path, tmp_path))


@given(clean_texts)
def test_chapters_lose_no_words(content: str) -> None:
    content = content.replace("\r", "\n")
    chapters = text.split_chapters(content)
    letters = "".join("".join(chapter.text.split()) for chapter in chapters)
    assert letters in "".join(content.split()) or len(chapters) > 1
    assert all(chapter.label for chapter in chapters)


@one_folder
@given(content=cues)
def test_any_subtitles_are_read_or_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "片.srt"
    path.write_text(content, "utf-8", errors="replace")
    cues = readable(lambda: subtitle.to_vtt(path, tmp_path / "片.vtt"))
    assert cues is None or (tmp_path / "片.vtt").read_text("utf-8").startswith("WEBVTT")


LONG = [
    "\n",
    " ",
    "第",
    "第一章\n",
    "\r",
    "\x0c",
    "\u200b",
    "# ",
    "#",
    "\u3000",
    "第一",
    "---\n",
    "书名：\n",
    "\x85",
    "1\n\n",
    "{",
    "1\n00:00:01,000 --> 00:00:02,000\n\n",
]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".srt"])
@pytest.mark.parametrize("piece", LONG, ids=map(repr, LONG))
def test_long_repetitions_are_read_in_linear_time(tmp_path: Path, piece: str, suffix: str) -> None:
    """1.5 MB of newlines took 120 s. A quadratic reader takes 64 times as long for 8 times as much."""
    path = tmp_path / f"长{suffix}"
    readers: dict[str, Callable[[], Any]] = {
        ".txt": lambda: text.describe(path, tmp_path),
        ".md": lambda: story.describe(path, tmp_path),
        ".srt": lambda: subtitle.to_vtt(path, tmp_path / "长.vtt"),
    }
    seconds = []
    for size in (50_000, 400_000):
        path.write_text("头" + piece * (size // len(piece)) + "尾", "utf-8")
        started = time.process_time()
        readable(readers[suffix])
        seconds.append(time.process_time() - started)
    assert seconds[1] < 24 * seconds[0] + 0.5
