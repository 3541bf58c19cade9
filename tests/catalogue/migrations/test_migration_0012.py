"""A library whose title keys were made by an older rule gets those of today, and finds other formats by them."""

from __future__ import annotations

import hashlib

from alembic import command
from sqlalchemy import select, update

from library_server.catalogue.assets.same_works import record_same_works
from library_server.catalogue.assets.title_keys import SCHEME
from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.migrations import make_configuration, migrate
from library_server.catalogue.models import Identifier, Record
from library_server.catalogue.records import commands
from library_server.catalogue.records.commands import NewAsset
from library_server.library import Library

TITLE, KEY = "柑橘栽培（修订本）", "柑橘栽培"


def add_book(library: Library, media_type: str, kind: Kind = Kind.BOOK, title: str = TITLE) -> str:
    digest = hashlib.sha256(f"{media_type} {title}".encode()).hexdigest()
    with library.database.writing() as session:
        record_id = commands.add_record(session, RecordDraft(kind=kind, title=title))
        asset = NewAsset(role="original", media_type=media_type, size=1, sha256=digest, key=digest, filename="a")
        commands.add_asset(session, record_id, asset)
    return record_id


def keys_by_record(library: Library) -> dict[str, str]:
    with library.database.reading() as session:
        stored = select(Identifier.record_id, Identifier.value).where(Identifier.scheme == SCHEME)
        return {record_id: value for record_id, value in session.execute(stored)}


def test_keys_of_an_older_rule_are_made_anew(library: Library) -> None:
    old, without_key, current = (add_book(library, media_type) for media_type in ("a/epub", "a/pdf", "a/text"))
    short = add_book(library, "a/mobi", title="家")
    film = add_book(library, "a/film", kind=Kind.FILM)
    with library.database.writing() as session:
        values = ((old, "柑橘栽培修订本"), (current, KEY), (short, "旧"))
        session.add_all(Identifier(record_id=record_id, scheme=SCHEME, value=value) for record_id, value in values)
        session.add(Identifier(record_id=old, scheme="uri", value="urn:x"))
    migrate_again(library)
    assert keys_by_record(library) == dict.fromkeys((old, without_key, current), KEY)
    assert film not in keys_by_record(library)
    newest = add_book(library, "a/docx")
    with library.database.writing() as session:
        assert record_same_works(session, [newest]) == 3


def test_keys_of_descriptions_are_made_anew(library: Library) -> None:
    draft = RecordDraft(kind=Kind.BOOK, title=TITLE, creators=(CreatorName("陈守田", "author"),), date="1998")
    with library.database.writing() as session:
        old, current = commands.add_record(session, draft), commands.add_record(session, draft)
        bare = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title=TITLE))
        session.execute(update(Record).where(Record.id.in_((old, bare))).values(match_key="0" * 32))
    migrate_again(library)
    with library.database.reading() as session:
        keys = {record_id: key for record_id, key in session.execute(select(Record.id, Record.match_key))}
    assert keys[old] == keys[current] != "0" * 32
    assert keys[bare] is None


def migrate_again(library: Library) -> None:
    config = make_configuration()
    with library.database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0011")
    migrate(library.database.engine)
