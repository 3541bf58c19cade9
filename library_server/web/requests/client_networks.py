"""The address of the client of a request, and whether it is in one of the networks of a setting."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request

_FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip",
              "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip")  # fmt: skip


def is_client_in(networks: Iterable[str], proxies: int) -> bool:
    """Return whether the client is in one of these networks; never where a proxy that is not trusted stands in between.

    There is such a proxy where `proxies` is 0 and the request was forwarded.
    Behind such a proxy every client appears to have this machine's address.
    """
    if not proxies and any(name in request.headers for name in _FORWARDED):
        return False
    address = client_ip_address()
    return address is not None and any(address in ip_network(network) for network in networks)


def client_ip_address() -> IPv4Address | IPv6Address | None:
    """Return the client as the socket or the trusted proxy names it; None where that is no address, as of a Unix
    socket.
    """
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
