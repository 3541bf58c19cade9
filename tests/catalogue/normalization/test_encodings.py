"""Encodings that nobody states, and text that was read in the wrong one."""

from __future__ import annotations

import pytest
from hypothesis import given

from library_server.catalogue.normalization.encodings import decode_text, repair_text
from tests.properties.strategies import texts

SENTENCE = "秋天的柑橘熟了，我们去橘园里看一看。"
LINES = "\n".join([SENTENCE] * 4)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_simplified_chinese(encoding: str) -> None:
    decoded = decode_text(LINES.encode(encoding))
    assert decoded is not None
    assert (decoded.text, decoded.damaged) == (LINES, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "big5", "big5hkscs"])
def test_traditional_chinese(encoding: str) -> None:
    text = "秋天的柑橘熟了，我們去橘園裡看一看，這是個好地方。"
    decoded = decode_text(text.encode(encoding))
    assert decoded is not None
    assert decoded.text == text


def test_big5_that_begins_with_bytes_of_gb_2312() -> None:
    text = "但個們來說國為時對裡當種還見樣間問書長兩的不有我"
    data = text.encode("big5")
    assert min(data[1::2]) >= 0xA1
    decoded = decode_text(data)
    assert decoded is not None
    assert decoded.text == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_table_after_a_byte_order_mark_is_text(encoding: str) -> None:
    decoded = decode_text("甲\t乙\r\n\t\r\n".encode(encoding))
    assert decoded is not None
    assert decoded.text == "甲\t乙\r\n\t\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize("name", ["柑橘栽培", "联通", "花鼓戏", "老街", "天元区志（上）"])
def test_texts_of_a_few_characters_are_decoded(encoding: str, name: str) -> None:
    decoded = decode_text(name.encode(encoding))
    assert decoded is not None
    assert decoded.text == name


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (SENTENCE.encode() + b"\xff" + SENTENCE.encode(), f"{SENTENCE}\ufffd{SENTENCE}"),
        (SENTENCE.encode()[:-1], f"{SENTENCE[:-1]}\ufffd"),
        ("下载自某网站\n".encode("gbk") + LINES.encode(), f"下载自某网站\n{LINES}"),
        (LINES.encode() + "\n下载自某网站".encode("gbk"), f"{LINES}\n下载自某网站"),
        (f"{SENTENCE * 3}\n".encode("gbk") + "是\n".encode() * 6, f"{SENTENCE * 3}\n" + "是\n" * 6),
        (SENTENCE.encode("gbk")[:-1], f"{SENTENCE[:-1]}\ufffd"),
        (SENTENCE.encode("gbk") + b"\xff\n" + SENTENCE.encode("gbk"), f"{SENTENCE}\ufffd\n{SENTENCE}"),
    ],
)
def test_a_few_damaged_bytes_lose_no_text(data: bytes, text: str) -> None:
    decoded = decode_text(data)
    assert decoded is not None
    assert decoded.text == text
    assert decoded.damaged == text.count("\ufffd")


@pytest.mark.parametrize(
    ("language", "encoding", "text"),
    [
        ("el", "cp1253", "Καλημέρα σας"),
        ("ell", "cp1253", "Καλημέρα σας"),
        ("ru", "cp1251", "Доброе утро"),
        ("fr", "cp1252", "Déjà vu, un garçon"),
        ("pl", "cp1250", "Dzień dobry, żółw"),
        ("ja", "shift_jis", "こんにちは、世界"),
        ("ko", "cp949", "안녕하세요"),
        ("th", "cp874", "สวัสดีครับ"),
        ("zh", "gbk", "你好"),
    ],
)
def test_the_language_names_the_code_page(language: str, encoding: str, text: str) -> None:
    decoded = decode_text(text.encode(encoding), language)
    assert decoded is not None
    assert decoded.text == text


@pytest.mark.parametrize("latin", ["latin-1", "cp1252"])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
@pytest.mark.parametrize(
    "text",
    ["刘海砍樵", "湖南花鼓戏剧院", "湘江渡口老照片", "刘建国", "天元区志 第1卷", "DJ舞曲", "A面 刘海砍樵", "朱镕基"],
)
def test_chinese_that_was_read_as_latin_is_repaired(text: str, encoding: str, latin: str) -> None:
    data = text.encode(encoding)
    try:
        garbled = data.decode(latin)
    except UnicodeDecodeError:
        garbled = data.decode("latin-1")  # as Windows reads what its code page leaves out
    assert repair_text(garbled) == text


@pytest.mark.parametrize(
    "text",
    ["café", "Señor Gómez", "créée", "Dvořák", "Ünïcödé", "naïve façade", "Ångström", "éé", "Æther", "Où êtes-vous?",
     "100 °C", "©2020 Müller", "½", "élève à Besançon", "ÄÖÜ", "São Tomé", "Köln–Düsseldorf", "刘海砍樵", "plain", "",
     "“quoted”", "£ 5", "Þórð"],
)  # fmt: skip
def test_text_that_was_decoded_rightly_is_not_changed(text: str) -> None:
    assert repair_text(text) == text


@given(texts)
@pytest.mark.slow
def test_repairs_never_fail(text: str) -> None:
    assert isinstance(repair_text(text), str)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "hz"])
@pytest.mark.parametrize(
    "text", ["第一章 渡口\r\n一条船在江上，船工喊着号子。\r\n", "江边的一棵树，有人在下面说话。\r\n" * 9]
)
def test_encodings_that_nobody_marks(encoding: str, text: str) -> None:
    decoded = decode_text(text.encode(encoding))
    assert decoded is not None
    assert decoded.text == text


def test_japanese_mail_is_read() -> None:
    text = "吾輩は猫である。名前は一つも無い。" * 5
    decoded = decode_text(text.encode("iso-2022-jp"))
    assert decoded is not None
    assert decoded.text == text


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "big5"])
def test_what_fills_a_text_up_is_left_out(encoding: str) -> None:
    text = "江邊的一棵樹，有人在下面說話。" * 20
    decoded = decode_text(text.encode(encoding) + b"\x1a" + bytes(512))
    assert decoded is not None
    assert decoded.text == text


@pytest.mark.parametrize("data", [b"if (~{a} == ~{b}) { }", b"~{ ~}", b"\x1b$B"])
def test_programs_are_no_mail(data: bytes) -> None:
    decoded = decode_text(data)
    assert decoded is not None
    assert decoded.text == data.decode("ascii")
