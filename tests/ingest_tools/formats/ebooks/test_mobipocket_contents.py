"""Chapters of Mobipocket books by their contents."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.formats.ebooks.mobipocket import book
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.palm_books import CONTENTS, ENCODING, FIRST_PICTURE, NONE, VERSION, contents_index, mobi

PARTS = ["<p>渡口的序言很短。</p>", "<p>江边的芭蕉绿了。</p><mbp:pagebreak/><p>船走了。</p>", "<p>船工喊着号子。</p>"]
TEXT = "<html><body>" + "".join(PARTS) + "</body></html>"


def labels_of(data: bytes, folder: Path) -> list[tuple[str, str]]:
    path = folder / "b.mobi"
    path.write_bytes(data)
    (folder / "out").mkdir(exist_ok=True)
    [text] = [made for made in book.describe(path, folder / "out").derived if made.role == "text"]
    return [
        (passage.label, passage.text.replace("\n", ""))
        for passage in parse_passages((folder / "out" / text.file).read_bytes())
    ]


def with_index(text: bytes, entries: list[tuple[int, str]], **fields: int) -> bytes:
    numbers = {
        CONTENTS: 2,
        FIRST_PICTURE: NONE,
        **{{"version": VERSION, "encoding": ENCODING}[k]: v for k, v in fields.items()},
    }
    return mobi(text, pictures=contents_index(entries), fields=numbers)


def places(text: bytes, encoding: str = "utf-8") -> list[int]:
    return [text.index(part.encode(encoding)) for part in PARTS]


@pytest.mark.parametrize(("encoding", "stated"), [("utf-8", 65001), ("gb18030", 1252)])
@pytest.mark.parametrize("inside", [0, 1])
def test_the_index_names_the_chapters(encoding: str, stated: int, inside: int, tmp_path: Path) -> None:
    text = TEXT.encode(encoding)
    _, first, second = places(text, encoding)
    entries = [(first + inside, "Chapter 1"), (second + inside, "Chapter 2")]
    assert labels_of(with_index(text, entries, encoding=stated), tmp_path) == [
        ("渡口的序言很短。", "渡口的序言很短。"),
        ("Chapter 1", "江边的芭蕉绿了。船走了。"),
        ("Chapter 2", "船工喊着号子。"),
    ]


def test_a_part_and_its_first_chapter_are_one(tmp_path: Path) -> None:
    _, first, second = places(TEXT.encode())
    entries = [(first, "上卷"), (first, "第一章 &amp; 渡口"), (second, "第二章")]
    labels = [label for label, _ in labels_of(with_index(TEXT.encode(), entries), tmp_path)]
    assert labels[1:] == ["上卷 第一章 & 渡口", "第二章"]


def test_pages_of_kf8_are_called_as_the_index_says(tmp_path: Path) -> None:
    text = "".join(f"<html><head><title>x</title></head><body></body></html>{part}" for part in PARTS).encode()
    entries = [(place, f"第{number}章") for number, place in enumerate(places(text))]
    assert [label for label, _ in labels_of(with_index(text, entries, version=8), tmp_path)] == [
        "第0章",
        "第1章",
        "第2章",
    ]


def test_the_page_of_contents_names_the_chapters(tmp_path: Path) -> None:
    head = '<html><head><guide><reference type="toc" title="x" filepos={:010d} /></guide></head><body>'
    page = (
        "<mbp:pagebreak/><p>目录</p>"
        + "".join("<p><a filepos={:010d}><b>{}</b></a></p>" for _ in range(2))
        + "<mbp:pagebreak/>"
    )
    sizes = len(head.format(0)), len(page.format(0, "第一章", 0, "第二章").encode())
    first = sizes[0] + sizes[1]
    second = first + len(PARTS[1].encode())
    text = (
        head.format(sizes[0]) + page.format(first, "第一章", second, "第二章") + PARTS[1] + PARTS[2] + "</body></html>"
    )
    assert labels_of(mobi(text.encode()), tmp_path)[1:] == [
        ("第一章", "江边的芭蕉绿了。船走了。"),
        ("第二章", "船工喊着号子。"),
    ]


def test_a_damaged_index_changes_nothing(tmp_path: Path) -> None:
    plain = labels_of(mobi(TEXT.encode()), tmp_path)
    records = contents_index([(12, "甲"), (40, "乙")])
    for damaged in ([b"INDX"], [records[0][:200]], [records[0], records[1][:195], records[2]], [records[0], b"", b""]):
        data = mobi(TEXT.encode(), pictures=damaged, fields={CONTENTS: 2, FIRST_PICTURE: NONE})
        assert labels_of(data, tmp_path) == plain


@given(record=st.integers(0, 2), at=st.integers(0, 260), value=st.integers(0, 255))
def test_no_index_loses_text(tmp_path_factory: pytest.TempPathFactory, record: int, at: int, value: int) -> None:
    records = [bytearray(data) for data in contents_index([(12, "甲"), (60, "乙"), (100, "丙")])]
    records[record][at % len(records[record])] = value
    data = mobi(TEXT.encode(), pictures=list(map(bytes, records)), fields={CONTENTS: 2, FIRST_PICTURE: NONE})
    read = "".join(text for _, text in labels_of(data, tmp_path_factory.mktemp("book")))
    assert read == "渡口的序言很短。江边的芭蕉绿了。船走了。船工喊着号子。"
