"""Writes an index of records: documents through Whoosh's writer, their columns, and the generation that readers see."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.filedb.filestore import RamStorage

from library_server.search.records.checksums import write_checksums
from library_server.search.records.columns import (
    ROW,
    NameDictionary,
    columns_path,
    prefix_number,
    read_columns,
    write_atomic,
    write_columns,
)
from library_server.search.records.document_loading import Document, describe_failure
from library_server.search.records.documents import SCHEMA
from library_server.search.records.segment_writer import RecordSegmentWriter
from library_server.search.records.snapshots import columns_of_segment, leaf_readers, open_whoosh


class DocumentsRejected(Exception):
    """Documents that the index writer cannot take: record id to reason. Nothing of them was committed."""

    def __init__(self, failures: dict[str, str]) -> None:
        super().__init__(f"{len(failures)} documents")
        self.failures = failures


@contextmanager
def open_writer(index: Any) -> Iterator[Any]:
    """Open an index writer, cancelled where an exception leaves it."""
    opened: Any = RecordSegmentWriter
    writer = opened(index)
    try:
        yield writer
    except BaseException:
        if not writer.is_closed:
            writer.cancel()
        raise


def delete_documents(writer: Any, folder: Path, ids: Sequence[str]) -> None:
    """Delete all that an index has of these records, found in its columns: a look-up of each would cost more than
    indexing it anew.
    """
    heads = np.array([prefix_number(record_id) for record_id in ids], np.uint64)
    names = np.array([record_id.encode() for record_id in ids], ROW["id"])
    first = 0
    for segment in writer.segments:
        columns = read_columns(folder, segment.segment_id())
        near = np.flatnonzero(np.isin(columns["newest"], heads))
        for number in near[np.isin(columns["id"][near], names)]:
            writer.delete_document(first + int(number))
        first += segment.doc_count_all()


def add_documents(writer: Any, documents: Sequence[Document]) -> None:
    """Add documents to an index writer."""
    for values in documents:
        writer.add_document(**values)


def add_or_reject(writer: Any, documents: Sequence[Document]) -> None:
    """Add documents. Raises `DocumentsRejected` where some of them cannot be added to any index."""
    try:
        add_documents(writer, documents)
    except OSError:
        raise
    except Exception as error:
        failures = {values["id"]: reason for values in documents if (reason := _rejection_of(values))}
        if not failures:
            raise
        raise DocumentsRejected(failures) from error


def _rejection_of(values: Document) -> str | None:
    """Return why one document cannot be added, tried on an index in memory; None where it can."""
    storage: Any = RamStorage
    try:
        with open_writer(storage().create_index(SCHEMA)) as writer:
            add_documents(writer, [values])
    except OSError:
        raise
    except Exception as error:  # the types that an index writer raises are those of every field's code
        return describe_failure(values["id"], error)
    return None


def write_missing_columns(folder: Path, names: NameDictionary) -> set[str]:
    """Write the columns of new segments; returns the ids of all segments.

    The names are written first: columns that are kept name no number which another name could get.
    """
    segments = set()
    with closing(open_whoosh(folder).reader()) as reader:
        for leaf, _ in leaf_readers(reader):
            segment_id = leaf.segment().segment_id()
            segments.add(segment_id)
            if not columns_path(folder, segment_id).exists():
                columns = columns_of_segment(leaf, names)
                names.write(folder)
                write_columns(folder, segment_id, columns)
    return segments


def publish_generation(folder: Path, names: NameDictionary) -> None:
    """Write the columns of new segments, drop those of merged ones, and only then tell the readers."""
    segments = write_missing_columns(folder, names)
    write_checksums(folder)
    write_atomic(folder / "generation", secrets.token_hex(8).encode())
    for path in folder.glob("*.columns"):
        if path.name.split(".")[0] not in segments:
            path.unlink(missing_ok=True)
