"""Takes candidates in two steps, each by many threads: describe, then store; gives what the catalogue writer writes."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Container
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ingest_tools.derived_files import store_derived
from ingest_tools.description import Description
from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.parser_pool import Parser
from ingest_tools.pipeline.isolation import rejection_of
from ingest_tools.pipeline.joined_parts import described_as_work, open_candidate, without_unused
from ingest_tools.pipeline.known_records.later_sidecars import labels_to_store
from ingest_tools.pipeline.known_records.prior_imports import PriorImports, find_newer_of
from ingest_tools.pipeline.metadata.merge import DraftRecord, apply_row, build_draft, public_path, within_bounds
from ingest_tools.pipeline.metadata.row_values import draft_of_row
from ingest_tools.pipeline.metadata.stated_access import statements, with_earlier_access, with_statements
from ingest_tools.pipeline.results import (
    FileResult,
    Imported,
    ImportResult,
    KnownFile,
    NewFile,
    NewRow,
    NewVersion,
    Rejected,
)
from ingest_tools.pipeline.scratch_pool import ScratchPool
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.file_access import SourceFile
from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.assets import fixity, sidecar_pictures
from library_server.catalogue.dto import AssetView
from library_server.catalogue.enums import COVER_SOURCE, AssetRole, EntryState
from library_server.catalogue.normalization.identifiers import new_id
from library_server.catalogue.records import merging, queries
from library_server.catalogue.records.commands import NewAsset
from library_server.database.engine import Database
from storage_config.fixity.verification import replace_object
from storage_config.keys import original_key
from storage_config.stores.base import ObjectStore


@dataclass(frozen=True)
class ExtractedFile:
    """A candidate that was read: its description, the derived files in `scratch`, and how the file stood before.

    `earlier` is the record that its path last became, `last` also counts batches that were undone. `file` stays open:
    what was described is what is stored.
    """

    candidate: Candidate
    earlier: str | None
    last: frozenset[str]
    description: Description
    draft_record: DraftRecord
    scratch: Path
    file: SourceFile
    before: os.stat_result


class FileImporter:
    """Takes candidates of one batch; safe to use from many threads."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        scratch: Path,
        kind: str | None,
        *,
        dry_run: bool,
        covers: bool,
    ) -> None:
        self._database = database
        self._store = store
        self._kind = kind
        self._dry_run = dry_run
        self._covers = covers
        self._claimed: set[str] = set()
        self._twins: list[Candidate] = []
        self._claims = threading.Lock()
        self._folders = ScratchPool(scratch)

    def decide(self, candidate: Candidate, known: PriorImports) -> ImportResult | None:
        """What becomes of a candidate of which no file has to be read; None for any other.

        Raises what `stops_batch` names; every other fault rejects this candidate alone.
        """
        try:
            return self._decide(candidate, known)
        except Exception as error:
            return rejection_of(candidate, "describe", error)

    def _decide(self, candidate: Candidate, known: PriorImports) -> ImportResult | None:
        unchanged = known.find_unchanged(candidate)
        if unchanged is not None:
            return Imported(candidate, EntryState.UNCHANGED, unchanged)
        if candidate.rejection:
            return Rejected(candidate, RejectedError(candidate.rejection, candidate.detail))
        if candidate.waits_for:
            return Rejected(candidate, RejectedError("list_refused", candidate.waits_for))
        if candidate.row is not None and not candidate.row.file:
            return self._row(candidate, candidate.row)
        return None

    def describe(self, candidate: Candidate, known: PriorImports, parser: Parser) -> ImportResult | ExtractedFile:
        """Read the file of a candidate: what becomes of it, or its description, to be stored next.

        Raises what `stops_batch` names; every other fault rejects this candidate alone.
        """
        try:
            return self._describe(candidate, known, parser)
        except RejectedError as refusal:
            return Rejected(candidate, refusal)
        except Exception as error:
            return rejection_of(candidate, "describe", error)

    def _describe(self, candidate: Candidate, known: PriorImports, parser: Parser) -> ImportResult | ExtractedFile:
        out = self._folders.acquire()
        file: SourceFile | None = None
        try:
            file, candidate = open_candidate(candidate, out, parser)
            before = file.stat()
            description = described_as_work(candidate, self._parsed(candidate, file, out, parser), out, parser)
            candidate = without_unused(candidate, description)
            draft_record = build_draft(description, candidate.named, self._kind)
            if candidate.row is not None:
                draft_record = apply_row(draft_record, candidate.row)
            draft_record = within_bounds(with_statements(draft_record, candidate, description))
        except BaseException:
            self._let_go(out, file)
            raise
        earlier, last = known.find_earlier(candidate), known.find_last(candidate)
        return ExtractedFile(candidate, earlier, last, description, draft_record, out, file, before)

    def _let_go(self, out: Path, file: SourceFile | None) -> None:
        if file is not None:
            file.close()
        self._folders.release(out)

    def _parsed(self, candidate: Candidate, file: SourceFile, out: Path, parser: Parser) -> Description:
        with ExitStack() as closing:
            joined = [closing.enter_context(candidate.roots.open(path)) for path in candidate.sidecars]
            return parser.describe(file, out, joined, covers=self._covers)

    def store(self, read: ExtractedFile) -> ImportResult | None:
        """Store what was described; None where a twin with the same bytes is in hand, for which this one waits.

        Raises what `stops_batch` names; every other fault rejects this candidate alone.
        """
        try:
            return self._store_file(read)
        except RejectedError as refusal:
            return Rejected(read.candidate, refusal)
        except Exception as error:
            return rejection_of(read.candidate, "store", error)
        finally:
            self._let_go(read.scratch, read.file)

    def discard(self, read: ExtractedFile) -> None:
        """Let go of what was described and will not be stored, since the batch stops."""
        self._let_go(read.scratch, read.file)

    def waiting(self) -> list[Candidate]:
        """Those that waited for a twin, to be taken again now that all others are written; each is returned once."""
        with self._claims:
            twins, self._twins = self._twins, []
            self._claimed.clear()
        return twins

    def _row(self, candidate: Candidate, row: ManifestRow) -> NewRow:
        return NewRow(candidate, row, new_id(), draft_of_row(candidate, row, self._kind))

    def _store_file(self, read: ExtractedFile) -> FileResult | Imported | None:
        candidate, path = read.candidate, read.file.address
        digest = self._store.put_original(path, durable=False)
        after, before = read.file.stat(), read.before
        # the time of the last change cannot be set back as that of the last write can, but a removed name sets it too
        changed = after.st_ctime_ns != before.st_ctime_ns and after.st_nlink == before.st_nlink
        if changed or after.st_mtime_ns != before.st_mtime_ns or digest.size != before.st_size:
            raise RejectedError("changed_while_read")
        pictures, recovered = self._keep_pictures(candidate, read.scratch)
        original = self._stored(digest.sha256)
        if original is not None:
            recovered += self._replace_unsound(path, digest.sha256, read.scratch)
            with self._database.reading() as session:
                labels = labels_to_store(session, original.record_id, read.description, pictures)
            lost = self._store_derived(original.record_id, read, labels)
            return KnownFile(
                candidate, original.record_id, read.draft_record, read.description, digest, lost, pictures, recovered
            )
        if (keeper := self._withdrawn_keeper(read, digest.sha256)) is not None:
            return Imported(candidate, EntryState.UNCHANGED, keeper)
        if not self._claim(digest.sha256, candidate):
            return None
        newer_of = self._newer_of(read)
        record_id = newer_of or new_id()
        derived = self._store_derived(record_id, read)
        if newer_of:
            return NewVersion(
                candidate, record_id, read.draft_record, read.description, digest, derived, pictures, recovered
            )
        draft_record = self._with_earlier_access(read)
        return NewFile(candidate, record_id, draft_record, read.description, digest, derived, pictures, recovered)

    def _with_earlier_access(self, read: ExtractedFile) -> DraftRecord:
        """The draft, no more public than what a file at this path became before, and what that was merged into."""
        if not read.last:
            return read.draft_record
        stated = statements(read.candidate, read.description)
        with self._database.reading() as session:
            merged = {merging.merged_into(session, record_id) for record_id in read.last}
            records = [queries.record(session, record_id) for record_id in {*read.last, *filter(None, merged)}]
            earlier = [record for record in records if record is not None]
            return with_earlier_access(session, read.draft_record, earlier, stated) if earlier else read.draft_record

    def _store_derived(
        self, record_id: str, read: ExtractedFile, labels: Container[tuple[str, str]] | None = None
    ) -> tuple[NewAsset, ...]:
        """Store the derived files of a record; with `labels`, only those of these roles and labels."""
        name = str_path(Path(public_path(read.candidate.named, read.description).name))
        return tuple(
            store_derived(self._store, record_id, read.scratch, file, name)
            for file in read.description.derived
            if labels is None or (file.role, file.label) in labels
        )

    def _stored(self, sha256: str) -> AssetView | None:
        with self._database.reading() as session:
            there = queries.original_exists(session, sha256)
            return queries.original_by_sha256(session, sha256) if there else None

    def _withdrawn_keeper(self, read: ExtractedFile, sha256: str) -> str | None:
        """The withdrawn record that keeps these bytes as a picture: they stay withdrawn, unless a row states access."""
        row = read.candidate.row
        if read.description.format != "photo" or (row is not None and row.bibliographic.access):
            return None
        with self._database.reading() as session:
            return sidecar_pictures.find_withdrawn_keeper(session, sha256)

    def _keep_pictures(self, candidate: Candidate, scratch: Path) -> tuple[tuple[NewAsset, ...], tuple[str, ...]]:
        """Store the pictures next to a file as they came; readers get the cover, which tells no place.

        Returns them, and the originals that they recovered.
        """
        kept: list[NewAsset] = []
        recovered: tuple[str, ...] = ()
        for path in candidate.pictures:
            with candidate.roots.open(path) as file:
                digest = self._store.put_original(file.address, durable=False)
                recovered += self._replace_unsound(file.address, digest.sha256, scratch)
            kept.append(
                NewAsset(
                    role=AssetRole.ORIGINAL, label=COVER_SOURCE, media_type=PICTURES[path.suffix.lower()],
                    size=digest.size, sha256=digest.sha256, key=original_key(digest.sha256),
                    filename=str_path(Path(path.name)), superseded=True, librarians_only=True,
                )
            )  # fmt: skip
        return tuple(kept), recovered

    def _claim(self, sha256: str, candidate: Candidate) -> bool:
        """Whether these bytes are ours: a twin in this very batch may have them in hand, not yet written."""
        with self._claims:
            if sha256 in self._claimed:
                self._twins.append(candidate)
                return False
            self._claimed.add(sha256)
        return True

    def _newer_of(self, read: ExtractedFile) -> str | None:
        """The record of which this file is a newer version; see `find_newer_of`."""
        if read.earlier is None:
            return None
        with self._database.reading() as session:
            return find_newer_of(session, read.earlier, read.draft_record.draft, read.description)

    def _replace_unsound(self, path: Path, sha256: str, out: Path) -> tuple[str, ...]:
        """Store the bytes of originals that a check found damaged or gone, and came in again; the ids of these."""
        with self._database.reading() as session:
            lost = fixity.unsound_originals(session, sha256)
        if lost and not self._dry_run:
            replace_object(self._store, lost[0], shutil.copyfile(path, out / sha256))
        return tuple(original.asset_id for original in lost)
