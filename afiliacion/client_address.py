"""The network address a request comes from: the one function for limits, throttles and logs."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address, in its shortest form; empty if the server knows none (a Unix socket).

    Each proxy appends to X-Forwarded-For the address it was asked from (RFC 7239, 7.4 has the same for `Forwarded`), so only the last
    settings.TRUSTED_PROXIES entries are ours; those to their left are written by the client at will. Without a proxy, or with fewer
    entries than proxies (the request came past them), the connection's own address counts.
    """
    connection = _address(str(request.META.get("REMOTE_ADDR", "")))
    proxies: int = settings.TRUSTED_PROXIES
    entries = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if not 0 < proxies <= len(entries):
        return connection
    return _address(entries[-proxies]) or connection


def _address(text: str) -> str:
    """Return the IP address in `text`, without port, brackets or IPv4-mapped prefix; empty if there is none."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
