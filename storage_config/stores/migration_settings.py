"""Writes a change of stores into `tianyuan.toml`, in two steps between which nothing can be lost.

After the first step the new store is written to and the old one is still read; after the second, when all objects
have been copied, the old one is not used any more.
"""

from __future__ import annotations

import os
from typing import Any

import tomlkit

from storage_config.errors import InvalidSettings
from storage_config.settings import PREFIX, S3_FIELDS, StorageSettings

Changes = dict[str, Any]


def settings_changes(settings: StorageSettings, source: str, target: str) -> Changes:
    """Return the settings to change, by name; None removes one. Raises `InvalidSettings` if they name other stores."""
    if (settings.storage, settings.moving_from) == (target, source):
        return {"moving_from": None}
    if settings.storage != source or settings.moving_from is not None:
        raise InvalidSettings("other_store_in_use", storage=settings.storage, source=source, target=target)
    if target == "other-s3":
        return {
            "storage": "s3",
            "moving_from": "other-s3" if source == "s3" else source,
            **_exchange_s3_servers(settings),
        }
    if target not in {"filesystem", "s3"}:
        raise InvalidSettings("folder_is_no_store", target=target)
    return {"storage": target, "moving_from": source}


def write_changes(settings: StorageSettings, changes: Changes) -> None:
    """Put the changes into `tianyuan.toml` of the home in one step, leaving its comments.

    Raises `InvalidSettings` where the environment sets one of them, since that would win.
    """
    in_environment = [PREFIX + name.upper() for name in changes if PREFIX + name.upper() in os.environ]
    if in_environment:
        shown = {name: value for name, value in changes.items() if not name.endswith("_key")}
        values = ", ".join(f"{name}={'(unset)' if value is None else value}" for name, value in shown.items())
        raise InvalidSettings("set_in_environment", names=", ".join(in_environment), changes=values)
    path = settings.home / "tianyuan.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    for name, value in changes.items():
        if value is None:
            document.pop(name, None)
        else:
            document[name] = value
    temporary = path.with_suffix(".new")
    temporary.touch(mode=0o600)
    temporary.write_text(tomlkit.dumps(document), encoding="utf-8")
    temporary.replace(path)


def _exchange_s3_servers(settings: StorageSettings) -> Changes:
    """Return the two S3 servers with their names exchanged."""
    pairs = [(f"s3_{field}", f"other_s3_{field}") for field in S3_FIELDS]
    return {
        target: _to_plain(getattr(settings, source)) for pair in pairs for target, source in (pair, reversed(pair))
    }  # fmt: skip


def _to_plain(value: Any) -> Any:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value
