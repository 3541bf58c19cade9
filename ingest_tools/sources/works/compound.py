"""Folders whose files are one work together: the film of a disc, and the pages of a book: pictures, or HTML."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.naming.folders import disc_number
from ingest_tools.sources.source_files import SourceRoots
from ingest_tools.sources.works import blu_ray, unpacked_books, web_books
from library_server.catalogue.normalization.numerals import read_numeral
from library_server.catalogue.normalization.text import fold_name
from library_server.lazy_patterns import lazy_pattern

LEAST_PAGES, MOST_PAGES = 5, 3_000
_VOB = lazy_pattern(r"vts_(?P<set>\d{2})_[1-9]\.vob")
_OF_DVD = lazy_pattern(r"(?:video_ts|vts_\d{2}_\d)\.(?:vob|ifo|bup)")
_DAT = lazy_pattern(r"(?:avseq|music)(?P<number>\d{2})\.(?:dat|mpg)")
_FILM_FOLDERS = frozenset(("video_ts", "mpegav", "mpeg2"))
# what else lies on a disc, for players: menus, still pictures, programs
_DISC_FOLDERS = frozenset(("audio_ts", "jacket_p", "vcd", "svcd", "ext", "cdi", "segment", "karaoke", "cdda", "vcdrom"))
# a page by its number alone, or behind a word of scanners and of programs that export pages, or the name of the book
_PAGE = lazy_pattern(
    r"(?P<name>.{0,100}?)[ _.(-]{0,3}(?P<number>\d{1,6})(?P<side>[ab左右]?)(?:页|\))?"
    r"|(?P<ordinal>第?)(?P<numeral>[〇零一二三四五六七八九十百]{1,6})[页面叶]?(?P<half>[上下左右ab]?)"
)
_PAGE_WORDS = lazy_pattern(r"(?:.{1,100}[ _.-])?(?:第|页|页面|page|p|scan(?:ned)?|扫描件?|扫描页|epson|ccf)|")
# how digital libraries call what stands before and behind the pages that are numbered, in order
_FRAME = lazy_pattern(r"(?P<part>cov|bok|leg|fow|!|ins|att|bac)(?P<number>\d{2,6})")
_FRAME_ORDER = ("cov", "bok", "leg", "fow", "!", "", "ins", "att", "bac")
_BACK_COVER = ("cov", 2)
_FEWEST_LETTERS = 2
_ALBUMS = lazy_pattern(r"照片|相片|相册|影集|摄影|图片|写真|图集|photo|picture|album|dcim|camera|screenshot|截图")
_IFO_BYTES = 1 << 20
_SECTOR = 2048
_PGCI = 0xCC  # where the information file of a title set says in which sector its program chains are listed
_HEAD = 65_536
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_CAMERA_TAGS = frozenset((0x829A, 0x829D, 0x920A))  # exposure time, f-number, focal length: a scanner has none


def is_film_folder(folder: Path) -> bool:
    """Return whether a folder is the one in which a DVD, VCD or Blu-ray disc has its films."""
    return fold_name(folder.name) in _FILM_FOLDERS or blu_ray.is_streams_folder(folder)


def holds_film_folder(names: Sequence[str]) -> bool:
    """Return whether folders of these names are those of a disc with films."""
    return any(fold_name(name) in _FILM_FOLDERS or blu_ray.is_blu_ray_folder(name) for name in names)


def disc_of(folder: Path) -> Path:
    """Return the folder of the disc to which a folder with its films belongs."""
    return blu_ray.disc_of(folder) if blu_ray.is_streams_folder(folder) else folder.parent


def without_disc_folders(folder: Path, names: Sequence[str]) -> list[str]:
    """Return the folders of these names in a folder, without those of a disc that are for players alone."""
    if not any(fold_name(name) in _FILM_FOLDERS for name in names):
        return blu_ray.without_other_folders(folder, names)
    return [name for name in names if fold_name(name) not in _DISC_FOLDERS]


def find_parts(folder: Path, paths: Sequence[Path], roots: SourceRoots) -> tuple[Path, ...]:
    """Return the files of a folder that are one work, in order; empty where each is one by itself."""
    if blu_ray.is_streams_folder(folder):
        return blu_ray.find_clips(folder, paths, roots)
    if is_film_folder(folder) or _is_copied_film(paths):
        return _title_set(folder, paths, roots) or _sort_tracks(paths)
    return (
        unpacked_books.find_members(folder, paths, roots)
        or _find_pages(folder, paths, roots)
        or web_books.find_pages(folder, paths, roots)
    )


def _is_copied_film(paths: Sequence[Path]) -> bool:
    """Return whether a folder has the files of a DVD or VCD, and nothing else, without the folder of the disc."""
    names = [fold_name(path.name) for path in paths]
    is_dvd = any(_VOB.fullmatch(name) for name in names) and all(map(_OF_DVD.fullmatch, names))
    return is_dvd or (bool(names) and all(map(_DAT.fullmatch, names)))


def name_of_work(folder: Path, suffix: str) -> Path:
    """Return a file of the name that a work has, where it would lie if it were one file."""
    if suffix == unpacked_books.SUFFIX and folder.name.lower().endswith(suffix):
        return folder
    if suffix in {".pdf", unpacked_books.SUFFIX, web_books.SUFFIX}:
        name = Path(folder.name.removesuffix("!")).stem if folder.name.endswith("!") else folder.name  # of a pack
        return folder.with_name(f"{name}{suffix}")
    disc = disc_of(folder) if is_film_folder(folder) else folder
    number = disc_number(disc.name)
    if number is None:
        return disc.with_name(f"{disc.name}{suffix}")
    return disc / f"{number:02d} {disc.parent.name}{suffix}"


def _title_set(folder: Path, paths: Sequence[Path], roots: SourceRoots) -> tuple[Path, ...]:
    """Return the title set of a DVD that plays longest, without its menu; by size where nothing says how long."""
    sets: dict[str, list[Path]] = {}
    for path in sorted(paths, key=lambda path: fold_name(path.name)):
        if match := _VOB.fullmatch(fold_name(path.name)):
            sets.setdefault(match["set"], []).append(path)
    by_name = {fold_name(path.name): path for path in paths}

    def measure_set(number: str) -> tuple[int, int]:
        size = 0
        with suppress(RejectedError, OSError):
            size = sum(roots.stat(path).st_size for path in sets[number])
        ifo = by_name.get(f"vts_{number}_0.ifo") or by_name.get(f"vts_{number}_0.bup")
        return (_read_seconds(ifo, roots) if ifo else 0), size

    return tuple(sets[max(sets, key=measure_set)]) if sets else ()


def _read_seconds(ifo: Path, roots: SourceRoots) -> int:
    """Return how long the longest program chain of a title set plays, by its information file; 0 where that is
    damaged.
    """
    try:
        with roots.open(ifo) as file:
            data = file.handle.read(_IFO_BYTES)
        table = struct.unpack_from(">I", data, _PGCI)[0] * _SECTOR
        count = struct.unpack_from(">H", data, table)[0]
        starts = [table + struct.unpack_from(">I", data, table + 12 + 8 * number)[0] for number in range(count)]
        times = [struct.unpack_from(">3B", data, start + 4) for start in starts]
    except (RejectedError, OSError, struct.error):
        return 0
    return max(
        (
            (_decode_bcd(hours) * 60 + _decode_bcd(minutes)) * 60 + _decode_bcd(seconds)
            for hours, minutes, seconds in times
        ),
        default=0,
    )


def _decode_bcd(byte: int) -> int:
    return (byte >> 4) * 10 + (byte & 15)


def _sort_tracks(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the tracks of a VCD in their order."""
    return tuple(sorted((path for path in paths if _DAT.fullmatch(fold_name(path.name))), key=lambda path: path.name))


