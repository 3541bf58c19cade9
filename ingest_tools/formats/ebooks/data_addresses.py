"""Pictures that stand in an address itself (RFC 2397): `data:image/png;base64,…`."""

from __future__ import annotations

import base64
import re
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

LIMIT: Final = 64 * 1024 * 1024
"""The longest address, in characters."""
_PREFIX: Final = "data:image/"
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]+")


def is_picture_address(address: str) -> bool:
    """Return whether an address holds a picture."""
    return address[: len(_PREFIX) + 80].lstrip().lower().startswith(_PREFIX)


def read_picture(address: str) -> bytes | None:
    """Return the bytes of a picture; None where the address is damaged or too long.

    base64 may have line breaks and percent-encoded signs in it, and lack the signs at its end.
    """
    head, comma, data = address.partition(",")
    if not comma or len(data) > LIMIT:
        return None
    if not head.rstrip().lower().endswith(";base64"):
        return unquote_to_bytes(data) or None
    digits = _NOT_BASE64.sub("", unquote(data) if "%" in data else data.replace("-", "+").replace("_", "/"))
    digits = digits[:-1] if len(digits) % 4 == 1 else digits
    return base64.b64decode(digits + "=" * (-len(digits) % 4)) or None
