"""The text of one paragraph as Word shows it: without deleted and hidden text, the readings of ruby and prompts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from lxml import etree

from ingest_tools.formats.docx.styles import find_child
from ingest_tools.formats.markup import get_attribute, local_name

# text that was moved away, that stands in another place as well, or that gives instructions to Word
_SKIPPED: Final = frozenset(("ppr", "rt", "del", "movefrom", "deltext", "delinstrtext", "instrtext", "sdtpr"))
_SIGNS: Final = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "nobreakhyphen": "-", "rad": "√"}
_NOTES: Final = frozenset(("footnotereference", "endnotereference"))
_MATHS: Final = {"num": "", "den": "/", "sup": "^", "sub": "_"}  # linear form: a fraction is `a/b`
_OFF: Final = frozenset(("0", "false", "off"))
# what Word, WPS and templates show in a control that nobody filled in; other text was put there by a program
_PROMPT: Final = re.compile(
    r"[\[【]?(?:单击|点击|点按|轻触|请?(?:在此|此处)?(?:输入|键入|选择|填写)|(?:click|tap|choose|enter|type)\b).{0,80}",
    re.IGNORECASE | re.DOTALL,
)
_PRIVATE: Final = range(0xF000, 0xF100)  # where Word puts the characters of fonts of symbols
_SYMBOLS: Final = {
    "wingdings": {
        0xFE: "☑", 0xFC: "✓", 0xFB: "✗", 0xFD: "☒", 0x6F: "□", 0xA8: "□", 0x71: "❑", 0x6E: "■", 0x6C: "●", 0xA1: "○",
        0x75: "◆", 0xB2: "☆", 0xAB: "★", 0xD8: "➢", 0xE0: "→", 0xDF: "←", 0xE8: "➔", 0x46: "☞", 0x28: "☎", 0x2A: "✉",
        0x9F: "•", 0xA7: "▪", 0x76: "❖",
    },
    "wingdings 2": {0x52: "☑", 0x50: "✓", 0x4F: "✗", 0x51: "☒", 0xA3: "□", 0x54: "☒"},
    "symbol": dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))
    | {0xB0: "°", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xA5: "∞", 0xB7: "•", 0xAE: "→",
       0x44: "Δ", 0x53: "Σ", 0x57: "Ω"},
}  # fmt: skip


def read_lines(paragraph: Any, mark_note: Callable[[str, str], str] = lambda kind, identifier: "") -> str:
    """Return the text of a paragraph, its line breaks as such and other white space folded.

    `mark_note` returns the mark for the kind (`footnote`, `endnote`) and the identifier of a note.
    """
    lines = "".join(_read_pieces(paragraph, mark_note)).split("\n")
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def _read_pieces(paragraph: Any, mark_note: Callable[[str, str], str]) -> list[str]:
    pieces: list[str] = []
    starts: list[int] = []  # of open parts of formulas
    alternatives: list[bool] = []  # whether a choice of the open ones had text
    walk = etree.iterwalk(paragraph, events=("start", "end"))
    for event, element in walk:
        tag = local_name(element.tag)
        if event == "end":
            if tag in _MATHS:
                _close_part(pieces, starts.pop(), _MATHS[tag])
            elif tag == "choice" and alternatives:
                alternatives[-1] = alternatives[-1] or bool("".join(pieces[starts.pop() :]))
            elif tag == "alternatecontent":
                alternatives.pop()
            continue
        is_said = tag == "fallback" and bool(alternatives) and alternatives[-1]
        if is_said or tag in _SKIPPED or _is_hidden(element, tag):
            walk.skip_subtree()
            starts += [len(pieces)] * (tag in _MATHS)
        elif tag == "alternatecontent":
            alternatives.append(False)
        elif tag in _MATHS or (tag == "choice" and alternatives):
            starts.append(len(pieces))
        elif tag == "t":
            pieces.append(element.text or "")
        elif tag in _NOTES:
            pieces.append(mark_note(tag.removesuffix("reference"), get_attribute(element, "id")))
        else:
            pieces.append(_read_sign(element, tag))
    return pieces


def _read_sign(element: Any, tag: str) -> str:
    if tag == "sym":
        return _read_symbol(element)
    if tag == "textpath":  # of WordArt, in which titles are set
        return get_attribute(element, "string")
    return _SIGNS.get(tag, "")


def _close_part(pieces: list[str], start: int, sign: str) -> None:
    """Put the sign of a part of a formula before it, and brackets around more than one character."""
    text = "".join(pieces[start:]).strip()
    if text:
        pieces[start:] = [sign + (f"({text})" if len(text) > 1 else text)]


def _is_hidden(element: Any, tag: str) -> bool:
    """Return whether an element is a hidden run, or a control that shows its prompt."""
    if tag == "r":
        vanish = find_child(element, "rpr", "vanish")
        return vanish is not None and get_attribute(vanish, "val").lower() not in _OFF
    return tag == "sdt" and is_unfilled(element)


def is_unfilled(control: Any) -> bool:
    """Return whether a content control shows the prompt of its template (section 17.5.2.39)."""
    if find_child(control, "sdtpr", "showingplchdr") is None:
        return False
    text = "".join(element.text or "" for element in control.iter() if local_name(element.tag) == "t")
    return not text.strip() or _PROMPT.fullmatch(text.strip()) is not None


def _read_symbol(element: Any) -> str:
    """Return the character of a symbol; nothing where only its font has a picture for it (section 17.3.3.30)."""
    try:
        code = int(get_attribute(element, "char"), 16)
    except ValueError:
        return ""
    if code in _PRIVATE:
        return _SYMBOLS.get(get_attribute(element, "font").lower(), {}).get(code - _PRIVATE.start, "")
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF else ""
