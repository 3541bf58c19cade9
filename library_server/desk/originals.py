"""`/desk/originals/<asset id>`: the original, for librarians; readers may get a copy without the place of a photo."""

from __future__ import annotations

from flask import Response, abort

from library_server.delivery.context import current_delivery
from library_server.delivery.files.lookup import open_original
from library_server.delivery.files.responses import send
from library_server.desk.blueprint import blueprint
from storage_config.errors import ObjectNotFound


@blueprint.get("/originals/<asset_id>")
def original(asset_id: str) -> Response:
    """The bytes of an original, whatever the access of its record."""
    item = open_original(current_delivery(), asset_id)
    if item is None:
        abort(404)
    try:
        return send(item)
    except ObjectNotFound:
        abort(404)
