"""Where a visitor comes from: the address of the connection, or what a proxy says of it, if the operator trusts that
proxy.

uvicorn by itself trusts whoever connects from this machine, so that a visitor there may name any address.
"""

import ipaddress

import uvicorn.config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from robust_core import settings

NETWORK_BITS = 64  # of an IPv6 address; the rest is one household's own choice


class TrustedProxies(ProxyHeadersMiddleware):
    """uvicorn's own middleware, which believes `X-Forwarded-For` of those whom ROBUST_LAB_TRUSTED_PROXY names."""

    def __init__(self, app, trusted_hosts=()):
        super().__init__(app, [spelling for name in settings.trusted_proxies() for spelling in _spellings(name)])


def set_up() -> None:
    """Put `TrustedProxies` in uvicorn's place for it; to be called while uvicorn imports the app, before it wraps
    it.
    """
    uvicorn.config.ProxyHeadersMiddleware = TrustedProxies


def is_trusted(host: str) -> bool:
    """Whether `host`, an address, is that of a trusted proxy."""
    address = _plain(host)
    return address is not None and any(address in ipaddress.ip_network(one) for one in settings.trusted_proxies())


def household(host: str) -> str:
    """What limits per address count by: an IPv4 address, the network of an IPv6 address, or the name as it is."""
    address = _plain(host)
    if address is None:
        return host
    return str(ipaddress.ip_network((address, NETWORK_BITS), strict=False)) if address.version == 6 else str(address)


def _plain(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, an IPv4 one that was written as IPv6 as what it is; None for what is no address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _spellings(network: str) -> list[str]:
    """The network, and as a socket for IPv4 and IPv6 alike would write it."""
    one = ipaddress.ip_network(network)
    mapped = [f"::ffff:{one.network_address}/{96 + one.prefixlen}"] if one.version == 4 else []
    return [network, *mapped]
