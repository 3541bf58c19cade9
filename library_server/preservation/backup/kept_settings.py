"""The settings in a backup: `tianyuan.toml` without passwords, and the names of what came from the environment.

The secret key is a file of its own in the backup, wherever it was set. Access keys of S3 servers and the address of a
database with a password stay out: whoever restores them has them, or gives new ones.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from library_server.settings import Settings
from storage_config.settings import PREFIX

ACCESS_KEYS = ("s3_access_key", "s3_secret_key", "other_s3_access_key", "other_s3_secret_key")
_NEVER_KEPT = frozenset({*ACCESS_KEYS, "secret_key"})
DATABASE_URL = "database_url"


def without_passwords(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a settings file, comments included, without passwords; and the names of what was taken out."""
    document = tomlkit.parse(text)
    taken = [name for name in document if name in _NEVER_KEPT or _has_password(name, document[name])]
    for name in taken:
        document.remove(name)
    return tomlkit.dumps(document), tuple(name for name in taken if name != "secret_key")


def settings_of_environment(environment: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the settings that an environment gives, without passwords; and the names of what was left out."""
    given = {name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
    given = {name: value for name, value in given.items() if name in Settings.model_fields and name != "home"}
    secret = [name for name, value in given.items() if name in _NEVER_KEPT or _has_password(name, value)]
    shown = {name: value for name, value in sorted(given.items()) if name not in secret}
    return shown, tuple(name for name in secret if name != "secret_key")


def restored_text(backup: str, present: str) -> str:
    """Return the settings file of a backup, with the passwords and the database of the home that it is restored
    into.
    """
    document, present_settings = tomlkit.parse(backup), tomlkit.parse(present)
    for name in (*ACCESS_KEYS, DATABASE_URL):
        if name in present_settings:
            document[name] = present_settings[name].unwrap()
    return tomlkit.dumps(document)


def lacking_keys(text: str) -> list[str]:
    """Variables of the access keys that the store in use needs, and that neither environment nor settings file give."""
    given = tomlkit.parse(text)
    if os.environ.get(f"{PREFIX}STORAGE", given.get("storage")) != "s3":
        return []
    variables = {name: PREFIX + name.upper() for name in ACCESS_KEYS[:2]}
    return [variable for name, variable in variables.items() if name not in given and variable not in os.environ]


def read_text(path: Path) -> str:
    """Return the text of a settings file; empty where there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _has_password(name: str, value: object) -> bool:
    if name != DATABASE_URL:
        return False
    try:
        url = make_url(str(value))
    except (ArgumentError, ValueError):
        return True
    return url.password is not None or "password" in url.query
