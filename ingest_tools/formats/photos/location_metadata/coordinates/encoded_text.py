"""Positions in bytes: text of any encoding, among pixels and other bytes that are no text.

Bytes are first searched for what no position lacks, such as a decimal number. Only what stands around that is decoded
and read.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest_tools.formats.photos.location_metadata.coordinates.recognition import find_coordinates

MARGIN = 256  # bytes around a number that may belong to its position: a label, the other number
_LONGEST_GROUP = 8192
_GAP = rb"[ \0]{0,3}"
_DEGREE = (
    rb"(?:\xc2?[\xb0\xba]\0?|\0\xb0|\xcb\x9a|\xe2\x88\x98|\xe5\xba\xa6|\xa1\xe3|\xb6\xc8"
    rb"|\xa6\x5e|\x5e\xa6|\xef\xbf\xbd|[d*^o?])"
)
# a digit, then a fraction, further digits, minutes or a sign of degrees; NUL between the bytes of UTF-16
_NUMBER = re.compile(
    rb"\d\0?(?:(?:[.,/]|%2[ECec])\0?\d|\d\0?(?:\d|[ ]\0?\d)\0?\d|[ :'_-]\0?\d\0?\d?\0?[ :'\"NSEWnsew,-]"
    rb"|" + _GAP + rb"&?\0?d\0?e\0?g|" + _GAP + _DEGREE + _GAP + rb"\d)"
)
_CODE = rb"23456789CFGHJMPQRVWXcfghjmpqrvwx"
_PLUS = re.compile(rb"\+\0?[" + _CODE + rb"]\0?[" + _CODE + rb"]")


def _chinese_numerals(encoding: str) -> bytes:
    """Return a sign of degrees or of a decimal point, then a numeral, as Chinese text writes numbers out."""
    signs, numerals = (
        b"|".join(re.escape(character.encode(encoding)) for character in text)
        for text in ("度点", "〇零一二三四五六七八九十")
    )
    return rb"(?:" + signs + rb")(?:" + numerals + rb")"


_CHINESE_WIDE = tuple(map(_chinese_numerals, ("utf-16-le", "utf-16-be")))
_OTHERS = tuple(map(re.compile, (
    rb"%3\d", rb"%25", rb"&#[x\d]", rb"\\u00[23]", rb"\xef\xbc[\x90-\x99]", rb"\xa3[\xb0-\xb9]\xa3[\xb0-\xb9.\xae]",
    rb"\xff[\x10-\x19]\xff", rb"\xd9[\xa0-\xa9]\xd9", *map(_chinese_numerals, ("utf-8", "gb18030")), *_CHINESE_WIDE,
)))  # fmt: skip
# UTF-16: ASCII, full-width digits, Chinese numerals
_WIDE = re.compile(
    b"|".join((rb"(?:[ -~]\0){2}", rb"(?:\xff[\x10-\x19]){2}", rb"(?:[\x10-\x19]\xff){2}", *_CHINESE_WIDE))
)
# labels of what may have no digit
_LABELS = (
    *(b"eohash", b"eo_hash", b"eo-hash", b"3words", b"w3w", b"///", b"plus code", b"pluscode"),
    *(b"goo.gl/", b"osm.org/", b"map.org/", b"amap.com/", b"plus.codes/", b"map.baidu"),
)
_WIDE_LABELS = tuple(b"\0".join(bytes([byte]) for byte in label) for label in _LABELS)
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BYTES_PER_CONTROL = 25  # text has at most one control character in so many bytes
_LEAST_CERTAIN = 7
_USUAL = re.compile(r"[\t\n\r -~°-º′″、-】一-鿿！-～]")
_IPTC_HEAD = re.compile(rb"\x1c[\x01-\x09][\x00-\xff]{3}")  # IIM 4.2, 1.5; its length may look like a digit


@dataclass(frozen=True)
class _Window:
    """A range of bytes to decode; `is_text` if nearly all of its bytes can be of a text."""

    start: int
    stop: int
    is_text: bool


def find_coordinates_in_bytes(raw: bytes) -> Iterator[tuple[int, int]]:
    """Yield the ranges of bytes that are the numbers or the code of a position. Ranges may overlap."""
    raw = _IPTC_HEAD.sub(b"\n" * 5, raw)
    for window in _find_windows(raw, sorted(_find_seeds(raw))):
        data = raw[window.start : window.stop]
        for first, last in _find_in_window(data):
            if window.is_text or not _may_be_chance(data[first:last]):
                yield window.start + first, window.start + last


def bytes_have_coordinates(raw: bytes) -> bool:
    """Return whether a text has coordinates, in whatever encoding it is."""
    return any(True for _ in find_coordinates_in_bytes(raw))


def _may_be_chance(value: bytes) -> bool:
    """Return whether bytes such as `8°8'` may stand among pixels by chance."""
    return len(value) < _LEAST_CERTAIN and not value.isalnum() and b"." not in value and b"," not in value


def _find_windows(raw: bytes, seeds: Sequence[int]) -> Iterator[_Window]:
    """Ranges to decode: what stands around the signs of a position, in pieces that overlap."""
    group: list[int] = []
    for seed in seeds:
        if group and (seed - group[-1] > 2 * MARGIN or seed - group[0] > _LONGEST_GROUP):
            yield from _split_window(raw, group)
            group = [later for later in group if seed - later <= MARGIN]
        group.append(seed)
    if group:
        yield from _split_window(raw, group)


def _split_window(raw: bytes, seeds: Sequence[int]) -> Iterator[_Window]:
    """Yield the range around signs, or what stands between its control characters where it has too many to be text."""
    start, stop = max(0, seeds[0] - MARGIN), min(len(raw), seeds[-1] + MARGIN)
    window = raw[start:stop]
    ends = [match.start() for match in _CONTROL.finditer(window)]
    is_text = len(ends) * _BYTES_PER_CONTROL <= len(window)
    if is_text or _WIDE.search(window):
        yield _Window(start, stop, is_text)
        return
    ends.append(len(window))
    for end in dict.fromkeys(bisect.bisect_left(ends, seed - start) for seed in seeds):
        yield _Window(start + (ends[end - 1] + 1 if end else 0), start + ends[end], is_text=False)


def _find_seeds(raw: bytes) -> Iterator[int]:
    yield from (match.start() for match in _NUMBER.finditer(raw))
    for match in _PLUS.finditer(raw):
        before = raw[max(0, match.start() - 2) : match.start()].strip(b"\0")[-1:]
        if before and before in _CODE:
            yield match.start()
    for pattern in _OTHERS:
        yield from (match.start() for match in pattern.finditer(raw))
    lower = raw.lower()
    for label in (*_LABELS, *_WIDE_LABELS):
        at = lower.find(label)
        while at >= 0:
            yield at
            at = lower.find(label, at + len(label))


def _find_in_window(window: bytes) -> Iterator[tuple[int, int]]:
    yield from _find_decoded(window, "utf-8", "surrogateescape")
    if window.isascii() and b"\0" not in window:
        return
    yield from _find_decoded(window, "gb18030", "surrogateescape")
    if _WIDE.search(window):
        for encoding, skipped in _wide_decodings(window):
            for start, stop in _find_decoded(_trim_to_even(window, skipped), encoding, "replace"):
                yield skipped + start, skipped + stop


def _wide_decodings(window: bytes) -> list[tuple[str, int]]:
    """Return the byte orders and beginnings with which bytes give the most characters that are usual in text, as
    UTF-16.
    """
    counts = {
        (encoding, skipped): len(_USUAL.findall(_trim_to_even(window, skipped).decode(encoding, "replace")))
        for encoding in ("utf-16-le", "utf-16-be")
        for skipped in (0, 1)
    }
    return [decoding for decoding, count in counts.items() if count == max(counts.values())]


def _trim_to_even(window: bytes, skipped: int) -> bytes:
    return window[skipped : len(window) - (len(window) - skipped) % 2]


def _find_decoded(window: bytes, encoding: str, errors: str) -> Iterator[tuple[int, int]]:
    text = window.decode(encoding, errors)
    for first, last in find_coordinates(text):
        start = len(text[:first].encode(encoding, errors))
        yield start, start + len(text[first:last].encode(encoding, errors))
