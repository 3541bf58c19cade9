"""The names that columns refer to: written once for each generation that has new ones, and before the columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands
from library_server.library import Library
from library_server.search.records import columns
from library_server.search.records.columns import NameDictionary
from library_server.search.records.snapshots import current_folder


def add(library: Library, creator: str) -> str:
    with library.database.writing() as session:
        draft = RecordDraft(kind=Kind.BOOK, title=f"{creator}文集", creators=(CreatorName(creator, "author"),))
        return commands.add_record(session, draft)


def creators_by_record(library: Library) -> dict[str, str]:
    """The first creator of each record, as the columns and the names of the index have it."""
    snapshot = library.index.get_snapshot()
    ids, numbers = snapshot.read_column("id"), snapshot.read_column("creator")[:, 0]
    return {
        record_id.decode(): snapshot.names.lists["creator"][number]
        for record_id, number in zip(ids, numbers, strict=True)
    }


def test_names_are_written_only_where_there_are_new_ones(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    add(library, "陈守田")
    library.indexer.catch_up()
    written: list[Path] = []
    unpatched = columns.write_atomic

    def note(path: Path, data: bytes) -> None:
        written.append(path)
        unpatched(path, data)

    monkeypatch.setattr(columns, "write_atomic", note)
    names = current_folder(library.settings.index_folder) / "names.json"
    add(library, "陈守田")
    library.indexer.catch_up()
    assert written.count(names) == 0
    add(library, "李月娥")
    library.indexer.catch_up()
    assert written.count(names) == 1
    assert sorted(creators_by_record(library).values()) == ["李月娥", "陈守田", "陈守田"]


def test_columns_name_no_number_that_another_name_gets_later(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    first = add(library, "陈守田")
    library.indexer.catch_up()
    second = add(library, "李月娥")
    with monkeypatch.context() as patches:
        patches.setattr(NameDictionary, "write", _fail)
        with pytest.raises(OSError, match="full"):
            library.indexer.catch_up()
    third = add(library, "周望水")
    library.indexer.catch_up()
    assert creators_by_record(library) == {first: "陈守田", second: "李月娥", third: "周望水"}
    assert library.indexer.verify().agrees


def _fail(*_: object) -> None:
    raise OSError("the disk is full")
