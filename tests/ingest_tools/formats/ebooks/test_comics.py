"""Comics as they are found: order of pages, covers, descriptions, furniture, damage."""

from __future__ import annotations

import json
import struct
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.description import Description
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.ebooks.comics import comic
from ingest_tools.formats.ebooks.comics.pages import page_names, picture_names
from ingest_tools.rejections import RejectedError
from tests.factories.ebooks import drawn, zipped
from tests.factories.packs import rar_of

ROOT = Path(__file__).parents[4]
STATIC = ROOT / "library_server/web/static"
SECOND_IS_COVER = "<Pages><Page Image='0'/><Page Image='1' Type='FrontCover'/></Pages>"
RED, GREEN, BLUE = (drawn(color) for color in ("red", "green", "blue"))
INFO = "<?xml version='1.0'?><ComicInfo>{}</ComicInfo>"


def describe_book(path: Path, tmp_path: Path) -> Description:
    assert detect_format(path) == "comic"
    (tmp_path / "out").mkdir()
    return comic.describe(path, tmp_path / "out")


def cover_color(tmp_path: Path) -> str:
    with Image.open(tmp_path / "out/480.jpg") as cover:
        pixel = cover.convert("RGB").getpixel((10, 10))
    assert isinstance(pixel, tuple)
    return max(zip(pixel, ("red", "green", "blue"), strict=True))[1]


@pytest.mark.parametrize(
    ("names", "pages"),
    [
        (["10.jpg", "2.jpg", "1.jpg"], ["1.jpg", "2.jpg", "10.jpg"]),
        (["p2.JPG", "P10.png", "p1.webp"], ["p1.webp", "p2.JPG", "P10.png"]),
        (["第10话/1.jpg", "第2话/12.jpg", "第2话/3.jpg"], ["第2话/3.jpg", "第2话/12.jpg", "第10话/1.jpg"]),
        (["001.jpg", "cover.jpg", "002.jpg"], ["cover.jpg", "001.jpg", "002.jpg"]),
        (["a/1.jpg", "a/封面.jpg"], ["a/封面.jpg", "a/1.jpg"]),
        (["a\\10.jpg", "a\\9.jpg"], ["a\\9.jpg", "a\\10.jpg"]),
        (["1.jpg", "__MACOSX/._1.jpg", "._2.jpg", ".hidden/3.jpg", "Thumbs.db", "x.txt", "ComicInfo.xml"], ["1.jpg"]),
        (["1-2.jpg", "1-10.jpg", "1.jpg"], ["1.jpg", "1-2.jpg", "1-10.jpg"]),
        (
            ["第十话/1.jpg", "第二话/1.jpg", "第一百零二话/1.jpg", "第十一话/1.jpg", "第一话/1.jpg"],
            ["第一话/1.jpg", "第二话/1.jpg", "第十话/1.jpg", "第十一话/1.jpg", "第一百零二话/1.jpg"],
        ),
        (["卷三/1.jpg", "卷一/1.jpg", "卷二/1.jpg"], ["卷一/1.jpg", "卷二/1.jpg", "卷三/1.jpg"]),
        (["下册/1.jpg", "上册/1.jpg", "中册/1.jpg"], ["上册/1.jpg", "中册/1.jpg", "下册/1.jpg"]),
        (["１０.jpg", "２.jpg"], ["２.jpg", "１０.jpg"]),
        (["00000000000000000002.jpg", "1.jpg"], ["1.jpg", "00000000000000000002.jpg"]),
    ],
)
def test_order_of_pages(names: list[str], pages: list[str]) -> None:
    assert page_names(picture_names({name: name for name in names})) == pages


