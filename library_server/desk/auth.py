"""Who may open the desk: whoever was given a link that `tianyuan desk` prints, for twelve hours on that device."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

LINK_SECONDS, SESSION_SECONDS = 3600, 12 * 3600
COOKIE = "desk"
MARKER = "librarian"  # tells the pages for readers to show links to the desk, and opens nothing
_LINK, _SESSION = "desk-link", "desk-stay"


class DeskAuth:
    """Signs and checks links and stays with the library's own secret."""

    def __init__(self, secret: str) -> None:
        self._signing = {salt: URLSafeTimedSerializer(secret, salt=salt) for salt in (_LINK, _SESSION)}

    def create_login_token(self) -> str:
        """Return the key of a link that opens the desk within the hour."""
        return str(self._signing[_LINK].dumps("librarian"))

    def create_session(self, key: str) -> str | None:
        """Return the cookie for a link's key; None where the key is not ours or is too old."""
        return str(self._signing[_SESSION].dumps("librarian")) if self._is_valid(_LINK, key, LINK_SECONDS) else None

    def verify_session(self, cookie: str | None) -> bool:
        """Return whether a cookie is ours and not too old."""
        return cookie is not None and self._is_valid(_SESSION, cookie, SESSION_SECONDS)

    def _is_valid(self, salt: str, signed: str, seconds: int) -> bool:
        try:
            self._signing[salt].loads(signed, max_age=seconds)
        except BadSignature:
            return False
        return True
