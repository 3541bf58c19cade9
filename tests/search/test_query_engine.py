"""What a query finds, in which order, on which page, and what its facets count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.outbox import PendingWithdrawals
from library_server.catalogue.records import commands
from library_server.library import Library
from library_server.search import service
from library_server.search.records import query_engine
from library_server.search.results import FacetValue, SearchQuery, Sort


def index_books(library: Library, *drafts: RecordDraft) -> dict[str, str]:
    """Add records and index them; return their titles by id, the oldest first."""
    with library.database.writing() as session:
        titles = {commands.add_record(session, draft): draft.title for draft in drafts}
    library.indexer.catch_up()
    return titles


def book(title: str, *creators: str, **values: object) -> RecordDraft:
    names = tuple(CreatorName(name, "author") for name in creators)
    return RecordDraft(Kind.BOOK, title, creators=names, **values)  # type: ignore[arg-type]


def find_titles(library: Library, titles: dict[str, str], words: str = "", sort: Sort = "relevance") -> list[str]:
    return [titles[record_id] for record_id in service.search(library.index, SearchQuery(words, sort=sort)).ids]


def test_three_of_five_words_are_enough_where_no_record_has_all(library: Library) -> None:
    titles = index_books(library, book("ferry river lamp"), book("ferry river"))
    results = service.search(library.index, SearchQuery("ferry river lamp fog boat"))
    assert [titles[record_id] for record_id in results.ids] == ["ferry river lamp"]
    assert results.relaxed


def test_one_word_is_never_left_out(library: Library) -> None:
    index_books(library, book("ferry"))
    results = service.search(library.index, SearchQuery("river"))
    assert (results.total, results.relaxed) == (0, False)


def test_initials_are_tried_before_words_are_left_out(library: Library) -> None:
    titles = index_books(library, book("花鼓戏唱腔选"), book("hua 调"))
    assert find_titles(library, titles, "hua gu") == ["花鼓戏唱腔选"]
    assert not service.search(library.index, SearchQuery("hua gu")).relaxed


def test_words_that_all_stand_in_a_record_are_no_initials(library: Library) -> None:
    titles = index_books(library, book("花鼓戏唱腔选"), book("hua gu"))
    assert find_titles(library, titles, "hua gu") == ["hua gu"]


def test_words_after_the_fortieth_are_not_looked_for(library: Library) -> None:
    words = " ".join(f"w{number}" for number in range(40))
    titles = index_books(library, book(words))
    assert find_titles(library, titles, f"{words} zz") == [words]
    assert not service.search(library.index, SearchQuery(f"{words} zz")).relaxed


def test_a_class_number_finds_the_classes_below_it(library: Library) -> None:
    titles = index_books(library, book("柑橘", clc="S666.1"), book("果树", clc="S66"), book("船", clc="U66"))
    assert sorted(find_titles(library, titles, "S66")) == ["果树", "柑橘"]
    assert find_titles(library, titles, "s666") == ["柑橘"]


def test_letters_without_a_digit_are_a_word_and_no_class(library: Library) -> None:
    titles = index_books(library, book("tp 手册", clc="I247"), book("数据分析", clc="TP311"))
    assert find_titles(library, titles, "tp") == ["tp 手册"]


def test_the_field_that_has_the_word_decides_the_order(library: Library) -> None:
    titles = index_books(
        library, book("甲", abstract="湘江"), book("乙", subjects=("湘江",)), book("丙", "湘江"), book("湘江")
    )
    assert find_titles(library, titles, "湘江") == ["湘江", "丙", "乙", "甲"]


def test_of_two_titles_with_a_word_the_short_one_is_first(library: Library) -> None:
    titles = index_books(library, book("ferry"), book("ferry of the river in fog and lamps"))
    assert find_titles(library, titles, "ferry") == ["ferry", "ferry of the river in fog and lamps"]


@pytest.mark.parametrize("field", ["title", "creator", "subject", "abstract"])
def test_a_rare_word_weighs_more_than_a_common_one(library: Library, field: str) -> None:
    drafts = {
        "title": lambda words: book(words),
        "creator": lambda words: book("书", words),
        "subject": lambda words: book("书", subjects=(words,)),
        "abstract": lambda words: book("书", abstract=words),
    }
    ids = list(index_books(library, *(drafts[field](words) for words in ("river lamp", *["ferry"] * 8, "ferry lamp"))))
    results = service.search(library.index, SearchQuery("ferry river lamp"))
    assert results.ids == (ids[0], ids[-1])


def test_equal_hits_are_shown_newest_first(library: Library) -> None:
    titles = index_books(library, *(book("湘江", abstract=str(number)) for number in range(5)))
    newest_first = list(titles)[::-1]
    for sort in ("relevance", "title", "date", "newest"):
        assert list(service.search(library.index, SearchQuery("湘江", sort=sort)).ids) == newest_first, sort
    assert list(service.search(library.index, SearchQuery("")).ids) == newest_first


def test_titles_are_in_the_order_of_their_pinyin_beyond_the_first_letters(library: Library) -> None:
    titles = index_books(library, book("湘江船歌丙"), book("湘江船歌甲"), book("柑橘"), book("湘江船歌乙"))
    assert find_titles(library, titles, sort="title") == ["柑橘", "湘江船歌丙", "湘江船歌甲", "湘江船歌乙"]


def test_the_latest_date_is_first_and_no_date_is_last(library: Library) -> None:
    titles = index_books(
        library, book("宋", date="1127"), book("无"), book("汉", date="-0100"), book("今", date="2020-05-02"),
        book("早", date="2020-05-01"),
    )  # fmt: skip
    assert find_titles(library, titles, sort="date") == ["今", "早", "宋", "汉", "无"]


def test_pages_follow_one_another_and_end(library: Library) -> None:
    titles = index_books(library, *(book(f"书{number}") for number in range(5)))
    pages = [service.search(library.index, SearchQuery("", page=page, per_page=2)) for page in (1, 2, 3, 4)]
    newest_first = list(titles)[::-1]
    assert [list(page.ids) for page in pages] == [newest_first[:2], newest_first[2:4], newest_first[4:], []]
    assert [page.total for page in pages] == [5, 5, 5, 5]


def test_twenty_records_make_a_page_where_no_number_is_given(library: Library) -> None:
    index_books(library, *(book("书") for _ in range(21)))
    assert len(service.search(library.index, SearchQuery("")).ids) == 20


def test_a_facet_names_the_twelve_most_frequent_values_and_ties_by_name(library: Library) -> None:
    index_books(library, *(book("书", f"p{number:02}") for number in range(13)), book("书", "p12"), book("书", "p05"))
    creators = service.search(library.index, SearchQuery("")).facets["creator"]
    assert creators[:3] == (FacetValue("p05", 2), FacetValue("p12", 2), FacetValue("p00", 1))
    assert len(creators) == 12


def test_what_a_record_does_not_state_is_in_no_facet(library: Library) -> None:
    index_books(library, book("书"), book("汉", date="-0100"))
    facets = service.search(library.index, SearchQuery("")).facets
    assert facets == {"kind": (FacetValue("book", 2),)} | dict.fromkeys(
        ("collection", "creator", "year", "language", "class"), ()
    )


def test_years_before_christ_are_filtered_by(library: Library) -> None:
    titles = index_books(library, book("汉", date="-0100"), book("无"))
    results = service.search(library.index, SearchQuery(filters={"year": "-100"}))
    assert [titles[record_id] for record_id in results.ids] == ["汉"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"creator": "丁"}, ["四人"]),
        ({"creator": "甲"}, ["一人", "四人"]),
        ({"creator": "甲", "year": "1985"}, ["四人"]),
        ({"creator": ""}, []),
        ({"language": "en"}, ["一人"]),
        ({"language": ""}, []),
        ({"kind": "book"}, ["一人", "四人"]),
        ({"kind": "film"}, []),
        ({"class": "I"}, ["四人"]),
        ({"class": "i247.5"}, ["四人"]),
    ],
)
def test_filters_leave_the_records_that_have_every_value(
    library: Library, filters: dict[str, str], expected: list[str]
) -> None:
    titles = index_books(
        library, book("四人", "甲", "乙", "丙", "丁", date="1985", clc="I247"), book("一人", "甲", language="en")
    )
    results = service.search(library.index, SearchQuery(filters=filters))
    assert sorted(titles[record_id] for record_id in results.ids) == expected


def test_a_filter_by_what_is_no_facet_is_an_error(library: Library) -> None:
    index_books(library, book("书"))
    with pytest.raises(ValueError, match="publisher"):
        query_engine.execute(
            library.index.get_snapshot(), SearchQuery(filters={"publisher": "x"}), PendingWithdrawals()
        )


def test_records_that_wait_to_be_withdrawn_are_left_out_one_by_one(library: Library) -> None:
    titles = index_books(library, *(book(f"书{number}", f"人{number}") for number in range(4)))
    ids = list(titles)
    withdrawals = PendingWithdrawals(frozenset({ids[1], ids[3], "0000000000000000"}))
    results = service.search(library.index, SearchQuery(""), withdrawals)
    assert (results.total, list(results.ids)) == (2, [ids[2], ids[0]])
    assert results.facets["creator"] == (FacetValue("人0", 1), FacetValue("人2", 1))


@pytest.mark.parametrize("length", [3, 1000, 1001, 3000])
@pytest.mark.parametrize(
    ("other", "expected"),
    [([], []), ([0], [0]), ([2], [2]), ([0, 2, 5000], [0, 2]), ([5000], [])],
)
def test_documents_of_two_lists_are_those_that_stand_in_both(
    length: int, other: Sequence[int], expected: list[int]
) -> None:
    long_list, short_list = np.arange(length, dtype=np.int32), np.array(other, np.int32)
    padded = np.concatenate([short_list, np.arange(10_000, 10_000 + length, dtype=np.int32)])
    for postings in ([long_list, short_list], [short_list, long_list], [long_list, padded]):
        assert query_engine.intersect(postings).tolist() == expected


def test_the_last_of_many_documents_may_be_after_every_other_one() -> None:
    some, others = np.array([*range(1001), 9000], np.int32), np.arange(2000, dtype=np.int32)
    assert query_engine.intersect([some, others]).tolist() == list(range(1001))
