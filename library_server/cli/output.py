"""Output of the commands: exit codes, values for people or as JSON, progress, rejected entries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console

from library_server.cli.localization.changed_fields import change_line
from library_server.cli.localization.figures import figure_line
from library_server.cli.localization.language import gettext as _
from library_server.translations.field_names import field_name
from library_server.translations.rendering import cause_of, translate, translate_problems

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
SOME_REFUSED, STOPPED = 3, 130
console = Console(stderr=True, emoji=False)  # a name may have `:book:` in it
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")


def print_values(values: dict[str, Any], as_json: bool) -> None:
    """Print values for a program or for a person."""
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for name, value in values.items():
        click.echo(figure_line(name, value))


def to_printable(text: object) -> str:
    """Return text from outside in one line of a terminal: control characters and those that turn the direction are
    named.
    """
    return _UNPRINTABLE.sub(lambda match: ascii(match[0])[1:-1], str(text))


def show_progress(text: str) -> None:
    """Print how far long work is, on one line of a terminal; nothing in a log."""
    if console.is_terminal:
        console.print(f"  {text}", end="\r")


def translate_rejections(rejections: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rejected entries, their reason and what their cells should have been in the language of the command.

    `detail` is the cause in the words of a parser, where there is one.
    """
    return [
        {**entry, "reason": entry["reason"] and translate(entry["reason"], _),
         **({"detail": cause} if (cause := cause_of(entry["reason"] or "")) else {}),
         **({"problems": translate_problems(entry["problems"], _)} if entry.get("problems") else {})}
        for entry in rejections
    ]  # fmt: skip


def print_rejections(rejections: Sequence[Mapping[str, Any]]) -> None:
    """Print what was refused and why; of a list's row each cell. See `translate_rejections`."""
    for row in rejections:
        click.echo(f"  {to_printable(row['path'])}\n    {row['code']}: {to_printable(row['reason'])}")
        for cell in row.get("problems") or []:
            click.echo(f"      {cell_line(cell)}")


def cell_line(cell: Mapping[str, str]) -> str:
    """Return where a cell of a rejected row is, what it says and what was expected, in one line."""
    return to_printable(_("%(sheet)s 第 %(row)s 行“%(column)s”写着“%(value)s”，应该是：%(expected)s", **cell))


def print_unread_cells(found: Sequence[Mapping[str, str]]) -> None:
    """Print the cells of lists that were passed over while the rest of their rows was taken."""
    if found:
        click.echo(_("这些格子不是日期，没有用，馆里原来的留着；行里别的格子照收："))
    for cell in found:
        click.echo(f"  {cell_line(cell)}")


def refused_sheet_line(batch: str) -> str:
    """Return how to get the rows of a batch that are to be mended."""
    return _("要改的行和没收的文件：tianyuan batches %(batch)s --xlsx 改好再交.xlsx", batch=batch)


def print_shortened(shortened: Sequence[Mapping[str, Any]]) -> None:
    """Print what was taken with a field shortened: the field, how long it was, how much of it is kept."""
    for entry in shortened:
        click.echo(f"  {to_printable(entry['path'])}")
        for cut in entry["fields"]:
            name = field_name(cut["field"], _)
            line = _("%(name)s太长：原有 %(length)s，留下 %(kept)s", name=name, length=cut["length"], kept=cut["kept"])
            click.echo(f"      {line}")


def print_changes(entries: Sequence[Mapping[str, Any]], sentence: str) -> None:
    """Print the changed fields of entries (`{path, record, fields: [{field, old, new}]}`), under a sentence."""
    if entries:
        click.echo(sentence)
    for entry in entries:
        click.echo(f"  {entry['record']}  {to_printable(entry['path'])}")
        for change in entry["fields"]:
            click.echo(f"      {to_printable(change_line(**change))}")
