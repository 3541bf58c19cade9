"""Looks up what is known of many candidates at once, so that one that cannot be looked up is rejected alone."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_tools.batch_errors import stops_batch
from ingest_tools.pipeline.isolation import internal_rejection
from ingest_tools.pipeline.known_records.prior_imports import PriorImports, find_prior_imports
from ingest_tools.pipeline.results import Rejected
from ingest_tools.sources.folder import Candidate
from library_server.database.engine import Database


def look_up(database: Database, candidates: list[Candidate]) -> Iterator[tuple[Candidate, PriorImports | Rejected]]:
    """Yield each candidate with what is known of it, in a few queries for all, or with its rejection.

    Raises errors that concern the whole batch, see `stops_batch`.
    """
    try:
        with database.reading() as session:
            known = find_prior_imports(session, candidates)
    except Exception as error:
        if stops_batch(error):
            raise
        if len(candidates) == 1:
            yield candidates[0], internal_rejection(candidates[0], "look_up", error)
            return
        for candidate in candidates:
            yield from look_up(database, [candidate])
        return
    for candidate in candidates:
        yield candidate, known
