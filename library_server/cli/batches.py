"""`batches`: past batches, what was refused of one, the list to mend, and how long the waiting work will take."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from library_server.catalogue.batches import repository
from library_server.catalogue.batches.repository import BatchView
from library_server.catalogue.enums import EntryState
from library_server.cli.context import open_configured_library
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import (
    as_json,
    console,
    print_rejections,
    print_shortened,
    translate_rejections,
)
from library_server.jobs.estimates import Forecast, forecast
from library_server.jobs.queue import REGENERATE_IMAGES
from library_server.library import Library
from library_server.translations.field_values import value_text


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
        shown = [existing_batch(session, batch_id)] if batch_id else repository.list_batches(session)
        refused = repository.list_entries(session, batch_id, EntryState.REJECTED) if batch_id else []
        shortened = repository.list_shortened(session, batch_id) if batch_id else []
    if xlsx:
        if not batch_id:
            raise click.UsageError(_("--xlsx 要说是哪个批次"))
        from library_server.exchange.workbooks import write_refused  # openpyxl takes long to import

        rows = write_refused(xlsx, shown[0], refused, _)
        console.print(
            _("%(path)s：%(rows)s 行要改，%(files)s 个文件没收", path=xlsx, rows=rows, files=len(refused) - rows)
        )
        return
    listed: list[dict[str, Any]] = [
        {"batch": batch.id, "state": batch.state, **_new_database(batch), "actor": batch.actor,
         "sources": batch.sources_shown, "started": batch.started.isoformat(), **batch.counts}
        for batch in shown
    ]  # fmt: skip
    rejections = translate_rejections([
        {"path": entry.path, "code": entry.code, "reason": entry.reason,
         **({"problems": entry.problems} if entry.problems else {})} for entry in refused
    ])  # fmt: skip
    cut = [{"path": entry.path, "fields": entry.problems} for entry in shortened]
    if as_json:
        click.echo(json.dumps({"batches": listed, "rejections": rejections, "shortened": cut}, ensure_ascii=False))
        return
    for batch, started in zip(listed, (batch.started.astimezone() for batch in shown), strict=True):
        mark = f"  new-database {batch['actor']}" if batch.get("new_database") else ""
        counts = format_counts(batch, sum(batch.get(state, 0) for state in EntryState))
        state = value_text("batch_state", batch["state"], _)
        click.echo(f"{batch['batch']}  {started:%Y-%m-%d %H:%M}  {state}  {counts}{mark}")
    print_rejections(rejections)
    print_shortened(cut)


def existing_batch(session: Session, batch_id: str) -> BatchView:
    """Return a batch by its id. Raises `click.ClickException` where there is none."""
    batch = repository.find_batch(session, batch_id)
    if batch is None:
        raise click.ClickException(_("没有这个批次：%(batch)s", batch=batch_id))
    return batch


def _new_database(batch: BatchView) -> dict[str, bool]:
    """Return the mark of a batch that began an empty catalogue on purpose."""
    return {"new_database": True} if batch.options.get("new_database") else {}


def format_counts(counts: Mapping[str, int], seen: int) -> str:
    """Return what became of the `seen` entries of a batch, by their states."""
    by_state = {str(state): counts.get(state, 0) for state in EntryState}
    return _(
        "看到 %(seen)s，入库 %(added)s，已有 %(unchanged)s，并入 %(joined)s，未收 %(rejected)s", seen=seen, **by_state
    )


def _print_forecast(library: Library, as_json: bool) -> None:
    with library.database.reading() as session:
        waiting = forecast(session)
    workers = os.cpu_count() or 1
    total = sum(work.seconds for work in waiting)
    if as_json:
        values = [{**vars(work), "hours": round(work.seconds / 3600, 2)} for work in waiting]
        click.echo(json.dumps({"waiting": values, "seconds": round(total), "workers": workers,
                               "wall_seconds": round(total / workers)}))  # fmt: skip
        return
    for work in waiting:
        about = _("%(count)s 件，%(amount)s，约 %(time)s", count=work.jobs, amount=_format_amount(work),
                  time=_format_duration(work.seconds))  # fmt: skip
        guessed = "" if work.seen else _("（按通常的速度估）")
        click.echo(f"{_task_name(work.task):<8} {about}{guessed}")
    if not waiting:
        click.echo(_("没有在等的活。"))
        return
    wall_time = _format_duration(total / workers)
    click.echo(
        _(
            "合计约 %(time)s；%(workers)s 个核同时做，约 %(wall_time)s",
            time=_format_duration(total),
            workers=workers,
            wall_time=wall_time,
        )
    )


def _task_name(task: str) -> str:
    names = {
        "rendition": _("视频转码"),
        "ocr": _("文字识别"),
        "transcript": _("语音转写"),
        REGENERATE_IMAGES: _("封面和图片"),
    }
    return names.get(task, task)


def _format_amount(work: Forecast) -> str:
    if work.task == "ocr":
        return _("%(count)s 页", count=f"{work.amount:.0f}")
    if work.task in {"rendition", "transcript"}:
        return _("%(hours)s 小时", hours=f"{work.amount / 3600:.1f}")
    return _("%(count)s 张", count=f"{work.amount:.0f}")


def _format_duration(seconds: float) -> str:
    if seconds < 5400:
        return _("%(minutes)s 分钟", minutes=max(1, round(seconds / 60)))
    if seconds < 172_800:
        return _("%(hours)s 小时", hours=f"{seconds / 3600:.1f}")
    return _("%(days)s 天", days=f"{seconds / 86_400:.1f}")
