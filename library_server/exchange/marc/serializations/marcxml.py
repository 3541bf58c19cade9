"""Records of MARCXML, one by one: MARC 21 Slim, MarcXchange (ISO 25577), without a namespace, and in OAI-PMH or SRU.

Records are cut out of the text by their tags, so that one which is not well-formed harms no other. What exports get
wrong is mended before: characters that XML forbids, `&` for itself, entities of HTML, and an encoding that is not the
stated one. Entities are not resolved and nothing is fetched.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from library_server.catalogue.normalization.encodings import decode_text, guess_utf16

RECORD_LIMIT: Final = 4_000_000
"""The longest record, in characters of its text."""
_PIECE: Final = 1 << 20
_SAMPLE: Final = 1 << 20  # bytes that an encoding which is not the stated one is guessed from
_STATED: Final = re.compile(rb"""^\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SUPERSETS: Final = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "big5": "big5hkscs"}
_NAMES: Final = "record|leader|controlfield|datafield|subfield"
_TAG: Final = re.compile(rf"<(/?)(?:[\w.-]{{1,40}}:)?({_NAMES})(?=[\s/>])")
_START: Final = re.compile(r"<record(?:\s[^<>]*)?>")
_END: Final = re.compile(r"</(?:[\w.-]{1,40}:)?record\s*>")
_ANY_START: Final = re.compile(r"<(?:[\w.-]{1,40}:)?record(?=[\s>])")
_HAS_FIELDS: Final = re.compile(r"<(?:[\w.-]{1,40}:)?(?:datafield|controlfield)\s[^<>]{0,80}\btag\s*=")
_OAI_HEADER: Final = re.compile(r"<(?:[\w.-]{1,40}:)?(?:header|metadata)[\s/>]")
_NAMESPACES: Final = re.compile(r"loc\.gov/MARC21/slim|marcxchange", re.IGNORECASE)
_PACKED: Final = re.compile(rb"&lt;(?:[\w.-]{1,40}:)?record[\s&]")  # as a string (SRU 1.1, recordPacking)
_REFERENCE_BEGUN: Final = re.compile(r"&[a-z]{0,5}$")  # at the end of a piece
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE: Final = re.compile(r"&(?:#(?P<decimal>\d{1,7});|#[xX](?P<hex>[0-9a-fA-F]{1,6});|(?:amp|lt|gt|quot|apos);)?")


@dataclass(frozen=True)
class RecordText:
    """The text of one record, or of what follows the last whole one (`is_whole` is not set)."""

    text: str
    is_whole: bool = True


def is_marcxml(head: bytes) -> bool:
    """Return whether a file with these first bytes holds records in XML."""
    encoding = _encoding_by_bytes(head) or "latin-1"
    text = head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n\0")
    return text.startswith("<") and bool(_NAMESPACES.search(text[:4096]) or _HAS_FIELDS.search(text))


def read_texts(path: Path) -> Iterator[RecordText]:
    """Yield the text of every record in a file."""
    decoder = codecs.getincrementaldecoder(_choose_encoding(path))("replace")
    rest, waiting, is_packed = "", "", _is_packed(path)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            text = waiting + decoder.decode(piece)
            if is_packed:
                begun = _REFERENCE_BEGUN.search(text)
                text, waiting = (text[: begun.start()], begun[0]) if begun else (text, "")
                text = _unpack(text)
            rest += text
            at = 0
            for end in _END.finditer(rest):
                start = _last_start(rest, at, end.start())
                if start is not None:
                    yield RecordText(rest[start : end.end()])
                at = end.end()
            rest = rest[at:]
            if len(rest) > RECORD_LIMIT + _PIECE:
                break
    rest += waiting + decoder.decode(b"", final=True)
    start = _last_start(rest, 0, len(rest))
    if start is not None:
        yield RecordText(rest[start : start + RECORD_LIMIT], is_whole=False)


def parse(text: str) -> etree._Element:
    """Return a record whose elements have no namespace. Raises `etree.XMLSyntaxError`."""
    plain = _START.sub("<record>", _TAG.sub(r"<\1\2", _FORBIDDEN.sub("", text)), count=1)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(_REFERENCE.sub(_mend_reference, plain), parser)


def _last_start(text: str, at: int, end: int) -> int | None:
    """Return where the innermost record begins; OAI-PMH has elements of that name around them, and of deleted ones."""
    start = None
    for match in _ANY_START.finditer(text, at, end):
        start = match.start()
    return None if start is None or _OAI_HEADER.search(text, start, end) else start


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return _PACKED.search(file.read(_SAMPLE).replace(b"\0", b"")) is not None


def _unpack(text: str) -> str:
    """Return a text whose records were packed as strings, as XML."""
    for reference, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(reference, character)
    return text


def _mend_reference(reference: re.Match[str]) -> str:
    if reference[0] == "&":
        return "&amp;"
    if digits := reference["decimal"] or reference["hex"]:
        code = int(digits, 10 if reference["decimal"] else 16)
        is_allowed = code <= 0x10FFFF and (code >= 0x20 or code in {9, 10, 13}) and not _FORBIDDEN.match(chr(code))
        return reference[0] if is_allowed else ""
    return reference[0]


def _choose_encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    if encoding := _encoding_by_bytes(head):
        return encoding
    stated = _STATED.match(head)
    encoding = stated[1].decode("ascii").lower() if stated else "utf-8"
    for likely in ("utf-8", _SUPERSETS.get(encoding, encoding)):  # hardly any other text happens to be UTF-8
        if _is_readable(path, likely):
            return likely
    decoded = decode_text(head[: head.rfind(b">") + 1] or head)
    return decoded.encoding if decoded is not None else "utf-8"


def _encoding_by_bytes(head: bytes) -> str | None:
    """Return the encoding that the first bytes tell: by a byte order mark, or by zeros between them."""
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    return next((encoding for mark, encoding in marks if head.startswith(mark)), None) or guess_utf16(head)


def _is_readable(path: Path, encoding: str) -> bool:
    """Return whether a whole file can be decoded."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
