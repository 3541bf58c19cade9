"""What a file is, by its content: signatures, then whether it is text, then ffprobe. Names are not believed."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path

from ingest_tools.archives.zip_names import LenientFile
from ingest_tools.formats.audiovisual import playlists, recognition
from ingest_tools.formats.documents import office_types, reader_formats, rich_text, scanned_pages
from ingest_tools.formats.ebooks.comics.pages import COMIC_INFO
from ingest_tools.formats.ebooks.fictionbook.recognition import fictionbook_members, is_fictionbook
from ingest_tools.formats.ebooks.html.recognition import PAGES as _HTML
from ingest_tools.formats.ebooks.html.recognition import is_web_archive
from ingest_tools.formats.ebooks.mobipocket.recognition import is_palm_book
from ingest_tools.formats.photos import layered_pictures
from ingest_tools.formats.photos.paint_pictures import is_paint_picture
from ingest_tools.formats.photos.tiff_directories import HEADERS
from ingest_tools.formats.text import looks_like_text
from ingest_tools.rejections import RejectedError

HEAD = 64 * 1024
_ARCHIVES = (
    b"PK\x05\x06",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"MSCF",
    b"\x28\xb5\x2f\xfd",
)  # the last is Zstandard
_DISC_IMAGE = slice(32_769, 32_774)  # of the first volume descriptor (ECMA-119, 8.1)
_ACE = b"**ACE**"
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")
_EPUB = b"mimetypeapplication/epub+zip"  # the first member, uncompressed (EPUB 3.3, 4.2.3)
_TIFF = tuple(magic for magic in HEADERS if magic != b"MM\x00+")  # Pillow reads BigTIFF in the other order alone
_PHOTOS = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    *_TIFF,
    b"GIF87a",
    b"GIF89a",
    b"\x00\x00\x00\x0cjP  \r\n\x87\n",  # JPEG 2000 (ISO/IEC 15444-1, I.5.1), and its code stream alone
    b"\xff\x4f\xff\x51",
)
_MEDIA = (
    b"\x1a\x45\xdf\xa3",  # Matroska and WebM
    b"FLV\x01",
    b"OggS",
    b"fLaC",
    b"ID3",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",  # MPEG video
    b"#!AMR",
    b"DSD \x1c\x00\x00\x00\x00\x00\x00\x00",  # DSF
)
_DSDIFF, _AIFF = b"DSD ", (b"AIFF", b"AIFC")  # the types of files of chunks that hold sound; others are pictures
# pictures and sequences of pictures (ISO/IEC 23008-12, annex B; AVIF 1.1, 8): a sequence is not handled as a film
_HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"mif2", b"msf1", b"avif", b"avis", b"miaf")
)
_POSTSCRIPT = (b"%!PS", b"\xc5\xd0\xd3\xc6")  # and EPS with a preview (5002, appendix D)
_NETPBM = re.compile(
    rb"P[1-7]\s+(?:#[^\n]{0,200}\n\s*){0,20}-?\d{1,9}\s"
)  # pictures, whose numbers may be written as text
_FLIC = (b"\x11\xaf", b"\x12\xaf")  # of animations by Autodesk, whose bytes may pass for text
_VOBSUB_INDEX = b"# VobSub index file"
_FONT = b"STARTFONT"  # of the Glyph Bitmap Distribution Format
# of Pages and Keynote, XPS, Visio
_OTHER_DOCUMENTS = frozenset(("index/document.iwa", "index.apxl", "fixeddocseq.fdseq", "visio/document.xml"))
_WEB_PAGES = ("<!doctype html", "<html", "<head", "<body")
_BEFORE_MARKUP = re.compile(r"^[\ufeffï»¿\s]*(?:<\?xml[^>]{0,500}\?>\s*|<!--(?:(?!-->).){0,4000}-->\s*)*", re.DOTALL)
RAW_SUFFIXES = frozenset(
    (".cr2", ".nef", ".nrw", ".arw", ".sr2", ".dng", ".pef", ".srw", ".rwl", ".3fr", ".iiq", ".raw")
)
# text files that are not for reading: parts of saved web pages and of programs
DATA_SUFFIXES = frozenset(
    (".css", ".js", ".json", ".ini", ".cfg", ".conf", ".log", ".xpm", ".xbm", ".yaml", ".yml", ".toml", ".sh", ".bat",
     ".reg", ".gpl", ".ggr", ".gnuplot", ".supp", ".url", ".lnk", ".desktop", ".webloc", ".torrent", ".md5", ".sha1",
     ".sha256", ".sha512", ".sfv", ".ffp", ".idx", ".vcf", ".ics", ".mrk", ".mrk8")
)  # fmt: skip
COMIC_SUFFIXES = frozenset((".cbz", ".cbr", ".cb7", ".cbt", ".cba"))  # many a ZIP is called `.cbr`
_LOCKED = (b"\xeaDRMION\xee", b"TPZ0", b"SDJVFORM")  # KFX with DRM, Topaz of Amazon, Secure DjVu
WEB_ARCHIVE_SUFFIXES = frozenset((".mht", ".mhtml"))
_HTMLZ, _XML = ".htmlz", ".xml"
PAGE_DOCUMENTS = frozenset(
    (".doc", ".docx", ".dot", ".wps", ".rtf")
)  # office systems export pages of HTML under these names
_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # the first of them looks like an MP3 frame
_WORD_PART, _TYPES_PART = re.compile(r"word/document\d*\.xml"), "[content_types].xml"
_ZIP = b"PK\x03\x04"
_MOST_BEFORE = 1024  # bytes that a download may leave before an archive: the header of its answer
_END_OF_ZIP = 22 + 0xFFFF  # bytes of the end record with the longest comment
_NEWEST_ZIP = 63  # version 6.3 (APPNOTE 4.4.3)
_MOST_BRANDS = 512  # bytes
_TS_PACKET, _TS_SYNC = 188, 0x47


def detect_format(path: Path, suffix: str | None = None) -> str:
    """One of `comic djvu document docx epub fb2 html htmlz media mht mobi pdf photo text tiff`.

    `suffix` is that of its name in lower case, where `path` has another.
    Raises `RejectedError` for what is not taken in.
    """
    with path.open("rb") as reading:
        head = reading.read(HEAD)
    if not head:
        raise RejectedError("empty_file")
    suffix = path.suffix.lower() if suffix is None else suffix
    playlists.refuse(path, head, suffix)
    reader_formats.refuse(head, suffix)
    if head.startswith(_VOBSUB_INDEX) or (suffix == ".sup" and head.startswith(b"PG")):
        raise RejectedError("picture_subtitles")
    if _NETPBM.match(head) or head[4:6] in _FLIC:
        raise RejectedError("unknown_format")
    detected = None if head.startswith(_UTF16) else _by_signature(path, head, suffix)
    if detected:
        return detected
    if is_fictionbook(head):
        return "fb2"
    if looks_like_text(head):
        if suffix in DATA_SUFFIXES or head.startswith(_FONT):
            raise RejectedError("data_file")
        return _markup_or_text(head, suffix)
    is_picture_of_chunks = head.startswith(b"FORM") and head[8:12] not in _AIFF
    if not is_picture_of_chunks and recognition.is_media(path):
        return "media"
    raise RejectedError("unknown_format")


def _markup_or_text(head: bytes, suffix: str) -> str:
    """Return `document`, `html`, `mht` or `text`.

    Raises `RejectedError` for what is not meant to be read as it stands: SVG, other XML.
    """
    if suffix in WEB_ARCHIVE_SUFFIXES or is_web_archive(head):
        return "mht"
    text = head.decode("utf-16" if head.startswith(_UTF16) else "latin-1", "replace").lower()
    declared = text.lstrip("\ufeffï»¿ \t\r\n").startswith("<?xml")
    begun = _BEFORE_MARKUP.sub("", text, count=1)
    if begun.startswith(_WEB_PAGES):
        if suffix in _HTML or suffix in PAGE_DOCUMENTS:
            return "html"
        raise RejectedError("web_page")
    if begun.startswith(("<svg", "<!doctype svg")):
        raise RejectedError("vector_picture")
    if begun.startswith("<") and office_types.flat_type(head) is not None:
        return "document"
    if declared or begun.startswith("<!doctype") or (suffix == _XML and begun.startswith("<")):
        raise RejectedError("data_file")
    return "text"


def _by_signature(path: Path, head: bytes, suffix: str) -> str | None:
    if head.startswith(_ZIP) or (_ZIP in head[:_MOST_BEFORE] and zipfile.is_zipfile(path)):
        return "epub" if head[30:58] == _EPUB else _detect_in_zip(path, suffix)
    if is_palm_book(head) or b"%PDF-" in head[:1024]:
        return "mobi" if is_palm_book(head) else "pdf"
    if head[7:14] == _ACE:
        raise RejectedError("comic_archive" if suffix in COMIC_SUFFIXES else "archive", "ACE")
    if (
        head.startswith(_ARCHIVES)
        or head[257:262] == b"ustar"
        or head[2:5] == b"-lh"
        or (head[_DISC_IMAGE] == b"CD001")
    ):
        if suffix in COMIC_SUFFIXES:
            return "comic"
        raise RejectedError("archive")
    if head.startswith(office_types.OLE) or rich_text.find_start(head) is not None:
        return "document"
    if head.startswith(b"AT&TFORM"):
        return "djvu"
    if head.startswith(_LOCKED):
        raise RejectedError("drm")
    if head.startswith(_POSTSCRIPT):
        raise RejectedError("other_document")
    if head.startswith(_PROGRAMS) and not head.startswith(_MEDIA):
        raise RejectedError("program")
    if picture := _detect_picture(path, head, suffix):
        return picture
    if (
        head.startswith(_MEDIA)
        or _get_riff_type(head) in {b"AVI ", b"WAVE", b"CDXA"}
        or _is_mp4(head)
        or _is_ts(head)
        or _is_mp3(head)
        or (head.startswith(b"FRM8") and head[12:16] == _DSDIFF)
    ):
        return "media"
    return None


def _detect_picture(path: Path, head: bytes, suffix: str) -> str | None:
    """Return `photo`, or `tiff` for a scan of several pages. Raises `RejectedError` for what has no picture to show."""
    if _is_raw(head, suffix):
        raise RejectedError("raw_photo")
    layered_pictures.refuse(head)
    if head.startswith(_TIFF) and scanned_pages.find_page_frames(path):
        return "tiff"
    is_photo = head.startswith((*_PHOTOS, layered_pictures.PSD)) or _get_riff_type(head) == b"WEBP"
    return "photo" if is_photo or _is_heif(head) or _is_bmp(head) or is_paint_picture(head, suffix) else None


def _is_raw(head: bytes, suffix: str) -> bool:
    """Return whether a file is a camera's own format; many are TIFF inside, and only their ending tells."""
    if head[:15] == b"FUJIFILMCCD-RAW" or head[:4] in {b"IIU\x00", b"IIRO", b"IIRS"} or head[4:12] == b"ftypcrx ":
        return True
    tiff = head[:4] in _TIFF
    return tiff and (head[8:10] == b"CR" or suffix in RAW_SUFFIXES)


