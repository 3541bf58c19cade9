"""Delivery of a running application: grants, restrictions, what is asked for and used."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

from library_server.catalogue.dto import AssetView, RecordView
from library_server.catalogue.enums import Access
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from library_server.delivery.demand import Demand
from library_server.delivery.grants import Grants
from library_server.delivery.restrictions import Restrictions
from library_server.delivery.usage_tracker import UsageTracker
from library_server.delivery.video.variants import playing_asset
from library_server.library import Library
from library_server.web.background_writer import BackgroundWriter
from library_server.web.threadpool import run_in_threadpool

ASSETS_KEPT = 8192
PLAYING_SECONDS, PLAYING_KEPT = 5.0, 1000
_KEY = "tianyuan.delivery"


@dataclass
class Delivery:
    """Grants, the assets lately asked for, the records that a public grant must not open, and what readers use."""

    library: Library
    grants: Grants
    writer: BackgroundWriter
    uses: UsageTracker
    demand: Demand
    restrictions: Restrictions
    _assets: OrderedDict[str, tuple[int, AssetView]] = field(default_factory=OrderedDict)
    _playing: dict[str, tuple[int, float, RecordView]] = field(default_factory=dict)

    def find_asset(self, asset_id: str) -> AssetView | None:
        """Return an asset; it is looked up again only when something was committed to the database since.

        A row moves to another record when records are merged or a merge is undone.
        """
        version = self.restrictions.read_version()
        kept = self._assets.get(asset_id)
        if kept is not None and kept[0] == version:
            return kept[1]
        asset = run_in_threadpool(_read_asset, self.library.database, asset_id)
        self._assets.pop(asset_id, None)
        if asset is not None:
            self._assets[asset_id] = (version, asset)
            while len(self._assets) > ASSETS_KEPT:
                self._assets.popitem(last=False)
        return asset

    def playable_record(self, record_id: str) -> RecordView | None:
        """Return a record that plays; looked up again after a commit, at most every `PLAYING_SECONDS` while it is
        watched.
        """
        version, cached = self.restrictions.read_version(), self._playing.get(record_id)
        if cached is not None and (cached[0] == version or time.monotonic() - cached[1] < PLAYING_SECONDS):
            return cached[2]
        record = run_in_threadpool(_read_record, self.library.database, record_id)
        if record is None or playing_asset(record) is None:
            return None
        if len(self._playing) > PLAYING_KEPT:
            self._playing.clear()
        self._playing[record_id] = (version, time.monotonic(), record)
        return record

    def is_granted(self, grant: str, record_id: str) -> bool:
        """Return whether a grant opens a record: signed, in time, and not withdrawn or restricted further since."""
        if not self.grants.allows(grant, record_id):
            return False
        state = self.restrictions.get(record_id)
        return state is None or (state != "withdrawn" and self.grants.covers(grant, Access(state)))


def _read_asset(database: Database, asset_id: str) -> AssetView | None:
    with database.reading() as session:
        return queries.find_asset(session, asset_id)


def _read_record(database: Database, record_id: str) -> RecordView | None:
    with database.reading() as session:
        return queries.find_record(session, record_id)


def init_app(app: Flask, library: Library) -> None:
    """Give an application the delivery of its library."""
    writer = BackgroundWriter(library.database)
    app.extensions[_KEY] = Delivery(
        library,
        Grants(library.settings.signing_key()),
        writer,
        UsageTracker(writer),
        Demand(writer),
        Restrictions(library.database),
    )


def current_delivery() -> Delivery:
    """Return the delivery of the running application."""
    return delivery_of(current_app)


def delivery_of(app: Flask) -> Delivery:
    """Return the delivery of an application."""
    return cast(Delivery, app.extensions[_KEY])
