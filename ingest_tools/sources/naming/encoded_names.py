"""Names of files as they were meant: in another encoding, or written in characters that any system keeps."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from library_server.catalogue.normalization.encodings import decode_text, repair_text
from library_server.lazy_patterns import lazy_pattern

_UNDECODED = lazy_pattern("[\ud800-\udfff]")  # bytes that are not UTF-8
_PERCENT = lazy_pattern(r"%[89A-Fa-f][0-9A-Fa-f]")  # of addresses (RFC 3986, 2.1), beyond ASCII
_CODE_POINTS = lazy_pattern(r"#U([0-9A-Fa-f]{4,5})")  # of Info-ZIP
_COMMON_SHARE = 0.75
_SECOND_LEVEL, _FIRST_TRAIL = 0xD8, 0xA1
_FEWEST = 2  # characters
_CHINESE = lazy_pattern("[\u4e00-\u9fff]")


def decode_name(name: str) -> str:
    """Return a name whose bytes are not UTF-8 as the system that wrote it showed it, and one that was read in another
    encoding, or written as `%E6%B8%A1` or `#U6e21`, as it was meant; any other as it is.
    """
    if _UNDECODED.search(name):
        try:
            decoded = decode_text(name.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError:
            return name
        return decoded.text if decoded is not None else name
    if name.isascii():
        return _decode_ascii(name)
    return _read_as_utf8(repair_text(name))


def _decode_ascii(name: str) -> str:
    if _PERCENT.search(name):
        decoded = decode_text(unquote_to_bytes(name))
        if decoded is not None and decoded.damaged == 0 and decoded.text.isprintable():
            return decoded.text
    if _CODE_POINTS.search(name):
        text = _CODE_POINTS.sub(lambda match: chr(int(match[1], 16)), name)
        return text if text.isprintable() else name
    return name


def _read_as_utf8(name: str) -> str:
    """Return a name in UTF-8 that was read as GBK, `娓″彛鏃т簨`, where all of it is Chinese in common use then."""
    try:
        meant = name.encode("gb18030").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return name
    ideographs = _CHINESE.findall(meant)
    if len(ideographs) < _FEWEST or re.search("[\x80-\u07ff]", meant):
        return name
    return meant if sum(map(_is_common, ideographs)) >= _COMMON_SHARE * len(ideographs) else name


def _is_common(ideograph: str) -> bool:
    """Return whether an ideograph is one of the first level of GB 2312."""
    code = ideograph.encode("gb18030")
    return len(code) == 2 and code[0] < _SECOND_LEVEL and code[1] >= _FIRST_TRAIL
