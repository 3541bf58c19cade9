"""Fixtures of the journeys through pages: a library of each kind of record and each access, and its address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.access_levels import AccessLibrary, build
from tests.support.libraries import open_library_at
from tests.support.servers.serving import serving


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory) -> AccessLibrary:
    library = open_library_at(tmp_path_factory.mktemp("levels") / "home")
    return build(library, tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def address(levels: AccessLibrary) -> Iterator[str]:
    with serving(levels.library.settings.home, "--workers", "1", "--no-jobs") as (address, _):
        yield address
