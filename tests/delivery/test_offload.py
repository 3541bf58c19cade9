"""Which other server may send the bytes of an asset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from library_server.app import create_app
from library_server.catalogue.dto import AssetView
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.records import queries
from library_server.delivery import offload
from library_server.delivery.context import delivery_of
from library_server.delivery.files.lookup import open_file
from library_server.library import Library
from storage_config.stores.base import ObjectStore
from tests.support.libraries import ingest


class RemoteStore:
    """The objects of a store, as if all of them were on a server at `host`."""

    def __init__(self, store: ObjectStore, host: str) -> None:
        self._store = store
        self._host = host

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def local_path(self, key: str) -> None:
        """None: no object is on this machine."""

    def presigned_url(self, key: str, seconds: int, media_type: str, disposition: str | None = None) -> str:
        return f"https://{self._host}/bucket/{key}?X-Amz-Signature=a"


@pytest.mark.parametrize(
    ("endpoint", "host", "is_given_to_nginx"),
    [
        ("new:9000", "new:9000", True),
        ("NEW:9000", "new:9000", True),
        ("new:443", "new", True),  # the SDK leaves out the port of HTTPS
        ("new", "new", True),
        ("new:9000", "old:9000", False),  # not copied yet: nginx would ask the new server for it
        ("new:9000", "new:9001", False),
    ],
)
def test_nginx_is_given_only_what_its_own_server_has(
    library: Library, tmp_path: Path, endpoint: str, host: str, is_given_to_nginx: bool
) -> None:
    text = tmp_path / "船歌.txt"
    text.write_text("书名：船歌\n\n江水从南边来。", "utf-8")
    ingest(library, text)
    settings = library.settings.model_copy(update={"delivery": "accel", "s3_endpoint": endpoint, "s3_secure": True})
    remote = replace(library, settings=settings, store=cast(ObjectStore, RemoteStore(library.store, host)))
    asset = _original(library)
    delivery = delivery_of(create_app(remote))
    item = open_file(delivery, delivery.grants.issue(asset.record_id), asset.id, download=False)
    assert item is not None
    assert (item.remote is not None) == is_given_to_nginx
    if item.remote is not None:
        assert item.remote.address.startswith(f"{offload.ACCEL_S3}/bucket/")


def _original(library: Library) -> AssetView:
    with library.database.reading() as session:
        (card,) = queries.list_newest(session)
        record = queries.find_record(session, card.id)
    assert record is not None
    return next(asset for asset in record.assets if asset.role == AssetRole.ORIGINAL)
