"""The closed lists of the catalogue: kinds, roles, access levels, states and link types."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The eight kinds of record."""

    BOOK = "book"
    AUDIO = "audio"
    LECTURE = "lecture"
    FILM = "film"
    PERFORMANCE = "performance"
    STORY = "story"
    PERSON = "person"
    PHOTO = "photo"


PLAYABLE = frozenset({Kind.AUDIO, Kind.LECTURE, Kind.FILM, Kind.PERFORMANCE})


class CreatorRole(StrEnum):
    """What a creator did; names after the MARC relator terms."""

    AUTHOR = "author"
    COMPOSER = "composer"
    LYRICIST = "lyricist"
    EDITOR = "editor"
    TRANSLATOR = "translator"
    LECTURER = "lecturer"
    DIRECTOR = "director"
    PERFORMER = "performer"
    PHOTOGRAPHER = "photographer"
    NARRATOR = "narrator"
    CONTRIBUTOR = "contributor"


class AssetRole(StrEnum):
    """What an asset is to its record. `PAGE_IMAGE` is reserved for scanned pages: nothing stores it yet."""

    ORIGINAL = "original"
    COVER = "cover"
    THUMBNAIL = "thumbnail"
    RENDITION = "rendition"
    SUBTITLE = "subtitle"
    TEXT = "text"
    PAGE_IMAGE = "page_image"


COVER_SOURCE = "cover"
"""The label of an original that lay next to the file of a record and is its cover."""
PUBLIC_COPY = "public"
"""The label of the rendition that readers get in the place of an original for librarians only."""
PAGED_FORMATS = frozenset(("djvu", "document", "pdf", "tiff"))
"""The formats whose extent is pages, which are read as a PDF."""
READING_COPY = "reading"
"""The label of the EPUB or PDF that the reader page opens in the place of an original that it cannot open."""
FIRST_PAGE = "first-page.webp"
"""The label of the picture of the first page of a PDF, which is shown until the reader has drawn the page."""


class Access(StrEnum):
    """Who may fetch the bytes of a record."""

    PUBLIC = "public"
    MEMBERS = "members"
    PREMISES = "premises"


def find_strictest(*levels: Access | str) -> Access:
    """Return the level that lets the fewest fetch; public where there are none."""
    return max(map(Access, levels), key=list(Access).index, default=Access.PUBLIC)


class Status(StrEnum):
    """Where a record stands; a withdrawn one answers 410, with its reason where that is public."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class WithdrawalReason(StrEnum):
    """The reasons of a withdrawal that everybody may know. Any other is for librarians: it may name somebody."""

    COPYRIGHT_EXPIRED = "版权到期"
    LICENCE_ENDED = "授权到期"
    RIGHTS_HOLDER = "版权方要求"
    WRONG_CONTENT = "内容有误"
    DAMAGED = "文件损坏"
    DUPLICATE = "重复"
    REPLACED = "换了新的"


class LinkType(StrEnum):
    """How one record is linked to another: source LINK target. `VERSION_OF` is reserved: nothing makes it yet."""

    PART_OF = "part_of"
    ABOUT = "about"
    SHOWS = "shows"
    VERSION_OF = "version_of"


class EntryState(StrEnum):
    """What became of one source of a batch."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    JOINED = "joined"
    REJECTED = "rejected"


class BatchState(StrEnum):
    """Where a batch stands."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    UNDONE = "undone"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
