"""Words for the values of a record."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from library_server.catalogue.details import RecordDetails
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands
from library_server.library import Library


@pytest.mark.parametrize(("form", "words"), [("comic", "7 页"), ("pdf", "7 页"), ("djvu", "7 页"), ("epub", "7 章")])
def test_the_extent_of_a_book_in_pages_or_chapters(
    library: Library, client: FlaskClient, form: str, words: str
) -> None:
    draft = RecordDraft(kind=Kind.BOOK, title="湘江小画", extent=7, details=RecordDetails(format=form))
    with library.database.writing() as session:
        record_id = commands.add_record(session, draft)
    assert words in client.get(f"/records/{record_id}").text
