"""EPUBs as they are found: references that differ from names, ill-formed markup, odd metadata and covers."""

from __future__ import annotations

import base64
import io
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.description import Description
from ingest_tools.formats import epub
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.epub.sections import split_sections
from ingest_tools.formats.markup import parse_document
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.pictures import scene

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="{}" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
XHTML = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>{}</body></html>'
PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:opf="http://www.idpf.org/2007/opf">{metadata}</metadata><manifest>{items}</manifest><spine>{spine}</spine>'
    "{guide}</package>"
)
CHAPTER = '<item id="c1" href="c1.xhtml" media-type="application/xhtml+xml"/>'


def package(
    metadata: str = "<dc:title>稻田记</dc:title>", items: str = CHAPTER, spine: str = "c1", guide: str = ""
) -> str:
    references = "".join(f'<itemref idref="{name}"/>' for name in spine.split())
    return PACKAGE.format(metadata=metadata, items=items, spine=references, guide=guide)


def picture() -> bytes:
    buffer = io.BytesIO()
    scene(4).save(buffer, "JPEG")
    return buffer.getvalue()


def book(
    path: Path,
    opf: str | None = None,
    members: Mapping[str, str | bytes] | None = None,
    *,
    container: str | None = CONTAINER.format("OEBPS/content.opf"),
    opf_name: str = "OEBPS/content.opf",
) -> Path:
    members = members if members is not None else {"OEBPS/c1.xhtml": XHTML.format("<p>正文里的芭蕉</p>")}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        if container:
            archive.writestr("META-INF/container.xml", container)
        archive.writestr(opf_name, opf or package())
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def describe_book(path: Path, tmp_path: Path) -> Description:
    assert detect_format(path) == "epub"
    out = tmp_path / "out"
    out.mkdir()
    return epub.describe(path, out)


def chapters(description: Description, tmp_path: Path) -> list[tuple[str, str]]:
    [text] = [derived for derived in description.derived if derived.role == "text"]
    return [(passage.label, passage.text) for passage in parse_passages((tmp_path / "out" / text.file).read_bytes())]


