r"""MARC records written as lines of text, one field a line, as cataloguing programs save them and people edit them.

- `=245  10$aTitle` of MARCMaker and MarcEdit (`.mrk`): a space is written `\`, and characters by mnemonics.
- `200 1 $a题名` of Chinese systems and of `yaz-marcdump`: the subfields begin with `$`, `@`, `|`, `▼`, `‡` or the like.
- `000000001 2001  L $$a题名` of Aleph (sequential format): the number of the record is in every line.

A file is taken for one of these only where all lines of its first record are fields, a title among them, so that no
text about MARC is.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pymarc import Field, Indicators, Record, Subfield

from library_server.catalogue.normalization.encodings import decode_text
from library_server.exchange.marc.character_sets import Decoder, decoder_of
from library_server.exchange.marc.serializations.marc_mnemonics import read_mnemonics
from library_server.lazy_patterns import lazy_pattern

RECORD_LIMIT: Final = 1_000_000
"""The longest record, in bytes."""
_HEAD, _PIECE, _FEWEST_FIELDS = 32_768, 1 << 20, 3
_LEADER_LENGTH: Final = 24
_WIDE: Final = ("utf-16", "utf-32")
_BEGINNING: Final = lazy_pattern(
    rb"=(?:LDR|00\d)\s|(?:LDR|00\d)[ \t]|[\d ]{5}[acdnop ][a-z]|\d{9} [0-9A-Z]{3}|\d{3}[ \t]"
)
_RULE: Final = lazy_pattern(rb"[-=*_#~\s]*")
# how a line begins: with the tag of its field, or the leader itself
_TAG: Final = lazy_pattern(rb"(?:=|\d{9} )?(?P<tag>LDR|\d{3})(?=[ \t\\\d$@|#^_\x80-\xff\x1f]|$)")
_BARE_LEADER: Final = lazy_pattern(r"[\d #^*|-]{5}[acdnop #^][a-z][a-z #^].{9,16}")
_MARCMAKER: Final = lazy_pattern(r"=(?P<tag>LDR|[0-9A-Za-z]{3}) {0,2}(?P<data>.*)")
_ALEPH: Final = lazy_pattern(r"\d{9} (?P<tag>[0-9A-Z]{3})(?P<indicators>..) [A-Z] (?P<data>.*)")
_CONTROL: Final = lazy_pattern(r"(?P<tag>LDR|00\d)[ \t]+(?P<data>\S.*)")
_SIGNS: Final = "$@|‡ǂ▼▲∥\x1f"
_DATA: Final = lazy_pattern(
    rf"(?P<tag>\d{{3}})(?P<indicators>[\t \d#^_\\]{{0,6}}?)[\t ]?(?P<data>(?P<sign>\$\$|[{_SIGNS}])[ \t]?[0-9a-z].*)"
)
_PRICE, _ADDRESS = r"(?!\d[\d,]*\.\d)", r"(?![\w-]+\.[a-z]{2})"  # `$25.00`, and what follows `@` in an address
_SUBFIELDS: Final = {
    "=": lazy_pattern(r"\$([0-9a-z])"),
    "$$": lazy_pattern(r"\$\$([0-9a-z])"),
    **{sign: lazy_pattern(rf"{re.escape(sign)}[ \t]?([0-9a-z])") for sign in _SIGNS},
    "$": lazy_pattern(rf"\${_PRICE}[ \t]?([0-9a-z])"),
    "@": lazy_pattern(rf"@{_ADDRESS}[ \t]?([0-9a-z])"),
}
_BLANKS: Final = str.maketrans("\\#^_", "    ")
_TITLES: Final = frozenset(("200", "245"))
_FIXED: Final = frozenset(("006", "007", "008"))


class DamagedLine(Exception):
    """A line of a record that is no field; the message is its beginning."""


def is_marc_text(head: bytes) -> bool:
    """Return whether a file with these first bytes holds MARC records in lines."""
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ")[:80]
    if not _BEGINNING.match(start):
        return False
    whole = head[: head.rfind(b"\n") + 1] if len(head) >= _HEAD else head
    decoded = decode_text(whole)
    if decoded is None:
        return False
    first = next(_split_records(line.encode() for line in decoded.text.lstrip("\ufeff").split("\n")), ())
    try:
        record = parse(first)
    except (DamagedLine, ValueError):
        return False
    tags = [field.tag for field in record.fields]
    return len(tags) >= _FEWEST_FIELDS and bool(_TITLES.intersection(tags)) and (tags[0] < "200")


def read_records(path: Path) -> Iterator[tuple[bytes, ...]]:
    """Yield the lines of every record in a file, without their ends; those in UTF-16 as UTF-8."""
    yield from _split_records(_read_lines(path))


def parse(lines: Sequence[bytes]) -> Record:
    """Return the record in some lines.

    Raises `DamagedLine` for a line that is no field, and `ValueError` for bytes that are in no character set.
    """
    tags = {match["tag"] for line in lines if (match := _TAG.match(line))}
    decode = decoder_of(b"\n".join(lines), is_unimarc=b"200" in tags and b"245" not in tags)
    leader, fields = "", []
    for line in _join_continued(lines, decode):
        tag, data = _parse_line(line)
        if tag == "LDR":
            leader = str(data)
        elif isinstance(data, Field):
            fields.append(data)
    record = Record(leader=leader.translate(_BLANKS).ljust(_LEADER_LENGTH)[:_LEADER_LENGTH])
    record.add_field(*fields)
    return record


def _read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file; one that is longer than a record may be is cut."""
    with path.open("rb") as file:
        head = decode_text(file.read(_HEAD))
        file.seek(0)
        wide = head is not None and head.encoding.startswith(_WIDE)
        decoder = codecs.getincrementaldecoder(head.encoding if wide and head else "utf-8")("replace")
        rest = b""
        while piece := file.read(_PIECE):
            *lines, rest = (rest + (decoder.decode(piece).encode() if wide else piece)).split(b"\n")
            yield from lines
            rest = rest[: RECORD_LIMIT + 1]
        yield rest


