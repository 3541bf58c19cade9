"""What a request handler needs of the running library, kept on the Flask application."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

from library_server.catalogue import browsing
from library_server.catalogue.views import AssetView, RecordView
from library_server.catalogue.vocabulary import Access
from library_server.delivery.grants import Grants
from library_server.delivery.uses import Uses
from library_server.delivery.variants import playing_asset
from library_server.library import Library

REFRESH_SECONDS = 2.0
ASSETS_KEPT, ASSETS_SECONDS = 8192, 30.0
PLAYING_SECONDS, PLAYING_KEPT = 30.0, 1000
_KEY = "tianyuan"


@dataclass
class Delivery:
    """Grants, the assets lately asked for, and the records that a public grant must not open."""

    library: Library
    grants: Grants
    uses: Uses
    _assets: OrderedDict[str, tuple[float, AssetView]] = field(default_factory=OrderedDict)
    _playing: dict[str, tuple[float, RecordView]] = field(default_factory=dict)
    _restricted: dict[str, str] = field(default_factory=dict)
    _read_at: float = -1e9
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def asset(self, asset_id: str) -> AssetView | None:
        """An asset; those asked for in the last half minute need no database.

        A row moves to another record when records are merged or a merge is undone, which `restricted` sees.
        """
        kept = self._assets.get(asset_id)
        if kept is not None and time.monotonic() - kept[0] < ASSETS_SECONDS:
            return kept[1]
        restricted = self._restricted
        with self.library.database.reading() as session:
            found = browsing.asset(session, asset_id)
        self._assets.pop(asset_id, None)
        if found is not None and restricted is self._restricted:
            self._assets[asset_id] = (time.monotonic(), found)
            while len(self._assets) > ASSETS_KEPT:
                self._assets.popitem(last=False)
        return found

    def playing(self, record_id: str) -> RecordView | None:
        """A record that plays, looked up at most every half minute while it is being watched."""
        kept = self._playing.get(record_id)
        if kept is not None and time.monotonic() - kept[0] < PLAYING_SECONDS:
            return kept[1]
        with self.library.database.reading() as session:
            record = browsing.record(session, record_id)
        if record is None or playing_asset(record) is None:
            return None
        if len(self._playing) > PLAYING_KEPT:
            self._playing.clear()
        self._playing[record_id] = (time.monotonic(), record)
        return record

    def opens(self, grant: str, record_id: str) -> bool:
        """Whether a grant opens a record: signed, in time, and not withdrawn or restricted further since."""
        if not self.grants.allows(grant, record_id):
            return False
        state = self.restricted().get(record_id)
        return state is None or (state != "withdrawn" and self.grants.reaches(grant, Access(state)))

    def restricted(self) -> dict[str, str]:
        """Restricted and withdrawn records, read anew every two seconds."""
        if time.monotonic() - self._read_at > REFRESH_SECONDS and self._lock.acquire(blocking=False):
            try:
                with self.library.database.reading() as session:
                    restricted = browsing.restricted_ids(session)
                if restricted != self._restricted:  # a merge may have moved assets to another record
                    self._restricted = restricted
                    self._assets.clear()
                    self._playing.clear()
                self._read_at = time.monotonic()
            finally:
                self._lock.release()
        return self._restricted


def attach(app: Flask, library: Library) -> None:
    """Give an application its library."""
    app.extensions[_KEY] = Delivery(library, Grants(library.settings.signing_key()), Uses(library.database))


def delivery() -> Delivery:
    """The delivery of the running application."""
    return delivery_of(current_app)


def delivery_of(app: Flask) -> Delivery:
    """The delivery of an application."""
    return cast(Delivery, app.extensions[_KEY])


def library() -> Library:
    """The library of the running application."""
    return delivery().library
