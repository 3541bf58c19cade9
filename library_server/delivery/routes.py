"""`/files`, `/video` and `/covers`: bytes behind grants."""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus

from flask import Blueprint, Response, abort, request

from library_server.catalogue.dto import AssetView, RecordCard, RecordView
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from library_server.delivery import offload
from library_server.delivery.context import current_delivery
from library_server.delivery.covers import generated, stored
from library_server.delivery.files.lookup import open_file
from library_server.delivery.files.opening import send_opening
from library_server.delivery.files.responses import FileSource, from_path, send
from library_server.delivery.video import playlists
from library_server.delivery.video.hls import REMUX_SECONDS, HlsCache, RemuxSource, VideoUnavailable
from library_server.delivery.video.variants import Variant, find_variant
from library_server.translations.message_catalogs import gettext_noop as _
from library_server.web.context import current_library
from library_server.web.errors.messages import in_both_languages
from library_server.web.requests.conditions import failed_condition
from library_server.web.threadpool import run_in_io_threadpool, run_in_threadpool
from storage_config.errors import ObjectNotFound

blueprint = Blueprint("delivery", __name__)
PLAYLIST = "application/vnd.apple.mpegurl"
_SEGMENT = re.compile(r"\d{5}\.ts\Z")
_COVER_TYPES = {"svg": "image/svg+xml", "jpg": "image/jpeg"}
_LIBRARIANS_ONLY = _("这份原件只给馆员。")
_WITHDRAWN = _("这份资料已经收回。")
_EXPIRED = _("这个地址已经过期，请回到页面重新打开。")


@blueprint.get("/files/<grant>/<asset_id>")
def file(grant: str, asset_id: str) -> Response:
    """The bytes of an asset, or why not; `AssetMiddleware` has answered where nothing stands against it."""
    asset = current_delivery().find_asset(asset_id)
    if asset is None:
        abort(404)
    _check(grant, asset.record_id)
    if asset.librarians_only:
        abort(403, in_both_languages(_LIBRARIANS_ONLY))
    item = open_file(current_delivery(), grant, asset_id, download="download" in request.args)
    if item is None:
        abort(404)
    try:
        return send(item)
    except ObjectNotFound:
        abort(404)


@blueprint.get("/files/<grant>/<asset_id>/opening")
def opening(grant: str, asset_id: str) -> Response:
    """The parts of an EPUB that its first page needs; see `pack_opening`. Not found where there are none."""
    item = open_file(current_delivery(), grant, asset_id, download=False)
    if item is None or item.media_type != "application/epub+zip":
        abort(404)
    return send_opening(item)


@blueprint.get("/video/<grant>/<record_id>/master.m3u8")
def master_playlist(grant: str, record_id: str) -> Response:
    """The master playlist of a record."""
    _check(grant, record_id)
    return _playlist_response(playlists.render_master(_require_playable(record_id)), grant)


@blueprint.get("/video/<grant>/<record_id>/subtitles-<asset_id>/index.m3u8")
def subtitle_playlist(grant: str, record_id: str, asset_id: str) -> Response:
    """The playlist of one subtitle: the whole of it is one segment."""
    _check(grant, record_id)
    record = _require_playable(record_id)
    if all(asset.id != asset_id for asset in record.assets_of("subtitle")):
        abort(404)
    text = playlists.render_subtitle(f"/files/{grant}/{asset_id}", record.duration_ms)
    return _playlist_response(text, grant, growing=False)


@blueprint.get("/video/<grant>/<record_id>/<name>/index.m3u8")
def media_playlist(grant: str, record_id: str, name: str) -> Response:
    """The media playlist of a variant, remuxed when first asked for."""
    _check(grant, record_id)
    record = _require_playable(record_id)
    source = _make_remux_source(record, _require_variant(record, name))
    try:
        body = _get_cache().read_playlist(source)
    except VideoUnavailable as error:
        return _unavailable_response(error)
    growing = not _get_cache().is_complete(source)
    text = playlists.with_start(body.decode()) if growing else body.decode()
    return _playlist_response(text, grant, growing=growing)


