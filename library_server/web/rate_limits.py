"""Limits on how often one client may call what costs the server much: searches, the API, and the entry to the desk.

Counts are kept in the memory of each web process, so with several processes a client may get as many times the limit.
Requests from this machine are not counted: they come from its own programs, or from a reverse proxy whose
X-Forwarded-For is not trusted because `TIANYUAN_PROXIES` is not set, and would count as one client for all readers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from typing import NoReturn

from flask import Flask, request
from flask_limiter import Limiter, RequestLimit
from werkzeug.exceptions import TooManyRequests

from library_server.web.requests.client_networks import client_ip_address

OFF = "off"
IPV6_PREFIX = 64  # the smallest network that a provider hands to one household (RFC 6177)


@dataclass(frozen=True)
class RateLimit:
    """One limit, such as `20/minute`, that all of its endpoints share; `off` for none."""

    name: str
    limit: str
    endpoints: frozenset[str]


def init_app(app: Flask, *rate_limits: RateLimit) -> None:
    """Limit endpoints that are registered already, per client address; above its limit a client gets a 429."""
    limiter = Limiter(client_address, app=app, storage_uri="memory://", strategy="fixed-window", on_breach=_refuse)
    for rate_limit in rate_limits:
        if rate_limit.limit == OFF:
            continue
        decorate = limiter.shared_limit(rate_limit.limit, scope=rate_limit.name, exempt_when=_is_local)
        for endpoint in rate_limit.endpoints:
            view = decorate(app.view_functions[endpoint])
            app.view_functions[endpoint] = view  # type: ignore[assignment]  # typed as the coroutine it may be


def client_address() -> str:
    """Return the address that a client is counted by; all of an IPv6 network counts as one client."""
    address = client_ip_address()
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_PREFIX), strict=False))
    return str(address) if address else "unknown"


def _is_local() -> bool:
    address = client_ip_address()
    return request.remote_addr in (None, "") or (address is not None and address.is_loopback)


def _refuse(breached: RequestLimit) -> NoReturn:
    raise TooManyRequests(retry_after=max(1, int(breached.reset_at - time.time())))
