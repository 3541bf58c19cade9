"""The tables. ORM objects never leave `catalogue`; other packages get the frozen views of `dto`."""

from library_server.catalogue.models import collection_size_listeners
from library_server.catalogue.models.assets import Asset, Holding
from library_server.catalogue.models.batches import Batch, Entry
from library_server.catalogue.models.collections import Collection, CollectionRecord
from library_server.catalogue.models.jobs import Job, OutboxRow
from library_server.catalogue.models.preservation import PreservationEvent, PreservationRun, UsageFigures
from library_server.catalogue.models.records import Creator, Identifier, Record, RecordLink, Subject
from library_server.catalogue.models.revisions import DuplicateCandidate, Merge, Revision, SourceRecord

assert collection_size_listeners  # imported for its listeners

__all__ = [
    "Asset",
    "Batch",
    "Collection",
    "CollectionRecord",
    "Creator",
    "DuplicateCandidate",
    "Entry",
    "Holding",
    "Identifier",
    "Job",
    "Merge",
    "OutboxRow",
    "PreservationEvent",
    "PreservationRun",
    "Record",
    "RecordLink",
    "Revision",
    "SourceRecord",
    "Subject",
    "UsageFigures",
]
