from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands, queries
from library_server.library import Library
from library_server.search import service
from library_server.search.analysis import index_tokens, query_tokens
from library_server.search.highlights import make_snippet, mark_matches
from library_server.search.pinyin import pinyin_keys, sort_key
from library_server.search.results import IndexUnavailable, SearchQuery

TITLES = (
    ("柑橘栽培手记", "陈守田", "S666", "2009", "三十年果园里记下的土、水、枝、虫"),
    ("花鼓戏唱腔选", "李月娥", "J825", "1996", "川调、打锣腔、小调"),
    ("湘江船歌", "周望水", "I276", "1987", None),
    ("果树病虫害防治", "陈守田", "S436", "2011", "柑橘、梨、桃"),
    ("Python 数据分析", "王小明", "TP311", "2020", None),
)


@pytest.fixture
def filled(library: Library) -> Library:
    with library.database.writing() as session:
        for title, creator, clc, date, abstract in TITLES:
            isbn = "978-0-306-40615-7" if title == "湘江船歌" else None
            draft = RecordDraft(
                kind=Kind.BOOK,
                title=title,
                creators=(CreatorName(creator, "author"),),
                clc=clc,
                date=date,
                abstract=abstract,
                isbn=isbn,
                language="zh",
            )
            commands.add_record(session, draft)
    library.indexer.catch_up()
    return library


def titles(library: Library, words: str, **fields: object) -> list[str]:
    results = service.search(library.index, SearchQuery(words, **fields))  # type: ignore[arg-type]
    with library.database.reading() as session:
        return [card.title for card in service.load_cards(session, results).cards]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("柑橘", "柑橘栽培手记"),
        ("花鼓戲", "花鼓戏唱腔选"),
        ("唱腔", "花鼓戏唱腔选"),
        ("hgx", "花鼓戏唱腔选"),
        ("xjcg", "湘江船歌"),
        ("huagu", "花鼓戏唱腔选"),
        ("ＰＹＴＨＯＮ", "Python 数据分析"),
        ("9780306406157", "湘江船歌"),
        ("0-306-40615-2", "湘江船歌"),
        ("S666", "柑橘栽培手记"),
        ("tp311", "Python 数据分析"),
        ("陈守田 病虫害", "果树病虫害防治"),
    ],
)
def test_what_people_type_finds_it_first(filled: Library, words: str, first: str) -> None:
    assert titles(filled, words)[0] == first


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("S666 陈守田", ["柑橘栽培手记"]),
        ("陈守田 s436", ["果树病虫害防治"]),
        ("船歌 9780306406157", ["湘江船歌"]),
        ("S666 周望水", []),
        ("C919 大飞机", ["C919 大飞机"]),
    ],
)
def test_a_class_number_or_isbn_stands_among_words(filled: Library, words: str, expected: list[str]) -> None:
    with filled.database.writing() as session:
        commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="C919 大飞机", clc="V271"))
        commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="社会调查", clc="C919"))
    filled.indexer.catch_up()
    results = service.search(filled.index, SearchQuery(words))
    assert sorted([] if results.relaxed else titles(filled, words)) == sorted(expected)


@pytest.mark.parametrize("name", ["青木 修", "青木修", "阿·托尔斯泰", "阿托尔斯泰"])
def test_a_name_is_found_with_and_without_its_space(filled: Library, name: str) -> None:
    with filled.database.writing() as session:
        draft = RecordDraft(kind=Kind.BOOK, title="无关", creators=(CreatorName(name, "author"),))
        commands.add_record(session, draft)
        commands.add_record(session, RecordDraft(kind=Kind.PERSON, title=name))
    filled.indexer.catch_up()
    for typed in {name, name.replace("·", ""), name.replace(" ", "")} | ({"青木 修"} if "青木" in name else set()):
        assert sorted(titles(filled, typed)) == sorted(["无关", name]), typed


def test_all_words_are_needed_and_it_says_when_it_relaxes(filled: Library) -> None:
    assert titles(filled, "陈守田 手记") == ["柑橘栽培手记"]
    relaxed = service.search(filled.index, SearchQuery("柑橘栽培手册"))
    assert relaxed.relaxed
    assert relaxed.total == 1
    nothing = service.search(filled.index, SearchQuery("完全没有"))
    assert (nothing.total, nothing.relaxed) == (0, False)


def test_a_title_weighs_more_than_an_abstract(filled: Library) -> None:
    assert titles(filled, "柑橘") == ["柑橘栽培手记", "果树病虫害防治"]


def test_orders(filled: Library) -> None:
    assert titles(filled, "", sort="title")[0] == "柑橘栽培手记"
    assert titles(filled, "", sort="date")[0] == "Python 数据分析"
    assert titles(filled, "", sort="newest")[0] == "Python 数据分析"


def test_facets_count_and_filter(filled: Library) -> None:
    results = service.search(filled.index, SearchQuery(""))
    top = results.facets["creator"][0]
    assert (top.value, top.count) == ("陈守田", 2)
    assert {bucket.value for bucket in results.facets["class"]} == {"S", "J", "I", "T"}
    assert titles(filled, "", filters={"creator": "陈守田", "class": "S", "year": "2011"}) == ["果树病虫害防治"]
    for facet, value in {"kind": "nothing", "year": "x", "creator": "无", "language": "fr", "class": ""}.items():
        assert titles(filled, "", filters={facet: value}) == []


