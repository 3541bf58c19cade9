"""The terms of a segment with their postings, in the files of Whoosh's codec, without an object for each of them.

Most terms of a catalogue stand in one document. Its number is kept with the term, which Whoosh's readers know as
inlined postings; the postings of other terms are blocks in a file of their own. The hash table of terms is one of
CRC-32, which takes a tenth of the time of MD5, Whoosh's own choice.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate, chain, pairwise
from pickle import dumps, load, loads
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import COMPRESSION_MIN_SIZE, WHOOSH3_HEADER_MAGIC, W3Codec, W3FieldWriter
from whoosh.filedb.filetables import HashWriter, OrderedHashWriter
from whoosh.util.numlists import GrowableArray

POSTINGS_BLOCK = 4096  # whole lists are read; with blocks of 128, opening blocks took most of the time
COMPRESSION = 3
_CRC32 = 1  # the number of the hash function
_FREQUENCY = (1).to_bytes(4, "big")
_FEW = 16
_WRITTEN_AT_ONCE = 4096  # items of the table of terms
_LENGTHS = struct.Struct("!ii")  # of a key and its value
_FIELD = struct.Struct("!H")  # a key is the number of a field and a token
_INFO = struct.Struct("!BfIBBfII")  # is inlined, weight, documents, lengths, largest weight, first, last
_EXTENT = struct.Struct("!qi")  # of the blocks of postings in their file
_SIZE = struct.Struct("!i")  # of a block, negative for the last one
_SLOT = np.dtype([("hash", ">u4"), ("position", ">i8")])

DocNumberSequence = Sequence[int] | npt.NDArray[np.int32]
Term = tuple[bytes, int, DocNumberSequence]
"""The key of a term, the number of its source, and the numbers of the documents that have it, ascending."""


class FieldNumbers:
    """The numbers of the indexed fields in keys: in the order of their names, so that keys of all segments compare."""

    def __init__(self, names: Iterable[str]) -> None:
        self.by_name = {name: number for number, name in enumerate(sorted(names))}

    def key_prefix(self, name: str) -> bytes:
        """Return what keys of a field begin with."""
        return _FIELD.pack(self.by_name[name])


class TermsWriter(W3FieldWriter):
    """Writes terms in the order of their keys. All weights and frequencies are 1."""

    def __init__(self: Any, storage: Any, segment: Any, numbers: FieldNumbers, schema: Any) -> None:
        table: Any = _TableWriter
        self._tindex = table(segment.create_file(storage, W3Codec.TERMS_EXT))
        self._tindex.extras["fieldmap"] = numbers.by_name
        self._postfile = segment.create_file(storage, W3Codec.POSTS_EXT)
        self._posted = self._postfile.tell()
        self._frequencies = [_FREQUENCY[: schema[name].format.fixed_value_size()] for name in sorted(numbers.by_name)]
        self.is_closed = False

    def write_term(self: Any, key: bytes, ids: DocNumberSequence) -> None:
        """Write a term with the numbers of its documents."""
        count, first, last = len(ids), int(ids[0]), int(ids[-1])
        frequency = self._frequencies[key[1]]
        if count == 1:
            where = dumps(((first,), (1.0,), (frequency,) if frequency else ()), 2)
        else:
            postings = _encode(ids, frequency)
            self._postfile.write(postings)
            where = _EXTENT.pack(self._posted, len(postings))
            self._posted += len(postings)
        self._tindex.add(key, _INFO.pack(count == 1, count, count, 0, 0, 1.0, first, last) + where)


class _TableWriter(OrderedHashWriter):
    """Writes the table of terms; where each lies is kept in arrays, not in objects, until the end."""

    def __init__(self: Any, dbfile: Any) -> None:
        parent: Any = HashWriter
        parent.__init__(self, dbfile, hashtype=_CRC32)
        growable_array: Any = GrowableArray
        self.index = growable_array()
        self._position = dbfile.tell()
        self._hashes, self._positions = array("I"), array("q")
        self._unwritten: list[bytes] = []

    def add(self: Any, key: bytes, value: bytes) -> None:
        item = b"".join((_LENGTHS.pack(len(key), len(value)), key, value))
        self._hashes.append(zlib.crc32(key))
        self._positions.append(self._position)
        self._position += len(item)
        self._unwritten.append(item)
        if len(self._unwritten) >= _WRITTEN_AT_ONCE:
            self._write_items()

    def _write_items(self: Any) -> None:
        self.dbfile.write(b"".join(self._unwritten))
        self._unwritten.clear()

    def _write_hashes(self: Any) -> None:
        self._write_items()
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

    def _write_extras(self: Any) -> None:
        is_long = self._position > np.iinfo(np.int32).max
        self.index.array = self._positions if is_long else array("i", self._positions)
        parent: Any = super()
        parent._write_extras()


def read_terms(reader: Any, source: int, numbers: npt.NDArray[np.int32], fields: FieldNumbers) -> Iterator[Term]:
    """Yield the terms of a segment with its document numbers replaced by `numbers`; deleted documents have none (-1).

    Terms of deleted documents alone may be left out, or have no documents.
    """
    terms = reader._terms
    posts = terms._postfile.file
    prefixes = [fields.key_prefix(name) for name in terms._fieldunmap]
    number_of = array("i", numbers.astype(np.int32).tobytes())
    for key, value in _read_items(terms._tindex):
        key = prefixes[key[0] << 8 | key[1]] + key[2:]
        _, _, count, _, _, _, first, _ = _INFO.unpack_from(value)
        if count == 1:
            if number_of[first] >= 0:
                yield key, source, (number_of[first],)
            continue
        blocks = _read_blocks(posts, *_EXTENT.unpack_from(value, _INFO.size))
        if count < _FEW:
            earlier = chain.from_iterable(map(accumulate, blocks))
            yield key, source, [number_of[old] for old in earlier if number_of[old] >= 0]
        else:
            ids = numbers[np.concatenate([np.cumsum(np.array(block, np.int32)) for block in blocks])]
            yield key, source, ids[ids >= 0]


def _read_items(table: Any) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of a table of terms, in order; mapping it would count as memory of this process."""
    file, left = table.dbfile.file, table.endofdata - table.startofdata
    file.seek(table.startofdata)
    while left:
        key_length, length = _LENGTHS.unpack(file.read(_LENGTHS.size))
        yield file.read(key_length), file.read(length)
        left -= _LENGTHS.size + key_length + length


