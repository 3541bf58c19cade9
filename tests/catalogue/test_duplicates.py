"""Possible duplicates: which records make a pair, the order in which pairs are offered, and the decision on one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.models import DuplicateCandidate
from library_server.catalogue.photo_hashes import PhotoHashes
from library_server.catalogue.records import commands, duplicates
from library_server.catalogue.records.duplicates import Decision, Edition, MatchReason
from library_server.library import Library

ISBN, OTHER_ISBN = "9787532700189", "9780306406157"
AUTHOR = (CreatorName("周望水", "author"),)


def add_book(session: Session, title: str, **values: object) -> str:
    record_id = commands.add_record(session, RecordDraft(Kind.BOOK, title, **values))  # type: ignore[arg-type]
    session.flush()
    return record_id


def add_candidate(session: Session, reason: MatchReason, minutes: int) -> str:
    """Add a pair that was noted so many minutes after an hour, and return the id of its first record."""
    first_id, second_id = sorted((add_book(session, "甲"), add_book(session, "乙")))
    noted_at = datetime(2026, 1, 1) + timedelta(minutes=minutes)
    session.add(DuplicateCandidate(first_id=first_id, second_id=second_id, reason=reason, noted_at=noted_at))
    session.flush()
    return first_id


def stored_pairs(session: Session) -> set[tuple[str, str]]:
    return {(row.first_id, row.second_id) for row in session.scalars(select(DuplicateCandidate))}


def test_records_of_one_isbn_are_one_pair_that_is_noted_once(library: Library) -> None:
    with library.database.writing() as session:
        ids = [add_book(session, title, isbn=ISBN) for title in ("渡口", "船歌")]
        add_book(session, "栗雨", isbn=OTHER_ISBN)
        assert duplicates.record_duplicates(session, ids) == 1
        assert duplicates.record_duplicates(session, ids) == 0
        assert stored_pairs(session) == {(min(ids), max(ids))}
        (pair,) = duplicates.list_pairs(session)
    assert pair.reason == MatchReason.ISBN


def test_the_duplicates_of_every_record_are_looked_for_however_many_there_are(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "_CHUNK", 2)
    with library.database.writing() as session:
        ids = [add_book(session, f"书{number // 2}", creators=AUTHOR) for number in range(10)]
        assert duplicates.record_duplicates(session, ids) == 5
        assert stored_pairs(session) == {(min(ids[at : at + 2]), max(ids[at : at + 2])) for at in range(0, 10, 2)}


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [(None, None, 1), (1, 1, 1), (1, 2, 0), (1, None, 1), (None, 2, 1)],
)
def test_parts_of_one_course_are_no_duplicates(
    library: Library, first: int | None, second: int | None, count: int
) -> None:
    with library.database.writing() as session:
        add_book(session, "果树课", creators=AUTHOR, part_number=first)
        record_id = add_book(session, "果树课", creators=AUTHOR, part_number=second)
        assert duplicates.record_duplicates(session, [record_id]) == count


def test_records_with_too_little_to_be_compared_by_are_no_duplicates(library: Library) -> None:
    with library.database.writing() as session:
        ids = [add_book(session, "渡口") for _ in range(2)]
        assert duplicates.record_duplicates(session, ids) == 0


def test_pairs_of_one_isbn_are_offered_first_and_then_the_newest(library: Library) -> None:
    with library.database.writing() as session:
        older = add_candidate(session, MatchReason.DESCRIPTION, 1)
        newer = add_candidate(session, MatchReason.PHOTO, 2)
        by_isbn = add_candidate(session, MatchReason.ISBN, 0)
        assert [pair.first_id for pair in duplicates.list_pairs(session)] == [by_isbn, newer, older]
        assert [pair.first_id for pair in duplicates.list_pairs(session, limit=1, offset=1)] == [newer]


@pytest.mark.parametrize("withdrawn", [0, 1])
def test_a_withdrawn_record_is_offered_no_more_and_its_decided_pair_stays_listed(
    library: Library, withdrawn: int
) -> None:
    with library.database.writing() as session:
        ids = sorted(add_book(session, "渡口", creators=AUTHOR) for _ in range(2))
        duplicates.record_duplicates(session, ids)
        assert duplicates.count_open_pairs(session) == 1
        commands.withdraw(session, ids[withdrawn], "破损")
        session.flush()
        assert duplicates.count_open_pairs(session) == 0
        assert duplicates.list_pairs(session) == []
        duplicates.save_decision(session, ids[0], ids[1], Decision.DISTINCT, "馆员")
        session.flush()
        assert [pair.first_id for pair in duplicates.list_pairs(session, Decision.DISTINCT)] == [ids[0]]


def load_decision(session: Session) -> tuple[str, bool, str | None]:
    """Return the state of the only pair, whether a time is stored with it, and who decided."""
    session.flush()
    (candidate,) = session.scalars(select(DuplicateCandidate))
    return candidate.state, candidate.decided_at is not None, candidate.decided_by


def test_a_decision_names_who_made_it_until_the_pair_is_open_again(library: Library) -> None:
    with library.database.writing() as session:
        ids = sorted(add_book(session, title) for title in ("甲", "乙"))
        duplicates.save_decision(session, ids[1], ids[0], Decision.DISTINCT, "馆员")
        assert load_decision(session) == ("distinct", True, "馆员")
        assert stored_pairs(session) == {(ids[0], ids[1])}
        assert duplicates.count_open_pairs(session) == 0
        duplicates.save_decision(session, ids[0], ids[1], Decision.OPEN, "馆员")
        assert load_decision(session) == ("open", False, None)
        assert duplicates.count_open_pairs(session) == 1


def test_a_pair_is_found_in_either_order_with_the_fields_that_differ(library: Library) -> None:
    with library.database.writing() as session:
        first_id = add_book(session, "渡口", isbn=ISBN, publisher="三门书局", place="株洲")
        second_id = add_book(session, "渡口（重印）", isbn=ISBN, publisher="三门书局", date="1985")
        duplicates.record_duplicates(session, [first_id])
        pairs = [duplicates.find_pair(session, *ids) for ids in ((first_id, second_id), (second_id, first_id))]
        assert duplicates.find_pair(session, first_id, "0000000000000000") is None
        differences = duplicates.compare_records(session, first_id, second_id)
    assert differences == {"title": ("渡口", "渡口（重印）"), "place": ("株洲", None), "date": (None, "1985")}
    assert pairs[0] == pairs[1]
    assert pairs[0] is not None
    titles = {pairs[0].first_id: pairs[0].first_title, pairs[0].second_id: pairs[0].second_title}
    assert titles == {first_id: "渡口", second_id: "渡口（重印）"}


def test_the_editions_of_an_isbn_tell_which_records_are_published(library: Library) -> None:
    with library.database.writing() as session:
        shown_id, gone_id = (add_book(session, "渡口", isbn=ISBN) for _ in range(2))
        other_id = add_book(session, "船歌", isbn=OTHER_ISBN, creators=AUTHOR)
        add_book(session, "栗雨")
        commands.withdraw(session, gone_id, "破损")
        session.flush()
        editions = duplicates.find_editions(session, [ISBN, OTHER_ISBN])
        assert duplicates.find_editions(session, ["9787535762894"]) == {}
        other_key = commands.get_record(session, other_id).match_key
    assert set(editions) == {ISBN, OTHER_ISBN}
    assert set(editions[ISBN]) == {Edition(shown_id, None, True), Edition(gone_id, None, False)}
    assert editions[OTHER_ISBN] == [Edition(other_id, other_key, True)]


@pytest.mark.parametrize(
    ("first", "second", "similar"),
    [
        ("0000000000000000", "000000000000003f", True),
        ("0000000000000000", "000000000000007f", False),
        ("fc00000000000000", "0000000000000000", True),
        (None, "0000000000000000", False),
        ("0000000000000000", None, False),
        (None, None, False),
    ],
)
def test_photos_are_similar_that_differ_in_at_most_six_bits(
    first: str | None, second: str | None, similar: bool
) -> None:
    assert duplicates.photos_similar(first, second) is similar


def test_photos_of_one_batch_are_compared_with_each_other_and_with_earlier_ones(library: Library) -> None:
    with library.database.writing() as session:
        ids = [add_book(session, "照片") for _ in range(3)]
        known = PhotoHashes(session)
        known.add(ids[0], 0b111111)
        assert duplicates.record_similar_photos(session, {ids[1]: 0, ids[2]: 0b1000000}, known) == 2
        assert stored_pairs(session) == {(min(pair), max(pair)) for pair in ((ids[0], ids[1]), (ids[1], ids[2]))}
