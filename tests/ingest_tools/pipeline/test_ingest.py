from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.derive.renditions import rendition_task
from ingest_tools.parser_pool import Parser
from ingest_tools.passage_file import PASSAGES_FILE
from ingest_tools.rejections import REASONS, RejectedError
from ingest_tools.sample.books import write_epub
from ingest_tools.sample.builder import CONTENT
from ingest_tools.sources.filenames import parse_filename
from library_server.catalogue.enums import Kind
from library_server.catalogue.passages import serialization
from library_server.catalogue.records import queries
from library_server.jobs.registry import JobContext
from library_server.jobs.worker import Worker
from library_server.library import Library
from tests.support.libraries import delete_unnamed_objects, ingest, open_library_at, sweep_report
from tests.support.power_cuts import run_killed_after
from tests.support.records import records_by_title

GBK_TEXT = "书名：湘江船歌\n作者：周望水\n\n第一章 起锚\n天没亮，雾贴着水面走。\n第二章 上滩\n上昭陵滩要拉纤。\n"


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True, timeout=60)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "硬盘"
    (folder / "照片").mkdir(parents=True)
    (folder / "周望水 - 船歌.txt").write_bytes(GBK_TEXT.encode("gb18030"))
    (folder / "故事.md").write_text("---\n标题: 老秤铺\n类型: 故事\n时间: 1978年冬\n专题: 老街\n---\n冬天。\n", "utf-8")
    Image.new("RGB", (900, 600), "#2f6f4f").save(folder / "照片/1998-05 栗雨老街.jpg")
    write_epub(next((CONTENT / "books").glob("*.md")), folder / "书.epub")
    (folder / "压缩.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (folder / "空.txt").touch()
    (folder / "程序.epub").write_bytes(b"MZ" + bytes(200))
    (folder / "乱.pdf").write_bytes(bytes(range(256)) * 8)
    (folder / "坏.pdf").write_bytes(b"%PDF-1.4\n" + b"nothing here" * 20)
    (folder / "断.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(400))
    (folder / "独.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n好\n", "utf-8")
    return folder


@pytest.mark.slow
def test_a_real_folder_goes_in_with_reasons_for_the_rest(library: Library, disk: Path) -> None:
    report = ingest(library, disk)
    assert report.added == 4
    assert {Path(row["path"]).name: row["code"] for row in report.rejections} == {
        "压缩.zip": "empty_file",
        "空.txt": "empty_file",
        "程序.epub": "program",
        "乱.pdf": "unknown_format",
        "坏.pdf": "damaged",
        "断.jpg": "damaged",
        "独.srt": "orphan_subtitle",
    }
    assert all(row["reason"].startswith(REASONS[row["code"]]) for row in report.rejections)
    by_title = records_by_title(library)
    assert by_title["湘江船歌"].creators == ("周望水",)
    assert by_title["湘江船歌"].extent == 3
    assert by_title["老秤铺"].kind == Kind.STORY
    assert by_title["栗雨老街"].date_written == "1998-05"
    assert by_title["栗雨老街"].cover is not None
    assert delete_unnamed_objects(library, older_than=3600) == 0  # an ingest may be about to name young objects
    swept = sweep_report(library)
    assert (swept.unnamed, swept.missing) == (0, 0)


def test_the_same_folder_given_again_adds_nothing(library: Library, disk: Path) -> None:
    ingest(library, disk)
    again = ingest(library, disk)
    assert (again.added, again.unchanged, again.rejected) == (0, 4, 7)
    for path in disk.rglob("*"):
        if path.is_file():
            os.utime(path, (1, 1))
    touched = ingest(library, disk)
    assert (touched.added, touched.unchanged) == (0, 4)


def test_the_same_bytes_under_two_names_are_one_record(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "twins"
    folder.mkdir()
    for name in ("一.txt", "二.txt", "三.txt"):
        (folder / name).write_text("同样的内容", "utf-8")
    report = ingest(library, folder)
    assert (report.added, report.unchanged) == (1, 2)


@pytest.mark.slow
def test_two_ingests_at_once_add_everything_once(library: Library, disk: Path) -> None:
    reports = []
    threads = [threading.Thread(target=lambda: reports.append(ingest(library, disk))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.added for report in reports) == 4
    assert len(records_by_title(library)) == 4


def test_dry_run_writes_nothing(library: Library, disk: Path) -> None:
    report = ingest(library, disk, dry_run=True)
    assert report.added == 4
    assert records_by_title(library) == {}
    assert list(library.store.list()) == []


def test_kind_and_collection_of_the_command(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("正文", "utf-8")
    ingest(library, tmp_path / "a.txt", kind="story", collection="老街口述史")
    with library.database.reading() as session:
        slugs = {collection.slug: collection.size for collection in queries.list_collections(session)}
    assert slugs == {"lao-jie-kou-shu-shi": 1, "stories": 1}


@pytest.mark.slow
def test_films_courses_subtitles_and_renditions(library: Library, tmp_path: Path) -> None:
    course = tmp_path / "讲座/柑橘课"
    course.mkdir(parents=True)
    picture = ["-f", "lavfi", "-i", "testsrc=d=2:s=320x180:r=10"]
    sound = ["-f", "lavfi", "-i", "sine=d=2"]
    ffmpeg(
        *picture, *sound, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", str(course / "01 第一讲 选地.mp4")
    )
    ffmpeg(*picture, "-c:v", "mpeg4", str(course / "02 第二讲 施肥.avi"))
    ffmpeg(*sound, "-metadata", "title=秤铺口述", "-metadata", "artist=谭师傅", str(tmp_path / "a.mp3"))
    (course / "01 第一讲 选地.srt").write_bytes("1\n00:00:00,500 --> 00:00:01,500\n<i>大家好</i>\n".encode("gb18030"))
    (tmp_path / "无.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(300))
    report = ingest(library, tmp_path / "讲座", tmp_path / "a.mp3", tmp_path / "无.mp4")
    assert (report.added, report.joined) == (3, 1)
    assert [row["code"] for row in report.rejections] in (["truncated"], ["damaged"])
    by_title = records_by_title(library)
    lesson = by_title["选地"]
    assert (lesson.part_number, lesson.series, lesson.details.plays) == (1, "柑橘课", True)
    assert [asset.language for asset in lesson.assets_of("subtitle")] == ["zh"]
    assert by_title["秤铺口述"].creators == ("谭师傅",)
    with library.database.reading() as session:
        assert [part.title for part in queries.list_parts(session, by_title["柑橘课"].id)] == ["选地", "施肥"]
    scratch = library.settings.home / "scratch"
    worker = Worker(
        library.database, lambda: 0, {"rendition": rendition_task(JobContext(library.database, library.store, scratch))}
    )
    while worker.run_one():
        pass
    assert {asset.label for asset in records_by_title(library)["施肥"].assets_of("rendition")} >= {"180p", "sprites"}
    assert {asset.label for asset in records_by_title(library)["选地"].assets_of("rendition")} >= {"audio", "sprites"}


@pytest.mark.long
def test_the_same_command_finishes_after_kills_at_random_moments(tmp_path: Path) -> None:
    """A short form of `benchmarks/kills.py`: every file is there once; catalogue, store and index agree."""
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.txt").write_text(f"第{number}本 " + "字" * 2000, "utf-8")
    environment = {**os.environ, "TIANYUAN_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "library_server.cli", "ingest", str(folder), "--json"]
    for delay in (0.7, 1.0, 1.2, 1.4):
        run_killed_after(delay, command, environment)
    result = subprocess.run([*command, "--wait"], env=environment, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()[-3000:]
    assert json.loads(result.stdout)["rejected"] == 0
    library = open_library_at(tmp_path / "home")
    assert len(records_by_title(library)) == 30
    assert library.indexer.verify().agrees
    left = sweep_report(library)
    assert delete_unnamed_objects(library) == left.unnamed
    swept = sweep_report(library)
    assert (swept.missing, swept.unnamed) == (0, 0)
    library.database.engine.dispose()


def _hears_ctrl_c() -> None:
    """React to SIGINT as in a terminal, even where the tests run in the background and ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.long
def test_ctrl_c_says_how_to_go_on_and_the_same_command_does(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(60):
        Image.effect_noise((900, 900), 60).save(folder / f"IMG_{number:04}.jpg", quality=90)
    environment = {**os.environ, "TIANYUAN_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "library_server.cli", "ingest", str(folder)]
    child = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_hears_ctrl_c
    )
    assert child.stderr
    first = child.stderr.readline().decode()  # it has begun to write
    child.send_signal(signal.SIGINT)
    stderr = first + child.stderr.read().decode()
    child.communicate(timeout=60)
    child.stderr.close()
    assert child.returncode == 130
    assert "再运行一次同样的命令" in stderr
    assert "Traceback" not in stderr
    again = subprocess.run([*command, "--json"], env=environment, capture_output=True, check=True)
    report = json.loads(again.stdout)
    assert report["added"] + report["unchanged"] == report["seen"] == 60
    library = open_library_at(tmp_path / "home")
    assert len(records_by_title(library)) == 60
    library.database.engine.dispose()


def test_ogg_keeps_its_tags_in_the_stream(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "录音.ogg"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-metadata", "title=起锚",
                    "-metadata", "artist=周望水", str(file)], check=True)  # fmt: skip
    ingest(library, file)
    assert records_by_title(library)["起锚"].creators == ("周望水",)


def test_a_chapter_heading_is_not_the_title(library: Library, tmp_path: Path) -> None:
    (tmp_path / "村小.md").write_text("# 第一章 复式班\n一间教室。\n", "utf-8")
    ingest(library, tmp_path / "村小.md")
    assert list(records_by_title(library)) == ["村小"]


@pytest.mark.parametrize(
    ("name", "media", "expected"),
    [
        ("陈守田 - 柑橘栽培手记.epub", False, ("柑橘栽培手记", "陈守田", None, None)),
        ("柑橘栽培手记_陈守田.pdf", False, ("柑橘栽培手记", "陈守田", None, None)),
        ("《湘江船歌》周望水 著.txt", False, ("湘江船歌", "周望水", None, None)),
        ("1998-05 栗雨老街.jpg", False, ("栗雨老街", None, "1998-05", None)),
        ("民国二十三年 学堂.jpg", False, ("学堂", None, "民国二十三年", None)),
        ("01 第一讲 选地.mp4", True, ("选地", None, None, 1)),
        ("第十二讲 施肥.mp4", True, ("施肥", None, None, 12)),
        ("03 陈守田 - 采果.mp4", True, ("采果", "陈守田", None, 3)),
        ("_.txt", False, ("无题", None, None, None)),
    ],
)
def test_file_names_of_librarians_are_parsed(
    name: str, media: bool, expected: tuple[str, str | None, str | None, int | None]
) -> None:
    parsed = parse_filename(Path("/盘/柑橘课") / name, media=media)
    assert (parsed.title, parsed.creator, parsed.date, parsed.number) == expected


def describe(path: Path, out: Path, seconds: float = 60) -> object:
    with Parser(seconds) as parser:
        return parser.describe(path, out)


def epub(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as book:
        for name, text in members.items():
            book.writestr(name, text)
    return path


CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="o.opf"/></rootfiles></container>'
)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"META-INF/container.xml": "<x/>"}, "damaged"),
        ({"META-INF/container.xml": CONTAINER}, "damaged"),
        ({"META-INF/container.xml": CONTAINER, "META-INF/rights.xml": "x", "o.opf": "<package/>"}, "drm"),
        ({"META-INF/container.xml": "not xml <<<"}, "damaged"),
        ({"a.txt": "x"}, "archive"),
    ],
)
def test_bad_epubs_are_refused(tmp_path: Path, members: dict[str, str], code: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        describe(epub(tmp_path / "a.epub", members), tmp_path)
    assert refusal.value.code == code


def test_xml_entities_are_never_resolved(tmp_path: Path) -> None:
    opf = (
        '<!DOCTYPE package [<!ENTITY x SYSTEM "file:///etc/passwd">]><package xmlns="http://www.idpf.org/2007/opf" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>T&x;</dc:title></metadata><manifest>'
        '<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="c"/></spine></package>'
    )
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>一</h1><script>s()</script><p>正文</p></body></html>'
    members = {"META-INF/container.xml": CONTAINER, "o.opf": opf, "c.xhtml": page}
    with Parser() as parser:
        description = parser.describe(epub(tmp_path / "a.epub", members), tmp_path)
    assert description.title is not None
    assert "root:" not in description.title
    passages = serialization.parse_passages((tmp_path / PASSAGES_FILE).read_bytes())
    assert [passage.text for passage in passages] == ["一\n正文"]


@pytest.mark.long
def test_image_bombs_are_refused(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "a.png")
    with pytest.raises(RejectedError) as refusal:
        describe(tmp_path / "a.png", tmp_path)
    assert refusal.value.code == "too_large"


def test_a_parser_that_hangs_is_killed_and_the_next_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("正文", "utf-8")
    with Parser(seconds=0.0) as parser:
        with pytest.raises(RejectedError) as refusal:
            parser.describe(tmp_path / "a.txt", tmp_path)
        assert refusal.value.code == "too_slow"
        parser._seconds = 60
        assert parser.describe(tmp_path / "a.txt", tmp_path).format == "text"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_text_in_the_encodings_that_occur(tmp_path: Path, encoding: str) -> None:
    text = "第一回 江水\n這是一本關於湘江的書，說的是船工的故事。\n" if encoding == "big5" else GBK_TEXT
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    with Parser() as parser:
        parser.describe(tmp_path / "a.txt", tmp_path)
    passages = serialization.parse_passages((tmp_path / PASSAGES_FILE).read_bytes())
    assert "江" in "".join(passage.label + passage.text for passage in passages)


def test_a_pdf_gives_pages_and_cover(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(300, 400))
    canvas.setTitle("Oranges")
    canvas.setAuthor("Chen; Tan")
    for number in range(3):
        canvas.drawString(40, 300, f"Oranges like the sun, page {number + 1}")
        canvas.showPage()
    canvas.save()
    with Parser() as parser:
        description = parser.describe(tmp_path / "a.pdf", tmp_path)
    assert (description.title, description.extent, description.details.needs_ocr) == ("Oranges", 3, False)
    assert [name for name, _ in description.creators] == ["Chen", "Tan"]
    labels = {derived.label for derived in description.derived if derived.role != "text"}
    assert labels == {"480.jpg", "240.webp", "first-page.webp"}


@pytest.mark.slow
def test_photos_are_turned_upright_and_gps_is_kept_apart(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "老街"
    exif.get_ifd(0x8825).update({1: "N", 2: (27.0, 49.0, 30.0), 3: "E", 4: (113.0, 8.0, 0.0)})
    Image.new("RGB", (800, 400), "red").save(tmp_path / "a.jpg", exif=exif)
    with Parser() as parser:
        description = parser.describe(tmp_path / "a.jpg", tmp_path)
    assert description.details.cover is not None
    assert (description.details.cover.width, description.details.cover.height) == (400, 800)
    assert description.details.gps is not None
    assert description.details.gps.latitude == pytest.approx(27.825)
    with Image.open(tmp_path / "240.webp") as picture:
        assert picture.size == (240, 480)
