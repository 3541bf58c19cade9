"""MARC files read one record at a time, forgiving what real exports get wrong; and written.

ISO 2709:2008; `serializations` read the other forms. Records are found by their terminator (1D hex), since
leaders lie about lengths; fields by the directory, or one after another where the directory does not fit;
`character_sets` decides how text is decoded. None of the sets uses the separators inside a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree
from pymarc import Field, Indicators, Record

from library_server.catalogue.normalization.identifiers import normalize_isbn
from library_server.exchange.bibliographic import Bibliographic, with_classes_apart
from library_server.exchange.marc import cnmarc, iso2709, marc21
from library_server.exchange.marc.character_sets import Decoder, decoder_of
from library_server.exchange.marc.linked_fields import with_originals, with_transcriptions
from library_server.exchange.marc.marc_fields import IndexedRecord, make_data_field
from library_server.exchange.marc.serializations import marc_json, marc_text, marcxml

RECORD_END, FIELD_END, SUBFIELD = b"\x1d", b"\x1e", b"\x1f"
RECORD_LIMIT = 1_000_000
_LEADER = 24
_PIECE = 1 << 20
_HEAD = 32_768
_CHANGED_AT = "005"
_INDICATORS = re.compile(rb"[0-9 #|]{2}")
_MOST_BEFORE = 1024  # bytes, such as the header of a download
_LEADER_FORM = re.compile(rb"[0-9]{5}[a-z ][a-z][a-z0-9 |#]{3}22[0-9]{5}")
_NEXT_LEADER = re.compile(rb"(?<=\x1e)[\r\n]*(?=[0-9]{5}[a-z][a-z][a-z0-9 |#]{3}22[0-9]{5})")
_OTHER_TYPES = frozenset("uvwxyz")  # in the leader: holdings, classification, authorities
_FIELDS = frozenset(("controlfield", "datafield"))


class InvalidMarcRecord(Exception):
    """One record that cannot be read; `code` is a key of the refusals, the message says where."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True)
class MarcReadResult:
    """One record of a file, or why it cannot be read; `number` counts from 1, `raw` is what tells it unchanged."""

    number: int
    raw: bytes
    record: Record | None
    error: InvalidMarcRecord | None = None


def is_marc(head: bytes) -> bool:
    """Return whether a file's first bytes are ISO 2709, MARCXML, MARC-in-JSON or records in lines of text."""
    start = head.lstrip(b"\xef\xbb\xbf\r\n\t \x00")
    if leader := None if start[:5].isdigit() else _LEADER_FORM.search(start, 0, _MOST_BEFORE):
        start = start[leader.start() :]
    may_be_iso = len(start) > _LEADER and start[:5].isdigit() and FIELD_END in start[:20_000]
    has_directory = start[_LEADER : _LEADER + 3].isalnum() or iso2709.find_entries(start.partition(FIELD_END)[0])
    is_iso = may_be_iso and bool(has_directory)
    is_other = marcxml.is_marcxml(head) or marc_json.is_marc_json(head) or marc_text.is_marc_text(head)
    return is_iso or is_other


def read_file(path: Path) -> Iterator[MarcReadResult]:
    """Yield every record of a file."""
    with path.open("rb") as reading:
        head = reading.read(_HEAD)
    if marcxml.is_marcxml(head):
        yield from _read_xml(path)
    elif marc_json.is_marc_json(head):
        yield from _read_json(path)
    elif marc_text.is_marc_text(head):
        yield from _read_text(path)
    else:
        yield from _read_iso(path)


def detect_dialect(record: Record) -> str:
    """`cnmarc` or `marc21`, told by what a record holds: the title is in 200 there and in 245 here."""
    if "245" in record:
        return "marc21"
    if "200" in record:
        return "cnmarc"
    return "marc21" if "008" in record else "cnmarc"


def is_bibliographic(record: Record) -> bool:
    """Return whether a record describes a work: it is no authority or holdings record, and not marked as deleted."""
    leader = str(record.leader)
    return leader[5:6] != "d" and leader[6:7] not in _OTHER_TYPES


