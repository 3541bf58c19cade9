"""A writer of Whoosh segments for documents whose fields hold every token once, which is all that this index has.

Whoosh's own writer makes an object of every posting, sorts them and checks each. Here the document numbers of a token
are one array, in order as documents come, and segments are merged token by token as streams, in little memory. The
files are those of Whoosh's codec.
"""

from __future__ import annotations

import heapq
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from pickle import dumps
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import (
    COMPRESSION_MIN_SIZE,
    STORED_COLUMN,
    WHOOSH3_HEADER_MAGIC,
    W3Codec,
    W3FieldWriter,
    W3PostingsWriter,
)
from whoosh.filedb.filetables import OrderedHashWriter
from whoosh.writing import SegmentWriter

from library_server.search.records.postings import posting_ids

POSTINGS_BLOCK = 4096  # whole lists are read; with blocks of 128, opening blocks took most of the time
COMPRESSION = 3
_FREQUENCY = (1).to_bytes(4, "big")
_FEW = 16
_LENGTHS = struct.Struct("!ii")  # of a key and its value
_SLOT = np.dtype([("hash", ">u4"), ("position", ">i8")])

Term = tuple[str, bytes, Sequence[int] | npt.NDArray[np.int32]]
"""A field, a token of it, and the numbers of the documents that have it, ascending."""


class _PostingsWriter(W3PostingsWriter):
    """Writes the document numbers of a token at once; all weights and frequencies are 1."""

    def add_all(self: Any, ids: array[int]) -> None:
        frequency = _FREQUENCY[: self._format.fixed_value_size()]
        self._postfile.write(WHOOSH3_HEADER_MAGIC)
        for start in range(0, len(ids), POSTINGS_BLOCK):
            block = ids[start : start + POSTINGS_BLOCK]
            data = dumps((_differences(block), None, frequency * len(block) or None), 2)
            compression = COMPRESSION if len(data) >= COMPRESSION_MIN_SIZE else 0
            if compression:
                data = zlib.compress(data, compression)
            about = dumps((len(block), block[-1], 1.0, compression, 0, 0), 2)
            size = len(about) + len(data)
            self._postfile.write_int(-size if start + POSTINGS_BLOCK >= len(ids) else size)
            self._postfile.write(about + data)
        info = self._terminfo
        info._weight, info._df, info._maxweight, info._minid, info._maxid = len(ids), len(ids), 1.0, ids[0], ids[-1]
        self._blockcount = 1


def _differences(ids: array[int]) -> tuple[int, ...]:
    if len(ids) < _FEW:
        return (ids[0], *(after - before for before, after in pairwise(ids)))
    return tuple(np.diff(np.frombuffer(ids, np.uint32), prepend=np.uint32(0)).tolist())


class _TermsWriter(OrderedHashWriter):
    """Writes the table of terms; where each lies is kept in arrays, not in objects, until the end."""

    def __init__(self: Any, dbfile: Any) -> None:
        parent: Any = super()
        parent.__init__(dbfile)
        self._position = dbfile.tell()
        self._hashes, self._positions = array("I"), array("q")

    def add(self: Any, key: bytes, value: bytes) -> None:
        item = b"".join((_LENGTHS.pack(len(key), len(value)), key, value))
        self.index.append(self._position)
        self._hashes.append(self.hashfn(key))
        self._positions.append(self._position)
        self._position += len(item)
        self.dbfile.write(item)

    def _write_hashes(self: Any) -> None:
        hashes, positions = np.array(self._hashes, np.uint32), np.array(self._positions, np.int64)
        order = np.argsort(hashes & 0xFF, kind="stable")
        bounds = np.searchsorted(hashes[order] & 0xFF, np.arange(257))
        for first, end in pairwise(bounds.tolist()):
            size = 2 * (end - first)
            table = [(0, 0)] * size
            some = order[first:end]
            for entry in zip(hashes[some].tolist(), positions[some].tolist(), strict=True):
                slot = (entry[0] >> 8) % size
                while table[slot][1]:
                    slot = (slot + 1) % size
                table[slot] = entry
            self.directory.append((self._position, size))
            self._position += size * _SLOT.itemsize
            self.dbfile.write(np.array(table, _SLOT).tobytes())


class _FieldWriter(W3FieldWriter):
    """Writes terms and postings by the writers above."""

    def __init__(self: Any, codec: Any, storage: Any, segment: Any) -> None:
        self._codec, self._storage, self._segment = codec, storage, segment
        terms: Any = _TermsWriter
        self._tindex = terms(segment.create_file(storage, W3Codec.TERMS_EXT))
        self._fieldmap = self._tindex.extras["fieldmap"] = {}
        self._postfile = segment.create_file(storage, W3Codec.POSTS_EXT)
        self._postwriter, self._infield, self.is_closed = None, False, False


class _Codec(W3Codec):
    """Whoosh's codec with writers of our own. The segments, which are pickled, keep that of Whoosh."""

    def new_segment(self: Any, storage: Any, indexname: str) -> Any:
        codec: Any = W3Codec
        return codec(blocklimit=POSTINGS_BLOCK).new_segment(storage, indexname)

    def field_writer(self: Any, storage: Any, segment: Any) -> Any:
        writer: Any = _FieldWriter
        return writer(self, storage, segment)

    def postings_writer(self: Any, dbfile: Any, byteids: bool = False) -> Any:
        writer: Any = _PostingsWriter
        return writer(dbfile, blocklimit=POSTINGS_BLOCK, byteids=byteids)


class RecordSegmentWriter(SegmentWriter):
    """A `SegmentWriter` to which documents are added with fields of tokens divided by spaces."""

    def __init__(self: Any, index: Any) -> None:
        codec: Any = _Codec
        parent: Any = super()
        parent.__init__(index, compound=False, codec=codec(blocklimit=POSTINGS_BLOCK))
        self._tokens: dict[str, dict[str, Any]] = {name: {} for name, field in self.schema.items() if field.indexed}
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
        term_of = itemgetter(0, 1)
        for (name, token), terms in groupby(heapq.merge(*sources, key=term_of), key=term_of):
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

    def _close_segment(self: Any) -> None:
        parent: Any = super()
        parent._close_segment()
        for reader, _ in self._merged:
            reader.close()

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
