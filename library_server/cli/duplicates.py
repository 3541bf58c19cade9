"""`same` and `history`: records that may be the same thing, merging and unmerging, and what was changed by whom."""

from __future__ import annotations

import json
from typing import Any

import click

from library_server.catalogue.records import duplicates, merging, revisions
from library_server.catalogue.records.commands import CatalogueError
from library_server.catalogue.records.duplicates import Decision, DuplicatePair
from library_server.catalogue.records.revisions import Actor
from library_server.cli.common.context import current_user, open_configured_library
from library_server.cli.common.field_names import FIELD_NAMES
from library_server.cli.common.output import as_json

_WHY = {"isbn": "ISBN 相同", "description": "书名、作者、出版相同", "photo": "照片几乎一样"}
_ACTIONS = {"added": "入库", "edited": "修改", "version": "新版本", "holding": "馆藏", "merged": "合并",
"unmerged": "拆开",
            "undone": "撤销", "reinstated": "重新入库", "confirmed": "确认"}  # fmt: skip


@click.group(invoke_without_command=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@as_json
@click.pass_context
def same(context: click.Context, limit: int, as_json: bool) -> None:
    """Records that may be the same, side by side. Nothing is merged before somebody says so."""
    if context.invoked_subcommand:
        return
    library = open_configured_library()
    with library.database.reading() as session:
        found, count = duplicates.pairs(session, limit=limit), duplicates.count_open(session)
    if as_json:
        click.echo(json.dumps({"open": count, "pairs": [_as_json(one) for one in found]}, ensure_ascii=False))
        return
    for one in found:
        click.echo(
            f"\n{_WHY[one.reason]}\n  甲 {one.first_id}  {one.first_title}\n  乙 {one.second_id}  {one.second_title}"
        )
        for name, (first, second) in one.differences.items():
            click.echo(f"    {FIELD_NAMES.get(name, name)}: {_short(first)}  |  {_short(second)}")
        click.echo(f"    是一本：tianyuan same merge {one.first_id} {one.second_id}")
        click.echo(f"    不是：  tianyuan same apart {one.first_id} {one.second_id}")
    click.echo(f"\n还有 {count} 对要看" if count else "没有要看的")


@same.command("merge")
@click.argument("kept")
@click.argument("gone")
def same_merge(kept: str, gone: str) -> None:
    """Make GONE a part of KEPT: its files, copies, collections and links go over, empty fields are filled."""
    library = open_configured_library()
    try:
        with library.database.writing() as session:
            merging.merge(session, kept, gone, Actor(current_user()))
    except CatalogueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{gone} 并入了 {kept}；要拆开：tianyuan same unmerge {gone}")


@same.command("unmerge")
@click.argument("gone")
def same_unmerge(gone: str) -> None:
    """Undo the merge that took a record away."""
    library = open_configured_library()
    try:
        with library.database.writing() as session:
            kept = merging.unmerge(session, gone, Actor(current_user()))
    except CatalogueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{gone} 从 {kept} 里拆出来了")


@same.command("apart")
@click.argument("one")
@click.argument("other")
def same_apart(one: str, other: str) -> None:
    """Say that two records are not the same; they are not offered again."""
    library = open_configured_library()
    with library.database.writing() as session:
        if duplicates.pair(session, one, other) is None:
            raise click.ClickException(f"没有这一对 no such pair: {one} {other}")
        duplicates.decide(session, one, other, Decision.DISTINCT, current_user())
    click.echo("记下了，不再问")


@click.command()
@click.argument("record_id")
@as_json
def history(record_id: str, as_json: bool) -> None:
    """All that happened to a record: who, when, what."""
    library = open_configured_library()
    try:
        with library.database.reading() as session:
            found = revisions.history(session, record_id)
    except CatalogueError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        told = [{**vars(one), "at": one.at.isoformat()} for one in found]
        click.echo(json.dumps({"record": record_id, "revisions": told}, ensure_ascii=False))
        return
    for one in found:
        click.echo(
            f"{one.at:%Y-%m-%d %H:%M}  {one.actor or '-'}  {_ACTIONS.get(one.action, one.action)}  {one.batch_id or ''}"
        )
        for name, change in one.changes.items():
            said = (
                f"{_short(change[0])} → {_short(change[1])}"
                if isinstance(change, list) and len(change) == 2
                else change
            )
            click.echo(f"    {FIELD_NAMES.get(name, name)}: {said}")


def _as_json(one: DuplicatePair) -> dict[str, Any]:
    return {**vars(one), "differences": {name: list(pair) for name, pair in one.differences.items()}}


def _short(value: Any) -> str:
    text = "；".join("/".join(map(str, one)) if isinstance(one, list) else str(one) for one in value) \
        if isinstance(value, list) else str(value if value is not None else "")  # fmt: skip
    return f"{text[:60]}……" if len(text) > 60 else text or "（空）"
