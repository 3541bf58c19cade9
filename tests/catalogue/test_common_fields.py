"""The common fields of a record go through all its forms; those that a form declares itself are there too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.merge import build_draft
from library_server.catalogue.common_fields import INTEGERS, NAMES, common_fields
from library_server.catalogue.models import Record
from library_server.catalogue.records import commands, fields, queries
from library_server.exchange.bibliographic import from_record, to_draft
from library_server.library import Library
from library_server.protocols.schemas import RecordItem
from tests.support.records import load_record

CODES = {"language": "zh", "clc": "S666"}
VALUES = {name: CODES.get(name, number if name in INTEGERS else f"值 {name}") for number, name in enumerate(NAMES, 1)}


def description_of(**values: Any) -> Description:
    """What a parser reads from a file with these values."""
    return Description("epub", "application/epub+zip", "book", title="柑橘", **values)


@pytest.mark.parametrize("name", NAMES)
def test_a_common_field_goes_from_a_file_to_the_view_of_its_record(name: str, library: Library) -> None:
    description = Description.from_json(description_of(**{name: VALUES[name]}).to_json())
    with library.database.writing() as session:
        record_id = commands.add_record(session, build_draft(description, Path("柑橘.epub"), None).draft)
    with library.database.reading() as session:
        record = queries.find_record(session, record_id)
        assert fields.get_field(commands.get_record(session, record_id), name) == VALUES[name]
    assert record is not None
    assert common_fields(record) == {**dict.fromkeys(NAMES), name: VALUES[name]}


def test_a_description_for_exchange_keeps_the_common_fields(library: Library) -> None:
    with library.database.writing() as session:
        record_id = commands.add_record(session, build_draft(description_of(**VALUES), Path("柑橘.epub"), None).draft)
    record = load_record(library, record_id)
    assert common_fields(to_draft(from_record(record))) == {**VALUES, "extent": None}, (
        "no card has a number of chapters"
    )


def test_columns_and_answers_declare_the_common_fields() -> None:
    assert set(NAMES) <= set(RecordItem.model_fields)
    assert set(NAMES) <= set(Record.__table__.columns.keys())
