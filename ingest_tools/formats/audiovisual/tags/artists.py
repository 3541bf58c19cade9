"""Who made a recording, by its tags: those who play and sing, or who reads and who wrote."""

from __future__ import annotations

import re

from library_server.catalogue.enums import CreatorRole

_READ = re.compile(
    r"audio ?books?|spoken|speech|podcast|talk|radio drama|audio theatre|hörb(?:uch|ücher)|livres? audio"
    r"|有声|听书|評書|评书|说书|朗读|朗诵|播讲|演播|广播剧|故事|小说|讲座|讲坛|播客",
    re.IGNORECASE,
)
_BOOK_SUFFIXES = frozenset((".m4b", ".aax", ".aa"))
_SEPARATORS = re.compile(r"\s*[;；、\x00]\s*|\s+/\s+")
_CHINESE_NAMES = re.compile(
    r"[\u4e00-\u9fff·]{2,8}(?:\s*[,，/&＆]\s*[\u4e00-\u9fff·]{2,8})+"
)  # which have none of these
_COMMA = re.compile(r"\s*[,，/&＆]\s*")
# what compilations have for an artist
_SEVERAL_ARTISTS = re.compile(
    r"v\.?a\.?|various(?: artists?)?|(?:华语|中国|明星)?群星|合辑|众星|多位(?:歌手|艺术家)|众歌手", re.IGNORECASE
)
_PLAYERS = ("performer", "conductor")
_WRITERS = {"lyricist": CreatorRole.LYRICIST, "text": CreatorRole.LYRICIST, "composer": CreatorRole.COMPOSER}
_TITLES = ("genre", "album", "title", "grouping", "content_group")


def is_read_aloud(tags: dict[str, str], suffix: str) -> bool:
    """Return whether a recording is of a text that is read, by its genre, its ending or the words of its title."""
    return suffix in _BOOK_SUFFIXES or any(_READ.search(tags.get(name, "")) for name in _TITLES)


def creators_of_tags(tags: dict[str, str], suffix: str) -> list[tuple[str, str]]:
    """Return the people in the tags of a recording, each with a role.

    Audiobooks have their author as artist and their reader as composer, where both are there. Who made words and music
    follows those who sing.
    """
    artists = split_artists(tags.get("artist")) or split_artists(tags.get("album_artist"))
    if not is_read_aloud(tags, suffix) and not tags.get("narrator"):
        players = [*artists, *(name for tag in _PLAYERS for name in split_artists(tags.get(tag)))]
        writers = [(name, str(role)) for tag, role in _WRITERS.items() for name in split_artists(tags.get(tag))]
        creators = [(name, str(CreatorRole.PERFORMER)) for name in players]
        return list(dict.fromkeys(creators + writers))
    readers = split_artists(tags.get("narrator") or tags.get("composer") or tags.get("performer"))
    if not readers or set(readers) & set(artists):
        return [(name, str(CreatorRole.NARRATOR)) for name in artists]
    return [(name, str(CreatorRole.AUTHOR)) for name in artists] + [
        (name, str(CreatorRole.NARRATOR)) for name in readers
    ]


def split_artists(text: str | None) -> list[str]:
    """Return the names in one tag; a comma or a stroke without spaces may be part of a name (`AC/DC`)."""
    parts = (part.strip() for part in _SEPARATORS.split(text or ""))
    split = (_COMMA.split(part) if _CHINESE_NAMES.fullmatch(part) else [part] for part in parts)
    names = (name for names in split for name in names if name and not _SEVERAL_ARTISTS.fullmatch(name))
    return list(dict.fromkeys(names))
