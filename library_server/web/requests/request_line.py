"""Request lines of old television boxes, which send Chinese addresses in UTF-8 without escaping them."""

from __future__ import annotations


def percent_encode_target(line: bytes) -> bytes:
    """Return a request line whose target is escaped (RFC 3986, 2.1) where it holds UTF-8 that is not.

    What is not UTF-8 (GBK, as some boxes send) stays as it is and is refused: nothing says what it means. The method
    and the version stay as they are in any case.
    """
    if line.isascii():
        return line
    method, space, rest = line.partition(b" ")
    target, last_space, version = rest.rpartition(b" ")
    try:
        target.decode("utf-8")
    except UnicodeDecodeError:
        return line
    escaped = b"".join(bytes((byte,)) if byte < 0x80 else b"%%%02X" % byte for byte in target)
    return method + space + escaped + last_space + version
