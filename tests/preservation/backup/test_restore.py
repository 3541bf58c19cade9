"""A backup comes back whole or not at all; what it replaces is kept, and no half of it is ever served."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from library_server.catalogue.migrations import known_revision
from library_server.database.engine import Database
from library_server.preservation.backup.kept_settings import restored_text
from library_server.preservation.backup.manifest import hash_file, read_manifest, write_manifest
from library_server.preservation.trash import today
from storage_config.keys import trash_key
from storage_config.stores.filesystem import FilesystemStore
from tests.factories.stories import STORIES, stories
from tests.preservation.backup.backups import make_backup, original_files
from tests.support.commands import json_output, refusal, run_killed_at, tianyuan
from tests.support.libraries import ingest, open_library_at

ARCHIVE = Path(__file__).parents[2] / "data" / "home-2026-11-25.tar.xz"


@pytest.fixture
def backup(home: Path, backups: Path) -> Path:
    """A backup with copies of the objects, and the home gone."""
    folder = make_backup(home, backups, "--objects")
    shutil.rmtree(home)
    return folder


def count_records(home: Path) -> int:
    with closing(sqlite3.connect(home / "library.db")) as connection:
        count: int = connection.execute("SELECT count(*) FROM records").fetchone()[0]
        return count


def change_last_byte(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.slow
def test_a_backup_restores_objects_key_and_index(backup: Path, backups: Path, home: Path) -> None:
    report = json_output(tianyuan(home, "restore", str(backups), "--json"))
    assert (report["backup"], report["records"]) == (str(backup), STORIES)
    assert (report["copied"], report["missing"], report["findings"]) == (report["objects"], 0, [])
    assert (report["aside"], report["unset"], report["other_key"]) == ([], {}, False)
    assert (home / "secret_key").read_bytes() == (backup / "secret_key").read_bytes()
    assert {path.stat().st_mode & 0o777 for path in (home / "library.db", home / "secret_key")} == {0o600}
    assert home.stat().st_mode & 0o777 == 0o700
    assert json_output(tianyuan(home, "index", "verify", "--json"))["agrees"]
    assert json_output(tianyuan(home, "storage", "sweep", "--json"))["unnamed"] == 0
    assert not (home / "restore.partial").exists()


@pytest.mark.parametrize("harm", [change_last_byte, cut_short, make_empty, Path.unlink])
@pytest.mark.parametrize("name", ["library.db", "objects.csv.gz", "secret_key", "manifest.json", "SHA256SUMS"])
@pytest.mark.slow
def test_a_damaged_backup_is_refused(name: str, harm: Callable[[Path], None], backup: Path, home: Path) -> None:
    harm(backup / name)
    sentence = refusal(tianyuan(home, "restore", str(backup)))
    if name != "manifest.json" or harm is not Path.unlink:
        assert str(backup) in sentence
        assert "什么也没有动" in sentence
    assert not home.exists()


@pytest.mark.slow
def test_a_manifest_that_was_written_anew_does_not_fit_the_sums(backup: Path, home: Path) -> None:
    values = json.loads((backup / "manifest.json").read_text("utf-8"))
    change_last_byte(backup / "library.db")
    entry = next(file for file in values["files"] if file["name"] == "library.db")
    entry["sha256"] = hash_file(backup / "library.db").sha256
    (backup / "manifest.json").write_text(json.dumps(values), encoding="utf-8")
    assert "什么也没有动" in refusal(tianyuan(home, "restore", str(backup)))


@pytest.mark.slow
def test_a_backup_of_a_newer_schema_is_refused(backup: Path, home: Path) -> None:
    write_manifest(backup, replace(read_manifest(backup), schema="9999"))
    assert "升级" in refusal(tianyuan(home, "restore", str(backup)))
    write_manifest(backup, replace(read_manifest(backup), format=99))
    assert "升级" in refusal(tianyuan(home, "restore", str(backup)))
    assert not home.exists()


@pytest.mark.slow
def test_a_backup_of_an_older_schema_is_brought_up_to_date(tmp_path: Path, backups: Path) -> None:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    old = tmp_path / "home"
    before = schema_revision(old)
    report = json_output(tianyuan(old, "backup", str(backups), "--json"))
    assert (
        report["schema"] == before == schema_revision(old)
    )  # a backup before an upgrade can be restored by the old version
    shutil.rmtree(old / "index", ignore_errors=True)
    (old / "library.db").unlink()
    assert json_output(tianyuan(old, "restore", str(backups), "--json"))["missing"] == 0
    assert schema_revision(old) > before
    assert json_output(tianyuan(old, "index", "verify", "--json"))["agrees"]


def schema_revision(home: Path) -> str:
    database = Database(f"sqlite:///{home / 'library.db'}")
    with database.engine.connect() as connection:
        number = known_revision(connection)
    database.engine.dispose()
    return number


@pytest.mark.slow
def test_a_home_with_records_is_kept_unless_it_is_to_be_replaced(home: Path, backups: Path, tmp_path: Path) -> None:
    backup = make_backup(home, backups)
    opened = open_library_at(home)
    assert ingest(opened, stories(tmp_path / "more", 2, first=70), kind="story").added == 2
    opened.database.engine.dispose()
    (home / "tianyuan.toml").write_text("proxies = 1\n", encoding="utf-8")
    key = (home / "secret_key").read_bytes()
    (home / "secret_key").write_text("another key of thirty-two bytes and more")
    assert "--replace" in refusal(tianyuan(home, "restore", str(backup)))
    assert count_records(home) == STORIES + 2
    report = json_output(tianyuan(home, "restore", str(backup), "--replace", "--json"))
    assert count_records(home) == STORIES
    assert (home / "secret_key").read_bytes() == key
    assert not (home / "tianyuan.toml").exists()
    (aside,) = home.glob("before-restore-*")
    assert {path.name for path in aside.iterdir()} == {"library.db", "secret_key", "tianyuan.toml"}
    assert count_records(aside) == STORIES + 2
    assert all(place.startswith(str(aside)) for place in report["aside"])
    assert json_output(tianyuan(home, "index", "verify", "--json"))["agrees"]


@pytest.mark.slow
def test_a_library_in_use_is_not_replaced(home: Path, backups: Path) -> None:
    backup = make_backup(home, backups)
    opened = open_library_at(home)
    with opened.database.reading() as session:
        session.connection().exec_driver_sql("SELECT 1 FROM records")
        assert "tianyuan serve" in refusal(tianyuan(home, "restore", str(backup), "--replace"))
    opened.database.engine.dispose()
    assert not (home / "restore.partial").exists()
    assert tianyuan(home, "restore", str(backup), "--replace").exit_code == 0


@pytest.mark.slow
def test_a_damaged_database_is_set_aside(home: Path, backups: Path) -> None:
    backup = make_backup(home, backups)
    letter = b"this is a letter to the library, and no database at all. " * 200
    (home / "library.db").write_bytes(letter)
    assert "--replace" in refusal(tianyuan(home, "restore", str(backup)))
    assert tianyuan(home, "restore", str(backup), "--replace").exit_code == 0
    assert count_records(home) == STORIES
    assert [path.read_bytes() for path in home.glob("before-restore-*/library.db")] == [letter]


@pytest.mark.slow
def test_objects_that_are_not_there_are_named(home: Path, backups: Path) -> None:
    backup = make_backup(home, backups)
    gone, shorter, changed = original_files(home)[:3]
    gone.unlink()
    shorter.write_bytes(b"")
    change_last_byte(changed)
    (home / "library.db").unlink()
    result = tianyuan(home, "restore", str(backup), "--verify", "--json")
    assert result.exit_code == 3
    assert {(finding["state"], Path(finding["key"]).name) for finding in json_output(result)["findings"]} == {
        ("missing", gone.name), ("wrong_size", shorter.name), ("damaged", changed.name),
    }  # fmt: skip
    assert count_records(home) == STORIES


@pytest.mark.slow
def test_what_was_deleted_after_the_backup_comes_back_from_the_trash(home: Path, backups: Path) -> None:
    backup = make_backup(home, backups)
    store = FilesystemStore(home / "objects")
    gone = [stored.key for stored in store.list("originals/")][:2]
    for key in gone:
        store.move(key, trash_key(today(), key))
    result = tianyuan(home, "restore", str(backup), "--replace", "--json")
    assert (result.exit_code, json_output(result)["missing"]) == (0, 0)
    assert list(store.list("trash/")) == []


POINTS = [
    "preservation.backup.restoration:write_private",
    "preservation.backup.restoration:Restoration._put_files",
    "preservation.backup.target_database:migrate",
    "preservation.backup.target_database:publish_if_absent",
    "preservation.backup.restoration:Restoration._copy_objects",
    "preservation.store_copy:StoreCopy._put",
    "preservation.backup.restoration:check_objects",
    "search.records.indexer:Indexer.rebuild",
]


@pytest.mark.parametrize("replacing", [False, True], ids=["new home", "replacing"])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.long
def test_a_kill_amid_a_restoration(point: str, replacing: bool, home: Path, backups: Path, tmp_path: Path) -> None:
    backup = make_backup(home, backups, "--objects")
    if replacing:
        opened = open_library_at(home)
        assert ingest(opened, stories(tmp_path / "more", 2, first=70), kind="story").added == 2
        opened.database.engine.dispose()
        shutil.rmtree(home / "objects")
    else:
        shutil.rmtree(home)
    options = ["--replace"] if replacing else []
    run_killed_at(f"library_server.{point}", home, "restore", str(backup), *options)
    if (home / "restore.partial").exists():
        for words in (["batches"], ["worker"], ["ingest", str(tmp_path)], ["ingest", "--new-database", str(tmp_path)],
                      ["backup", str(backups)]):  # fmt: skip
            assert refusal(tianyuan(home, *words)).endswith("请再运行一次 tianyuan restore")
        options = []  # an interrupted restore remembers `--replace`
    report = json_output(tianyuan(home, "restore", str(backup), *options, "--json"))
    assert (report["missing"], report["wrong_size"]) == (0, 0)
    assert count_records(home) == STORIES
    assert json_output(tianyuan(home, "index", "verify", "--json"))["agrees"]
    assert sorted(path.name for path in home.glob(".*")) in ([], [".library.db.lock"])
    if replacing:
        (old,) = home.glob("before-restore-*/library.db")
        assert count_records(old.parent) == STORIES + 2


@pytest.mark.long
def test_another_backup_does_not_go_on_where_one_was_interrupted(home: Path, backups: Path) -> None:
    first, second = make_backup(home, backups, "--objects"), make_backup(home, backups)
    shutil.rmtree(home)
    run_killed_at(f"library_server.{POINTS[-1]}", home, "restore", str(first))
    assert "另一份备份" in refusal(tianyuan(home, "restore", str(second)))
    assert tianyuan(home, "restore", str(second), "--replace").exit_code == 0
    assert not (home / "restore.partial").exists()


def test_passwords_and_database_of_the_home_stay() -> None:
    backup = '# of the district\nstorage = "s3"\nbase_url = "https://old.example"\ndatabase_url = "sqlite:////old.db"\n'
    current = (
        's3_access_key = "a"\ns3_secret_key = "b"\nbase_url = "https://new.example"\n'
        'secret_key = "c"\ndatabase_url = "postgresql://u:p@db/library"\n'
    )
    text = restored_text(backup, current)
    assert text.splitlines()[0] == "# of the district"
    for line in ('storage = "s3"', 's3_access_key = "a"', 's3_secret_key = "b"', 'base_url = "https://old.example"',
                 'database_url = "postgresql://u:p@db/library"'):  # fmt: skip
        assert line in text
    assert 'secret_key = "c"' not in text


@pytest.mark.slow
def test_what_the_environment_gave_is_named(home: Path, backups: Path) -> None:
    environment = {"TIANYUAN_BASE_URL": "https://library.example", "TIANYUAN_PROXIES": "1"}
    assert tianyuan(home, "backup", str(backups), **environment).exit_code == 0
    shutil.rmtree(home)
    other = "another key of thirty-two bytes and more"
    result = tianyuan(home, "restore", str(backups), TIANYUAN_PROXIES="1", TIANYUAN_SECRET_KEY=other)
    assert "TIANYUAN_BASE_URL=https://library.example" in result.stdout
    assert "TIANYUAN_PROXIES" not in result.stdout
    assert "TIANYUAN_SECRET_KEY" in result.stdout
    assert result.exit_code == 3  # the objects were in the home


@pytest.mark.long
def test_there_is_no_backup_in_a_folder_of_unfinished_ones(home: Path, backups: Path) -> None:
    run_killed_at("library_server.preservation.backup.creation:write_manifest", home, "backup", str(backups))
    shutil.rmtree(home)
    assert "没有做完的备份" in refusal(tianyuan(home, "restore", str(backups)))
    assert "没有做完的备份" in refusal(tianyuan(home, "restore", str(backups / "nothing")))
