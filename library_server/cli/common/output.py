"""Output of the commands: exit codes, values for people or as JSON, progress, rejected entries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console

from library_server.cli.common.field_names import FIELD_NAMES

SOME_REFUSED, STOPPED = 3, 130
console = Console(stderr=True)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")


def echo(values: dict[str, Any], as_json: bool) -> None:
    """Print values for a program or for a person."""
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for name, value in values.items():
        click.echo(f"{name}: {value}")


def show_progress(text: str) -> None:
    """How far long work is, on one line of a terminal; nothing in a log."""
    if console.is_terminal:
        console.print(f"  {text}", end="\r")


def print_rejections(rejections: Sequence[Mapping[str, Any]]) -> None:
    """What was refused and why, for people; of a list's row each cell."""
    for row in rejections:
        click.echo(f"  {row['path']}\n    {row['code']}: {row['reason']}")
        for cell in row.get("problems") or []:
            place = f"{cell['sheet']} 第 {cell['row']} 行“{cell['column']}”"
            click.echo(f"      {place}写着“{cell['value']}”，应该是：{cell['expected']}")


def print_shortened(shortened: Sequence[Mapping[str, Any]]) -> None:
    """What was taken with a field shortened, for people: the field, how long it was, how much of it is kept."""
    for entry in shortened:
        click.echo(f"  {entry['path']}")
        for cut in entry["fields"]:
            name = FIELD_NAMES.get(cut["field"], cut["field"])
            click.echo(f"      {name}太长：原有 {cut['length']}，留下 {cut['kept']} shortened: {cut['field']}")
