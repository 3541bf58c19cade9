"""Records read from the catalogue and made into documents, so that one that cannot be indexed never stops the others.

A record is tried twice: what fails both times is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from library_server.catalogue.indexed_records import IndexedRecord, read_indexed_records
from library_server.database.engine import Database
from library_server.search.records.columns import check_values
from library_server.search.records.documents import build_document

ATTEMPTS = 2
FAILURES_BELIEVED = 20
REASON_LENGTH = 200
log = structlog.get_logger(__name__)
Document = dict[str, Any]


@dataclass
class LoadedDocuments:
    """Documents ready to be added, and by record id why the other records cannot be indexed."""

    documents: list[Document] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    def leave_out(self, failures: dict[str, str]) -> None:
        """Take documents out that the index writer refused, keeping the reasons."""
        self.documents = [values for values in self.documents if values["id"] not in failures]
        self.failures |= failures


class IndexingFailed(Exception):
    """So many records of a batch fail that the fault is not theirs; nothing is left out for it."""

    code = "indexing_failed"


def load_documents(database: Database, ids: Sequence[str]) -> LoadedDocuments:
    """Return the documents of published records.

    Raises `SQLAlchemyError` where the database itself fails, `OSError` where this machine does, and `IndexingFailed`.
    """
    loaded = LoadedDocuments()
    for record in _read_records(database, ids, loaded.failures).values():
        _load_document(record, loaded)
    if len(loaded.failures) > max(FAILURES_BELIEVED, len(ids) // 2):
        reason = next(iter(loaded.failures.values()))
        raise IndexingFailed(f"{len(loaded.failures)} of {len(ids)} records cannot be indexed, the first: {reason}")
    return loaded


def describe_failure(record_id: str, error: Exception) -> str:
    """Log why a record cannot be indexed, and give the reason in one line."""
    log.error("record_not_indexed", record=record_id, exc_info=error)
    return f"{type(error).__name__}: {error}"[:REASON_LENGTH]


def _read_records(database: Database, ids: Sequence[str], failures: dict[str, str]) -> dict[str, IndexedRecord]:
    """Return the records. If a damaged row makes the query fail, halve the ids until that row is alone."""
    try:
        with database.reading() as session:
            return read_indexed_records(session, ids)
    except (SQLAlchemyError, OSError):
        raise
    except Exception as error:  # the types that a damaged row raises are those of every column's reader
        if len(ids) == 1:
            failures[ids[0]] = describe_failure(ids[0], error)
            return {}
    middle = len(ids) // 2
    return _read_records(database, ids[:middle], failures) | _read_records(database, ids[middle:], failures)


def _load_document(record: IndexedRecord, loaded: LoadedDocuments) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            values = build_document(record)
            _check(values)
        except OSError:
            raise
        except Exception as error:  # whatever one record raises is a reason to leave out that record alone
            if attempt == ATTEMPTS:
                loaded.failures[record.id] = describe_failure(record.id, error)
        else:
            loaded.documents.append(values)
            return


def _check(values: Document) -> None:
    """Raise here what the index writer would raise halfway through a document, which it cannot take back."""
    for value in values.values():
        if isinstance(value, str):
            value.encode("utf-8")
    check_values(values["values"])
