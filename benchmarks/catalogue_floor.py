"""The floor of `catalogue_rows`: bare pymarc or csv, SQLAlchemy Core inserts and a plain Whoosh writer, in one process.

`python -m benchmarks.catalogue_floor FILE FOLDER`. It keeps the same tables and files the same tokens, and does nothing
else: no look-up of what is known, no limits, no reports, no batches.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pymarc import Field, MARCReader
from sqlalchemy import Connection, insert
from whoosh.filedb.filestore import FileStorage

from library_server.catalogue.details import RecordDetails
from library_server.catalogue.models import Creator, Holding, Identifier, Record, SourceRecord, Subject
from library_server.catalogue.normalization.identifiers import new_id
from library_server.database.engine import Base, Database
from library_server.search.analysis import index_tokens
from library_server.search.pinyin import pinyin_keys
from library_server.search.records.documents import SCHEMA

HEADINGS = ("书名", "作者", "出版社", "出版年", "分类号", "ISBN", "主题词", "内容简介", "册数", "农家书屋")
_AT_ONCE = 2000


@dataclass(frozen=True)
class _Book:
    id: str
    title: str
    author: str
    publisher: str
    year: str
    clc: str
    isbn: str
    subjects: list[str]
    abstract: str
    copies: int
    place: str
    source: bytes | None = None


def main() -> None:
    """Catalogue and index a file."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir()
    database = Database(f"sqlite:///{folder}/library.db")
    Base.metadata.create_all(database.engine)
    (folder / "index").mkdir()
    storage: Any = FileStorage
    writer = storage(str(folder / "index")).create_index(SCHEMA).writer(limitmb=96, compound=False)
    books = _marc(source) if source.suffix == ".mrc" else _rows(source)
    while some := list(islice(books, _AT_ONCE)):
        with database.engine.begin() as connection:
            _insert(connection, some)
        for book in some:
            writer.add_document(**_document(book))
    writer.commit()


def _marc(source: Path) -> Iterator[_Book]:
    with source.open("rb") as reading:
        for record in MARCReader(reading, to_unicode=True, force_utf8=True):
            assert record is not None

            def value(tag: str, code: str, record: Any = record) -> str:
                fields: list[Field] = record.get_fields(tag)
                return str(next(iter(fields[0].get_subfields(code)), "")) if fields else ""

            yield _Book(
                new_id(), value("200", "a"), value("701", "a"), value("210", "c"), value("210", "d"), value("690", "a"),
                value("010", "a"), [field["a"] for field in record.get_fields("606")], value("330", "a"),
                int(value("905", "s")), value("905", "a"), record.as_json(ensure_ascii=False).encode(),
            )  # fmt: skip


def _rows(source: Path) -> Iterator[_Book]:
    with source.open(encoding="utf-8", newline="") as reading:
        rows = csv.reader(reading)
        next(rows)
        for title, author, publisher, year, clc, isbn, subjects, abstract, copies, place in rows:
            yield _Book(new_id(), title, author, publisher, year, clc, isbn, subjects.split("；"), abstract,
                        int(copies), place)  # fmt: skip


def _insert(connection: Connection, books: Iterable[_Book]) -> None:
    details = RecordDetails()
    many: dict[Any, list[dict[str, Any]]] = {}
    for book in books:
        many.setdefault(Record, []).append(
            {"id": book.id, "kind": "book", "title": book.title, "publisher": book.publisher,
             "date_written": book.year, "date_edtf": book.year, "date_earliest": int(book.year) * 10_000 + 101,
             "clc": book.clc, "abstract": book.abstract, "language": "zh", "details": details}
        )  # fmt: skip
        many.setdefault(Creator, []).append(
            {"record_id": book.id, "position": 0, "name": book.author, "role": "author"}
        )
        many.setdefault(Subject, []).extend(
            {"record_id": book.id, "position": at, "term": term} for at, term in enumerate(book.subjects)
        )
        many.setdefault(Identifier, []).append({"record_id": book.id, "scheme": "isbn", "value": book.isbn})
        many.setdefault(Holding, []).append({"record_id": book.id, "place": book.place, "copies": book.copies})
        if book.source is not None:
            many.setdefault(SourceRecord, []).append({"record_id": book.id, "format": "cnmarc", "body": book.source})
    for model, rows in many.items():
        connection.execute(insert(model.__table__), rows)


def _document(book: _Book) -> dict[str, Any]:
    title, creator = index_tokens(book.title), index_tokens(f"{book.author} {book.publisher}")
    subject, abstract = index_tokens(" ".join(book.subjects)), index_tokens(book.abstract)
    classes = [book.clc[:end] for end in range(2, len(book.clc) + 1)]
    return {
        "id": book.id, "title": " ".join(title), "creator": " ".join(creator), "subject": " ".join(subject),
        "every": " ".join([*title, *creator, *subject, *abstract]), "number": " ".join([book.isbn, *classes]),
        "typed": " ".join(pinyin_keys(book.title)), "values": (book.id, book.title, book.year),
    }  # fmt: skip


if __name__ == "__main__":
    main()
