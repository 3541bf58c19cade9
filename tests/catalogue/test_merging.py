"""Merging two records moves links, collections, fields and files; unmerging moves them back."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.dto import CreatorName, HoldingView, RecordDraft
from library_server.catalogue.enums import AssetRole, Kind, LinkType, Status
from library_server.catalogue.models import Asset, CollectionRecord, Holding, RecordLink
from library_server.catalogue.records import commands, fields, revisions
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.merges.merging import MergeRefused
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library

BY = Actor("馆员")


def book(session: Session, title: str, **values: object) -> str:
    return commands.add_record(session, RecordDraft(Kind.BOOK, title, **values))  # type: ignore[arg-type]


def file_of(session: Session, record_id: str, name: str, role: AssetRole = AssetRole.ORIGINAL) -> str:
    digest = name.encode().hex().ljust(64, "0")
    return commands.add_asset(session, record_id, NewAsset(role, "text/plain", 1, digest, f"k/{name}", filename=name))


def links_of(session: Session) -> set[tuple[str, str, str]]:
    session.flush()
    return {(link.source_id, link.type, link.target_id) for link in session.scalars(select(RecordLink))}


def assets_of(session: Session, record_id: str) -> dict[str | None, bool]:
    session.flush()
    assets = session.scalars(select(Asset).where(Asset.record_id == record_id))
    return {asset.filename: asset.superseded for asset in assets}


def collections_of(session: Session, record_id: str) -> set[str]:
    session.flush()
    member = select(CollectionRecord.collection_id).where(CollectionRecord.record_id == record_id)
    return set(session.scalars(member))


def test_links_move_with_a_merge_and_back(library: Library) -> None:
    with library.database.writing() as session:
        kept_id, gone_id, course_id, film_id = (book(session, title) for title in ("甲", "乙", "课", "片"))
        commands.add_link(session, gone_id, LinkType.PART_OF, course_id)
        commands.add_link(session, film_id, LinkType.ABOUT, gone_id)
        commands.add_link(session, kept_id, LinkType.ABOUT, gone_id)
        commands.add_link(session, course_id, LinkType.SHOWS, film_id)
        before = links_of(session)
        merging.merge(session, kept_id, gone_id, BY)
        assert links_of(session) == {
            (kept_id, "part_of", course_id),
            (film_id, "about", kept_id),
            (course_id, "shows", film_id),
        }, "a record is not linked to itself"
        merging.unmerge(session, gone_id, BY)
        assert links_of(session) == before


def test_collections_are_merged_and_restored(library: Library) -> None:
    with library.database.writing() as session:
        kept_id, gone_id = book(session, "甲"), book(session, "乙")
        shared, other = (commands.get_or_create_collection(session, slug) for slug in ("shared", "other"))
        for collection_id, record_id in ((shared, kept_id), (shared, gone_id), (other, gone_id)):
            commands.add_to_collection(session, collection_id, record_id)
        merging.merge(session, kept_id, gone_id, BY)
        assert collections_of(session, kept_id) == {shared, other}
        merging.unmerge(session, gone_id, BY)
        assert collections_of(session, kept_id) == {shared}
        assert collections_of(session, gone_id) == {shared, other}


def test_what_came_through_two_merges_goes_back_from_the_last_record(library: Library) -> None:
    with library.database.writing() as session:
        first_id, second_id = book(session, "甲", abstract="讲船。", subjects=("船",)), book(session, "乙")
        third_id, course_id = book(session, "丙", subjects=("河",)), book(session, "课")
        collection_id = commands.get_or_create_collection(session, "only-first")
        commands.add_to_collection(session, collection_id, first_id)
        commands.add_link(session, first_id, LinkType.PART_OF, course_id)
        before = links_of(session)
        merging.merge(session, second_id, first_id, BY)
        merging.merge(session, third_id, second_id, BY)
        assert collections_of(session, third_id) == {collection_id}
        assert links_of(session) == {(third_id, "part_of", course_id)}
        merging.unmerge(session, first_id, BY)
        assert collections_of(session, first_id) == {collection_id}
        assert collections_of(session, third_id) == set()
        assert links_of(session) == before
        values = fields.values_of_record(commands.get_record(session, third_id))
        assert (values["abstract"], values["subjects"]) == (None, ["河"])
        merging.unmerge(session, second_id, BY)
        assert collections_of(session, second_id) == collections_of(session, third_id) == set()
        assert links_of(session) == before
        values = fields.values_of_record(commands.get_record(session, second_id))
        assert (values["abstract"], values["subjects"]) == (None, [])


def test_a_link_that_the_kept_record_had_before_stays_with_it(library: Library) -> None:
    with library.database.writing() as session:
        kept_id, gone_id, course_id = (book(session, title) for title in ("甲", "乙", "课"))
        commands.add_link(session, kept_id, LinkType.PART_OF, course_id)
        commands.add_link(session, gone_id, LinkType.PART_OF, course_id)
        before = links_of(session)
        merging.merge(session, kept_id, gone_id, BY)
        merging.unmerge(session, gone_id, BY)
        assert links_of(session) == before


def test_empty_fields_are_filled_and_lists_joined(library: Library) -> None:
    with library.database.writing() as session:
        kept_id = book(session, "渡口", publisher="三门书局", subjects=("船", "河"))
        gone_id = book(
            session, "渡口（重印）", publisher="群丰书局", place="株洲", date="1985", subjects=("河", "桥"),
            isbn="7-5327-0018-6", creators=(CreatorName("周望水", "author"),),
        )  # fmt: skip
        merging.merge(session, kept_id, gone_id, BY)
        values = fields.values_of_record(commands.get_record(session, kept_id))
        assert (values["title"], values["publisher"], values["place"], values["date"]) == (
            "渡口", "三门书局", "株洲", "1985")  # fmt: skip
        assert values["subjects"] == ["船", "河", "桥"]
        assert values["isbn"] == ["9787532700189"]
        assert values["creators"] == [["周望水", "author"]]
        revisions.revise(session, kept_id, {"place": "长沙"}, BY)
        merging.unmerge(session, gone_id, BY)
        values = fields.values_of_record(commands.get_record(session, kept_id))
        assert (values["place"], values["date"], values["subjects"], values["isbn"], values["creators"]) == (
            "长沙", None, ["船", "河"], [], []), "what was changed by hand since stays"  # fmt: skip


@pytest.mark.parametrize("kept_may", [True, False])
def test_a_merge_gives_no_right_to_download(library: Library, kept_may: bool) -> None:
    with library.database.writing() as session:
        kept_id = book(session, "甲", downloadable=kept_may)
        gone_id = book(session, "乙", downloadable=not kept_may)
        merging.merge(session, kept_id, gone_id, BY)
        assert not commands.get_record(session, kept_id).downloadable
        merging.unmerge(session, gone_id, BY)
        assert commands.get_record(session, kept_id).downloadable is kept_may


def test_a_second_file_becomes_a_version_without_its_cover(library: Library) -> None:
    with library.database.writing() as session:
        kept_id, gone_id = book(session, "甲"), book(session, "乙")
        file_of(session, kept_id, "甲.txt")
        file_of(session, gone_id, "乙.txt")
        file_of(session, gone_id, "乙.jpg", AssetRole.COVER)
        merging.merge(session, kept_id, gone_id, BY)
        assert assets_of(session, kept_id) == {"甲.txt": False, "乙.txt": True}
        assert assets_of(session, gone_id) == {"乙.jpg": False}
        merging.unmerge(session, gone_id, BY)
        assert assets_of(session, kept_id) == {"甲.txt": False}
        assert assets_of(session, gone_id) == {"乙.txt": False, "乙.jpg": False}


def test_a_record_without_a_file_gets_all_of_the_other(library: Library) -> None:
    with library.database.writing() as session:
        kept_id, gone_id = book(session, "甲"), book(session, "乙")
        file_of(session, gone_id, "乙.txt")
        file_of(session, gone_id, "乙.jpg", AssetRole.COVER)
        merging.merge(session, kept_id, gone_id, BY)
        assert assets_of(session, kept_id) == {"乙.txt": False, "乙.jpg": False}


def test_unmerge_leaves_what_has_moved_to_a_third_record(library: Library) -> None:
    with library.database.writing() as session:
        kept_id, gone_id, third_id = (book(session, title) for title in ("甲", "乙", "丙"))
        file_of(session, gone_id, "乙.txt")
        commands.add_holding(session, gone_id, HoldingView("三门镇", "S666", 1))
        session.flush()
        merging.merge(session, kept_id, gone_id, BY)
        for row in (*session.scalars(select(Asset)), *session.scalars(select(Holding))):
            assert row.record_id == kept_id
            row.record_id = third_id
        merging.unmerge(session, gone_id, BY)
        session.flush()
        assert assets_of(session, third_id) == {"乙.txt": False}
        assert session.scalars(select(Holding.record_id)).all() == [third_id]


def test_only_published_records_are_merged(library: Library) -> None:
    with library.database.writing() as session:
        kept_id, gone_id = book(session, "甲"), book(session, "乙")
        with pytest.raises(MergeRefused):
            merging.merge(session, kept_id, kept_id, BY)
        commands.withdraw(session, gone_id, "破损")
        for pair in ((kept_id, gone_id), (gone_id, kept_id)):
            with pytest.raises(MergeRefused):
                merging.merge(session, *pair, BY)
        assert commands.get_record(session, kept_id).status == Status.PUBLISHED
        with pytest.raises(MergeRefused, match="not merged"):
            merging.unmerge(session, gone_id, BY)


def test_a_merged_record_is_found_through_every_merge(library: Library) -> None:
    with library.database.writing() as session:
        first, second, third = (book(session, title) for title in ("甲", "乙", "丙"))
        merging.merge(session, second, first, BY)
        merging.merge(session, third, second, BY)
        assert [merging.merged_into(session, record_id) for record_id in (first, second, third)] == [third, third, None]
        assert [(view.kept_title, view.gone_title) for view in merging.list_merges(session)] == [
            ("丙", "乙"),
            ("乙", "甲"),
        ]
        assert [view.gone_title for view in merging.list_merges(session, limit=1)] == ["乙"]
        merging.unmerge(session, second, BY)
        assert [view.gone_title for view in merging.list_merges(session)] == ["甲"]
        assert not merging.is_withdrawn_by_hand(session, commands.get_record(session, first))
        commands.withdraw(session, third, "破损")
        assert merging.is_withdrawn_by_hand(session, commands.get_record(session, third))
