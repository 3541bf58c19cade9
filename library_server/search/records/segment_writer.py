"""A writer of Whoosh segments for documents whose fields hold every token once, which is all that this index has.

Whoosh's own writer makes an object of every posting, sorts them and checks each. Here the document numbers of a token
are one array, in order as documents come, and segments are merged token by token as streams, in little memory. The
files are those of Whoosh's codec.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import STORED_COLUMN, W3Codec, W3PostingsWriter
from whoosh.writing import SegmentWriter

from library_server.search.records.postings import posting_ids

POSTINGS_BLOCK = 4096  # whole lists are read; with blocks of 128, opening blocks took most of the time
_ONES = array("f", [1.0]) * POSTINGS_BLOCK
_FEW = 16

Term = tuple[str, bytes, Sequence[int] | npt.NDArray[np.int32]]
"""A field, a token of it, and the numbers of the documents that have it, ascending."""


class _PostingsWriter(W3PostingsWriter):
    """Writes the document numbers of a token at once; all weights are 1."""

    def add_all(self: Any, ids: array[int]) -> None:
        for start in range(0, len(ids), POSTINGS_BLOCK):
            self._ids = ids[start : start + POSTINGS_BLOCK]
            self._weights = _ONES[: len(self._ids)]
            self._maxweight = 1.0
            self._write_block(last=start + POSTINGS_BLOCK >= len(ids))

    def _mini_ids(self: Any) -> tuple[int, ...]:
        ids = self._ids
        if len(ids) == 1:
            return (ids[0],)
        return tuple(np.diff(np.frombuffer(ids, np.uint32), prepend=np.uint32(0)).tolist())

    def _mini_weights(self: Any) -> None:
        return None


class _Codec(W3Codec):
    """Whoosh's codec with a writer of postings that takes them at once."""

    def postings_writer(self: Any, dbfile: Any, byteids: bool = False) -> Any:
        writer: Any = _PostingsWriter
        return writer(dbfile, blocklimit=POSTINGS_BLOCK, byteids=byteids)


class RecordSegmentWriter(SegmentWriter):
    """Takes `add_document` with fields of tokens divided by spaces, `add_reader` and `commit` as `SegmentWriter` does."""

    def __init__(self: Any, index: Any) -> None:
        codec: Any = W3Codec
        super().__init__(index, compound=False, codec=codec(blocklimit=POSTINGS_BLOCK))
        own: Any = _Codec
        self.fieldwriter._codec = own(blocklimit=POSTINGS_BLOCK)  # not that of the segment, which is pickled
        self._tokens: dict[str, dict[str, Any]] = {
            name: {} for name, field in self.schema.items() if field.indexed
        }
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
        sources = [self._new_terms(), *(_reader_terms(reader, numbers) for reader, numbers in self._merged)]
        writer, last = self.fieldwriter, None
        for (name, token), terms in groupby(heapq.merge(*sources, key=itemgetter(0, 1)), key=itemgetter(0, 1)):
            if name != last:
                if last is not None:
                    writer.finish_field()
                writer.start_field(name, self.schema[name])
                last = name
            ids = _joined([ids for _, _, ids in terms])
            if ids:
                writer.start_term(token)
                writer._postwriter.add_all(ids)
                writer.finish_term()
        if last is not None:
            writer.finish_field()
        writer.close()

    def _new_terms(self: Any) -> Iterator[Term]:
        for name in sorted(self._tokens):
            documents = self._tokens[name]
            for token, ids in sorted((token.encode(), ids) for token, ids in documents.items()):
                yield name, token, (ids,) if type(ids) is int else ids


def _reader_terms(reader: Any, numbers: npt.NDArray[np.int32]) -> Iterator[Term]:
    """The terms of a segment with its document numbers replaced by `numbers`; deleted documents have none (-1)."""
    terms, has_deletions = reader._terms, reader.has_deletions()
    for (name, token), info in terms.items():
        if info.doc_frequency() == 1:
            number = int(numbers[info.min_id()])
            if number >= 0:
                yield name, token, (number,)
            continue
        ids = numbers[posting_ids(terms._codec.postings_reader(terms._postfile, info, reader.schema[name].format))]
        yield name, token, ids[ids >= 0] if has_deletions else ids


def _joined(parts: Sequence[Iterable[int]]) -> array[int]:
    """Document numbers of several segments, each above those of the one before."""
    joined = array("I")
    for part in parts:
        if isinstance(part, np.ndarray):
            joined.frombytes(part.astype(np.uint32).tobytes())
        else:
            joined.extend(part)
    return joined