@pytest.mark.parametrize(
    ("href", "member"),
    [
        ("c1.xhtml", "OEBPS/C1.XHTML"),
        ("./c1.xhtml", "OEBPS/c1.xhtml"),
        ("../OEBPS/c1.xhtml", "OEBPS/c1.xhtml"),
        ("/OEBPS/c1.xhtml", "OEBPS/c1.xhtml"),
        ("c1.xhtml", "OEBPS\\c1.xhtml"),
        ("text\\c1.xhtml", "OEBPS/text/c1.xhtml"),
        ("a%26b.xhtml", "OEBPS/a&b.xhtml"),
        ("a%20b.xhtml", "OEBPS/a b.xhtml"),
        ("a b.xhtml", "OEBPS/a%20b.xhtml"),
        ("c%2Bd%23.xhtml", "OEBPS/c+d#.xhtml"),
        ("c#1.xhtml", "OEBPS/c#1.xhtml"),
        ("c1.xhtml#start", "OEBPS/c1.xhtml"),
        ("%E7%AC%AC%E4%B8%80%E7%AB%A0.xhtml", "OEBPS/第一章.xhtml"),
        (unicodedata.normalize("NFD", "caf\u00e9.xhtml"), "OEBPS/caf\u00e9.xhtml"),
        ("caf\u00e9.xhtml", unicodedata.normalize("NFD", "OEBPS/caf\u00e9.xhtml")),
    ],
)
def test_references_find_members(href: str, member: str, tmp_path: Path) -> None:
    opf = package(items=f'<item id="c1" href="{href.replace("&", "&amp;")}" media-type="application/xhtml+xml"/>')
    path = book(tmp_path / "b.epub", opf, {member: XHTML.format("<p>找到的一章</p>")})
    assert [text for _, text in chapters(describe_book(path, tmp_path), tmp_path)] == ["找到的一章"]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_that_are_not_marked_as_utf8(encoding: str, tmp_path: Path) -> None:
    name = "第一章".encode(encoding)
    opf = package(items='<item id="c1" href="第一章.xhtml" media-type="application/xhtml+xml"/>')
    path = book(tmp_path / "b.epub", opf, {f"OEBPS/{'x' * len(name)}.xhtml": XHTML.format("<p>找到的一章</p>")})
    path.write_bytes(path.read_bytes().replace(b"x" * len(name) + b".xhtml", name + b".xhtml"))
    assert [text for _, text in chapters(describe_book(path, tmp_path), tmp_path)] == ["找到的一章"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>前<!-- p.12 -->后</p>", "前后"),
        ('<p>前<?pagebreak n="13"?>后</p>', "前后"),
        ("<p>甲&nbsp;乙&mdash;丙</p>", "甲 乙—丙"),
        ("<p>甲 & 乙 < 丙</p>", "甲 & 乙 < 丙"),
        ("<p>甲<br>乙<p>丙", "甲\n乙\n丙"),
        ("<p>甲</b>乙</p>", "甲乙"),
        ("<p>甲<![CDATA[<乙>]]>丙</p>", "甲<乙>丙"),
        ("<script src='x'/><p>甲</p>", "甲"),
        ("<style>p{}</style><p>甲</p>", "甲"),
        ("<p><ruby>柑<rt>gān</rt>橘<rt>jú</rt></ruby>熟了</p>", "柑橘熟了"),
        ("<p><ruby>\n<rb>柑</rb>\n<rp>(</rp><rt>gān</rt><rp>)</rp>\n</ruby>熟了</p>", "柑熟了"),
        ("<p>换行\n  的句子 and\n English</p>", "换行的句子 and English"),
        ("<table><tr><td>甲</td><td>乙</td></tr></table>", "甲 乙"),
        ("<pre>第一行\n第二行</pre>", "第一行\n第二行"),
        ("<pre><span>第一行\n第二<b>行\n</b>第三行</span>\n第四行</pre>", "第一行\n第二行\n第三行\n第四行"),
        ("<pre>一</pre><p>换行\n的句子</p>", "一\n换行的句子"),
        ("<p hidden='hidden'>藏</p><p>见</p>", "见"),
        ("<svg xmlns='http://www.w3.org/2000/svg'><desc>无</desc><text>图里的字</text></svg>", "图里的字"),
        ("<div>" * 400 + "深处" + "</div>" * 400, "深处"),
        ("<div>" * 3000 + "深处" + "</div>" * 3000, "深处"),
        ("<p>控制\x0b符</p>", "控制 符"),
        ("<p><x:y>没有声明的前缀</x:y></p>", "没有声明的前缀"),
        ("<p>前半<span role='doc-pagebreak'>iv</span>后半</p>", "前半后半"),
    ],
)
def test_text_is_whole(body: str, text: str, tmp_path: Path) -> None:
    path = book(tmp_path / "b.epub", None, {"OEBPS/c1.xhtml": XHTML.format(body)})
    assert [text for _, text in chapters(describe_book(path, tmp_path), tmp_path)] == [text]


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="gb2312"?>{}'.format(XHTML.format("<p>朱镕基在柑橘园</p>")).encode("gb18030"),
        '<html><head><meta charset="gbk"/></head><body><p>朱镕基在柑橘园</p></body></html>'.encode("gbk"),
        XHTML.format("<p>朱镕基在柑橘园</p>").encode("gbk"),
        '<?xml version="1.0" encoding="utf-8"?>{}'.format(XHTML.format("<p>朱镕基在柑橘园</p>")).encode("gbk"),
        '<?xml version="1.0" encoding="utf-16"?>{}'.format(XHTML.format("<p>朱镕基在柑橘园</p>")).encode("utf-16"),
        XHTML.format("<p>朱镕基在柑橘园</p>").encode("utf-16-le"),
        '<?xml version="1.0" encoding="x-nothing"?>{}'.format(XHTML.format("<p>朱镕基在柑橘园</p>")).encode(),
        '<?xml version="1.0" encoding="iso-8859-1"?>{}'.format(XHTML.format("<p>朱镕基在柑橘园</p>")).encode(),
        '<html><head><meta charset="gb2312"/></head><body><p>朱镕基在柑橘园</p></body></html>'.encode(),
        XHTML.format("<p>朱镕基在柑橘园</p>").encode() + bytes(600),
        bytes.join(bytes(512), XHTML.format("<p>朱镕基在柑橘园</p>").encode().split(b"</body>")),
    ],
)
def test_encodings_of_chapters(data: bytes, tmp_path: Path) -> None:
    path = book(tmp_path / "b.epub", None, {"OEBPS/c1.xhtml": data})
    assert [text for _, text in chapters(describe_book(path, tmp_path), tmp_path)] == ["朱镕基在柑橘园"]


@pytest.mark.parametrize("encoding", ["gb2312", "big5", "utf-8", "shift_jis"])
def test_a_damaged_byte_costs_no_more_than_its_character(encoding: str, tmp_path: Path) -> None:
    line = "柑橘在山上熟了，農夫都去看。" if encoding in {"big5", "shift_jis"} else "柑橘在山上熟了，农夫都去看。"
    head = f'<html><head><meta charset="{encoding}"/></head><body>'
    whole, damaged = f"<p>{line * 100}</p>".encode(encoding), f"<p>{line}".encode(encoding)
    path = book(tmp_path / "b.epub", None, {"OEBPS/c1.xhtml": head.encode() + whole + damaged + b"\xff</p>" + whole})
    [(_, text)] = chapters(describe_book(path, tmp_path), tmp_path)
    assert text.count(line) >= 200


