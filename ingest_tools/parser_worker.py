"""The child process that parses untrusted files, one a request: `python -m ingest_tools.parser_worker`.

`parser_pool` starts it and kills it; the protocol is that of `library_server.processes`.
"""

from __future__ import annotations

import gc
import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from ingest_tools.description import Description, RefusedSidecar
from ingest_tools.formats import pictures
from ingest_tools.formats.detection import PAGE_DOCUMENTS, detect_format
from ingest_tools.formats.picture_suffixes import PICTURES, TAKEOUT_SUFFIX, XMP_SUFFIX
from ingest_tools.formats.placeholders import is_placeholder_title, without_placeholders, without_references
from ingest_tools.passage_file import read_first_heading
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.dates import is_credible
from library_server.processes.limits import ResourceLimits
from library_server.processes.messages import JsonObject
from library_server.processes.worker import serve_requests

LIMITS = ResourceLimits(memory_bytes=3 << 30, output_bytes=1 << 30)
_MODULES = {
    "comic": "ingest_tools.formats.ebooks.comics.comic",
    "document": "ingest_tools.formats.documents.office",
    "djvu": "ingest_tools.formats.documents.djvu",
    "docx": "ingest_tools.formats.docx",
    "epub": "ingest_tools.formats.epub",
    "fb2": "ingest_tools.formats.ebooks.fictionbook.book",
    "html": "ingest_tools.formats.ebooks.html.page",
    "htmlz": "ingest_tools.formats.ebooks.html.htmlz",
    "media": "ingest_tools.formats.audiovisual.media",
    "mht": "ingest_tools.formats.ebooks.html.mht",
    "mobi": "ingest_tools.formats.ebooks.mobipocket.book",
    "pdf": "ingest_tools.formats.pdf",
    "photo": "ingest_tools.formats.photos.photo",
    "story": "ingest_tools.formats.story",
    "text": "ingest_tools.formats.text",
    "tiff": "ingest_tools.formats.documents.scanned_pages",
}
_COVERED = ("comic", "djvu", "document", "epub", "fb2", "htmlz", "mobi", "pdf", "media", "tiff")
_WRITTEN = ("text", "story")  # what people wrote, not what programs did
_MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True)
class InputFile:
    """A file: where it is opened, and what it is called."""

    opened: Path
    named: Path


def describe(source: InputFile, out: Path, joined: Sequence[InputFile], *, covers: bool = True) -> Description:
    """Detect the format of a file and describe it, with the subtitles and the cover that lie next to it.

    Without `covers`, slow pictures are not made: those of books and films. Where a picture lies next to such a file,
    they are, since it depends on them whether that picture is the cover.
    """
    suffix = source.named.suffix.lower()
    name = detect_format(source.opened, suffix)
    if name == "text" and suffix in _MARKDOWN:
        name = "story"
    reader: Any = import_module(_MODULES[name])  # a child needs few formats: others cost start-up time
    has_picture = any(sidecar.named.suffix.lower() in PICTURES for sidecar in joined)
    makes_pictures = name in _COVERED
    puts_off = makes_pictures and not covers and not has_picture
    options: dict[str, Any] = {"covers": not puts_off} if makes_pictures else {}
    if name == "html":
        options = {"folder": source.named.parent, "is_document": suffix in PAGE_DOCUMENTS}
    description: Description = without_references(reader.describe(source.opened, out, **options))
    description = replace(description, pictures_put_off=puts_off)
    if name not in _WRITTEN:
        description = without_placeholders(description)
    if description.title is None and is_placeholder_title(source.named.stem):
        description = replace(description, title=read_first_heading(out))
    has_cover, has_own = False, _has_own_cover(description)
    for index, sidecar in enumerate(joined):
        is_picture = sidecar.named.suffix.lower() in PICTURES
        if is_picture and has_own and not _is_named_after(sidecar.named, source.named):
            description.unused_sidecars.append(index)
            continue
        if is_picture and has_cover:  # the first picture that can be read is the cover
            continue
        try:
            description = _join_sidecar(description, source, sidecar, out)
        except RejectedError as error:  # a file is not refused for what lies next to it
            description.refused_sidecars.append(RefusedSidecar(index, error.code, error.detail))
        else:
            has_cover = has_cover or is_picture
    if description.date and not is_credible(description.date, datetime.now(UTC).date()):
        return replace(description, date=None)
    return description


def _join_sidecar(description: Description, source: InputFile, sidecar: InputFile, out: Path) -> Description:
    """Return a description with what a file next to it gives: subtitles, chapters, metadata, or a cover in the place
    of its own.
    """
    from ingest_tools.formats.audiovisual import CUE_SUFFIX, NFO_SUFFIX, SUBTITLE_SUFFIXES, cue_sheet, nfo, subtitle
    from ingest_tools.formats.audiovisual.tags import lyrics

    if sidecar.named.suffix.lower() == CUE_SUFFIX:
        return cue_sheet.describe(cue_sheet.read(sidecar.opened), source.named, description)
    if sidecar.named.suffix.lower() == XMP_SUFFIX:
        from ingest_tools.formats.photos import photo_metadata

        return without_placeholders(photo_metadata.describe(sidecar.opened, description))
    if sidecar.named.suffix.lower() == TAKEOUT_SUFFIX:
        from ingest_tools.formats.photos import takeout

        return takeout.describe(sidecar.opened, description)
    if sidecar.named.suffix.lower() == NFO_SUFFIX:
        return nfo.describe(sidecar.opened, description) or description
    if sidecar.named.suffix.lower() in SUBTITLE_SUFFIXES:
        joined = subtitle.describe(sidecar.opened, sidecar.named, source.named.stem, description, out)
        if sidecar.named.suffix.lower() == lyrics.SUFFIX:
            return lyrics.describe(sidecar.opened, joined)
        return joined
    pictures_made, facts = pictures.make_sizes(sidecar.opened, out, screen=description.kind in {"story", "person"})
    others = [derived for derived in description.derived if derived.role not in {"cover", "thumbnail"}]
    return replace(description, derived=others + pictures_made, details=replace(description.details, cover=facts.cover))


def _has_own_cover(description: Description) -> bool:
    """Return whether there is a cover inside a file; a picture out of a film or the first page of a PDF is not one."""
    return description.format in {"epub", "audio"} and description.details.cover is not None


def _is_named_after(picture: Path, named: Path) -> bool:
    """Return whether a picture is called like a file, perhaps with a word behind that says what it is."""
    stem, own = (unicodedata.normalize("NFKC", path.stem).casefold() for path in (picture, named))
    return stem == own or (stem.startswith(own) and stem[len(own)] in "-._ ")


def handle(request: JsonObject) -> JsonObject:
    """Return the description that a request of `parser_pool` asks for, as JSON; each derived file with its SHA-256.

    A request with `pages` asks for these to be bound.
    """
    if "pages" in request:
        from ingest_tools.formats import pages

        refused = pages.bind([Path(page) for page in request["pages"]], Path(request["target"]))
        return {"refused": [vars(page) for page in refused]}
    source, *joined = [
        InputFile(Path(opened), Path(named)) for opened, named in (request["source"], *request["joined"])
    ]
    out = Path(request["out"])
    description = describe(source, out, joined, covers=request["covers"])
    for derived in description.derived:
        with (out / derived.file).open("rb") as file:
            derived.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return description.to_json()


def main() -> None:
    """Answer until the parent closes the pipe."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    serve_requests(handle, LIMITS)


if __name__ == "__main__":
    main()
