"""`search` and `index`: asking the indexes, and looking after them."""

from __future__ import annotations

import json
import sys

import click
from rich.progress import Progress, TextColumn

from library_server.catalogue.vocabulary import Kind
from library_server.cli.opening import SOME_REFUSED, as_json, console, echo, the_library
from library_server.search import asking
from library_server.search.results import IndexUnavailable, Question


@click.command()
@click.argument("query")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]))
@as_json
def search(query: str, kind: str | None, as_json: bool) -> None:
    """Find records, as the pages and the API do."""
    library = the_library()
    try:
        answer = asking.ask(library.index, Question(query, {"kind": kind} if kind else {}))
    except IndexUnavailable as error:
        raise click.ClickException(str(error)) from error
    with library.database.reading() as session:
        cards = asking.filled(session, answer).cards
    if as_json:
        items = [{"id": c.id, "kind": c.kind, "title": c.title, "creators": c.creators, "year": c.year} for c in cards]
        click.echo(json.dumps({"total": answer.total, "relaxed": answer.relaxed, "items": items}, ensure_ascii=False))
        return
    click.echo(f"{answer.total}")
    for card in cards:
        click.echo(f"{card.id}  {card.kind:<12} {card.title}  {'、'.join(card.creators)}")


@click.group()
def index() -> None:
    """The indexes: rebuild, status, verify."""


@index.command("rebuild")
@as_json
def index_rebuild(as_json: bool) -> None:
    """Make the index anew from the database; readers keep the old one until it is done."""
    library = the_library()
    with Progress(TextColumn("{task.description}"), TextColumn("{task.completed}"), console=console) as bar:
        task = bar.add_task("index", total=None)
        done = library.indexer.rebuild(lambda count: bar.update(task, completed=count))
    echo({"records": done}, as_json)


@index.command("status")
@as_json
def index_status(as_json: bool) -> None:
    """Records, passages, backlog."""
    status = the_library().indexer.status()
    echo({"records": status.records, "passages": 0, "backlog": status.backlog, "readable": status.readable}, as_json)


@index.command("verify")
@as_json
def index_verify(as_json: bool) -> None:
    """Compare the index with the database. Exit 3 where they differ."""
    try:
        found = the_library().indexer.verify()
    except IndexUnavailable as error:
        raise click.ClickException(str(error)) from error
    echo({"agrees": found.agrees, "missing": found.missing, "extra": found.extra}, as_json)
    sys.exit(0 if found.agrees else SOME_REFUSED)
