"""The fields of a record by name: how a change sets them, how they are shown in one line, and when titles are alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from library_server.catalogue.dto import STATEMENTS, CreatorName, RecordDraft
from library_server.catalogue.enums import Access, Kind, Status
from library_server.catalogue.records import commands, fields
from library_server.library import Library

DRAFT = RecordDraft(
    Kind.BOOK, "渡口", creators=(CreatorName("周望水", "author"), CreatorName("李月娥", "editor")),
    subjects=("船", "河"), isbn="7-5327-0018-6", date="1985", clc="I276", language="zh",
    local_id="盘/渡口.txt",
)  # fmt: skip


def change(library: Library, name: str, value: Any) -> Any:
    """Set a field of the record of `DRAFT`, and return its value as the database has it."""
    with library.database.writing() as session:
        record_id = commands.add_record(session, DRAFT)
        session.flush()
        fields.set_field(commands.get_record(session, record_id), name, value)
    with library.database.reading() as session:
        return fields.get_field(commands.get_record(session, record_id), name)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("title", " 栗雨 渡口 ", "栗雨 渡口"),
        ("title", "", "无题"),
        ("title", None, "无题"),
        ("creators", [["陈守田", "author"]], [["陈守田", "author"]]),
        ("creators", [["甲", "author"], ["乙", "editor"], ["丙", "author"]],
         [["甲", "author"], ["乙", "editor"], ["丙", "author"]]),
        ("creators", None, []),
        ("subjects", ["桥"], ["桥"]),
        ("subjects", ["桥", "船", "河"], ["桥", "船", "河"]),
        ("subjects", None, []),
        ("isbn", ["978-0-306-40615-7"], ["9780306406157"]),
        ("isbn", ["7-5327-0018-6", "978-0-306-40615-7"], ["9780306406157", "9787532700189"]),
        ("isbn", ["978-0-306-40615-8"], []),
        ("isbn", None, []),
        ("other_titles", None, []),
        ("date", "1987年5月", "1987年5月"),
        ("date", None, None),
        ("clc", None, None),
        ("access", None, Access.PUBLIC),
        ("downloadable", False, False),
        ("part_number", 3, 3),
        ("publisher", "", None),
        (STATEMENTS, {"notes": ["附图"]}, {"notes": ["附图"]}),
        ("status", "withdrawn", Status.WITHDRAWN),
        ("kind", "film", Kind.FILM),
    ],
)  # fmt: skip
def test_a_changed_field_has_exactly_the_new_value(library: Library, name: str, value: Any, expected: Any) -> None:
    assert change(library, name, value) == expected


def test_other_identifiers_are_no_isbn_and_stay_when_the_isbn_is_removed(library: Library) -> None:
    with library.database.writing() as session:
        record = commands.get_record(session, commands.add_record(session, DRAFT))
        assert fields.get_field(record, "isbn") == ["9787532700189"]
        fields.set_field(record, "isbn", [])
        assert [identifier.scheme for identifier in record.identifiers] == ["local"]


def test_a_date_is_cleared_with_the_days_it_stood_for(library: Library) -> None:
    with library.database.writing() as session:
        record = commands.get_record(session, commands.add_record(session, DRAFT))
        fields.set_field(record, "date", "1987-05")
        assert (record.date_edtf, record.date_earliest, record.date_latest) == ("1987-05", 19870501, 19870531)
        fields.set_field(record, "date", None)
        assert (record.date_edtf, record.date_earliest, record.date_latest) == (None, None, None)


def test_a_name_that_is_no_field_is_refused(library: Library) -> None:
    with library.database.writing() as session:
        record = commands.get_record(session, commands.add_record(session, DRAFT))
        with pytest.raises(KeyError, match="match_key"):
            fields.get_field(record, "match_key")
        with pytest.raises(KeyError, match="match_key"):
            fields.set_field(record, "match_key", "x")


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (None, ""),
        ("渡口", "渡口"),
        (1985, "1985"),
        (0, "0"),
        (["渡船", "河"], "渡船；河"),
        ([["周望水", "author"], ["李月娥", "editor"]], "周望水 author；李月娥 editor"),
        (("渡船", ("河", "桥")), "渡船；河 桥"),
        ({"edition": "第二版", "notes": "附图"}, "edition 第二版；notes 附图"),
    ],
)
def test_a_value_is_shown_in_one_line(value: Any, line: str) -> None:
    assert fields.format_value(value) == line


def test_a_draft_states_only_the_fields_it_has_a_value_for() -> None:
    assert fields.values_of_draft(RecordDraft(Kind.BOOK, "渡口")) == {"kind": "book", "title": "渡口"}
    restricted = RecordDraft(Kind.BOOK, "渡口", access=Access.PREMISES, isbn="7-5327-0018-6")
    assert fields.values_of_draft(restricted)["access"] == "premises"
    assert fields.values_of_draft(restricted)["isbn"] == ["7-5327-0018-6"]


BOOK = {"kind": "book", "title": "渡口", "creators": [["周望水", "author"]], "publisher": "三门书局", "date": "1985"}


@pytest.mark.parametrize(
    "values",
    [
        {"title": "《渡 口》"},
        {"title": "渡口（重印本）"},
        {"title": "渡口[电子资源]"},
        {"title": "渡口〔影印〕"},
        {"creators": [["周望水 著", "author"]]},
        {"creators": [["（清）周望水 等著", "author"]]},
        {"creators": [["周望水主编", "editor"], ["李月娥", "author"]]},
        {"publisher": "三门"},
        {"publisher": "三门书局有限公司"},
        {"publisher": "三门出版社有限责任公司"},
        {"date": "1985年5月"},
    ],
)
def test_one_book_described_in_other_words_has_the_same_key(values: dict[str, Any]) -> None:
    assert fields.match_key(BOOK | values) == fields.match_key(BOOK)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "film"},
        {"title": "渡口之二"},
        {"creators": [["李月娥", "author"]]},
        {"creators": []},
        {"publisher": "群丰书局"},
        {"date": "1986"},
        {"date": None},
    ],
)
def test_another_book_has_another_key(values: dict[str, Any]) -> None:
    assert fields.match_key(BOOK | values) != fields.match_key(BOOK)


@pytest.mark.parametrize(
    ("values", "is_compared"),
    [
        ({"creators": []}, True),
        ({"publisher": None}, True),
        ({"creators": [], "publisher": None}, False),
        ({"creators": [], "publisher": "出版社"}, False),
        ({"title": None}, False),
        ({"title": "……"}, False),
    ],
)
def test_a_title_needs_a_creator_or_a_publisher_to_be_compared(values: dict[str, Any], is_compared: bool) -> None:
    assert (fields.match_key(BOOK | values) is not None) is is_compared


def test_a_draft_has_the_key_of_the_record_made_of_it(library: Library) -> None:
    draft = replace(DRAFT, publisher="三门书局")
    with library.database.writing() as session:
        record = commands.get_record(session, commands.add_record(session, draft))
        assert fields.match_key(fields.values_of_record(record)) == record.match_key == fields.match_key_of(draft)
    assert fields.match_key_of(draft) == fields.match_key(BOOK)
    assert len(fields.match_key(BOOK) or "") == 32, "as many characters as the column has"


def test_a_compared_title_has_letters_and_digits_alone_and_fits_an_identifier() -> None:
    assert fields.bare_title("Ｗａｒ and Peace（第２版），编") == "warandpeace"
    assert fields.bare_title("题" * 300) == "题" * 255


def test_parts_of_a_work_have_titles_of_their_own_where_titles_are_compared() -> None:
    titles = ("平凡的世界", "平凡的世界（第一部）", "平凡的世界（第二部）", "平凡的世界（上）", "平凡的世界(2)")
    assert len({fields.bare_title(title) for title in titles}) == len(titles)
    assert fields.bare_title("平凡的世界（第二部）") == fields.bare_title("平凡的世界 第二部")
    for title in ("平凡的世界（全三册）", "平凡的世界（第二版）", "平凡的世界【修订本】"):
        assert fields.bare_title(title) == fields.bare_title("平凡的世界")
