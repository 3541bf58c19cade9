"""Hits, counts and facets tell nothing of a record from the moment that it is withdrawn, before the index knows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from library_server.app import create_app
from library_server.catalogue import outbox
from library_server.catalogue.batches import repository
from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands, revisions
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from library_server.search import service
from library_server.search.results import FACETS, SearchQuery

BY = Actor("desk")


@pytest.fixture
def ids(library: Library) -> dict[str, str]:
    """Two indexed records that have nothing in common; `private` was added by a batch."""
    with library.database.writing() as session:
        batch_id = repository.open_batch(session, ["盘"], {})
        made = {}
        for name, kind, clc, language in (("public", Kind.BOOK, "I247", "zh"), ("private", Kind.STORY, "K825", "en")):
            draft = RecordDraft(kind=kind, title=f"{name} 湘江", creators=(CreatorName(f"{name} 人", "author"),),
                                date="1998" if name == "public" else "1935", clc=clc, language=language)  # fmt: skip
            made[name] = commands.add_record(session, draft, batch_id=batch_id if name == "private" else None)
            shelf = commands.get_or_create_collection(session, f"{name}-shelf")
            commands.add_to_collection(session, shelf, made[name])
        made["batch"] = batch_id
    library.indexer.catch_up()
    return made


WAYS: dict[str, Callable[[Session, dict[str, str]], object]] = {
    "withdrawn": lambda session, ids: commands.withdraw(session, ids["private"], "本人要求"),
    "merged": lambda session, ids: merging.merge(session, ids["public"], ids["private"], BY),
    "undone": lambda session, ids: revisions.revert_changes(session, ids["batch"], BY),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.slow
def test_nothing_of_a_withdrawn_record_is_counted(way: str, library: Library, ids: dict[str, str]) -> None:
    client = create_app(library).test_client()

    def check(total: int) -> None:
        for words in ("", "湘江"):
            page = service.search_page(library.database, library.index, SearchQuery(words))
            assert page.results.total == len(page.cards) == total
            counted = {facet: sum(bucket.count for bucket in values) for facet, values in page.results.facets.items()}
            assert counted == dict.fromkeys(FACETS, total)
            if total == 1:
                facets = client.get(f"/api/v1/search?q={words}").get_json()["facets"]
                shown = client.get(f"/search?q={words}").get_data(as_text=True)
                for value in ("private 人", "private-shelf", "1935"):
                    assert value not in str(facets)
                    assert value not in shown

    check(2)
    with library.database.writing() as session:
        WAYS[way](session, ids)
    check(1)
    library.indexer.catch_up()
    if way != "merged":  # a merge adds the collections of the merged record to the one that is kept
        check(1)


@pytest.mark.slow
def test_facets_are_empty_while_too_many_withdrawals_are_pending(
    library: Library, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "WITHDRAWALS", 1)
    with library.database.writing() as session:
        for name in ("public", "private"):
            commands.withdraw(session, ids[name], "重复")
    page = service.search_page(library.database, library.index, SearchQuery())
    assert set(page.results.facets.values()) == {()}
    assert not page.cards


@pytest.mark.slow
def test_pending_withdrawals_are_read_by_their_index(library: Library, ids: dict[str, str]) -> None:
    statements: list[tuple[str, object]] = []
    event.listen(library.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2:4]))
    with library.database.reading() as session:
        assert outbox.pending_withdrawals(session) == outbox.PendingWithdrawals()
    ((statement, parameters),) = [executed for executed in statements if "outbox" in executed[0]]
    with library.database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]
    assert "ix_outbox_withdrawn" in str(plan)
