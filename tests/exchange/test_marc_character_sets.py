"""Character sets and scripts of MARC records: MARC-8, ISO 5426, GBK that calls itself UTF-8, fields 880."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymarc import Field, Record

from library_server.exchange.bibliographic import Bibliographic
from library_server.exchange.marc.marc_files import MarcReadResult, describe, read_file
from tests.factories.marc_records import field

LEADER = "00000nam{}a2200000 i 4500"


def written(fields: list[tuple[bytes, bytes]], leader: str) -> bytes:
    """One record in ISO 2709 of fields that are bytes already."""
    directory, body = b"", b""
    for tag, data in fields:
        directory += tag + b"%04d%05d" % (len(data) + 1, len(body))
        body += data + b"\x1e"
    base = 24 + len(directory) + 1
    head = b"%05d" % (base + len(body) + 1) + leader[5:12].encode() + b"%05d" % base + leader[17:].encode()
    return head + directory + b"\x1e" + body + b"\x1d"


def read(tmp_path: Path, data: bytes) -> MarcReadResult:
    path = tmp_path / "r.mrc"
    path.write_bytes(data)
    [result] = read_file(path)
    return result


def describe_record(tmp_path: Path, data: bytes) -> Bibliographic:
    result = read(tmp_path, data)
    assert result.record is not None, result.error
    return describe(result.record)


@pytest.mark.parametrize("coding", [" ", "a"])
@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b"f\xe8ur die \xe8offentlich angestellten Aerzte", "für die öffentlich angestellten Aerzte"),
        (b"Biblioth\xe1eque fran\xf0caise", "Bibliothèque française"),
        (b"\xa2re og \xb2re", "Øre og øre"),
        (b"plain ASCII", "plain ASCII"),
        (b"\x1b$1!0\x5f!0\x60\x1b(B end", "亨享 end"),
        ("稻田记".encode("gbk"), "稻田记"),
        ("稻田记".encode(), "稻田记"),
        ("朱镕基与稻田".encode("gbk"), "朱镕基与稻田"),
        ("臺灣柑橘栽培與管理".encode("big5"), "臺灣柑橘栽培與管理"),
        ("L’été à la campagne".encode("cp1252"), "L’été à la campagne"),
        ("Über größere Gärten".encode("cp1252"), "Über größere Gärten"),
        ("Caf\u00e9 稻田".encode(), "Caf\u00e9 稻田"),
    ],
)  # fmt: skip
def test_titles_of_marc21(coding: str, data: bytes, title: str, tmp_path: Path) -> None:
    record = written([(b"001", b"m1"), (b"245", b"10\x1fa" + data)], LEADER.format(coding))
    assert describe_record(tmp_path, record).title == title


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b"f\xc8ur die \xc9offentlich", "für die öffentlich"),
        (b"Biblioth\xc1eque fran\xd0caise", "Bibliothèque française"),
        (b"\xe1re \xe8ad\xc2z", "Ære Ładź"),
        ("稻田记".encode("gbk"), "稻田记"),
        ("臺灣柑橘栽培與管理".encode("big5"), "臺灣柑橘栽培與管理"),
        ("Été à la campagne française".encode("cp1252"), "Été à la campagne française"),
    ],
)
def test_titles_of_unimarc(data: bytes, title: str, tmp_path: Path) -> None:
    record = written([(b"001", b"u1"), (b"200", b"1 \x1fa" + data)], LEADER.format("0"))
    assert describe_record(tmp_path, record).title == title


@pytest.mark.parametrize("tag", [b"245", b"200"])
def test_bytes_of_no_set_are_refused_by_name(tag: bytes, tmp_path: Path) -> None:
    record = written([(b"001", b"m1"), (tag, b"10\x1fabad \xff\xff byte")], LEADER.format(" "))
    result = read(tmp_path, record)
    assert result.record is None
    assert result.error is not None
    assert result.error.code == "bad_text"
    assert tag.decode() in str(result.error)


def linked() -> Record:
    record = Record(leader=LEADER.format("a"))
    record.add_field(
        Field(tag="001", data="u1"),
        field("100", "1 ", "6880-01", "aLu, Xun,", "d1881-1936."),
        field("245", "10", "6880-02", "aYe cao /", "cLu Xun zhu."),
        field("264", " 1", "6880-03", "aBeijing :", "bRen min wen xue chu ban she,", "c1999."),
        field("880", "1 ", "6100-01/$1", "a鲁迅,", "d1881-1936."),
        field("880", "10", "6245-02/$1", "a野草 /", "c鲁迅著."),
        field("880", " 1", "6264-03/$1", "a北京 :", "b人民文学出版社,", "c1999."),
        field("880", "  ", "6500-00/$1", "a没有对应的附注"),
    )
    return record


def test_the_original_script_is_the_description_and_the_transcription_finds_it() -> None:
    book = describe(linked())
    assert (book.title, book.place, book.publisher) == ("野草", "北京", "人民文学出版社")
    assert [agent.name for agent in book.agents] == ["鲁迅"]
    assert book.variant_titles == ["Ye cao"]
    assert book.notes == ["没有对应的附注", "转写：Lu, Xun"]


def test_a_record_without_linked_fields_is_as_it_was() -> None:
    record = linked()
    record.remove_fields("880")
    book = describe(record)
    assert (book.title, book.variant_titles, book.notes) == ("Ye cao", [], [])


@pytest.mark.parametrize(
    ("tag", "corporate", "role"),
    [
        ("700", False, "author"),
        ("701", False, "author"),
        ("702", False, "contributor"),
        ("710", True, "author"),
        ("711", True, "author"),
        ("712", True, "contributor"),
        ("720", False, "author"),
        ("722", False, "contributor"),
    ],
)
def test_main_entries_of_unimarc(tag: str, corporate: bool, role: str) -> None:
    record = Record(leader=LEADER.format(" "))
    record.add_field(Field(tag="001", data="c1"), field("200", "1 ", "a题"), field(tag, " 0", "a周七"))
    [agent] = describe(record).agents
    assert (agent.name, agent.corporate, str(agent.role)) == ("周七", corporate, role)


@pytest.mark.parametrize(
    ("written", "coded", "date"),
    [
        ("[1998?]", "    ", "1998?"),
        ("[1998]", "    ", "1998"),
        ("[出版年不详]", "1998", "1998"),
        ("[出版年不详]", "uuuu", "出版年不详"),
        ("", "1998", "1998"),
        ("民国23[1934]", "1934", "民国23[1934]"),
    ],
)
def test_dates_of_marc21(written: str, coded: str, date: str) -> None:
    record = Record(leader=LEADER.format("a"))
    fixed = Field(tag="008", data=f"990101s{coded}".ljust(40))
    record.add_field(Field(tag="001", data="m1"), fixed, field("245", "10", "a题"))
    if written:
        record.add_field(field("260", "  ", f"c{written}"))
    assert describe(record).date == date


def test_fields_on_lines_of_their_own_are_read(tmp_path: Path) -> None:
    record = written([(b"001", b"m1"), (b"245", "10\x1fa稻田记".encode())], LEADER.format("a"))
    assert describe_record(tmp_path, record.replace(b"\x1e", b"\x1e\r\n")).title == "稻田记"


def unimarc(language: str, title: bytes, place: bytes, abstract: bytes = b"") -> bytes:
    """A record of UNIMARC with the language of its text."""
    fields = [(b"101", b"0 \x1fa" + language.encode()), (b"200", b"1 \x1fa" + title), (b"210", b"  \x1fa" + place)]
    return written([*fields, *([(b"330", b"  \x1fa" + abstract)] if abstract else [])], LEADER.format(" "))


@pytest.mark.parametrize(
    ("language", "encoding", "title", "place"),
    [
        ("kor", "cp949", "강가의 뱃노래 모음", "서울"),
        ("jpn", "cp932", "川のほとりにて", "東京"),
        ("jpn", "gbk", "川のほとりにて", "東京"),
        ("jpn", "gbk", "江边的船歌与人家", "东京"),
        ("kor", "gbk", "江边的船歌与人家", "汉城"),
        ("jpn", "utf-8", "川のほとりにて", "東京"),
    ],
)
def test_the_language_of_a_record_tells_its_encoding(
    tmp_path: Path, language: str, encoding: str, title: str, place: str
) -> None:
    described = describe_record(tmp_path, unimarc(language, title.encode(encoding), place.encode(encoding)))
    assert (described.title, described.place) == (title, place)


def test_fields_of_one_record_may_be_in_different_encodings(tmp_path: Path) -> None:
    data = unimarc("chi", "江边船歌".encode("gbk"), "长沙".encode(), "这是后来补的提要。".encode())
    described = describe_record(tmp_path, data)
    assert (described.title, described.place, described.abstract) == ("江边船歌", "长沙", "这是后来补的提要。")


def test_text_that_was_encoded_twice_is_read(tmp_path: Path) -> None:
    title, place = ("江边船歌", "长沙")
    twice = (text.encode().decode("latin-1").encode() for text in (title, place))
    described = describe_record(tmp_path, unimarc("chi", *twice))
    assert (described.title, described.place) == (title, place)


def test_accents_are_not_taken_for_text_that_was_encoded_twice(tmp_path: Path) -> None:
    described = describe_record(tmp_path, unimarc("por", "Canções à beira-rio".encode(), "São Paulo".encode()))
    assert (described.title, described.place) == ("Canções à beira-rio", "São Paulo")
