"""FictionBooks as they are found: encodings, ill-formed XML, odd metadata, notes and pictures."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.ebooks.fictionbook import book as format_module
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.ebooks import BODIES, TITLE_INFO, drawn, fictionbook, zipped

RUSSIAN = "<body><section><title><p>Глава 1</p></title><p>Шёл дождь, и река поднялась высоко.</p></section></body>"
RUSSIAN_INFO = (
    "<author><first-name>Лев</first-name><middle-name>Николаевич</middle-name><last-name>Толстой</last-name></author>"
    "<book-title>Река</book-title><lang>ru</lang>"
)


def describe_book(data: bytes, tmp_path: Path, name: str = "b.fb2") -> Description:
    path = tmp_path / name
    path.write_bytes(data)
    assert detect_format(path) == "fb2"
    out = tmp_path / "out"
    out.mkdir()
    return format_module.describe(path, out)


def chapters(description: Description, tmp_path: Path) -> list[tuple[str, str]]:
    [text] = [derived for derived in description.derived if derived.role == "text"]
    return [(passage.label, passage.text) for passage in parse_passages((tmp_path / "out" / text.file).read_bytes())]


def reading_copy(tmp_path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(tmp_path / "out/reading.epub") as book:
        return {name: book.read(name) for name in book.namelist()}


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-8", "utf-8"), ("windows-1251", "cp1251"), ("windows-1251", "utf-8"), ("utf-8", "cp1251"),
        ("koi8-r", "koi8-r"), ("UTF-16", "utf-16"), ("utf-8", "utf-8-sig"), ("no-such-encoding", "cp1251"),
    ],
)  # fmt: skip
def test_russian_is_read_whatever_is_declared(declared: str, written: str, tmp_path: Path) -> None:
    text = fictionbook(RUSSIAN_INFO, bodies=RUSSIAN, encoding=declared)
    description = describe_book(text.encode(written), tmp_path)
    assert description.title == "Река"
    assert description.creators == [("Лев Николаевич Толстой", "author")]
    assert description.language == "ru"
    [(label, body)] = chapters(description, tmp_path)
    assert (label, body.splitlines()[-1]) == ("Глава 1", "Шёл дождь, и река поднялась высоко.")


@pytest.mark.parametrize(
    ("declared", "written"), [("gb2312", "gbk"), ("GBK", "gb18030"), ("utf-8", "gbk"), ("big5", "big5")]
)
def test_chinese_is_read_whatever_is_declared(declared: str, written: str, tmp_path: Path) -> None:
    title = "<author><nickname>老舍</nickname></author><book-title>故乡的路</book-title><lang>zh</lang>"
    bodies = "<body><section><title><p>第一章</p></title><p>江山如此多情，人民都在家里等着他回来。</p></section></body>"
    description = describe_book(
        fictionbook(title, bodies=bodies, encoding=declared).encode(written, "replace"), tmp_path
    )
    assert description.creators == [("老舍", "author")]
    assert "江山如此多情" in chapters(description, tmp_path)[0][1]


def test_a_byte_that_the_declared_encoding_lacks_costs_one_character(tmp_path: Path) -> None:
    text = fictionbook(RUSSIAN_INFO, bodies=RUSSIAN.replace("дождь", "дождь@" + "о" * 2000), encoding="windows-1251")
    description = describe_book(text.encode("cp1251").replace(b"@", b"\x98"), tmp_path)
    assert "Шёл дождь\ufffdооо" in chapters(description, tmp_path)[0][1]


@pytest.mark.parametrize(
    ("paragraphs", "text"),
    [
        ("<p>甲 & 乙 < 丙</p>", "甲 & 乙 < 丙"),
        ("<p>甲&nbsp;乙&mdash;丙</p>", "甲 乙—丙"),
        ("<p>甲<emphasis>乙</p><p>丙</emphasis></p>", "甲乙\n丙"),
        ("<p>甲<b>乙</b><i>丙</i><br/>丁</p>", "甲乙丙\n丁"),
        ("<p>甲<unknown>乙</unknown>丙</p>", "甲乙丙"),
        ("<p>甲<!-- 无 -->乙<?x y?>丙</p>", "甲乙丙"),
        ("<p>甲<style name='s'>乙</style>丙</p>", "甲乙丙"),
        ("<p>甲<script>x()</script>乙</p>", "甲乙"),
        ("<poem><stanza><v>床前</v><v>明月</v></stanza><text-author>李白</text-author></poem>", "床前\n明月\n李白"),
        ("<cite><p>引文</p></cite><empty-line/><p>正文</p>", "引文\n正文"),
        ("<table><tr><th>甲</th><td>乙</td></tr></table>", "甲 乙"),
        ("裸露的字<p>段落</p>尾巴", "裸露的字\n段落\n尾巴"),
        ("<p>H<sub>2</sub>O</p>", "H2O"),
        ("<p>甲<![CDATA[ & <乙> ]]>丙</p>", "甲 & <乙> 丙"),
        ("<p>控制\x0b符</p>", "控制 符"),
        ("<cite>" * 500 + "<p>深处</p>" + "</cite>" * 500, "深处"),
    ],
)
def test_text_is_whole(paragraphs: str, text: str, tmp_path: Path) -> None:
    description = describe_book(fictionbook(bodies=f"<body><section>{paragraphs}</section></body>").encode(), tmp_path)
    [(label, body)] = chapters(description, tmp_path)
    assert (label, body) == ("第 1 节", text)


def test_parts_are_divided_and_notes_come_last(tmp_path: Path) -> None:
    body = "山" * 600
    bodies = (
        "<body><title><p>书名</p></title><epigraph><p>题记</p></epigraph>"
        "<section><title><p>卷一</p></title><section><title><p>第一章</p></title>"
        f"<p>{body}<a l:href='#n1' type='note'>[1]</a></p></section>"
        f"<section><title><p>第二章</p></title><p>{body}</p></section></section></body>"
        "<body name='notes'><section id='n1'><title><p>1</p></title><p>注文</p></section></body>"
    )
    read = chapters(describe_book(fictionbook(bodies=bodies).encode(), tmp_path), tmp_path)
    assert [label for label, _ in read] == ["书名", "卷一", "第一章", "第二章", "注释"]
    assert read[0][1] == "书名\n题记"
    assert "注文" in read[-1][1]
    members = reading_copy(tmp_path)
    assert b'href="chapter5.xhtml#n1"' in members["chapter3.xhtml"]
    assert b'id="n1"' in members["chapter5.xhtml"]


@pytest.mark.parametrize(
    ("title_info", "publish_info", "expected"),
    [
        (TITLE_INFO, "", {"title": "故乡的路", "creators": [("鲁迅", "author")], "subjects": [], "date": None}),
        (TITLE_INFO + "<date value='1921-05-01'>1921年</date>", "", {"date": "1921-05-01"}),
        (TITLE_INFO + "<date value='0101-01-01'></date>", "", {"date": None}),
        (TITLE_INFO + "<date>1921年5月</date>", "", {"date": "1921年5月"}),
        (TITLE_INFO + "<date>1921</date>", "<year>1973 г.</year>", {"date": "1973"}),
        (TITLE_INFO, "<isbn>5-17-000000-1, 978-7-02-000220-7</isbn>", {"isbn": "978-7-02-000220-7"}),
        (TITLE_INFO, "<isbn>нет</isbn>", {"isbn": None}),
        (TITLE_INFO, "<publisher>文学社</publisher><city>北京</city>", {"publisher": "文学社", "place": "北京"}),
        ("<author><nickname>木易</nickname></author>", "<book-name>印本</book-name>",
         {"title": "印本", "creators": [("木易", "author")]}),
        (TITLE_INFO + "<translator><first-name>Gladys</first-name><last-name>Yang</last-name></translator>", "",
         {"creators": [("鲁迅", "author"), ("Gladys Yang", "translator")]}),
        (TITLE_INFO + "<sequence name='呐喊' number='3'/>", "", {"series": "呐喊", "part_number": 3}),
        (TITLE_INFO + "<sequence name='呐喊' number='2.5'/>", "", {"series": "呐喊", "part_number": None}),
        (TITLE_INFO + "<keywords>故乡, 回忆；绍兴</keywords>", "", {"subjects": ["故乡", "回忆", "绍兴"]}),
        ("<genre>小说</genre>" + TITLE_INFO, "", {"subjects": ["小说"]}),
        (TITLE_INFO + "<annotation><p>一个人</p><p>回乡</p></annotation>", "", {"abstract": "一个人\n回乡"}),
        (TITLE_INFO.replace("<lang>zh</lang>", "<lang>中文</lang>"), "", {"language": "zh"}),
        (TITLE_INFO + "<author><first-name></first-name><last-name/></author>", "", {"creators": [("鲁迅", "author")]}),
    ],
)  # fmt: skip
def test_metadata(title_info: str, publish_info: str, expected: dict[str, object], tmp_path: Path) -> None:
    description = describe_book(fictionbook(title_info, publish_info).encode(), tmp_path)
    assert {name: getattr(description, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("page", "name", "binary", "has_cover"),
    [
        ("<coverpage><image l:href='#c.jpg'/></coverpage>", "c.jpg", drawn(), True),
        ("<coverpage><image href='#c.jpg'/></coverpage>", "c.jpg", drawn(form="PNG"), True),
        ("<coverpage><image l:href='#none.jpg'/></coverpage>", "cover.jpg", drawn(), True),
        ("", "cover.png", drawn(form="WEBP"), True),
        ("<coverpage><image l:href='#c.jpg'/></coverpage>", "c.jpg", b"no picture at all", False),
        ("", "other.jpg", drawn(), False),
    ],
)
def test_covers(page: str, name: str, binary: bytes, has_cover: bool, tmp_path: Path) -> None:
    description = describe_book(fictionbook(TITLE_INFO + page, binaries={name: binary}).encode(), tmp_path)
    assert any(derived.role == "cover" for derived in description.derived) == has_cover


def test_pictures_go_into_the_copy_and_missing_ones_do_not_stop_it(tmp_path: Path) -> None:
    bodies = BODIES.replace("<p>船工", "<image l:href='#a.jpg'/><image l:href='#none'/><image l:href='#bad'/><p>船工")
    describe_book(fictionbook(bodies=bodies, binaries={"a.jpg": drawn(form="PNG"), "bad": b"x"}).encode(), tmp_path)
    members = reading_copy(tmp_path)
    assert members["pictures/1.png"] == drawn(form="PNG")
    assert members["chapter2.xhtml"].count(b"<img") == 1


def test_a_zip_is_opened(tmp_path: Path) -> None:
    path = zipped(tmp_path / "书.fb2.zip", {"__MACOSX/._书.fb2": b"\0", "书.fb2": fictionbook(), "readme.txt": "x"})
    assert detect_format(path) == "fb2"
    (tmp_path / "out").mkdir()
    description = format_module.describe(path, tmp_path / "out")
    assert (description.title, description.media_type) == ("故乡的路", "application/x-zip-compressed-fb2")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (fictionbook().encode()[:-35], "truncated"),
        (fictionbook().encode()[:-200], "truncated"),
        (fictionbook(bodies="<body></body>").encode(), "empty_file"),
        (fictionbook(bodies="").encode(), "empty_file"),
        (b"<html><FictionBook /></html>", "damaged"),
    ],
)
def test_what_is_refused(data: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as refused:
        describe_book(data, tmp_path)
    assert refused.value.code == code


def test_a_text_about_the_format_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "说明.txt"
    path.write_text("FB2 的根元素是 <FictionBook xmlns=...>", "utf-8")
    assert detect_format(path) == "text"


def test_entities_do_not_expand_without_bounds(tmp_path: Path) -> None:
    declared = "".join(f"<!ENTITY e{number} '&e{number - 1};&e{number - 1};'>" for number in range(1, 40))
    text = fictionbook(bodies="<body><section><p>甲&e39;乙</p></section></body>")
    text = text.replace("?>\n", f"?>\n<!DOCTYPE FictionBook [<!ENTITY e0 'x'>{declared}]>", 1)
    [(_, body)] = chapters(describe_book(text.encode(), tmp_path), tmp_path)
    assert len(body) < 100
