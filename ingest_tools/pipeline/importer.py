"""Describes and stores candidates, in two steps of many threads each, and returns results for `CatalogueWriter`."""

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
from ingest_tools.pipeline.metadata import stated_access
from ingest_tools.pipeline.metadata.merge import PreparedDraft, apply_row, build_draft, public_path, within_bounds
from ingest_tools.pipeline.metadata.row_values import draft_of_row
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
from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.lists.manifest import ManifestRow
from ingest_tools.sources.source_files import SourceFile
from library_server.catalogue.assets import fixity, sidecar_pictures
from library_server.catalogue.dto import AssetView
from library_server.catalogue.enums import COVER_SOURCE, AssetRole, EntryState
from library_server.catalogue.normalization.identifiers import new_id
from library_server.catalogue.records import queries
from library_server.catalogue.records.commands import NewAsset
from library_server.database.engine import Database
from storage_config.fixity.verification import replace_object
from storage_config.keys import original_key
from storage_config.stores.base import Digest, ObjectStore

_Pictures = tuple[NewAsset, ...]


@dataclass(frozen=True)
class ExtractedFile:
    """A candidate that was read: its description, the derived files in `scratch`, and the status of the file before.

    `earlier_id` is the record that its path last became, `earlier_ids` also counts batches that were undone. `file`
    stays open: what was described is what is stored.
    """

    candidate: Candidate
    earlier_id: str | None
    earlier_ids: frozenset[str]
    description: Description
    prepared_draft: PreparedDraft
    scratch: Path
    file: SourceFile
    before: os.stat_result


