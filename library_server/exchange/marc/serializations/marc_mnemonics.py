"""Mnemonics in braces for the characters that MARCMaker and MarcEdit do not write as they are: `{dollar}`, `{acute}e`.

The names are those of the Library of Congress (MARCMaker 2.5, table of characters). The name of a mark stands before
the letter that carries it, as the mark does in MARC-8. Letters with their marks have the names of HTML: `{eacute}`.
"""

from __future__ import annotations

import re
import unicodedata
from html.entities import html5
from typing import Final

_MARKS: Final = {
    "hooka": "\u0309", "grave": "\u0300", "acute": "\u0301", "circ": "\u0302", "tilde": "\u0303", "macr": "\u0304",
    "breve": "\u0306", "dot": "\u0307", "uml": "\u0308", "caron": "\u030c", "ring": "\u030a", "llig": "\ufe20",
    "rlig": "\ufe21", "rcommaa": "\u0315", "dblac": "\u030b", "candra": "\u0310", "cedil": "\u0327",
    "ogon": "\u0328", "dotb": "\u0323", "dbldotb": "\u0324", "ringb": "\u0325", "dblunder": "\u0333",
    "under": "\u0332", "commab": "\u0326", "rcedil": "\u031c", "breveb": "\u032e", "ldbltil": "\ufe22",
    "rdbltil": "\ufe23", "commaa": "\u0313",
}  # fmt: skip
_CHARACTERS: Final = {
    "esc": "", "joiner": "\u200d", "nonjoin": "\u200c", "softsign": "\u02b9", "hardsign": "\u02ba", "flat": "\u266d",
    "sharp": "\u266f", "mlrhring": "\u02bc", "mllhring": "\u02bb", "inodot": "\u0131", "scriptl": "\u2113",
    "phono": "\u2117", "Ohorn": "\u01a0", "ohorn": "\u01a1", "Uhorn": "\u01af", "uhorn": "\u01b0",
}  # fmt: skip
_MARK: Final = "|".join(sorted(_MARKS, key=len, reverse=True))
_MARKED: Final = re.compile(rf"(?P<marks>(?:\{{(?:{_MARK})\}}){{1,8}})(?P<letter>[^\W\d_]|\{{[A-Za-z]{{2,8}}\}})")
_MNEMONIC: Final = re.compile(r"\{(?P<name>[A-Za-z]{2,9})\}")
_REFERENCE: Final = re.compile(r"&#[xX](?P<hex>[0-9A-Fa-f]{2,6});")
_SURROGATES: Final = range(0xD800, 0xE000)


def read_mnemonics(text: str) -> str:
    """Return text with characters in the place of their mnemonics; what is none, such as `{x}`, stays.

    `&#x4E2D;` is what MARC-8 has for a character that it lacks, and becomes that character too.
    """
    if "&#" in text:
        text = _REFERENCE.sub(_read_reference, text)
    if "{" not in text:
        return text
    marked = _MARKED.sub(_read_marked, text)
    return unicodedata.normalize("NFC", _MNEMONIC.sub(lambda match: _read_name(match["name"]) or match[0], marked))


def _read_marked(match: re.Match[str]) -> str:
    letter = match["letter"]
    if letter.startswith("{"):
        letter = _read_name(letter[1:-1]) or letter
    return letter + "".join(_MARKS[name] for name in _MNEMONIC.findall(match["marks"]))


def _read_name(name: str) -> str | None:
    """Return the character of a name; a mark that no letter follows stands by itself."""
    if name in _CHARACTERS:
        return _CHARACTERS[name]
    if name.endswith(("strok", "STROK")):
        return html5.get(f"{name};") or {"Ostrok": "Ø", "ostrok": "ø", "Dstrok": "Đ", "dstrok": "đ"}.get(name)
    return html5.get(f"{name};") or (f"\u00a0{_MARKS[name]}" if name in _MARKS else None)


def _read_reference(match: re.Match[str]) -> str:
    code = int(match["hex"], 16)
    return chr(code) if 0x20 <= code <= 0x10FFFF and code not in _SURROGATES else match[0]
