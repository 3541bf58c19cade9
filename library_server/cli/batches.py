"""`batches`: past batches, what was refused of one, the list to mend, and how long the waiting work will take."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from library_server.catalogue.batches import repository
from library_server.catalogue.batches.repository import BatchView
from library_server.catalogue.enums import EntryState
from library_server.cli.common.context import open_configured_library
from library_server.cli.common.output import as_json, console, print_rejections, print_shortened
from library_server.exchange.workbooks import write_refused
from library_server.jobs.estimates import Forecast, forecast
from library_server.library import Library

_TASKS = {"rendition": "视频转码", "ocr": "文字识别", "transcript": "语音转写", "again": "封面和图片"}


@click.command()
@click.argument("batch_id", required=False)
@click.option(
    "--xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Write the refused rows, to mend and give back."
)
@click.option("--forecast", "forecasting", is_flag=True, help="How long the waiting work will take.")
@as_json
def batches(batch_id: str | None, xlsx: Path | None, forecasting: bool, as_json: bool) -> None:
    """Past batches, or one of them with what was refused."""
    library = open_configured_library()
    if forecasting:
        _print_forecast(library, as_json)
        return
    with library.database.reading() as session:
        found = [repository.batch(session, batch_id)] if batch_id else repository.batches(session)
        refused = repository.entries(session, batch_id, EntryState.REJECTED) if batch_id else []
        shortened = repository.shortened(session, batch_id) if batch_id else []
    shown = [one for one in found if one is not None]
    if batch_id and not shown:
        raise click.ClickException(f"没有这个批次 no such batch: {batch_id}")
    if xlsx:
        if not batch_id:
            raise click.UsageError("--xlsx 要说是哪个批次 needs a batch")
        rows = write_refused(xlsx, shown[0], refused)
        console.print(f"{xlsx}：{rows} 行要改，{len(refused) - rows} 个文件没收")
        return
    listed: list[dict[str, Any]] = [
        {"batch": one.id, "state": one.state, **_new_database(one), "actor": one.actor, "sources": one.sources_shown,
         "started": one.started.isoformat(), **one.counts}
        for one in shown
    ]  # fmt: skip
    rejections = [{"path": one.path, "code": one.code, "reason": one.reason,
                   **({"problems": one.problems} if one.problems else {})} for one in refused]  # fmt: skip
    cut = [{"path": one.path, "fields": one.problems} for one in shortened]
    if as_json:
        click.echo(json.dumps({"batches": listed, "rejections": rejections, "shortened": cut}, ensure_ascii=False))
        return
    for one in listed:
        counts = " ".join(f"{state} {one.get(state, 0)}" for state in EntryState)
        mark = f"  new-database {one['actor']}" if one.get("new_database") else ""
        click.echo(f"{one['batch']}  {one['started'][:19]}  {one['state']}  {counts}{mark}")
    print_rejections(rejections)
    print_shortened(cut)


def _new_database(batch: BatchView) -> dict[str, bool]:
    """The mark of a batch that began an empty catalogue on purpose."""
    return {"new_database": True} if batch.options.get("new_database") else {}


def _print_forecast(library: Library, as_json: bool) -> None:
    with library.database.reading() as session:
        found = forecast(session)
    workers = os.cpu_count() or 1
    if as_json:
        total = sum(one.seconds for one in found)
        told = [{**vars(one), "hours": round(one.seconds / 3600, 2)} for one in found]
        click.echo(json.dumps({"waiting": told, "seconds": round(total), "workers": workers,
                               "wall_seconds": round(total / workers)}))  # fmt: skip
        return
    for one in found:
        click.echo(f"{_TASKS.get(one.task, one.task):<8} {one.jobs} 件，{_amount(one)}，约 {_said(one.seconds)}"
                   f"{'' if one.seen else '（按通常的速度估）'}")  # fmt: skip
    if not found:
        click.echo("没有在等的活。")
        return
    click.echo(f"合计约 {_said(sum(one.seconds for one in found))}；{workers} 个核同时做，约 "
               f"{_said(sum(one.seconds for one in found) / workers)}")  # fmt: skip


def _amount(one: Forecast) -> str:
    return f"{one.amount:.0f} 页" if one.task == "ocr" else f"{one.amount / 3600:.1f} 小时" if one.task in {
        "rendition", "transcript"} else f"{one.amount:.0f} 张"  # fmt: skip


def _said(seconds: float) -> str:
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} 分钟"
    return f"{seconds / 3600:.1f} 小时" if seconds < 172_800 else f"{seconds / 86_400:.1f} 天"