def _find_pages(folder: Path, paths: Sequence[Path], roots: SourceRoots) -> tuple[Path, ...]:
    """Return the pictures of a folder as pages: there is nothing else, they are called by numbers, and no camera took
    them.
    """
    if not LEAST_PAGES <= len(paths) <= MOST_PAGES or _ALBUMS.search(fold_name(folder.name)):
        return ()
    places: dict[tuple[int, int, str], Path] = {}
    for path in paths:
        place = _place_of(fold_name(path.stem), fold_name(folder.name)) if path.suffix.lower() in PICTURES else None
        if place is None:
            return ()
        places[place] = path
    numbers = [number for part, number, _ in places if part == _FRAME_ORDER.index("")]
    is_run = len(places) == len(paths) and bool(numbers) and max(numbers) - min(numbers) < 2 * len(numbers)
    if not is_run or any(_is_from_camera(path, roots) for path in paths):
        return ()
    return tuple(places[place] for place in sorted(places))


def _place_of(stem: str, book: str) -> tuple[int, int, str] | None:
    """Return the part of a book that a picture of this name is in, its number there, and the side of a leaf, in order;
    None where it is no page.
    """
    if frame := _FRAME.fullmatch(stem):
        part, number = frame["part"], int(frame["number"])
        is_back = (part, number) == _BACK_COVER
        return len(_FRAME_ORDER) if is_back else _FRAME_ORDER.index(part), number, ""
    page = _PAGE.fullmatch(stem)
    body = _FRAME_ORDER.index("")
    if page is not None and page["numeral"]:
        numeral = read_numeral(page["numeral"])
        return None if numeral is None else (body, numeral, _side(page["half"]))
    if page is None or _ALBUMS.search(page["name"]):
        return None
    is_page = _PAGE_WORDS.fullmatch(page["name"]) is not None or _is_called_by(page["name"], book)
    return (body, int(page["number"]), _side(page["side"])) if is_page else None