@blueprint.get("/video/<grant>/<record_id>/<name>/<segment>")
def media_segment(grant: str, record_id: str, name: str, segment: str) -> Response:
    """A segment; checks the grant alone once its record's variants are known."""
    _check(grant, record_id)
    if not _SEGMENT.match(segment):
        abort(404)
    chosen = _require_variant(_require_playable(record_id), name)
    path = _get_cache().find_segment(chosen.folder, segment)
    if path is None:
        abort(404)
    current_delivery().uses.record(chosen.asset.id)
    stat = path.stat()
    etag = hashlib.sha256(f"{chosen.folder}/{segment}/{stat.st_size}".encode()).hexdigest()[:32]
    public = current_delivery().grants.is_public(grant)
    item = FileSource(from_path(path), stat.st_size, "video/mp2t", etag, stat.st_mtime, public,
                    remote=offload.resolve_segment(current_library(), chosen.folder, segment))  # fmt: skip
    return send(item)


@blueprint.get("/covers/<record_id>.<form>")
def cover(record_id: str, form: str) -> Response:
    """The cover drawn for a record that has none, as SVG; or as JPEG any cover, for televisions and feeds."""
    if form not in _COVER_TYPES:
        abort(404)
    card = run_in_threadpool(_read_card, current_library().database, record_id)
    if card is None:
        abort(404)
    design = generated.design_of(card)
    real = run_in_threadpool(stored.stored_cover, current_library(), card) if form == "jpg" else None
    etag = hashlib.sha256(f"{generated.EDITION}{form}{real or design}".encode()).hexdigest()[:32]
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    failed = failed_condition(etag, None, request.environ)
    if failed:
        kept_headers = headers if failed == HTTPStatus.NOT_MODIFIED else {}
        return Response(status=failed, headers={**kept_headers, "ETag": f'"{etag}"'}, mimetype=_COVER_TYPES[form])
    if form == "svg":
        response = Response(generated.render_svg(design), mimetype=_COVER_TYPES[form], headers=headers)
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    else:
        made = run_in_io_threadpool(stored.load_jpeg, current_library().store, real) if real else None
        drawn = made or run_in_threadpool(generated.render_jpeg, design)
        response = Response(drawn, mimetype=_COVER_TYPES[form], headers=headers)
        if real and not made:  # the store did not answer: the drawn cover stands in for this request alone
            response.headers["Cache-Control"] = "no-store"
            return response
    response.set_etag(etag)
    return response


def _read_card(database: Database, record_id: str) -> RecordCard | None:
    with database.reading() as session:
        return next(iter(queries.load_cards(session, [record_id])), None)


def _check(grant: str, record_id: str) -> None:
    if not current_delivery().is_granted(grant, record_id):
        if current_delivery().restrictions.get(record_id) == "withdrawn":
            abort(410, in_both_languages(_WITHDRAWN))
        abort(403, in_both_languages(_EXPIRED))


def _require_playable(record_id: str) -> RecordView:
    record = current_delivery().playable_record(record_id)
    if record is None:
        abort(404)
    return record


def _require_variant(record: RecordView, name: str) -> Variant:
    chosen = find_variant(record, name)
    if chosen is None:
        abort(404)
    return chosen


def _make_remux_source(record: RecordView, chosen: Variant) -> RemuxSource:
    sound = _media_address(chosen.sound) if chosen.sound else None
    size = chosen.asset.size + (chosen.sound.size if chosen.sound else 0)
    return RemuxSource(
        _media_address(chosen.asset),
        chosen.folder,
        record.duration_ms or 0,
        chosen.has_video,
        sound,
        chosen.track,
        size,
    )


def _media_address(asset: AssetView) -> str:
    store = current_library().store
    path = store.local_path(asset.key)
    address = f"file:{path}" if path else store.presigned_url(asset.key, int(REMUX_SECONDS), asset.media_type)
    assert address
    return address


def _get_cache() -> HlsCache:
    return HlsCache.from_settings(current_library().settings)


def _unavailable_response(error: VideoUnavailable) -> Response:
    text = f"{in_both_languages(error.sentence)}\n"
    response = Response(text, status=503, mimetype="text/plain", headers={"Cache-Control": "no-store"})
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _playlist_response(text: str, grant: str, *, growing: bool = True) -> Response:
    keep = (
        "no-cache"
        if growing
        else f"{'public' if current_delivery().grants.is_public(grant) else 'private'}, max-age=60"
    )
    return Response(text, mimetype=PLAYLIST, headers={"Cache-Control": keep, "Access-Control-Allow-Origin": "*"})
