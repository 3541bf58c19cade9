"""`search` and `index`: asking the indexes, and looking after them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

import click
from rich.progress import Progress, TextColumn

from library_server.catalogue.enums import Kind
from library_server.catalogue.records import collection_sizes
from library_server.cli.context import open_configured_library
from library_server.cli.errors import to_click_error
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import SOME_REFUSED, as_json, console, print_values
from library_server.library import Library
from library_server.search import service
from library_server.search.results import IndexUnavailable, SearchQuery
from library_server.translations.field_values import value_text


@click.command()
@click.argument("words", metavar="QUERY")
@click.option("--kind", metavar="|".join(Kind), help="Only this kind.")
@as_json
def search(words: str, kind: str | None, as_json: bool) -> None:
    """Find records, as the pages and the API do."""
    library = open_configured_library()
    query = SearchQuery(words, {"kind": kind} if kind else {})
    try:
        if not library.indexer.get_status().readable:  # before the first `serve` nobody has made the index
            library.indexer.catch_up()
        page = service.search_page(library.database, library.index, query)
    except IndexUnavailable as error:
        raise to_click_error(error) from error
    results, cards = page.results, page.cards
    if as_json:
        items = [{"id": c.id, "kind": c.kind, "title": c.title, "creators": c.creators, "year": c.year} for c in cards]
        click.echo(json.dumps({"total": results.total, "relaxed": results.relaxed, "items": items}, ensure_ascii=False))
        return
    click.echo(_("找到 %(count)s 条", count=results.total))
    for card in cards:
        click.echo(f"{card.id}  {value_text('kind', card.kind, _)}  {card.title}  {', '.join(card.creators)}")


@click.group()
def index() -> None:
    """The indexes: rebuild, status, verify."""


@index.command("rebuild")
@as_json
def index_rebuild(as_json: bool) -> None:
    """Make the index anew from the database; readers keep the old one until it is done."""
    library = open_configured_library()
    with Progress(TextColumn("{task.description}"), TextColumn("{task.completed}"), console=console) as bar:
        task = bar.add_task("index", total=None)
        done = library.indexer.rebuild(lambda count: bar.update(task, completed=count))
    print_values({"records": done}, as_json)


@index.command("status")
@as_json
def index_status(as_json: bool) -> None:
    """Records, passages, backlog."""
    status = open_configured_library().indexer.get_status()
    figures = {"records": status.records, "passages": 0, "backlog": status.backlog, "unindexed": status.unindexed}
    print_values({**figures, "readable": status.readable}, as_json)


@index.command("verify")
@click.option("--repair", is_flag=True, help="Store the right sizes of collections.")
@as_json
def index_verify(repair: bool, as_json: bool) -> None:
    """Compare the index and the sizes of collections with the database, and name the records that cannot be indexed.

    Exit 3 where they differ.
    """
    library = open_configured_library()
    sizes = _find_wrong_sizes(library, repair)
    agree = not sizes or repair
    try:
        comparison = library.indexer.verify()
    except IndexUnavailable as error:
        raise to_click_error(error) from error
    if as_json:
        unindexed = [{"id": record_id, "reason": reason} for record_id, reason in comparison.unindexed.items()]
        collections = [{"slug": slug, "stored": was, "counted": counted} for slug, (was, counted) in sizes.items()]
        print_values({"agrees": comparison.agrees and agree, "missing": comparison.missing, "extra": comparison.extra,
              "unindexed": unindexed, "damaged": comparison.damaged, "collections": collections}, as_json)  # fmt: skip
    else:
        print_values(
            {"agrees": comparison.agrees and agree, "missing": comparison.missing, "extra": comparison.extra}, as_json
        )
        if comparison.damaged:
            damaged = ", ".join(comparison.damaged)
            click.echo(_("索引文件坏了，请重建：tianyuan index rebuild。坏了的：%(files)s", files=damaged))
        _print_unindexed(comparison.unindexed)
        _print_sizes(sizes, repair)
    sys.exit(0 if comparison.agrees and agree else SOME_REFUSED)


def _find_wrong_sizes(library: Library, repair: bool) -> dict[str, tuple[int, int]]:
    with library.database.reading() as session:
        sizes = collection_sizes.find_wrong_sizes(session)
    if sizes and repair:
        with library.database.writing() as session:  # counted again: something may have come in since
            sizes = collection_sizes.find_wrong_sizes(session)
            collection_sizes.set_sizes(session, sizes)
    return sizes


def _print_sizes(sizes: Mapping[str, tuple[int, int]], repaired: bool) -> None:
    """Print the collections whose stored size is wrong, and what to do."""
    if not sizes:
        return
    if repaired:
        click.echo(_("这些专题记下的册数不对，已改正："))
    else:
        click.echo(_("这些专题记下的册数不对，请运行 tianyuan index verify --repair："))
    for slug, (stored, counted) in sizes.items():
        click.echo(f"  {slug}  {stored} → {counted}")


def _print_unindexed(unindexed: Mapping[str, str]) -> None:
    """Print the records that cannot be indexed, with the reason and what to do."""
    if not unindexed:
        return
    click.echo(_("这些记录进不了索引，读者查不到；改好以后会自动再试，也可以 tianyuan index rebuild："))
    for record_id, reason in unindexed.items():
        click.echo(f"  {record_id}  {reason}")