def _side(word: str) -> str:
    """Return a side of a leaf so that sides sort: the right one of an old book comes first."""
    return {"右": "a", "左": "b", "上": "a", "下": "b"}.get(word, word)


def _is_called_by(name: str, book: str) -> bool:
    """Return whether pages are called by their book, perhaps in another order: `谭氏家谱` in `家谱_谭氏`."""
    letters, of_book = (set(filter(str.isalpha, text)) for text in (name, book))
    return name == book.strip("《》") or (
        len(letters) >= _FEWEST_LETTERS and (letters <= of_book or of_book <= letters)
    )


def _is_from_camera(path: Path, roots: SourceRoots) -> bool:
    """Return whether a JPEG says how it was exposed, or where (Exif 2.32, 4.6)."""
    try:
        with roots.open(path) as file:
            head = file.handle.read(_HEAD)
    except (RejectedError, OSError):
        return False
    at = head.find(b"Exif\0\0")
    if at < 0 or not head.startswith(b"\xff\xd8"):
        return False
    tiff = head[at + 6 :]
    order = "<" if tiff.startswith(b"II") else ">"
    try:
        first = _read_tags(tiff, struct.unpack_from(f"{order}I", tiff, 4)[0], order)
        exif = _read_tags(tiff, first[_EXIF_POINTER], order) if _EXIF_POINTER in first else {}
    except struct.error:
        return False
    return _GPS_POINTER in first or not _CAMERA_TAGS.isdisjoint(exif)


def _read_tags(tiff: bytes, start: int, order: str) -> dict[int, int]:
    """Return the tags of a directory with their values as they stand there."""
    count = struct.unpack_from(f"{order}H", tiff, start)[0]
    entries = (struct.unpack_from(f"{order}HHII", tiff, start + 2 + 12 * number) for number in range(count))
    return {tag: value for tag, _, _, value in entries}
