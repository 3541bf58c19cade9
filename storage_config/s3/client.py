"""One S3 client a process and event loop: bounded connections, timeouts, retries with backoff and jitter."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

import certifi
import urllib3
from minio import Minio
from minio.error import S3Error
from urllib3.util import Retry, Timeout

from storage_config.event_loop import is_under_gevent
from storage_config.fixity.throttling import UNLIMITED, RateLimiter
from storage_config.settings import StorageSettings

CONNECTIONS = 256
WAIT_FOR_CONNECTION, CONNECT_SECONDS, READ_SECONDS = 30.0, 5.0, 60.0
BACKOFF_SECONDS, LONGEST_WAIT = 0.25, 8.0
SIGNED_FOR = timedelta(hours=12)
_RETRIED_STATUS = (500, 502, 503, 504)
_OK = 200


@dataclass(frozen=True)
class _Connected:
    process: int
    connections: urllib3.PoolManager
    minio: Minio


class _NoLoop:
    """The key of threads without an event loop, which share connections."""


_PLAIN_THREADS = _NoLoop()


class S3Client:
    """The client of these settings, one for each process and event loop.

    A forked process makes a new one, since sockets must not be shared. Under gevent each native thread has an event
    loop (a hub) of its own, and a socket belongs to one loop.

    `retries` is how often a request is repeated: a page should report a broken server within a second, an ingest at
    night should wait half a minute for it.
    """

    def __init__(self, settings: StorageSettings, retries: int, rate_limiter: RateLimiter = UNLIMITED) -> None:
        self._settings = settings
        self._rate_limiter = rate_limiter
        self._retries = retries
        self._lock = threading.Lock()
        self._by_event_loop: WeakKeyDictionary[Any, _Connected] = WeakKeyDictionary()

    def get_minio(self) -> Minio:
        """Return the client of the SDK for this process and event loop."""
        return self._of_this_process().minio

    def send(
        self, bucket: str, name: str, body: memoryview, headers: Mapping[str, str], query: dict[str, str] | None = None
    ) -> str:
        """PUT bytes to a signed address; returns the ETag. Raises what the SDK raises.

        The SDK's own put hashes a body again to sign it, and cannot send Content-MD5 or If-None-Match.
        """
        self._rate_limiter.acquire(len(body))
        connected = self._of_this_process()
        address = connected.minio.get_presigned_url(
            "PUT", bucket, name, expires=SIGNED_FOR, extra_query_params={**(query or {})}
        )
        response = connected.connections.urlopen("PUT", address, body=body, headers=headers)
        if response.status != _OK:
            raise S3Error.fromxml(response)
        return str(response.headers.get("etag", "")).strip('"').lower()

    def _of_this_process(self) -> _Connected:
        with self._lock:
            connected = self._by_event_loop.get(loop := _event_loop())
            if connected is None or connected.process != os.getpid():
                connections = _make_connections(self._settings.s3_secure, self._retries)
                connected = self._by_event_loop[loop] = _Connected(
                    os.getpid(), connections, _make_minio(self._settings, connections)
                )
            return connected


def _event_loop() -> Any:
    """Return the event loop of this thread: gevent's hub where gevent has patched sockets."""
    if not is_under_gevent():
        return _PLAIN_THREADS
    from gevent import get_hub

    return get_hub()


class _Connections(urllib3.PoolManager):
    """A pool where a request waits at most `WAIT_FOR_CONNECTION` seconds for a free connection."""

    def urlopen(self, method: str, url: str, redirect: bool = True, **kw: Any) -> urllib3.BaseHTTPResponse:  # type: ignore[override]
        kw.setdefault("pool_timeout", WAIT_FOR_CONNECTION)
        return super().urlopen(method, url, redirect, **kw)


def _make_minio(settings: StorageSettings, connections: urllib3.PoolManager) -> Minio:
    secret = settings.s3_secret_key.get_secret_value() if settings.s3_secret_key else None
    return Minio(
        settings.s3_endpoint or "",
        access_key=settings.s3_access_key,
        secret_key=secret,
        secure=settings.s3_secure,
        region=settings.s3_region,
        http_client=connections,
    )


def _make_connections(secure: bool, retries: int) -> urllib3.PoolManager:
    """Return a pool that repeats a request that failed, which is safe: puts are whole objects or numbered parts."""
    retry = Retry(
        total=retries,
        backoff_factor=BACKOFF_SECONDS,
        backoff_jitter=BACKOFF_SECONDS,
        backoff_max=LONGEST_WAIT,
        status_forcelist=_RETRIED_STATUS,
        allowed_methods=None,
        raise_on_status=False,
        respect_retry_after_header=False,
    )
    trusted = os.environ.get("SSL_CERT_FILE") or certifi.where()
    certificates: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED", "ca_certs": trusted} if secure else {}
    timeout = Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    return _Connections(maxsize=CONNECTIONS, block=True, timeout=timeout, retries=retry, **certificates)
