"""`machine`: what a program heard or read, until a librarian has looked at it; and queueing it for what lacks words."""

from __future__ import annotations

import json

import click

from library_server.catalogue.assets import generated_text
from library_server.cli.common.context import current_user, open_configured_library
from library_server.cli.common.output import as_json
from library_server.jobs import queue
from library_server.jobs.registry import available_tasks

_ROLES = {"subtitle": "字幕（听写）", "text": "文字（识别）"}


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def machine(context: click.Context, as_json: bool) -> None:
    """What programs heard and read that nobody has confirmed, the least sure first."""
    if context.invoked_subcommand:
        return
    library = open_configured_library()
    with library.database.reading() as session:
        found = generated_text.unconfirmed(session)
    if as_json:
        told = [{"record": one.record_id, "title": one.title, "role": one.role, "confidence": one.confidence,
                 "unsure": list(one.unsure)} for one in found]  # fmt: skip
        click.echo(json.dumps({"unconfirmed": told}, ensure_ascii=False))
        return
    for one in found:
        sure = f"把握 {one.confidence:.0%}" if one.confidence is not None else ""
        pages = (
            f"，没把握的页：{'、'.join(map(str, one.unsure[:20]))}{'……' if len(one.unsure) > 20 else ''}"
            if one.unsure
            else ""
        )
        click.echo(f"{one.record_id}  {_ROLES.get(one.role, one.role)}  {one.title}  {sure}{pages}")
    click.echo(f"共 {len(found)} 件。看过没有错：tianyuan machine confirm 记录号")


@machine.command("confirm")
@click.argument("record_ids", nargs=-1, required=True)
def machine_confirm(record_ids: tuple[str, ...]) -> None:
    """Say that what a program made of these records was looked at and is right."""
    library = open_configured_library()
    with library.database.writing() as session:
        count = sum(generated_text.confirm(session, one, current_user()) for one in record_ids)
    click.echo(f"确认了 {count} 件")


@machine.command("queue")
@click.argument("record_ids", nargs=-1)
@as_json
def machine_queue(record_ids: tuple[str, ...], as_json: bool) -> None:
    """Queue OCR and transcripts for these records, or for all that lack them."""
    library = open_configured_library()
    tasks = available_tasks(library.settings.transcribe_command) & {"ocr", "transcript"}
    counts = {"ocr": 0, "transcript": 0}
    with library.database.writing() as session:
        for task in sorted(tasks):
            for record_id, amount in generated_text.find_missing(session, task, record_ids):
                queue.enqueue(session, task, record_id, queue.WHEN_IDLE, amount)
                counts[task] += 1
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(f"文字识别 {counts['ocr']} 件，语音转写 {counts['transcript']} 件，在排队")
