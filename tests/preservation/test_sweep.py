"""Sweep: what no row names and what is gone, whatever order a server lists its objects in."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from library_server.catalogue import editing
from library_server.catalogue.objects import named_objects
from library_server.catalogue.views import RecordDraft
from library_server.catalogue.vocabulary import Kind
from library_server.cli import main
from library_server.library import Library
from library_server.preservation import sweeping
from library_server.preservation.sweeping import Swept, sweep
from storage_config.layout import original_key
from storage_config.object_store import ObjectStore, StoredObject
from tests.conftest import swept_of
from tests.preservation.conftest import STORIES


def unnamed(library: Library, count: int) -> list[str]:
    keys = []
    for number in range(count):
        source = library.settings.home / "source"
        source.write_bytes(b"unnamed %d" % number)
        keys.append(original_key(library.store.put_original(source).sha256))
    return keys


def test_unnamed_and_missing_are_told_written_and_deleted(kept: Library, tmp_path: Path) -> None:
    keys = unnamed(kept, 3)
    gone = next(named_objects(kept.database, "originals/"))
    kept.store.delete(gone.key)
    command = ["storage", "sweep", "--json", "--list", str(tmp_path / "findings.jsonl")]
    environment = {"TIANYUAN_HOME": str(kept.settings.home)}
    found = CliRunner().invoke(main, command, env=environment)
    assert found.exit_code == 3
    values = json.loads(found.stdout)
    assert (values["unnamed"], values["missing"], values["deleted"]) == (3, 1, 0)
    written = [json.loads(line) for line in (tmp_path / "findings.jsonl").read_text().splitlines()]
    assert {one["key"] for one in written if one["found"] == "unnamed"} == set(keys)
    assert [one["record"] for one in written if one["found"] == "missing"] == [gone.record_id]

    young = json.loads(CliRunner().invoke(main, [*command, "--delete"], env=environment).stdout)
    assert young["deleted"] == 0
    old = json.loads(CliRunner().invoke(main, [*command, "--delete", "--older-than", "0s"], env=environment).stdout)
    assert old["deleted"] == 3
    assert swept_of(kept).unnamed == 0
    assert swept_of(kept).objects >= STORIES - 1


@pytest.mark.parametrize("option", ["7", "7T", "-1d", "1.d", "week"])
def test_an_age_without_a_unit_is_refused(option: str) -> None:
    found = CliRunner().invoke(main, ["storage", "sweep", "--older-than", option])
    assert found.exit_code == 2


class Shuffled:
    """A store that lists in an order of its own."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def list(self, prefix: str) -> Iterator[StoredObject]:
        found = list(self._store.list(prefix))
        random.Random(3).shuffle(found)
        yield from found

    def head(self, key: str) -> StoredObject:
        return self._store.head(key)


def test_an_order_of_its_own_costs_questions_but_no_wrong_answer(kept: Library) -> None:
    keys = unnamed(kept, 4)
    gone = next(named_objects(kept.database, "originals/"))
    kept.store.delete(gone.key)
    counts = Swept()
    found = list(sweep(kept.database, Shuffled(kept.store), counts))  # type: ignore[arg-type]
    assert {one.key for one in found} == {*keys, gone.key}
    assert (counts.unnamed, counts.missing) == (4, 1)


class Endless:
    """A store of many objects that are made as they are listed."""

    def __init__(self, count: int) -> None:
        self._count = count

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for number in range(self._count):
            yield StoredObject(f"{prefix}{number:012}", 1, 0.0)

    def head(self, key: str) -> StoredObject:
        return StoredObject(key, 1, 0.0)


def test_memory_does_not_grow_with_the_number_of_objects(library: Library) -> None:
    with library.database.writing() as session:
        record = editing.add_record(session, RecordDraft(kind=Kind.STORY, title="许多对象"))
        for number in range(4000):
            new = editing.NewAsset("thumbnail", "image/webp", 1, f"{number:064}", f"derivatives/{number:012}")
            editing.add_asset(session, record, new)
    peaks = []
    for count in (4000, 40_000):
        tracemalloc.start()
        counts = Swept()
        for _ in sweep(library.database, Endless(count), counts):  # type: ignore[arg-type]
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert counts.unnamed == 2 * count - 4000
        assert counts.missing == 0
    assert peaks[1] < peaks[0] * 1.5 + 1_000_000
    assert sweeping.ASKED_AT_ONCE <= 1000