def test_an_item_that_is_no_document_has_the_text_of_its_fallback(tmp_path: Path) -> None:
    items = (
        '<item id="c1" href="c1.pdf" media-type="application/pdf" fallback="x"/>'
        '<item id="x" href="x.png" media-type="image/png" fallback="c2"/>'
        '<item id="c2" href="c2.xhtml" media-type="application/xhtml+xml"/>'
    )
    members: dict[str, str | bytes] = {"OEBPS/c1.pdf": b"%PDF-1.4\0", "OEBPS/c2.xhtml": XHTML.format("<p>正文</p>")}
    path = book(tmp_path / "b.epub", package(items=items), members)
    assert chapters(describe_book(path, tmp_path), tmp_path) == [("第 1 节", "正文")]


def test_items_with_one_identifier_are_read_one_after_the_other(tmp_path: Path) -> None:
    items = "".join(
        f'<item id="c" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in ("none", "c1", "c2")
    )
    members: dict[str, str | bytes] = {
        f"OEBPS/c{number}.xhtml": XHTML.format(f"<p>第{number}章</p>") for number in (1, 2)
    }
    path = book(tmp_path / "b.epub", package(items=items, spine="c c"), members)
    assert [text for _, text in chapters(describe_book(path, tmp_path), tmp_path)] == ["第1章", "第2章"]


def test_fallbacks_in_a_circle_end(tmp_path: Path) -> None:
    items = CHAPTER.replace("application/xhtml+xml", "application/pdf").replace("/>", ' fallback="c1"/>')
    assert describe_book(book(tmp_path / "b.epub", package(items=items)), tmp_path).extent == 1


METHOD = "<encryption><EncryptionMethod Algorithm='{}'/></encryption>"
FILE_METHOD = (
    "<encryption><EncryptedData><EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/>"
    "<CipherData><CipherReference URI='{}'/></CipherData></EncryptedData></encryption>"
)
NOISE = bytes(number * 37 % 251 for number in range(400)).replace(b"<", b"")


