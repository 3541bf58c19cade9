"""`export`: the catalogue, or a part of it, for other libraries and programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from library_server.catalogue.enums import Kind
from library_server.catalogue.records import queries, revisions, source_records
from library_server.cli.batches import existing_batch
from library_server.cli.context import open_configured_library
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import console
from library_server.exchange.export import FORMATS, Exported, Shortened, export
from library_server.library import Library

AT_ONCE = 200
SHORTENED_LISTED = 50


@click.command("export")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), required=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output if unset.")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Only records of this kind.")
@click.option("--collection", help="Only records of this collection (its slug).")
@click.option("--batch", help="Only what this batch added.")
@click.option("--record", "records", multiple=True, help="Only these records; may be said several times.")
def export_command(
    form: str,
    output: Path | None,
    kind: str | None,
    collection: str | None,
    batch: str | None,
    records: tuple[str, ...],
) -> None:
    """Write records as CNMARC, MARC 21, MARCXML, Dublin Core, CSV or BibTeX."""
    library = open_configured_library()
    _check_names(library, collection, batch, records)
    counted = [0]
    shortened: list[Shortened] = []
    chosen = exported_records(library, kind, collection, batch, records, counted)
    if output is None:
        for piece in export(chosen, form, shortened.append):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    else:
        part = output.with_name(f"{output.name}.part")
        with part.open("wb") as writing:
            writing.writelines(export(chosen, form, shortened.append))
        part.replace(output)
    console.print(_("导出 %(count)s 条：%(file)s", count=counted[0], file=output or "-"))
    _print_shortened(shortened, form)


def _check_names(library: Library, collection: str | None, batch: str | None, records: Sequence[str]) -> None:
    """Raise `click.ClickException` for a collection, batch or record that there is not: an empty file helps nobody."""
    with library.database.reading() as session:
        if collection and queries.find_collection(session, collection) is None:
            raise click.ClickException(_("没有这个专题：%(collection)s", collection=collection))
        if batch:
            existing_batch(session, batch)
        for record_id in records:
            if queries.find_record(session, record_id) is None:
                raise click.ClickException(_("没有这条记录：%(record)s", record=record_id))


def _print_shortened(shortened: Sequence[Shortened], form: str) -> None:
    """Name the records that the format has no room for as they are."""
    if not shortened:
        return
    console.print(
        _("%(count)s 条太长，%(form)s 放不下，写短了（marcxml 没有长度限制）：", count=len(shortened), form=form)
    )
    for record in shortened[:SHORTENED_LISTED]:
        console.print(f"  {record.record_id}: {', '.join(record.parts)}", markup=False, highlight=False)
    if len(shortened) > SHORTENED_LISTED:
        console.print("  …… " + _("还有 %(count)s 条", count=len(shortened) - SHORTENED_LISTED))


def exported_records(
    library: Library,
    kind: str | None,
    collection: str | None,
    batch: str | None,
    records: tuple[str, ...],
    counted: list[int],
) -> Iterator[Exported]:
    """Yield the records to be exported, narrowed by kind, collection (slug), batch and ids; `counted` is counted up."""
    after = ""
    while True:
        with library.database.reading() as session:
            ids = list(records) if records else queries.chosen_ids(
                session, kind=kind, collection=collection, batch=batch, after=after, limit=AT_ONCE
            )  # fmt: skip
            titles = queries.collection_titles(session, ids)
            versions = revisions.load_versions(session, ids)
            sources = source_records.load_source_records(session, ids)
            views = queries.records(session, ids)
            exported = [
                Exported(view, sources.get(record_id), titles.get(record_id, ()), versions.get(record_id, 0))
                for record_id in ids
                if (view := views.get(record_id)) is not None
            ]
        counted[0] += len(exported)
        yield from exported
        if records or len(ids) < AT_ONCE:
            return
        after = ids[-1]
