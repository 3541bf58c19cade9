"""Who sends the bytes, by `TIANYUAN_DELIVERY`: we ourselves, the S3 server after a redirect, or nginx.

`redirect` is for recordings and downloads: what the page itself fetches (books, pictures, subtitles) stays with
us, since a script may not read from another origin. `accel` names the bytes to the nginx in front; its places
are those of `storage_config/deploy/nginx`.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from library_server.catalogue.dto import AssetView
from library_server.delivery.files.responses import FileSource, RemoteTarget
from library_server.library import Library

ACCEL_FILES, ACCEL_S3, ACCEL_VIDEO = "/_tianyuan/files/", "/_tianyuan/s3", "/_tianyuan/video/"
SIGNED_SECONDS = 6 * 3600
_FOLLOWED = ("video/", "audio/")


def resolve(library: Library, asset: AssetView, item: FileSource) -> RemoteTarget | None:
    """Return where an asset's bytes are to be had instead of here; None where we send them."""
    if library.settings.delivery == "accel":
        path = library.store.local_path(asset.key)
        if path is not None:
            ours = path.is_relative_to(library.settings.objects_folder)
            return _make_accel_target(f"{ACCEL_FILES}{asset.key}") if ours else None
        signed = urlsplit(_presign_url(library, asset, item) or "")
        return _make_accel_target(f"{ACCEL_S3}{signed.path}?{signed.query}") if _is_of_nginx(library, signed) else None
    if library.settings.delivery == "redirect" and (item.download or item.media_type.startswith(_FOLLOWED)):
        address = _presign_url(library, asset, item)
        return RemoteTarget(302, "Location", address) if address else None
    return None


def resolve_segment(library: Library, name: str, segment: str) -> RemoteTarget | None:
    """Return the same for a segment of remuxed video, which lies in a cache of this machine."""
    return _make_accel_target(f"{ACCEL_VIDEO}{name}/{segment}") if library.settings.delivery == "accel" else None


def list_origins(library: Library) -> list[str]:
    """Return the origins that redirects lead to, which pages must be allowed to play from."""
    settings = library.settings
    if settings.delivery != "redirect":
        return []
    of = {
        "s3": (settings.s3_secure, settings.s3_endpoint),
        "other-s3": (settings.other_s3_secure, settings.other_s3_endpoint),
    }
    targets = [of[place] for place in (settings.storage, settings.moving_from) if place in of]
    return [f"{'https' if secure else 'http'}://{endpoint}" for secure, endpoint in targets]


def _presign_url(library: Library, asset: AssetView, item: FileSource) -> str | None:
    return library.store.presigned_url(asset.key, SIGNED_SECONDS, item.content_type, item.disposition)


def _make_accel_target(address: str) -> RemoteTarget:
    return RemoteTarget(200, "X-Accel-Redirect", address)


def _is_of_nginx(library: Library, address: SplitResult) -> bool:
    """Return whether nginx asks the server of an address: it knows one, and while a library moves there are two."""
    settings = library.settings
    known, default = urlsplit(f"//{settings.s3_endpoint}"), 443 if settings.s3_secure else 80
    return (address.hostname, address.port or default) == (known.hostname, known.port or default)