@pytest.mark.parametrize(
    ("members", "is_protected"),
    [
        ({"META-INF/rights.xml": "<rights/>"}, False),
        ({"META-INF/rights.xml": "<rights/>", "OEBPS/c1.xhtml": NOISE}, True),
        ({"META-INF/encryption.xml": ""}, False),
        ({"META-INF/encryption.xml": "", "OEBPS/c1.xhtml": NOISE}, True),
        ({"META-INF/encryption.xml": "<encryption/>"}, False),
        ({"META-INF/encryption.xml": METHOD.format("http://www.idpf.org/2008/embedding")}, False),
        ({"META-INF/encryption.xml": METHOD.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")}, True),
        ({"META-INF/encryption.xml": FILE_METHOD.format("OEBPS/f%20a.OTF")}, False),
        ({"META-INF/encryption.xml": FILE_METHOD.format("OEBPS/c1.xhtml")}, True),
    ],
)  # fmt: skip
def test_a_book_is_protected_where_its_text_is(
    members: dict[str, str | bytes], is_protected: bool, tmp_path: Path
) -> None:
    path = book(tmp_path / "b.epub", None, {"OEBPS/c1.xhtml": XHTML.format("<p>正文</p>")} | members)
    if is_protected:
        with pytest.raises(RejectedError, match="drm"):
            describe_book(path, tmp_path)
    else:
        assert [text for _, text in chapters(describe_book(path, tmp_path), tmp_path)] == ["正文"]


@pytest.mark.parametrize(
    ("metadata", "series"),
    [
        ("<meta name='calibre:series_index' content='3.0'/><meta name='calibre:series' content='农村读物'/>",
         ("农村读物", 3)),
        ("<meta name='calibre:series' content='农村读物'/><meta name='calibre:series_index' content='2.5'/>",
         ("农村读物", None)),
        ("<meta name='calibre:series_index' content='3'/>", (None, None)),
        ("<meta property='belongs-to-collection' id='c'>农村读物</meta><meta refines='#c' property='group-position'>12"
         "</meta>", ("农村读物", 12)),
        ("<meta property='belongs-to-collection' id='c'>农村读物</meta><meta refines='#c' property='group-position'>"
         "1774000000000</meta>", ("农村读物", None)),
        ("<meta name='calibre:series' content='农村读物'/><meta name='calibre:series_index' content='第三册'/>",
         ("农村读物", 3)),
        ("<meta property='belongs-to-collection' id='s'>精选</meta><meta refines='#s' property='collection-type'>set"
         "</meta><meta property='belongs-to-collection' id='t'>三部曲</meta>"
         "<meta refines='#t' property='group-position'>2</meta>", ("三部曲", 2)),
        ("<dc:title id='t'>天元丛书</dc:title><meta refines='#t' property='title-type'>collection</meta>"
         "<meta refines='#t' property='group-position'>4</meta>", ("天元丛书", 4)),
    ],
)  # fmt: skip
def test_the_place_in_a_series(metadata: str, series: tuple[str | None, int | None], tmp_path: Path) -> None:
    description = describe_book(book(tmp_path / "b.epub", package(metadata)), tmp_path)
    assert (description.series, description.part_number) == series


@pytest.mark.parametrize(
    ("metadata", "field", "value"),
    [
        ("<dc:title>副</dc:title><dc:title id='m'>正</dc:title><meta refines='#m' property='title-type'>main</meta>",
         "title", "正"),
        ("<dc:title id='s'>副</dc:title><meta refines='#s' property='title-type'>subtitle</meta>"
         "<dc:title>正</dc:title>", "title", "正"),
        ("<dc:title id='b'>乙</dc:title><dc:title id='a'>甲</dc:title>"
         "<meta refines='#b' property='display-seq'>2</meta><meta refines='#a' property='display-seq'>1</meta>",
         "title", "甲"),
        ("<dc:title>甲&amp;乙</dc:title>", "title", "甲&乙"),
        ("<dc:title>甲 & 乙</dc:title><dc:description><![CDATA[<p>丙 & 丁</p>]]></dc:description>", "title", "甲 & 乙"),
        ("<dc:title>甲 & 乙</dc:title><dc:description><![CDATA[<p>丙 & 丁</p>]]></dc:description>", "abstract",
         "丙 & 丁"),
        ("<dc:title>caf&eacute;</dc:title>", "title", "caf\u00e9"),
        ("<dc-metadata><dc:Title>老书</dc:Title></dc-metadata>", "title", "老书"),
        ("<dc:date>0101-01-01T00:00:00+00:00</dc:date>", "date", None),
        ("<dc:date>0100-12-31T16:00:00+00:00</dc:date>", "date", None),
        ("<dc:date>2009-12-31T16:00:00+00:00</dc:date>", "date", "2010-01-01"),
        ("<dc:date opf:event='modification'>2020-01-01</dc:date>", "date", None),
        ("<dc:date opf:event='modification'>2020-01-01</dc:date><dc:date>1998</dc:date>", "date", "1998"),
        ("<dc:date opf:event='creation'>2020</dc:date><dc:date opf:event='publication'>1998-05</dc:date>",
         "date", "1998-05"),
        ("<meta property='dcterms:issued'>1998</meta>", "date", "1998"),
        ("<meta property='dcterms:modified'>2020-01-01T00:00:00Z</meta>", "date", None),
        ("<dc:date> </dc:date><dc:date>1998</dc:date>", "date", "1998"),
        ("<dc:date opf:event='issued'>1998-05-01T08:00:00Z</dc:date>", "date", "1998-05-01"),
        ("<dc:identifier>1700000000000</dc:identifier><dc:identifier>urn:isbn:9787101003048</dc:identifier>",
         "isbn", "9787101003048"),
        ("<dc:identifier opf:scheme='DOUBAN'>7101003044</dc:identifier><dc:identifier opf:scheme='ISBN'>9787101003048"
         "</dc:identifier>", "isbn", "9787101003048"),
        ("<dc:identifier>978-7-101-00304-8</dc:identifier>", "isbn", "978-7-101-00304-8"),
        ("<dc:identifier>1234567890</dc:identifier>", "isbn", None),
        ("<dc:source>urn:isbn:9787101003048</dc:source>", "isbn", "9787101003048"),
        ("<dc:language>und</dc:language><dc:language>zh-CN</dc:language>", "language", "zh-CN"),
        ("<dc:language>中文</dc:language>", "language", "zh"),
        ("<dc:language>Chinese (Simplified)</dc:language>", "language", "zh-Hans"),
        ("<dc:language>CN</dc:language>", "language", "zh"),
        ("<dc:language>没有这种话</dc:language>", "language", "zh"),
        ("<dc:contributor id='p'>湖南文艺出版社</dc:contributor><meta refines='#p' property='role'>pbl</meta>",
         "publisher", "湖南文艺出版社"),
        ("<dc:contributor id='p'>湖南文艺出版社</dc:contributor><meta refines='#p' property='role'>pbl</meta>",
         "creators", []),
        ("<dc:contributor opf:role='bkp'>calibre (7.6.0)</dc:contributor><dc:creator>张三</dc:creator>",
         "creators", [("张三", "author")]),
        ("<dc:creator id='b'>乙</dc:creator><dc:creator id='a'>甲</dc:creator>"
         "<meta refines='#b' property='display-seq'>2</meta><meta refines='#a' property='display-seq'>1</meta>",
         "creators", [("甲", "author"), ("乙", "author")]),
        ("<dc:description>&lt;p&gt;一段&lt;br&gt;简介&lt;/p&gt;</dc:description>", "abstract", "一段 简介"),
        ("<dc:description>温度 &lt; 30 度</dc:description>", "abstract", "温度 < 30 度"),
        ("<meta property='belongs-to-collection' id='c'>农村读物</meta>", "series", "农村读物"),
        ("<meta name='calibre:series' content='农村读物'/>", "series", "农村读物"),
        ("<dc:title id='c'>天元丛书</dc:title><meta refines='#c' property='title-type'>collection</meta>"
         "<dc:title>渡口</dc:title>", "title", "渡口"),
        ("<dc:language>zh</dc:language><dc:title xml:lang='en'>Ferry</dc:title><dc:title xml:lang='zh'>渡口</dc:title>",
         "title", "渡口"),
        ("<dc:title> </dc:title><meta property='dcterms:title'>渡口</meta>", "title", "渡口"),
        ("<dc:title>&lt;b&gt;渡&lt;/b&gt;口</dc:title>", "title", "渡口"),
        ("<dc:title>\n  渡口\n  的灯\n</dc:title>", "title", "渡口的灯"),
        ("<dc:date>D:20150520</dc:date>", "date", "20150520"),
        ("<meta property='dcterms:dateCopyrighted'>1998</meta>", "date", "1998"),
        ("<dc:identifier>ISBN 978-7-101-00304-8（平装）</dc:identifier>", "isbn", "978-7-101-00304-8"),
        ("<dc:identifier id='d'>9787020002207</dc:identifier><meta refines='#d' property='identifier-type'>06</meta>"
         "<dc:identifier id='i'>9787101003048</dc:identifier><meta refines='#i' property='identifier-type'>15</meta>",
         "isbn", "9787101003048"),
        ("<dc:description>&amp;lt;p&amp;gt;一段简介&amp;lt;/p&amp;gt;</dc:description>", "abstract", "一段简介"),
        ("<dc:subject>历史</dc:subject><dc:subject>FIC014000</dc:subject>", "subjects", ["历史"]),
        ("<dc:contributor opf:role='Translator'>乙</dc:contributor><dc:contributor opf:role='译者'>丙</dc:contributor>",
         "creators", [("乙", "translator"), ("丙", "translator")]),
        ("<dc:creator id='a'>甲</dc:creator><meta refines='#a' property='role'>trl</meta>"
         "<meta refines='#a' property='role'>ill</meta>", "creators", [("甲", "translator")]),
        ("<dc:creator opf:file-as='老舍'/>", "creators", [("老舍", "author")]),
    ],
)  # fmt: skip
def test_metadata(metadata: str, field: str, value: object, tmp_path: Path) -> None:
    description = describe_book(book(tmp_path / "b.epub", package(metadata)), tmp_path)
    assert getattr(description, field) == value


IN_GUIDE = '<guide><reference type="cover" href="{}"/></guide>'
COVER_ITEM = '<item id="img1" href="images/c.jpg" media-type="image/jpeg"/>'
PAGE_ITEM = '<item id="tp" href="tp.xhtml" media-type="application/xhtml+xml"/>'
SVG_PAGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    '<image xlink:href="images/c.jpg"/></svg>'
)


@pytest.mark.parametrize(
    ("opf", "page"),
    [
        (package(items=CHAPTER + COVER_ITEM.replace("/>", ' properties="cover-image"/>')), ""),
        (package("<meta name='cover' content='img1'/>", CHAPTER + COVER_ITEM), ""),
        (package("<meta content='img1' name='cover'/>", CHAPTER + COVER_ITEM.replace("image/jpeg", "image/jpg")), ""),
        (package("<meta name='cover' content='images/c.jpg'/>", CHAPTER + COVER_ITEM), ""),
        (package("<meta name='cover' content='tp'/>", CHAPTER + COVER_ITEM + PAGE_ITEM),
         "<img src='images/c.jpg'/>"),
        (package(items=CHAPTER + COVER_ITEM.replace("img1", "Cover-1")), ""),
        (package(items=CHAPTER + COVER_ITEM.replace("images/c.jpg", "images/cover.jpg")), ""),
        (package(items=CHAPTER + COVER_ITEM + PAGE_ITEM, guide=IN_GUIDE.format("tp.xhtml")),
         SVG_PAGE),
        (package(items=CHAPTER + COVER_ITEM, guide=IN_GUIDE.format("images/c.jpg")), ""),
        (package(items=CHAPTER + COVER_ITEM + PAGE_ITEM, spine="tp c1"), SVG_PAGE),
        (package(items=CHAPTER + COVER_ITEM + PAGE_ITEM, spine="tp c1"), "<img src='./images/c.jpg' alt=''/>"),
    ],
)  # fmt: skip
def test_covers(opf: str, page: str, tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {
        "OEBPS/c1.xhtml": XHTML.format("<p>正文</p>"),
        "OEBPS/tp.xhtml": XHTML.format(page),
        "OEBPS/images/c.jpg": picture(),
        "OEBPS/images/cover.jpg": picture(),
    }
    description = describe_book(book(tmp_path / "b.epub", opf, members), tmp_path)
    assert [derived for derived in description.derived if derived.role == "cover"] != []


@pytest.mark.parametrize("name", ["cover", "images/cover.jfif", "封面.img", "cover.JPE", "cover.jpg_0"])
def test_a_cover_is_known_by_its_content(name: str, tmp_path: Path) -> None:
    items = f'{CHAPTER}<item id="p" href="{name}" media-type="image/jpeg" properties="cover-image"/>'
    members: dict[str, str | bytes] = {"OEBPS/c1.xhtml": XHTML.format("<p>正文</p>"), f"OEBPS/{name}": picture()}
    description = describe_book(book(tmp_path / "b.epub", package(items=items), members), tmp_path)
    assert "cover" in {derived.role for derived in description.derived}


def test_a_picture_in_the_first_chapter_is_no_cover(tmp_path: Path) -> None:
    page = "<img src='images/c.jpg'/><p>" + "很长的正文。" * 30 + "</p>"
    members: dict[str, str | bytes] = {"OEBPS/c1.xhtml": XHTML.format(page), "OEBPS/images/c.jpg": picture()}
    description = describe_book(book(tmp_path / "b.epub", package(items=CHAPTER + COVER_ITEM), members), tmp_path)
    assert [derived.role for derived in description.derived] == ["text"]


def test_the_next_cover_is_taken_where_the_first_is_damaged(tmp_path: Path) -> None:
    items = CHAPTER + COVER_ITEM + '<item id="x" href="x.jpg" media-type="image/jpeg" properties="cover-image"/>'
    members: dict[str, str | bytes] = {
        "OEBPS/c1.xhtml": XHTML.format("<p>正文</p>"),
        "OEBPS/x.jpg": b"\xff\xd8\xff damaged",
        "OEBPS/images/c.jpg": picture(),
    }
    description = describe_book(
        book(tmp_path / "b.epub", package("<meta name='cover' content='img1'/>", items), members), tmp_path
    )
    assert "cover" in {derived.role for derived in description.derived}


def test_a_spacer_is_no_cover(tmp_path: Path) -> None:
    """Debian replaces the covers of calibre's own books by a picture of one pixel."""
    spacer = io.BytesIO()
    Image.new("RGB", (1, 1)).save(spacer, "JPEG")
    items = CHAPTER + '<item id="x" href="x.jpg" media-type="image/jpeg" properties="cover-image"/>'
    members: dict[str, str | bytes] = {"OEBPS/c1.xhtml": XHTML.format("<p>正文</p>"), "OEBPS/x.jpg": spacer.getvalue()}
    description = describe_book(book(tmp_path / "b.epub", package(items=items), members), tmp_path)
    assert [derived.role for derived in description.derived] == ["text"]


@pytest.mark.parametrize("container", [None, "<container/>", CONTAINER.format("other.opf"), "not XML at all"])
def test_a_package_is_found_without_its_container(container: str | None, tmp_path: Path) -> None:
    assert describe_book(book(tmp_path / "b.epub", container=container), tmp_path).title == "稻田记"


ROOT_FILE = '<rootfile full-path="{}" media-type="application/{}"/>'
OPF = "oebps-package+xml"
PDF = ROOT_FILE.format("book.pdf", "pdf")


@pytest.mark.parametrize(
    ("root_files", "members", "title"),
    [
        (ROOT_FILE.format("a.opf", OPF) + ROOT_FILE.format("b.opf", OPF), {}, "甲本"),
        (ROOT_FILE.format("b.opf", OPF) + ROOT_FILE.format("a.opf", OPF), {}, "乙本"),
        (PDF + ROOT_FILE.format("b.opf", f"{OPF.upper()} ") + ROOT_FILE.format("a.opf", OPF), {}, "乙本"),
        (PDF + ROOT_FILE.format("b.opf", "octet-stream"), {}, "乙本"),
        (ROOT_FILE.format("no.opf", OPF) + ROOT_FILE.format("b.opf", OPF), {}, "乙本"),
        (ROOT_FILE.format("a.opf", OPF) + ROOT_FILE.format("b.opf", OPF), {"a.opf": b"\0\1\2" * 9}, "乙本"),
        (ROOT_FILE.format("a.opf", OPF) + ROOT_FILE.format("b.opf", OPF), {"a.opf": package()[:200]}, "乙本"),
        (ROOT_FILE.format("a.opf", OPF) + ROOT_FILE.format("b.opf", OPF), {"a.opf": package(items="")}, "乙本"),
        (PDF, {"a.opf": b"", "b.opf": package("<dc:title>乙本</dc:title>")}, "乙本"),
    ],
)
def test_the_first_rendition_that_can_be_read_is_the_book(
    root_files: str, members: dict[str, str | bytes], title: str, tmp_path: Path
) -> None:
    whole: dict[str, str | bytes] = {
        "a.opf": package("<dc:title>甲本</dc:title>"), "b.opf": package("<dc:title>乙本</dc:title>"),
        "c1.xhtml": XHTML.format("<p>正文</p>"), "book.pdf": b"%PDF-1.4 <package/>",
    }  # fmt: skip
    path = tmp_path / "b.epub"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", f"<container><rootfiles>{root_files}</rootfiles></container>")
        for name, data in (whole | members).items():
            archive.writestr(name, data)
    description = describe_book(path, tmp_path)
    assert (description.title, chapters(description, tmp_path)) == (title, [("第 1 节", "正文")])


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://openebook.org/namespaces/oeb-package/1.0/"'])
def test_packages_of_other_namespaces(namespace: str, tmp_path: Path) -> None:
    opf = package().replace(' xmlns="http://www.idpf.org/2007/opf"', namespace)
    description = describe_book(book(tmp_path / "b.epub", opf), tmp_path)
    assert (description.title, description.extent) == ("稻田记", 1)


def test_a_missing_and_a_damaged_chapter_say_so(tmp_path: Path) -> None:
    items = "".join(
        f'<item id="c{number}" href="c{number}.xhtml" media-type="application/xhtml+xml"/>' for number in (1, 2, 3)
    )
    path = book(
        tmp_path / "b.epub",
        package(items=items, spine="c1 c2 c3"),
        {"OEBPS/c1.xhtml": XHTML.format("<p>第一</p>"), "OEBPS/c3.xhtml": XHTML.format("<p>第三章的内容</p>")},
    )
    data = path.read_bytes()
    at = data.index(b"OEBPS/c3.xhtml") + len("OEBPS/c3.xhtml")
    path.write_bytes(data[:at] + b"\xff" * 12 + data[at + 12 :])
    assert chapters(describe_book(path, tmp_path), tmp_path) == [
        ("第 1 节", "第一"),
        ("第 2 节", "（文件里缺这一节。）"),
        ("第 3 节", "（文件里缺这一节。）"),
    ]


def test_a_book_without_any_chapter_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as rejected:
        describe_book(book(tmp_path / "b.epub", None, {}), tmp_path)
    assert rejected.value.code == "damaged"


@pytest.mark.parametrize("navigation", ["nav", "ncx"])
def test_titles_of_chapters(navigation: str, tmp_path: Path) -> None:
    items = {
        "nav": '<item id="n" href="n.xhtml" properties="nav" media-type="application/xhtml+xml"/>',
        "ncx": '<item id="n" href="n.xhtml" media-type="application/x-dtbncx+xml"/>',
    }
    contents = {
        "nav": XHTML.replace("<html", '<html xmlns:epub="http://www.idpf.org/2007/ops"').format(
            '<nav epub:type="toc"><a href="c1.xhtml#a"><ruby>春<rt>chūn</rt></ruby>耕</a> …… 12</nav>'
        ),
        "ncx": "<ncx><navMap><navPoint><navLabel><text>春耕</text></navLabel>"
        '<content src="c1.xhtml"/></navPoint></navMap></ncx>',
    }
    members: dict[str, str | bytes] = {
        "OEBPS/c1.xhtml": XHTML.format("<p>正文</p>"),
        "OEBPS/n.xhtml": contents[navigation],
    }
    description = describe_book(
        book(tmp_path / "b.epub", package(items=CHAPTER + items[navigation]), members), tmp_path
    )
    assert chapters(description, tmp_path) == [("春耕", "正文")]


def test_an_archive_of_whole_books_with_a_package_next_to_them_is_no_epub(tmp_path: Path) -> None:
    archive = tmp_path / "calibre.zip"
    with zipfile.ZipFile(archive, "w") as writing:
        for name in ("山水/metadata.opf", "山水/cover.jpg", "山水/山水.epub", "山水/说明.html"):
            writing.writestr(name, "x")
    with pytest.raises(RejectedError) as refusal:
        detect_format(archive)
    assert refusal.value.code == "archive"


OTHER_CHAPTER = '<item id="c2" href="c2.xhtml" media-type="application/xhtml+xml"/>'


@pytest.mark.parametrize("spine", ["", "chapter-1 chapter-2"])
def test_where_the_spine_names_no_item_the_documents_of_the_manifest_are_read(spine: str, tmp_path: Path) -> None:
    navigation = '<item id="n" href="n.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    opf = package(items=navigation + CHAPTER + OTHER_CHAPTER, spine=spine)
    members: dict[str, str | bytes] = {
        f"OEBPS/c{number}.xhtml": XHTML.format(f"<p>第{number}章</p>") for number in (1, 2)
    }
    path = book(tmp_path / "b.epub", opf, members | {"OEBPS/n.xhtml": XHTML.format("<nav>目录</nav>")})
    assert [text for _, text in chapters(describe_book(path, tmp_path), tmp_path)] == ["第1章", "第2章"]


def test_resources_of_macos_are_no_package(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {"OEBPS/c1.xhtml": XHTML.format("<p>正文</p>"), "._content.opf": b"\0\5\x16\7"}
    path = book(tmp_path / "b.epub", None, members, container=None)
    assert describe_book(path, tmp_path).title == "稻田记"


@pytest.mark.parametrize(
    ("lists", "label"),
    [
        ("<nav epub:type='landmarks'><a href='c1.xhtml'>Start</a></nav>", "一"),
        ("<nav role='doc-pagelist'><a href='c1.xhtml'>i</a></nav><nav role='doc-toc'><a href='c1.xhtml'>春耕</a></nav>",
         "春耕"),
        ("<nav epub:type='page-list'><a href='c1.xhtml'>i</a></nav><nav><a href='c1.xhtml'>春耕</a></nav>", "春耕"),
        ("<nav epub:type='toc'><a href='c1.xhtml'><img src='a.png' alt='春耕'/></a></nav>", "春耕"),
    ],
)  # fmt: skip
def test_only_the_table_of_contents_names_chapters(lists: str, label: str, tmp_path: Path) -> None:
    navigation = '<item id="n" href="n.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    page = XHTML.replace("<html", '<html xmlns:epub="http://www.idpf.org/2007/ops"').format(lists)
    members = {"OEBPS/c1.xhtml": XHTML.format("<h1>一</h1>"), "OEBPS/n.xhtml": page}
    path = book(tmp_path / "b.epub", package(items=CHAPTER + navigation), members)
    assert [label for label, _ in chapters(describe_book(path, tmp_path), tmp_path)] == [label]


@pytest.mark.parametrize(
    "heading",
    ["<h2 id='{}'>{}</h2>", "<h2><a id='{}'></a>{}</h2>", "<div><div><h2><a name='{}'>{}</a></h2></div></div>"],
)
def test_a_file_of_several_chapters_has_a_passage_for_each(heading: str, tmp_path: Path) -> None:
    points = "".join(
        f"<navPoint><navLabel><text>第{name}回</text></navLabel><content src='c1.xhtml#%E5%9B%9E{name}'/></navPoint>"
        for name in "一二"
    )
    body = "<p>卷首的话</p>" + "".join(
        heading.format(f"回{name}", f"第{name}回") + f"<p>话说{name}</p>" for name in "一二"
    )
    members = {"OEBPS/c1.xhtml": XHTML.format(body), "OEBPS/t.ncx": f"<ncx><navMap>{points}</navMap></ncx>"}
    ncx = '<item id="n" href="t.ncx" media-type="application/x-dtbncx+xml"/>'
    path = book(tmp_path / "b.epub", package(items=CHAPTER + ncx), members)
    assert chapters(describe_book(path, tmp_path), tmp_path) == [
        ("第 1 节", "卷首的话"), ("第一回", "第一回\n话说一"), ("第二回", "第二回\n话说二")
    ]  # fmt: skip


def test_signs_of_our_marks_in_a_text_are_no_places() -> None:
    root = parse_document("<h1 id='a'>甲</h1><p>渡\ufdd099\ufdd0口</p><h1 id='b'>乙</h1>".encode())
    assert split_sections(root, {"a": "甲", "b": "乙"}) == [(None, ""), ("甲", "甲\n渡99口"), ("乙", "乙")]


def test_covers_within_addresses_and_styles(tmp_path: Path) -> None:
    address = f"data:image/jpeg;base64,{base64.b64encode(picture()).decode()}"
    items = CHAPTER + PAGE_ITEM
    pages = [f"<img src='{address}'/>", "<div style='background: url(\"images/c.jpg\") no-repeat'></div>"]
    for number, page in enumerate(pages):
        folder = tmp_path / str(number)
        folder.mkdir()
        members = {"OEBPS/c1.xhtml": XHTML.format("<p>正文</p>"), "OEBPS/tp.xhtml": XHTML.format(page)}
        path = book(folder / "b.epub", package(items=items, spine="tp c1"), members | {"OEBPS/images/c.jpg": picture()})
        assert any(derived.role == "cover" for derived in describe_book(path, folder).derived)


def test_an_archive_behind_the_header_of_a_download_is_found(tmp_path: Path) -> None:
    path = book(tmp_path / "b.epub")
    path.write_bytes(b"HTTP/1.1 200 OK\r\n\r\n" + path.read_bytes())
    assert describe_book(path, tmp_path).title == "稻田记"


def test_a_package_that_is_encrypted_is_said_to_be_encrypted(tmp_path: Path) -> None:
    path = book(tmp_path / "b.epub")
    data = bytearray(path.read_bytes())
    name = b"OEBPS/content.opf"
    data[data.index(name) - 30 + 6] |= 1  # APPNOTE 4.3.7: the header before the member
    data[data.rindex(name) - 46 + 8] |= 1  # 4.3.12: the one in the directory
    path.write_bytes(data)
    with pytest.raises(RejectedError) as refused:
        describe_book(path, tmp_path)
    assert refused.value.code == "encrypted"