def test_the_reader_page_has_the_same_order() -> None:
    names = [
        "第十话/1.jpg", "第二话/10.jpg", "第二话/9.jpg", "第一百零二话/1.jpg", "第十一话/1.jpg", "卷三/1.jpg",
        "卷一/1.jpg", "下册/1.jpg", "上册/1.jpg", "中册/1.jpg", "１０.jpg", "２.jpg", "0003.jpg", "a1-2.jpg", "a1.jpg",
        "第二百五十话.jpg", "第十十话.jpg", "一.jpg", "cover.jpg",
    ]  # fmt: skip
    script = (
        f'import {{ pageNames }} from "{STATIC / "ebooks/comic.js"}"; '
        f"console.log(JSON.stringify(pageNames({json.dumps(names)})));"
    )
    command = [str(ROOT / "scripts/node"), "--input-type=module", "--eval", script]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == page_names(picture_names({name: name for name in names}))


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ("<Title>渡口</Title><Series>江边</Series><Number>3</Number>",
         {"title": "渡口", "series": "江边", "part_number": 3}),
        ("<Title>第3话</Title><Series>江边</Series><Number>3</Number>", {"title": "江边 第3话"}),
        ("<Title>Chapter 3</Title><Series>江边</Series>", {"title": "江边 Chapter 3"}),
        ("<Series>江边</Series><Number>3</Number>", {"title": "江边 3", "part_number": 3}),
        ("<Series>江边</Series><Number>2.5</Number>", {"title": "江边 2.5", "part_number": None}),
        ("<Series>江边</Series><Volume>3</Volume>", {"title": "江边 3", "part_number": 3}),
        ("<Series>江边</Series><Volume>1998</Volume>", {"title": "江边", "part_number": None}),
        ("<Series>江边</Series><Volume>2</Volume><Number>15</Number>", {"title": "江边 15", "part_number": 15}),
        ("<Title>渡 口</Title><Number>-1</Number>", {"title": "渡 口", "part_number": None}),
        ("<Writer>老舍, 巴金</Writer><Penciller>丰子恺</Penciller><Inker>丰子恺、老舍</Inker>",
         {"creators": [("老舍", "author"), ("巴金", "author"), ("丰子恺", "contributor")]}),
        ("<Year>1948</Year><Month>5</Month><Day>7</Day>", {"date": "1948-05-07"}),
        ("<Year>1948</Year><Month>-1</Month><Day>-1</Day>", {"date": "1948"}),
        ("<Year>-1</Year>", {"date": None}),
        ("<LanguageISO>zh_TW</LanguageISO>", {"language": "zh-TW"}),
        ("<LanguageISO>中文</LanguageISO>", {"language": None}),
        ("<Summary>一个&lt;b&gt;故事&lt;/b&gt; &amp; 传说</Summary>", {"abstract": "一个故事 & 传说"}),
        ("<Summary>甲 & 乙</Summary>", {"abstract": "甲 & 乙"}),
        ("<GTIN>978-7-02-000220-7</GTIN><Publisher>画报社</Publisher>",
         {"isbn": "978-7-02-000220-7", "publisher": "画报社"}),
        ("<GTIN>12345</GTIN>", {"isbn": None}),
        ("<Genre>冒险, 儿童</Genre><Tags>儿童</Tags>", {"subjects": ["冒险", "儿童"]}),
    ],
)  # fmt: skip
def test_descriptions(elements: str, expected: dict[str, object], tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.cbz", {"1.jpg": RED, "ComicInfo.xml": INFO.format(elements)})
    description = describe_book(path, tmp_path)
    assert {name: getattr(description, name) for name in expected} == expected


def test_who_draws_is_named_so_on_the_card(tmp_path: Path) -> None:
    info = INFO.format("<Writer>张乐平</Writer><Penciller>丰子恺</Penciller>")
    description = describe_book(zipped(tmp_path / "b.cbz", {"1.jpg": RED, "ComicInfo.xml": info}), tmp_path)
    assert [(agent.name, agent.relator) for agent in description.details.statements.agents] == [("丰子恺", "绘")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk"])
@pytest.mark.parametrize("name", ["ComicInfo.xml", "comicinfo.XML", "书/ComicInfo.xml"])
def test_descriptions_in_other_encodings_and_places(encoding: str, name: str, tmp_path: Path) -> None:
    info = f"<ComicInfo><Title>江边的渡口</Title></ComicInfo>".encode(encoding)  # noqa: F541
    assert describe_book(zipped(tmp_path / "b.cbz", {"1.jpg": RED, name: info}), tmp_path).title == "江边的渡口"


@pytest.mark.parametrize(
    ("members", "color"),
    [
        ({"2.jpg": GREEN, "1.jpg": RED}, "red"),
        ({"1.jpg": RED, "cover.jpg": BLUE}, "blue"),
        ({"1.jpg": RED, "2.jpg": GREEN,
          "ComicInfo.xml": INFO.format(SECOND_IS_COVER)}, "green"),
        ({"1.jpg": RED, "ComicInfo.xml": INFO.format("<Pages><Page Image='9' Type='FrontCover'/></Pages>")}, "red"),
        ({"1.jpg": b"broken", "2.jpg": GREEN, "3.jpg": BLUE}, "green"),
        ({"1.jpg": RED, "ComicInfo.xml": b"\0\xff"}, "red"),
    ],
)  # fmt: skip
def test_covers(members: dict[str, bytes | str], color: str, tmp_path: Path) -> None:
    describe_book(zipped(tmp_path / "b.cbz", members), tmp_path)
    assert cover_color(tmp_path) == color


def test_a_broken_page_is_named_and_the_others_come_in(tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.cbz", {"1.jpg": RED, "2.jpg": b"<html>404</html>", "3.jpg": BLUE})
    description = describe_book(path, tmp_path)
    assert description.extent == 3
    assert description.details.statements.notes == ("第 2 页（2.jpg）坏了，看不到。",)


def test_a_page_whose_bytes_changed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "b.cbz"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (("1.jpg", RED), ("2.jpg", GREEN), ("3.jpg", BLUE)):
            archive.writestr(name, data)
    written = bytearray(path.read_bytes())
    written[written.index(GREEN) + len(GREEN) // 2] ^= 0xFF
    path.write_bytes(written)
    assert len(describe_book(path, tmp_path).details.statements.notes) == 1


def test_names_in_gbk(tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.cbz", {"xxxx10.jpg": RED, "xxxx2.jpg": GREEN, "xxxx1.png": b"bad", "3.jpg": RED})
    path.write_bytes(path.read_bytes().replace(b"xxxx", "江边".encode("gbk")))
    description = describe_book(path, tmp_path)
    assert description.details.statements.notes == ("第 2 页（江边1.png）坏了，看不到。",)


@pytest.mark.parametrize("name", ["b.cbr", "b.zip"])
def test_a_zip_with_another_ending(name: str, tmp_path: Path) -> None:
    info = INFO.format("<Title>渡口</Title>")
    assert describe_book(zipped(tmp_path / name, {"1.jpg": RED, "ComicInfo.xml": info}), tmp_path).title == "渡口"


def test_pages_of_one_name_all_come_in(tmp_path: Path) -> None:
    members = [("2.jpg", BLUE), ("1.jpg", RED), ("1.jpg", GREEN), ("1.jpg", RED), ("1 (2).jpg", BLUE)]
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "b.cbz", "w") as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(name, content)
    description = describe_book(tmp_path / "b.cbz", tmp_path)
    assert description.extent == 4
    [copy] = [derived for derived in description.derived if derived.role == "rendition"]
    with zipfile.ZipFile(tmp_path / "out" / copy.file) as comic:
        pages = page_names(picture_names({name: name for name in comic.namelist()}))
        assert [comic.read(page) for page in pages] == [RED, BLUE, GREEN, BLUE]


@pytest.mark.slow
def test_a_page_of_a_rar_that_is_lost_is_said(tmp_path: Path) -> None:
    first, second, third = (rar_of(tmp_path / "b.cbr", {"1.jpg": page}).read_bytes() for page in (RED, GREEN, BLUE))
    (tmp_path / "b.cbr").write_bytes(first[:-7] + second[20:-7] + third[20:])  # 20 and 7 bytes around the members
    description = describe_book(tmp_path / "b.cbr", tmp_path)
    assert description.details.statements.notes == ("第 1 页以后的读不出来。",)


def test_a_comic_in_another_compression_is_repacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.cbz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("1.jpg", RED)
    description = describe_book(tmp_path / "b.cbz", tmp_path)
    assert [copy.media_type for copy in description.derived if copy.role == "rendition"] == [description.media_type]


def test_an_ordinary_comic_is_not_copied(tmp_path: Path) -> None:
    description = describe_book(zipped(tmp_path / "b.cbz", {"1.jpg": RED, "2.jpg": RED}), tmp_path)
    assert [copy for copy in description.derived if copy.role == "rendition"] == []


ACE = bytes(7) + b"**ACE**" + bytes(100)
BROKEN_RAR = b"Rar!\x1a\x07\x00" + bytes(100)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("b.cba", ACE, "comic_archive"), ("b.cbr", ACE, "comic_archive"), ("b.ace", ACE, "archive"),
     ("b.rar", BROKEN_RAR, "archive")],
)  # fmt: skip
def test_other_archives_are_refused_by_name(name: str, data: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(RejectedError) as refused:
        detect_format(path)
    assert refused.value.code == code


FOLDERS = {"ch/10.jpg": BLUE, "ch/2.jpg": GREEN, "ch/cover.jpg": RED, "readme.txt": b"x",
           "ComicInfo.xml": INFO.format("<Title>On the river</Title>").encode()}  # fmt: skip


def archived(path: Path, members: dict[str, bytes]) -> Path:
    """An archive of the kind that the suffix says."""
    if path.suffix in {".cbr", ".cbz"}:
        return rar_of(path, members)
    folder = path.parent / "members"
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    form = {".cb7": "7zip", ".cbt": "ustar"}[path.suffix]
    subprocess.run(["bsdtar", "-c", "-f", path, f"--format={form}", "-C", folder, "."], check=True, timeout=60)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("b.cbr", "application/vnd.comicbook-rar"),
        ("b.cbz", "application/vnd.comicbook-rar"),
        ("b.cb7", "application/x-cb7"),
        ("b.cbt", "application/x-cbt"),
    ],
)
def test_other_archives_are_repacked_for_the_reader(name: str, media_type: str, tmp_path: Path) -> None:
    description = describe_book(archived(tmp_path / name, FOLDERS), tmp_path)
    assert (description.media_type, description.title, description.extent) == (media_type, "On the river", 3)
    assert cover_color(tmp_path) == "red"
    [copy] = [derived for derived in description.derived if derived.role == "rendition"]
    assert (copy.label, copy.media_type) == ("reading", "application/vnd.comicbook+zip")
    with zipfile.ZipFile(tmp_path / "out" / copy.file) as comic:
        assert sorted(comic.namelist()) == ["ComicInfo.xml", "ch/10.jpg", "ch/2.jpg", "ch/cover.jpg"]
        assert comic.read("ch/10.jpg") == BLUE
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir()) == []


