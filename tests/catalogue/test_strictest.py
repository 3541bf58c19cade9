"""The strictest of access levels."""

from __future__ import annotations

import pytest

from library_server.catalogue.enums import Access, find_strictest


@pytest.mark.parametrize(("levels", "expected"), [
    (("public",), Access.PUBLIC), (("members", "public"), Access.MEMBERS),
    ((Access.PUBLIC, Access.PREMISES, Access.MEMBERS), Access.PREMISES),
])  # fmt: skip
def test_strictest_level(levels: tuple[Access | str, ...], expected: Access) -> None:
    assert find_strictest(*levels) is expected