def _read_blocks(posts: Any, offset: int, size: int) -> Iterator[tuple[int, ...]]:
    """Yield the differences of each block, of which the first is a document number."""
    posts.seek(offset)
    data, at = posts.read(size), len(WHOOSH3_HEADER_MAGIC)
    while at < size:
        length = abs(_SIZE.unpack_from(data, at)[0])
        at += _SIZE.size
        block = BytesIO(data[at : at + length])
        compression = load(block)[3]  # noqa: S301 - Whoosh's own format
        differences = block.read()
        yield loads(zlib.decompress(differences) if compression else differences)[0]  # noqa: S301
        at += length


def join_ids(parts: Sequence[DocNumberSequence]) -> DocNumberSequence:
    """Return the document numbers of several segments, each above those of the one before."""
    if len(parts) == 1:
        return parts[0]
    if sum(map(len, parts)) < _FEW:
        return [int(number) for part in parts for number in part]
    return np.concatenate([np.asarray(part, np.int32) for part in parts])


def _encode(ids: DocNumberSequence, frequency: bytes) -> bytes:
    """Return postings as Whoosh writes them: blocks of differences between document numbers, the last one marked."""
    parts = [WHOOSH3_HEADER_MAGIC]
    for start in range(0, len(ids), POSTINGS_BLOCK):
        block = ids[start : start + POSTINGS_BLOCK]
        data = dumps((_encode_differences(block), None, frequency * len(block) or None), 2)
        compression = COMPRESSION if len(data) >= COMPRESSION_MIN_SIZE else 0
        if compression:
            data = zlib.compress(data, compression)
        about = dumps((len(block), int(block[-1]), 1.0, compression, 0, 0), 2)
        size = len(about) + len(data)
        parts += (_SIZE.pack(-size if start + POSTINGS_BLOCK >= len(ids) else size), about, data)
    return b"".join(parts)


def _encode_differences(ids: DocNumberSequence) -> tuple[int, ...]:
    if len(ids) < _FEW:
        return (int(ids[0]), *(int(after) - int(before) for before, after in pairwise(ids)))
    return tuple(np.diff(np.asarray(ids, np.int32), prepend=np.int32(0)).tolist())
