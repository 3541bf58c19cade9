"""Names of collections as a segment of an address (RFC 3986, section 3.3) that needs no percent-encoding."""

from __future__ import annotations

import hashlib
import re

from library_server.catalogue.normalization.text import to_storable

SLUG_LENGTH = 64
_NOT_IN_A_SEGMENT = re.compile(r"[^a-z0-9._~!$&'()*+,;=:@-]+")


def slugify(name: str) -> str:
    """Return the slug of a name in ASCII: lower case, `-` for spaces and for what would end or change the address.

    A name of which nothing is left, or that would be a dot segment (RFC 3986, section 5.2.4), gets one from its digest.
    """
    lowered = name.strip().lower().replace(" ", "-")
    slug = _NOT_IN_A_SEGMENT.sub("-", lowered)
    if slug != lowered:
        slug = slug.strip("-")
    slug = slug[:SLUG_LENGTH]
    return digest_slug(name) if slug.strip(".-") == "" else slug


def digest_slug(name: str) -> str:
    """Return a slug for a name that none can be made of."""
    return hashlib.sha256(to_storable(name).encode()).hexdigest()[:12]