def describe(record: Record) -> Bibliographic:
    """Return what a record of either family says."""
    if detect_dialect(record) == "cnmarc":
        return with_classes_apart(cnmarc.read(IndexedRecord(record)))
    described = marc21.read(IndexedRecord(record))
    original = with_originals(record)
    if original is not None:
        described = with_transcriptions(marc21.read(IndexedRecord(original)), described)
    return with_classes_apart(described)


def with_source(made: Record, form: str, source: Record) -> Record:
    """Return a record made from the catalogue, in which the source speaks for itself wherever the catalogue still
    says what it said: so no subfield, indicator or field is lost for which the catalogue has no place.
    """
    written = cnmarc if form == "cnmarc" else marc21
    unchanged = written.write(_as_catalogued(written.read(source)))
    group_of = {tag: group for group in written.TOGETHER for tag in group}

    def parts(record: Record, tag: str) -> list[str]:
        fields = record.get_fields(*group_of.get(tag, (tag,)))
        if title := written.COMPARED_BY_TITLE.get(tag):
            return [text for marc_field in fields for text in marc_field.get_subfields(title)]
        return [str(marc_field) for marc_field in fields]

    def series_titles(record: Record) -> set[str]:
        return {title for marc_field in record.get_fields(written.SERIES) for title in marc_field.get_subfields("a")}

    def is_kept(tag: str) -> bool:
        if tag in written.OTHER_SERIES:
            return series_titles(made) == series_titles(unchanged)
        there = bool(parts(source, tag)) or tag not in written.REQUIRED
        return tag not in written.MAPPED or (there and parts(made, tag) == parts(unchanged, tag))

    fields = [
        field
        for field in source.fields
        if field.tag != _CHANGED_AT and is_kept(field.tag) and not written.is_own_note(field)
    ]
    fields += [field for field in made.fields if not is_kept(field.tag) or written.is_own_note(field)]
    ours, theirs = str(made.leader), str(source.leader)
    same_kind = ours[6] == str(unchanged.leader)[6] and theirs.isprintable()
    joined = Record(leader=f"{ours[:5]}{theirs[5:9]}{ours[9:17]}{theirs[17:19]}{ours[19:]}" if same_kind else ours)
    joined.add_field(*sorted(fields, key=lambda field: field.tag))
    if form == "cnmarc":
        cnmarc.mark_unicode(joined)
    return joined


def _as_catalogued(described: Bibliographic) -> Bibliographic:
    """Return a description without the ISBNs that the catalogue does not take, since their check digit is wrong, and
    with class numbers where the catalogue has them.
    """
    described = with_classes_apart(described)
    return replace(described, isbns=[isbn for isbn in described.isbns if normalize_isbn(isbn.value)])


def _read_iso(path: Path) -> Iterator[MarcReadResult]:
    for number, (raw, ended) in enumerate(_read_pieces(path), 1):
        try:
            if not ended:
                raise InvalidMarcRecord("marc_cut", f"{len(raw)} bytes without an end")
            yield MarcReadResult(number, raw, _parse(raw))
        except InvalidMarcRecord as error:
            yield MarcReadResult(number, raw, None, error)


def _read_pieces(path: Path) -> Iterator[tuple[bytes, bool]]:
    """Yield the bytes between record terminators, and whether a terminator came; white space between records is
    dropped.
    """
    rest = b""
    with path.open("rb") as reading:
        while piece := reading.read(_PIECE):
            *whole, rest = (rest + piece).split(RECORD_END)
            for raw in (part for record in whole for part in _split_at_leaders(record)):
                if raw.strip(b"\r\n\t \x00\x1a"):
                    yield raw, True
            if len(rest) > RECORD_LIMIT:
                break
    if rest.strip(b"\r\n\t \x00\x1a"):
        yield rest[:RECORD_LIMIT], False


def _split_at_leaders(raw: bytes) -> list[bytes]:
    """Return the records between two terminators, one of which may be missing, without what stands before a leader."""
    raw = raw.lstrip(b"\xef\xbb\xbf\r\n\t \x00\x1a")
    leader = None if raw[:5].isdigit() else _LEADER_FORM.search(raw, 0, _MOST_BEFORE)
    return _NEXT_LEADER.split(raw[leader.start() :] if leader else raw)


