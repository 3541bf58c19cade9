"""The key that signs grants and links to the desk: checked, made once for a home, and never seen half written."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from library_server.publishing import publish_if_absent
from storage_config.errors import InvalidSettings
from storage_config.messages import CodedError, Message

MINIMUM_BYTES = 32
MINIMUM_DISTINCT_CHARACTERS = 8
_MAXIMUM_BYTES = 4096


class InvalidSecretKey(CodedError, ValueError):
    """A key that must not sign anything; the message says why, never what the key is."""

    code = "bad_secret_key"


def validate_key(key: str) -> str:
    """Return the key without the white space around it. Raises `InvalidSecretKey`.

    32 bytes are the length of an HMAC-SHA-256 key (RFC 2104, section 3: shorter keys are discouraged). Few distinct
    characters are what a power cut leaves (a run of NUL) or a person types to get past the length.
    """
    trimmed = key.removeprefix("\ufeff").strip()
    if not trimmed:
        raise InvalidSecretKey("key_empty")
    try:
        size = len(trimmed.encode())
    except UnicodeEncodeError:
        raise InvalidSecretKey("key_not_utf8") from None
    if not trimmed.isprintable():
        raise InvalidSecretKey("key_not_printable")
    if size < MINIMUM_BYTES:
        raise InvalidSecretKey("key_needs_more_bytes", size=size, least=MINIMUM_BYTES)
    if len(set(trimmed)) < MINIMUM_DISTINCT_CHARACTERS:
        raise InvalidSecretKey("key_too_simple")
    return trimmed


def load_or_create_key(path: Path) -> str:
    """Return the key kept in a file, made first where there is none. All processes that start at once get the same key.

    Raises `InvalidSettings` where the file holds no usable key, and `OSError` where it cannot be read or written.
    """
    key = _read_key(path)
    if key is None:
        _create(path)
        key = _read_key(path)
    if key is None:
        raise InvalidSettings("secret_key_link", path=str(path))
    return key


def _read_key(path: Path) -> str | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise InvalidSettings("secret_key_not_a_file", path=str(path))
        data = os.read(handle, _MAXIMUM_BYTES)
    finally:
        os.close(handle)
    try:
        return validate_key(data.decode())
    except (InvalidSecretKey, UnicodeDecodeError) as error:
        cause = error.message if isinstance(error, InvalidSecretKey) else Message("key_not_utf8")
        raise InvalidSettings("secret_key_unusable", path=str(path), cause=cause) from None


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
