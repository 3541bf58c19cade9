"""`same` and `history`: records that may be the same thing, merging and unmerging, and what was changed by whom."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from library_server.catalogue.changed_fields import FieldChange, changed_fields
from library_server.catalogue.records import duplicates, revisions
from library_server.catalogue.records.commands import CatalogueError
from library_server.catalogue.records.duplicates import Decision, DuplicatePair
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor, RevisionView
from library_server.cli.context import current_user, open_configured_library
from library_server.cli.errors import to_click_error
from library_server.cli.localization.changed_fields import change_line, shown_value
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import as_json
from library_server.jobs.merge_records import merge_records
from library_server.translations.field_names import field_name


def _reason_name(reason: str) -> str:
    """Return why two records may be the same."""
    names = {"isbn": _("ISBN 相同"), "description": _("书名、作者、出版相同"), "photo": _("照片几乎一样"),
             "format": _("书名相同，是不同的格式")}  # fmt: skip
    return names[reason]


def _action_name(action: str) -> str:
    """Return what was done to a record."""
    names = {
        "added": _("入库"), "edited": _("修改"), "version": _("新版本"), "holding": _("馆藏"), "merged": _("合并"),
        "unmerged": _("拆开"), "undone": _("撤销"), "reinstated": _("重新入库"), "confirmed": _("确认"),
        "collected": _("专题"), "cover": _("封面"),
    }  # fmt: skip
    return names.get(action, action)


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
        pairs, count = duplicates.list_pairs(session, limit=limit), duplicates.count_open_pairs(session)
    if as_json:
        click.echo(json.dumps({"open": count, "pairs": [_as_json(pair) for pair in pairs]}, ensure_ascii=False))
        return
    for pair in pairs:
        click.echo(f"\n{_reason_name(pair.reason)}")
        click.echo(
            "  "
            + _("甲")
            + f" {pair.first_id}  {pair.first_title}\n  "
            + _("乙")
            + f" {pair.second_id}  {pair.second_title}"
        )
        for name, (first, second) in pair.differences.items():
            click.echo(f"    {field_name(name, _)}: {shown_value(name, first)}  |  {shown_value(name, second)}")
        ids = f"{pair.first_id} {pair.second_id}"
        click.echo("    " + _("是一本：%(command)s", command=f"tianyuan same merge {ids}"))
        click.echo("    " + _("不是：%(command)s", command=f"tianyuan same apart {ids}"))
    click.echo("\n" + _("一共 %(count)s 对要看", count=count) if count else _("没有要看的"))


@same.command("merge")
@click.argument("kept")
@click.argument("gone")
def same_merge(kept: str, gone: str) -> None:
    """Make GONE a part of KEPT: its files, copies, collections and links go over, empty fields are filled."""
    library = open_configured_library()
    try:
        with library.database.writing() as session:
            merge_records(session, kept, gone, Actor(current_user()))
    except CatalogueError as error:
        raise to_click_error(error) from error
    click.echo(_("%(gone)s 并入了 %(kept)s；要拆开：tianyuan same unmerge %(gone)s", gone=gone, kept=kept))


@same.command("unmerge")
@click.argument("gone")
def same_unmerge(gone: str) -> None:
    """Undo the merge that took a record away."""
    library = open_configured_library()
    try:
        with library.database.writing() as session:
            kept_id = merging.unmerge(session, gone, Actor(current_user()))
    except CatalogueError as error:
        raise to_click_error(error) from error
    click.echo(_("%(gone)s 从 %(kept)s 里拆出来了", gone=gone, kept=kept_id))


@same.command("apart")
@click.argument("first_id", metavar="ONE")
@click.argument("second_id", metavar="OTHER")
def same_apart(first_id: str, second_id: str) -> None:
    """Say that two records are not the same; they are not offered again."""
    library = open_configured_library()
    with library.database.writing() as session:
        if duplicates.find_pair(session, first_id, second_id) is None:
            raise click.ClickException(_("没有这一对：%(one)s %(other)s", one=first_id, other=second_id))
        duplicates.save_decision(session, first_id, second_id, Decision.DISTINCT, current_user())
    click.echo(_("记下了，不再问"))


@click.command()
@click.argument("record_id")
@as_json
def history(record_id: str, as_json: bool) -> None:
    """All that happened to a record: who, when, what."""
    library = open_configured_library()
    try:
        with library.database.reading() as session:
            history_of_record = revisions.list_revisions(session, record_id)
    except CatalogueError as error:
        raise to_click_error(error) from error
    if as_json:
        values = [{**vars(revision), "at": revision.at.isoformat()} for revision in history_of_record]
        click.echo(json.dumps({"record": record_id, "revisions": values}, ensure_ascii=False))
        return
    for revision in history_of_record:
        action, at = _action_name(revision.action), revision.at.astimezone()
        click.echo(f"{at:%Y-%m-%d %H:%M}  {revision.actor or '-'}  {action}  {revision.batch_id or ''}".rstrip())
        for change in _changes_of(revision, history_of_record):
            if change.field != "original":  # the ids of two versions of a file
                click.echo(f"    {change_line(**change.to_json())}")
        if "kept" in revision.changes:
            click.echo("    " + _("%(gone)s 并入 %(kept)s", **revision.changes))


def _changes_of(revision: RevisionView, history_of_record: Sequence[RevisionView]) -> Iterator[FieldChange]:
    """Yield the fields that a revision changed; one that undid another turned its fields back."""
    undone = [other for other in history_of_record if other.number == revision.changes.get("revision")]
    if revision.action == "undone" and undone:
        for change in changed_fields(undone[0].action, undone[0].changes):
            yield replace(change, old=change.new, new=change.old)
        return
    yield from changed_fields(revision.action, revision.changes)


def _as_json(pair: DuplicatePair) -> dict[str, Any]:
    return {**vars(pair), "differences": {name: list(values) for name, values in pair.differences.items()}}
