"""Who may read a record survives an export: what comes in again is never less restricted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Record

from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Access, Kind, find_strictest
from library_server.catalogue.normalization.identifiers import new_id
from library_server.catalogue.records import commands, queries, source_records
from library_server.exchange import export
from library_server.exchange.bibliographic import Bibliographic
from library_server.exchange.export import Exported
from library_server.exchange.marc import cnmarc, marc21
from library_server.library import Library
from tests.factories.marc_records import field
from tests.support.libraries import ingest, open_library_at
from tests.support.records import records_by_title

SUFFIXES = {"cnmarc": "iso", "marc21": "mrc", "marcxml": "xml", "csv": "csv"}
LEVELS = list(Access)


def exported(library: Library, form: str) -> bytes:
    with library.database.reading() as session:
        records = [queries.find_record(session, record_id) for record_id in queries.published_ids(session, "", 1000)]
    return b"".join(export.export([Exported(record) for record in records if record], form))


@pytest.mark.parametrize("form", sorted(SUFFIXES))
@pytest.mark.slow
def test_access_comes_back_with_every_format(library: Library, tmp_path: Path, form: str) -> None:
    with library.database.writing() as session:
        for access in Access:
            draft = RecordDraft(kind=Kind.BOOK, title=f"题 {access}", access=access)
            commands.add_record(session, draft, record_id=new_id())
    path = tmp_path / f"出.{SUFFIXES[form]}"
    path.write_bytes(exported(library, form))
    other = open_library_at(tmp_path / "另一个馆")
    assert ingest(other, path).added == 3
    assert {str(record.access) for record in records_by_title(other).values()} == {"public", "members", "premises"}
    assert all(title == f"题 {record.access}" for title, record in records_by_title(other).items())


@pytest.mark.parametrize(
    ("fields", "access"),
    [
        ([], ""),
        ([field("506", "0 ", "aAccess copy available to the general public.")], "public"),
        ([field("506", "0 ", "aRestricted: cannot be viewed until 2030")], "premises"),
        ([field("506", "  ", "aUnrestricted")], "public"),
        ([field("506", "0 ", "fUnrestricted online access", "2star")], "public"),
        ([field("506", "1 ", "fOnline access with authorization", "2star")], "members"),
        ([field("506", "1 ", "fNo online access", "2star")], "premises"),
        ([field("506", "1 ", "a读者证")], "members"),
        ([field("506", "1 ", "a公开")], "premises"),
        ([field("506", "1 ")], "premises"),
        ([field("506", "  ", "aClosed for thirty years.")], "premises"),
        ([field("506", "  ", "a家属同意以后才给看")], "premises"),
        ([field("506", "0 ", "a公开"), field("506", "1 ", "a读者证")], "members"),
    ],
)
def test_restrictions_on_access_in_marc21(fields: Sequence[Field], access: str) -> None:
    record = Record()
    record.add_field(field("245", "00", "a题"), *fields)
    assert marc21.read(record).access == access


@pytest.mark.parametrize(
    ("fields", "access"),
    [
        ([], ""),
        ([field("310", "  ", "a使用范围：馆内")], "premises"),
        ([field("310", "  ", "a使用范围：读者证")], "members"),
        ([field("310", "  ", "a使用范围：家属同意以后")], "premises"),
        ([field("310", "  ", "a使用范围：公开")], "public"),
        ([field("310", "  ", "a内部资料")], "premises"),
        ([field("310", "  ", "a限国内发行")], ""),
        ([field("310", "  ", "a精装")], ""),
    ],
)
def test_notes_on_availability_in_cnmarc(fields: Sequence[Field], access: str) -> None:
    record = Record()
    record.add_field(field("200", "1 ", "a题"), *fields)
    assert cnmarc.read(record).access == access


@pytest.mark.property
@given(st.sampled_from([cnmarc, marc21]), st.sampled_from(LEVELS))
def test_a_written_level_is_read_as_at_least_as_strict(family: Any, access: Access) -> None:
    read = family.read(family.write(Bibliographic(title="题", access=str(access)))).access
    assert find_strictest(*filter(None, [read])) == access


@pytest.mark.parametrize(("form", "tag", "text"), [("cnmarc", "310", "精装"), ("marc21", "506", "家属同意")])
@pytest.mark.slow
def test_a_note_of_the_source_is_kept_beside_the_level(
    library: Library, tmp_path: Path, form: str, tag: str, text: str
) -> None:
    title = field("200" if form == "cnmarc" else "245", "1 ", "a题")
    record = Record()
    record.add_field(title, field(tag, "1 ", f"a{text}"))
    path = tmp_path / "入.iso"
    path.write_bytes(record.as_marc())
    ingest(library, path)
    with library.database.writing() as session:
        (record_id,) = queries.published_ids(session, "", 10)
        commands.set_access(session, record_id, Access.MEMBERS)
        source = source_records.load_source_records(session, [record_id]).get(record_id)
        view = queries.find_record(session, record_id)
        assert view is not None
        written = export.marc_record(Exported(view, source), form)
    family = cnmarc if form == "cnmarc" else marc21
    assert family.read(written).access in {"members", "premises"}
    assert form == "marc21" or any(text in str(note) for note in written.get_fields(tag))


def test_other_formats_say_who_may_read(library: Library) -> None:
    with library.database.writing() as session:
        commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="题", access=Access.PREMISES))
    assert "<dc:rights>使用范围：馆内</dc:rights>" in exported(library, "dc").decode()
    assert "使用范围：馆内" in exported(library, "bibtex").decode()
