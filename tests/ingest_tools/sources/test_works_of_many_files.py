"""Folders that are one work: the film of a DVD or VCD, and the pages of a book."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from ingest_tools.sources.folder import walk
from library_server.app import create_app
from library_server.catalogue.records import queries
from library_server.library import Library
from tests.factories.pictures import ffmpeg, film, page, scene
from tests.support.libraries import ingest
from tests.support.records import records_by_title
from tests.support.stores import content

SECTOR = 2048


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


def information(*chains: tuple[int, int, int]) -> bytes:
    """The information file of a title set: hours, minutes and seconds of each program chain."""
    data = bytearray(SECTOR)
    struct.pack_into(">I", data, 0xCC, 1)
    table = bytearray(struct.pack(">HHI", len(chains), 0, 0)) + bytes(8 * len(chains))
    for number, times in enumerate(chains):
        struct.pack_into(">I", table, 12 + 8 * number, len(table))
        table += bytes(4) + bytes(int(str(time), 16) for time in times) + b"\x40"
    return bytes(data + table)


def program_stream(path: Path, seconds: int, size: str = "352x288") -> bytes:
    film(path, "-c:v", "mpeg2video", "-c:a", "mp2", "-f", "vob", seconds=seconds, size=size)
    data = path.read_bytes()
    path.unlink()
    return data


def put(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def candidates(disk: Path) -> dict[str, list[str]]:
    return {
        candidate.named.relative_to(disk).as_posix(): [path.name for path in candidate.parts]
        for candidate in walk([disk])
    }


DVD = {
    "VIDEO_TS.IFO": b"x", "VIDEO_TS.VOB": b"menu", "VIDEO_TS.BUP": b"x",
    "VTS_01_0.VOB": b"menu", "VTS_01_1.VOB": b"advertisement" * 999,
    "VTS_02_0.VOB": b"menu", "VTS_02_1.VOB": b"first", "VTS_02_2.VOB": b"second",
}  # fmt: skip


@pytest.mark.parametrize(
    ("information_files", "chosen"),
    [
        ({"VTS_01_0.IFO": information((0, 1, 10)), "VTS_02_0.IFO": information((0, 0, 5), (1, 32, 7))}, "02"),
        ({"vts_01_0.ifo": information((0, 9, 59)), "vts_02_0.bup": information((0, 10, 0))}, "02"),
        ({"VTS_01_0.IFO": information((0, 45, 0)), "VTS_02_0.IFO": information((0, 44, 59))}, "01"),
        ({}, "01"),
        ({"VTS_01_0.IFO": b"", "VTS_02_0.IFO": b"DVDVIDEO-VTS" + bytes(99)}, "01"),
    ],
)
def test_the_title_set_that_plays_longest(disk: Path, information_files: dict[str, bytes], chosen: str) -> None:
    put(disk / "渡口" / "VIDEO_TS", DVD | information_files)
    put(disk / "渡口" / "AUDIO_TS", {"x.AOB": b"x"})
    [(name, parts)] = candidates(disk).items()
    assert name == "渡口.vob"
    assert parts == [name for name in DVD if name.startswith(f"VTS_{chosen}") and not name.endswith("_0.VOB")]


@pytest.mark.slow
def test_a_dvd_is_one_film(library: Library, disk: Path) -> None:
    whole = program_stream(disk / "whole.vob", 6)
    half = len(whole) // 2 // SECTOR * SECTOR
    put(disk / "渡口的灯" / "VIDEO_TS", DVD | {"VTS_02_1.VOB": whole[:half], "VTS_02_2.VOB": whole[half:],
        "VTS_01_0.IFO": information((0, 0, 1)), "VTS_02_0.IFO": information((0, 0, 6))})  # fmt: skip
    scene(1).save(disk / "渡口的灯" / "poster.jpg")
    report = ingest(library, disk)
    assert (report.added, report.joined, report.rejections) == (1, 2, [])
    record = records_by_title(library)["渡口的灯"]
    assert str(record.kind) == "film"
    assert record.duration_ms is not None
    assert 5_500 <= record.duration_ms <= 6_500
    assert record.original is not None
    assert record.original.filename == "渡口的灯.vob"
    assert content(library.store, record.original.key) == whole
    assert record.details.cover is not None
    assert (record.details.cover.width, record.details.cover.height) == (900, 600)
    assert ingest(library, disk).unchanged == 3


@pytest.mark.slow
def test_a_vcd_is_one_film(library: Library, disk: Path) -> None:
    film(disk / "a.mpg", "-target", "pal-vcd", seconds=3, size="352x288")
    put(disk / "花鼓戏" / "MPEGAV", {"AVSEQ01.DAT": (disk / "a.mpg").read_bytes()})
    put(disk / "花鼓戏" / "VCD", {"INFO.VCD": b"x", "ENTRIES.VCD": b"x"})
    put(disk / "花鼓戏" / "SEGMENT", {"ITEM0001.DAT": b"x"})
    (disk / "a.mpg").unlink()
    report = ingest(library, disk)
    assert (report.seen, report.added) == (1, 1)
    assert list(records_by_title(library)) == ["花鼓戏"]


def test_discs_of_one_work(disk: Path) -> None:
    for disc in ("CD1", "CD2"):
        put(disk / "渡口" / disc / "MPEGAV", {"AVSEQ02.DAT": b"2", "avseq01.dat": b"1"})
    assert candidates(disk) == {
        "渡口/CD1/01 渡口.dat": ["AVSEQ02.DAT", "avseq01.dat"],
        "渡口/CD2/02 渡口.dat": ["AVSEQ02.DAT", "avseq01.dat"],
    }


def test_a_film_that_was_copied_out_of_the_folder_of_its_disc(disk: Path) -> None:
    put(disk / "老戏" / "打铜锣", DVD)
    put(disk / "老戏" / "补锅" / "CD2", {"AVSEQ02.DAT": b"2", "AVSEQ01.DAT": b"1"})
    assert candidates(disk) == {
        "老戏/打铜锣.VOB".lower(): ["VTS_01_1.VOB"],
        "老戏/补锅/CD2/02 补锅.dat": ["AVSEQ01.DAT", "AVSEQ02.DAT"],
    }


@pytest.mark.parametrize("other", ["讲稿.docx", "另一部.vob", "幕后.mp4"])
def test_what_lies_next_to_a_copied_film_is_not_lost(disk: Path, other: str) -> None:
    put(disk / "打铜锣", {"VTS_01_0.IFO": b"x", "VTS_01_1.VOB": b"film", other: b"x"})
    listed = [path.name for candidate in walk([disk]) for path in (candidate.path, *candidate.parts)]
    assert other in listed


def pages(folder: Path, *names: str, **options: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        picture = page([f"第 {number + 1} 页"]).resize((300, 424))
        if Path(name).suffix in {".tif", ".png"}:
            picture = picture.convert("1")
        picture.save(folder / name, **options)


NUMBERS = tuple(f"{number:03d}.jpg" for number in range(1, 7))


@pytest.mark.parametrize(
    "names",
    [
        NUMBERS,
        tuple(f"{number:04d}.tif" for number in range(1, 6)),
        tuple(f"page_{number}.png" for number in range(1, 12)),
        tuple(f"第{number}页.jpg" for number in range(1, 6)),
        tuple(f"p{number}.jpg" for number in range(10, 16)),
    ],
)
@pytest.mark.slow
def test_pages_are_one_book(library: Library, disk: Path, names: tuple[str, ...]) -> None:
    pages(disk / "《渡口》张三", *names, dpi=(100, 100))
    report = ingest(library, disk)
    assert (report.seen, report.added, report.joined) == (len(names), 1, len(names) - 1)
    record = records_by_title(library)["渡口"]
    assert (str(record.kind), record.creators, record.extent) == ("book", ("张三",), len(names))
    assert record.details.needs_ocr
    assert record.assets_of("cover")
    assert record.original is not None
    bound = disk / "bound.pdf"
    bound.write_bytes(content(library.store, record.original.key))
    with pikepdf.open(bound) as document:
        assert [float(side) for side in document.pages[0].mediabox] == [
            0,
            0,
            *(pytest.approx(side, abs=0.1) for side in (216, 305.28)),
        ]
        if names == NUMBERS:
            stored = [page.images["/Page"].read_raw_bytes() for page in document.pages]
            assert stored == [(disk / "《渡口》张三" / name).read_bytes() for name in names]
    assert create_app(library).test_client().get(f"/read/{record.id}").status_code == 200
    bound.unlink()
    assert ingest(library, disk).unchanged == len(names)


def test_pages_are_in_the_order_of_their_numbers(disk: Path) -> None:
    pages(disk / "书", *(f"{number}.jpg" for number in (10, 9, 2, 1, 11, 12)), "cover.jpg")
    [candidate] = walk([disk])
    assert [path.stem for path in candidate.parts] == ["1", "2", "9", "10", "11", "12"]
    assert [path.name for path in candidate.sidecars] == ["cover.jpg"]


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("村志", ("cov001.jpg", "bok001.jpg", "leg001.jpg", "fow001.jpg", "!00001.jpg", "!00002.jpg", "000001.jpg",
                "000002.jpg", "att001.jpg", "cov002.jpg")),
        ("村志", tuple(f"村志_{number:03d}.jpg" for number in range(1, 7))),
        ("《村志》", tuple(f"村志{number}.jpg" for number in range(1, 12))),
        ("书", tuple(f"村志_页面_{number:02d}.jpg" for number in range(1, 7))),
        ("书", tuple(f"Scan{number:04d}.jpg" for number in range(1, 7))),
        ("书", tuple(f"扫描件 ({number}).jpg" for number in range(1, 7))),
        ("书", tuple(f"Report_Page_{number}.tif" for number in range(1, 7))),
    ],
)  # fmt: skip
def test_names_of_pages(disk: Path, folder: str, names: tuple[str, ...]) -> None:
    (disk / folder).mkdir()
    for name in names:
        (disk / folder / name).write_bytes(b"x")
    [candidate] = walk([disk])
    assert [path.name for path in candidate.parts] == list(names)


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("书", tuple(f"渡口{number}.jpg" for number in range(1, 7))),
        ("老街", tuple(f"老街照片{number}.jpg" for number in range(1, 7))),
        ("书", tuple(f"IMG_{number:04d}.jpg" for number in range(1, 7))),
        ("书", ("cov001.jpg", "bok001.jpg", "leg001.jpg", "fow001.jpg", "!00001.jpg")),
        ("书", NUMBERS[:4]),
        ("老照片", NUMBERS),
        ("Photos 1998", NUMBERS),
        ("书", (*NUMBERS, "老街.jpg")),
        ("书", (*NUMBERS, "说明.txt")),
        ("书", tuple(f"DSC_{number:04d}.jpg" for number in range(1, 7))),
        ("书", ("20200101.jpg", "20200102.jpg", "20200103.jpg", "20200104.jpg", "20200105.jpg")),
        ("书", ("1.jpg", "200.jpg", "3000.jpg", "40000.jpg", "50000.jpg")),
        ("书", (*NUMBERS, "1.png")),
    ],
)
def test_what_is_no_book_of_pages(disk: Path, folder: str, names: tuple[str, ...]) -> None:
    (disk / folder).mkdir()
    for name in names:
        (disk / folder / name).write_bytes(b"x")
    assert not any(candidate.parts for candidate in walk([disk]))


@pytest.mark.parametrize(("tag", "is_book"), [(0x829D, False), (0x829A, False), (0x9000, True)])
def test_photos_of_a_camera_are_no_pages(disk: Path, tag: int, is_book: bool) -> None:
    exif = Image.Exif()
    exif[0x010F] = "EPSON"
    exif.get_ifd(0x8769)[tag] = b"0230" if tag == 0x9000 else 2.8
    pages(disk / "书", *NUMBERS, exif=exif)
    assert any(candidate.parts for candidate in walk([disk])) == is_book


@pytest.mark.slow
def test_a_page_that_cannot_be_read_is_reported_by_itself(library: Library, disk: Path) -> None:
    pages(disk / "书", *NUMBERS)
    (disk / "书" / "003.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 1)
    assert [Path(entry["path"]).name for entry in report.rejections] == ["003.jpg"]
    assert records_by_title(library)["书"].extent == 5


@pytest.mark.slow
def test_the_first_page_that_cannot_be_read_is_reported(library: Library, disk: Path) -> None:
    pages(disk / "书", *NUMBERS)
    first = (disk / "书" / "001.jpg").read_bytes()
    (disk / "书" / "001.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    report = ingest(library, disk)
    assert (report.added, report.joined, report.seen) == (1, 4, 6)
    assert [(Path(entry["path"]).name, entry["code"]) for entry in report.rejections] == [("001.jpg", "damaged")]
    (disk / "书" / "001.jpg").write_bytes(first)
    assert ingest(library, disk).rejections == []
    record = records_by_title(library)["书"]
    assert len(records_by_title(library)) == 1
    assert record.original is not None
    bound = disk / "bound.pdf"
    bound.write_bytes(content(library.store, record.original.key))
    with pikepdf.open(bound) as document:
        assert len(document.pages) == 6


@pytest.mark.long
def test_a_page_that_a_list_restricts_keeps_the_others_apart(library: Library, disk: Path) -> None:
    pages(disk / "书", *NUMBERS)
    (disk / "目录.csv").write_text("文件,题名,使用范围\n书/002.jpg,内部,馆内\n", "utf-8")
    ingest(library, disk)
    with library.database.reading() as session:
        views = [queries.find_record(session, record_id) for record_id in queries.published_ids(session, "", 100)]
    assert sorted(str(view.access) for view in views if view) == ["premises", *["public"] * 5]


@pytest.mark.slow
def test_a_vcd_of_two_tracks_plays_both(library: Library, disk: Path) -> None:
    for number, colour in enumerate(("red", "blue"), start=1):
        target = disk / f"AVSEQ{number:02d}.mpg"
        ffmpeg("-f", "lavfi", "-i", f"color={colour}:d=3:s=352x288:r=25", "-f", "lavfi", "-i", "sine=d=3",
               "-target", "pal-vcd", str(target))  # fmt: skip
        put(disk / "戏" / "MPEGAV", {f"AVSEQ{number:02d}.DAT": target.read_bytes()})
        target.unlink()
    ingest(library, disk)
    duration = records_by_title(library)["戏"].duration_ms
    assert duration is not None
    assert 5_500 <= duration <= 6_500


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("株洲乡志（1985年编）", ["第七页", "第八页", "第九页", "第十页", "第十一页"]),
        ("族谱_李氏", [f"李氏族谱 ({number})" for number in range(1, 12)]),
        ("老契约", ["001a", "001b", "002a", "002b", "003a"]),
        ("线装书", ["001右", "001左", "002右", "002左", "003右"]),
        ("碑文", ["一", "二", "三", "四", "五"]),
    ],
)
def test_pages_by_chinese_numbers_in_brackets_and_by_sides(disk: Path, folder: str, names: list[str]) -> None:
    (disk / folder).mkdir()
    for name in names:
        scene(1).save(disk / folder / f"{name}.png")
    assert candidates(disk) == {f"{folder}.pdf": [f"{name}.png" for name in names]}


def test_photos_that_were_numbered_together_are_no_book(disk: Path) -> None:
    (disk / "春游").mkdir()
    for number in range(1, 8):
        scene(1).save(disk / "春游" / f"五一劳动节 ({number}).png")
    assert len(candidates(disk)) == 7
