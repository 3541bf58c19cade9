"""All that the sources hold: lists first, row by row with the files they name, then the files that no list named."""

from __future__ import annotations

import os
from collections.abc import Container, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import structlog

from ingest_tools.batch_errors import stops_batch
from ingest_tools.rejections import INTERNAL, RejectedError
from ingest_tools.sources.folder import Candidate, candidate_of, sidecars_among, str_path, walk
from ingest_tools.sources.import_request import ImportRequest
from ingest_tools.sources.lists.manifest import UnreadableManifest, is_manifest, may_restrict, read_manifest
from ingest_tools.sources.lists.unread_lists import UnreadList, is_spreadsheet, lists_put_aside, waits_for
from ingest_tools.sources.names import is_system_file, is_system_folder
from ingest_tools.sources.row_candidates import find_refused_file, make_row_candidate
from ingest_tools.sources.source_files import FileSet, SourceRoots, file_identity
from ingest_tools.sources.works.film_extras import list_skipped_files
from library_server.catalogue.enums import Access

log = structlog.get_logger(__name__)


def discover(request: ImportRequest) -> Generator[Candidate, None, None]:
    """Yield every candidate, each once."""
    roots = request.make_roots()
    lists = [*([request.manifest] if request.manifest else []), *_find_lists(request.sources, roots)]
    put_aside = list(lists_put_aside(request.inside, lists, roots)) if request.inside else []
    unread, named = list(put_aside), _NamedFiles()
    for path in lists:
        for candidate in _guard_candidates(path, _of_list(path, request, roots, unread)):
            if named.add(candidate, path, request, unread):
                continue  # another row or list may say that its file is not for everybody
            if request.includes(candidate) or request.includes_list(path):
                yield candidate
    waited_for: dict[str, str] = {}
    for path, candidate in named.finish_rows(request, roots, unread[len(put_aside) :]):
        if request.includes(candidate) or request.includes_list(path):
            waited_for.setdefault(candidate.waits_for, candidate.path.name)
            yield candidate
    yield from (candidate for candidate in named.refused_files() if request.includes(candidate))
    sources = [source for source in request.sources if source not in lists]
    named.claimed.add(*lists, *sidecars_among(sources, roots, named.excluded))
    walked = (_guard_candidates(source, walk([source], roots, named.excluded)) for source in sources)
    for candidate in chain.from_iterable(named.split_works(item, roots) for item in chain.from_iterable(walked)):
        if os.fspath(candidate.path) not in named.claimed and request.includes(candidate):
            waiting = replace(candidate, waits_for=waits_for(candidate, unread))
            waited_for.setdefault(waiting.waits_for, candidate.path.name)
            yield from _unpack_candidate(waiting, request, unread)
    if request.only is None:
        skipped = (path for path in list_skipped_files(sources, roots) if os.fspath(path) not in named.claimed)
        request.skipped.extend(skipped)
    yield from _partly_read(unread, waited_for)


def _unpack_candidate(
    candidate: Candidate, request: ImportRequest, unread: Sequence[UnreadList]
) -> Iterator[Candidate]:
    """Yield a candidate, or if it is a pack, all that is in it; lists in a pack describe what is in it."""
    unpacked = request.unpacker.unpack(candidate) if request.unpacker and not candidate.waits_for else candidate
    if isinstance(unpacked, Candidate):
        yield unpacked
        return
    assert request.unpacker is not None
    inside = replace(
        request,
        sources=[unpacked.tree],
        manifest=None,
        only=None,
        inside=None,
        protected=(),
        unpacker=request.unpacker.make_nested(),
        skipped=[],
    )
    for entry in chain(unpacked.refused, map(unpacked.mount, discover(inside))):
        member = entry if entry.waits_for else replace(entry, waits_for=waits_for(entry, unread))
        is_wanted = request.includes(member) or request.includes_list(candidate.path)
        if is_wanted or (member.list_path is not None and request.includes_list(member.list_path)):
            yield member


