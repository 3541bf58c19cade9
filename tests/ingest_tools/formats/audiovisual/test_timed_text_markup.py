"""TTML, DFXP and iTunes Timed Text are subtitles."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats.audiovisual import SUBTITLE_SUFFIXES, subtitle


@pytest.mark.parametrize(
    "namespace", ["http://www.w3.org/ns/ttml", "http://www.w3.org/2006/10/ttaf1", "http://www.w3.org/2006/04/ttaf1"]
)
@pytest.mark.parametrize(
    ("times", "start"),
    [
        ('begin="00:00:01.500" end="00:00:03.000"', "1.500"),
        ('begin="1.5s" dur="2s"', "1.500"),
        ('begin="1500ms" end="3s"', "1.500"),
        ('begin="00:00:01:12" end="00:00:03:00"', "1.500"),
        ('begin="36f" end="72f"', "1.500"),
        ('begin="15t" end="30t"', "1.500"),
        ('begin="1.5" end="3"', "1.500"),
    ],
)
@pytest.mark.parametrize("suffix", [".ttml", ".dfxp", ".itt"])
def test_every_time_expression_is_read(tmp_path: Path, namespace: str, times: str, start: str, suffix: str) -> None:
    source = tmp_path / f"渡口{suffix}"
    source.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- made --><tt xmlns="{namespace}" xmlns:p="{namespace}#parameter"'
        f' p:frameRate="24" p:tickRate="10"><head><metadata>渡</metadata></head><body><div><p {times}>天没亮<br/>'
        "有人<span>等船</span>。</p></div></body></tt>",
        "utf-8",
    )
    cues = subtitle.to_vtt(source, tmp_path / "out.vtt")
    assert [(cue.value, cue.text) for cue in cues] == [(start, "天没亮 有人等船。")]
    assert suffix in SUBTITLE_SUFFIXES


@pytest.mark.parametrize(("marks", "start"), [("", "12.000"), (' xmlns:i="http://music.apple.com/lyrics"', "2.000")])
def test_times_count_from_the_parent_element_and_in_lyrics_from_the_start(
    tmp_path: Path, marks: str, start: str
) -> None:
    source = tmp_path / "歌.ttml"
    source.write_text(
        f'<tt xmlns="http://www.w3.org/ns/ttml"{marks}><body><div begin="10s"><p begin="2s" end="4s">渡口</p>'
        "</div></body></tt>", "utf-8",
    )  # fmt: skip
    assert [cue.value for cue in subtitle.to_vtt(source, tmp_path / "out.vtt")] == [start]
