"""Characters that no exchange format may carry: those that XML 1.0 forbids, and the delimiters of MARC among them.

XML 1.0 (fifth edition), 2.2: of the C0 controls only tab, line feed and carriage return are allowed, no surrogates,
neither U+FFFE nor U+FFFF. ISO 2709 uses 1D, 1E and 1F hexadecimal between records, fields and subfields.
"""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"[\t\n\r]+")


def without_forbidden(text: str) -> str:
    """Return text without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def on_one_line(text: str) -> str:
    """Return text without forbidden characters; tabs and line breaks become spaces."""
    return _BREAKS.sub(" ", without_forbidden(text))
