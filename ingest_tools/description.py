"""What a format says of a file: JSON-able, because it crosses from a child process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from library_server.catalogue.common_fields import CommonFields
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.normalization.classification import split_classes


@dataclass
class Derived:
    """A derived file in the scratch folder: its asset role, label (size or language), media type and SHA-256."""

    role: str
    label: str
    media_type: str
    file: str
    language: str | None = None
    sha256: str | None = None


@dataclass
class RefusedSidecar:
    """A subtitle or cover that could not be read: which of those next to the file, counted from 0, and why."""

    index: int
    code: str
    detail: str


@dataclass(frozen=True)
class Description(CommonFields):
    """Metadata found in a file itself.

    `librarians_only` is set where readers must not get the file itself, but only what is derived from it.
    `unused_sidecars` are covers of the folder of a file that has its own, counted from 0. `described_by_nfo` is set
    where kind and roles are those of an NFO file, which knows them. `pictures_put_off` is set where the pictures of a
    book or film were not made, as `describe` was asked.
    """

    format: str
    media_type: str
    kind: str
    title: str | None = None
    creators: list[tuple[str, str]] = field(default_factory=list)
    date: str | None = None
    isbn: str | None = None
    subjects: list[str] = field(default_factory=list)
    access: str | None = None
    collections: list[str] = field(default_factory=list)
    librarians_only: bool = False
    details: RecordDetails = field(default_factory=RecordDetails)
    derived: list[Derived] = field(default_factory=list)
    refused_sidecars: list[RefusedSidecar] = field(default_factory=list)
    unused_sidecars: list[int] = field(default_factory=list)
    described_by_nfo: bool = False
    pictures_put_off: bool = False

    def with_subjects(self, names: Iterable[str]) -> Description:
        """With these subject headings; class numbers among them (`I247.5`, `CLC S666`) are classes, the first of them
        that of the record.
        """
        stated = self.details.statements
        classes, subjects = split_classes((*self.subjects, *names), (self.clc or "", *stated.clc))
        statements = replace(stated, clc=tuple(classes) if len(classes) > 1 else ())
        details = replace(self.details, statements=statements)
        return replace(self, clc=classes[0] if classes else None, subjects=subjects, details=details)

    def subtitle_labels(self) -> set[tuple[str, str]]:
        """Role and label of the subtitles next to a file and of the text made of them; empty where there are none."""
        derived = {(file.role, file.label) for file in self.derived}
        has_subtitle = any(role == "subtitle" for role, _ in derived)
        return {(role, label) for role, label in derived if has_subtitle and role in {"subtitle", "text"}}

    def to_json(self) -> dict[str, Any]:
        """As JSON values, which are not copied."""
        details, derived = self.details.to_json(), [vars(file) for file in self.derived]
        refused = [vars(sidecar) for sidecar in self.refused_sidecars]
        return {**vars(self), "details": details, "derived": derived, "refused_sidecars": refused}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Description:
        """From JSON values that a child sent."""
        value = dict(value)
        value["creators"] = [(str(name), str(role)) for name, role in value["creators"]]
        value["details"] = RecordDetails.from_json(value["details"])
        value["derived"] = [Derived(**file) for file in value["derived"]]
        value["refused_sidecars"] = [RefusedSidecar(**sidecar) for sidecar in value["refused_sidecars"]]
        return cls(**value)
