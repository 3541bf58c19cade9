"""Hostile, absurd and broken input: a code and a sentence each, and the rest of the batch goes on."""

from __future__ import annotations

import io
import os
import socket
import threading
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ingest_tools.pipeline import importer
from ingest_tools.pipeline.results import IngestReport
from ingest_tools.rejections import REASONS
from library_server.catalogue.passages.serialization import parse_passages
from library_server.library import Library
from tests.factories.pictures import ffmpeg, film
from tests.support.libraries import ingest, sweep_report
from tests.support.lists import read_rows
from tests.support.records import records_by_title

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="o.opf"/></rootfiles></container>'
)
OPF = (
    '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>坏书'
    '</dc:title></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
    '<spine><itemref idref="a"/></spine></package>'
)
PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>正文</p></body></html>'


def epub(path: Path, **members: str) -> Path:
    """An EPUB; members by name, `__` for a slash."""
    whole = {"META-INF__container.xml": CONTAINER, "o.opf": OPF, "a.xhtml": PAGE} | members
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in whole.items():
            book.writestr(name.replace("__", "/"), data)
    return path


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("o.opf", OPF)
        for number in range(40):
            with book.open(f"{number}.xhtml", "w", force_zip64=True) as member:
                for _ in range(64):
                    member.write(bytes(1 << 20))


def chapter_of_500_mb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("o.opf", OPF)
        with book.open("a.xhtml", "w") as member:
            member.write(b'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>')
            for _ in range(500):
                member.write(b"x" * (1 << 20))


def deep_nesting(path: Path) -> None:
    epub(
        path,
        **{
            "a.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml"><body>'
            + "<div>" * 200_000
            + "深"
            + "</div>" * 200_000
        },
    )


