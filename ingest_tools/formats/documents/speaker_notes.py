"""What speakers note below their slides, which no PDF of them shows: PPTX (ECMA-376, part 1, 13.3.5) and ODP,
which may be one XML file.

Notes are counted by the pages of the PDF, in which hidden slides are left out.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ingest_tools.formats.archive import MEMBER_LIMIT, Archive
from ingest_tools.formats.markup import get_attribute, local_name, parse_xml
from ingest_tools.rejections import RejectedError

_SLIDES, _OPEN_SLIDES, _FLAT_SLIDES = ".pptx", frozenset((".odp", ".sxi")), ".fodp"
_PACKAGE: Final = ""  # whose relationships name the main part
_LIMIT: Final = 20_000  # characters of a page
_OTHER_PLACEHOLDERS: Final = frozenset(("sldimg", "sldnum", "dt", "hdr", "ftr"))
_OFF: Final = frozenset(("0", "false"))


def read_notes(path: Path, suffix: str) -> dict[int, str]:
    """Return the notes of the pages that have any, by their numbers; nothing of what cannot be read."""
    try:
        if suffix == _SLIDES:
            notes = list(_read_slides(Archive(path)))
        elif suffix in _OPEN_SLIDES:
            notes = list(_read_open_slides(_parse_content(Archive(path))))
        elif suffix == _FLAT_SLIDES and path.stat().st_size <= MEMBER_LIMIT:
            notes = list(_read_open_slides(parse_xml(path.read_bytes())))
        else:
            return {}
    except RejectedError:
        return {}  # slides are not refused for what stands below them
    return {number: text[:_LIMIT] for number, text in enumerate(notes, 1) if text}


def _read_slides(archive: Archive) -> Iterator[str]:
    main = next((target for _, target in _targets(archive, _PACKAGE, "officeDocument")), None)
    if main is None:
        return
    slides = dict(_targets(archive, main, "slide"))
    for element in archive.parse_xml(main).iter():
        name = slides.get(_relation_of(element)) if local_name(element.tag) == "sldid" else None
        if name is None:
            continue
        try:
            is_hidden = get_attribute(archive.parse_xml(name), "show").lower() in _OFF
            text = "" if is_hidden else "\n".join(_read_notes_of_slide(archive, name))
        except RejectedError:
            is_hidden, text = False, ""
        if not is_hidden:
            yield text


def _read_notes_of_slide(archive: Archive, name: str) -> Iterator[str]:
    for _, part in _targets(archive, name, "notesSlide"):
        for shape in archive.parse_xml(part).iter():
            if local_name(shape.tag) == "sp" and _placeholder_of(shape) not in _OTHER_PLACEHOLDERS:
                yield from _read_paragraphs(shape)


def _parse_content(archive: Archive) -> Any:
    name = archive.find("content.xml")
    return archive.parse_xml(name) if name is not None else None


def _read_open_slides(content: Any) -> Iterator[str]:
    for page in content.iter() if content is not None else ():
        if local_name(page.tag) == "page":
            notes = (element for element in page.iter() if local_name(element.tag) == "notes")
            yield "\n".join(line for element in notes for line in _read_paragraphs(element))


def _read_paragraphs(element: Any) -> Iterator[str]:
    for paragraph in element.iter():
        if local_name(paragraph.tag) == "p" and (line := " ".join(str(paragraph.xpath("string()")).split())):
            yield line


def _placeholder_of(shape: Any) -> str:
    """Return the kind of the placeholder that a shape is, in lower case; empty where it is none."""
    placeholders = (element for element in shape.iter() if local_name(element.tag) == "ph")
    return next((get_attribute(element, "type").lower() for element in placeholders), "")


def _relation_of(element: Any) -> str:
    """Return the attribute `r:id`; `id` without a namespace is a number."""
    return next((str(value) for key, value in element.attrib.items() if "}" in key and local_name(key) == "id"), "")


def _targets(archive: Archive, part: str, kind: str) -> Iterator[tuple[str, str]]:
    """Yield the identifier and the member of each relationship of a part that is of this kind."""
    folder, name = posixpath.split(part.replace("\\", "/"))
    relations = archive.find(posixpath.join(folder, "_rels", f"{name}.rels"))
    if relations is None:
        return
    for relation in archive.parse_xml(relations).iter():
        if local_name(relation.tag) != "relationship" or not get_attribute(relation, "type").endswith(f"/{kind}"):
            continue
        target = get_attribute(relation, "target")
        if member := archive.find(target if target.startswith("/") else posixpath.join(folder, target)):
            yield get_attribute(relation, "id"), member
