"""Names of files as different systems write them."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PureWindowsPath
from typing import Final
from urllib.parse import unquote

LONGEST_PATH: Final = 4096  # characters
_MOST_PARTS: Final = 64
_FILE_ADDRESS: Final = re.compile(r"file:/{1,3}", re.IGNORECASE)

_SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "autorun.inf", "folder.htt", "picasa.ini"})
# what comes with a program or a download and says something of it alone
_NOTES_OF_PROGRAMS = re.compile(
    r"(?:read[ _-]?me(?:[ _-]?first)?|licen[cs]e(?:[ _.-](?:mit|apache|bsd|gpl|\d[\d.]*))?|copying|authors"
    r"|contributors|contributing|change(?:s|log)|install|notice|todo|下载说明|解压密码|使用前必读)(?:\.(?:txt|md|rst|markdown))?"
)
_SYSTEM_FOLDERS = frozenset({"@eadir", "#recycle", "$recycle.bin", "recycler", "system volume information",
                             "lost+found", "lost.dir", "__macosx"})  # fmt: skip
_PAGES = (".html", ".htm", ".xhtml")
_OF_DISCS = (".bdmv", ".mpls", ".clpi", ".bdjo")  # what a Blu-ray disc tells players
_PARTIAL = (
    ".part", ".partial", ".crdownload", ".tmp", ".download", ".filepart", ".!ut", ".!qb", ".bc!", ".td", ".xltd",
    ".aria2",
)  # fmt: skip
# what cameras and telephones keep next to a photo or film for themselves: thumbnails, steps of editing
_OF_CAMERAS = (".thm", ".aae")


def is_system_file(name: str) -> bool:
    """Return whether a file is a system's or a program's own: hidden, a lock, a download under way, a README or a
    licence.
    """
    lower = name.lower()
    return (
        lower.startswith((".", "~$"))
        or lower in _SYSTEM_FILES
        or lower.endswith((*_PARTIAL, *_OF_DISCS, *_OF_CAMERAS))
        or (_NOTES_OF_PROGRAMS.fullmatch(lower) is not None)
    )


def is_system_folder(name: str) -> bool:
    """Return whether a folder is a system's own: hidden, of things deleted, of thumbnails."""
    return name.startswith(".") or name.lower() in _SYSTEM_FOLDERS


def is_part_of(folder: str, files: Collection[str]) -> bool:
    """Return whether a folder has the parts of a web page that a browser saved next to it: `page_files` of
    `page.html`.
    """
    stem, mark = folder.rpartition("_")[0], folder.rpartition("_")[2].lower()
    if mark not in {"files", "文件"}:
        stem, mark = folder.rpartition(".")[0], folder.rpartition(".")[2].lower()
    return mark in {"files", "文件"} and any(f"{stem}{suffix}" in files for suffix in _PAGES)


def path_parts(named: str) -> list[str]:
    """Return the parts of a path of any system, as a cell names it."""
    named = named.strip().strip('"“”')
    if address := _FILE_ADDRESS.match(named):
        named = unquote(named[address.end() :])
    return [part for part in PureWindowsPath(named).parts if part.strip("\\/")]


def join_path(first: str, second: str) -> str:
    """Return the path that two columns name: the whole one where the other is its end, or a folder and the name in it.

    Two names that have nothing to do with each other are one cell, which names no file.
    """
    for whole, end in ((first, second), (second, first)):
        if path_parts(whole)[-len(path_parts(end)) or None :] == path_parts(end):
            return whole
    for folder, name in ((first, second), (second, first)):
        if not PureWindowsPath(folder).suffix and PureWindowsPath(name).suffix:
            return f"{folder}/{name}"
    return f"{first}；{second}"


def is_path(named: str) -> bool:
    """Return whether a cell may name a file, by its length and the number of its parts."""
    return len(named) <= LONGEST_PATH and "\0" not in named and len(path_parts(named)) <= _MOST_PARTS
