"""`storage usage` and `storage trim`: how much is stored, of what, and keeping derived files within their budget."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from rich.cells import set_cell_size

from library_server.catalogue.assets import usage as counting
from library_server.cli.background_work import evict_derived_files
from library_server.cli.context import open_configured_library
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import SOME_REFUSED, as_json, print_values
from library_server.translations.field_values import value_text
from storage_config.units import format_bytes

_WIDTH = 28


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
        print_values(
            {
                "taken": used.taken.isoformat(),
                "promise_bytes": promise,
                "originals_bytes": used.originals.bytes,
                "originals": used.originals.objects,
                "derivatives_bytes": used.derivatives.bytes,
                "derivatives": used.derivatives.objects,
                "share": round(used.originals.bytes / promise, 6) if promise else None,
                "by_kind_and_role": [_row_values(row, "kind", "role") for row in used.by_kind_and_role],
                "by_collection": [_row_values(row, "slug", "title") for row in used.by_collection],
                "by_month": [_row_values(row, "month") for row in used.by_month],
            },
            as_json,
        )
        return
    share = f"{used.originals.bytes / promise:.1%}" if promise else "-"
    click.echo(_("原件") + f": {used.originals.objects:,}, {format_bytes(used.originals.bytes)}")
    click.echo(_("承诺") + f": {format_bytes(promise)}, {share}")
    click.echo(_("派生文件") + f": {used.derivatives.objects:,}, {format_bytes(used.derivatives.bytes)}")
    for title, rows in ((_("种类"), used.by_kind_and_role), (_("专题"), used.by_collection),
                        (_("月份"), used.by_month)):  # fmt: skip
        click.echo(f"\n{title}")
        for row in sorted(rows, key=lambda row: row.names):
            names = " ".join(_shown_names(row.names) if rows is used.by_kind_and_role else row.names)
            click.echo(f"  {set_cell_size(names, _WIDTH)} {row.objects:>10,}  {format_bytes(row.bytes):>8}")


def _shown_names(names: Sequence[str]) -> list[str]:
    """Return a kind and a role of assets as people call them."""
    return [value_text(field, name, _) for field, name in zip(("kind", "asset_role"), names, strict=True)]


def _row_values(row: counting.UsageRow, *names: str) -> dict[str, object]:
    return {**dict(zip(names, row.names, strict=True)), "objects": row.objects, "bytes": row.bytes}


@click.command()
@as_json
def trim(as_json: bool) -> None:
    """Drop derived files over their budget (TIANYUAN_DERIVATIVES_BUDGET), as the worker does every quarter of an hour.

    Remuxed video goes first, then pictures, encoded video last; what is in use stays. All of it is made again when
    somebody asks. Exit 3 where it is still over the budget.
    """
    report = evict_derived_files(open_configured_library())
    values = {"budget": report.budget, "used": report.used, "freed": report.freed, "remuxed": report.remuxed,
              "pictures": report.pictures, "encoded": report.encoded, "over": report.over}  # fmt: skip
    print_values(values, as_json)
    sys.exit(SOME_REFUSED if report.over else 0)
