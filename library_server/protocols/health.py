"""`/healthz` (this process answers), `/readyz` (database, store and index answer), `/metrics`."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from library_server.catalogue import outbox
from library_server.catalogue.assets import fixity, usage
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from library_server.database.errors import explain_database_error
from library_server.jobs import queue as jobs
from library_server.library import Library
from library_server.search.records.checksums import is_check_requested
from library_server.search.records.unindexed import read_unindexed
from library_server.search.results import IndexUnavailable
from library_server.web.context import current_library
from library_server.web.requests.client_networks import is_client_in
from library_server.web.threadpool import run_in_io_threadpool, run_in_threadpool
from storage_config.errors import StorageError
from storage_config.stores.health import check_store

blueprint = Blueprint("health", __name__)
_FORBIDDEN_MESSAGE = (
    "这里只给管服务器的人看。要从别的机器看，请设 TIANYUAN_METRICS_NETWORKS。\n"
    "For operators only. To read this from another machine, set TIANYUAN_METRICS_NETWORKS.\n"
)


@blueprint.get("/healthz")
def healthz() -> tuple[dict[str, str], int]:
    """This process is alive."""
    return {"status": "ok"}, 200


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """Whether readers can be served: 503 names what cannot."""
    try:
        run_in_threadpool(_ask_database, current_library().database)
    except SQLAlchemyError as error:
        failure = explain_database_error(error)
        return {"status": "unready", "database": failure.code if failure else "database_failed"}, 503
    try:
        index = run_in_threadpool(current_library().index.get_snapshot)
        if is_check_requested(index.folder):
            raise IndexUnavailable("index_unreadable")
    except IndexUnavailable:
        return {"status": "rebuilding", "index": "unavailable"}, 503
    try:
        run_in_io_threadpool(check_store, current_library().store, writing=False)
    except StorageError as error:
        return {"status": "unready", "store": error.code}, 503
    return {"status": "ok"}, 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts for Prometheus, for the networks of the settings; what is stored is as counted last."""
    if not is_client_in(current_library().settings.metrics_networks, current_library().settings.proxies):
        return Response(_FORBIDDEN_MESSAGE, status=403, mimetype="text/plain", headers={"Cache-Control": "no-store"})
    return Response(run_in_threadpool(_render_metrics, current_library()), content_type=CONTENT_TYPE_LATEST)


def _render_metrics(opened: Library) -> bytes:
    registry = CollectorRegistry()
    figures, used = _load_figures(opened.database)
    figures |= _unindexed_figures(opened)
    for name, (meaning, value) in figures.items():
        Gauge(name, meaning, registry=registry).set(value)
    if used is not None:
        _add_usage(registry, used, opened.settings.promise)
    return generate_latest(registry)


def _ask_database(database: Database) -> None:
    with database.reading() as session:
        session.execute(text("SELECT 1"))


def _unindexed_figures(opened: Library) -> dict[str, tuple[str, float]]:
    """Left out where no index can be read: `/readyz` and the backlog say so."""
    try:
        folder = opened.index.get_snapshot().folder
    except IndexUnavailable:
        return {}
    count = len(read_unindexed(folder))
    return {"tianyuan_index_unindexed": ("Records that cannot be indexed; `tianyuan index verify` names them.", count)}


def _load_figures(database: Database) -> tuple[dict[str, tuple[str, float]], usage.Usage | None]:
    with database.reading() as session:
        figures: dict[str, tuple[str, float]] = {
            "tianyuan_records": ("Published records.", queries.count_published(session)),
            "tianyuan_index_backlog": ("Changes that wait for the index.", outbox.count_backlog(session)),
            "tianyuan_jobs_unfinished": ("Jobs that wait or run.", jobs.count_unfinished(session)),
            **_fixity_figures(fixity.fixity_status(session)),
        }
        return figures, usage.load_usage(session)


def _fixity_figures(standing: fixity.FixityStatus) -> dict[str, tuple[str, float]]:
    checked = standing.oldest.timestamp() if standing.oldest else 0
    last = standing.last.started.timestamp() if standing.last else 0
    return {
        "tianyuan_originals_damaged": ("Originals whose last check found other bytes.", standing.damaged),
        "tianyuan_originals_missing": ("Originals whose object was gone.", standing.missing),
        "tianyuan_originals_oldest_check_seconds": ("Time of the check that is longest ago.", checked),
        "tianyuan_scrub_started_seconds": ("Time when a scrub was last begun; 0 for never.", last),
    }


def _add_usage(registry: CollectorRegistry, used: usage.Usage, promise: int) -> None:
    objects = Gauge("tianyuan_stored_objects", "Objects stored.", ["kind", "role"], registry=registry)
    size = Gauge("tianyuan_stored_bytes", "Bytes stored.", ["kind", "role"], registry=registry)
    for group in used.by_kind_and_role:
        objects.labels(*group.names).set(group.objects)
        size.labels(*group.names).set(group.bytes)
    collections = Gauge("tianyuan_collection_bytes", "Bytes of a collection.", ["collection"], registry=registry)
    for group in used.by_collection:
        collections.labels(group.names[0]).set(group.bytes)
    Gauge("tianyuan_promise_bytes", "Bytes of originals promised.", registry=registry).set(promise)
    Gauge("tianyuan_usage_counted_seconds", "Time of this count.", registry=registry).set(used.taken.timestamp())
