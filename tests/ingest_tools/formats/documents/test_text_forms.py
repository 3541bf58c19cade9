"""Plain text as other programs write it: line ends, marks and encodings that are seldom met."""

from __future__ import annotations

import pytest

from ingest_tools.formats.documents.text_head import read_head
from ingest_tools.formats.placeholders import is_placeholder_title
from ingest_tools.formats.text import decode, describe_text, looks_like_text
from library_server.catalogue.passages.serialization import parse_passages

LINE = "栗雨渡口的秋天，柑橘从山上运到河边。"


@pytest.mark.parametrize("end", ["\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\r\n"])
def test_line_ends(end: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("out")
    text = end.join([LINE, LINE])
    assert looks_like_text((text * 4).encode())
    describe_text(text, "utf-8", out)
    [passage] = parse_passages((out / "text.json.gz").read_bytes())
    assert passage.text == f"{LINE}\n{LINE}"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (LINE.encode() + b"\xed\xa1\x82\xed\xbe\xb7", LINE + "𠮷"),
        ((f"{LINE}\n" * 300).encode().decode("latin-1").encode(), f"{LINE}\n" * 300),
        (("Une soirée à Nîmes, l’été. " * 300).encode(), "Une soirée à Nîmes, l’été. " * 300),
    ],
)
def test_encodings_that_were_applied_twice(data: bytes, text: str) -> None:
    assert decode(data)[0] == text


@pytest.mark.parametrize(
    ("head", "title", "creators"),
    [
        ("『渡口的灯/作者:周立』\n『状态:更新到:连载中』\n", "渡口的灯", [("周立", "author")]),
        ("【渡口的灯/作者：周立】\n", "渡口的灯", [("周立", "author")]),
        ("『甲/乙』\n", None, []),
    ],
)
def test_heads_of_sites_for_novels(head: str, title: str | None, creators: list[tuple[str, str]]) -> None:
    stated = read_head(head)
    assert (stated.title, stated.creators) == (title, creators)


def test_a_second_byte_order_mark_is_no_part_of_the_title(tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("out")
    assert describe_text("\ufeff书名：渡口的灯\n作者：周立\n", "utf-8-sig", out).title == "渡口的灯"


@pytest.mark.parametrize(
    ("title", "is_placeholder"), [("-", True), ("...", True), ("___", True), ("1984", False), ("家", False)]
)
def test_signs_alone_are_no_title(title: str, is_placeholder: bool) -> None:
    assert is_placeholder_title(title) is is_placeholder


@pytest.mark.parametrize(
    ("head", "title", "creators", "date"),
    [
        ("栗雨镇志\n栗雨镇志编纂委员会 编\n1998年\n\n" + LINE, "栗雨镇志",
         [("栗雨镇志编纂委员会", "editor")], "1998年"),
        ("栗雨镇志\n\n栗雨镇志编纂委员会编\n一九九八年十月", "栗雨镇志",
         [("栗雨镇志编纂委员会", "editor")], "一九九八年十月"),
        ("《柑橘栽培》\n（修订本）\n陈守田 编著\n1998", "柑橘栽培", [("陈守田", "author")], "1998"),
        ("渡口的歌\n李月娥 口述　周望水 整理", "渡口的歌", [("李月娥", "narrator"), ("周望水", "editor")], None),
        ("湘江民歌\n陈守田、李月娥 搜集\n1958年", "湘江民歌", [("陈守田", "editor"), ("李月娥", "editor")], "1958年"),
        ("湘江民歌\n陈守田搜集整理", "湘江民歌", [("陈守田", "editor")], None),
        ("株洲风物\n周望水主编", "株洲风物", [("周望水", "editor")], None),
        ("柑橘日记\n1998年\n" + LINE, None, [], None),
        ("渡口\n他回来看了又看，什么也没有写\n1998年", None, [], None),
        ("渡口。\n陈守田 编著", None, [], None),
        (LINE + "\n这些歌由大家整理", None, [], None),
        ("通知\n请各组做好资料整理\n1998年", None, [], None),
    ],
)  # fmt: skip
def test_a_title_page_without_labels(
    head: str, title: str | None, creators: list[tuple[str, str]], date: str | None
) -> None:
    stated = read_head(head)
    assert (stated.title, stated.creators, stated.date) == (title, creators, date)
