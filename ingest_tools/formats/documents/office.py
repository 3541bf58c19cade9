"""Office documents (DOC, WPS, PPT, PPTX, RTF, ODT, ODP and others): converted to PDF, which is read and searched.

LibreOffice carries title, author, subject and keywords over to the PDF, whatever code page they are in.
"""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from ingest_tools.description import Description
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.documents import libreoffice, rich_text, split_pairs
from ingest_tools.formats.documents.office_types import RICH_TEXT, OfficeType, office_type
from ingest_tools.formats.documents.pdf_copy import PDF_FILE, describe_copy
from ingest_tools.formats.documents.speaker_notes import read_notes
from ingest_tools.formats.documents.tracked_changes import may_have_deletions, remove_deletions
from ingest_tools.passage_file import PASSAGES_FILE, write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import Passage, parse_passages

_OPEN_TEXTS: Final = frozenset((".odt", ".fodt", ".sxw"))
_HALF: Final = libreoffice.SECONDS // 2  # where a document is converted twice
_REPAIR_LIMIT: Final = 1 << 28


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Metadata, page texts and cover of a document, with a PDF of it. Raises `RejectedError`."""
    kind = office_type(path)
    with tempfile.TemporaryDirectory(dir=out) as work:
        source = with_slashes(path, Path(work) / "renamed")
        _convert(source, kind, out / PDF_FILE, Path(work))
    description = describe_copy(out, "document", kind.media_type, covers=covers)
    notes = read_notes(path, kind.suffix)
    return _with_notes(description, notes, out) if notes else description


def _with_notes(description: Description, notes: dict[int, str], out: Path) -> Description:
    """Return a description of slides, to the text of whose pages the notes of the speaker are added."""
    texts = {int(page.value): page.text for page in parse_passages((out / PASSAGES_FILE).read_bytes())}
    pages = [
        Passage(
            "page",
            str(number),
            f"第 {number} 页",
            "\n".join(filter(None, (texts.get(number), _write_note(notes, number)))),
        )
        for number in sorted(texts.keys() | {number for number in notes if number <= (description.extent or 0)})
    ]
    write_passages(pages, out)
    return replace(description, details=replace(description.details, needs_ocr=not pages))


def _write_note(notes: dict[int, str], number: int) -> str | None:
    return f"（备注）{notes[number]}" if number in notes else None


def with_slashes(path: Path, target: Path) -> Path:
    """Return a document in a zip archive whose members have slashes in their names, without which LibreOffice finds
    none of them: the file, or a copy of one that a program wrote with the separators of Windows.
    """
    if not zipfile.is_zipfile(path):
        return path
    archive = Archive(path)
    if not any("\\" in name for name in archive.names):
        return path
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sorted(archive.names, key=lambda name: name != "mimetype"):  # which comes first (part 2, 3.3)
            if not name.endswith(("/", "\\")):
                method = zipfile.ZIP_STORED if name == "mimetype" else None
                written.writestr(name.replace("\\", "/"), archive.read(name), method)
    return target


def _convert(path: Path, kind: OfficeType, target: Path, work: Path) -> None:
    """Write the PDF of a document, without text that was deleted under tracked changes."""
    if kind == RICH_TEXT:
        _convert_rich_text(path, target, work)
    elif may_have_deletions(path, kind.suffix):
        _convert_without_deletions(path, kind.suffix, target, work)
    else:
        source = remove_deletions(path, work / "accepted") if kind.suffix in _OPEN_TEXTS else path
        libreoffice.convert(source, kind.suffix, target)


def _convert_without_deletions(path: Path, suffix: str, target: Path, work: Path) -> None:
    libreoffice.convert(path, suffix, work / "tracked.odt", _HALF)
    libreoffice.convert(remove_deletions(work / "tracked.odt", work / "accepted.odt"), ".odt", target, _HALF)


def _convert_rich_text(path: Path, target: Path, work: Path) -> None:
    """Write the PDF of RTF; of one that is broken off, or whose pictures are damaged, what can be read."""
    source = _prepare_rich_text(path, work)
    try:
        if may_have_deletions(source, RICH_TEXT.suffix):
            _convert_without_deletions(source, RICH_TEXT.suffix, target, work)
        else:
            libreoffice.convert(source, RICH_TEXT.suffix, target)
    except RejectedError as error:
        if error.code != "damaged" or source.stat().st_size > _REPAIR_LIMIT:
            raise
        repaired = work / "repaired.rtf"
        repaired.write_bytes(rich_text.repair(source.read_bytes()))
        libreoffice.convert(repaired, RICH_TEXT.suffix, target, _HALF)


def _prepare_rich_text(path: Path, work: Path) -> Path:
    """Return RTF that begins with its signature and whose Chinese is known as such: the file, or a copy."""
    if path.stat().st_size > _REPAIR_LIMIT:
        return path
    data = path.read_bytes()
    begun = data[rich_text.find_start(data[:4096]) or 0 :]
    encoding = split_pairs.encoding_stated(begun)
    prepared = (
        split_pairs.join_pairs(begun, encoding) if encoding else rich_text.escape_unstated_chinese(begun) or begun
    )
    if prepared == data:
        return path
    copy = work / "prepared.rtf"
    copy.write_bytes(prepared)
    return copy