class FileImporter:
    """Takes candidates of one batch; safe to use from many threads."""

    def __init__(
        self, database: Database, store: ObjectStore, scratch: Path, kind: str | None, *, dry_run: bool, covers: bool
    ) -> None:
        self._database = database
        self._store = store
        self._kind = kind
        self._dry_run = dry_run
        self._covers = covers
        self._claimed: set[str] = set()
        self._postponed: list[Candidate] = []
        self._claims = threading.Lock()
        self._folders = ScratchPool(scratch)

    def decide(self, candidate: Candidate, known: PriorImports) -> ImportResult | None:
        """Return what becomes of a candidate of which no file has to be read; None for any other.

        Raises errors that concern the whole batch (`stops_batch`); any other rejects this candidate alone.
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
            return self._result_of_row(candidate, candidate.row)
        return None

    def describe(self, candidate: Candidate, known: PriorImports, parser: Parser) -> ImportResult | ExtractedFile:
        """Read the file of a candidate: what becomes of it, or its description, to be stored next.

        Raises errors that concern the whole batch (`stops_batch`); any other rejects this candidate alone.
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
            description = described_as_work(candidate, self._parse(candidate, file, out, parser), out, parser)
            candidate = without_unused(candidate, description)
            prepared_draft = build_draft(description, candidate.named, self._kind)
            if candidate.row is not None:
                prepared_draft = apply_row(prepared_draft, candidate.row)
            prepared_draft = within_bounds(stated_access.with_access_statements(prepared_draft, candidate, description))
        except BaseException:
            self._release(out, file)
            raise
        earlier_id, earlier_ids = known.find_earlier_id(candidate), known.find_earlier_ids(candidate)
        return ExtractedFile(candidate, earlier_id, earlier_ids, description, prepared_draft, out, file, before)

    def _release(self, out: Path, file: SourceFile | None) -> None:
        if file is not None:
            file.close()
        self._folders.release(out)

    def _parse(self, candidate: Candidate, file: SourceFile, out: Path, parser: Parser) -> Description:
        with ExitStack() as closing:
            joined = [closing.enter_context(candidate.roots.open(path)) for path in candidate.sidecars]
            return parser.describe(file, out, joined, covers=self._covers)

    def store(self, extracted: ExtractedFile) -> ImportResult | None:
        """Store a described file; None where another candidate of the batch has claimed the same bytes.

        Such a candidate is postponed; see `take_postponed`. Raises what `stops_batch` names; every other fault
        rejects this candidate alone.
        """
        try:
            return self._store_file(extracted)
        except RejectedError as refusal:
            return Rejected(extracted.candidate, refusal)
        except Exception as error:
            return rejection_of(extracted.candidate, "store", error)
        finally:
            self._release(extracted.scratch, extracted.file)

    def discard(self, extracted: ExtractedFile) -> None:
        """Release the files of what was described and will not be stored, since the batch stops."""
        self._release(extracted.scratch, extracted.file)

    def take_postponed(self) -> list[Candidate]:
        """Return and forget the candidates that were postponed because another one has the same bytes."""
        with self._claims:
            postponed, self._postponed = self._postponed, []
            self._claimed.clear()
        return postponed

    def _result_of_row(self, candidate: Candidate, row: ManifestRow) -> NewRow:
        return NewRow(candidate, row, new_id(), draft_of_row(candidate, row, self._kind))

    def _store_file(self, extracted: ExtractedFile) -> FileResult | Imported | None:
        candidate, path = extracted.candidate, extracted.file.address
        digest = self._put_original(extracted)
        pictures, recovered = self._keep_pictures(candidate, extracted.scratch)
        original = self._find_stored(digest.sha256)
        if original is not None:
            recovered += self._replace_unsound(path, digest.sha256, extracted.scratch)
            return self._known_file(extracted, original.record_id, digest, pictures, recovered)
        if (keeper := self._withdrawn_keeper(extracted, digest.sha256)) is not None:
            return Imported(candidate, EntryState.UNCHANGED, keeper)
        if not self._claim(digest.sha256, candidate):
            return None
        return self._new_file(extracted, digest, pictures, recovered)

    def _put_original(self, extracted: ExtractedFile) -> Digest:
        """Store the bytes of a file. Raises `RejectedError` where it was changed since it was described."""
        digest = self._store.put_original(extracted.file.address, durable=False)
        after, before = extracted.file.stat(), extracted.before
        # the time of the last change cannot be set back as that of the last write can, but a removed name sets it too
        changed = after.st_ctime_ns != before.st_ctime_ns and after.st_nlink == before.st_nlink
        if changed or after.st_mtime_ns != before.st_mtime_ns or digest.size != before.st_size:
            raise RejectedError("changed_while_read")
        return digest

    def _known_file(
        self, extracted: ExtractedFile, record_id: str, digest: Digest, pictures: _Pictures, recovered: tuple[str, ...]
    ) -> KnownFile:
        """Return the result of a file whose bytes are catalogued, with the derived files that its record lacks."""
        description = extracted.description
        with self._database.reading() as session:
            labels = labels_to_store(session, record_id, description, pictures)
        derived = self._store_derived(record_id, extracted, labels)
        return KnownFile(
            extracted.candidate, record_id, extracted.prepared_draft, description, digest, derived, pictures, recovered
        )

    def _new_file(
        self, extracted: ExtractedFile, digest: Digest, pictures: _Pictures, recovered: tuple[str, ...]
    ) -> NewFile | NewVersion:
        """Return the result of a file whose bytes are new: a version of the record of its path, or a new record."""
        candidate, description = extracted.candidate, extracted.description
        newer_of = self._newer_of(extracted)
        record_id = newer_of or new_id()
        derived = self._store_derived(record_id, extracted)
        if newer_of:
            return NewVersion(
                candidate, record_id, extracted.prepared_draft, description, digest, derived, pictures, recovered
            )
        prepared_draft, earlier_ids = extracted.prepared_draft, extracted.earlier_ids
        if earlier_ids:
            stated = stated_access.collect_access_statements(candidate, description)
            with self._database.reading() as session:
                prepared_draft = stated_access.with_earlier_access(session, prepared_draft, earlier_ids, stated)
        return NewFile(candidate, record_id, prepared_draft, description, digest, derived, pictures, recovered)

    def _store_derived(
        self, record_id: str, extracted: ExtractedFile, labels: Container[tuple[str, str]] | None = None
    ) -> tuple[NewAsset, ...]:
        """Store the derived files of a record; with `labels`, only those of these roles and labels."""
        name = str_path(Path(public_path(extracted.candidate.named, extracted.description).name))
        return tuple(
            store_derived(self._store, record_id, extracted.scratch, file, name)
            for file in extracted.description.derived
            if labels is None or (file.role, file.label) in labels
        )

    def _find_stored(self, sha256: str) -> AssetView | None:
        with self._database.reading() as session:
            is_known = queries.original_exists(session, sha256)
            return queries.original_by_sha256(session, sha256) if is_known else None

    def _withdrawn_keeper(self, extracted: ExtractedFile, sha256: str) -> str | None:
        """Return the withdrawn record that keeps these bytes as a picture; with a row that states access, None."""
        row = extracted.candidate.row
        if extracted.description.format != "photo" or (row is not None and row.bibliographic.access):
            return None
        with self._database.reading() as session:
            return sidecar_pictures.find_withdrawn_keeper(session, sha256)

    def _keep_pictures(self, candidate: Candidate, scratch: Path) -> tuple[tuple[NewAsset, ...], tuple[str, ...]]:
        """Store the pictures next to a file unchanged, for librarians only, since they may say where they were taken;
        readers get the cover made of them.

        Returns them, and the originals that they recovered.
        """
        new_assets: list[NewAsset] = []
        recovered: tuple[str, ...] = ()
        for path in candidate.pictures:
            with candidate.roots.open(path) as file:
                digest = self._store.put_original(file.address, durable=False)
                recovered += self._replace_unsound(file.address, digest.sha256, scratch)
            new_assets.append(
                NewAsset(
                    role=AssetRole.ORIGINAL, label=COVER_SOURCE, media_type=PICTURES[path.suffix.lower()],
                    size=digest.size, sha256=digest.sha256, key=original_key(digest.sha256),
                    filename=str_path(Path(path.name)), superseded=True, librarians_only=True,
                )
            )  # fmt: skip
        return tuple(new_assets), recovered

    def _claim(self, sha256: str, candidate: Candidate) -> bool:
        """Claim bytes for a candidate; False where another one of this batch has them, which may not be written yet."""
        with self._claims:
            if sha256 in self._claimed:
                self._postponed.append(candidate)
                return False
            self._claimed.add(sha256)
        return True

    def _newer_of(self, extracted: ExtractedFile) -> str | None:
        """Return the record of which this file is a newer version; see `find_newer_of`."""
        if extracted.earlier_id is None:
            return None
        with self._database.reading() as session:
            return find_newer_of(session, extracted.earlier_id, extracted.prepared_draft.draft, extracted.description)

    def _replace_unsound(self, path: Path, sha256: str, out: Path) -> tuple[str, ...]:
        """Replace originals that were found damaged or missing by these bytes; return the ids of their assets."""
        with self._database.reading() as session:
            lost = fixity.unsound_originals(session, sha256)
        if lost and not self._dry_run:
            replace_object(self._store, lost[0], shutil.copyfile(path, out / sha256))
        return tuple(original.asset_id for original in lost)