def entity_bomb(path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    epub(path, **{"a.xhtml": f"<!DOCTYPE html [{entities}]>" + PAGE.replace("正文", "正文&e11;")})


def external_entity(path: Path) -> None:
    text = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + PAGE.replace("正文", "正文&x;")
    epub(path, **{"a.xhtml": text})


def members_that_climb(path: Path) -> None:
    epub(path, **{"..__..__..__tmp__climbed.txt": "out", "o.opf": OPF.replace("a.xhtml", "../../../etc/hostname")})


def broken_xref(path: Path) -> None:
    from reportlab.pdfgen import canvas

    page = canvas.Canvas(str(path))
    page.drawString(100, 700, "text that is found all the same")
    page.save()
    data = path.read_bytes()
    path.write_bytes(data.replace(b"startxref\n", b"startxref\n99"))


def encrypted_docx(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as document:
        document.writestr("word/document.xml", "<w:document/>")
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # APPNOTE 4.3.7 and 4.3.12
        data[data.index(signature) + flags] |= 1
    path.write_bytes(data)


def encrypted_pdf(path: Path) -> None:
    from reportlab.lib import pdfencrypt
    from reportlab.pdfgen import canvas

    page = canvas.Canvas(str(path), encrypt=pdfencrypt.StandardEncryption("secret", canPrint=0))
    page.drawString(100, 700, "hidden")
    page.save()


def pdf_of_60000_pages(path: Path) -> None:
    kids = " ".join("3 0 R" for _ in range(60_000))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count 60000 >>",
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>"]  # fmt: skip
    body, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    tail = f"xref\n0 4\n0000000000 65535 f \n{table}trailer << /Size 4 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    path.write_bytes(body + tail.encode())


def truncated(form: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        whole = io.BytesIO()
        Image.effect_noise((600, 400), 80).convert("RGB").save(whole, form)
        path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 3])

    return make


def polyglot(path: Path) -> None:
    """A JPEG with an archive behind it: taken for what it is, a picture; nothing behind it is looked at."""
    whole = io.BytesIO()
    Image.linear_gradient("L").save(whole, "JPEG")
    behind = io.BytesIO()
    with zipfile.ZipFile(behind, "w") as archive:
        archive.writestr("evil.sh", "#!/bin/sh")
    path.write_bytes(whole.getvalue() + behind.getvalue())


def moov_missing(path: Path) -> None:
    whole = film(path.with_suffix(".whole.mp4"), seconds=1, size="160x90")
    data = whole.read_bytes()
    whole.unlink()
    path.write_bytes(data[: data.index(b"moov") - 4])


def film_of_200_tracks(path: Path) -> None:
    maps = [part for _ in range(200) for part in ("-map", "0:a")]
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", *maps, "-c:a", "pcm_s16le", str(path))


def zero_length_film(path: Path) -> None:
    path.write_bytes(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom")


def endless(path: Path) -> None:
    """A stream whose header states a duration of years."""
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", "-c:a", "pcm_s16le", str(path))
    data = bytearray(path.read_bytes())
    data[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(bytes(data))


CASES: list[tuple[str, Callable[[Path], object], str]] = [
    ("炸弹.epub", zip_bomb, "too_large"),
    ("长章.epub", chapter_of_500_mb, "too_large"),
    ("深.epub", deep_nesting, ""),
    ("实体.epub", entity_bomb, ""),
    ("外部.epub", external_entity, ""),
    ("爬.epub", members_that_climb, "damaged"),
    ("没有OPF.epub", lambda path: epub(path, **{"o.opf": ""}), "damaged"),
    ("加密.epub", lambda path: epub(path, **{"META-INF__rights.xml": "<r/>", "a.xhtml": "encrypted"}), "drm"),
    ("密码.pdf", encrypted_pdf, "encrypted"),
    ("密码.docx", encrypted_docx, "encrypted"),
    ("六万页.pdf", pdf_of_60000_pages, "too_large"),
    ("目录坏.pdf", broken_xref, ""),
    ("断.jpg", truncated("JPEG"), "damaged"),
    ("断.png", truncated("PNG"), "damaged"),
    ("断.webp", truncated("WEBP"), "damaged"),
    ("两面.jpg", polyglot, ""),
    ("没有moov.mp4", moov_missing, "truncated"),
    ("两百轨.mkv", film_of_200_tracks, "too_large"),
    ("零长.mp4", zero_length_film, "truncated"),
    ("无尽.wav", endless, ""),
]
LONG = {zip_bomb, chapter_of_500_mb}  # written and unpacked up to the limit


def texts_of(library: Library) -> list[str]:
    """Every text that readers can see or search: titles, abstracts and passages."""
    texts = []
    for view in records_by_title(library).values():
        texts += [view.title, str(view.abstract)]
        for asset in view.assets_of("text"):
            with library.store.open(asset.key) as reading:
                texts += [passage.text for passage in parse_passages(reading.read())]
    return texts


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [pytest.param(*case, id=case[0], marks=[pytest.mark.long] if case[1] in LONG else []) for case in CASES],
)
@pytest.mark.slow
def test_bad_input_is_refused_with_a_reason_or_taken_safely(
    library: Library, tmp_path: Path, name: str, make: Callable[[Path], object], code: str
) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    make(disk / name)
    (disk / "好.txt").write_text("好好的一本书", "utf-8")
    report = ingest(library, disk)
    assert [row["code"] for row in report.rejections] == ([code] if code else []), report.rejections
    assert report.added == (1 if code else 2)
    assert all(row["reason"].startswith(REASONS[row["code"]]) for row in report.rejections)
    assert "好" in records_by_title(library)  # the rest of the batch went on
    assert sweep_report(library).missing == 0
    assert not Path("/tmp/climbed.txt").exists()
    text = "\n".join(texts_of(library))
    assert "好好的一本书" in text
    assert "root:" not in text
    assert "hahaha" not in text


def test_difficult_file_names(library: Library, tmp_path: Path) -> None:
    disk = os.fsencode(tmp_path / "名字")
    os.mkdir(disk)
    names = [b"line\nbreak.txt", "📚🍊 书.txt".encode(), b"x" * 251 + b".txt", b"\xb8\xcc\xe9\xd9.txt",
             "右\u202etxt.exe.txt".encode(), b"-rf.txt", b"a#b.txt", "空 格 .txt".encode()]  # fmt: skip
    for at, name in enumerate(names):
        with open(os.path.join(disk, name), "wb") as writing:
            writing.write(f"第{at}本的正文".encode())
    report = ingest(library, Path(os.fsdecode(disk)))
    assert (report.added, report.rejected) == (len(names), 0), report.rejections
    assert not any("\u202e" in title or "\n" in title for title in records_by_title(library))
    again = ingest(library, Path(os.fsdecode(disk)))
    assert again.unchanged == len(names)


def test_loops_sockets_pipes_and_what_cannot_be_read(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    (disk / "里").mkdir(parents=True)
    (disk / "里/圈").symlink_to(disk)
    (disk / "自己.txt").symlink_to(disk / "自己.txt")
    (disk / "断.txt").symlink_to(disk / "没有.txt")
    os.mkfifo(disk / "管道.txt")
    listening = socket.socket(socket.AF_UNIX)
    working_folder = Path.cwd()
    os.chdir(disk)
    listening.bind("插座.txt")
    os.chdir(working_folder)
    (disk / "好.txt").write_text("好", "utf-8")
    report = ingest(library, disk)
    listening.close()
    codes = {Path(row["path"]).name: row["code"] for row in report.rejections}
    assert report.added == 1
    assert codes["管道.txt"] == codes["插座.txt"] == codes["断.txt"] == "not_a_file"
    assert codes["自己.txt"] in {"not_a_file", "unreadable"}


def test_a_file_that_the_disk_does_not_give(library: Library, tmp_path: Path) -> None:
    (tmp_path / "坏道.txt").symlink_to("/proc/self/mem")  # a regular file whose first byte cannot be read
    (row,) = ingest(library, tmp_path / "坏道.txt").rejections
    assert row["code"] == "unreadable"


def test_a_file_that_grows_while_it_is_read(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "长.txt"
    path.write_text("书" * 1000, "utf-8")
    unpatched = type(library.store).put_original

    def grows(store: object, source: Path, **options: bool) -> object:
        stored = unpatched(store, source, **options)  # type: ignore[arg-type]
        with source.open("a", encoding="utf-8") as growing:
            growing.write("还在写")
        return stored

    monkeypatch.setattr(type(library.store), "put_original", grows)
    (row,) = ingest(library, path).rejections
    assert row["code"] == "changed_while_read"


@pytest.mark.long
def test_a_disk_pulled_out_in_the_middle(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    for number in range(40):
        (disk / f"{number:02d}.txt").write_text(f"第{number}本", "utf-8")
    unpatched, described = importer.FileImporter.describe, threading.Semaphore(5)

    def pulled(taker: importer.FileImporter, *args: Any) -> object:
        if not described.acquire(blocking=False):
            with suppress(FileNotFoundError):  # the disk was removed before this file
                disk.rename(tmp_path / "拔了")
        return unpatched(taker, *args)

    monkeypatch.setattr(importer.FileImporter, "describe", pulled)
    report: IngestReport = ingest(library, disk)
    assert report.seen == 40
    assert 0 < report.added <= 5
    assert report.added + report.rejected == 40
    # the two others are those of files that were being opened or looked for while the folder was renamed
    assert "unreadable" in {row["code"] for row in report.rejections} <= {"unreadable", "link_outside", "not_a_file"}
    monkeypatch.undo()
    (tmp_path / "拔了").rename(disk)
    again = ingest(library, disk)
    assert (again.added + again.unchanged, again.rejected) == (40, 0)
    assert len(records_by_title(library)) == 40


def test_a_list_whose_reader_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest_tools.rejections import RejectedError
    from ingest_tools.sources.lists import manifest

    monkeypatch.setattr(manifest, "SECONDS_PER_ROW", 0.0)
    (tmp_path / "a.csv").write_text("书名,作者\n船歌,周望水\n", "utf-8")
    with pytest.raises(RejectedError) as refused:
        list(read_rows(tmp_path / "a.csv"))
    assert refused.value.code == "too_slow"


def test_a_text_of_a_million_characters_and_a_docx(library: Library, tmp_path: Path) -> None:
    text = "\n".join(f"第{number}章 长\n" + "湘江水流长。" * 800 for number in range(1, 210))
    (tmp_path / "长.txt").write_text(text, "utf-8")
    with zipfile.ZipFile(tmp_path / "文.docx", "w", zipfile.ZIP_DEFLATED) as book:
        paragraph = '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>'
        body = "".join(paragraph.format(f"第{n}节") + f"<w:p><w:r><w:t>正文{n}</w:t></w:r></w:p>" for n in (1, 2))
        book.writestr("word/document.xml", '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
                      f"<w:body>{body}</w:body></w:document>")  # fmt: skip
        book.writestr("docProps/core.xml", '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/'
                      'metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>村志</dc:title>'
                      "<dc:creator>陈守田</dc:creator></cp:coreProperties>")  # fmt: skip
    report = ingest(library, tmp_path / "长.txt", tmp_path / "文.docx")
    assert report.added == 2, report.rejections
    records = records_by_title(library)
    assert records["长"].extent == 209
    assert (records["村志"].creators, records["村志"].extent) == (("陈守田",), 2)


def test_signatures_are_not_believed(library: Library, tmp_path: Path) -> None:
    (tmp_path / "假.docx").write_bytes(b"PK\x03\x04" + zlib.compress(bytes(3000)))
    (row,) = ingest(library, tmp_path / "假.docx").rejections
    assert row["code"] == "damaged"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("页.html", "<!DOCTYPE html>\n<html><body>一段</body></html>".encode(), "web_page"),
        ("页.txt", "\ufeff<!-- 保存自某处 --><!-- 又 -->\n<HTML><head>".encode(), "web_page"),
        (
            "页.xhtml",
            b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html>',
            "web_page",
        ),
        ("页16.html", "<html><body>一段</body></html>".encode("utf-16"), "web_page"),
        (
            "图.svg",
            b'<?xml version="1.0"?><!-- made --><svg xmlns="http://www.w3.org/2000/svg"></svg>',
            "vector_picture",
        ),
        ("图.jpg", b"<svg onload='alert(1)'/>", "vector_picture"),
        ("背景.xml", b'<?xml version="1.0"?><background><static/></background>', "data_file"),
        ("bootstrap.css", b"body { color: red }", "data_file"),
        ("客户.xml", b'<b:Sources xmlns:b="http://example.org/b"></b:Sources>', "data_file"),
        ("点阵", b"STARTFONT 2.1\nFONT -Misc-Fixed\nCHARS 1\n", "data_file"),
        ("图.ppm", b"P3\n# drawn\n2 2\n255\n0 0 0 255 0 0\n0 255 0 0 0 255\n", "unknown_format"),
        ("P1路.txt", "P1 路公交车的故事".encode(), ""),
        ("动画.fli", b"ABCD\x11\xaf" + b"frames " * 40, "unknown_format"),
        ("图.eps", b"\xc5\xd0\xd3\xc6" + b"preview " * 40, "other_document"),
        ("安装.log", "一切正常".encode(), "data_file"),
        ("更多电影.url", b"[InternetShortcut]\r\nURL=http://www.example.org/\r\n", "data_file"),
        ("校验.md5", b"d41d8cd98f00b204e9800998ecf8427e *a.mkv\n", "data_file"),
        ("片.idx", b"# VobSub index file, v7 (do not modify this line!)\nid: zh, index: 0\n", "picture_subtitles"),
        ("片.sup", b"PG\x00\x00\x12\x34\x00\x00\x00\x00\x16\x00\x13" + bytes(19), "picture_subtitles"),
        ("BM开头.txt", "BM 是两个字母".encode(), ""),
        ("页.ps", b"%!PS-Adobe-3.0", "other_document"),
        ("旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
        ("文.txt", "<第一章>\n天没亮。 <b>粗</b> 不是网页".encode(), ""),
        ("读我.md", b"<p align='center'>Huagu opera</p>\n\n# Songs", ""),
    ],
)
def test_formats_that_are_refused_and_texts_that_look_like_them(
    library: Library, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    report = ingest(library, tmp_path / name)
    assert [row["code"] for row in report.rejections] == ([code] if code else [])
