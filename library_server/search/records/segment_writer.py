"""A writer of Whoosh segments for documents whose fields hold every token once, which is all that this index has.

Whoosh's own writer makes an object of every posting, sorts them and checks each. Here the document numbers of a token
are one array, in order as documents come, and segments are merged token by token as streams, in little memory. The
files are those of Whoosh's codec.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import STORED_COLUMN, W3Codec
from whoosh.writing import SegmentWriter

from library_server.search.records.segment_terms import (
    POSTINGS_BLOCK,
    FieldNumbers,
    Term,
    TermsWriter,
    join_ids,
    read_terms,
)


class _Codec(W3Codec):
    """Whoosh's codec with a writer of our own. The segments, which are pickled, keep that of Whoosh."""

    def __init__(self: Any, fields: FieldNumbers, schema: Any) -> None:
        parent: Any = super()
        parent.__init__(blocklimit=POSTINGS_BLOCK)
        self._fields, self._schema = fields, schema

    def new_segment(self: Any, storage: Any, indexname: str) -> Any:
        codec: Any = W3Codec
        return codec(blocklimit=POSTINGS_BLOCK).new_segment(storage, indexname)

    def field_writer(self: Any, storage: Any, segment: Any) -> Any:
        writer: Any = TermsWriter
        return writer(storage, segment, self._fields, self._schema)


class RecordSegmentWriter(SegmentWriter):
    """A `SegmentWriter` to which documents are added with fields of tokens divided by spaces."""

    def __init__(self: Any, index: Any) -> None:
        indexed = [name for name, field in index.schema.items() if field.indexed]
        self._fields = FieldNumbers(indexed)
        codec: Any = _Codec
        parent: Any = super()
        parent.__init__(index, compound=False, codec=codec(self._fields, index.schema))
        self._tokens: dict[str, dict[str, Any]] = {name: {} for name in indexed}
        self._merged: list[tuple[Any, npt.NDArray[np.int32]]] = []

    def add_document(self: Any, **fields: Any) -> None:
        """Add a document. Raises `UnicodeEncodeError` for text that is no UTF-8, before anything is kept of it."""
        number = self.docnum
        for value in fields.values():
            if isinstance(value, str):
                value.encode("utf-8")
        self._start_document(number, {"values": fields["values"]})
        for name, documents in self._tokens.items():
            for token in fields[name].split():
                known = documents.get(token)
                if known is None:
                    documents[token] = number  # most tokens of a segment stand in one document
                elif type(known) is int:
                    if known != number:
                        documents[token] = array("I", (known, number))
                elif known[-1] != number:
                    known.append(number)
        self._added = True

    def add_reader(self: Any, reader: Any) -> None:
        """Take over what another segment has, without its deleted documents; its postings are read at the commit."""
        numbers = np.full(reader.doc_count_all(), -1, np.int32)
        for old, stored in reader.iter_docs():
            numbers[old] = self.docnum
            self._start_document(self.docnum, stored)
        self._merged.append((reader, numbers))
        self._added = True

    def _start_document(self: Any, number: int, stored: dict[str, Any]) -> None:
        self.perdocwriter.start_doc(number)
        self.perdocwriter.add_column_value("_stored", STORED_COLUMN, stored)
        self.perdocwriter.finish_doc()
        self.docnum += 1

    def _flush_segment(self: Any) -> None:
        self.perdocwriter.close()
        write = self.fieldwriter.write_term
        if not self._merged:
            for key, _, ids in self._new_terms():
                write(key, ids)
        else:
            merged = [read_terms(reader, source, numbers, self._fields)
                      for source, (reader, numbers) in enumerate(self._merged, 1)]  # fmt: skip
            key_of = itemgetter(0)
            for key, terms in groupby(heapq.merge(self._new_terms(), *merged), key=key_of):  # equal keys by source
                ids = join_ids([ids for _, _, ids in terms])
                if len(ids):
                    write(key, ids)
        self.fieldwriter.close()

    def _close_segment(self: Any) -> None:
        parent: Any = super()
        parent._close_segment()
        for reader, _ in self._merged:
            reader.close()

    def _new_terms(self: Any) -> Iterator[Term]:
        for name in sorted(self._tokens):
            prefix = self._fields.key_prefix(name)
            for token, ids in sorted((token.encode(), ids) for token, ids in self._tokens[name].items()):
                yield prefix + token, 0, (ids,) if type(ids) is int else ids