class _NamedFiles:
    """The files that rows of lists name, compared by device and inode, not by how a row spells their paths.

    `claimed` are those of rows; `excluded` are those that a row restricts, or of a refused row: sidecars of no other.
    """

    def __init__(self) -> None:
        self.claimed, self.excluded = FileSet(), FileSet()
        self._rows: list[tuple[Path, Candidate]] = []
        self._of_rows = FileSet()
        self._refused_rows: dict[tuple[int, int] | str, str] = {}
        self._refused_files: list[Candidate] = []

    def add(self, candidate: Candidate, path: Path, request: ImportRequest, unread: list[UnreadList]) -> bool:
        """Note what an entry of the list at `path` names; whether it has to wait until all lists are read."""
        row = candidate.row
        if row is None or not row.file:
            if candidate.rejection == INTERNAL and row is None:
                unread.append(UnreadList(path, _find_described_folder(path, request)))
            return False
        if not candidate.rejection:
            self._of_rows.add(candidate.path)
            if _is_restricted(candidate):
                self.excluded.add(candidate.path)
            self._rows.append((path, candidate))
            return True
        refused_file = find_refused_file(candidate, row, request)
        if refused_file is None:
            if may_restrict(row) and all(unread_list.path != path for unread_list in unread):
                unread.append(UnreadList(path, _find_described_folder(path, request)))
            return False
        self._refused_files.append(refused_file)
        self.excluded.add(refused_file.path)
        if may_restrict(row):
            self._refused_rows.setdefault(file_identity(refused_file.path), refused_file.detail)
        return False

    def finish_rows(
        self, request: ImportRequest, roots: SourceRoots, unread: Sequence[UnreadList]
    ) -> Iterator[tuple[Path, Candidate]]:
        """Yield the rows with files, each with its list, without the pictures in `excluded`.

        A row waits where another row that was refused, or another list that was not read, may restrict its file.
        """
        for path, candidate in self._rows:
            finished = _remove_sidecars(candidate, self.excluded, request, roots)
            self.claimed.add(finished.path, *finished.sidecars)
            if self._refused_rows and (refused_row := self._refused_rows.get(file_identity(finished.path))):
                finished = replace(finished, rejection="row_refused", detail=refused_row)
            others = [unread_list for unread_list in unread if unread_list.path != path]
            yield path, replace(finished, waits_for=waits_for(finished, others))

    def split_works(self, candidate: Candidate, roots: SourceRoots) -> list[Candidate]:
        """Return a candidate; that of several files by these, where a row names one of them."""
        if not any(os.fspath(path) in self.claimed for path in candidate.parts):
            return [candidate]
        return [candidate_of(path, roots, self.excluded) for path in candidate.parts]

    def refused_files(self) -> Iterator[Candidate]:
        """Yield the files of refused rows that no other row has, each once."""
        listed = FileSet()
        for refused_file in self._refused_files:
            self.claimed.add(refused_file.path)
            if os.fspath(refused_file.path) not in self._of_rows and os.fspath(refused_file.path) not in listed:
                listed.add(refused_file.path)
                yield refused_file


def _partly_read(unread: Sequence[UnreadList], waited_for: Mapping[str, str]) -> Iterator[Candidate]:
    """Yield the lists that were read but for a part in which files are named that wait: `waited_for` has one by its
    list.
    """
    for unread_list in unread:
        if unread_list.is_read and (name := waited_for.get(str_path(unread_list.path))):
            yield Candidate(unread_list.path, 0, "", rejection="part_unread", detail=name)


def _is_restricted(candidate: Candidate) -> bool:
    """Return whether a row says that its file is not for everybody."""
    row = candidate.row
    return row is not None and bool(row.file) and row.bibliographic.access not in {"", Access.PUBLIC}


def _remove_sidecars(
    candidate: Candidate, excluded: Container[str], request: ImportRequest, roots: SourceRoots
) -> Candidate:
    """Return the candidate of a row without the sidecars in `excluded`: as the cover of its record they would be
    public.
    """
    if not any(os.fspath(path) in excluded for path in candidate.sidecars):
        return candidate
    assert candidate.row is not None
    assert candidate.list_path is not None
    return make_row_candidate(candidate.list_path, candidate.row, request, roots, excluded)


def _find_described_folder(path: Path, request: ImportRequest) -> Path | None:
    """Return the folder with the files that a list may describe; None for all sources, where it was given with them."""
    is_given = path == request.manifest or (path in request.sources and request.inside is None)
    return None if is_given else path.parent


def _find_lists(sources: Sequence[Path], roots: SourceRoots) -> list[Path]:
    """Return the lists and MARC files among the sources and below them."""
    lists: dict[Path, None] = {}
    for source in sources:
        if not source.is_dir():
            lists.update({source: None} if is_manifest(source, roots) else {})
            continue
        for folder, folders, names in os.walk(source):
            if roots.is_protected(Path(folder)):
                folders.clear()
                continue
            folders[:] = sorted(name for name in folders if not is_system_folder(name))
            paths = (Path(folder) / name for name in sorted(names) if not is_system_file(name))
            lists.update({path: None for path in paths if is_manifest(path, roots)})
    return list(lists)


def _guard_candidates(path: Path, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    """Yield the candidates of one source; where they end in an error of ours, the source is an entry that says so."""
    try:
        yield from candidates
    except Exception as error:
        if stops_batch(error):
            raise
        log.error("entry_failed", stage="gather", path=str_path(path), exc_info=error)
        yield Candidate(path, 0, "", rejection=INTERNAL, detail=type(error).__name__)


def _of_list(path: Path, request: ImportRequest, roots: SourceRoots, unread: list[UnreadList]) -> Iterator[Candidate]:
    """Yield the rows of a list; where it cannot be read to its end, the list as a candidate, which is added to
    `unread`.
    """
    names: frozenset[str] | None = None
    unread_names: set[str] = set()
    try:
        with roots.open(path) as file:
            for listed in read_manifest(file, unread_names):
                yield make_row_candidate(path, listed, request, roots)
        if unread_names:
            unread.append(
                UnreadList(path, _find_described_folder(path, request), frozenset(unread_names), is_read=True)
            )
        return
    except RejectedError as refusal:
        rejected = Candidate(path, 0, "", rejection=refusal.code, detail=refusal.detail)
        names = refusal.mentioned if isinstance(refusal, UnreadableManifest) else None
    except FileNotFoundError:
        rejected = Candidate(path, 0, "", rejection="not_a_file")
    except OSError as error:
        rejected = Candidate(path, 0, "", rejection="unreadable", detail=error.strerror or "")
    if is_spreadsheet(path):
        unread.append(UnreadList(path, _find_described_folder(path, request), names))
    yield rejected
