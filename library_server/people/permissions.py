"""Who may fetch the bytes of a record; decided once, at the page or playlist."""

from __future__ import annotations

from dataclasses import dataclass

from library_server.catalogue.enums import Access


@dataclass(frozen=True)
class Visitor:
    """Someone at a screen: a member who is signed in, or someone within a station's walls, or neither."""

    is_member: bool = False
    on_premises: bool = False


ANYONE = Visitor()


def may_fetch(access: Access, visitor: Visitor) -> bool:
    """Return whether a visitor may fetch bytes of a record with this access level."""
    if access == Access.PUBLIC:
        return True
    return visitor.on_premises or (access == Access.MEMBERS and visitor.is_member)
