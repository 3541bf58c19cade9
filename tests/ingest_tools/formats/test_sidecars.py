"""What lies beside a file: subtitles and covers that can be read join it, and others never keep it out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats.audiovisual import subtitle
from ingest_tools.formats.audiovisual.subtitles.names import languages_of
from ingest_tools.sources.filenames import parse_filename
from library_server.app import create_app
from library_server.catalogue.records import revisions
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from tests.factories.pictures import film, scene
from tests.support.libraries import ingest
from tests.support.records import records_by_title

CUES = "1\n00:00:00,500 --> 00:00:02,000\n今天讲怎么种柑橘\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "盘"
    made.mkdir()
    return made


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("书.jpg", b"\xff\xd8\xff\xe0 cut off", "damaged"),
        ("书.png", b"no picture at all", "damaged"),
        ("书.jpg", b"", "damaged"),
    ],
)
def test_a_damaged_cover_is_refused_by_itself(
    library: Library, folder: Path, name: str, data: bytes, code: str
) -> None:
    (folder / "书.txt").write_text("第一章 选地\n柑橘喜温暖。\n", "utf-8")
    (folder / name).write_bytes(data)
    report = ingest(library, folder)
    assert (report.added, report.rejected) == (1, 1)
    assert [(Path(entry["path"]).name, entry["code"]) for entry in report.rejections] == [(name, code)]
    [record] = records_by_title(library).values()
    assert {str(asset.role) for asset in record.assets} == {"original", "text"}


def test_the_next_cover_is_taken_where_the_first_is_damaged(library: Library, folder: Path) -> None:
    (folder / "书.txt").write_text("第一章 选地\n柑橘喜温暖。\n", "utf-8")
    (folder / "书.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    scene(2).save(folder / "书.png")
    assert ingest(library, folder).rejected == 1
    [record] = records_by_title(library).values()
    assert record.assets_of("cover")


@pytest.mark.slow
def test_a_damaged_subtitle_is_refused_by_itself(library: Library, folder: Path) -> None:
    film(folder / "讲座.mp4")
    (folder / "讲座.srt").write_bytes(b"\x00\x01\x02" * 100)
    (folder / "讲座.en.srt").write_text(CUES.replace("今天讲怎么种柑橘", "Growing oranges"), "utf-8")
    report = ingest(library, folder)
    assert [Path(entry["path"]).name for entry in report.rejections] == ["讲座.srt"]
    [record] = records_by_title(library).values()
    assert [asset.language for asset in record.assets_of("subtitle")] == ["en"]


@pytest.mark.parametrize(
    "data",
    [
        CUES.encode() + b"\n2\n00:00:02,500 --> 00:00:03,500\n\xe5\x9c bad byte\n",
        CUES.encode("gbk"),
        CUES.encode("utf-16"),
    ],
)
@pytest.mark.slow
def test_a_subtitle_with_bad_bytes_joins(library: Library, folder: Path, data: bytes) -> None:
    film(folder / "讲座.mp4")
    (folder / "讲座.srt").write_bytes(data)
    report = ingest(library, folder)
    assert (report.added, report.joined, report.rejections) == (1, 1, [])
    [record] = records_by_title(library).values()
    [asset] = record.assets_of("subtitle")
    with library.store.open(asset.key) as reading:
        assert "今天讲怎么种柑橘" in reading.read().decode()


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("讲座.srt", None),
        ("讲座.zh.srt", "zh"),
        ("讲座.zh-Hans.srt", "zh-hans"),
        ("讲座.chs.srt", "zh-hans"),
        ("讲座.chs&eng.ass", "zh-hans"),
        ("讲座.简体.srt", "zh-hans"),
        ("讲座.繁體.srt", "zh-hant"),
        ("讲座.en.sdh.srt", "en"),
        ("讲座.forced.en.srt", "en"),
        ("讲座.en[cc].srt", "en"),
        ("讲座.eng.srt", "en"),
        ("讲座.el.srt", "el"),
        ("讲座.forced.srt", None),
        ("讲座.第一版.srt", None),
    ],
)
def test_languages_in_names_of_subtitles(name: str, language: str | None) -> None:
    assert next(iter(languages_of(Path(name), "讲座")), None) == language


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (r"{\p1}m 0 0 l 100 0 100 100{\p0}正常的一句", "正常的一句"),
        (r"{\an7\p1\bord0}m 0 0 l 100 0{\p0}", None),
        (r"{\p4}m 0 0 l 100 0", None),
        (r"{\pos(10,20)}有位置的一句", "有位置的一句"),
        (r"{\i1}斜体{\i0}的一句", "斜体的一句"),
        (r"第一行\N第二行", "第一行 第二行"),
    ],
)
def test_drawings_of_ass_are_no_text(tmp_path: Path, line: str, shown: str | None) -> None:
    path = tmp_path / "s.ass"
    path.write_text(
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        f"Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{line}\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,尾句\n",
        "utf-8",
    )
    passages = subtitle.to_vtt(path, tmp_path / "s.vtt")
    assert [passage.text for passage in passages] == [*([shown] if shown else []), "尾句"]


@pytest.mark.parametrize(
    ("path", "course", "number"),
    [
        ("三国演义/CD1/01 桃园.mp3", "三国演义", 101),
        ("三国演义/CD 2/03 桃园.mp3", "三国演义", 203),
        ("三国演义/Disc 2/03 桃园.mp3", "三国演义", 203),
        ("三国演义/disc_02/03 桃园.mp3", "三国演义", 203),
        ("三国演义/第二碟/03 桃园.mp3", "三国演义", 203),
        ("三国演义/上/03 桃园.mp3", "三国演义", 103),
        ("三国演义/下册/03 桃园.mp3", "三国演义", 303),
        ("三国演义/03 桃园.mp3", "三国演义", 3),
        ("上海/03 桃园.mp3", "上海", 3),
        ("CD收藏/03 桃园.mp3", "CD收藏", 3),
    ],
)
def test_discs_belong_to_one_work(path: str, course: str, number: int) -> None:
    hints = parse_filename(Path(path), media=True)
    assert (hints.course, hints.number, str(hints.course_folder)) == (course, number, course)


def test_names_that_are_not_utf8_are_read() -> None:
    name = "柑橘栽培.txt".encode("gbk").decode("utf-8", "surrogateescape")
    assert parse_filename(Path(name)).title == "柑橘栽培"


@pytest.mark.long
@pytest.mark.parametrize("by_retry", [True, False])
@pytest.mark.parametrize(
    "before", [bytes(range(4)) * 200, None, CUES.replace("怎么", "如何").encode()], ids=["damaged", "none", "another"]
)
def test_a_subtitle_that_was_mended_joins_its_film(
    library: Library, folder: Path, before: bytes | None, by_retry: bool
) -> None:
    film(folder / "甲.mp4", seconds=2)
    if before is not None:
        (folder / "甲.srt").write_bytes(before)
    ingest(library, folder)
    (folder / "甲.srt").write_text(CUES, "utf-8")
    only = frozenset({str(folder / "甲.srt"), str(folder / "甲.mp4")}) if by_retry else None
    report = ingest(library, folder, only=only)
    assert (report.joined, report.rejected) == (2, 0)
    [record] = records_by_title(library).values()
    [added] = record.assets_of("subtitle")
    with library.store.open(added.key) as file:
        assert "怎么种柑橘" in file.read().decode()
    assert len(record.assets_of("text")) == 1
    assert ingest(library, folder).joined == 0


@pytest.mark.slow
def test_subtitles_of_one_language_are_told_apart(library: Library, folder: Path) -> None:
    film(folder / "讲座.mp4")
    for mark in ("en", "en.sdh", "en.forced", "chs&eng", "chs", "cht"):
        (folder / f"讲座.{mark}.srt").write_text(CUES, "utf-8")
    ingest(library, folder)
    [record] = records_by_title(library).values()
    assert sorted(asset.label for asset in record.assets_of("subtitle")) == [
        "en", "en.forced", "en.sdh", "zh-hans", "zh-hans+en", "zh-hant",
    ]  # fmt: skip
    client = create_app(library).test_client()
    client.set_cookie("lang", "zh")
    shown = client.get(f"/watch/{record.id}").text
    assert "（听障字幕）" in shown
    assert "（只有外语对白）" in shown
    master = client.get(client.get(f"/api/v1/records/{record.id}").get_json()["hls_url"]).text
    lines = {line for line in master.splitlines() if "TYPE=SUBTITLES" in line}
    [forced] = [line for line in lines if "FORCED=YES" in line]
    assert 'NAME="英文（只有外语对白）",LANGUAGE="en",DEFAULT=NO' in forced
    assert len([line for line in lines if "DEFAULT=YES" in line]) == 1
    for language, name in (("zh-hans", "简体"), ("zh-hant", "繁体"), ("zh-hans", "简体+英文")):
        assert any(f'NAME="{name}",LANGUAGE="{language}"' in line for line in lines)
        assert f'label="{name}"' in shown


NFO = "<movie><title>江上渡口</title><plot>摆渡人的一生。</plot><director>谢晋</director><year>1984</year></movie>"


@pytest.mark.slow
def test_an_nfo_that_comes_later_is_joined(library: Library, folder: Path) -> None:
    film(folder / "渡口.mp4")
    film(folder / "另一部.mp4", seconds=2)
    ingest(library, folder)
    (folder / "渡口.nfo").write_text(NFO, "utf-8")
    report = ingest(library, folder)
    assert (report.added, report.joined, report.rejections) == (0, 2, [])
    record = records_by_title(library)["江上渡口"]
    assert (str(record.kind), record.abstract, record.creators, record.date_written) == (
        "film", "摆渡人的一生。", ("谢晋",), "1984")  # fmt: skip
    assert ingest(library, folder).joined == 0


@pytest.mark.slow
def test_an_nfo_leaves_alone_what_was_edited(library: Library, folder: Path) -> None:
    film(folder / "渡口.mp4")
    ingest(library, folder)
    [record] = records_by_title(library).values()
    with library.database.writing() as session:
        revisions.revise(session, record.id, {"title": "馆员改的题名"}, Actor("lin"))
    (folder / "渡口.nfo").write_text(NFO, "utf-8")
    ingest(library, folder)
    assert records_by_title(library)["馆员改的题名"].abstract == "摆渡人的一生。"


@pytest.mark.slow
def test_an_nfo_of_a_copy_changes_nothing(library: Library, folder: Path, tmp_path: Path) -> None:
    film(folder / "渡口.mp4")
    ingest(library, folder)
    copy = tmp_path / "又一份"
    copy.mkdir()
    (copy / "a.mp4").write_bytes((folder / "渡口.mp4").read_bytes())
    (copy / "a.nfo").write_text(NFO, "utf-8")
    ingest(library, copy)
    assert list(records_by_title(library)) == ["渡口"]
