"""What an ingest was asked to take in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.packs.unpacking import Unpacker, may_be_pack
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.batches.repository import EntryView


class EarlierBatches:
    """What earlier batches and the catalogue know of sources; here nothing, as of a new library."""

    def is_known(self, path: str) -> bool:
        """Return whether an entry of a path was seen: a sheet of refused rows names the list that they came from, and
        files are looked for in the folder of that list too.
        """
        del path
        return False

    def rejected_rows(self, path: str, fingerprints: Collection[str]) -> Sequence[EntryView]:
        """Return the rejections of a row by its path and fingerprints, the latest first."""
        del path, fingerprints
        return ()

    def exported_rows(self, record_id: str) -> Sequence[Mapping[str, str]]:
        """Return the rows that a record of this library is exported as; none where there is no such record."""
        del record_id
        return ()

    def is_record(self, record_id: str) -> bool:
        """Return whether this library has a record of an id."""
        return bool(self.exported_rows(record_id))


@dataclass(frozen=True)
class ImportRequest:
    """What to gather. `manifest` describes files of the sources; `only` names the entries to take again.

    `skipped` receives the files that become no record and are no entry, since they belong to a film next to them.
    `inside` and `protected` as in `SourceRoots.from_sources`. Without an `unpacker`, packs stay packed.
    """

    sources: Sequence[Path]
    manifest: Path | None = None
    only: frozenset[str] | None = None
    earlier: EarlierBatches = field(default_factory=EarlierBatches)
    inside: Path | None = None
    protected: Sequence[Path] = ()
    unpacker: Unpacker | None = None
    skipped: list[Path] = field(default_factory=list)

    def includes(self, candidate: Candidate) -> bool:
        """Return whether an entry is among those to take, or has a sidecar that is."""
        if self.only is None or candidate.entry_path in self.only:
            return True
        if may_be_pack(candidate) and any(path.startswith(f"{str_path(candidate.path)}!/") for path in self.only):
            return True
        return any(str_path(path) in self.only for path in (*candidate.parts, *candidate.sidecars))

    def includes_list(self, path: Path) -> bool:
        """Return whether all rows of a list are to be taken again: the list itself was refused."""
        return self.only is not None and str_path(path) in self.only

    def make_roots(self) -> SourceRoots:
        """Return where files may be opened."""
        roots = SourceRoots.from_sources(self.sources, inside=self.inside, protected=self.protected)
        return roots.with_sources(self.manifest) if self.manifest else roots