@pytest.mark.slow
def test_a_repacked_comic_that_was_cut_off_keeps_the_pages_before(tmp_path: Path) -> None:
    longer = {f"{number}.jpg": RED + bytes(50_000) for number in (1, 2, 3)}  # a program may buffer less than that
    path = rar_of(tmp_path / "b.cbr", longer)
    path.write_bytes(path.read_bytes()[:-9_000])
    description = describe_book(path, tmp_path)
    assert description.extent == 2
    assert description.details.statements.notes == ("第 2 页以后的读不出来。",)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("members", "encrypted", "code"),
    [({"1.jpg": RED}, True, "encrypted"), ({"a.txt": b"x"}, False, "no_pages"), ({}, False, "empty_file")],
)
def test_repacked_comics_that_are_refused(
    members: dict[str, bytes], encrypted: bool, code: str, tmp_path: Path
) -> None:
    with pytest.raises(RejectedError) as refused:
        describe_book(rar_of(tmp_path / "b.cbr", members, encrypted=encrypted), tmp_path)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"readme.txt": "x"}, "no_pages"),
        ({"1.jpg": b"x", "2.jpg": b"y", "3.jpg": RED}, "damaged"),
    ],
)
def test_what_is_refused(members: dict[str, bytes | str], code: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.cbz", members)
    with pytest.raises(RejectedError) as refused:
        describe_book(path, tmp_path)
    assert refused.value.code == code


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.cbz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.jpg", b"\xff\xd8\xff" + bytes(70_000_000))
    with pytest.raises(RejectedError) as refused:
        describe_book(path, tmp_path)
    assert refused.value.code == "too_large"


def test_a_locked_comic_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.cbz", {"1.jpg": RED})
    data = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.index(signature) + at
        data[start : start + 2] = struct.pack("<H", struct.unpack("<H", data[start : start + 2])[0] | 1)
    path.write_bytes(data)
    with pytest.raises(RejectedError) as refused:
        describe_book(path, tmp_path)
    assert refused.value.code == "encrypted"


@pytest.mark.parametrize("make", [zipped, rar_of])
def test_pages_without_a_suffix_are_known_by_their_content(make: Callable[..., object], tmp_path: Path) -> None:
    members = {"10": BLUE, "9": RED, "8": drawn("green", form="PNG"), "readme": b"text", "__MACOSX/._9": RED}
    path = tmp_path / "b.cbz"
    make(path, members)
    description = describe_book(path, tmp_path)
    assert description.extent == 3
    with zipfile.ZipFile(tmp_path / "out/reading.cbz") as copy:
        assert page_names(picture_names({name: name for name in copy.namelist()})) == ["8.png", "9.jpg", "10.jpg"]
