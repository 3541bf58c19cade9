"""Segments written token by token hold what Whoosh's own writer would write, merged and with documents deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.writing import NO_MERGE

from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands
from library_server.library import Library
from library_server.search.records import indexer as indexing
from library_server.search.records.columns import columns_path
from library_server.search.records.documents import SCHEMA
from library_server.search.records.index_writer import open_writer
from library_server.search.records.segment_merging import ALWAYS_MERGED, FACTOR, TOO_MANY, merge_alike, merge_all
from library_server.search.records.snapshots import RecordIndex, current_folder, open_whoosh

INDEXED = ("title", "creator", "subject", "every", "number", "typed")
tokens = st.lists(st.sampled_from(["柑", "橘", "柑橘", "a", "b1", "978", "é", "𠀀"]), max_size=8)
documents = st.lists(st.fixed_dictionaries({name: tokens for name in INDEXED}), min_size=1, max_size=30)
Index = Any


def values_of(number: int, fields: dict[str, list[str]]) -> dict[str, Any]:
    return {"id": f"{number:016d}", **{name: " ".join(words) for name, words in fields.items()}, "values": (number,)}


def new_index() -> Index:
    storage: Any = RamStorage
    return storage().create_index(SCHEMA)


def contents(index: Index) -> dict[Any, Any]:
    """The documents of each token by their ids, what Whoosh knows of the token, and the stored values."""
    with index.reader() as reader:
        stored = {number: fields["values"] for number, fields in reader.iter_docs()}
        postings = {}
        for name, token in reader.all_terms():
            matcher = reader.postings(name, token)
            pairs = [(stored[number], matcher_weight) for number, matcher_weight in read_postings(matcher)]
            if pairs:
                postings[name, token] = sorted(pairs)
        return {"postings": postings, "stored": sorted(stored.values())}


def read_postings(matcher: Any) -> list[tuple[int, tuple[float, Any]]]:
    postings = []
    while matcher.is_active():
        postings.append((matcher.id(), (matcher.weight(), matcher.value() or None)))
        matcher.next()
    return postings


@given(documents, st.integers(1, 7), st.sets(st.integers(0, 29)))
def test_segments_equal_those_that_whoosh_writes(
    drawn: list[dict[str, list[str]]], size: int, deleted: set[int]
) -> None:
    ours, theirs = new_index(), new_index()
    codec: Any = W3Codec
    for start in range(0, len(drawn), size):
        numbered = list(enumerate(drawn))[start : start + size]
        with open_writer(ours) as writer:
            for number, fields in numbered:
                writer.add_document(**values_of(number, fields))
            writer.commit(mergetype=NO_MERGE)
        writer = theirs.writer(compound=False, codec=codec())
        for number, fields in numbered:
            writer.add_document(
                **values_of(number, {name: list(dict.fromkeys(terms)) for name, terms in fields.items()})
            )
        writer.commit(mergetype=NO_MERGE)
    assert contents(ours) == contents(theirs)
    for index in (ours, theirs):
        with open_writer(index) as writer:  # it also merges segments that Whoosh has written
            for number in deleted & set(range(len(drawn))):
                writer.delete_document(number)
            writer.add_document(**values_of(100, {name: ["柑"] for name in INDEXED}))
            writer.commit(mergetype=merge_all)
    assert contents(ours) == contents(theirs)
    with ours.reader() as reader:
        assert len(list(reader.leaf_readers())) == 1
        assert reader.doc_count() == len(set(range(len(drawn))) - deleted) + 1


def test_long_posting_lists_are_written_in_blocks() -> None:
    index, count = new_index(), 10_000
    with open_writer(index) as writer:
        for number in range(count):
            even = {"title": ["双"]} if number % 2 == 0 else {}
            writer.add_document(**values_of(number, {name: ["柑"] for name in INDEXED} | even))
        writer.commit()
    with index.reader() as reader:
        assert list(reader.postings("creator", "柑").all_ids()) == list(range(count))
        assert list(reader.postings("title", "双").all_ids()) == list(range(0, count, 2))
        info = reader.term_info("title", "双")
        assert (info.doc_frequency(), info.min_id(), info.max_id()) == (count // 2, 0, count - 2)


def test_long_posting_lists_are_merged_without_deleted_documents() -> None:
    index, count = new_index(), 6_000
    for start in (0, count):
        with open_writer(index) as writer:
            for number in range(start, start + count):
                writer.add_document(**values_of(number, {name: ["柑"] for name in INDEXED}))
            writer.commit(mergetype=NO_MERGE)
    deleted = {0, 4095, 4096, count, 2 * count - 1}
    with open_writer(index) as writer:
        for number in deleted:
            writer.delete_document(number)
        writer.commit(mergetype=merge_all)
    with index.reader() as reader:
        stored = [fields["values"][0] for _, fields in reader.iter_docs()]
        assert stored == [number for number in range(2 * count) if number not in deleted]
        assert list(reader.postings("title", "柑").all_ids()) == list(range(2 * count - len(deleted)))
        assert not any(f"{number:016d}" in {token.decode() for token in reader.lexicon("id")} for number in deleted)


def test_a_document_that_is_no_text_leaves_the_segment_as_it_was() -> None:
    index = new_index()
    with open_writer(index) as writer:
        with pytest.raises(UnicodeEncodeError):
            writer.add_document(**values_of(1, {name: ["\ud800"] for name in INDEXED}))
        writer.add_document(**values_of(2, {name: ["柑"] for name in INDEXED}))
        writer.commit()
    assert contents(index)["stored"] == [(2,)]


class Segment:
    def __init__(self, count: int) -> None:
        self._count = count

    def doc_count(self) -> int:
        return self._count


class Writer:
    def __init__(self, count: int) -> None:
        self._count = count

    def doc_count(self) -> int:
        return self._count


@pytest.mark.parametrize(
    ("sizes", "added", "expected"),
    [
        ([1] * (FACTOR - 1), 1, [1] * (FACTOR - 1)),
        ([1] * FACTOR, 1, []),
        ([1] * FACTOR + [100], 1, [100]),
        ([ALWAYS_MERGED] * FACTOR, 1, [ALWAYS_MERGED] * FACTOR),  # a change by hand does not wait for large merges
        ([ALWAYS_MERGED] * TOO_MANY, 1, []),
        ([10_000] * FACTOR, 10_000, []),
        ([10_000] * FACTOR, 6_000, []),
        ([80_000] * FACTOR, 10_000, [80_000] * FACTOR),
        ([0, 0, 5], 1, [5]),
    ],
)
def test_which_segments_are_merged(
    sizes: list[int], added: int, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    merged: list[Segment] = []
    monkeypatch.setattr("library_server.search.records.segment_merging.merge", lambda _, some: merged.extend(some))
    segments = [Segment(size) for size in sizes]
    assert [segment.doc_count() for segment in merge_alike(Writer(added), segments)] == expected
    assert sorted(segment.doc_count() for segment in merged) == sorted(
        size for size in sizes if size not in {0, *expected}
    )


def add(library: Library, count: int) -> list[str]:
    with library.database.writing() as session:
        return [commands.add_record(session, RecordDraft(kind=Kind.BOOK, title=f"柑橘{n}")) for n in range(count)]


def test_a_crash_before_the_columns_are_written_indexes_nothing_twice(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(library, 5)
    library.indexer.catch_up()
    ids = add(library, 5)

    def crash(*_: object) -> None:
        raise OSError("cut")

    with monkeypatch.context() as patch:
        patch.setattr(indexing, "publish_generation", crash)
        with pytest.raises(OSError, match="cut"):
            library.indexer.catch_up()
    with library.database.writing() as session:
        commands.enqueue_reindex(session, ids[0])
    assert library.indexer.catch_up() == 5
    folder = current_folder(library.settings.index_folder)
    assert open_whoosh(folder).doc_count() == 10
    assert library.indexer.verify().agrees


def test_a_backlog_of_several_segments_is_indexed_as_a_rebuild_would(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "BATCH", 3)
    monkeypatch.setattr(indexing, "SEGMENT", 6)
    library.indexer.rebuild()
    ids = add(library, 20)
    with library.database.writing() as session:
        commands.withdraw(session, ids[3], "")
    assert library.indexer.catch_up() >= 20
    with library.database.writing() as session:
        for record_id in ids[5:15]:
            commands.enqueue_reindex(session, record_id)
    assert library.indexer.catch_up() == 10
    incremental = indexed_ids(library)
    assert library.indexer.rebuild() == 19
    assert indexed_ids(library) == incremental == set(ids) - {ids[3]}
    folder: Path = current_folder(library.settings.index_folder)
    with open_whoosh(folder).reader() as reader:
        segments = [leaf.segment().segment_id() for leaf, _ in reader.leaf_readers()]
    assert len(segments) == 1
    assert columns_path(folder, segments[0]).exists()


def indexed_ids(library: Library) -> set[str]:
    snapshot = RecordIndex(library.settings.index_folder).get_snapshot()
    ids = snapshot.read_column("id")[snapshot.live]
    assert len(np.unique(ids)) == len(ids)
    return {name.decode() for name in ids}
