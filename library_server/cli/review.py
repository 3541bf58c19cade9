"""`machine`: what a program heard or read, until a librarian has looked at it; and queueing it for what lacks words."""

from __future__ import annotations

import json

import click

from library_server.catalogue.assets import generated_text
from library_server.cli.context import current_user, open_configured_library
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import as_json
from library_server.jobs import queue
from library_server.jobs.registry import available_tasks


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def machine(context: click.Context, as_json: bool) -> None:
    """What programs heard and read that nobody has confirmed, the least sure first."""
    if context.invoked_subcommand:
        return
    library = open_configured_library()
    with library.database.reading() as session:
        texts = generated_text.list_unconfirmed(session)
    if as_json:
        values = [{"record": text.record_id, "title": text.title, "role": text.role, "confidence": text.confidence,
                   "unsure": list(text.unsure)} for text in texts]  # fmt: skip
        click.echo(json.dumps({"unconfirmed": values}, ensure_ascii=False))
        return
    for text in texts:
        parts = [text.record_id, _role_name(text.role), text.title]
        if text.confidence is not None:
            parts.append(_("把握 %(share)s", share=f"{text.confidence:.0%}"))
        if text.unsure:
            pages = ", ".join(map(str, text.unsure[:20])) + (" ……" if len(text.unsure) > 20 else "")
            parts.append(_("没把握的页：%(pages)s", pages=pages))
        click.echo("  ".join(parts))
    if not texts:
        click.echo(_("没有等着看的。"))
        return
    click.echo(_("共 %(count)s 件。看过没有错：tianyuan machine confirm 记录号", count=len(texts)))


def _role_name(role: str) -> str:
    return {"subtitle": _("字幕（听写）"), "text": _("文字（识别）")}.get(role, role)


@machine.command("confirm")
@click.argument("record_ids", nargs=-1, required=True)
def machine_confirm(record_ids: tuple[str, ...]) -> None:
    """Say that what a program made of these records was looked at and is right."""
    library = open_configured_library()
    with library.database.writing() as session:
        count = sum(generated_text.confirm(session, record_id, current_user()) for record_id in record_ids)
    click.echo(_("确认了 %(count)s 件", count=count))


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
    click.echo(_("文字识别 %(ocr)s 件，语音转写 %(transcript)s 件，在排队", **counts))
