"""The house itself: catalogues complete, migrations match, documents name every setting and command."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from babel.messages import pofile
from babel.messages.extract import extract_from_dir
from click.testing import CliRunner

from library_server import __version__
from library_server.cli import COMMANDS, main
from library_server.cli.storage import storage
from library_server.database.engine import Base
from library_server.library import Library
from library_server.settings import Settings, read_settings
from storage_config.errors import InvalidSettings
from tests.conftest import LONG_ON_POSTGRESQL, ON_EVERY_DATABASE

ROOT = Path(__file__).parents[1]
PACKAGES = ("library_server", "ingest_tools", "storage_config")
LONGEST_MODULE, LONGEST_FUNCTION, LARGEST_FOLDER = 300, 50, 14
TRANSLATIONS = ROOT / "library_server/translations"
CATALOGUE = TRANSLATIONS / "en/LC_MESSAGES/messages.po"


@pytest.mark.slow
def test_english_catalogue_is_complete() -> None:
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    sentences = {
        message
        for package in PACKAGES
        for _, _, message, _, _ in extract_from_dir(ROOT / package, methods, keywords={"_": None})
        if isinstance(message, str)
    }
    with CATALOGUE.open("rb") as reading:
        translations = {message.id: message.string for message in pofile.read_po(reading) if message.id}
    assert {sentence for sentence in sentences if not translations.get(sentence)} == set()
    assert set(translations) - sentences == set()


def test_help_of_every_command_and_option_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en")  # help is written in this language
    with (TRANSLATIONS / "zh/LC_MESSAGES/help.po").open("rb") as reading:
        translations = {message.id: message.string for message in pofile.read_po(reading) if message.id}
    helps = set(_help_texts(main))
    assert {text for text in helps if not translations.get(text)} == set()
    assert set(translations) - helps == set()


def _help_texts(command: click.Command) -> Iterator[str]:
    """The help of a command, of its options and of the commands below it, as the source has it."""
    options = [option.help for option in command.params if isinstance(option, click.Option)]
    yield from (inspect.cleandoc(text) for text in (command.help, *options) if text)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _help_texts(below)


def test_migrations_match_the_models(library: Library) -> None:
    with library.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


@pytest.mark.slow
def test_modules_and_functions_are_short() -> None:
    """At most 300 lines a module and 50 a function; migrations are the record of what was run."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    paths = [path for path in paths if "migrations" not in path.parts]
    sources = {path: path.read_text(encoding="utf-8") for path in paths}
    functions = [
        (str(path.relative_to(ROOT)), node.name)
        for path, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= LONGEST_FUNCTION  # type: ignore[operator]
    ]
    assert {
        str(path.relative_to(ROOT)) for path, source in sources.items() if source.count("\n") > LONGEST_MODULE
    } == set()
    assert functions == []


def test_folders_are_short() -> None:
    """At most 14 modules a folder."""
    folders = Counter(path.parent for package in (*PACKAGES, "tests") for path in (ROOT / package).rglob("*.py"))
    long = {str(folder.relative_to(ROOT)): count for folder, count in folders.items() if count > LARGEST_FOLDER}
    assert long == {}


def test_names_that_were_replaced_do_not_come_back() -> None:
    replaced = re.compile(
        r"\b(think|beside|elsewhere|doorkeeper|deed|the_library|say_so_far|said_[a-z]+|bringing_in|taking_in)\b",
        re.IGNORECASE,
    )
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert [path.name for path in sources if replaced.search(path.read_text("utf-8"))] == []


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs/operators/settings.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"`TIANYUAN_{name.upper()}`" not in text]
    assert missing == []


@pytest.mark.parametrize(("name", "value"), [("TIANYUAN_NONSENSE", "1"), ("TIANYUAN_STORAGE", "tape")])
def test_bad_settings_stop_the_start_with_their_name(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings, match=name):
        read_settings()


def test_a_setting_of_an_earlier_version_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(tmp_path))
    monkeypatch.setenv("TIANYUAN_REDIS_URL", "redis://127.0.0.1")
    (tmp_path / "tianyuan.toml").write_text('redis_url = "redis://127.0.0.1"\n')
    assert "redis_url" not in read_settings().model_dump()
    assert "REDIS" not in (ROOT / "docs/operators/settings.md").read_text(encoding="utf-8")


def test_settings_come_from_toml_in_the_home(tmp_path: Path) -> None:
    (tmp_path / "tianyuan.toml").write_text('base_url = "https://library.example"\n')
    assert read_settings(home=str(tmp_path)).base_url == "https://library.example"
    (tmp_path / "tianyuan.toml").write_text("not toml at all")
    with pytest.raises(InvalidSettings, match="not toml"):
        read_settings(home=str(tmp_path))


def test_the_signing_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = read_settings(home=str(tmp_path))
    assert settings.signing_key() == settings.signing_key()
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_the_modules_that_run_on_every_database_exist() -> None:
    assert [name for name in sorted(ON_EVERY_DATABASE) if find_spec(name) is None] == []
    assert LONG_ON_POSTGRESQL <= ON_EVERY_DATABASE


def test_every_command_has_help() -> None:
    commands = [[name] for name in COMMANDS]
    commands += [["index", name] for name in ("rebuild", "status", "verify")]
    commands += [["storage", name] for name in storage.list_commands(click.Context(storage))]
    for command in commands:
        result = CliRunner().invoke(main, [*command, "--help"])
        assert result.exit_code == 0
        assert "用法" in result.output


def test_every_command_is_in_the_operators_or_librarians_handbook() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))
    names = [*COMMANDS, *(f"storage {name}" for name in storage.list_commands(click.Context(storage)))]
    assert [name for name in names if f"tianyuan {name}" not in text] == []


def test_the_version_is_printed() -> None:
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


@pytest.mark.slow
def test_the_wheel_holds_all_that_the_library_needs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    for package in ("library_server", "ingest_tools", "storage_config"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(ROOT).as_posix() in names
    assert "library_server/web/static/vendor/pdfjs-dist/cmaps/UniGB-UTF16-H.bcmap" in names
    assert "library_server/web/static/dist/manifest.json" in names
    assert "library_server/translations/en/LC_MESSAGES/messages.mo" in names
    assert "library_server/translations/zh/LC_MESSAGES/help.mo" in names
