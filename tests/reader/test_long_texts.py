"""Texts of any length and shape: read as a stream, in pages, rendered once, never as a whole."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from ingest_tools.glyphs import with_usual_characters
from ingest_tools.passage_file import PASSAGES_FILE, write_passages
from library_server.app import create_app
from library_server.catalogue.details import RecordDetails, Statements
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import AssetRole, Kind
from library_server.catalogue.models import Asset, Record
from library_server.catalogue.passages import fragments, serialization
from library_server.catalogue.passages.fragments import PassageFragment, read_fragments
from library_server.catalogue.passages.serialization import Passage
from library_server.catalogue.records import commands, queries
from library_server.library import Library
from library_server.reader import markdown, pagination, texts
from library_server.reader.pagination import SPLIT_ABOVE, html_bytes, paginate
from library_server.web.byte_cache import ByteCache
from tests.factories.epubs import epub
from tests.support.libraries import ingest, open_library_at
from tests.support.records import load_record

PARAGRAPH = "一九七八年的冬天谭师傅在门口挂出第一杆自己做的秤，街坊都来看。" * 6
PAGE_BYTES, RECORD_BYTES = 50_000, 300_000
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
PASSAGES = st.lists(st.builds(Passage, st.just("chapter"), TEXT, TEXT, TEXT), max_size=5)


def bytes_of_passages(chapters: list[Passage], folder: Path) -> bytes:
    write_passages(chapters, folder)
    return (folder / PASSAGES_FILE).read_bytes()


def story(library: Library, body: str) -> str:
    """The id of a story with this body."""
    source = library.settings.home / "story.md"
    source.write_text(f"---\ntitle: 长故事\n---\n{body}", encoding="utf-8")
    assert ingest(library, source).added == 1
    with library.database.reading() as session:
        return queries.list_newest(session)[0].id


def words(text: str) -> str:
    """The text without white space, which pages do not keep between them."""
    return re.sub(r"\s", "", text)


@given(written=PASSAGES, chunk=st.integers(1, 12))
@pytest.mark.slow
def test_a_stream_gives_what_was_kept(
    written: list[Passage], chunk: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = bytes_of_passages(written, tmp_path_factory.mktemp("kept"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fragments, "CHUNK_CHARACTERS", chunk)
        read = [Passage("chapter", "", "", "") for _ in written]
        for piece in read_fragments(io.BytesIO(data)):
            text = read[piece.index].text + piece.text
            read[piece.index] = Passage("chapter", piece.value, piece.label, text)
    usual = [
        replace(passage, label=with_usual_characters(passage.label), text=with_usual_characters(passage.text))
        for passage in written
    ]
    assert read == serialization.parse_passages(data) == usual


@pytest.mark.parametrize(
    "data",
    [
        b"", b"nothing", gzip.compress(b'{"passages": [{"type": "chapter", "text": "abc')[:-12],
        gzip.compress(b'{"passages": [{"type": "chapter", "text": "abc'), gzip.compress(b'{"text": "\\u12"}' * 9),
        gzip.compress(b'{"text": "\xff\xfe"}'), gzip.compress(b'{"passages": [{"type": "chapter", "text"'),
    ],
    ids=["empty", "not gzip", "cut gzip", "cut text", "cut escape", "not utf-8", "cut value"],
)  # fmt: skip
@pytest.mark.slow
def test_a_damaged_text_ends_where_the_damage_begins(data: bytes, library: Library, client: FlaskClient) -> None:
    record_id = story(library, "船在雾里。")
    record = load_record(library, record_id)
    text = record.assets_of(AssetRole.TEXT)[0]
    library.store.put_bytes(text.key, data)
    with library.database.writing() as session:
        session.execute(update(Asset).where(Asset.id == text.id).values(sha256=f"{hash(data):064d}"[-64:]))
    assert client.get(f"/records/{record_id}").status_code == 200


@given(
    texts=st.lists(st.text("字。\n a[*", max_size=300).map(lambda text: text * 300), max_size=4), joined=st.booleans()
)
def test_pages_hold_all_of_the_text_in_order(texts: list[str], joined: bool) -> None:
    pieces = [PassageFragment(index, "", str(index), text) for index, text in enumerate(texts)]
    pages = list(paginate(pieces, joined=joined))
    assert words("".join(page.text for page in pages)) == words("".join(texts))
    assert all(html_bytes(page.text) <= SPLIT_ABOVE for page in pages)
    chapters = [page.chapter for page in pages]
    assert chapters == sorted(chapters)
    assert set(chapters) == (set(range(len(texts))) if not joined else {0} if texts else set())


def test_a_page_ends_at_a_paragraph_a_line_a_sentence_or_anywhere() -> None:
    for body, end in (
        ((PARAGRAPH + "\n\n") * 200, "。"), ((PARAGRAPH + "\n") * 200, "。"), (PARAGRAPH * 200, "。"),
        ("字" * 50_000, "字"),
    ):  # fmt: skip
        pages = list(paginate([PassageFragment(0, "1", "正文", body)]))
        assert len(pages) > 1
        assert all(page.text.endswith(end) for page in pages)
        assert all(pagination.PAGE_BYTES // 3 <= html_bytes(page.text) <= SPLIT_ABOVE for page in pages[:-1])


def test_blank_text_makes_no_thousands_of_pages() -> None:
    assert len(list(paginate([PassageFragment(0, "1", "正文", "\n" * 1_000_000 + "字")]))) == 1
    assert len(list(paginate([PassageFragment(0, "1", "正文", " \n" * 1_000_000)]))) == 1


@pytest.mark.long
def test_a_story_of_16_mb_is_shown_a_page_at_a_time(library: Library) -> None:
    body = "".join(f"第{number}段。{PARAGRAPH}\n\n" for number in range(28_200))
    assert len(body.encode()) > 16_000_000
    record_id = story(library, body)
    client = create_app(library).test_client()
    tracemalloc.start()
    first = client.get(f"/records/{record_id}").text
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000
    assert len(first.encode()) < PAGE_BYTES
    assert "第0段" in first
    assert 'rel="prev"' not in first
    shown = [first]
    for _ in range(3):
        following = re.search(r'rel="next" href="(\?page=\d+)"', shown[-1])
        assert following is not None
        shown.append(client.get(f"/records/{record_id}{following[1]}").text)
        assert 'rel="prev"' in shown[-1]
    numbers = [int(number) for page in shown for number in re.findall("第([0-9]+)段", page)]
    assert numbers == list(range(len(numbers)))
    last = client.get(f"/records/{record_id}?page=999999999").text
    assert "第28199段" in last
    assert 'rel="next"' not in last
    for page in ("0", "-7", "x", ""):
        assert "第0段" in client.get(f"/records/{record_id}?page={page}").text


def test_a_chapter_is_paged_and_a_short_one_is_not(library: Library, tmp_path: Path) -> None:
    lines = "".join(f"第{number}段。{PARAGRAPH}\n" for number in range(300))
    (tmp_path / "书.txt").write_text(
        f"第一章 修剪\n春梢要剪。\n第二章 采收\n{lines}第三章 窖藏\n入窖。\n", encoding="utf-8"
    )
    assert ingest(library, tmp_path / "书.txt").added == 1
    client = create_app(library).test_client()
    with library.database.reading() as session:
        address = f"/read/{queries.list_newest(session)[0].id}"
    page = client.get(f"{address}?text=1").text
    pages = [page]
    while following := re.search(r'rel="next" href="([^"]+)"', page):
        page = client.get(address + following[1].replace("&amp;", "&")).text
        assert len(page.encode()) < PAGE_BYTES
        pages.append(page)
    numbers = [int(number) for page in pages for number in re.findall("第([0-9]+)段", page)]
    assert numbers == list(range(300))
    assert "春梢要剪" in pages[0]
    assert "入窖" in pages[-1]
    assert "第 2 页，共 5 页" in pages[2]
    back = 0
    while before := re.search(r'rel="prev" href="([^"]+)"', page):
        page = client.get(address + before[1].replace("&amp;", "&")).text
        back += 1
    assert "春梢要剪" in page
    assert back == 2  # "previous chapter" leads to the beginning of it
    shares = [float(re.search(r'data-share="([0-9.]+)"', page)[1]) for page in pages]  # type: ignore[index]
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.slow
def test_a_text_of_many_chapters_lists_those_around(library: Library, tmp_path: Path) -> None:
    (tmp_path / "书.txt").write_text("".join(f"第{n}章\n正文{n}\n" for n in range(1, 4_801)), encoding="utf-8")
    assert ingest(library, tmp_path / "书.txt").added == 1
    client = create_app(library).test_client()
    with library.database.reading() as session:
        address = f"/read/{queries.list_newest(session)[0].id}"
    page = client.get(f"{address}?chapter=2000").text
    assert len(page.encode()) < PAGE_BYTES
    assert "正文2000" in page
    assert {"第1章", "第1999章", "第2001章", "第4800章"} <= set(re.findall("第[0-9]+章", page))
    assert len(page.encode()) < 20_000
    assert "正文4800" in client.get(f"{address}?chapter=99999999").text


def test_every_page_of_a_chapter_of_two_megabytes_is_small(library: Library, tmp_path: Path) -> None:
    """In paragraphs, in one that has no end, and of what HTML escapes."""
    bodies = ["".join(f"芭蕉{number}。\n" for number in range(140_000)), "芭蕉绿了又红" * 115_000, "<&>\"'" * 410_000]
    client = create_app(library).test_client()
    for number, body in enumerate(bodies):
        assert 2_000_000 < len(body.encode()) < 2_600_000
        (tmp_path / f"{number}.txt").write_text(body, encoding="utf-8")
        assert ingest(library, tmp_path / f"{number}.txt").added == 1
        with library.database.reading() as session:
            address = f"/read/{queries.list_newest(session)[0].id}"
        for share in (0, 0.3, 0.7, 1):
            assert len(client.get(f"{address}?text=1&share={share}").data) < PAGE_BYTES, (number, share)


def test_a_place_of_the_reader_is_found_in_the_text_and_back(library: Library, tmp_path: Path) -> None:
    chapters = {
        f"{n}.xhtml": f"<html><body><h1>第{n}章</h1><p>{'江边的芭蕉绿了。' * 3000}</p></body></html>"
        for n in range(1, 6)
    }
    epub(tmp_path / "书.epub", "五章的书", "", chapters)
    assert ingest(library, tmp_path / "书.epub").added == 1
    client = create_app(library).test_client()
    with library.database.reading() as session:
        address = f"/read/{queries.list_newest(session)[0].id}"

    def place(query: str) -> tuple[str, float]:
        page = client.get(f"{address}?text=1&{query}").text
        found = re.search(r'data-section="(\d+)"\s+data-part="([\d.]+)"', page)
        assert found is not None
        return found[1], float(found[2])

    assert place("section=3") == ("3", 0)
    assert place("section=3&share=0.5")[0] == "3"
    assert 0 < place("section=3&share=0.5")[1] < 1
    assert place("section=3&share=1")[1] >= 0.5
    assert place("share=0.5")[0] == "3"
    assert place("share=1")[0] == "5"
    for hostile in ("share=nan", "share=-3&section=-3", "share=x&section=x", "section=0&share=inf"):
        assert place(hostile)[0] in "15", hostile
    assert place("section=99999999999999999999999&share=1e308") == place("share=1")


def test_the_contents_of_many_chapters_are_divided_and_searched(library: Library, tmp_path: Path) -> None:
    (tmp_path / "书.txt").write_text(
        "".join(f"第{n}章 {'风' if n % 7 else '雪'}\n正文\n" for n in range(1, 1_201)), "utf-8"
    )
    assert ingest(library, tmp_path / "书.txt").added == 1
    client = create_app(library).test_client()
    with library.database.reading() as session:
        address = f"/read/{queries.list_newest(session)[0].id}"
    reading = client.get(f"{address}?chapter=700").text
    link = re.search(r'href="(\?contents=[^"]+)"', reading)
    assert link is not None
    contents = client.get(address + link[1].replace("&amp;", "&")).text
    assert re.findall("第([0-9]+)章", contents) == [str(number) for number in range(601, 801)]
    assert re.search(r'aria-current="page">第700章', contents)
    assert len(contents.encode()) < PAGE_BYTES
    for page in range(1, 7):
        assert f"?contents={page}&amp;" in contents
    found = client.get(f"{address}?contents=1&find=雪").text
    assert re.findall("第([0-9]+)章", found) == [str(number) for number in range(7, 1_201, 7)]
    assert "找到 171 章" in found


HOSTILE = {
    "brackets": "[" * 30_000, "links": "[a](" * 8000, "stars": "*a_ " * 9000, "ticks": "`" * 30_000,
    "tags": "<" * 30_000,
    "tick runs": "".join("`" * length + " " for length in range(1, 220)), "references": "[a][b" * 6000,
    "quotes": "> " * 15_000, "nested": "\n".join(">" * depth for depth in range(1, 240)), "lists": "- " * 15_000,
    "deep lists": "\n".join(" " * 2 * depth + "- a" for depth in range(1, 170)), "one line": "字" * 10_000_000,
    "entities": "&#" * 15_000, "cdata": "<![CDATA[" * 3000, "definitions": "[a]: b\n" * 4000, "escapes": "\\" * 30_000,
    "a million brackets": "[" * 1_000_000, "underlines": "a\n=\n" * 6000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.slow
def test_markdown_is_parsed_only_within_bounds(
    name: str, library: Library, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    render = markdown._markdown.render

    def spy(text: str) -> Any:
        parsed.append(text)
        return render(text)

    monkeypatch.setattr(markdown._markdown, "render", spy)
    page = client.get(f"/records/{story(library, HOSTILE[name])}")
    assert page.status_code == 200
    assert len(page.data) < PAGE_BYTES
    assert all(len(text) <= SPLIT_ABOVE for text in parsed)
    assert all(sum(text.count(mark) for mark in "[]()<>*_`!&\\") <= markdown.MARKUP_AT_MOST for text in parsed)


def test_plain_paragraphs_are_escaped() -> None:
    html = markdown.story_html("<script>alert(1)</script>\n\n" + "[" * 5000)
    assert html.startswith("<p>&lt;script&gt;")
    assert "<script" not in html


def test_a_page_is_read_and_rendered_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    record_id = story(library, f"只读一次。{PARAGRAPH}")
    client = create_app(library).test_client()
    calls: list[str] = []

    def counted(function: Any) -> Any:
        def call(*arguments: Any) -> Any:
            calls.append(function.__name__)
            return function(*arguments)

        return call

    monkeypatch.setattr(texts, "story_html", counted(markdown.story_html))
    monkeypatch.setattr(texts, "read_fragments", counted(read_fragments))
    for _ in range(3):
        assert "只读一次" in client.get(f"/records/{record_id}").text
    assert sorted(calls) == ["read_fragments", "story_html"]


class Breaking(io.BytesIO):
    """An object whose connection breaks after half of it."""

    def read(self, size: int | None = -1, /) -> bytes:
        half = len(self.getbuffer()) // 2
        if self.tell() >= half:
            raise OSError("connection reset")
        return super().read(half - self.tell() if size is None or size < 0 else min(size, half - self.tell()))


def test_a_text_that_breaks_off_once_is_whole_the_next_time(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "\n\n".join(f"第{number}段{random.Random(number).randbytes(300).hex()}" for number in range(900))
    record = load_record(library, story(library, body))
    (asset,) = record.assets_of(AssetRole.TEXT)
    with library.store.open(asset.key) as stored:
        whole = stored.read()
    with monkeypatch.context() as broken:
        broken.setattr(library.store, "open", lambda _key: Breaking(whole))
        cut_story = texts.read_story(record, library.store, 9999)
    assert cut_story is not None
    whole_story = texts.read_story(record, library.store, 9999)
    assert whole_story is not None
    assert whole_story.pages > cut_story.pages > 1
    assert "第899段" in whole_story.html
    pages = [texts.read_story(record, library.store, number + 1) for number in range(whole_story.pages)]
    shown = "".join(page.html for page in pages if page is not None)
    assert [int(number) for number in re.findall("第([0-9]+)段", shown)] == [*range(900)]


def test_the_cache_is_bounded_by_bytes() -> None:
    cache: ByteCache[str] = ByteCache(100)
    for key in range(50):
        cache.put(key, "x", 30)
        assert cache.get(0 if key < 3 else key) == "x"
        assert cache.size <= 100
    cache.put("large", "x", 101)
    assert cache.get("large") is None
    cache.put("same", "x", 40)
    cache.put("same", "y", 60)
    assert cache.get("same") == "y"
    assert cache.size <= 100


@pytest.fixture(scope="module")
def shelf_of_long_fields(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Rows as they were stored before their fields were bounded; tests only read them."""
    library = open_library_at(tmp_path_factory.mktemp("long") / "home")
    long = "长" * 200_000
    with library.database.writing() as session:
        for kind in (Kind.BOOK, Kind.STORY, Kind.LECTURE):
            record_id = commands.add_record(session, RecordDraft(kind=kind, title="长书名"))
            statements = Statements(notes=("注" * 200_000,) * 3, edition=long)
            session.execute(
                update(Record)
                .where(Record.id == record_id)
                .values(title=long, abstract=long, publisher=long, other_titles=[long] * 5, rights=long,
                        details=RecordDetails(statements=statements))
            )  # fmt: skip
        collection = commands.get_or_create_collection(session, "long", "长")
        commands.add_to_collection(session, collection, record_id)
    library.indexer.catch_up()
    yield library
    library.database.engine.dispose()


