"""`storage plan`: what drives give, what they survive, when they are full; and the cheapest that will do."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from library_server.cli.errors import to_click_error
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import SOME_REFUSED, as_json, print_values
from library_server.cli.storage.param_types import BYTES, RATE, SHARE
from storage_config.capacity.diagram import render_svg
from storage_config.capacity.erasure import InvalidLayout
from storage_config.capacity.optimizer import DRIVE_SIZES, PricedPlan, Prices, find_cheapest
from storage_config.capacity.planner import CapacityRequirement, Layout, Plan, Speeds
from storage_config.capacity.workload import WORKLOADS
from storage_config.units import format_bytes, format_tb


class Parity(click.ParamType[int | None]):
    """`auto`, or a number of drives of each set."""

    name = "parity"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int | None:
        """Return the number of drives; None for `auto`."""
        text = str(value).upper().removeprefix("EC:")
        if text == "AUTO":
            return None
        if not text.isdecimal():
            self.fail(_("%(value)s：要写 auto，或者一个数，如 4", value=value), param, context)
        return int(text)


@click.command()
@click.option("--usable", type=BYTES, default="3TB", show_default=True, help="Originals to hold today.")
@click.option("--nodes", type=click.IntRange(1, 256), help="Machines. Without it: the cheapest layouts that will do.")
@click.option("--drives", type=click.IntRange(1, 256), default=4, show_default=True, help="Drives in each machine.")
@click.option("--drive-size", type=BYTES, multiple=True, help="As sold, such as 4TB. Several where a layout is sought.")
@click.option("--parity", type=Parity(), default="auto", show_default=True, help="Parity drives of each set, or auto.")
@click.option("--growth", type=SHARE, default="25%", show_default=True, help="More originals each year.")
@click.option("--years", type=click.FloatRange(0, 100), default=5, show_default=True, help="How long it must last.")
@click.option("--survive-nodes", type=click.IntRange(0, 8), default=0, show_default=True, help="Sought: machines lost.")
@click.option("--survive-drives", type=click.IntRange(0, 8), default=1, show_default=True, help="Sought: drives lost.")
@click.option("--prices", nargs=3, type=float, help="Sought: price of a machine, of a drive, and of each TB of it.")
@click.option("--drive-speed", type=RATE, default="150MB/s", show_default=True, help="What one drive writes.")
@click.option("--network", type=RATE, default="117MB/s", show_default=True, help="What one machine receives.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw the (first) layout into this file.")
@as_json
def plan(  # noqa: PLR0913  # click gives each option as a parameter
    usable: int,
    nodes: int | None,
    drives: int,
    drive_size: tuple[int, ...],
    parity: int | None,
    growth: Fraction,
    years: float,
    survive_nodes: int,
    survive_drives: int,
    prices: tuple[float, float, float] | None,
    drive_speed: int,
    network: int,
    svg: Path | None,
    as_json: bool,
) -> None:
    """Plan an erasure-coded cluster: usable bytes, failures survived, when it is full, time to rebuild a drive.

    Rules are those of MinIO, its forks and RustFS. TB is 10^12 bytes, TiB 2^40. Exit 3 where it does not fit.
    """
    requirement = CapacityRequirement(usable, float(growth), years)
    speeds = Speeds(drive_speed, network)
    if nodes is None:
        plans = find_cheapest(
            requirement,
            survive_nodes=survive_nodes,
            survive_drives=survive_drives,
            drive_sizes=drive_size or DRIVE_SIZES,
            prices=Prices(*prices) if prices else None,
            speeds=speeds,
        )
        if not plans:
            raise click.ClickException(_("16 台、每台 16 块以内没有这样的布局：换大一些的盘"))
        _print_plans(plans, as_json)
        chosen = plans[0].plan
    else:
        chosen = Plan(Layout(nodes, drives, drive_size[0] if drive_size else 4 * 10**12, parity), requirement, speeds)
        try:
            _print_plan(chosen, as_json)
        except InvalidLayout as error:
            raise click.UsageError(to_click_error(error).message) from error
    if svg:
        svg.write_text(render_svg(chosen, _), encoding="utf-8")
    click.get_current_context().exit(0 if chosen.fits else SOME_REFUSED)


def _print_plan(plan: Plan, as_json: bool) -> None:
    if as_json:
        print_values(as_values(plan), as_json)
        return
    console = Console()
    sets = plan.erasure
    final_bytes = plan.requirement.compute_bytes(plan.requirement.years)
    table = Table("", "", show_header=False, box=None)
    for name, value in (
        (_("纠删组"), _("%(sets)s × %(size)s 块盘", sets=sets.sets, size=sets.set_size) + f", EC:{sets.parity}"),
        (_("裸容量"), format_tb(plan.raw)),
        (_("去掉校验"), format_tb(plan.after_parity)),
        (_("可用"), format_tb(plan.usable)),
        (_("还能读"), _format_lost(sets.drives_lost_for_read, sets.nodes_lost_for_read)),
        (_("还能写"), _format_lost(sets.drives_lost_for_write, sets.nodes_lost_for_write)),
        (_("重建一块盘"), _format_hours(plan.rebuild_seconds)),
        (_("原件"), f"{format_tb(plan.requirement.originals)} → {format_tb(final_bytes)}"),
    ):
        table.add_row(name, value)
    console.print(table)
    fits = [plan.fit(mix) for mix in WORKLOADS]
    mixes = Table(_("%(years)s 年后", years=f"{plan.requirement.years:g}"), *(fit.workload for fit in fits), box=None)
    for name, values in (
        (_("原件"), [f"{fit.estimate.originals:,}" for fit in fits]),
        (_("派生文件"), [f"{fit.estimate.derivatives:,}" for fit in fits]),
        (_("派生文件的字节"), [format_bytes(fit.estimate.derivative_bytes) for fit in fits]),
        (_("要存"), [format_tb(fit.stored) for fit in fits]),
        (_("每块盘的文件"), [f"{fit.files:,}" for fit in fits]),
        (_("多久满"), [_format_years(fit.full_after) for fit in fits]),
        (_("放得下"), [_("是") if fit.fits else _("否") for fit in fits]),
    ):
        mixes.add_row(name, *values)
    console.print(mixes)


def _print_plans(plans: list[PricedPlan], as_json: bool) -> None:
    if as_json:
        print_values({"layouts": [{"price": priced.price, **as_values(priced.plan)} for priced in plans]}, as_json)
        return
    table = Table(_("机器"), _("盘"), "EC", _("可用"), _("可停机"), _("重建"), _("价"), box=None)
    for priced in plans:
        layout, sets = priced.plan.layout, priced.plan.erasure
        table.add_row(
            str(layout.nodes), f"{layout.drives} × {format_bytes(layout.drive_bytes)}", f"{sets.data}+{sets.parity}",
            f"{priced.plan.usable / 10**12:.1f} TB", str(sets.nodes_lost_for_write),
            _format_hours(priced.plan.rebuild_seconds), f"{priced.price:,.0f}",
        )  # fmt: skip
    Console().print(table)


def as_values(plan: Plan) -> dict[str, Any]:
    """Return a plan for programs: bytes, seconds, years; null where something never happens."""
    sets, layout = plan.erasure, plan.layout
    return {
        "nodes": layout.nodes,
        "drives": layout.drives,
        "drive_bytes": layout.drive_bytes,
        "sets": sets.sets,
        "set_size": sets.set_size,
        "parity": sets.parity,
        "raw_bytes": plan.raw,
        "after_parity_bytes": plan.after_parity,
        "usable_bytes": plan.usable,
        "read": {"quorum": sets.read_quorum, "drives": sets.drives_lost_for_read, "nodes": sets.nodes_lost_for_read},
        "write": {
            "quorum": sets.write_quorum,
            "drives": sets.drives_lost_for_write,
            "nodes": sets.nodes_lost_for_write,
        },
        "rebuild_seconds": _to_finite(plan.rebuild_seconds),
        "originals_bytes": plan.requirement.originals,
        "originals_bytes_then": plan.requirement.compute_bytes(plan.requirement.years),
        "fits": plan.fits,
        "mixes": [
            {
                "mix": fit.workload,
                "originals": fit.estimate.originals,
                "derivatives": fit.estimate.derivatives,
                "derivative_bytes": fit.estimate.derivative_bytes,
                "stored_bytes": fit.stored,
                "inodes_per_drive": fit.files,
                "full_after_years": _to_finite(fit.full_after),
                "fits": fit.fits,
            }
            for fit in map(plan.fit, WORKLOADS)
        ],
    }


def _to_finite(value: float) -> float | None:
    return None if math.isinf(value) else round(value, 2)


def _format_lost(drives: int, nodes: int) -> str:
    return _("坏 %(drives)s 块盘，停 %(nodes)s 台", drives=drives, nodes=nodes)


def _format_hours(seconds: float) -> str:
    return _("不能") if math.isinf(seconds) else f"{seconds / 3600:.0f} h"


def _format_years(years: float) -> str:
    if math.isinf(years):
        return _("不会满")
    return _("已经满") if years == 0 else _("%(years)s 年", years=f"{years:.1f}")
