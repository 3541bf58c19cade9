"""A grant: permission in the URL path to fetch the bytes of one record, an HMAC that no database checks.

A public record's grant never changes and others are rounded to six hours, so that addresses repeat and
every cache on the way works. A grant names the access level that it was issued for (`p` public, `m` members,
`s` on the premises): one for members does not open a record that has been restricted to the premises since.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time

from library_server.catalogue.enums import Access

ROUND_SECONDS = 6 * 3600
_LETTERS = {Access.PUBLIC: "p", Access.MEMBERS: "m", Access.PREMISES: "s"}
_COVERING = {Access.PUBLIC: "pms", Access.MEMBERS: "ms", Access.PREMISES: "s"}
_GRANT = re.compile(r"(?P<head>p|[ms](?P<expires>[0-9a-f]{8}))-(?P<signature>[A-Za-z0-9_-]{22})\Z", re.ASCII)


class Grants:
    """Signs and checks grants with the library's secret key."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"tianyuan grant " + secret.encode()).digest()

    def issue(self, record_id: str, access: Access = Access.PUBLIC, now: float | None = None) -> str:
        """Return a grant for a record; one that is not public lasts from six to twelve hours."""
        if access == Access.PUBLIC:
            return f"p-{self._sign('p', record_id)}"
        moment = time.time() if now is None else now
        head = f"{_LETTERS[access]}{(int(moment) // ROUND_SECONDS + 2) * ROUND_SECONDS:08x}"
        return f"{head}-{self._sign(head, record_id)}"

    def allows(self, grant: str, record_id: str, now: float | None = None) -> bool:
        """Return whether a grant opens this record at this moment."""
        match = _GRANT.match(grant)
        if not match:
            return False
        if not hmac.compare_digest(match["signature"], self._sign(match["head"], record_id)):
            return False
        moment = time.time() if now is None else now
        return match["expires"] is None or int(match["expires"], 16) > moment

    def covers(self, grant: str, access: Access) -> bool:
        """Return whether a grant was issued for this access level or a stricter one. Checks no signature."""
        return grant[:1] in _COVERING[access]

    def is_public(self, grant: str) -> bool:
        """Return whether a grant is of the kind that never changes."""
        return grant.startswith("p-")

    def _sign(self, head: str, record_id: str) -> str:
        digest = hmac.new(self._key, f"{head}:{record_id}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
