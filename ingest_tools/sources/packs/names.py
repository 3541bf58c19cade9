"""Paths of members of packs: `FOLDER/PACK.zip!/FOLDER/NAME`, as Java writes them."""

from __future__ import annotations

import re
from pathlib import Path

ZIPPED = (".zip",)
TARRED = (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".gz", ".bz2", ".xz")
BY_PROGRAM = (".rar", ".7z", ".cab", ".lzh", ".lha", ".iso", ".zst", ".tzst")  # which libarchive reads
UNPACKED_FOLDER = "tree"  # of the members, in the folder that a pack is unpacked into
SUFFIXES = frozenset((*ZIPPED, *TARRED, *BY_PROGRAM))
COMICS = (".cbz", ".cbr", ".cb7", ".cbt")  # many are packs of books
_VOLUME = re.compile(r"\.part\d{1,4}\.rar$|\.(?:zip|7z|rar|tar)\.\d{3,4}$", re.IGNORECASE)
_MEMBER = re.compile(
    r"(?P<pack>.*?)(?P<suffix>(?:\.part\d{1,4})?(?:"
    rf"{'|'.join(map(re.escape, sorted((*SUFFIXES, *COMICS))))})(?:\.\d{{3,4}})?)!/",
    re.IGNORECASE | re.DOTALL,
)


def is_pack_name(path: Path) -> bool:
    """Return whether a file is called as a pack, and not as one of several volumes."""
    return path.suffix.lower() in SUFFIXES and not _VOLUME.search(path.name)


def root_of(pack: Path) -> Path:
    """Return the folder that a pack stands for."""
    return pack.with_name(f"{pack.name}!")


def outer_file(path: str) -> str:
    """Return the file on the disk that holds what a path names: the pack around a member, else the path itself."""
    member = _MEMBER.match(path)
    return member["pack"] + member["suffix"] if member else path


def as_folders(path: Path) -> Path:
    """Return the path of a member as if packs were folders called as they are, for what folders' names say."""
    return Path(_MEMBER.sub(lambda member: f"{member['pack']}/", str(path)))
