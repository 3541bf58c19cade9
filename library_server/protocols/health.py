"""`/healthz` (this process answers), `/readyz` (database, store and index answer), `/metrics`."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from library_server.catalogue import browsing, outbox
from library_server.delivery.context import library
from library_server.jobs import queue as jobs
from library_server.search.results import IndexUnavailable
from storage_config.errors import StorageError
from storage_config.reach import reach

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> tuple[dict[str, str], int]:
    """This process is alive."""
    return {"status": "ok"}, 200


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """Whether readers can be served: 503 names what cannot."""
    with library().database.reading() as session:
        session.execute(text("SELECT 1"))
    try:
        library().index.snapshot()
    except IndexUnavailable:
        return {"status": "rebuilding", "index": "unavailable"}, 503
    try:
        reach(library().store, writing=False)
    except StorageError as error:
        return {"status": "unready", "store": error.code}, 503
    return {"status": "ok"}, 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts for Prometheus."""
    registry = CollectorRegistry()
    with library().database.reading() as session:
        figures = {
            "tianyuan_records": ("Published records.", browsing.count_published(session)),
            "tianyuan_index_backlog": ("Changes that wait for the index.", outbox.backlog(session)),
            "tianyuan_jobs_unfinished": ("Jobs that wait or run.", jobs.unfinished(session)),
        }
    for name, (meaning, value) in figures.items():
        Gauge(name, meaning, registry=registry).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
