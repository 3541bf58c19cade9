"""Character references and tags that are left in values: written twice, or copied from HTML into a format without."""

from __future__ import annotations

import re
from html.entities import html5

from library_server.lazy_patterns import lazy_pattern

_REFERENCE = lazy_pattern(
    r"&(?:#(?P<decimal>\d{1,7})|#[xX](?P<hex>[0-9A-Fa-f]{1,6})|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}));"
)
_BARE_SPACE = lazy_pattern(r"&nbsp(?![A-Za-z0-9;])")
_BLOCK_TAG = lazy_pattern(
    r"</?(?:p|br|div|ul|ol|li|h[1-6]|table|tr|td|th|tbody|hr|blockquote)(?:\s[^<>]{0,500})?/?>", re.IGNORECASE
)
_INLINE_TAG = lazy_pattern(
    r"</?(?:span|font|b|i|u|strong|em|a|sup|sub|small|big|center)(?:\s[^<>]{0,500})?/?>", re.IGNORECASE
)
_LARGEST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def decode_references(text: str) -> str:
    """Return a text in which the references of HTML are the characters that they mean, decoded once.

    Those that HTML does not know stay as they are, and so do those without a semicolon, but for `&nbsp`: `R&D`, `AT&T`.
    """
    if "&" not in text:
        return text
    return _BARE_SPACE.sub(" ", _REFERENCE.sub(_character, text))


def without_markup(text: str) -> str:
    """Return a text of several sentences without the tags of HTML in it, and with the characters of its references.

    A tag that HTML does not have, as in `<花鼓戏>`, is text.
    """
    text = decode_references(text)
    return _INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", text)) if "<" in text else text


def _character(reference: re.Match[str]) -> str:
    if name := reference["name"]:
        return html5.get(f"{name};", reference[0]).replace("\u00a0", " ")
    code = int(reference["decimal"]) if reference["decimal"] else int(reference["hex"], 16)
    is_character = 0x20 <= code <= _LARGEST and code not in _SURROGATES
    return chr(code).replace("\u00a0", " ") if is_character else reference[0]