def _split_records(lines: Iterator[bytes]) -> Iterator[tuple[bytes, ...]]:
    """Yield the lines of one record after another; those beyond its limit are left out, but for the first of them."""
    record: list[bytes] = []
    tags: set[bytes] = set()
    size, is_after_blank, number = 0, False, b""
    for line in (line.removeprefix(codecs.BOM_UTF8).rstrip(b"\r") for line in lines):
        if _RULE.fullmatch(line):
            is_after_blank = True
            continue
        match = _TAG.match(line)
        tag = b"LDR" if _is_bare_leader(line) else match["tag"] if match else b""
        is_other = line[:9] != number if b"0" <= line[:1] <= b"9" and _is_aleph(line) else _begins(
            tag, tags, is_after_blank=is_after_blank)  # fmt: skip
        if record and is_other:
            yield tuple(record)
            record, tags, size = [], set(), 0
        tags.add(tag)
        number, is_after_blank = line[:9], False
        if size <= RECORD_LIMIT:
            record.append(line)
        size += len(line)
    if record:
        yield tuple(record)


def _begins(tag: bytes, tags: set[bytes], *, is_after_blank: bool) -> bool:
    """Return whether a field begins a record, when a record with these tags stands before it."""
    if tag in {b"LDR", b"000"}:
        return bool(tags)
    if tag == b"001":
        return any(before >= b"001" and before not in {b"LDR", b"000"} for before in tags)
    return is_after_blank and b"" < tag < b"200" and not tags.isdisjoint({b"200", b"245"})


def _is_bare_leader(line: bytes) -> bool:
    return len(line) <= _LEADER_LENGTH + 4 and _BARE_LEADER.fullmatch(line.decode("latin-1").strip("\r")) is not None


