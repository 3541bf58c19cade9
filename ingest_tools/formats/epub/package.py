"""An opened EPUB: its container, package document, manifest and spine (EPUB 3.3, sections 4 and 5; OPF 2.0.1).

Elements are found by their local names: books have the namespaces of OEB 1, of none, or of their own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from ingest_tools.formats import markup
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.markup import local_name
from ingest_tools.rejections import RejectedError

_CONTAINER: Final = "META-INF/container.xml"
_PACKAGE_TYPE: Final = "application/oebps-package+xml"
_CONTAINER_METADATA: Final = "META-INF/metadata.xml"
_RIGHTS: Final = "META-INF/rights.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_READABLE: Final = re.compile(r"\S+/(?:\S+\+)?(?:x?html|xml|svg|x-oeb1-document)", re.IGNORECASE)
_APPLE_DOUBLE: Final = "._"  # the resources that macOS puts next to a file
_FONTS: Final = (".otf", ".ttf", ".ttc", ".woff", ".woff2")
_MOST_FALLBACKS: Final = 8
_PACKAGES_LIMIT: Final = 20
_CHAPTERS_TRIED, _HEAD = 20, 4096
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


class Book(Archive):
    """An opened EPUB and its package document. Raises `RejectedError` where it has none, or is protected."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        is_unclear = self._refuse_drm()
        root_files = self._read_root_files()
        self.opf_path, self.opf = self._choose_package(root_files)
        packages = [root.get("full-path", "") for root in root_files if _is_package(root)]
        members = {self.find(name) for name in (*packages, _CONTAINER_METADATA)}
        self.other_packages = {member for member in members if member and member != self.opf_path}
        self._items: dict[str, list[Any]] = {}
        for item in find_elements(self.opf, "item"):
            self._items.setdefault(item.get("id", "").strip(), []).append(item)
        self.manifest = {identifier: items[0] for identifier, items in self._items.items()}
        if is_unclear and not self._has_readable_chapter():
            raise RejectedError("drm")

    def resolve(self, reference: str, base: str | None = None) -> str | None:
        """Return the member that a reference from the package document, or from the member `base`, means.

        A fragment is left out, unless the name itself has a number sign; None where no member is meant.
        """
        folder = posixpath.dirname((base or self.opf_path).replace("\\", "/"))
        for name in dict.fromkeys((reference.partition("#")[0], reference)):
            if not name:
                continue
            for form in dict.fromkeys((name, unquote(name))):
                if member := self.find(posixpath.normpath(posixpath.join(folder, form.replace("\\", "/")))):
                    return member
        return None

    def read_spine(self) -> Iterator[tuple[int, str | None]]:
        """Number and member of each item of the spine; None for a member that the file does not have.

        Of an item that is no document, such as a PDF, it is the fallback (EPUB 3.3, 5.6.2). Where several items have
        one identifier, each reference to it means the next of them that the file has.
        """
        taken: set[str] = set()
        for number, named in enumerate(self._list_spine(), 1):
            items = (self._follow_fallbacks(item) for item in named)
            members = [member for item in items if (member := self.resolve(item.get("href", "")))]
            member = next((member for member in members if member not in taken), next(iter(members), None))
            taken.update([member] if member is not None and len(named) > 1 else [])
            yield number, member

    def _list_spine(self) -> list[list[Any]]:
        """Return the items that each reference of the spine names; where no reference names one, the documents of the
        manifest in their order, as other reading systems show them.
        """
        named = [
            self._items.get(reference.get("idref", "").strip(), []) for reference in find_elements(self.opf, "itemref")
        ]
        if any(named):
            return named
        documents = [[item] for items in self._items.values() for item in items if _is_document(item)]
        return documents or named

    def _choose_package(self, root_files: list[Any]) -> tuple[str, Any]:
        """Return name and root of the package document that is the book: the first whose spine names a member, or else
        whose manifest does; where none does, the first that can be read. `readPackage` of the reader chooses the same.

        Raises the `RejectedError` of the first package document where none can be read.
        """
        packages: list[tuple[str, Any]] = []
        failure: RejectedError | None = None
        for name in islice(self._find_packages(root_files), _PACKAGES_LIMIT):
            try:
                packages.append((name, self.parse_xml(name)))
            except RejectedError as error:
                failure = failure or error
                continue
            if self._names_members(*packages[-1], in_spine=True):
                return packages[-1]
        if not packages:
            raise failure or RejectedError("damaged", "no OPF package document")
        return next((pair for pair in packages if self._names_members(*pair, in_spine=False)), packages[0])

    def _find_packages(self, root_files: list[Any]) -> Iterator[str]:
        """Yield the package documents that the container names, those of their media type first, and then all others by
        how high they lie. A PDF that the container names as another form of the book is none.
        """
        stated = sorted(filter(_may_be_package, root_files), key=lambda root: not _is_package(root))
        others = sorted(
            (name.count("/") + name.count("\\"), name)
            for name in self.names
            if name.lower().endswith(".opf") and not posixpath.basename(name).startswith(_APPLE_DOUBLE)
        )
        members = (self.find(root.get("full-path", "")) for root in stated)
        yield from dict.fromkeys(filter(None, (*members, *(name for _, name in others))))

    def _names_members(self, base: str, opf: Any, *, in_spine: bool) -> bool:
        """Return whether a package document names any member that is there, in its spine or else in its manifest."""
        named = {reference.get("idref", "").strip() for reference in find_elements(opf, "itemref")}
        return any(
            self.resolve(item.get("href", ""), base)
            for item in find_elements(opf, "item")
            if (item.get("id", "").strip() in named if in_spine else _is_document(item))
        )

    def _read_root_files(self) -> list[Any]:
        container = self.find(_CONTAINER)
        try:
            return list(find_elements(self.parse_xml(container), "rootfile")) if container else []
        except RejectedError:
            return []

    def _follow_fallbacks(self, item: Any) -> Any:
        """Return an item, or the first document among its fallbacks."""
        fallback = item
        for _ in range(_MOST_FALLBACKS):
            if fallback is None:
                return item
            if _READABLE.fullmatch(fallback.get("media-type", "").strip()):
                return fallback
            fallback = self.manifest.get(fallback.get("fallback", ""))
        return item

    def _refuse_drm(self) -> bool:
        """Return whether only the chapters tell that a book is protected: rights stay behind where protection was
        removed, and some sellers put them into every book. Raises `RejectedError` where members are encrypted.
        """
        encryption = self.find(_ENCRYPTION)
        root = None
        if encryption is not None:
            with suppress(RejectedError):
                root = self.parse_xml(encryption)
        methods = list(find_elements(root, "encryptionmethod")) if root is not None else []
        if any(method.get("Algorithm") not in _FONT_OBFUSCATION and not _is_of_font(method) for method in methods):
            raise RejectedError("drm")
        return self.find(_RIGHTS) is not None or (encryption is not None and root is None)

    def _has_readable_chapter(self) -> bool:
        """Return whether any of the first chapters is a document; one that is encrypted is noise."""
        for _, member in islice(self.read_spine(), _CHAPTERS_TRIED):
            with suppress(RejectedError):
                if member is not None and b"<" in (data := self.read(member))[:_HEAD] and markup.is_text(data):
                    return True
        return False


def find_elements(root: Any, *names: str) -> Iterator[Any]:
    """Return all elements of these local names, in lower case and in the order of the document."""
    return (element for element in root.iter() if local_name(element.tag) in names)


def _is_of_font(method: Any) -> bool:
    """Return whether a method encrypts nothing but fonts, without which the text can be read."""
    references = list(find_elements(method.getparent(), "cipherreference"))
    return bool(references) and all(
        unquote(reference.get("URI", "")).lower().endswith(_FONTS) for reference in references
    )


def _is_package(root: Any) -> bool:
    return str(root.get("media-type", "")).strip().lower() == _PACKAGE_TYPE


def _may_be_package(root: Any) -> bool:
    stated, name = str(root.get("media-type", "")).strip().lower(), str(root.get("full-path", "")).lower()
    return not stated or "xml" in stated or name.endswith(".opf")


def _is_document(item: Any) -> bool:
    is_readable = _READABLE.fullmatch(item.get("media-type", "").strip()) is not None
    return is_readable and "nav" not in item.get("properties", "").split()
