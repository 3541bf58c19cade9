"""The key that signs grants and links to the desk: checked, made once for a home, and never seen half written."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from library_server.publishing import publish_if_absent
from storage_config.errors import InvalidSettings

MINIMUM_BYTES = 32
MINIMUM_DISTINCT_CHARACTERS = 8
_MAXIMUM_BYTES = 4096


class InvalidSecretKey(ValueError):
    """A key that must not sign anything; the message says why, never what the key is."""


def validate_key(key: str) -> str:
    """The key without the white space around it. Raises `InvalidSecretKey`.

    32 bytes are the length of an HMAC-SHA-256 key (RFC 2104, section 3: shorter keys are discouraged). Few distinct
    characters are what a power cut leaves (a run of NUL) or a person types to get past the length.
    """
    trimmed = key.removeprefix("\ufeff").strip()
    if not trimmed:
        raise InvalidSecretKey("是空的 it is empty")
    try:
        size = len(trimmed.encode())
    except UnicodeEncodeError:
        raise InvalidSecretKey("不是 UTF-8 文字 it is not UTF-8 text") from None
    if not trimmed.isprintable():
        raise InvalidSecretKey("含有控制字符 it contains control characters")
    if size < MINIMUM_BYTES:
        raise InvalidSecretKey(
            f"只有 {size} 字节，至少要 {MINIMUM_BYTES} it has {size} bytes and needs {MINIMUM_BYTES}"
        )
    if len(set(trimmed)) < MINIMUM_DISTINCT_CHARACTERS:
        raise InvalidSecretKey("太容易猜 it is too easy to guess")
    return trimmed


def load_or_create_key(path: Path) -> str:
    """The key kept in a file, made first where there is none. All processes that start at once get the same key.

    Raises `InvalidSettings` where the file holds no usable key, and `OSError` where it cannot be read or written.
    """
    key = _load(path)
    if key is None:
        _create(path)
        key = _load(path)
    if key is None:
        raise InvalidSettings(f"{path}: 是断开的链接 it is a link that leads nowhere")
    return key


def _load(path: Path) -> str | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise InvalidSettings(f"{path}: 不是普通文件 it is not a regular file")
        kept = os.read(handle, _MAXIMUM_BYTES)
    finally:
        os.close(handle)
    try:
        return validate_key(kept.decode())
    except (InvalidSecretKey, UnicodeDecodeError) as error:
        reason = error if isinstance(error, InvalidSecretKey) else "不是 UTF-8 文字 it is not UTF-8 text"
        raise InvalidSettings(
            f"{path}: 密钥不能用 the secret key cannot be used: {reason}. "
            "请从备份恢复，或删掉这个文件，下次启动会另做一个，已发出的链接随之失效 "
            "Restore it from a backup, or delete the file: the next start makes another, and links given out expire"
        ) from None


def _create(path: Path) -> None:
    """Write a key aside and publish it: whoever is first wins, and no part of a key ever has the name."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            _write_all(handle, secrets.token_urlsafe(MINIMUM_BYTES).encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        publish_if_absent(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