def _is_aleph(line: bytes) -> bool:
    return _ALEPH.fullmatch(line.decode("latin-1")) is not None


def _join_continued(lines: Sequence[bytes], decode: Decoder) -> Iterator[str]:
    """Yield the text of the fields; a line that is no field goes on with the one before."""
    field = ""
    for raw in lines:
        line = decode(raw)
        if field and not _TAG.match(raw) and (raw[:1].isspace() or not raw[:1].isdigit()) and not raw.startswith(b"="):
            rest = line.strip()
            needs_space = line[:1].isspace() or (field[-1:].isascii() and rest[:1].isascii())
            field += f" {rest}" if needs_space and field[-1:].isascii() else rest
            continue
        if field:
            yield field
        field = line
    if field:
        yield field


def _parse_line(line: str) -> tuple[str, str | Field | None]:
    """Return a tag, and the leader or the field; None for what has no place in a record."""
    if maker := _MARCMAKER.fullmatch(line):
        return _parse_marcmaker(maker["tag"], maker["data"])
    if aleph := _ALEPH.fullmatch(line):
        return _parse_aleph(aleph)
    if control := _CONTROL.fullmatch(line):
        tag, data = control["tag"], control["data"].rstrip("\r\n")
        return ("LDR", data) if tag in {"LDR", "000"} else (tag, Field(tag=tag, data=_without_blanks(tag, data)))
    if match := _DATA.fullmatch(line):
        indicators = _align_indicators(match["indicators"])
        return match["tag"], _make_field(match["tag"], indicators, match["data"], _SUBFIELDS[match["sign"]])
    if _BARE_LEADER.fullmatch(line.rstrip("\r")):
        return "LDR", line
    raise DamagedLine(line[:80])


def _parse_marcmaker(tag: str, data: str) -> tuple[str, str | Field | None]:
    if tag in {"LDR", "000"}:
        return "LDR", data
    if tag < "010":
        return tag, Field(tag=tag, data=read_mnemonics(data.replace("\\", " ")))
    field = _make_field(tag, data[:2], data[2:], _SUBFIELDS["="])
    for at, subfield in enumerate(field.subfields):
        field.subfields[at] = Subfield(subfield.code, read_mnemonics(subfield.value))
    return tag, field


def _parse_aleph(match: re.Match[str]) -> tuple[str, str | Field | None]:
    tag, data = match["tag"], match["data"]
    if tag == "LDR":
        return tag, data
    if data.startswith("$$"):
        return tag, _make_field(tag, match["indicators"], data, _SUBFIELDS["$$"])
    return tag, Field(tag=tag, data=_without_blanks(tag, data)) if tag < "010" else None


def _make_field(tag: str, indicators: str, data: str, subfields: re.Pattern[str]) -> Field:
    before, *parts = subfields.split(data)
    if before.strip() or not parts:
        raise DamagedLine(f"{tag} {data}"[:80])
    codes, values = parts[::2], parts[1::2]
    fixed = tag.startswith("1") and "^" in data  # coded data of UNIMARC, whose positions count
    return Field(
        tag=tag,
        indicators=Indicators(*indicators.translate(_BLANKS).ljust(2)[:2]),
        subfields=[
            Subfield(code, (value.replace("^", " ") if fixed else value).removeprefix(" ").rstrip("\r "))
            for code, value in zip(codes, values, strict=True)
            if value.strip()
        ],
    )


def _without_blanks(tag: str, data: str) -> str:
    """Return the data of a control field, in which positions count, with its spaces as spaces."""
    return data.translate(str.maketrans("^#", "  ")) if tag in _FIXED else data.rstrip()


def _align_indicators(written: str) -> str:
    """Return two indicators of what stands between a tag and the first subfield, perhaps with spaces around."""
    rest = written[1:] if written[:1] in {" ", "\t"} else written
    if len(rest) <= 2:
        return rest
    return rest[:2] if rest[:2].strip() or not rest.strip() else rest.strip()
