"""Titles and authors that programs, computers and cameras write are no metadata."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from ingest_tools.description import Description
from ingest_tools.formats import docx, pdf
from ingest_tools.formats.photos import photo
from ingest_tools.formats.placeholders import without_placeholders
from ingest_tools.pipeline.metadata.merge import build_draft
from tests.factories.office_documents import write_docx, write_pdf

TITLES = [
    "PowerPoint 演示文稿", "PowerPoint Presentation", "幻灯片 1", "Slide 12", "文档1", "Microsoft Word - 讲稿.doc",
    "Microsoft PowerPoint - 施肥", "新建 Microsoft Word 文档", "新建 Microsoft Word 文档 (2)", "untitled", "未命名-3",
    "Adobe Photoshop PDF", "封面定稿.ai", "渡口.indd", r"D:\资料\书\渡口", r"\\server\书\一", "/home/user/渡口/一",
    "file:///C:/渡口", "Scanned Document", "scan0012", "扫描全能王 2021-03-04 10.22", "CamScanner 03-04-2021",
    "OLYMPUS DIGITAL CAMERA", "SONY DSC", r"DCIM\100GOPRO", "Default", "Exif_JPEG_PICTURE", r"\textbf{Rice}",
    "Scanner PDF Filter - version 3.75.", "converted PBM file", "Converted from TIFF", "created with IrfanView",
    "File written by Adobe Photoshop. 4.0", "Software: Microsoft Office", '{"shape": [32, 32, 3]}', "Model",
    "Unknown Album", "未知专辑", "Track 07", "音轨 3", "Subject",
    "未命名项目", "未命名工程 2", "封面", "书名页", "超星PDF", "关于XX的通知", "关于×××同志的通知",
]  # fmt: skip
NAMES = [
    "微软用户", "lenovo", "LENOVO USER", "Administrator", "User", "user123", "MC SYSTEM",
    "番茄花园", "雨林木风", "WIN10",
    "Windows 7", "DESKTOP-8A2K1", "WPS_1529389217", "www.shucheng.com",
    "1", "someone@example.org", "Author", "LEAD", "LEAD Technologies Inc.", "First Name Last Name", "Your Name",
    "Cisco Employee", "Valued Acer Customer", "Registered User", "Unknown Artist", "未知艺术家", "学生",
    "USER-20150312XY", "系统天地", "完美系统", "SSReader Print", "FinePrint pdfFactory", "OPPO R11",
    "Xiaomi Redmi Note 5", "vivo X20", "Meitu", "HUAWEI P30", "NIKON CORPORATION", "Xiaomi MI 8",
    r"\textsc{Rice}", "{\\\"O}zgur $^1$", "D:\\书\\一.doc",
]  # fmt: skip
REAL_TITLES = ["Slides of Venice", "文档的历史", "扫描人生", "Default Judgment",
               "Word and Object", "Untitled Works of Li Bai",
               "无标题音乐欣赏", "新建文化史", "1984", "C语言程序设计",
               "Acrobats of the Sky", "Costs of $5 and $6", "Smart",
               "Subject and Object", "Engines of Growth", "Converted Souls", "Models of Growth",
               "Tracks 1 to 9", "封面人物", "XX 世纪", "关于水稻的通知", "酷狗的一生"]  # fmt: skip
REAL_NAMES = [
    "陈守田",
    "Ada Lovelace",
    "微软亚洲研究院",
    "Adminov",
    "孔子及弟子",
    "Test, Mary",
    "Windham",
    "O'Brien",
    "Canonicus",
    "Win Maung",
    "Leadbetter",
    "Nameer Khan",
    "小白",
    "Apple Martin",
    "Nikon Lee",
]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("kind", ["pdf", "docx", "photo", "epub", "video"])
def test_the_name_of_the_file_is_better_than_a_programs_title(kind: str, title: str) -> None:
    description = without_placeholders(Description(kind, "", "book", title=title))
    assert build_draft(description, Path("柑橘栽培.bin"), None).draft.title == "柑橘栽培"


@pytest.mark.parametrize("name", NAMES)
def test_accounts_addresses_and_markup_are_no_authors(name: str) -> None:
    description = Description("pdf", "", "book", creators=[(name, "author"), ("陈守田", "author")])
    assert without_placeholders(description).creators == [("陈守田", "author")]


def test_the_name_with_an_address_stays() -> None:
    description = Description("pdf", "", "book", creators=[("陈守田 <chen@example.org>", "author")])
    assert without_placeholders(description).creators == [("陈守田", "author")]


@pytest.mark.parametrize("title", REAL_TITLES)
def test_titles_that_people_wrote_stay(title: str) -> None:
    assert without_placeholders(Description("pdf", "", "book", title=title)).title == title


@pytest.mark.parametrize("name", REAL_NAMES)
def test_names_of_people_stay(name: str) -> None:
    description = Description("pdf", "", "book", creators=[(name, "author")])
    assert without_placeholders(description).creators == [(name, "author")]


def test_a_title_of_a_pdf_that_begins_like_a_programs_stays(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", title="Untitled Works of Li Bai")
    assert pdf.describe(tmp_path / "a.pdf", tmp_path, covers=False).title == "Untitled Works of Li Bai"


def test_the_day_a_file_was_made_is_no_date_of_publication(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", title="柑橘栽培")
    assert pdf.describe(tmp_path / "a.pdf", tmp_path, covers=False).date is None
    write_docx(tmp_path / "a.docx", ("", "正文"))
    with zipfile.ZipFile(tmp_path / "a.docx", "a") as archive:
        archive.writestr(
            "docProps/core.xml",
            '<p xmlns:dcterms="http://purl.org/dc/terms/"><dcterms:created>2026-03-04T01:02:03Z</dcterms:created></p>',
        )
    assert docx.describe(tmp_path / "a.docx", tmp_path).date is None


@pytest.mark.parametrize(
    "title", ["vivo_camera", "OPPO camera", "Shot on iPhone", "美图秀秀", "PrintScreen", "IMG_0042"]
)
def test_a_title_of_a_photo_that_a_program_wrote(title: str) -> None:
    assert without_placeholders(Description("photo", "", "photo", title=title)).title is None


def test_names_of_files_and_shops_inside_films_and_recordings() -> None:
    film = without_placeholders(Description("video", "", "film", title="VID_20190501_101112"))
    song = without_placeholders(Description("audio", "", "audio", title="船歌", abstract="酷狗音乐下载"))
    assert (film.title, song.title, song.abstract) == (None, "船歌", None)


def test_a_photographer_that_is_the_camera(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Newbrand", "N 77"
    for artist, creators in (("Newbrand N 77", []), ("N 77", []), ("Li Jianguo", ["Li Jianguo"])):
        exif[ExifTags.Base.Artist] = artist
        Image.new("RGB", (64, 64)).save(tmp_path / "a.jpg", exif=exif)
        described = photo.describe(tmp_path / "a.jpg", tmp_path)
        assert [name for name, _ in described.creators] == creators


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["关于加强乡镇书屋建设的通知", "各村：现通知如下。"], "关于加强乡镇书屋建设的通知"),
        (["某乡政发〔1998〕3号", "某乡人民政府关于修渠的决定", "各村："], "某乡人民政府关于修渠的决定"),
        (["各村：关于修渠的事，现通知如下。", "一、按时到会。"], None),
    ],
)
def test_the_title_of_an_official_document_from_a_template(tmp_path: Path, lines: list[str], title: str | None) -> None:
    write_docx(tmp_path / "a.docx", *(("Normal", line) for line in lines))
    assert docx.describe(tmp_path / "a.docx", tmp_path).title == title
