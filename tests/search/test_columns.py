"""The columns of a segment hold the values of its documents, and a damaged file of columns is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from library_server.search.records import columns
from library_server.search.records.columns import NameDictionary

ROW_VALUES: dict[str, Any] = {
    "id": "0123456789abcdef", "kind": "book", "date": 19850701, "class": "I", "language": "zh",
    "creators": ("周望水",), "collections": (), "title_key": "du kou", "title_length": 2,
}  # fmt: skip


def values_of(**changed: Any) -> tuple[Any, ...]:
    return tuple((ROW_VALUES | changed).values())


def make_row(**changed: Any) -> dict[str, Any]:
    """Return the columns of one document as plain values."""
    made = columns.make_columns([values_of(**changed)], NameDictionary())
    return {name: column.tolist()[0] for name, column in made.items()}


def test_a_document_is_one_row_of_numbers() -> None:
    assert make_row() == {
        "id": b"0123456789abcdef",
        "newest": int.from_bytes(b"01234567", "big"),
        "kind": columns.KINDS.index("book"),
        "year": 1985,
        "date": 19850701,
        "class": b"I",
        "language": 1,
        "creator": [1, 0, 0, 0],
        "collection": [0, 0, 0, 0],
        "title_key": b"du kou",
        "title_head": int.from_bytes(b"du kou\0\0", "big"),
        "title_length": 2,
    }


def test_what_a_document_does_not_state_is_zero() -> None:
    row = make_row(date=0, language="", creators=(), **{"class": ""})
    empty = {name: row[name] for name in ("date", "year", "language", "creator", "class")}
    assert empty == {"date": 0, "year": 0, "language": 0, "creator": [0, 0, 0, 0], "class": b""}


def test_four_creators_and_four_collections_are_kept() -> None:
    row = make_row(creators=("甲", "乙", "丙", "丁", "戊"), collections=("a", "b", "c", "d", "e"))
    assert (row["creator"], row["collection"]) == ([1, 2, 3, 4], [1, 2, 3, 4])


@pytest.mark.parametrize(
    ("date", "kept", "year"),
    [
        (99991231, 99991231, 9999),
        (99991232, 0, 0),
        (-99989899, -99989899, -9999),
        (-99991232, 0, 0),
        (10101, 10101, 1),
    ],
)
def test_a_date_that_no_column_holds_is_none(date: int, kept: int, year: int) -> None:
    row = make_row(date=date)
    assert (row["date"], row["year"]) == (kept, year)


def test_a_title_counts_at_most_255_words() -> None:
    assert [make_row(title_length=length)["title_length"] for length in (255, 256, 10_000)] == [255, 255, 255]


def test_numbers_of_texts_are_in_the_order_of_their_first_eight_characters() -> None:
    texts = ["", "a", "ab", "abcdefgh", "abcdefgz", "b"]
    numbers = [columns.prefix_number(text) for text in texts]
    assert numbers == sorted(set(numbers))
    assert columns.prefix_number("abcdefghx") == columns.prefix_number("abcdefgha")


def test_documents_stay_in_order_however_many_are_encoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_AT_ONCE", 2)
    made = columns.make_columns((values_of(title_length=number) for number in range(5)), NameDictionary())
    assert made["title_length"].tolist() == [0, 1, 2, 3, 4]
    assert {len(column) for column in made.values()} == {5}
    assert [len(column) for column in columns.make_columns([], NameDictionary()).values()] == [0] * len(made)


def test_names_have_numbers_in_each_field_of_its_own(tmp_path: Path) -> None:
    names = NameDictionary()
    numbers = [names.get_number("creator", name) for name in ("周望水", "李月娥", "周望水")]
    assert (numbers, names.get_number("collection", "李月娥")) == ([1, 2, 1], 1)
    assert (names.find("creator", "李月娥"), names.find("creator", "陈守田"), names.find("language", "zh")) == (
        2,
        -1,
        -1,
    )
    names.write(tmp_path)
    kept = NameDictionary.read(tmp_path)
    assert kept.lists == {"language": [""], "creator": ["", "周望水", "李月娥"], "collection": ["", "李月娥"]}
    assert kept.get_number("creator", "陈守田") == 3


def test_names_are_written_once_until_there_is_a_new_one(tmp_path: Path) -> None:
    names, path = NameDictionary(), tmp_path / "names.json"
    for name, is_written in (("周望水", True), ("周望水", False), ("李月娥", True)):
        names.get_number("creator", name)
        names.write(tmp_path)
        assert path.exists() is is_written
        path.unlink(missing_ok=True)


def test_a_small_file_stays_as_it_was_where_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "names.json"
    columns.write_atomic(path, b"old")

    def fail(*_: object) -> None:
        raise OSError("cut")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="cut"):
        columns.write_atomic(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_folder_without_names_has_none(tmp_path: Path) -> None:
    assert NameDictionary.read(tmp_path).lists == {"language": [""], "creator": [""], "collection": [""]}
    NameDictionary().write(tmp_path)
    assert list(tmp_path.iterdir()) == [], "nothing new, nothing written"


@pytest.mark.parametrize("count", [0, 1, 3, 16, 17])
def test_columns_are_read_as_they_were_written(tmp_path: Path, count: int) -> None:
    documents = [values_of(id=f"{number:016d}", creators=(f"人{number}",)) for number in range(count)]
    made = columns.make_columns(documents, NameDictionary())
    columns.write_columns(tmp_path, "s", made)
    read = columns.read_columns(tmp_path, "s")
    assert list(read) == list(made)
    for name, column in made.items():
        assert read[name].dtype == column.dtype
        assert np.array_equal(read[name], column), name
    assert [path.name for path in tmp_path.iterdir()] == ["s.columns"]


def test_every_column_begins_at_a_multiple_of_sixteen_bytes(tmp_path: Path) -> None:
    columns.write_columns(tmp_path, "s", columns.make_columns([values_of()] * 3, NameDictionary()))
    data = (tmp_path / "s.columns").read_bytes()
    assert len(data) % 16 == 0
    assert data[:16] == b"TYCOLS2\n" + (3).to_bytes(8, "little")
    assert data[16:64] == b"0123456789abcdef" * 3
    assert data[64:96] == b"76543210" * 3 + bytes(8), "the column of ids is 48 bytes long, the next 24 and padded"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: b"TYCOLS1\n" + data[8:], "another release"),
        (lambda data: data[:-1], "cut short|size|reshape|buffer"),
        (lambda data: data + bytes(16), "cut short"),
        (lambda data: data[:16], "cut short|size|reshape|buffer"),
    ],
)
def test_a_damaged_file_of_columns_is_refused(tmp_path: Path, damage: Any, reason: str) -> None:
    columns.write_columns(tmp_path, "s", columns.make_columns([values_of()] * 3, NameDictionary()))
    path = tmp_path / "s.columns"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=reason):
        columns.read_columns(tmp_path, "s")


@pytest.mark.parametrize(
    "changed",
    [{"kind": "nothing"}, {"title_key": "书\ud800"}, {"title_length": -1}, {"class": "文\ud800"}],
)
def test_values_that_no_column_holds_are_noticed_before_they_are_written(changed: dict[str, Any]) -> None:
    columns.check_values(values_of())
    with pytest.raises((ValueError, OverflowError)):
        columns.check_values(values_of(**changed))