def test_suggest_by_characters_initials_and_pinyin(filled: Library) -> None:
    with filled.database.reading() as session:
        for typed in ("花鼓", "hg", "huagux"):
            ids = service.suggest(filled.index, typed)
            assert [card.title for card in queries.load_cards(session, ids)] == ["花鼓戏唱腔选"], typed
    assert service.suggest(filled.index, "  ") == ()
    assert service.suggest(filled.index, "。。") == ()


def test_updates_and_withdrawals_reach_the_index(filled: Library) -> None:
    with filled.database.reading() as session:
        record_id = next(card.id for card in queries.list_newest(session, limit=100) if "Python" in card.title)
    with filled.database.writing() as session:
        commands.withdraw(session, record_id, "版权到期")
        commands.add_record(session, RecordDraft(kind=Kind.PHOTO, title="栗雨老街"))
    assert filled.indexer.catch_up() == 2
    assert titles(filled, "Python") == []
    assert titles(filled, "老街") == ["栗雨老街"]
    assert filled.indexer.verify().agrees


def test_rebuild_answers_as_the_incremental_path(filled: Library) -> None:
    with filled.database.writing() as session:
        for number in range(30):
            commands.add_record(session, RecordDraft(kind=Kind.STORY, title=f"柑橘故事 {number}"))
    filled.indexer.catch_up()
    questions = [SearchQuery("柑橘"), SearchQuery("", sort="title"), SearchQuery("故事", page=2, per_page=7)]
    before = [service.search(filled.index, question) for question in questions]
    assert filled.indexer.rebuild() == 35
    after = [service.search(filled.index, question) for question in questions]
    assert [(a.total, a.ids, a.facets) for a in before] == [(a.total, a.ids, a.facets) for a in after]


def test_pages_show_every_record_once_in_every_order(filled: Library) -> None:
    with filled.database.writing() as session:
        for _ in range(40):
            commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="同名", date="2000"))
    filled.indexer.catch_up()
    for sort in ("relevance", "date", "title", "newest"):
        for words in ("", "同名"):
            record_ids: list[str] = []
            for page in range(1, 20):
                record_ids += service.search(filled.index, SearchQuery(words, {}, sort, page, 6)).ids
            assert len(record_ids) == len(set(record_ids)) == (45 if not words else 40)


@pytest.mark.parametrize("words", ["", "花鼓戏", "hgx", "9787544270878", "S666"])
@pytest.mark.parametrize("sort", ["relevance", "date", "title", "newest"])
def test_an_empty_library_answers_with_nothing(library: Library, words: str, sort: str) -> None:
    library.indexer.rebuild()
    results = service.search(library.index, SearchQuery(words, {"kind": "book", "creator": "陈守田"}, sort))  # type: ignore[arg-type]
    assert (results.total, results.ids, results.relaxed) == (0, (), False)
    assert service.suggest(library.index, words) == ()
    assert library.indexer.verify().agrees


@pytest.mark.parametrize("damage", ["cut", "garbage", "gone"])
def test_a_damaged_index_is_noticed_and_rebuilt(filled: Library, damage: str) -> None:
    folder = filled.settings.index_folder
    for path in folder.glob("records-*/*"):
        if damage == "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        elif damage == "garbage":
            path.write_bytes(b"garbage" * 10)
    if damage == "gone":
        shutil.rmtree(folder)
    fresh = type(filled.index)(folder)
    with pytest.raises(IndexUnavailable):
        fresh.get_snapshot()
    assert not filled.indexer.get_status().readable
    filled.indexer.catch_up()
    assert service.search(fresh, SearchQuery("柑橘")).total == 2


def test_an_index_file_names_no_secret(filled: Library) -> None:
    names = json.loads(next(filled.settings.index_folder.glob("records-*/names.json")).read_text())
    assert "陈守田" in names["creator"]


def test_tokens() -> None:
    assert query_tokens("柑橘栽培") == ["柑橘", "橘栽", "栽培"]
    assert query_tokens("橘") == ["橘"]
    assert "栽培" in index_tokens("柑橘栽培")
    assert query_tokens("Café １２") == ["cafe", "12"]


@given(st.text(max_size=60), st.text(max_size=20))
@pytest.mark.long
def test_highlights_lose_and_add_nothing(text: str, words: str) -> None:
    assert "".join(piece.text for piece in mark_matches(text, words)) == text


@given(st.text(alphabet="柑橘栽培手记湘江船歌abc ", min_size=2, max_size=12), st.data())
def test_any_fragment_of_two_is_among_the_tokens(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    fragment = text[start : start + 2]
    if all(character >= "\u4e00" for character in fragment):
        assert set(query_tokens(fragment)) <= set(index_tokens(text))


def test_snippets_mark_the_words() -> None:
    pieces = make_snippet("三十年果园里记下的土、水、枝、虫。每一章对着一个节气", "果园")
    assert [piece.text for piece in pieces if piece.marked] == ["果园"]
    assert make_snippet("没有", "果园") == ()


def test_pinyin_of_titles() -> None:
    assert "hgx" in pinyin_keys("株洲花鼓戏")
    assert sort_key("柑橘") < sort_key("湘江")
    assert pinyin_keys("") == []
