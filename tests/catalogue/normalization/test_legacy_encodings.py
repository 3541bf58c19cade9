"""Texts in the encodings before Unicode, with nothing that says which."""

from __future__ import annotations

import pytest

from library_server.catalogue.normalization.encodings import decode_text, repair_text

_TEXTS = {
    "simplified": ("花鼓戏是湖南的地方戏，刘海砍樵是其中有名的一出。\n", ("gb2312", "gbk", "gb18030")),
    "a title": ("柑橘栽培与管理\n", ("gbk",)),
    "traditional": ("花鼓戲是湖南的地方戲，劉海砍樵是其中有名的一齣。\n", ("big5", "big5hkscs", "gbk", "gb18030")),
    "a traditional title": ("臺灣柑橘栽培與管理\n", ("big5",)),
    "two traditional titles": ('TITLE "劉海砍樵"\nTITLE "打銅鑼"\n', ("big5",)),
    "Japanese": ("さくらさくら、弥生の空は見渡す限り。\n荒城の月\n", ("shift_jis", "cp932", "euc_jp")),
    "Korean": ("안녕하세요. 오늘은 귤을 기르는 방법을 이야기하겠습니다.\n", ("cp949", "euc_kr")),
    "Russian": ("Подмосковные вечера и другие песни\n", ("cp1251", "koi8-r")),
    "Greek": ("Καλημέρα σας, σήμερα θα μιλήσουμε για τα πορτοκάλια\n", ("cp1253",)),
    "French": ("L’été à la campagne française, où êtes-vous ? Déjà vu.\n", ("cp1252",)),
    "German": ("Anleitung für die Ärzte in Köln, größere Übersicht\n", ("cp1252", "latin-1")),
    "a name": ("Dvořák", ("utf-8",)),
}
_CASES = [(name, encoding) for name, (_, encodings) in _TEXTS.items() for encoding in encodings]
_UNMARKED = ["utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize(("name", "encoding"), _CASES)
def test_a_text_is_read_in_its_encoding(name: str, encoding: str) -> None:
    decoded = decode_text(_TEXTS[name][0].encode(encoding))
    assert decoded is not None
    assert (decoded.text, decoded.damaged) == (_TEXTS[name][0], 0)


@pytest.mark.parametrize("encoding", _UNMARKED)
@pytest.mark.parametrize(
    "text", ["书名,作者\n柑橘栽培,甲三\n", "1\n00:00:01,000 --> 00:00:02,000\n今天讲柑橘\n", "plain text\n" * 9]
)
def test_unicode_without_a_byte_order_mark(encoding: str, text: str) -> None:
    decoded = decode_text(text.encode(encoding))
    assert decoded is not None
    assert decoded.text == text


@pytest.mark.parametrize("data", [b"ASCII with a \0 zero" * 9, "柑橘\0栽培".encode() * 5, b"ab\0cd\0" * 9])
def test_zeros_in_a_text_of_bytes_make_no_utf_16(data: bytes) -> None:
    decoded = decode_text(data)
    assert decoded is not None
    assert decoded.text == data.decode().rstrip("\0")


@pytest.mark.parametrize("name", ["镕.txt", "朱镕基", "A面 01", "囧途", "résumé"])
def test_a_name_of_a_few_characters(name: str) -> None:
    encoding = "cp1252" if name.startswith("r") else "gbk"
    decoded = decode_text(name.encode(encoding))
    assert decoded is not None
    assert decoded.text == name


@pytest.mark.parametrize("latin", ["latin-1", "cp1252"])
@pytest.mark.parametrize("text", ["劉海砍樵", "臺灣柑橘栽培與管理", "鄧麗君", "第1集 打銅鑼補鍋"])
def test_traditional_chinese_that_was_read_as_latin_is_repaired(text: str, latin: str) -> None:
    data = text.encode("big5")
    try:
        garbled = data.decode(latin)
    except UnicodeDecodeError:
        garbled = data.decode("latin-1")
    assert repair_text(garbled) == text


def test_a_value_that_was_cut_within_its_last_character_keeps_the_others() -> None:
    cut = "湖南花鼓戏刘海砍樵选段胡大姐你是".encode("gbk")[:29]
    assert repair_text(cut.decode("latin-1")) == "湖南花鼓戏刘海砍樵选段胡大姐"


def test_bytes_that_are_mostly_zeros_are_no_text() -> None:
    assert decode_text(b"\x80\x00\x00\x81" * 20) is None


@pytest.mark.parametrize("encoding", ["gbk", "big5", "cp932", "cp1251", "cp1252"])
def test_a_long_text_that_begins_in_ascii_is_read_in_its_encoding(encoding: str) -> None:
    line = {
        "gbk": "花鼓戏是湖南的地方戏",
        "big5": "花鼓戲是湖南的地方戲",
        "cp932": "さくらさくら、弥生の空は見渡す限り",
        "cp1251": "Подмосковные вечера и другие песни",
        "cp1252": "L’été à la campagne française",
    }[encoding]
    text = "An introduction in English.\n" * 5000 + f"{line}\n" * 5000 + "The end.\n" * 5000
    decoded = decode_text(text.encode(encoding))
    assert decoded is not None
    assert decoded.text == text