def _parse(raw: bytes) -> Record:
    if len(raw) > RECORD_LIMIT:
        raise InvalidMarcRecord("too_large", f"{len(raw)} bytes")
    try:
        slices = iso2709.read_slices(raw)
    except ValueError as error:
        raise InvalidMarcRecord("marc_damaged", str(error)) from error
    tags = {tag for tag, _ in slices}
    decode = decoder_of(raw, is_unimarc=b"200" in tags and b"245" not in tags)
    leader = raw[:_LEADER].decode("ascii", "replace").replace("�", " ")
    record = Record(leader=leader.ljust(_LEADER))
    for tag, data in slices:
        try:
            record.add_field(_make_field(tag.decode("ascii"), data, decode))
        except ValueError as error:
            raise InvalidMarcRecord("bad_text", f"{tag.decode('ascii')}: {error}") from error
    return record


def _make_field(tag: str, data: bytes, decode: Decoder) -> Field:
    if tag < "010" and SUBFIELD not in data:
        return Field(tag=tag, data=decode(data))
    head, *parts = data.split(SUBFIELD)
    if not parts:  # a title without the sign before its subfield
        head, parts = (head[:2], [b"a" + head[2:]]) if _INDICATORS.match(head) else (b"", [b"a" + head])
    indicators = (head.decode("ascii", "replace") + "  ")[:2]
    texts = [text for part in parts if (text := decode(part))]
    return make_data_field(tag, Indicators(*indicators), [(text[0], text[1:]) for text in texts])


def _read_xml(path: Path) -> Iterator[MarcReadResult]:
    for number, record_text in enumerate(marcxml.read_texts(path), 1):
        raw = record_text.text.encode("utf-8", "replace")
        try:
            if not record_text.is_whole:
                raise InvalidMarcRecord("marc_cut", f"{len(raw)} bytes without an end")
            record = _from_element(marcxml.parse(record_text.text))
        except (InvalidMarcRecord, etree.XMLSyntaxError) as error:
            known = error if isinstance(error, InvalidMarcRecord) else InvalidMarcRecord("marc_damaged", error.msg)
            yield MarcReadResult(number, raw, None, known)
        else:
            yield MarcReadResult(number, record.as_json().encode(), record)


def _read_json(path: Path) -> Iterator[MarcReadResult]:
    for number, (text, is_followed) in enumerate(marc_json.read_texts(path), 1):
        raw = text.encode("utf-8", "replace")
        try:
            record = marc_json.parse(text)
        except ValueError as error:
            known = InvalidMarcRecord("marc_damaged" if is_followed else "marc_cut", str(error))
            yield MarcReadResult(number, raw, None, known)
        else:
            yield MarcReadResult(number, record.as_json().encode(), record)


def _read_text(path: Path) -> Iterator[MarcReadResult]:
    for number, lines in enumerate(marc_text.read_records(path), 1):
        raw = b"\n".join(lines)
        try:
            yield MarcReadResult(number, raw, _parse_text(raw, lines))
        except InvalidMarcRecord as error:
            yield MarcReadResult(number, raw, None, error)


def _parse_text(raw: bytes, lines: Sequence[bytes]) -> Record:
    if len(raw) > RECORD_LIMIT or len(lines) > iso2709.FIELDS_LIMIT:
        raise InvalidMarcRecord("too_large", f"{len(raw)} bytes, {len(lines)} lines")
    try:
        return marc_text.parse(lines)
    except marc_text.DamagedLine as error:
        raise InvalidMarcRecord("marc_damaged", str(error)) from error
    except ValueError as error:
        raise InvalidMarcRecord("bad_text", str(error)) from error


def _from_element(element: etree._Element) -> Record:
    leader = (element.findtext("leader") or "").ljust(_LEADER)[:_LEADER]
    record = Record(leader=leader)
    for child in element.iterchildren(*_FIELDS):
        tag = child.get("tag", "")
        if not (len(tag) == 3 and tag.isascii() and tag.isalnum()):
            continue  # of such a field nobody knows what it says
        if child.tag == "controlfield":
            record.add_field(Field(tag=tag, data="".join(str(text) for text in child.itertext())))
        else:
            indicators = Indicators(child.get("ind1", " "), child.get("ind2", " "))
            texts = [(sub.get("code", ""), "".join(map(str, sub.itertext()))) for sub in child.iterfind("subfield")]
            record.add_field(make_data_field(tag, indicators, texts))
    return record
