"""Under which names this server is reached, and by whom.

A page of somebody else's whose name suddenly leads to this machine (DNS rebinding) would otherwise count as the
dashboard's own.
"""

import ipaddress
import socket

import psutil
import streamlit as st
from streamlit import config

from robust_core import settings


def only_this_machine() -> bool:
    """Whether nobody but this machine's own users reaches the server, as far as its settings tell: a proxy lets others
    in, and uvicorn by itself (`uvicorn app:app`) listens where those settings do not say.
    """
    opens_elsewhere = str(config._server_mode).startswith("asgi") or bool(settings.trusted_proxies())
    return is_local(st.get_option("server.address") or "") and not opens_elsewhere


def set_up() -> None:
    """Allow the names that follow from the address that the server listens on, beside those that are given; where none
    is given, any is allowed.
    """
    address, given = st.get_option("server.address") or "", st.get_option("server.allowedHosts")
    if given and not is_local(address):
        own = {address} if address and not _is_everywhere(address) else _of_this_machine()
        config.set_option("server.allowedHosts", sorted({*given, *own}))


def downloads_allowed() -> bool:
    """Whether pages download and remove weights: as ROBUST_LAB_DOWNLOADS says, else where only this machine reaches the
    server.
    """
    stated = settings.downloads_allowed()
    return only_this_machine() if stated is None else stated


def imports_allowed() -> bool:
    """Whether pages import weights: as ROBUST_LAB_IMPORTS says, else where only this machine reaches the server."""
    stated = settings.imports_allowed()
    return only_this_machine() if stated is None else stated


def is_local(address: str) -> bool:
    """Whether an address or a name is that of this machine alone."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _is_everywhere(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_unspecified
    except ValueError:
        return False


def _of_this_machine() -> set[str]:
    """The names and addresses by which a network knows this machine."""
    name = socket.gethostname()
    addresses = {
        one.address.partition("%")[0]
        for interface in psutil.net_if_addrs().values()
        for one in interface
        if one.family in (socket.AF_INET, socket.AF_INET6)
    }
    return {name, f"{name}.local", *addresses}
