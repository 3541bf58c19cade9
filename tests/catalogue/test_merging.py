"""What goes over when two records become one, and comes back when they are two again."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.dto import CreatorName, HoldingView, RecordDraft
from library_server.catalogue.enums import AssetRole, Kind, LinkType, Status
from library_server.catalogue.models import Asset, CollectionRecord, Holding, RecordLink
from library_server.catalogue.records import commands, fields, merging, revisions
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.merging import MergeRefused
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
    found = session.scalars(select(Asset).where(Asset.record_id == record_id))
    return {asset.filename: asset.superseded for asset in found}


def collections_of(session: Session, record_id: str) -> set[str]:
    session.flush()
    member = select(CollectionRecord.collection_id).where(CollectionRecord.record_id == record_id)
    return set(session.scalars(member))


def test_links_go_over_and_come_back(library: Library) -> None:
    with library.database.writing() as session:
        kept, gone, course, film = (book(session, title) for title in ("甲", "乙", "课", "片"))
        commands.link(session, gone, LinkType.PART_OF, course)
        commands.link(session, film, LinkType.ABOUT, gone)
        commands.link(session, kept, LinkType.ABOUT, gone)
        commands.link(session, course, LinkType.SHOWS, film)
        before = links_of(session)
        merging.merge(session, kept, gone, BY)
        assert links_of(session) == {
            (kept, "part_of", course),
            (film, "about", kept),
            (course, "shows", film),
        }, "a record is not linked to itself"
        merging.unmerge(session, gone, BY)
        assert links_of(session) == before


def test_collections_are_joined_and_come_apart(library: Library) -> None:
    with library.database.writing() as session:
        kept, gone = book(session, "甲"), book(session, "乙")
        shared, other = (commands.collection_of(session, slug) for slug in ("shared", "other"))
        for collection_id, record_id in ((shared, kept), (shared, gone), (other, gone)):
            commands.add_to_collection(session, collection_id, record_id)
        merging.merge(session, kept, gone, BY)
        assert collections_of(session, kept) == {shared, other}
        merging.unmerge(session, gone, BY)
        assert collections_of(session, kept) == {shared}
        assert collections_of(session, gone) == {shared, other}


def test_empty_fields_are_filled_and_lists_joined(library: Library) -> None:
    with library.database.writing() as session:
        kept = book(session, "渡口", publisher="三门书局", subjects=("船", "河"))
        gone = book(
            session, "渡口（重印）", publisher="群丰书局", place="株洲", date="1985", subjects=("河", "桥"),
            isbn="7-5327-0018-6", creators=(CreatorName("周望水", "author"),),
        )  # fmt: skip
        merging.merge(session, kept, gone, BY)
        values = fields.of_record(commands.get_record(session, kept))
        assert (values["title"], values["publisher"], values["place"], values["date"]) == (
            "渡口", "三门书局", "株洲", "1985")  # fmt: skip
        assert values["subjects"] == ["船", "河", "桥"]
        assert values["isbn"] == ["9787532700189"]
        assert values["creators"] == [["周望水", "author"]]
        revisions.revise(session, kept, {"place": "长沙"}, BY)
        merging.unmerge(session, gone, BY)
        values = fields.of_record(commands.get_record(session, kept))
        assert (values["place"], values["date"], values["subjects"], values["isbn"], values["creators"]) == (
            "长沙", None, ["船", "河"], [], []), "what was changed by hand since stays"  # fmt: skip


@pytest.mark.parametrize("kept_may", [True, False])
def test_a_merge_gives_no_right_to_download(library: Library, kept_may: bool) -> None:
    with library.database.writing() as session:
        kept = book(session, "甲", downloadable=kept_may)
        gone = book(session, "乙", downloadable=not kept_may)
        merging.merge(session, kept, gone, BY)
        assert not commands.get_record(session, kept).downloadable
        merging.unmerge(session, gone, BY)
        assert commands.get_record(session, kept).downloadable is kept_may


def test_a_second_file_becomes_a_version_without_its_cover(library: Library) -> None:
    with library.database.writing() as session:
        kept, gone = book(session, "甲"), book(session, "乙")
        file_of(session, kept, "甲.txt")
        file_of(session, gone, "乙.txt")
        file_of(session, gone, "乙.jpg", AssetRole.COVER)
        merging.merge(session, kept, gone, BY)
        assert assets_of(session, kept) == {"甲.txt": False, "乙.txt": True}
        assert assets_of(session, gone) == {"乙.jpg": False}
        merging.unmerge(session, gone, BY)
        assert assets_of(session, kept) == {"甲.txt": False}
        assert assets_of(session, gone) == {"乙.txt": False, "乙.jpg": False}


def test_a_record_without_a_file_gets_all_of_the_other(library: Library) -> None:
    with library.database.writing() as session:
        kept, gone = book(session, "甲"), book(session, "乙")
        file_of(session, gone, "乙.txt")
        file_of(session, gone, "乙.jpg", AssetRole.COVER)
        merging.merge(session, kept, gone, BY)
        assert assets_of(session, kept) == {"乙.txt": False, "乙.jpg": False}


def test_what_went_on_to_a_third_record_stays_there(library: Library) -> None:
    with library.database.writing() as session:
        kept, gone, third = (book(session, title) for title in ("甲", "乙", "丙"))
        file_of(session, gone, "乙.txt")
        commands.add_holding(session, gone, HoldingView("三门镇", "S666", 1))
        session.flush()
        merging.merge(session, kept, gone, BY)
        for row in (*session.scalars(select(Asset)), *session.scalars(select(Holding))):
            assert row.record_id == kept
            row.record_id = third
        merging.unmerge(session, gone, BY)
        session.flush()
        assert assets_of(session, third) == {"乙.txt": False}
        assert session.scalars(select(Holding.record_id)).all() == [third]


def test_only_published_records_are_merged(library: Library) -> None:
    with library.database.writing() as session:
        kept, gone = book(session, "甲"), book(session, "乙")
        with pytest.raises(MergeRefused):
            merging.merge(session, kept, kept, BY)
        commands.withdraw(session, gone, "破损")
        for pair in ((kept, gone), (gone, kept)):
            with pytest.raises(MergeRefused):
                merging.merge(session, *pair, BY)
        assert commands.get_record(session, kept).status == Status.PUBLISHED
        with pytest.raises(MergeRefused, match="not merged"):
            merging.unmerge(session, gone, BY)


def test_a_merged_record_is_found_through_every_merge(library: Library) -> None:
    with library.database.writing() as session:
        first, second, third = (book(session, title) for title in ("甲", "乙", "丙"))
        merging.merge(session, second, first, BY)
        merging.merge(session, third, second, BY)
        assert [merging.merged_into(session, one) for one in (first, second, third)] == [third, third, None]
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
