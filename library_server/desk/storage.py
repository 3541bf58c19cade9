"""`/desk/storage`: what is stored, how the promise stands, and whether the originals are sound."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import render_template

from library_server.catalogue.assets import fixity, usage
from library_server.database.engine import Database
from library_server.desk.blueprint import blueprint
from library_server.desk.chart import make_bars
from library_server.web import labels
from library_server.web.context import current_library
from library_server.web.threadpool import run_in_threadpool


@blueprint.get("/storage")
def storage() -> str:
    """What is stored, by kind, role, collection and month; the share of the promise; damaged and missing originals."""
    used, standing, unsound = run_in_threadpool(_load_figures, current_library().database)
    settings = current_library().settings
    return render_template(
        "desk_storage.html",
        usage=used,
        promise=settings.promise,
        share=used.originals.bytes / settings.promise if used else 0,
        bars=make_bars(used.by_month) if used else [],
        kinds=_by_kind(used) if used else [],
        standing=standing,
        unsound=unsound,
        oldest_days=(datetime.now(UTC) - standing.oldest).days if standing.oldest else 0,
        replica=settings.replica,
        asset_role_name=labels.asset_role_name,
    )


def _load_figures(database: Database) -> tuple[usage.Usage | None, fixity.FixityStatus, list[fixity.DamagedOriginal]]:
    with database.reading() as session:
        return usage.load_usage(session), fixity.fixity_status(session), fixity.damaged_originals(session)


def _by_kind(used: usage.Usage) -> list[tuple[str, usage.UsageRow, list[usage.UsageRow]]]:
    """Kinds, largest first, each with its sum and its roles."""
    kinds = sorted({group.names[0] for group in used.by_kind_and_role})
    rows = [
        (
            kind,
            used.compute_total(lambda row, kind=kind: row.names[0] == kind),  # type: ignore[misc]
            sorted((row for row in used.by_kind_and_role if row.names[0] == kind), key=lambda row: -row.bytes),
        )
        for kind in kinds
    ]
    return sorted(rows, key=lambda row: -row[1].bytes)
