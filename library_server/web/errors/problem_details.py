"""Problem details for HTTP APIs (RFC 9457)."""

from __future__ import annotations

from pydantic import BaseModel

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457 problem details with a stable `code`."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