@pytest.mark.parametrize(
    "path", ["/", "/shelves", "/search", "/search?q=长", "/api/v1/search?q=长", "/collections/long"]
)
@pytest.mark.slow
def test_lists_of_long_titles_are_short(shelf_of_long_fields: Library, path: str) -> None:
    response = create_app(shelf_of_long_fields).test_client().get(path)
    assert response.status_code == 200
    assert len(response.data) < RECORD_BYTES


@pytest.mark.slow
def test_the_page_of_a_long_record_is_short(shelf_of_long_fields: Library) -> None:
    client = create_app(shelf_of_long_fields).test_client()
    with shelf_of_long_fields.database.reading() as session:
        ids = [card.id for card in queries.list_newest(session)]
    for record_id in ids:
        response = client.get(f"/records/{record_id}")
        assert response.status_code == 200
        assert len(response.data) < 2 * RECORD_BYTES


@pytest.mark.long
def test_a_transcript_without_end_is_cut(library: Library, tmp_path: Path) -> None:
    body = json.dumps({"passages": [vars(Passage("time", str(n), "0:01", "话" * 2000)) for n in range(6000)]})
    record = load_record(library, story(library, "短。"))
    library.store.put_bytes(record.assets_of(AssetRole.TEXT)[0].key, gzip.compress(body.encode()))
    cues = texts.read_cues(record, library.store)
    assert len(cues) == texts.CUES
    assert max(len(cue.text) for cue in cues) == texts.CUE_CHARACTERS
