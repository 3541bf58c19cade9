"""An index whose files were damaged on disk: searches answer 503, the checks say so, and the worker rebuilds it."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from library_server.app import create_app
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands, queries
from library_server.cli import main
from library_server.library import Library, open_library
from library_server.search import service
from library_server.search.records.snapshots import Snapshot, current_folder
from library_server.search.results import SearchQuery

DAMAGES = {
    "overwritten": lambda path: path.write_bytes(b"junk\n"),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 8]),  # before what is asked for
    "gone": lambda path: path.unlink(),
}


# Whoosh leaves files open where it fails to read the first of them
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _collect_open_files() -> Iterator[None]:
    """Let the files that Whoosh left open go before the next test, which may not ignore them."""
    yield
    gc.collect()


@pytest.fixture
def indexed(library: Library) -> Library:
    with library.database.writing() as session:
        for number in range(40):
            commands.add_record(session, RecordDraft(kind=Kind.STORY, title=f"渡口的故事{number}"))
    library.indexer.catch_up()
    return library


def damage(library: Library, how: str, suffix: str) -> Path:
    folder = current_folder(library.settings.index_folder)
    for path in folder.glob(f"MAIN_*{suffix}"):
        DAMAGES[how](path)
    return folder


@pytest.mark.parametrize("how", list(DAMAGES))
@pytest.mark.parametrize("suffix", [".pst", ".trm", ".columns", "_stored.col"])
@pytest.mark.slow
def test_a_damaged_file_is_named_and_the_index_is_rebuilt(indexed: Library, how: str, suffix: str) -> None:
    old = damage(indexed, how, suffix)
    opened = open_library(indexed.settings)  # as in a process that starts now
    client = create_app(opened).test_client()
    for page in ("/search?q=故事", "/api/v1/search?q=渡口", "/api/v1/suggest?q=渡", "/search?kind=story"):
        assert client.get(page).status_code in {200, 503}
    environment = {"TIANYUAN_HOME": str(indexed.settings.home)}
    verified = CliRunner().invoke(main, ["index", "verify", "--json"], env=environment)
    assert verified.exit_code in {1, 3}, verified.output  # the code is 1 where the index cannot be opened
    if verified.exit_code == 3:
        assert all(name.endswith(suffix) for name in json.loads(verified.stdout)["damaged"])
    if how != "gone" and suffix == ".pst":
        assert client.get("/readyz").status_code == 503
        assert client.get("/search?q=故事").status_code == 503
    opened.indexer.catch_up()
    if suffix in {".pst", ".trm"}:
        assert current_folder(indexed.settings.index_folder) != old
        assert client.get("/readyz").status_code == 200
        assert service.search(opened.index, SearchQuery("故事")).total == 40
        assert opened.indexer.verify().agrees


def test_a_failing_search_on_a_sound_index_does_not_rebuild_it(
    indexed: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(indexed).test_client()
    folder = current_folder(indexed.settings.index_folder)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("made by the test")

    with monkeypatch.context() as patched:
        patched.setattr(service, "execute", fail)
        assert client.get("/api/v1/search?q=渡口").status_code == 503
    assert client.get("/readyz").status_code == 503
    indexed.indexer.catch_up()
    assert client.get("/readyz").status_code == 200
    assert current_folder(indexed.settings.index_folder) == folder
    assert client.get("/api/v1/search?q=渡口").get_json()["total"] == 40


def test_a_segment_with_deleted_documents_is_read_before_its_columns_are_written(indexed: Library) -> None:
    with indexed.database.writing() as session:
        first, *_ = queries.published_ids(session, "", 10)
        commands.withdraw(session, first, "破损")
    indexed.indexer.catch_up()
    folder = current_folder(indexed.settings.index_folder)
    columns_before = Snapshot(folder).read_column("id")
    for path in folder.glob("*.columns"):
        path.unlink()
    snapshot = Snapshot(folder)
    assert (snapshot.size, int(snapshot.live.sum())) == (40, 39)
    assert snapshot.read_column("id").tolist() == columns_before.tolist()
