"""Fields of MARC records, and records in ISO 2709."""

from __future__ import annotations

from pymarc import Field, Indicators, Record, Subfield


def field(tag: str, indicators: str, *pairs: str) -> Field:
    """A data field; each pair is the code of a subfield followed by its value, as in `aTitle`."""
    subfields = [Subfield(pair[0], pair[1:]) for pair in pairs]
    return Field(tag=tag, indicators=Indicators(*indicators), subfields=subfields)


def iso_2709(record: Record, encoding: str = "utf-8") -> bytes:
    """A record in ISO 2709 in any encoding, as old systems write it."""
    body, directory = b"", b""
    for marc_field in record.fields:
        if marc_field.control_field:
            data = (marc_field.data or "").encode(encoding)
        else:
            data = "".join(marc_field.indicators or ("", "")).encode() + b"".join(
                b"\x1f" + sub.code.encode() + sub.value.encode(encoding) for sub in marc_field.subfields
            )
        directory += marc_field.tag.encode() + b"%04d%05d" % (len(data) + 1, len(body))
        body += data + b"\x1e"
    base = 24 + len(directory) + 1
    leader = str(record.leader)
    head = b"%05d" % (base + len(body) + 1) + leader[5:12].encode() + b"%05d" % base + leader[17:24].encode()
    return head + directory + b"\x1e" + body + b"\x1d"