def _has_package(paths: set[str]) -> bool:
    """Return whether an archive without a container file has a package document and chapters: calibre keeps an `.opf`
    next to whole books, and an archive of those is no EPUB.
    """
    endings = {posixpath.splitext(path)[1] for path in paths}
    return ".opf" in endings and bool(endings & {".xhtml", ".html", ".htm"}) and ".epub" not in endings


def _detect_in_zip(path: Path, suffix: str) -> str:
    try:
        with LenientFile(path) as file, zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise RejectedError("truncated" if _is_cut_zip(path) else "damaged", str(error)) from error
    paths = {name.replace("\\", "/").lower() for name in names}
    if suffix == _HTMLZ and any(posixpath.splitext(path)[1] in _HTML for path in paths):
        return "htmlz"
    if "meta-inf/container.xml" in paths or _has_package(paths):
        return "epub"
    if any(_WORD_PART.fullmatch(path) for path in paths):
        return "docx"
    if office_types.is_document(paths):
        return "document"
    if _TYPES_PART in paths and any(path.startswith("word/") for path in paths):
        return "docx"  # whose main part has a name of its own
    if len(fictionbook_members(paths)) == 1:
        return "fb2"
    if suffix in COMIC_SUFFIXES or any(posixpath.basename(path) == COMIC_INFO for path in paths):
        return "comic"
    if paths & _OTHER_DOCUMENTS:
        raise RejectedError("other_document")
    reader_formats.refuse_members(paths)
    raise RejectedError("archive")


