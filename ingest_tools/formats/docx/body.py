"""The paragraphs of the main part in reading order, with what stands in other parts: notes, embedded pages, diagrams.

Elements are found by their local names: strict documents (ISO/IEC 29500-1) have namespaces of their own.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from ingest_tools.formats.docx.embedded import read_diagram, read_embedded
from ingest_tools.formats.docx.numbering import Numbering
from ingest_tools.formats.docx.package import WordPackage
from ingest_tools.formats.docx.runs import is_unfilled, read_lines
from ingest_tools.formats.docx.styles import LEVELS, ParagraphStyle, Styles, find_child, get_value, read_number
from ingest_tools.formats.docx.tables import Paragraph, Rows
from ingest_tools.formats.markup import get_attribute, local_name
from ingest_tools.formats.text import BROKEN_OFF
from ingest_tools.rejections import RejectedError

_NOTE_MISSING: Final = "（这条注读不出。）"
_CONTENTS: Final = "table of contents"


class BodyReader:
    """The reader of the main part of a package."""

    def __init__(self, package: WordPackage) -> None:
        self._package = package
        self._styles = Styles(package.parse_related("styles"))
        self._numbering = Numbering(package.parse_related("numbering"))
        self._notes: dict[str, dict[str, str]] = {}
        self._marked: list[tuple[str, str]] = []  # notes that are to follow the paragraph
        self._notes_count = 0
        self._alternatives: list[bool] = []  # whether a choice of the open ones had a paragraph with text
        self._fallbacks: list[bool] = []  # whether the open ones say again what a choice before them said
        self._controls: list[bool] = []  # whether the open ones hold a table of contents
        self._rows = Rows()
        self._joined = ""  # text of paragraphs whose end was deleted

    def read(self) -> Iterator[Paragraph]:
        """Yield the paragraphs. A text box comes before the paragraph that it is in, notes behind theirs.

        Raises `RejectedError` where nothing can be read.
        """
        data = self._package.archive.read(self._package.main)
        events = etree.iterparse(io.BytesIO(data), events=("start", "end"), resolve_entities=False, no_network=True,
                                 load_dtd=False, recover=True, huge_tree=True)  # fmt: skip
        try:
            for event, element in events:
                tag = local_name(element.tag)
                if event == "start":
                    self._open(tag)
                    continue
                blocks = self._read_paragraph(element) if tag == "p" else self._close(element, tag)
                for block in blocks:
                    yield from self._rows.add(block)
                if tag == "p":
                    element.clear()
                elif tag == "tr":
                    yield from self._rows.close_row()
        except etree.XMLSyntaxError as error:
            raise RejectedError("damaged", str(error)) from error
        yield from self._rows.close()
        if self._joined:
            yield Paragraph(self._joined)
        if not data.rstrip(b"\0 \t\r\n").endswith((b">", b">\0")):
            yield Paragraph(BROKEN_OFF)

    def _open(self, tag: str) -> None:
        if tag == "alternatecontent":
            self._alternatives.append(False)
        elif tag == "fallback":
            self._fallbacks.append(bool(self._alternatives) and self._alternatives[-1])
        elif tag == "sdt":
            self._controls.append(False)
        elif tag == "tr":
            self._rows.open_row()
        elif tag == "tc":
            self._rows.open_cell()

    def _close(self, element: Any, tag: str) -> Iterator[Paragraph]:
        if tag == "alternatecontent":
            self._alternatives.pop()
        elif tag == "fallback":
            self._fallbacks.pop()
        elif tag == "sdt":
            self._controls.pop()
        elif tag == "docpartgallery" and self._controls:
            self._controls[-1] = get_attribute(element, "val").lower() == _CONTENTS
        elif tag == "altchunk":
            part = self._package.find_target(element, "id")
            yield from map(Paragraph, read_embedded(self._package.archive, part, self._package.depth))
        elif tag == "relids":
            yield from map(Paragraph, read_diagram(self._package.archive, self._package.find_target(element, "dm")))

    def _read_paragraph(self, element: Any) -> Iterator[Paragraph]:
        """Yield a paragraph with what is to stand before and behind it; nothing where it is empty or not shown."""
        properties = find_child(element, "ppr")
        properties = properties if properties is not None else ()
        style = self._styles.get(get_value(properties, "pstyle") or "")
        if any(self._fallbacks) or any(self._controls) or style.is_contents or _is_in_unfilled_control(element):
            return
        number = self._number(properties, style)
        is_heading = _is_heading(properties, style) or style.is_title
        self._marked = []
        text = read_lines(element, self._mark_note_of_heading if is_heading else self._mark_note)
        if self._joined:
            text, self._joined = self._joined + text, ""
        if find_child(properties, "rpr", "del") is not None:
            self._joined = text
            return
        if text:
            self._alternatives = [True] * len(self._alternatives)
            yield Paragraph(number + (" ".join(text.split("\n")) if is_heading else text), is_heading, style.is_title)
            yield from (Paragraph(f"{mark} {note}") for mark, note in self._marked)

    def _number(self, properties: Any, style: ParagraphStyle) -> str:
        """Return the number that stands before a paragraph: of its own list, else of that of its style."""
        own = get_value(properties, "numpr", "numid")
        number = own or style.list_number
        if number is None:
            return ""
        level = read_number(get_value(properties, "numpr", "ilvl"))
        if level is None:
            level = style.list_level if style.list_level is not None else style.outline or 0
        return self._numbering.count(number, level)

    def _mark_note(self, kind: str, identifier: str) -> str:
        self._notes_count += 1
        mark = f"[{self._notes_count}]"
        self._marked.append((mark, self._notes_of(kind).pop(identifier, _NOTE_MISSING)))
        return mark

    def _mark_note_of_heading(self, kind: str, identifier: str) -> str:
        """Return nothing: the mark of a note is no part of the name of a chapter."""
        self._mark_note(kind, identifier)
        return ""

    def _notes_of(self, kind: str) -> dict[str, str]:
        """Return the texts of the notes of a kind by their identifiers."""
        if kind not in self._notes:
            root = self._package.parse_related(f"{kind}s")
            self._notes[kind] = {
                get_attribute(note, "id"): "\n".join(
                    filter(None, (read_lines(element) for element in note.iter() if local_name(element.tag) == "p"))
                )
                for note in (root if root is not None else ())
            }
        return self._notes[kind]


def _is_heading(properties: Any, style: ParagraphStyle) -> bool:
    """Return whether a paragraph begins a chapter: its own level of the outline is believed before its style's."""
    own = read_number(get_value(properties, "outlinelvl"))
    level = own if own is not None else style.outline
    return level is not None and level < LEVELS


def _is_in_unfilled_control(paragraph: Any) -> bool:
    return any(local_name(ancestor.tag) == "sdt" and is_unfilled(ancestor) for ancestor in paragraph.iterancestors())
