"""What programs heard and read, until a librarian has looked at it."""

from __future__ import annotations

import pytest

from library_server.catalogue.assets import generated_text
from library_server.catalogue.details import OcrSummary, RecordDetails
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands
from library_server.library import Library


def add_text(library: Library, title: str, confidence: float | None) -> str:
    """A record with text that was read with this confidence; None for one that was heard, with subtitles."""
    ocr = None if confidence is None else OcrSummary(pages=1, confidence=confidence, unsure=())
    roles = ["text"] if confidence is not None else ["text", "subtitle"]
    with library.database.writing() as session:
        record_id = commands.add_record(session, RecordDraft(Kind.BOOK, title, details=RecordDetails(ocr=ocr)))
        for role in roles:
            asset = commands.NewAsset(role, "text/plain", 1, "0" * 64, f"derivatives/{record_id}/{role}")
            commands.replace_asset(session, record_id, asset, machine_made=True)
    return record_id


def test_the_least_sure_of_all_come_first(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = add_text(library, "渡口的灯", None)
    read_well, read_badly = (add_text(library, "橘园记事", confidence) for confidence in (0.95, 0.4))
    with library.database.reading() as session:
        texts = generated_text.list_unconfirmed(session)
        assert [(text.record_id, text.role) for text in texts] == [
            (read_badly, "text"), (heard, "subtitle"), (read_well, "text")
        ]  # fmt: skip
        monkeypatch.setattr(generated_text, "LIMIT", 1)
        assert [text.record_id for text in generated_text.list_unconfirmed(session)] == [read_badly]
