"""What pictures are by their names: the cover of a folder, artwork of a media centre, a photo that a camera named."""

from __future__ import annotations

from pathlib import Path

from ingest_tools.formats.picture_suffixes import PICTURES
from library_server.catalogue.normalization.text import fold_name
from library_server.lazy_patterns import lazy_pattern

# the first of a folder is its cover
COVER_NAMES = ("poster", "海报", "cover", "封面", "front", "folder", "movie", "album", "albumart", "albumartsmall")
_ARTWORK = frozenset((
    "fanart", "backdrop", "background", "banner", "logo", "clearlogo", "clearart", "landscape", "keyart", "disc",
    "discart", "cdart", "characterart", "back", "封底", "inlay", "thumb",
))  # fmt: skip
_SEASON_ART = lazy_pattern(
    r"season(?:[-_ ]?(?:\d{1,4}|all|specials))?[-_ ](?:poster|fanart|banner|landscape|thumb|logo)"
)
# of a photo: a telephone calls the film that it took along by the same name
_CAMERA_NAME = lazy_pattern(
    r"_?(?:img|dsc[nf]?|pxl|mvimg|imgp|sam|cimg|pict|mg|p(?=\d{7}))[_-]?e?\d{4}.*|(?:19|20)\d{6}[_-]\d{6}.*"
)
_NUMBER = lazy_pattern(r"[-_ ]?\d{1,2}$")
_ALBUM_ART = lazy_pattern(r"albumart(?:small|_\{.{1,60}\}_(?:large|small))?")


def cover_rank(path: Path) -> int | None:
    """Return which of the covers of a folder a picture is; None where it is none by its name."""
    stem = fold_name(path.stem)
    if path.suffix.lower() not in PICTURES:
        return None
    if _ALBUM_ART.fullmatch(stem):
        return len(COVER_NAMES)
    return COVER_NAMES.index(stem) if stem in COVER_NAMES else None


def is_artwork(stem: str) -> bool:
    """Return whether a folded name is one of pictures that media centres show around a film, or of a season."""
    return stem in _ARTWORK or _SEASON_ART.fullmatch(stem) is not None


def is_camera_name(stem: str) -> bool:
    """Return whether a folded name is one that cameras and telephones give to photos."""
    return _CAMERA_NAME.fullmatch(stem) is not None


def without_number(stem: str) -> str:
    """Return a name without the number of one of several pictures of a kind: `fanart2`."""
    return _NUMBER.sub("", stem)
