"""Addresses that readers keep: of merged records, and of texts that cannot be read any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from library_server.app import create_app
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.records import records_by_title


@pytest.fixture
def ids(library: Library, tmp_path: Path) -> dict[str, str]:
    for name in ("旧的", "新的"):
        (tmp_path / f"{name}.txt").write_text(f"{name}书里的话。" * 20, "utf-8")
    ingest(library, tmp_path)
    return {title: view.id for title, view in records_by_title(library).items()}


@pytest.mark.parametrize("path", ["/read/{}", "/read/{}?text=1&chapter=1&_external=1", "/read/{}/find?q=x"])
def test_kept_addresses_of_a_merged_record_lead_to_the_other(library: Library, ids: dict[str, str], path: str) -> None:
    with library.database.writing() as session:
        merging.merge(session, ids["新的"], ids["旧的"], Actor("馆员"))
    answer = create_app(library).test_client().get(path.format(ids["旧的"]))
    assert (answer.status_code, answer.location) == (302, path.format(ids["新的"]))


def test_a_text_that_is_gone_is_not_said_to_be_pictures(library: Library, ids: dict[str, str]) -> None:
    view = records_by_title(library)["旧的"]
    library.store.delete(view.assets_of("text")[0].key)
    answer = create_app(library).test_client().get(f"/read/{ids['旧的']}?text=1")
    assert answer.status_code == 503
    assert "文字版现在读不出来" in answer.text
    assert "图片" not in answer.text
