"""Mobipocket and PalmDOC books, written for tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

RECORD = 4096
NONE = 0xFFFFFFFF
ENCODING, VERSION, LANGUAGE, FIRST_PICTURE, CONTENTS = 28, 36, 92, 108, 244


def palm_database(records: Sequence[bytes], kind: bytes = b"BOOKMOBI", name: bytes = b"name") -> bytes:
    """A Palm database of these records."""
    start = 78 + 8 * len(records) + 2
    offsets = [start + sum(map(len, records[:number])) for number in range(len(records))]
    entries = b"".join(struct.pack(">II", offset, 2 * number) for number, offset in enumerate(offsets))
    head = name.ljust(32, b"\0") + bytes(28) + kind + bytes(8) + struct.pack(">H", len(records))
    return head + entries + bytes(2) + b"".join(records)


def pack_palmdoc(text: bytes) -> bytes:
    """Text packed with PalmDOC: spaces with a letter, repetitions, and literals."""
    packed = bytearray()
    at = 0
    while at < len(text):
        repetition = max((text.rfind(text[at : at + size], max(0, at - 2000), at), size) for size in (3, 6, 10))
        if repetition[0] >= 0 and at + repetition[1] <= len(text):
            packed += struct.pack(">H", 0x8000 | (at - repetition[0]) << 3 | repetition[1] - 3)
            at += repetition[1]
        elif text[at : at + 1] == b" " and text[at + 1 : at + 2].isalpha():
            packed.append(text[at + 1] | 0x80)
            at += 2
        elif text[at] in range(1, 9) or text[at] >= 0x80:
            packed += bytes((1, text[at]))
            at += 1
        else:
            packed.append(text[at])
            at += 1
    return bytes(packed)


def huffman_records() -> list[bytes]:
    """A HUFF and a CDIC record by which each byte stands for itself, but 0x01, which is a phrase of two codes."""
    short = b"".join(struct.pack(">I", 255 << 8 | 0x80 | 8) for _ in range(256))
    huff = b"HUFF" + struct.pack(">III", 24, 24, 24 + 1024) + bytes(8) + short + bytes(256)
    phrases = [(bytes((255 - number,)), 0x8000) for number in range(256)]
    phrases[255 - 1] = (b"OK", 0)
    offsets, body = b"", b""
    for phrase, flag in phrases:
        offsets += struct.pack(">H", 512 + len(body))
        body += struct.pack(">H", len(phrase) | flag) + phrase
    return [huff, b"CDIC" + struct.pack(">III", 16, 256, 8) + offsets + body]


def _several(contents: bytes | Sequence[bytes]) -> Sequence[bytes]:
    return [contents] if isinstance(contents, bytes) else contents


def contents_index(entries: Sequence[tuple[int, str]]) -> list[bytes]:
    """The three records of an index of contents: how it is written, its entries (offset and label), the labels."""
    tags = bytes((1, 1, 1, 0, 3, 1, 2, 0, 0, 0, 0, 1))
    tagx = b"TAGX" + struct.pack(">II", 12 + len(tags), 1) + tags
    main = bytearray(192)
    main[:4] = b"INDX"
    for at, number in ((4, 192), (24, 1), (28, 65001), (52, 1)):
        struct.pack_into(">I", main, at, number)
    labels, body, places = b"", b"", b""
    for number, (offset, label) in enumerate(entries):
        name = b"%03d" % number
        places += struct.pack(">H", 192 + len(body))
        body += bytes((len(name),)) + name + b"\x03" + _varying(offset) + _varying(len(labels))
        labels += _varying(len(label.encode())) + label.encode()
    listed = bytearray(192)
    listed[:4] = b"INDX"
    for at, number in ((4, 192), (20, 192 + len(body)), (24, len(entries))):
        struct.pack_into(">I", listed, at, number)
    return [bytes(main) + tagx, bytes(listed) + body + b"IDXT" + places, labels]


def _varying(value: int) -> bytes:
    """A number of seven bits a byte, the last of which has its highest bit set."""
    written = [value & 0x7F | 0x80]
    while value := value >> 7:
        written.insert(0, value & 0x7F)
    return bytes(written)


def mobi(
    text: bytes,
    exth: Mapping[int, bytes | Sequence[bytes]] | None = None,
    *,
    pictures: Sequence[bytes] = (),
    compression: int = 1,
    encryption: int = 0,
    title: bytes = b"",
    trailing: bool = False,
    fields: Mapping[int, int] | None = None,
) -> bytes:
    """A Mobipocket book; with `trailing`, each record of text ends with an entry that is no text.

    `fields` are numbers of the header by their places, as `ENCODING`.
    """
    pieces = [text[at : at + RECORD] for at in range(0, len(text), RECORD)]
    packed = [{2: pack_palmdoc}.get(compression, bytes)(piece) for piece in pieces]
    packed = [piece + (b"junk\x85" if trailing else b"") for piece in packed]
    dictionary = huffman_records() if compression == 17480 else []
    values = [(kind, value) for kind, contents in (exth or {}).items() for value in _several(contents)]
    extended = b"".join(struct.pack(">II", kind, len(value) + 8) + value for kind, value in values)
    extended = b"EXTH" + struct.pack(">II", len(extended) + 12, len(values)) + extended
    extended += bytes(-len(extended) % 4)
    first_dictionary = 1 + len(packed)
    first_picture = first_dictionary + len(dictionary)
    length = 232
    header = bytearray(16 + length)
    struct.pack_into(">HHIHHH", header, 0, compression, 0, len(text), len(packed), RECORD, encryption)
    header[16:20] = b"MOBI"
    numbers = {20: length, 24: 2, ENCODING: 65001, VERSION: 6, 84: len(header) + len(extended), 88: len(title),
               LANGUAGE: 0, 108: first_picture if pictures else NONE, 112: first_dictionary, 116: len(dictionary),
               128: 0x40, 192: NONE, 240: 2 if trailing else 0, 244: NONE}  # fmt: skip
    for at, number in (numbers | dict(fields or {})).items():
        struct.pack_into(">I", header, at, number)
    first = bytes(header) + extended + title + bytes(4)
    return palm_database([first, *packed, *dictionary, *pictures])
