"""Writes a change of stores into `tianyuan.toml`, in two steps between which nothing can be lost.

First the new store is written to, and what was put into the old one meanwhile is still read there; then, when
all of that has been copied too, the old one is let go.
"""

from __future__ import annotations

import os
from typing import Any

import tomlkit

from storage_config.errors import InvalidSettings
from storage_config.settings import PREFIX, S3_FIELDS, StorageSettings

Changes = dict[str, Any]


def settings_changes(settings: StorageSettings, source: str, target: str) -> Changes:
    """What must change in the settings; None removes one. Raises `InvalidSettings` if they name other stores."""
    if (settings.storage, settings.moving_from) == (target, source):
        return {"moving_from": None}
    if settings.storage != source or settings.moving_from is not None:
        raise InvalidSettings(
            f"现在用的是 {settings.storage}，不能从 {source} 切换到 {target} "
            f"the store in use is {settings.storage}: cannot switch from {source} to {target}"
        )
    if target == "other-s3":
        return {"storage": "s3", "moving_from": "other-s3" if source == "s3" else source, **_exchanged(settings)}
    if target not in {"filesystem", "s3"}:
        raise InvalidSettings(f"{target}: 文件夹只能当第二份，不能切换过去 a folder can be a replica, not the store")
    return {"storage": target, "moving_from": source}


def write_changes(settings: StorageSettings, changes: Changes) -> None:
    """Put the changes into `tianyuan.toml` of the home in one step, leaving its comments.

    Raises `InvalidSettings` where the environment sets one of them, since that would win.
    """
    fixed = [PREFIX + name.upper() for name in changes if PREFIX + name.upper() in os.environ]
    if fixed:
        raise InvalidSettings(
            f"{', '.join(fixed)} 由环境变量定：请在那里改 is set in the environment: change it there, to "
            + ", ".join(f"{name}={'(unset)' if value is None else value}" for name, value in changes.items()
                        if not name.endswith("_key"))
        )  # fmt: skip
    path = settings.home / "tianyuan.toml"
    kept = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    for name, value in changes.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = value
    aside = path.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_text(tomlkit.dumps(kept), encoding="utf-8")
    aside.replace(path)


def _exchanged(settings: StorageSettings) -> Changes:
    """The two S3 servers with their names exchanged."""
    named = [(f"s3_{field}", f"other_s3_{field}") for field in S3_FIELDS]
    return {
        one: _plain(getattr(settings, other)) for pair in named for one, other in (pair, reversed(pair))
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value
