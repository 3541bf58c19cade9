"""`storage usage` and `storage trim`: how much is stored, of what, and keeping derived files within their budget."""

from __future__ import annotations

import click

from library_server.catalogue.assets import usage as counting
from library_server.cli.background_work import evict_derived_files
from library_server.cli.common.context import open_configured_library
from library_server.cli.common.output import as_json, echo
from storage_config.units import format_bytes


@click.command()
@as_json
def usage(as_json: bool) -> None:
    """Count objects and bytes by kind, role, collection and month, and keep the figures for the desk and /metrics."""
    library = open_configured_library()
    with library.database.reading() as session:
        used = counting.count_usage(session)
    with library.database.writing() as session:
        counting.save_usage(session, used)
    promise = library.settings.promise
    if as_json:
        echo(
            {
                "taken": used.taken.isoformat(),
                "promise_bytes": promise,
                "originals_bytes": used.originals.bytes,
                "originals": used.originals.objects,
                "derivatives_bytes": used.derivatives.bytes,
                "derivatives": used.derivatives.objects,
                "share": round(used.originals.bytes / promise, 6) if promise else None,
                "by_kind_and_role": [_values(one, "kind", "role") for one in used.by_kind_and_role],
                "by_collection": [_values(one, "slug", "title") for one in used.by_collection],
                "by_month": [_values(one, "month") for one in used.by_month],
            },
            as_json,
        )
        return
    share = f"{used.originals.bytes / promise:.1%}" if promise else "-"
    click.echo(f"原件 originals: {used.originals.objects:,}, {format_bytes(used.originals.bytes)}")
    click.echo(f"承诺 promised: {format_bytes(promise)}, {share}")
    click.echo(f"派生 derivatives: {used.derivatives.objects:,}, {format_bytes(used.derivatives.bytes)}")
    for title, rows in (("种类 kind", used.by_kind_and_role), ("专题 collection", used.by_collection),
                        ("月份 month", used.by_month)):  # fmt: skip
        click.echo(f"\n{title}")
        for one in sorted(rows, key=lambda row: row.names):
            click.echo(f"  {' '.join(one.names):<28} {one.objects:>10,}  {format_bytes(one.bytes):>8}")


def _values(one: counting.UsageRow, *names: str) -> dict[str, object]:
    return {**dict(zip(names, one.names, strict=True)), "objects": one.objects, "bytes": one.bytes}


@click.command()
@as_json
def trim(as_json: bool) -> None:
    """Drop derived files over their budget (TIANYUAN_DERIVATIVES_BUDGET), as the worker does every quarter of an hour.

    Remuxed video goes first, then pictures, encoded video last; what is in use stays. All of it is made again when
    somebody asks. Exit 3 where it is still over the budget.
    """
    found = evict_derived_files(open_configured_library())
    values = {"budget": found.budget, "used": found.used, "freed": found.freed, "remuxed": found.remuxed,
              "pictures": found.pictures, "encoded": found.encoded, "over": found.over}  # fmt: skip
    echo(values, as_json)
    click.get_current_context().exit(3 if found.over else 0)