def _is_cut_zip(path: Path) -> bool:
    """Return whether a zip archive begins well and has no directory, which stands at its end (APPNOTE 4.3.16)."""
    with path.open("rb") as file:
        version = int.from_bytes(file.read(6)[4:], "little") & 0xFF
        file.seek(max(0, path.stat().st_size - _END_OF_ZIP))
        return version <= _NEWEST_ZIP and b"PK\x05\x06" not in file.read()


def _get_riff_type(head: bytes) -> bytes:
    return head[8:12] if head.startswith(b"RIFF") else b""


def _is_heif(head: bytes) -> bool:
    """Return whether the first brand of a file, or one that it says it is compatible with, is of pictures."""
    if head[4:8] != b"ftyp":
        return False
    size = min(int.from_bytes(head[:4], "big"), len(head), _MOST_BRANDS)
    return any(head[at : at + 4] in _HEIF_BRANDS for at in (8, *range(16, size - 3, 4)))


def _is_bmp(head: bytes) -> bool:
    """`BM`, and two reserved words that are zero, since many a text begins with these letters."""
    return head.startswith(b"BM") and head[6:10] == bytes(4)


def _is_mp4(head: bytes) -> bool:
    return head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}


def _is_ts(head: bytes) -> bool:
    packets = head[: _TS_PACKET * 5 : _TS_PACKET]
    return len(packets) == 5 and all(byte == _TS_SYNC for byte in packets)


def _is_mp3(head: bytes) -> bool:
    return head[0] == 0xFF and head[1:2] != b"" and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 != 0
