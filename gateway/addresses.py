"""Addresses of upstreams: whether one is an address at all, and whether it is the gateway's own."""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
HERE = "this machine"
Address = tuple[str, int]


def is_own(url: str, own_addresses: Collection[Address]) -> bool:
    """Whether `url` leads to one of the addresses (host, port) that the gateway listens on.

    Nothing is looked up: another name of this machine is not known here, and is caught by the
    mark that every upstream request carries.
    """
    host, port = _host_and_port(url)
    return any(port == own_port and _same(host, own) for own, own_port in own_addresses)


def is_address(url: str) -> bool:
    """Whether `url` is one that a request can be sent to, without a user or password in it."""
    host, port = _host_and_port(url)
    scheme, _, rest = url.partition("://")
    return bool(scheme in PORTS and host and port) and "@" not in rest.partition("/")[0]


def shown(url: str) -> str:
    """Host and port: what of an address may be shown."""
    host, port = _host_and_port(url)
    return f"{host}:{port}"


def _host_and_port(url: str) -> tuple[str, int]:
    """("", 0) when `url` is no address."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", 0


def _same(host: str, own: str) -> bool:
    return _plain(host) == _plain(own)


def _plain(host: str) -> str:
    """A host in one spelling; every loopback or unspecified address is `HERE`."""
    name = host.strip("[]").rstrip(".").lower().partition("%")[0]
    if name == "localhost" or name.endswith(".localhost"):
        return HERE
    address = _address(name)
    if address is None:
        return name
    if address.is_loopback or address.is_unspecified:
        return HERE
    return str(address)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(name)
    except ValueError:
        return _old_address(name)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _old_address(name: str) -> IPv4Address | None:
    """An IPv4 address in an old spelling that clients still take: 127.1, 0x7f000001."""
    try:
        return IPv4Address(socket.inet_aton(name))
    except (OSError, UnicodeError):
        return None
