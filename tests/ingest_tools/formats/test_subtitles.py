"""Subtitles and lyrics as people write them: every line is read, at its time, as it is shown on a screen."""

from __future__ import annotations

import html
import tempfile
import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.formats.audiovisual import subtitle
from ingest_tools.formats.audiovisual.subtitles.names import languages_of
from ingest_tools.rejections import RejectedError
from library_server.library import Library
from tests.factories.pictures import film
from tests.support.libraries import ingest
from tests.support.records import load_only_record

WORDS = st.text("柑橘梯田学堂渡口abc&<'", min_size=1, max_size=12).filter(lambda text: "<a" not in text)
LINES = st.lists(WORDS, min_size=1, max_size=8)
SECONDS = st.integers(1, 9)
ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


def read(content: str) -> list[tuple[float, str]]:
    """The time and words of each cue; what is written for the player holds the same."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "字幕", Path(folder) / "out.vtt"
        source.write_text(content, "utf-8")
        passages = subtitle.to_vtt(source, target)
        blocks = target.read_text("utf-8").strip().split("\n\n")[1:]
    assert [html.unescape(block.split("\n", 1)[1]).replace("\n", " ") for block in blocks] == [
        passage.text for passage in passages
    ]
    return [(float(passage.value), passage.text) for passage in passages]


@given(
    LINES,
    SECONDS,
    st.sampled_from([",", ".", "，", None]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "\n", "\n\n"]),
    st.sampled_from([" --> ", "-->", " -> ", " —> ", " ——> "]),
    st.sampled_from(["", "\ufeff"]),
)
def test_loose_subrip_is_read(
    lines: list[str], gap: int, point: str | None, hours: bool, numbers: bool, blank: str, arrow: str, mark: str
) -> None:
    def time(second: int) -> str:
        clock = f"{second // 60:02d}:{second % 60:02d}" + (f"{point}250" if point else "")
        return f"00:{clock}" if hours else clock

    written = ""
    for at, line in enumerate(lines):
        number = f"{at + 1}\n" if numbers else ""
        written += (
            f"{mark}{number}{time(at * gap)}{arrow}{time(at * gap + 1)}\n{html.escape(line, quote=False)}\n{blank}"
        )
    fraction = 0.25 if point else 0
    assert read(written) == [(at * gap + fraction, line) for at, line in enumerate(lines)]


@given(WORDS)
def test_entities_are_decoded_once(line: str) -> None:
    twice = html.escape(html.escape(line, quote=False), quote=False)
    assert read(f"1\n00:00:01,000 --> 00:00:02,000\n{twice}\n") == [(1.0, html.escape(line, quote=False))]


def test_an_arrow_or_a_blank_line_written_as_entities_ends_no_cue() -> None:
    assert read("1\n00:00:01,000 --> 00:00:02,000\n甲 --&gt; 乙&#10;&#10;&#10;丙\n") == [(1.0, "甲 → 乙 丙")]


@given(LINES, SECONDS)
def test_sami_is_read(lines: list[str], gap: int) -> None:
    cues = "".join(
        f'<sync class="x" START="{(at + 1) * gap * 1000}ms"><P Class=ZHCC>{html.escape(line)}\n'
        f"<SYNC Start={(at + 1) * gap * 1000 + 500}><P Class=ZHCC>&nbsp;\n<SYNC broken>"
        for at, line in enumerate(lines)
    )
    head = '<sami>\n<HEAD><STYLE TYPE="text/css"><!-- .ZHCC {lang: zh-CN;} --></HEAD>\n<BODY>\n'
    assert read(f"{head}{cues}</BODY></SAMI>") == [((at + 1) * gap, line) for at, line in enumerate(lines)]


@given(LINES, SECONDS, st.integers(-900, 900))
def test_lyrics_are_read_at_their_times(lines: list[str], gap: int, offset: int) -> None:
    written = f"[ti:歌]\n[ar:人]\n[offset:{offset:+d}]\n"
    written += "".join(f"[{at * gap // 60:02d}:{at * gap % 60:02d}.00]{line}\n" for at, line in enumerate(lines, 1))
    assert read(written) == [(round(at * gap - offset / 1000, 3), line) for at, line in enumerate(lines, 1)]


@given(WORDS)
def test_a_line_that_is_sung_twice_has_both_times(line: str) -> None:
    assert read(f"[00:02.00][01:10.5]<00:02.00>{line}<00:03.10>\n[00:06]\n") == [(2.0, line), (70.5, line)]


@given(st.text("柑橘梯田学堂", min_size=1, max_size=6))
def test_karaoke_is_read_by_the_line(line: str) -> None:
    syllables = "".join(
        f"Dialogue: {layer},0:00:01.{at}0,0:00:02.00,D,,0,0,0,fx,{{\\pos(1,2)}}{word}\n"
        for at, word in enumerate(line)
        for layer in (0, 1)
    )
    whole = "".join(f"{{\\k20}}{word}" for word in line)
    assert read(f"{ASS}Comment: 0,0:00:01.00,0:00:02.00,D,,0,0,0,karaoke,{whole}\n{syllables}") == [(1.0, line)]


def test_karaoke_without_syllables_is_read() -> None:
    assert read(f"{ASS}Comment: 0,0:00:01.00,0:00:02.00,D,,0,0,0,karaoke,渡口") == [(1.0, "渡口")]


def test_passages_are_named_by_the_clock(tmp_path: Path) -> None:
    source, target = tmp_path / "a.srt", tmp_path / "a.vtt"
    starts = ("00:00:59,500", "00:01:00,000", "01:02:03,000")
    source.write_text("".join(f"1\n{start} --> 01:59:59,250\n{start}\n\n" for start in starts), "utf-8")
    passages = subtitle.to_vtt(source, target)
    assert [(passage.value, passage.label) for passage in passages] == [
        ("59.500", "00:59"), ("60.000", "01:00"), ("3723.000", "1:02:03")]  # fmt: skip
    assert [line for line in target.read_text("utf-8").splitlines() if "-->" in line] == [
        "00:00:59.500 --> 01:59:59.250", "00:01:00.000 --> 01:59:59.250", "01:02:03.000 --> 01:59:59.250"]  # fmt: skip


@pytest.mark.parametrize(
    ("marks", "language"),
    [("chs", "zh-hans"), ("sc", "zh-hans"), ("gb", "zh-hans"), ("简体", "zh-hans"), ("简中", "zh-hans"),
     ("cht", "zh-hant"), ("TC", "zh-hant"), ("big5", "zh-hant"), ("tw", "zh-hant"), ("hk", "zh-hant"),
     ("繁体", "zh-hant"), ("繁體", "zh-hant"), ("chi", "zh"), ("zho", "zh"), ("cn", "zh"), ("chn", "zh"),
     ("中文", "zh"), ("zh-CN", "zh-cn"), ("en", "en"), ("sdh.en", "en"), ("en.forced", "en"), ("chs&eng", "zh-hans"),
     ("forced", None), ("1080p", None), ("第2稿", None)],
)  # fmt: skip
def test_languages_in_names(marks: str, language: str | None) -> None:
    assert next(iter(languages_of(Path(f"讲座.{marks}.srt"), "讲座")), None) == language


@given(st.text("柑橘梯田学堂", min_size=1, max_size=6), st.integers(2, 4))
def test_a_line_in_several_layers_is_read_once(line: str, layers: int) -> None:
    cues = "".join(f"Dialogue: {n},0:00:01.00,0:00:02.00,D,,0,0,0,,{{\\bord{n}}}{line}\n" for n in range(layers))
    assert read(ASS + cues) == [(1.0, line)]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_are_compared_without_case_and_composition(
    library: Library, tmp_path: Path, form: Literal["NFC", "NFD"]
) -> None:
    source = tmp_path / "盘"
    source.mkdir()
    film(source / unicodedata.normalize("NFC", "Café é.mp4"))
    other = unicodedata.normalize("NFD" if form == "NFC" else "NFC", "CAFÉ É")
    (source / f"{other}.lrc").write_text("[00:00.50]甲\n", "utf-8")
    (source / f"{unicodedata.normalize(form, 'café é')}.EN.SDH.srt").write_text(
        "00:00.500 --> 00:01.000\none\n", "utf-8"
    )
    (source / "另一首.lrc").write_text("[00:00.50]乙\n", "utf-8")
    report = ingest(library, source)
    assert [(Path(entry["path"]).name, entry["code"]) for entry in report.rejections] == [
        ("另一首.lrc", "orphan_subtitle")
    ]
    record = load_only_record(library)
    assert sorted(str(asset.language) for asset in record.assets_of("subtitle")) == ["en", "zh"]


@pytest.mark.parametrize(
    ("content", "rate", "cues"),
    [
        ("{50}{75}{y:i}第一句|第二行\n{100}{125}后一句", None, [(2.0, "第一句 第二行"), (4.0, "后一句")]),
        ("{48}{72}第一句", 24.0, [(2.0, "第一句")]),
        ("{1}{1}20.000\n{50}{75}第一句", 24.0, [(2.5, "第一句")]),
        ("{1}{1}三声钟响\n{50}{}第二句", None, [(0.04, "三声钟响"), (2.0, "第二句")]),
        ("[10][30]第一句|/第二行\n[45][60]后一句", None, [(1.0, "第一句 第二行"), (4.5, "后一句")]),
        ("[INFORMATION]\n[TITLE]渡口\n[END INFORMATION]\n[SUBTITLE]\n00:00:02.50,00:00:04.00\n第一句[br]第二行\n",
         None, [(2.5, "第一句 第二行")]),
        ("0:00:01.000,0:00:02.500\n第一句\n\n0:00:03.000,0:00:04.000\n后一句\n", None,
         [(1.0, "第一句"), (3.0, "后一句")]),
    ],
)  # fmt: skip
def test_subtitles_that_count_frames_and_times_without_an_arrow(
    tmp_path: Path, content: str, rate: float | None, cues: list[tuple[float, str]]
) -> None:
    (tmp_path / "a.sub").write_text(content, "utf-8")
    passages = subtitle.to_vtt(tmp_path / "a.sub", tmp_path / "a.vtt", rate=rate)
    assert [(float(passage.value), passage.text) for passage in passages] == cues


def test_subtitles_that_are_pictures_are_refused_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.sub").write_bytes(b"\x00\x00\x01\xba" + bytes(range(256)))
    with pytest.raises(RejectedError) as refusal:
        subtitle.to_vtt(tmp_path / "a.sub", tmp_path / "a.vtt")
    assert (refusal.value.code, refusal.value.detail) == ("picture_subtitles", "VobSub")
