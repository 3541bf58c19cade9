"""No secret is printed, and only its owner may enter the home."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr, ValidationError
from sqlalchemy.exc import OperationalError

from library_server.cli import main
from library_server.database.engine import Database
from library_server.database.errors import DatabaseUnreachable, explain_database_error
from library_server.database.url import describe_database
from library_server.settings import Settings, read_settings
from storage_config.errors import InvalidSettings
from tests.support.libraries import open_library_at

SECRET = "open-sesame-open-sesame-open-sesame"
SECRETS = {
    "secret_key": SECRET,
    "database_url": f"postgresql://tianyuan:{SECRET}@127.0.0.1/library",
    "s3_access_key": SECRET,
    "s3_secret_key": SECRET,
    "other_s3_access_key": SECRET,
    "other_s3_secret_key": SECRET,
    "transcribe_command": f"whisper --token {SECRET} {{wav}} {{out}}",
}


def test_every_secret_of_the_settings_is_masked_where_they_are_printed(tmp_path: Path) -> None:
    """A new setting that holds a secret belongs in `SECRETS`; those whose name says so are found here."""
    suspicious = [name for name in Settings.model_fields if name.endswith(("_key", "_url", "_password", "_token"))]
    assert set(suspicious) - {"base_url"} <= set(SECRETS)
    settings = read_settings(home=str(tmp_path), **SECRETS)
    for printed in (repr(settings), str(settings), f"{settings}", "%s" % settings, repr([settings])):  # noqa: UP031
        assert SECRET not in printed


@pytest.mark.parametrize("name", list(SECRETS))
def test_a_bad_value_beside_a_secret_says_its_name_and_no_secret(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as refused:
        read_settings(home=str(tmp_path), **{**SECRETS, "workers": "many"})
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    with pytest.raises(ValidationError) as raised:
        Settings(home=tmp_path, **{name: [SECRET]})  # type: ignore[arg-type]
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://tianyuan:{SECRET}@127.0.0.1:1/library",
        f"postgresql://tianyuan@127.0.0.1:1/library?password={SECRET}",
        f"postgresql:///library?host=127.0.0.1&port=1&user=tianyuan&password={SECRET}",
    ],
)
def test_an_engine_and_its_errors_hide_the_password(url: str, tmp_path: Path) -> None:
    settings = read_settings(home=str(tmp_path), database_url=url)
    database = Database(settings.database_address)
    assert database.engine.url.password == SECRET
    assert SECRET not in repr(database.engine)
    assert SECRET not in describe_database(database.engine.url)
    with pytest.raises(OperationalError) as failed, database.reading() as session:
        session.connection()
    explained = explain_database_error(failed.value)
    assert isinstance(explained, DatabaseUnreachable)
    assert SECRET not in f"{failed.value} {failed.value!r} {explained}"


def test_the_database_url_may_be_written_as_postgresql_writes_it(tmp_path: Path) -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        settings = Settings(home=tmp_path, database_url=SecretStr(f"{scheme}://a:b%40c@h:1/d?sslmode=require"))
        assert settings.database_address == "postgresql+psycopg://a:b%40c@h:1/d?sslmode=require"


def test_a_new_home_is_its_owners_and_so_is_what_is_private_in_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        home = tmp_path / "far/away/home"
        read_settings(home=str(home)).signing_key()
        open_library_at(home).database.engine.dispose()
    finally:
        os.umask(before)
    assert home.stat().st_mode & 0o777 == 0o700
    for name in ("secret_key", "library.db"):
        assert (home / name).stat().st_mode & 0o777 == 0o600


def test_a_home_that_others_may_enter_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    open_library_at(home).database.engine.dispose()
    (home / "tianyuan.toml").write_text('base_url = "https://library.example"\n')
    (home / "tianyuan.toml").chmod(0o644)
    for mode, expected in ((0o755, {home: "0750", home / "tianyuan.toml": "0600"}),
                       (0o750, {home / "tianyuan.toml": "0600"}), (0o700, {})):  # fmt: skip
        home.chmod(mode)
        result = CliRunner().invoke(main, ["storage", "check", "--json"], env={"TIANYUAN_HOME": str(home)})
        assert result.exit_code == 0
        assert {
            Path(permission["path"]): permission["wanted"] for permission in json.loads(result.stdout)["permissions"]
        } == expected
        assert home.stat().st_mode & 0o777 == mode
    home.chmod(0o755)
    plain = CliRunner().invoke(main, ["storage", "check"], env={"TIANYUAN_HOME": str(home)})
    assert f"{home} (0755) -> chmod 0750" in plain.output
